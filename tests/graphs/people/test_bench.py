"""An experiment at the bench that takes weeks: machines, versions and people change meanwhile."""

import re
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gaseol.graphs import resume, run
from gaseol.graphs.people.answering import BadAnswer, hand_in, read_csv
from gaseol.graphs.replay import resuming
from gaseol.graphs.replay.replaying import replay
from gaseol.scenarios import load
from gaseol.traces import Trace, verify
from gaseol.traces.record import inbox as inboxes
from gaseol.traces.record import recorder as recorders
from gaseol.traces.record.inbox import Inbox, awaited
from gaseol.traces.signatures import keys

DOCS = Path(__file__).parents[3] / "docs" / "running.md"


@pytest.fixture
def films(tmp_path) -> Path:
    """The scenario of the manual."""
    blocks = re.findall(r"```yaml\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.S)
    folder = tmp_path / "films"
    folder.mkdir()
    (folder / "scenario.yaml").write_text(next(b for b in blocks if "bench" in b), encoding="utf-8")
    return folder


@pytest.fixture
def days(monkeypatch):
    """Let so many days pass, for the record and for the inbox."""
    passed = [0.0]

    class Later(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime.now(UTC) + timedelta(days=passed[0])

    monkeypatch.setattr(recorders, "datetime", Later)
    monkeypatch.setattr(inboxes, "datetime", Later)

    def pass_(number: float) -> None:
        passed[0] += number

    return pass_


def strength(each) -> float:
    """The planted truth: less with more plasticiser."""
    return 60 - 2 * int(each.arguments["case"][1:])


@pytest.mark.slow
def test_weeks_across_machines_versions_and_hands(films, pool, days, tmp_path, monkeypatch):
    monkeypatch.setenv("GASEOL_CONFIG", str(tmp_path / "config"))
    keys.new_key("kim")
    there = tmp_path / "first"
    assert run(load(films), out=there, pool=pool, report=False).status == "paused"
    (approval,) = awaited(Trace(there))
    hand_in(there, {approval.request: {"approve": "yes", "by": "Kim"}}, key=keys.load_key("kim"))
    shutil.rmtree(films)
    (tmp_path / "curve.csv").write_text("strain,stress")
    first = None
    for round_ in range(20):
        days(9)
        moved = tmp_path / f"machine{round_}"
        shutil.copytree(there, moved)
        shutil.rmtree(there)
        there = moved
        (there / "setup.json").unlink(missing_ok=True)
        monkeypatch.setattr(resuming, "code_digest", lambda n=round_: f"{n:064d}")
        handle = resume(there, pool=pool)
        if handle.status != "paused":
            break
        waiting = awaited(Trace(there))
        first = first or waiting[0].request
        values = {
            each.request: {"value": f"{strength(each)}", "unit": "MPa", "by": "Lee"}
            for each in reversed(waiting)
        }
        if round_ == 1:
            one, two, three = waiting[:3]
            wrong = {**values[one.request], "value": "3"}
            hand_in(there, {one.request: wrong}, attach=[tmp_path / "curve.csv"])
            with pytest.raises(BadAnswer, match="Lee answered it at"):
                hand_in(there, {one.request: values[one.request]})
            hand_in(there, {one.request: values.pop(one.request)}, correct=True)
            table = tmp_path / "may.csv"
            kept = values.pop(two.request)
            table.write_text(
                f"id,value,unit,by\n{two.request},{float(kept['value']) * 1e6},Pa,Kim\n"
            )
            hand_in(there, read_csv(table), key=keys.load_key("kim"))
            values[three.request] = {"failed": "it tore in the clamp", "by": "Lee"}
        hand_in(there, values)
    assert handle.status == "done"
    assert round_ >= 2
    trace = Trace(there)
    found = verify(there)
    assert found.holds, found.problems
    assert replay(there).holds
    measured = [e.fact.measurement for e in trace.events("measurement")]
    failed = [m for m in measured if m.value is None]
    assert [m.failure.reason for m in failed] == ["Lee: it tore in the clamp"]
    for m in measured:
        if m.value is not None:
            assert m.value == pytest.approx(60 - 2 * int(m.case[1:]))
    (verdict,) = trace.events("verdict")
    # the draw that tore is lost to the test
    assert verdict.data["verdict"]["ruling"] in ("supported", "undecided")
    resumed = list(trace.events("run.resumed"))
    assert all("gaseol's source is another" in e.data["reason"] for e in resumed[:1])
    assert resumed[-1].at - next(iter(trace)).at > timedelta(days=9 * (round_ - 1))
    kept = [said for said in Inbox(there).read() if said.replaces is not None]
    assert len(kept) == 1
    assert Inbox(there).read()[kept[0].replaces].value == 3  # what was corrected is still there
    assert len(Inbox(there).read()) == len(measured) + 2

    before = (there / "events.jsonl").read_bytes(), Inbox(there).path.read_bytes()
    with pytest.raises(BadAnswer, match="is on record with its answer already"):
        hand_in(there, {first: {"value": "1", "unit": "MPa", "by": "Lee"}})
    with pytest.raises(BadAnswer, match="comes too late: the run has ended"):
        hand_in(there, {10**6: {"value": "1", "unit": "MPa", "by": "Lee"}})
    assert before == ((there / "events.jsonl").read_bytes(), Inbox(there).path.read_bytes())


def test_an_answer_after_its_due_date_is_taken_and_said_to_be_late(films, pool, days, tmp_path):
    folder = tmp_path / "run"
    run(load(films), out=folder, pool=pool, report=False)
    (approval,) = awaited(Trace(folder))
    hand_in(folder, {approval.request: {"approve": "yes", "by": "Kim"}})
    resume(folder, pool=pool)
    days(15)
    first, second = awaited(Trace(folder))[:2]
    value = {"value": "20", "unit": "MPa", "by": "Kim"}
    (late,) = hand_in(folder, {first.request: value})
    assert first.late(late) == pytest.approx(1, abs=0.1)
    days(-14)
    (prompt,) = hand_in(folder, {second.request: value})
    assert second.late(prompt) == 0
