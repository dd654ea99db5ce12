"""Laws with a function of a group: found from a clean pilot with a rate that nobody was told."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaseol.agents.briefing import Briefing, Reading
from gaseol.agents.embedded import grammar
from gaseol.agents.embedded.likeness import alike
from gaseol.agents.embedded.pilot import Pilot, rounded
from gaseol.agents.embedded.response import responses
from gaseol.agents.embedded.suggestion import suggested
from gaseol.agents.wording import law_words
from gaseol.scenarios.cases import Variable
from gaseol.scenarios.hypotheses import Laws
from gaseol.scenarios.population import Population
from gaseol.traces.nouns.hypothesis import Law, Response

NAMES = ("x", "y", "z")
GRAMMAR = Laws(variables=NAMES, exponents=(-2, -1, -0.5, 0.5, 1, 2), terms=2, fitted=True,
               responses=("exp", "plus", "minus", "sin", "cos", "growth", "log", "tanh"))  # fmt: skip


def briefing(law: Law, count: int = 20, seed: int = 0) -> Briefing:
    rng = np.random.default_rng(seed)
    cases = tuple(f"c{i}" for i in range(40))
    columns = {n: tuple(np.exp(rng.uniform(-0.9, 1.2, 40)).tolist()) for n in NAMES}
    population = Population(cases, dict(zip(cases, cases, strict=True)), columns)
    pilot = {
        c: Reading(math.exp(1.3 + law.term({n: columns[n][i] for n in NAMES})), i)
        for i, c in enumerate(cases[:count])
    }
    return Briefing(
        question="?", outcome="signal", unit="K", variables={n: Variable() for n in NAMES},
        population=population, maximum=8, alpha=0.05, delta=0.1, seed=0, pilot=pilot, laws=GRAMMAR,
    )  # fmt: skip


def law(form: str, group: dict, rate: float, power: float = 1.0, **weights: float) -> Law:
    response = {"form": form, "group": group, "rate": rate, "power": power}
    return Law(weights=weights, factor=Response.model_validate(response))


@pytest.mark.parametrize(
    ("planted", "words"),
    [
        (law("exp", {"x": -1.0}, -0.7312345, z=2.0), "C * z^2 * exp(-0.7312 x^-1)"),
        (law("plus", {"x": 1.0}, 0.4712345, -1.0, x=1.0), "C * x * (1 + 0.4712 x)^-1"),
        (law("minus", {"y": 2.0}, 0.2312345, -0.5), "C * |1 - 0.2312 y^2|^-0.5"),
        (law("sin", {"x": 1.0, "z": -1.0}, 1.1712345), "C * |sin(1.171 x z^-1)|"),
        (law("growth", {"x": 1.0, "y": -1.0}, 0.8312345, -1.0, x=2.0),
         "C * x^2 * |exp(0.8312 x y^-1) - 1|^-1"),
        (law("tanh", {"z": 0.5}, 0.9312345, y=-1.0), "C * y^-1 * |tanh(0.9312 z^0.5)|"),
    ],
)  # fmt: skip
def test_a_clean_pilot_gives_law_and_rate(planted, words):
    found = suggested(GRAMMAR, briefing(planted))[0][1]
    assert law_words(found) == words
    assert found.weights == planted.weights
    assert found.factor.rate == pytest.approx(planted.factor.rate, rel=1e-9)


def test_exponents_of_no_grammar_are_fitted():
    planted = Law(weights={"x": 1.37, "y": -0.618})
    assert suggested(GRAMMAR, briefing(planted))[0][1] == planted


def test_too_small_a_pilot_suggests_no_response():
    about = briefing(law("exp", {"x": 1.0}, 0.5), count=8)
    pilot = Pilot.of(GRAMMAR, about)
    assert pilot is not None
    assert list(responses(GRAMMAR, pilot)) == []
    assert Pilot.of(GRAMMAR, briefing(law("exp", {"x": 1.0}, 0.5), count=3)) is None


@given(
    st.sampled_from(["exp", "plus", "minus", "sin", "cos", "growth", "log", "tanh"]),
    st.floats(-1e6, 1e6),
    st.floats(1e-300, 1e300),
    st.floats(-8, 8),
)
def test_a_response_gives_a_number_or_none_and_never_an_error(form, rate, x, exponent):
    found = Response(form=form, group={"x": exponent}, rate=rate)({"x": x})
    assert isinstance(found, float)


def test_a_response_is_what_it_is_called():
    at = {"x": 2.0}
    expected = {
        "exp": math.exp(1), "plus": 2, "minus": 0.0, "sin": math.sin(1), "cos": math.cos(1),
        "growth": math.e - 1, "log": math.log(2), "tanh": math.tanh(1),
    }  # fmt: skip
    for form, value in expected.items():
        said = Response(form=form, group={"x": 1.0}, rate=0.5)(at)
        assert said == (pytest.approx(math.log(value)) if value else -math.inf)


@pytest.mark.parametrize(
    ("x", "error", "said"),
    [(1.23456789, 0.01, 1.235), (1.23456789, 0.0, 1.23456789), (0.0, 1.0, 0.0), (123.4, 50.0, 120.0),
     (math.nan, 1.0, 0.0)],
)  # fmt: skip
def test_a_number_has_the_digits_that_its_error_warrants(x, error, said):
    assert rounded(x, error) == said


def test_digits_are_paid_for():
    about = briefing(Law(weights={"x": 1.0}))
    short, long = (law("exp", {"x": 1.0}, rate) for rate in (0.5, 0.5123456))
    assert grammar.bits(short, about) < grammar.bits(long, about)
    assert grammar.bits(Law(weights={"x": 1.5}), about) < grammar.bits(
        Law(weights={"x": 1.4}), about
    )


def test_what_differs_by_more_than_the_noise_is_not_alike():
    x = np.linspace(-1, 1, 50)
    y = x + 0.05 * np.sin(9 * x)
    assert alike(x, y, None)
    assert alike(x, y, 0.1)
    assert not alike(x, y, 0.01)
    assert alike(x, x + 1e-7 * np.sin(9 * x), 0.0)
    assert not alike(x, 2 * x, None)
    assert alike(0 * x, 0 * x, 0.1)
