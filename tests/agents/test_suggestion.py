"""Laws with factors: found from a clean pilot, said in words, the same as the law's own arithmetic."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gaseol.agents.briefing import Briefing, Reading
from gaseol.agents.embedded.suggestion import suggested
from gaseol.agents.embedded.theorist import EmbeddedTheorist
from gaseol.agents.wording import law_words
from gaseol.scenarios.cases import Variable
from gaseol.scenarios.hypotheses import Laws
from gaseol.scenarios.population import Population
from gaseol.traces.nouns.hypothesis import Factor, Law
from gaseol.traces.record.docket import Docket

NAMES = ("x", "y", "z")
GRAMMAR = Laws(variables=NAMES, exponents=(-2, -1, -0.5, 0.5, 1, 2), terms=2, propose=3,
               factors=("sum", "difference", "sin", "cos", "exp"))  # fmt: skip


def briefing(law: Law, *, noise: float = 0.0, seed: int = 0, count: int = 12, **fields) -> Briefing:
    rng = np.random.default_rng(seed)
    cases = tuple(f"c{i}" for i in range(40))
    columns = {n: tuple(np.exp(rng.uniform(-0.9, 1.2, 40)).tolist()) for n in NAMES}
    population = Population(cases, dict(zip(cases, cases, strict=True)), columns)
    pilot = {}
    for i, case in enumerate(cases[:count]):
        row = {n: columns[n][i] for n in NAMES}
        pilot[case] = Reading(math.exp(1.3 + law.term(row) + noise * rng.standard_normal()), i)
    given = {
        "question": "?", "outcome": "signal", "unit": "K", "population": population,
        "variables": {n: Variable() for n in NAMES}, "maximum": 8, "alpha": 0.05, "delta": 0.1,
        "seed": 0, "pilot": pilot, "laws": GRAMMAR,
    }  # fmt: skip
    return Briefing(**{**given, **fields})


LAWS = [
    (Law(weights={"x": 1.0, "y": -2.0}), "C * x * y^-2"),
    (Law(weights={"x": 0.5}, factor=Factor(form="exp", variables=("z",), exponent=-0.73)),
     "C * x^0.5 * exp(-0.73 z)"),
    (Law(weights={"z": -1.0}, factor=Factor(form="sum", variables=("x", "y"), exponent=2.0)),
     "C * z^-1 * (x^2 + y^2)"),
    (Law(weights={"z": 2.0}, factor=Factor(form="difference", variables=("x", "y"))),
     "C * z^2 * |x - y|"),
    (Law(weights={"x": -0.5}, factor=Factor(form="sin", variables=("y",), exponent=0.5)),
     "C * x^-0.5 * |sin(0.5 y)|"),
    (Law(weights={}, factor=Factor(form="cos", variables=("y",))), "C * |cos(y)|"),
]  # fmt: skip


@pytest.mark.parametrize(("law", "words"), LAWS)
def test_a_clean_pilot_gives_the_law(law, words):
    assert suggested(GRAMMAR, briefing(law))[0][1] == law
    assert law_words(law) == words


@pytest.mark.parametrize("law", [law for law, _ in LAWS])
def test_it_is_among_what_the_theorist_proposes_with_noise(law):
    pool = EmbeddedTheorist().propose(briefing(law, noise=0.02), Docket())
    found = [h.relation for h in pool if h.relation.weights == law.weights]
    if law.factor is None:
        assert law in found
    else:  # the rate of an exponential is fitted
        near = pytest.approx(law.factor.exponent, rel=0.05)
        assert (law.factor.form, law.factor.variables, near) in [
            (f.form, f.variables, f.exponent) for f in (r.factor for r in found) if f
        ]
    assert len(pool) == 1 + GRAMMAR.propose


def test_too_small_a_pilot_suggests_nothing():
    assert suggested(GRAMMAR, briefing(LAWS[0][0], count=3)) == []


def test_without_factors_the_grammar_is_as_it_was():
    plain = GRAMMAR.model_copy(update={"factors": ()})
    pool = EmbeddedTheorist().propose(briefing(LAWS[0][0], laws=plain), Docket())
    assert pool[1].relation == LAWS[0][0]
    assert all(h.relation.factor is None for h in pool)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([law for law, _ in LAWS]), st.floats(0, 0.5))
def test_what_is_suggested_leaves_what_it_says(seed, law, noise):
    about = briefing(law, noise=noise, seed=seed)
    found = suggested(GRAMMAR, about)
    lengths = [length for length, _ in found]
    assert lengths == sorted(lengths)
    for _, each in found[:5]:
        rest = [
            math.log(reading.value) - each.term(about.population.row(case))
            for case, reading in about.pilot.items()
        ]
        assert np.isfinite(rest).all()
