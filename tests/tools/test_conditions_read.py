"""Points of conditions that somebody writes: what `Conditions.read` takes, and as what it stands."""

import json
import math
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from gaseol.tools.space import Cell, SpaceError
from gaseol.tools.table_space import Column, Conditions
from gaseol.traces.nouns.hypothesis import Condition

labels = st.lists(st.text(min_size=1, max_size=5), min_size=1, max_size=4, unique=True)
numbers = st.floats(-1e6, 1e6, allow_nan=False).map(lambda v: round(v, 3))
levels = st.lists(numbers, min_size=1, max_size=4, unique=True)
ranges = st.tuples(numbers, numbers).filter(lambda ends: ends[1] - ends[0] > 0.01)


@st.composite
def spaces(draw: Any) -> Conditions:
    """Spaces of every kind of column, some with a rule that excludes."""
    columns: list[Column] = []
    for number in range(draw(st.integers(1, 3))):
        name, kind = f"c{number}", draw(st.sampled_from(["labels", "levels", "range"]))
        if kind == "range":
            low, high = draw(ranges)
            columns.append(Column(name, low=low, high=high))
        else:
            cells: list[Cell] = draw(labels if kind == "labels" else levels)
            columns.append(Column.of(name, cells))
    rules: tuple[tuple[Condition, ...], ...] = ()
    first = columns[0]
    if len(first.levels) > 1 and draw(st.booleans()):
        most = {"among": (first.levels[0],)} if first.labels else {"at_most": first.low}
        rules = ((Condition.model_validate({"variable": "c0", **most}),),)
    return Conditions(tuple(columns), rules)


def points(space: Conditions, draw: Any) -> list[Cell]:
    """Draw the cells of a point, allowed or not."""
    return [
        draw(st.floats(c.low, c.high)) if c.continuous else draw(st.sampled_from(c.levels))
        for c in space.columns
    ]


@given(spaces(), st.data())
def test_a_point_is_read_as_what_the_space_itself_calls_it(space: Conditions, data: Any) -> None:
    cells = points(space, data.draw)
    row = dict(zip((c.name for c in space.columns), cells, strict=True))
    written = json.dumps(cells, indent=data.draw(st.sampled_from([None, 1])))
    if space.named(row) is None:
        with pytest.raises(SpaceError, match="is excluded"):
            space.read(written)
        return
    point = space.read(written)
    assert point == space.named(row)
    assert space.read(point) == point
    assert space.rows([point]) == [row]
    assert len(space.featurise([point])) == 1
    if space.size is not None:
        assert point in space.enumerate()


@given(spaces(), st.data())
def test_a_number_is_the_same_point_however_it_is_written(space: Conditions, data: Any) -> None:
    cells = points(space, data.draw)
    whole = [int(c) if isinstance(c, float) and c == int(c) else c for c in cells]
    signed = [-0.0 if c == 0 and isinstance(c, float) else c for c in cells]
    found = set()
    for each in (cells, whole, signed):
        try:
            found.add(space.read(json.dumps(each)))
        except SpaceError:
            found.add("")
    assert len(found) == 1


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=8,
)


@given(spaces(), anything.map(json.dumps) | st.text(max_size=30))
def test_whatever_else_is_written_is_a_point_or_refused(space: Conditions, text: str) -> None:
    try:
        point = space.read(text)
    except SpaceError:
        return
    assert space.read(point) == point
    (row,) = space.rows([point])
    assert space.named(row) == point


@given(spaces(), st.data())
def test_a_cell_beyond_its_column_is_refused_with_its_name(space: Conditions, data: Any) -> None:
    cells = points(space, data.draw)
    at = data.draw(st.integers(0, len(cells) - 1))
    column = space.columns[at]
    cells[at] = data.draw(st.sampled_from([None, True, [], column.high * 2 + 1e7, "no such label"]))
    assume(not column.holds(cells[at]) if not isinstance(cells[at], list) else True)
    with pytest.raises(SpaceError, match=f"no value of '{column.name}'"):
        space.read(json.dumps(cells))


@pytest.mark.parametrize("text", ["", "[", "{}", "[1]", "[1, 2, 3]", "null", "NaN", "[NaN, 1]"])
def test_what_is_no_list_of_its_length_is_refused(text: str) -> None:
    space = Conditions((Column("a"), Column("b")))
    with pytest.raises(SpaceError, match="is no JSON list of 2 cells"):
        space.read(text)
    assert not math.isnan(space.rows([space.read("[1, 0]")])[0]["a"])  # type: ignore[arg-type]
