"""The Python door: live handles, blocking runs, notebooks, two runs at once."""

import threading

import pytest

from gaseol.agents.catalogue import UnknownScientist
from gaseol.graphs import run, start
from gaseol.scenarios import Scenario, ScenarioError
from gaseol.tools.egress import credentials
from gaseol.tools.egress.credentials import BadCredentials
from gaseol.traces.record.projection import projection_bytes
from gaseol.traces.record.recorder import RecordExists
from gaseol.traces.verification.verifier import verify


@pytest.fixture
def scenario(world) -> Scenario:
    return Scenario.model_validate(world.EFFECTS)


def test_start_returns_at_once_and_the_handle_lives(scenario, pool, tmp_path):
    gate, seen = threading.Event(), []

    def watch(phase, laboratory):
        seen.append(phase)
        assert gate.wait(30)

    handle = start(scenario, out=tmp_path / "run", pool=pool, watch=watch, report=False)
    assert handle.status == "running"
    assert handle.wait(0.01) is handle
    assert handle.status == "running"
    assert handle.report is None
    gate.set()
    assert handle.wait().status == "done"
    assert handle.phase == "end"
    assert seen[:3] == ["think", "propose", "register"]
    assert seen[-2:] == ["control", "end"]
    assert handle.trace.status == "done"
    assert handle.path == tmp_path / "run"
    assert f"{tmp_path / 'run'} done" in repr(handle)


def test_a_run_can_be_stopped(scenario, pool, tmp_path):
    registered, asked = threading.Event(), threading.Event()

    def watch(phase, laboratory):
        if phase == "register":
            registered.set()
            assert asked.wait(30)

    handle = start(scenario, out=tmp_path / "run", pool=pool, watch=watch, report=False)
    assert registered.wait(30)
    handle.stop()
    asked.set()
    assert handle.wait().status == "interrupted"
    assert handle.trace.status == "interrupted"
    found = verify(tmp_path / "run")
    assert found.holds
    assert found.integrity.value == "unsealed"


def test_the_board_in_a_notebook_escapes_what_it_shows(world, pool, tmp_path):
    evil = "<script>alert('x')</script> & <b>"
    belief = world.changed(world.EFFECTS["hypotheses"]["beliefs"][0], statement=evil)
    scenario = Scenario.model_validate(
        world.changed(world.EFFECTS, title=evil, question=evil, hypotheses__beliefs=[belief])
    )
    handle = run(scenario, out=tmp_path / "<i>run", pool=pool)
    shown = handle._repr_html_()
    assert "<script>" not in shown
    assert "<i>" not in shown
    assert "&lt;script&gt;alert(&#x27;x&#x27;)&lt;/script&gt; &amp; &lt;b&gt;" in shown
    assert shown.count("<tr>") == 1 + len(handle.summary()["hypotheses"])
    report = handle.report
    assert report is not None
    assert "<script>alert" not in report.read_text(encoding="utf-8")


def test_two_runs_at_once(scenario, pool, tmp_path):
    handles = [
        start(scenario, seed=s, out=tmp_path / f"{s}", pool=pool, report=False) for s in (0, 1)
    ]
    assert [handle.wait().status for handle in handles] == ["done", "done"]
    for handle, seed in zip(handles, (0, 1), strict=True):
        assert verify(handle.path).holds
        alone = run(scenario, seed=seed, out=tmp_path / f"alone{seed}", pool=pool, report=False)
        assert projection_bytes(handle.trace) == projection_bytes(alone.trace)


