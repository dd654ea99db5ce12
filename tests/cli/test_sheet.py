"""Sheets: any table becomes a question, or an error that says why not."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gaseol.scenarios import Scenario
from gaseol.scenarios.loader import ScenarioError, load
from gaseol.sheet import read_sheet

cell = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False, width=32).map(str),
    st.integers(-(10**6), 10**6).map(str),
    st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=8),
    st.just(""),
)
heads = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=12)


def table(rows: list[list[str]]) -> str:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue()


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_any_table_becomes_a_scenario_that_loads_or_a_flaw(tmp_path_factory, data):
    from gaseol.package import write_package

    folder = tmp_path_factory.mktemp("sheet")
    width = data.draw(st.integers(1, 5))
    head = data.draw(st.lists(heads, min_size=width, max_size=width))
    numbers = st.floats(-1e6, 1e6).map(str)
    columns = [
        data.draw(st.lists(data.draw(st.sampled_from([cell, numbers])), min_size=22, max_size=22))
        for _ in head
    ]
    file = folder / "table.csv"
    file.write_text(table([head, *map(list, zip(*columns, strict=True))]), encoding="utf-8")
    try:
        write_package("scenario", "drawn", folder / "drawn", table=file)
    except ScenarioError:
        assert not (folder / "drawn").exists()
        return
    scenario = load(folder / "drawn")
    assert isinstance(scenario, Scenario)
    source = (folder / "drawn/src/drawn/tools.py").read_text(encoding="utf-8")
    compile(source, "tools.py", "exec")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a,b\n1,2\n", "has 1 rows"),
        ("a,b\n" + "x,y\n" * 30, "no column of numbers"),
        ("a,b\n" + "".join(f"k{i},{i}\n" for i in range(30)), "no second column of numbers"),
        ("a,a\n1,2\n", "stands in its head twice"),
        ("", "has 0 rows"),
    ],
)
def test_what_no_question_can_be_made_of(tmp_path: Path, text: str, words: str):
    file = tmp_path / "t.csv"
    file.write_text(text)
    with pytest.raises(ScenarioError, match=words):
        read_sheet(file)


def test_the_outcome_can_be_named(tmp_path: Path):
    file = tmp_path / "t.csv"
    file.write_text("id,x,y\n" + "".join(f"k{i},{i}.5,{2 * i}.5\n" for i in range(30)))
    assert read_sheet(file).outcome.name == "y"
    assert read_sheet(file, "x").outcome.name == "x"
    with pytest.raises(ScenarioError, match="has no column 'z'; there are id, x, y"):
        read_sheet(file, "z")
    with pytest.raises(ScenarioError, match="'id' holds no numbers"):
        read_sheet(file, "id")


@pytest.mark.parametrize(
    ("cases", "key", "known"),
    [
        ([300 + 7 * i for i in range(30)], "case", ["temperature", "pressure"]),
        ([f"s{i}" for i in range(30)], "temperature", ["pressure"]),
        (list(range(1, 31)), "temperature", ["pressure"]),
    ],
)
def test_a_quantity_is_no_name_even_where_no_two_are_equal(tmp_path: Path, cases, key, known):
    file = tmp_path / "t.csv"
    rows = "".join(f"{case},{i % 7},{i * 1.5}\n" for i, case in enumerate(cases))
    file.write_text(f"temperature,pressure,yield\n{rows}")
    sheet = read_sheet(file)
    assert (sheet.key, [column.name for column in sheet.variables]) == (key, known)
