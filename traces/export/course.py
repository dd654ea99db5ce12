"""How a run went: its steps, and the effects asked for in each, without their contents."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal, Self

from gaseol.traces.record.event import (
    EffectAmbiguous,
    EffectCompleted,
    EffectFailed,
    EffectKind,
    EffectRequested,
    Event,
    Fact,
    RunEnded,
    RunInterrupted,
    RunResumed,
    RunStarted,
    StepEnded,
    StepStarted,
)
from gaseol.traces.record.trace import Trace

Outcome = Literal["completed", "failed", "ambiguous", "unanswered"]


@dataclass(slots=True)
class Step:
    """One execution of a node of the graph."""

    seq: int
    name: str
    number: int
    started: datetime
    ended: datetime | None = None
    end: int | None = None
    """Position of `step.ended`; None where the run stopped inside the step."""
    calls: list[int] = field(default_factory=list[int])
    """Positions of the effects requested in it."""


@dataclass(slots=True)
class Call:
    """One effect: a request and what came of it."""

    seq: int
    effect: EffectKind
    name: str
    role: str
    version: str
    step: int | None
    """Position of the step that it was requested in."""
    started: datetime
    ended: datetime | None = None
    answer: int | None = None
    outcome: Outcome = "unanswered"
    reason: str = ""
    """Why it failed, or why nobody knows; begins with the kind of the failure."""
    seconds: float | None = None
    cpu_seconds: float | None = None
    origin: str = ""


@dataclass(slots=True)
class Course:
    """Everything that took time in a run."""

    started: RunStarted | None = None
    ended: RunEnded | None = None
    status: str = "running"
    """As `Trace.status` tells it."""
    first: datetime | None = None
    last: datetime | None = None
    events: int = 0
    head: str = ""
    steps: dict[int, Step] = field(default_factory=dict[int, Step])
    calls: dict[int, Call] = field(default_factory=dict[int, Call])
    _open: list[Step] = field(default_factory=list[Step])

    @classmethod
    def of(cls, trace: Trace) -> Self:
        """Read a whole record once.

        Raises:
            BrokenLine: a line of the record is no event.
            ValueError: an event is not what its kind says.
        """
        course = cls()
        for event in trace.events():
            course.add(event, event.fact if event.kind in KINDS else None)
        return course

    def add(self, event: Event, fact: Fact | None) -> None:
        """Take in the next event; `fact` is its typed data where the kind is one of `KINDS`."""
        at = utc(event.at)
        self.first = self.first or at
        self.last, self.head, self.events = at, event.digest, event.seq + 1
        match fact:
            case RunStarted():
                self.started = fact
            case RunEnded():
                self.ended, self.status = fact, fact.status
            case RunInterrupted():
                self.status = fact.status
            case RunResumed():
                self.status = "running"  # a step that was open when the run stopped goes on
            case StepStarted():
                step = Step(event.seq, fact.step, fact.number, at)
                self.steps[event.seq] = step
                self._open.append(step)
            case StepEnded():
                _end(self._open, fact, event.seq, at)
            case EffectRequested():
                step = _inside(self._open, fact.role)
                self.calls[event.seq] = Call(
                    event.seq, fact.effect, fact.name, fact.role, fact.version,
                    step.seq if step else None, at,
                )  # fmt: skip
                if step:
                    step.calls.append(event.seq)
            case EffectCompleted() | EffectFailed() | EffectAmbiguous():
                self._answer(fact, event.seq, at)
            case _:
                pass

    def _answer(
        self, fact: EffectCompleted | EffectFailed | EffectAmbiguous, seq: int, at: datetime
    ) -> None:
        call = self.calls.get(fact.request)
        if call is None:
            raise ValueError(f"event {seq} answers event {fact.request}, which requested nothing")
        call.answer, call.ended = seq, at
        match fact:
            case EffectCompleted():
                call.outcome, call.origin, call.reason = "completed", fact.origin, ""
            case EffectFailed():
                call.outcome = "failed"
                call.reason = f"{fact.failure.kind.value}: {fact.failure.reason}"
            case EffectAmbiguous():
                call.outcome, call.reason = "ambiguous", fact.reason
                return
        call.seconds, call.cpu_seconds = fact.seconds, fact.cpu_seconds


KINDS = frozenset(
    {
        "run.started", "run.ended", "run.interrupted", "run.resumed", "step.started",
        "step.ended", "effect.requested", "effect.completed", "effect.failed",
        "effect.ambiguous",
    }
)  # fmt: skip
"""The kinds that say how a run went."""


def utc(at: datetime) -> datetime:
    """Return a time in UTC; one without a zone is taken to be there already."""
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)


def _end(still: list[Step], fact: StepEnded, seq: int, at: datetime) -> None:
    for step in reversed(still):
        if (step.name, step.number) == (fact.step, fact.number):
            step.end, step.ended = seq, at
            still.remove(step)
            return


def _inside(still: list[Step], role: str) -> Step | None:
    """Return the step that an effect belongs to: of several, the one named like its role."""
    for step in reversed(still):
        if step.name == role:
            return step
    return still[-1] if still else None
