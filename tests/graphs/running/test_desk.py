"""The desk puts on record what it has been answered, whatever else happens meanwhile."""

import threading
from concurrent.futures import Future

import pytest

from gaseol.graphs.laboratory import Stop
from gaseol.graphs.running.desk import Desk
from gaseol.graphs.running.meter import Meter
from gaseol.scenarios.policy import Budget
from gaseol.tools.contract import Answer
from gaseol.tools.registry import Registry
from gaseol.traces.nouns.failure import Failure, FailureKind
from gaseol.traces.record.docket import Docket
from gaseol.traces.record.effects import Request
from gaseol.traces.record.recorder import Recorder
from gaseol.traces.record.trace import Trace


class Killed:
    """A door where a signal kills every call but one, whose answer is there already."""

    def __init__(self, stopping: threading.Event) -> None:
        self._stopping = stopping

    def submit(self, request: Request) -> Future[Answer]:
        self._stopping.set()
        crash = Failure(kind=FailureKind.CRASHED, reason="killed")
        about = {"seconds": 0.0, "cpu_seconds": 0.0, "isolation": ""}
        future: Future[Answer] = Future()
        answered = request.arguments["number"] == 0
        future.set_result(Answer(value=1, **about) if answered else Answer(failure=crash, **about))
        return future


def test_what_was_answered_is_kept_when_the_rest_is_killed(tmp_path):
    stopping = threading.Event()
    recorder = Recorder(tmp_path / "run", {})
    desk = Desk(recorder, Docket(), Registry(), {"model": Killed(stopping)},
                Meter(Budget(experiments=1)), None, stopping)  # fmt: skip
    with pytest.raises(Stop):
        desk.perform([Request("model", "m", {"number": n}) for n in range(32)])
    recorder.close()
    answers = list(Trace(tmp_path / "run").events("effect.completed", "effect.failed"))
    assert [(e.kind, e.data["request"]) for e in answers] == [("effect.completed", 0)]
