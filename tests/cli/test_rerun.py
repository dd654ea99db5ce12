"""`gaseol rerun`: every tool called again, every number compared."""

import shutil
from pathlib import Path

import pytest

from gaseol.graphs import run
from gaseol.graphs.running.setup import SETUP
from gaseol.scenarios import Scenario
from gaseol.tools import Pool, Registry
from gaseol.traces.bundle import write_bundle
from gaseol.traces.record import labels
from gaseol.traces.record.trace import Trace

ANSWER = 'return 10 * size**power * math.exp(noise * _noise(seed, case, "signal"))'
SIGNAL = "@tool(seconds=0.001, limit_seconds=20)\ndef toy_signal"


@pytest.fixture(autouse=True)
def _no_keys_of_ours(tmp_path, monkeypatch):
    monkeypatch.setenv("GASEOL_CONFIG", str(tmp_path / "config"))


@pytest.fixture(scope="module")
def made(world, pool, tmp_path_factory) -> Path:
    """A finished run in which a hypothesis is supported; no test changes it."""
    folder = tmp_path_factory.mktemp("made") / "toy-1"
    scenario = world.changed(world.EFFECTS, hypotheses__maximum=1, budget__experiments=40)
    run(Scenario.model_validate(scenario), out=folder, pool=pool, report=False)
    rulings = {e.data["verdict"]["ruling"] for e in Trace(folder).events("verdict")}
    assert rulings == {"supported"}
    return folder


@pytest.fixture
def copied(made, home) -> Path:
    """A copy of the run at home, to be changed."""
    return Path(shutil.copytree(made, home / made.name))


@pytest.fixture
def tools(world, tmp_path):
    """Write the toy's tools with texts in them replaced, and return their folder."""

    def write(*replaced: tuple[str, str]) -> Path:
        folder = world.write(tmp_path / "tools", world.EFFECTS)
        text = (folder / "tools.py").read_text()
        for old, new in replaced:
            assert text.count(old) == 1
            text = text.replace(old, new)
        (folder / "tools.py").write_text(text)
        return folder

    return write


def answers(folder: Path, tool: str) -> list[int]:
    """Return the events that a tool answered in."""
    asked = {e.seq for e in Trace(folder).events("effect.requested") if e.data["name"] == tool}
    completed = Trace(folder).events("effect.completed", "effect.failed")
    return [e.seq for e in completed if e.data["request"] in asked]


def test_the_same_tools_give_the_same(gaseol, copied, tools):
    before = {p.name: p.read_bytes() for p in copied.iterdir() if p.is_file()}
    said = gaseol("rerun", "--beside", tools(), "--jobs", 1, "--json")
    assert said.code == 0, said
    document = said.json
    calls = len(answers(copied, "toy_signal")) + len(answers(copied, "toy_cases"))
    assert document["holds"] is True
    assert document["run"] == str(copied)
    assert document["calls"] == {
        "equal": calls, "within tolerance": 0, "different": 0, "not rerun": 0
    }  # fmt: skip
    assert (document["first"], document["divergence"], document["different"]) == (None, None, [])
    assert document["verdicts"] == {"h1": {"recorded": "supported", "now": "supported"}}
    assert before == {p.name: p.read_bytes() for p in copied.iterdir() if p.is_file()}
    kept = labels.load(copied)
    assert kept is not None
    assert (kept.mode, kept.holds) == ("rerun", True)
    assert {kept.of(seq) for seq in answers(copied, "toy_signal")} == {"recomputed-equal"}


def test_a_number_beyond_its_tolerance_is_named(gaseol, copied, tools):
    """Event, tool, then, now and how far apart; and that the tool is another one."""
    folder = tools((ANSWER, f"{ANSWER} * (1.01 if case == 'c7' else 1.0)"))
    if not any("c7" in str(e.data) for e in Trace(copied).events("measurement")):
        folder = tools((ANSWER, f"{ANSWER} * 1.01"))
    measured = {e.data["measurement"]["request"]: e.data["measurement"]
                for e in Trace(copied).events("measurement")}  # fmt: skip
    said = gaseol("rerun", copied, "--beside", folder, "--jobs", 1)
    assert said.code == 1
    assert said.out.startswith(f"NOT the same: {copied}\n")
    document = gaseol("rerun", copied, "--beside", folder, "--jobs", 1, "--json").json
    assert document["holds"] is False
    assert document["calls"]["different"] >= 1
    first = document["first"]
    assert first == document["different"][0]
    assert first in said.out
    at = int(first.removeprefix("event ").split(":")[0])
    assert at in answers(copied, "toy_signal")
    recorded = measured[next(
        e.data["request"] for e in Trace(copied).events("effect.completed") if e.seq == at
    )]["raw"]  # fmt: skip
    assert f"toy_signal: the answer was {recorded!r} and is " in first
    assert "0.0099 apart; declared is 0" in first
    assert "the tool is not the one that ran" in first
    kept = labels.load(copied)
    assert kept is not None
    assert (kept.holds, kept.of(at)) == (False, "recomputed-different")


