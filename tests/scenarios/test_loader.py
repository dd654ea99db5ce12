"""Files become scenarios; errors name line, field and what was meant."""

from pathlib import Path

import pytest
import yaml

from gaseol.scenarios import Scenario, ScenarioError, load
from gaseol.scenarios.cases import Grid
from gaseol.scenarios.catalogue import builtin, find
from gaseol.scenarios.loader import load_answer, read
from gaseol.scenarios.table import read_table


def flaws(text: str, tmp_path: Path) -> list[str]:
    (tmp_path / "scenario.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        load(tmp_path)
    return [str(flaw) for flaw in caught.value.flaws]


def test_folder_file_and_name_are_the_same():
    path = builtin()["null"]
    assert find("null") == find(path) == find(path.parent) == path
    assert load("null").model_dump() == load(path).model_dump()
    assert load("null").folder == path.parent


def test_a_scenario_survives_being_written(world):
    for base in (world.EFFECTS, world.LAWS, world.CURVES):
        made = Scenario.model_validate(base)
        assert Scenario.model_validate_json(made.model_dump_json()) == made
        assert made.folder is None


def test_a_name_that_is_none_is_told_what_names_are_made_of(tmp_path):
    found = flaws("name: my-question\ntitle: y\nquestion: z\n", tmp_path)
    assert any("lower-case letters" in said and "'my-question'" in said for said in found)
    assert not any("pattern" in said for said in found)


def test_flaws_name_their_lines(tmp_path):
    text = yaml.safe_dump({"name": "x", "title": "y", "question": "z"}, sort_keys=False)
    text += "measurement: {name: a, tool: b}\ncases:\n  key: k\n  rows:\n  - {k: 1}\n"
    text += "hypotheses:\n  alpha: 3\n  beliefs:\n  - statement: so it is\n    relation:\n"
    text += "      kind: trend\n      variable: k\n      direction: up\n      matchin: []\n"
    found = flaws(text, tmp_path)
    assert found == [
        "scenario.yaml:10, hypotheses.alpha: Input should be less than 0.5 (here stands 3)",
        "scenario.yaml:16, hypotheses.beliefs.0.relation.direction: "
        "Input should be 'raises' or 'lowers' (here stands 'up')",
        "scenario.yaml:17, hypotheses.beliefs.0.relation.matchin: "
        "unknown field; did you mean 'matching'?",
    ]


def test_a_missing_field_is_sought_where_it_should_be(tmp_path):
    found = flaws("name: x\ntitle: y\nquestion: z\ncases:\n  rows: [{a: 1}]\n", tmp_path)
    assert found[0] == "scenario.yaml:4, cases.key: is missing"
    assert any(f.endswith("measurement: is missing") for f in found)


def test_long_values_are_cut(tmp_path):
    (flaw, *_) = flaws("name: " + "X" * 10_000, tmp_path)
    assert len(flaw) < 200


def test_duplicate_keys_inside(tmp_path):
    (flaw,) = flaws("cases:\n  key: a\n  rows: []\n  key: b\n", tmp_path)
    assert flaw == "scenario.yaml:4: 'key' stands here twice"


def test_values_that_yaml_reads_otherwise_stay_as_written(tmp_path):
    path = tmp_path / "x.yaml"
    path.write_text("a: 2020-01-02\nb: !!binary aGk=\nc: no\nd: 1e3\ne: ~\n")
    assert read(path).content == {"a": "2020-01-02", "b": "aGk=", "c": False, "d": "1e3", "e": None}


def test_the_answer_may_be_missing(tmp_path):
    assert load_answer(tmp_path) is None


@pytest.mark.parametrize(
    ("grid", "values"),
    [
        ((18, 19, 0.25), [18, 18.25, 18.5, 18.75, 19]),
        ((0, 0.3, 0.1), [0, 0.1, 0.2, 0.3]),
        ((1, 1, 5), [1]),
        ((0, 1, 0.4), [0, 0.4, 0.8]),
        ((-1e-9, 1e-9, 1e-9), [-1e-9, 0, 1e-9]),
    ],
)
def test_grids_include_both_ends(grid, values):
    start, stop, step = grid
    assert Grid(start=start, stop=stop, step=step).values == values


def test_tables_are_read_as_people_write_them(tmp_path):
    (tmp_path / "a.csv").write_bytes(
        b"\xef\xbb\xbfname, x ,y,z\r\nwater,1,2.5,\r\n\r\n"
        b'"iron, pure",-3,1e3,"two\nlines"\r\n1_000,nan,inf,NaN\r\n'
    )
    assert read_table(tmp_path, "a.csv") == [
        {"name": "water", "x": 1, "y": 2.5, "z": None},
        {"name": "iron, pure", "x": -3, "y": 1000.0, "z": "two\nlines"},
        {"name": "1_000", "x": None, "y": "inf", "z": None},
    ]
    (tmp_path / "empty.csv").write_text("")
    assert read_table(tmp_path, "empty.csv") == []


def test_tables_do_not_follow_links_out(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "secret.csv").write_text("a\n1\n")
    (tmp_path / "in" / "link.csv").symlink_to(tmp_path / "secret.csv")
    with pytest.raises(ScenarioError, match="outside the scenario's folder"):
        read_table(tmp_path / "in", "link.csv")
