"""A population keeps its order, holds no outcome, and knows what is missing."""

import math

from hypothesis import given
from hypothesis import strategies as st

from gaseol.scenarios.population import Population
from gaseol.traces.nouns.hypothesis import Condition

CELLS = st.none() | st.booleans() | st.integers(-5, 5) | st.floats(-5, 5) | st.sampled_from("ab")


@st.composite
def populations(draw) -> Population:
    names = draw(st.lists(st.text(min_size=1, max_size=3), unique=True, max_size=8))
    columns = {n: tuple(draw(CELLS) for _ in names) for n in ("x", "y")}
    return Population(tuple(names), {n: n.upper() for n in names}, columns)


@given(populations(), st.data())
def test_keeping_cases(population, data):
    kept = data.draw(
        st.sets(st.sampled_from(population.cases)) if population.cases else st.just(())
    )
    smaller = population.keep(kept)
    assert smaller.cases == tuple(c for c in population.cases if c in kept)
    assert len(smaller) == len(kept)
    for case in smaller.cases:
        assert smaller.row(case) == population.row(case)
        assert smaller.labels[case] == population.labels[case]
    assert set(smaller.labels) == set(kept)
    assert population.keep(population.cases) == population


@given(populations(), st.sampled_from([-1, 0, 2.5]), st.sampled_from([("a",), (1, True), ("b", 0)]))
def test_where(population, bound, labels):
    conditions = (Condition(variable="x", at_least=bound), Condition(variable="y", among=labels))
    found = population.where(conditions)
    assert found.cases == tuple(
        case
        for case in population.cases
        if isinstance(population.row(case)["x"], bool | int | float)
        and population.row(case)["x"] >= bound
        and population.row(case)["y"] is not None
        and population.row(case)["y"] in labels
    )
    assert population.where(()) is population


@given(populations())
def test_numbers(population):
    for cell, number in zip(population.columns["x"], population.numbers("x"), strict=True):
        if cell is None or isinstance(cell, str):
            assert math.isnan(number)
        else:
            assert number == cell