def test_a_number_within_its_tolerance_is_the_same(gaseol, copied, tools):
    folder = tools(
        (ANSWER, f"{ANSWER} * 1.01"), (SIGNAL, SIGNAL.replace("20)", "20, tolerance=0.02)"))
    )
    said = gaseol("rerun", copied, "--beside", folder, "--jobs", 1)
    assert said.code == 0, said
    assert f"{len(answers(copied, 'toy_signal'))} within tolerance" in said.out
    folder = tools(
        (ANSWER, f"{ANSWER} * 1.03"), (SIGNAL, SIGNAL.replace("20)", "20, tolerance=0.02)"))
    )
    said = gaseol("rerun", copied, "--beside", folder, "--jobs", 1)
    assert said.code == 1
    assert "declared is 0.02" in said.out


def test_a_verdict_that_changes_is_said(gaseol, copied, tools):
    """Where size lowers the signal, what the record supports is not supported any more."""
    folder = tools((ANSWER, ANSWER.replace("size**power", "size**-power")))
    said = gaseol("rerun", copied, "--beside", folder, "--jobs", 1)
    assert said.code == 1
    assert "the verdict changes: h1: supported then, " in said.out
    document = gaseol("rerun", copied, "--beside", folder, "--jobs", 1, "--json").json
    assert document["verdicts"]["h1"]["recorded"] == "supported"
    assert document["verdicts"]["h1"]["now"] != "supported"


def test_an_answer_that_fails_now_is_different(gaseol, copied, tools):
    folder = tools((ANSWER, "raise Refuse('no more of this')"))
    said = gaseol("rerun", copied, "--beside", folder, "--jobs", 1)
    assert said.code == 1
    assert "no more of this" in said.out


@pytest.mark.parametrize("beside", [False, True])
def test_a_tool_that_is_missing_is_said(gaseol, copied, tools, beside):
    """The folder is not known, as on another machine; or it is, and the tool is not in it any more."""
    (copied / SETUP).unlink()
    words = ()
    if beside:
        words = ("--beside", tools(("def toy_signal(", "def toy_other_signal(")))
    said = gaseol("rerun", copied, *words, "--jobs", 1)
    assert said.code == 1
    assert "was not run again: this machine does not have the tool (--beside FOLDER" in said.out
    document = gaseol("rerun", copied, *words, "--jobs", 1, "--json").json
    assert document["holds"] is False
    missing = len(answers(copied, "toy_signal"))
    missing += 0 if beside else len(answers(copied, "toy_cases"))
    assert document["calls"]["not rerun"] == missing
    kept = labels.load(copied)
    assert kept is not None
    assert {kept.of(seq) for seq in answers(copied, "toy_signal")} == {"recorded"}


def test_a_run_without_its_answers_cannot_be_compared(gaseol, home, world, pool, tools, tmp_path):
    scenario = world.changed(
        world.EFFECTS, hypotheses__maximum=1, budget__experiments=3, policy__payloads="apart"
    )
    run(Scenario.model_validate(scenario), out=home / "apart", pool=pool, report=False)
    write_bundle(home / "apart", tmp_path / "copy", withhold=["toy_signal"], reason="ours")
    said = gaseol("rerun", tmp_path / "copy", "--beside", tools(), "--jobs", 1)
    assert said.code == 1
    assert "ours" in said.out


def test_bad_input(gaseol, home, copied, tmp_path):
    assert gaseol("rerun", "nowhere").code == 2
    assert gaseol("rerun", copied, "--jobs", 0).code == 2
    assert gaseol("rerun", copied, "--beside", tmp_path / "nowhere").code == 2
    lines = (copied / "events.jsonl").read_bytes().splitlines(keepends=True)
    (copied / "events.jsonl").write_bytes(b"".join(lines[:9] + lines[10:]))
    said = gaseol("rerun", copied)
    assert said.code == 1
    assert "does not follow" in said.out


def test_no_tool_of_ours_is_among_the_installed_ones(registry: Registry, pool: Pool):
    """Otherwise the tests of a missing tool could not fail."""
    assert "toy_signal" in registry
    assert "toy_signal" not in Registry.load()
