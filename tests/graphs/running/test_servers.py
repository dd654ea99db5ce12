"""Runs that measure by another's server: on record, replayed without it, stopped when it changes."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

pytest.importorskip("mcp", reason="needs the extra mcp")

from gaseol.graphs import run
from gaseol.graphs.measuring import ToolChanged
from gaseol.graphs.replay.replaying import replay
from gaseol.graphs.replay.rerunning import rerun
from gaseol.scenarios import Scenario
from gaseol.scenarios.loader import ScenarioError
from gaseol.tools import Pool
from gaseol.tools.mcp.configuration import ServerError
from gaseol.tools.mcp.definition import Definition
from gaseol.traces.record.trace import Trace
from gaseol.traces.verification.verifier import verify

SERVER = Path(__file__).parents[2] / "tools" / "mcp" / "hostile.py"
NUMBER = {"type": "number"}
SIGNAL = {
    "name": "signal",
    "description": "Return a signal.",
    "inputSchema": {"type": "object", "properties": {"size": NUMBER}},
    "outputSchema": {
        "type": "object",
        "properties": {"value": {"type": "number", "unit": "K"}, "spread": NUMBER},
        "required": ["value"],
    },
}


@pytest.fixture
def asked(world) -> Callable[..., Scenario]:
    """Makes a toy question that is measured by the hostile server."""

    def make(kind: str = "good", pin: str = "", **changes) -> Scenario:
        pin = pin or Definition.of(SIGNAL).digest
        server = {"command": [sys.executable, "-I", str(SERVER), kind], "tools": {"signal": pin}}
        measurement = {
            "name": "signal", "tool": "calc__signal", "arguments": {"size": "{size}"},
            "value": "value", "uncertainty": "spread", "unit": "K",
        }  # fmt: skip
        return Scenario.model_validate(
            world.changed(
                world.EFFECTS, servers={"calc": server}, measurement=measurement, **changes
            )
        )

    return make


@pytest.mark.slow
def test_a_server_measures_what_is_true(asked, pool: Pool, tmp_path: Path) -> None:
    done = run(asked(), out=tmp_path / "run", pool=pool, report=False)
    assert done.status == "done"
    assert done.summary()["hypotheses"][0]["verdict"] == "supported"


def test_a_run_by_a_server_is_on_record_and_replays_without_it(
    asked, pool: Pool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = run(asked(budget__experiments=6), out=tmp_path / "run", pool=pool, report=False)
    assert done.status == "budget"
    assert verify(done.path).holds
    events = list(Trace(done.path).events("effect.requested", "effect.completed"))
    requests = {e.seq for e in events if e.data.get("name") == "calc__signal"}
    assert len(requests) > 5
    answers = [e.data for e in events if e.data.get("request") in requests]
    assert all(answer["isolation"].startswith("third party, ") for answer in answers)
    low = {"confidentiality": "institute", "sources": ["mcp:calc"]}
    assert all(answer["label"] == low for answer in answers)
    measured = [e.data["measurement"] for e in Trace(done.path).events("measurement")]
    assert measured
    assert all(one["label"] == low for one in measured)
    card = Trace(done.path).run["cards"]["calc__signal"]
    assert "third-party" in card["tags"]
    assert Trace(done.path).run["tools"]["calc__signal"] == Definition.of(SIGNAL).digest

    monkeypatch.setattr("gaseol.tools.mcp.servers.Servers", None)  # nobody is reached any more
    found = replay(done.path)
    assert found.holds, (found.divergence, found.problems)


def test_a_run_by_a_server_is_run_again(asked, pool: Pool, tmp_path: Path) -> None:
    small = asked(budget__experiments=6)
    done = run(small, out=tmp_path / "run", pool=pool, report=False)
    found = rerun(done.path, pool=pool)
    assert found.outcomes()["equal"] > 6
    assert found.outcomes()["not rerun"] == 0


def test_a_server_that_changes_stops_the_run_with_a_clear_word(
    asked, pool: Pool, tmp_path: Path
) -> None:
    with pytest.raises(ToolChanged, match="has changed its definition"):
        run(asked("changes"), out=tmp_path / "run", pool=pool, report=False)
    trace = Trace(tmp_path / "run")
    assert trace.status == "failed"
    ended = next(trace.events("run.ended")).data
    assert "calc__signal: the server calc has changed its definition" in ended["reason"]
    kinds = {e.data["failure"]["kind"] for e in trace.events("effect.failed")}
    assert kinds == {"changed"}
    assert verify(trace.folder).holds
    found = replay(trace.folder)
    assert found.holds, (found.divergence, found.problems)


def test_another_definition_than_the_pinned_one_begins_no_run(
    asked, pool: Pool, tmp_path: Path
) -> None:
    with pytest.raises(ServerError, match="is not the one that was pinned"):
        run(asked(pin="0" * 64), out=tmp_path / "run", pool=pool, report=False)
    assert not (tmp_path / "run").exists()


def test_what_a_server_does_not_take_is_a_flaw_of_the_scenario(
    asked, pool: Pool, tmp_path: Path
) -> None:
    wrong = asked(check={
        "name": "signal", "tool": "calc__signal", "arguments": {"length": 1}, "value": "heat",
        "unit": "K",
    })  # fmt: skip
    with pytest.raises(ScenarioError, match=r"is no argument of calc__signal"):
        run(wrong, out=tmp_path / "run", pool=pool, report=False)
