"""Scenarios and records by the protocol: run within limits, read, and nothing hidden given away."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

pytest.importorskip("mcp", reason="needs the extra mcp")

from mcp.shared.exceptions import MCPError

from gaseol.tools import Pool
from gaseol.traces.record.trace import Trace
from gaseol.traces.verification.verifier import verify


@pytest.fixture
def question(world, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a toy scenario, its tools, and a hidden answer."""
    monkeypatch.setenv("GASEOL_HOME", str(tmp_path / "home"))
    folder = world.write(tmp_path / "question", world.changed(world.EFFECTS))
    relation = {"kind": "trend", "variable": "size", "direction": "raises"}
    entry = {"relation": relation, "ruling": "supported", "source": "S" * 9}
    (folder / "answer.yaml").write_text(yaml.safe_dump({"entries": [entry]}))
    return folder


@pytest.fixture(scope="module")
def idle() -> Iterator[Pool]:
    """A pool that nothing is measured in."""
    from gaseol.tools import Registry

    with Pool(Registry(), jobs=1) as pool:
        yield pool


async def finished(visitor: Any, **asked: Any) -> str:
    begun = await visitor.ask("gaseol_start_run", scenario="toy", **asked)
    state = await visitor.ask("gaseol_run_status", run=begun["run"], wait_seconds=60)
    assert state["status"] in ("done", "budget"), state
    return begun["run"]


@pytest.mark.slow
def test_a_run_is_started_watched_and_read(house, visit, idle, question: Path) -> None:
    served = house(idle, folders=(question,))

    async def act(visitor) -> None:
        listed = await visitor.ask("gaseol_list_scenarios")
        assert {"toy", "boiling", "null"} <= {row["name"] for row in listed["scenarios"]}
        asked = await visitor.ask("gaseol_describe_scenario", scenario="toy")
        assert asked["beliefs"][0] == "size raises the signal"
        assert asked["policy"]["network"] == "deny"

        run = await finished(visitor, seed=1)
        assert visitor.progress
        done, limit, said = visitor.progress[-1]
        assert done <= limit == 90
        assert said.startswith("running")

        found = await visitor.ask("gaseol_run_summary", run=run)
        assert found["hypotheses"][0]["verdict"] == "supported"
        assert (await visitor.ask("gaseol_verify_run", run=run))["holds"] is True
        assert (await visitor.ask("gaseol_list_runs"))["runs"] == [run]

    visit(served, act)
    (run,) = served.expeditions.runs.values()
    assert run.trace.run["seed"] == 1
    assert verify(run.path).holds


def test_what_is_hidden_is_never_served(house, visit, idle, question: Path) -> None:
    served = house(idle, folders=(question,))
    seen: list[Any] = []

    async def act(visitor) -> str:
        seen.append(await visitor.ask("gaseol_describe_scenario", scenario="toy"))
        run = await finished(visitor)
        seen.append(await visitor.ask("gaseol_run_status", run=run))
        seen.append(await visitor.ask("gaseol_run_summary", run=run))
        seen.append(await visitor.ask("gaseol_verify_run", run=run))
        page, more = 0, True
        while more:
            seen.append(await visitor.ask("gaseol_run_events", run=run, page=page))
            more, page = seen[-1]["more"], page + 1
        for resource in (await visitor.client.list_resources()).resources:
            contents = (await visitor.client.read_resource(resource.uri)).contents
            seen.extend(part.text for part in contents)
        return run

    run = visit(served, act)
    ended = next(Trace(served.expeditions.runs[run].path).events("run.ended"))
    assert ended.data["score"], "the answer was there to be given away"
    said = json.dumps(seen)
    assert ended.data["answer_salt"] not in said
    for word in ("agrees", '"score":', "S" * 9):
        assert word not in said
    assert "kept_back" in said


@pytest.mark.slow
def test_events_come_by_the_page_as_tool_and_as_resource(house, visit, idle, question) -> None:
    served = house(idle, folders=(question,))

    async def act(visitor) -> tuple[str, list[int]]:
        run = await finished(visitor, experiments=20)
        seqs, page = [], 0
        while True:
            told = await visitor.ask("gaseol_run_events", run=run, page=page)
            uri = f"gaseol://runs/{run}/events/{page}"
            (same,) = (await visitor.client.read_resource(uri)).contents
            assert json.loads(same.text) == told
            seqs += [event["seq"] for event in told["events"]]
            page += 1
            if not told["more"]:
                break
        assert "no page 999" in await visitor.fail("gaseol_run_events", run=run, page=999)
        return run, seqs

    run, seqs = visit(served, act)
    assert seqs == list(range(len(Trace(served.expeditions.runs[run].path))))