def test_what_cannot_be_started_leaves_no_folder(world, scenario, pool, tmp_path):
    with pytest.raises(
        UnknownScientist, match="there are embedded, random, site, and there is no model 'nobody'"
    ):
        start(scenario, scientist="nobody", out=tmp_path / "a", pool=pool)
    with pytest.raises(ScenarioError, match="no tool 'x'"):
        start(
            Scenario.model_validate(world.changed(world.EFFECTS, measurement__tool="x")),
            out=tmp_path / "a", pool=pool,
        )  # fmt: skip
    with pytest.raises(LookupError, match="no graph 'x'"):
        start(
            Scenario.model_validate(world.changed(world.EFFECTS, graph="x")),
            out=tmp_path / "a", pool=pool,
        )  # fmt: skip
    assert not (tmp_path / "a").exists()
    run(scenario, out=tmp_path / "a", pool=pool, report=False)
    before = sorted(p.name for p in (tmp_path / "a").iterdir())
    with pytest.raises(RecordExists, match="already holds a run; name another folder"):
        start(scenario, out=tmp_path / "a", pool=pool)
    assert sorted(p.name for p in (tmp_path / "a").iterdir()) == before


def test_an_error_in_a_role_is_on_record_and_raised(scenario, pool, tmp_path):
    from dataclasses import replace

    from gaseol.agents import embedded

    class Broken:
        def propose(self, briefing, docket):
            raise ZeroDivisionError("a bug of mine")

    handle = start(
        scenario, scientist=replace(embedded(), theorist=Broken()), out=tmp_path / "run",
        pool=pool, report=False,
    )  # fmt: skip
    with pytest.raises(ZeroDivisionError, match="a bug of mine"):
        handle.wait()
    assert handle.status == "failed"
    assert handle.trace.status == "failed"
    ended = handle.docket.ended
    assert ended is not None
    assert ended.reason == "ZeroDivisionError: a bug of mine"
    assert verify(tmp_path / "run").holds


def test_a_pool_of_one_s_own_is_closed(world, tmp_path):
    folder = world.write(tmp_path / "asked", world.EFFECTS)
    before = {t.name for t in threading.enumerate()}
    assert run(folder, out=tmp_path / "a", jobs=1, report=False).status == "done"
    left = {t.name for t in threading.enumerate() if t.name.startswith("gaseol")} - before
    assert not left


def test_a_shared_cache_serves_deterministic_answers(world, tmp_path, pool, scenario):
    first = run(scenario, out=tmp_path / "a", pool=pool, cache=tmp_path / "cache", report=False)
    again = run(scenario, out=tmp_path / "b", pool=pool, cache=tmp_path / "cache", report=False)
    origins = [
        {e.data["origin"] for e in handle.trace.events("effect.completed")}
        for handle in (first, again)
    ]
    assert origins == [{"live"}, {"cache"}]
    assert again.summary()["hypotheses"] == first.summary()["hypotheses"]


def test_a_damaged_cache_entry_is_measured_anew_and_told(world, tmp_path, pool, scenario):
    cache = tmp_path / "cache"
    run(scenario, out=tmp_path / "a", pool=pool, cache=cache, report=False)
    for entry in cache.rglob("*"):
        if entry.is_file():
            entry.write_bytes(entry.read_bytes()[:-3])
    again = run(scenario, out=tmp_path / "b", pool=pool, cache=cache, report=False)
    events = list(again.trace.events("effect.completed", "policy.decision"))
    assert {e.data["origin"] for e in events if e.kind == "effect.completed"} == {"live"}
    told = [e.data for e in events if e.kind == "policy.decision"]
    assert told
    assert all(not t["allowed"] and "cached" in t["subject"] for t in told)


def test_what_no_door_can_be_opened_to_leaves_no_folder(world, pool, tmp_path, monkeypatch):
    monkeypatch.setenv("GASEOL_CONFIG", str(tmp_path / "config" / "keys"))
    file = credentials.place()
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("KEY=1")
    file.chmod(0o644)
    asked = world.changed(world.EFFECTS, policy={"network": ["https://example.org"]})
    with pytest.raises(BadCredentials):
        run(Scenario.model_validate(asked), out=tmp_path / "run", pool=pool)
    assert not (tmp_path / "run").exists()


def test_a_run_that_has_ended_is_not_abandoned(scenario, pool, tmp_path):
    handle = run(scenario, out=tmp_path / "run", pool=pool, report=False)
    handle.abandon()
    assert (handle.status, handle.abandoned) == ("done", False)
