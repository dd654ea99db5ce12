"""Laws of two functions and of sums: found from a clean pilot, said in words, kept in the record."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from gaseol.agents.briefing import Briefing, Reading
from gaseol.agents.embedded import grammar, joint
from gaseol.agents.embedded.compound import compounds
from gaseol.agents.embedded.function import Column, columns, ln, powers, slope
from gaseol.agents.embedded.pilot import Pilot
from gaseol.agents.embedded.response import _noted
from gaseol.agents.embedded.suggestion import suggested
from gaseol.agents.wording import law_words
from gaseol.scenarios.cases import Variable
from gaseol.scenarios.hypotheses import Laws
from gaseol.scenarios.population import Population
from gaseol.traces.nouns.hypothesis import (
    Factor,
    Form,
    Law,
    Product,
    Relation,
    Response,
    Sum,
    Term,
)

NAMES = ("x", "y", "z")
FORMS: tuple[Form, ...] = (
    "exp", "plus", "minus", "sin", "cos", "growth", "log", "tanh",
    "logistic", "arctan", "erf", "erfc", "langevin", "bend",
)  # fmt: skip
GRAMMAR = Laws(variables=NAMES, exponents=(-2, -1, -0.5, 0.5, 1, 2), terms=2, fitted=True,
               responses=FORMS, functions=2, summands=3)  # fmt: skip


def briefing(law: Law, count: int = 22, seed: int = 0, noise: float = 0.0) -> Briefing:
    rng = np.random.default_rng(seed)
    cases = tuple(f"c{i}" for i in range(40))
    columns = {n: tuple(np.exp(rng.uniform(-0.9, 1.2, 40)).tolist()) for n in NAMES}
    population = Population(cases, dict(zip(cases, cases, strict=True)), columns)
    pilot = {}
    for i, case in enumerate(cases[:count]):
        clean = 1.3 + law.term({n: columns[n][i] for n in NAMES})
        pilot[case] = Reading(math.exp(clean + noise * rng.standard_normal()), i)
    return Briefing(
        question="?", outcome="signal", unit="K", variables={n: Variable() for n in NAMES},
        population=population, maximum=8, alpha=0.05, delta=0.1, seed=0, pilot=pilot, laws=GRAMMAR,
    )  # fmt: skip


def one(form: Form, rate: float, power: float = 1.0, **group: float) -> Response:
    return Response(form=form, group=group, rate=rate, power=power)


def total(first: Term, second: Term, power: float, **weights: float) -> Law:
    return Law(weights=weights, factor=Sum(terms=(first, second), power=power))


def both(first: Response, second: Response, **weights: float) -> Law:
    return Law(weights=weights, factor=Product(factors=(first, second)))


X, XY, Z = Term(group={"x": 1.0}, rate=0.7), Term(group={"x": 1.0, "y": -1.0}, rate=0.4), \
    Term(group={"z": 2.0}, rate=-0.03)  # fmt: skip

PLANTED = [
    (both(one("exp", -0.41234, x=1.0), one("cos", 1.17345, x=1.0), y=2.0),
     "C * y^2 * exp(-0.4123 x) * |cos(1.173 x)|"),
    (both(one("plus", 0.81234, -1.0, x=1.0), one("plus", 1.31234, -1.0, y=1.0), x=1.0, y=1.0),
     "C * x * y * (1 + 0.8123 x)^-1 * (1 + 1.312 y)^-1"),
    (total(X, XY, 1.0, z=-1.0), "C * z^-1 * (1 + 0.7 x + 0.4 x y^-1)"),
    (total(X, Z, -1.0), "C * |1 + 0.7 x - 0.03 z^2|^-1"),
    (Law(weights={"y": 1.0}, factor=one("logistic", -0.81234, x=1.0)),
     "C * y * logistic(-0.8123 x)"),
    (Law(weights={"x": 0.5}, factor=one("bend", 0.81234, -2.0, x=1.0)),
     "C * x^0.5 * max(1, 0.8123 x)^-2"),
]  # fmt: skip


@pytest.mark.parametrize(("planted", "words"), PLANTED, ids=[words for _, words in PLANTED])
def test_a_clean_pilot_gives_the_law(planted, words):
    """The same function, whichever of its forms is the shortest, where nobody has read it."""
    assert law_words(planted) == words
    about = briefing(planted)
    found = suggested(GRAMMAR, about)[0][1]
    rows = [about.population.row(c) for c in about.population.cases]
    apart = [found.term(row) - planted.term(row) for row in rows]
    assert max(apart) - min(apart) < 1e-8


def test_noise_makes_no_second_function_of_a_simple_law():
    planted = Law(weights={"x": 1.0, "y": -2.0})
    for seed in range(3):
        found = [law for _, law in suggested(GRAMMAR, briefing(planted, seed=seed, noise=0.1))]
        assert found[0] == planted
        assert not any(isinstance(law.factor, Sum | Product) for law in found)


def test_the_search_gives_the_same_twice():
    about = briefing(PLANTED[0][0], noise=0.05)
    assert suggested(GRAMMAR, about) == suggested(GRAMMAR, about)


def test_too_small_a_pilot_suggests_no_compound():
    pilot = Pilot.of(GRAMMAR, briefing(PLANTED[0][0], count=len(NAMES) + 8))
    assert pilot is not None
    assert list(compounds(GRAMMAR, pilot, list(columns(GRAMMAR, pilot)))) == []


@pytest.mark.parametrize("names", [("x",), ("x", "y")])
def test_a_grammar_of_one_exponent_and_few_functions_is_searched_too(names):
    small = GRAMMAR.model_copy(
        update={"variables": names, "exponents": (1.0,), "responses": ("exp", "plus")}
    )
    planted = both(one("exp", -0.41234, x=1.0), one("plus", 0.81234, x=1.0))
    rest = suggested(small, briefing(planted))[0][1]
    assert isinstance(rest.factor, Product)
    assert {each.form for each in rest.factor.factors} == {"exp", "plus"}


def test_many_variables_take_no_more_memory_than_a_few():
    """Groups of two have exponents of size one: of eight variables a few hundred, not thousands."""
    names = tuple("abcdefgh")
    rng = np.random.default_rng(0)
    pilot = Pilot(np.exp(rng.uniform(-0.9, 1.2, (24, 8))), rng.standard_normal(24), names)
    wide = GRAMMAR.model_copy(update={"variables": names, "responses": ("plus",)})
    kept: list[Column] = []
    tried = list(_noted(columns(wide, pilot), kept, len(names)))
    assert len(tried) == len(list(columns(wide, pilot))) > 500
    assert len(kept) == 8 * 3 + 28 * 2
    assert {c.shape for c in kept} <= {c.shape for c in tried}


@settings(deadline=None)
@given(st.sampled_from(FORMS), st.floats(0.02, 20), st.sampled_from([-1.0, 1.0]))
def test_arrays_say_what_the_record_says(form, size, sign):
    if sign < 0 and form in ("plus", "log", "bend"):
        return
    if form == "erfc" and size > 5:
        return  # nothing is left but the last digits
    said = Response(form=form, group={"x": 1.0}, rate=sign)({"x": size})
    u = np.array([sign * size])
    assert said == pytest.approx(float(ln(form, u)[0]), rel=1e-9, abs=1e-12)


@settings(deadline=None)
@given(st.sampled_from(FORMS), st.floats(0.1, 1.3))
def test_slopes_are_those_of_the_functions(form, u):
    if abs(u - 1) < 0.05:
        return  # a pole of one, the bend of another
    h = 1e-4
    said = float(slope(form, np.array([u]))[0])
    ends = ln(form, np.array([u * math.exp(h), u * math.exp(-h)]))
    assert said == pytest.approx(float(ends[0] - ends[1]) / (2 * h), rel=1e-4, abs=1e-6)


@pytest.mark.parametrize("sums", [False, True])
def test_rates_and_powers_are_fitted_together(sums):
    planted = PLANTED[2 if sums else 1][0]
    pilot = Pilot.of(GRAMMAR, briefing(planted))
    assert pilot is not None
    groups = [(1.0, 0.0, 0.0), (1.0, -1.0, 0.0)] if sums else [(1.0, 0, 0), (0, 1.0, 0)]
    logs = np.log(pilot.x) @ np.array(groups).T
    start = joint.Batch(
        at=np.array([[0, 1]]), logs=logs.T[None], lnk=np.zeros((1, 2)), signs=np.ones((1, 2)),
        forms=None if sums else np.array([[0, 0]]), names=() if sums else ("plus",),
    )  # fmt: skip
    laws, q, left = joint.fitted(start, pilot.g, powers(pilot), 40)
    assert np.exp(laws.lnk[0]) == pytest.approx(
        [0.7, 0.4] if sums else [0.81234, 1.31234], rel=1e-6
    )
    assert q[0] == pytest.approx([1.0] if sums else [-1.0, -1.0], rel=1e-6)
    assert left[0] < 1e-12


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6), st.floats(1e-300, 1e300), st.floats(-8, 8))
def test_a_sum_and_a_product_give_numbers_and_never_an_error(k, q, x, exponent):
    terms = (Term(group={"x": exponent}, rate=k), Term(group={"x": 1.0}, rate=q))
    assert isinstance(Sum(terms=terms, power=0.5)({"x": x}), float)
    factors = (Response(form="growth", group={"x": exponent}, rate=k), Sum(terms=terms))
    assert isinstance(Product(factors=factors)({"x": x}), float)


def test_a_sum_and_a_product_are_what_they_are_called():
    at = {"x": 2.0, "y": 3.0, "z": 1.0}
    assert PLANTED[2][0].term(at) == pytest.approx(math.log(1 + 0.7 * 2 + 0.4 * 2 / 3))
    assert PLANTED[1][0].term(at) == pytest.approx(
        math.log(2 / (1 + 0.81234 * 2) * 3 / (1 + 1.31234 * 3))
    )
    assert PLANTED[1][0].variables == {"x", "y"}
    assert PLANTED[2][0].variables == {"x", "y", "z"}


@pytest.mark.parametrize(
    ("form", "value"),
    [("logistic", 1 / (1 + math.exp(-0.5))), ("arctan", math.atan(0.5)), ("erf", math.erf(0.5)),
     ("erfc", math.erfc(0.5)), ("langevin", 1 / math.tanh(0.5) - 2), ("bend", 1.0)],
)  # fmt: skip
def test_the_further_functions_are_what_they_are_called(form, value):
    assert Response(form=form, group={"x": 1.0}, rate=0.25)({"x": 2.0}) == pytest.approx(
        math.log(value), abs=1e-15
    )


@pytest.mark.parametrize("planted", [law for law, _ in PLANTED])
def test_the_record_keeps_a_law(planted):
    adapter = TypeAdapter[Relation](Relation)
    assert adapter.validate_json(adapter.dump_json(planted)) == planted


def test_what_was_written_before_reads_and_is_written_as_it_was():
    for factor in (
        None,
        Factor(form="sum", variables=("x", "y"), exponent=2.0),
        Response(form="tanh", group={"x": 1.0}, rate=0.3),
    ):
        law = Law(weights={"z": 1.0}, factor=factor)
        assert set(law.model_dump()) == {"kind", "link", "weights", "factor"}
        assert Law.model_validate_json(law.model_dump_json()) == law


def test_settings_that_are_not_used_leave_a_scenario_as_it_was():
    assert not {"functions", "summands"} & set(Laws().model_dump())
    assert {"functions", "summands"} <= set(GRAMMAR.model_dump())
    assert Laws.model_validate(GRAMMAR.model_dump()) == GRAMMAR


def test_every_piece_is_paid_for():
    about = briefing(Law(weights={"x": 1.0}))
    first, second = one("exp", 0.5, x=1.0), one("arctan", 0.5, y=1.0)
    bits = {k: grammar.bits(Law(factor=f), about) for k, f in (
        ("nothing", None), ("first", first), ("second", second),
        ("both", Product(factors=(first, second))), ("sum", Sum(terms=(X, XY))),
        ("term", one("plus", 0.7, x=1.0)))}  # fmt: skip
    assert bits["both"] > bits["first"] + bits["second"] - bits["nothing"]
    assert bits["first"] < bits["second"]
    assert bits["term"] < bits["sum"]
