"""Wall time: what it forbids, and what of it counts after an interruption."""

import threading
from concurrent.futures import Future

import pytest

from gaseol.graphs.laboratory import OverBudget
from gaseol.graphs.replay.playback import Playback, PlaybackDesk
from gaseol.graphs.replay.resuming import ResumeDesk
from gaseol.graphs.running.desk import Desk
from gaseol.graphs.running.meter import Meter
from gaseol.scenarios.policy import Budget
from gaseol.tools.contract import Answer
from gaseol.tools.registry import Registry
from gaseol.traces.record.blob import BlobStore
from gaseol.traces.record.docket import Docket
from gaseol.traces.record.effects import APPROVAL, BENCH, Request
from gaseol.traces.record.event import StepEnded, StepStarted
from gaseol.traces.record.recorder import Recorder
from gaseol.traces.record.trace import Trace


class Slow:
    """Answers at once, and says that it took so many seconds."""

    def submit(self, request):
        about = {"seconds": request.arguments["seconds"], "cpu_seconds": 0.0, "isolation": ""}
        done: Future[Answer] = Future()
        done.set_result(Answer(value=1, **about))
        return done


def models(*seconds):
    return [Request("model", "m", {"number": n, "seconds": s}) for n, s in enumerate(seconds)]


def desk_of(recorder, meter):
    return Desk(
        recorder, Docket(), Registry(), {"model": Slow()}, meter, None, threading.Event()
    )  # fmt: skip


def test_asking_for_approval_takes_no_time_and_measuring_at_a_bench_does(tmp_path):
    meter = Meter(Budget(seconds=1e-6))
    assert meter.late
    approval = Request("person", APPROVAL, {"what": "registration"})
    bench = Request("person", BENCH, {"what": "measurement"})
    assert meter.reserve([approval]) is None
    assert meter.reserve([bench]) == "seconds"
    desk = desk_of(Recorder(tmp_path / "run", {}), meter)
    with pytest.raises(OverBudget, match="the budget of seconds is spent"):
        desk.perform([bench])
    (decision,) = Trace(tmp_path / "run")
    assert decision.data["subject"] == "person bench"


def test_a_batch_is_in_time_as_a_whole_or_not_at_all(tmp_path, monkeypatch):
    """The time runs out while the requests are looked at one after the other; it replays."""
    clock = iter([0.5, 1.5, 1.6, 1.7, 1.8, 1.9])
    meter = Meter(Budget(seconds=1))
    monkeypatch.setattr(meter, "_seconds", lambda: next(clock))
    recorder = Recorder(tmp_path / "run", {})
    desk = desk_of(recorder, meter)
    batches = [models(1, 2), [*models(3, 4), Request("model", "n", {"seconds": 5})]]
    said = [desk.perform(batch) for batch in batches]
    assert [[r.failure is None for r in batch] for batch in said] == [[True] * 2, [False] * 3]
    recorder.close()
    trace = Trace(tmp_path / "run")
    again = PlaybackDesk(
        Playback(trace), Docket(), trace.blobs, Registry(), Meter(Budget(seconds=1))
    )
    assert [again.perform(batch) for batch in batches] == said


def test_a_step_that_was_under_way_counts_by_its_longest_calls(tmp_path):
    """Two steps of 7 and 3 seconds; of a third one two batches were answered when it was killed."""
    recorder = Recorder(tmp_path / "run", {})
    desk = desk_of(recorder, Meter(Budget(seconds=1000)))
    facts = []
    for number, seconds in enumerate((7.0, 3.0)):
        facts += [StepStarted(step="s", number=number)]
        facts += [StepEnded(step="s", number=number, change={}, seconds=seconds)]
    for fact in facts:
        desk.record(fact)
    batches = [models(2.0, 5.0, 1.0), models(11.0)]
    for batch in batches:
        desk.perform(batch)
    recorder.abandon()

    meter = Meter(Budget(seconds=1000))
    reopened, remains = Recorder.reopen(tmp_path / "run")
    trace = Trace(tmp_path / "run")
    resumed = ResumeDesk(
        desk_of(reopened, meter), lambda: None, 0, threading.Event(),
        Playback(trace, until=remains.events), Docket(), BlobStore(trace.folder), Registry(), meter,
    )  # fmt: skip
    for fact in facts:
        resumed.record(fact)
    for batch in batches:
        resumed.perform(batch)
    resumed.record(StepStarted(step="s", number=2))
    assert resumed.live
    assert 7 + 3 + 5 + 11 <= meter.spent()["seconds"] < 27
    reopened.abandon()