@pytest.mark.slow
def test_a_budget_can_be_narrowed_and_never_widened(house, visit, idle, question: Path) -> None:
    served = house(idle, folders=(question,), experiments=30, seconds=20.0)

    async def act(visitor) -> None:
        wide = await finished(visitor, experiments=10_000, seconds=10_000)
        narrow = await finished(visitor, experiments=7)
        own = served.expeditions.runs
        assert own[wide].trace.run["scenario"]["budget"]["experiments"] == 30
        assert own[wide].trace.run["scenario"]["budget"]["seconds"] == 20
        assert own[narrow].trace.run["scenario"]["budget"]["experiments"] == 7
        assert "experiments" in await visitor.fail(
            "gaseol_start_run", scenario="toy", experiments=0
        )
        assert "seconds" in await visitor.fail("gaseol_start_run", scenario="toy", seconds=-1)

    visit(served, act)


def test_only_what_the_operator_named_is_run(
    house, visit, idle, question: Path, world, tmp_path: Path
) -> None:
    leaking = world.changed(world.EFFECTS, name="leaking", policy={"network": ["api.example.org"]})
    other = world.write(tmp_path / "leaking", leaking)
    served = house(idle, folders=(other,))

    async def act(visitor) -> None:
        for name in ("toy", str(question), "../question", "/etc", ""):
            assert "there is no scenario" in await visitor.fail("gaseol_start_run", scenario=name)
        said = await visitor.fail("gaseol_start_run", scenario="leaking")
        assert "api.example.org" in said
        assert "gaseol run leaking" in said
        for name in ("x", "../../etc", "a" * 300):
            assert "no run" in await visitor.fail("gaseol_run_status", run=name)
            assert "no run" in await visitor.fail("gaseol_run_summary", run=name)
        for uri in (
            "gaseol://runs/..%2F..%2Fetc/summary", "gaseol://runs/none/summary", "gaseol://other",
            "file:///etc/passwd", "gaseol://scenarios/none",
        ):  # fmt: skip
            with pytest.raises(MCPError, match="there is no") as refused:
                await visitor.client.read_resource(uri)
            assert refused.value.code == -32602

    visit(served, act)
    assert not served.expeditions.runs


@pytest.mark.slow
def test_records_of_others_are_read_only_where_the_operator_opens_them(
    house, visit, idle, question: Path
) -> None:
    from gaseol.graphs import run

    made = run(question, report=False)

    async def closed(visitor) -> None:
        assert (await visitor.ask("gaseol_list_runs"))["runs"] == []
        assert "no run" in await visitor.fail("gaseol_run_summary", run=made.path.name)

    async def opened(visitor) -> None:
        assert (await visitor.ask("gaseol_list_runs"))["runs"] == [made.path.name]
        assert (await visitor.ask("gaseol_verify_run", run=made.path.name))["holds"]
        (made.path / "events.jsonl").write_bytes(b"{}\n")
        assert not (await visitor.ask("gaseol_verify_run", run=made.path.name))["holds"]
        assert "no event" in await visitor.fail("gaseol_run_events", run=made.path.name)
        assert "no event" in await visitor.fail("gaseol_run_summary", run=made.path.name)

    visit(house(idle), closed)
    visit(house(idle, at_home=True), opened)


def test_runs_at_a_time_are_limited_and_end_with_the_server(
    house, visit, idle, question: Path, world
) -> None:
    hangs = {"tool": "toy_describe", "arguments": {"case": "{case}", "how": "hang"}}
    endless = world.changed(world.EFFECTS, features=[hangs])
    (question / "scenario.yaml").write_text(yaml.safe_dump(endless))
    served = house(idle, folders=(question,))

    async def act(visitor) -> str:
        begun = await visitor.ask("gaseol_start_run", scenario="toy")
        said = await visitor.fail("gaseol_start_run", scenario="toy")
        assert "1 at a time" in said
        stopped = await visitor.ask("gaseol_stop_run", run=begun["run"])
        assert stopped["status"] == "interrupted"
        return (await visitor.ask("gaseol_start_run", scenario="toy"))["run"]

    last = visit(served, act)
    assert served.expeditions.runs[last].status == "interrupted"
    assert Trace(served.expeditions.runs[last].path).status == "interrupted"


def test_starting_twice_at_once_is_one_run(house, visit, idle, question: Path) -> None:
    served = house(idle, folders=(question,))

    async def act(visitor) -> None:
        both = await asyncio.gather(
            *(visitor.call("gaseol_start_run", scenario="toy", experiments=5) for _ in range(2))
        )
        assert sorted(answer.is_error for answer in both) == [False, True]

    visit(served, act)
    assert len(served.expeditions.runs) == 1
