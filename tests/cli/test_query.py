"""`gaseol query`."""

import csv
import io
import shutil
from pathlib import Path

import pytest

from gaseol.graphs import run
from gaseol.scenarios import Scenario
from gaseol.traces import shelf
from gaseol.traces.archive.question import QUESTIONS

pytest.importorskip("duckdb", reason="NOT tested: the extra `search` is not installed")
pytest.importorskip("pyarrow", reason="NOT tested: the extra `search` is not installed")


@pytest.fixture(scope="session")
def one(world, pool, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("one") / "one"
    run(Scenario.model_validate(world.EFFECTS), out=folder, pool=pool, report=False)
    return folder


@pytest.fixture
def kept(one, home, monkeypatch) -> Path:
    """A home with two equal runs."""
    monkeypatch.setattr(shelf, "SETTLED", 0.0)
    for name in ("a", "b"):
        shutil.copytree(one, home / name)
    return home


def test_a_question_for_a_person(gaseol, kept):
    said = gaseol("query", "SELECT run, status, seconds > 0 AS some FROM runs ORDER BY run")
    assert said.code == 0
    lines = said.out.splitlines()
    assert lines[0].split() == ["run", "status", "some"]
    assert [line.split() for line in lines[2:]] == [["a", "done", "True"], ["b", "done", "True"]]
    assert said.err == "(2 rows)\n"


def test_json_is_one_document(gaseol, kept):
    sql = "SELECT 'a' AS x, 1 AS x, started, hypotheses, 'nan'::DOUBLE, 1e400::DOUBLE, NULL, sum(1) OVER () FROM runs, experiments LIMIT 1"  # fmt: skip
    found = gaseol("query", sql.replace("1e400::DOUBLE", "'inf'::DOUBLE"), "--format", "json").json
    assert found["columns"][:3] == ["x", "x", "started"]
    (row,) = found["rows"]
    assert row[:2] == ["a", 1]
    assert row[2].endswith("Z")
    assert isinstance(row[3], list)
    assert row[4:7] == [None, None, None]
    assert row[7] > 0
    assert (found["runs"], found["skipped"]) == (2, {})


def test_csv(gaseol, kept):
    said = gaseol("query", "SELECT run, says FROM claims ORDER BY run, claim", "--format", "csv")
    rows = list(csv.reader(io.StringIO(said.out)))
    assert rows[0] == ["run", "says"]
    shown = gaseol("show", "a", "--json").json["claims"]
    assert [r[1] for r in rows[1:] if r[0] == "a"] == [c["text"] for c in shown]


@pytest.mark.parametrize("name", list(QUESTIONS))
def test_every_ready_question_is_answered(gaseol, kept, name):
    for form in ("table", "csv", "json"):
        said = gaseol("query", "--ready", name, "--format", form)
        assert said.code == 0, said.err
    # the toy world's scenario has no hidden answer to be wrong by
    assert bool(said.json["rows"]) == (name != "errors")
    assert said.json["columns"]


def test_equal_runs_do_not_part(gaseol, kept):
    found = gaseol("query", "--ready", "divergence", "--format", "json").json
    (row,) = [dict(zip(found["columns"], r, strict=True)) for r in found["rows"]]
    assert (row["reference"], row["run"], row["outcome"]) == ("a", "b", "same")


def test_lists_need_no_runs(gaseol, home):
    listed = gaseol("query", "--ready")
    assert listed.code == 0
    assert all(name in listed.out for name in QUESTIONS)
    rows = gaseol("query", "--tables", "--format", "json").json
    assert {"table": "verdicts", "column": "ruling", "type": "text"}.items() <= next(
        r for r in rows if (r["table"], r["column"]) == ("verdicts", "ruling")
    ).items()
    assert not home.exists()


def test_broken_runs_are_named(gaseol, kept):
    for number in range(6):
        (kept / f"x{number}").mkdir()
        (kept / f"x{number}" / "run.json").write_text("{}")
    said = gaseol("query", "SELECT count(*) FROM runs")
    assert said.code == 0
    assert said.out.split()[-1] == "2"
    assert said.err.count("left out: x") == 5
    assert "left out: 1 more; the table 'skipped' has all" in said.err
    assert len(gaseol("query", "SELECT 1", "--format", "json").json["skipped"]) == 6


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ((), "ask one thing"),
        (("SELECT 1", "--ready", "supported"), "ask one thing"),
        (("--ready", "nope"), "'nope' is no ready question; there are supported, tokens"),
        (("DROP VIEW runs",), "only one SELECT may be asked, and this is: DROP"),
        (("SELECT nope FROM runs",), "nope"),
        (("SELECT * FROM read_text('/etc/hostname')",), "Permission Error"),
        (("SELECT 1", "--runs", "/nowhere/at/all"), "does not exist"),
    ],
)
def test_bad_questions(gaseol, kept, words, says):
    said = gaseol("query", *words)
    assert said.code == 2
    assert said.out == ""
    assert says in said.err


def test_no_folder_of_runs(gaseol, home):
    said = gaseol("query", "SELECT 1")
    assert said.code == 2
    assert "begin with: gaseol run" in said.err


def test_another_folder(gaseol, kept, tmp_path):
    shutil.copytree(kept / "a", tmp_path / "others" / "c")
    said = gaseol("query", "SELECT run FROM runs", "--runs", tmp_path / "others")
    assert said.out.split()[-1] == "c"
    assert (tmp_path / "others" / ".archive").is_dir()


def test_what_a_record_says_does_not_steer_the_terminal(gaseol, kept):
    (kept / "a").rename(kept / "x\x1b[2Jy")
    said = gaseol("query", "SELECT run FROM runs")
    assert "\x1b" not in said.out
    assert "x [2Jy" in said.out
