"""What of a run is compared: its nouns with their positions, and nothing that grows with time."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Self, cast

import orjson
from pydantic import BaseModel

from gaseol.traces.nouns.claim import Audit, Claim
from gaseol.traces.nouns.hypothesis import Hypothesis
from gaseol.traces.nouns.registration import Registration
from gaseol.traces.nouns.verdict import Verdict
from gaseol.traces.record.docket import BESIDE
from gaseol.traces.record.event import (
    Audited,
    Claimed,
    Event,
    ExperimentDesigned,
    Forked,
    HypothesisProposed,
    HypothesisTurnedAway,
    Judged,
    Measured,
    Registered,
    RunEnded,
    RunInterrupted,
    RunStarted,
)
from gaseol.traces.record.trace import Trace

_READ = frozenset((
    "run.started", "run.ended", "run.interrupted", "run.resumed", "run.forked", "hypothesis.proposed",
    "hypothesis.turned_away", "registration", "experiment.designed",
    "measurement", "verdict", "claim", "audit",
))  # fmt: skip

Key = str
"""A hypothesis by its content: the same in every run that has it, whatever its id there."""


class Taken(NamedTuple):
    """A measurement, without what its request says already."""

    seq: int
    value: float | None
    unit: str
    failure: str


class Drawn(NamedTuple):
    """An experiment, without its alternatives."""

    seq: int
    hypotheses: tuple[Key, ...]
    draw: int
    cases: tuple[str, ...]
    reading: int

    @property
    def choice(self) -> tuple[object, ...]:
        """What was chosen."""
        return self[1:]


@dataclass
class Outline:
    """A run, folded for comparing."""

    run: dict[str, Any]
    events: int = 0
    status: str = "running"
    started: RunStarted | None = None
    ended: RunEnded | None = None
    end: int | None = None
    forked: Forked | None = None
    hypotheses: dict[Key, Hypothesis] = field(default_factory=dict[Key, Hypothesis])
    proposed: dict[Key, int] = field(default_factory=dict[Key, int])
    turned_away: dict[Key, str] = field(default_factory=dict[Key, str])
    registrations: dict[Key, Registration] = field(default_factory=dict[Key, Registration])
    registered: dict[Key, int] = field(default_factory=dict[Key, int])
    experiments: list[Drawn] = field(default_factory=list[Drawn])
    """In the order designed."""
    measurements: dict[tuple[str, int, str], Taken] = field(
        default_factory=dict[tuple[str, int, str], Taken]
    )
    """By case, reading and purpose (the quantity, where another than the question's was measured);
    the first one counts."""
    verdicts: dict[Key, tuple[int, Verdict]] = field(default_factory=dict[Key, tuple[int, Verdict]])
    claims: dict[str, tuple[int, Claim]] = field(default_factory=dict[str, tuple[int, Claim]])
    audits: dict[str, Audit] = field(default_factory=dict[str, Audit])
    asked: dict[str, dict[str, int]] = field(default_factory=dict[str, dict[str, int]])
    """Tools that were asked: each version, and the first request of it."""
    keys: dict[str, Key] = field(default_factory=dict[str, Key])
    """Hypothesis by its id in this run."""

    @classmethod
    def begun(cls, trace: Trace) -> Self:
        """Return the outline of a record of which no event was read yet."""
        run: Any = trace.run
        return cls(cast("dict[str, Any]", run) if isinstance(run, dict) else {})

    @classmethod
    def of(cls, trace: Trace) -> Self:
        """Fold a record, reading it once.

        Raises:
            BrokenLine: a line is no event.
            ValidationError: an event is not of its kind.
        """
        found = cls.begun(trace)
        for event in trace.events():
            found.add(event)
        return found

    def add(self, event: Event) -> None:
        """Fold one more event in.

        Raises:
            ValidationError: it is not of its kind.
        """
        self.events += 1
        kind, seq = event.kind, event.seq
        if kind == "effect.requested":
            # as it stands: there may be very many, and no more of them is needed
            name, version = str(event.data.get("name")), str(event.data.get("version", ""))
            self.asked.setdefault(name, {}).setdefault(version, seq)
            return
        if kind not in _READ:
            return
        match event.fact:
            case RunStarted() as fact:
                self.started = fact
            case RunEnded() as fact:
                self.ended, self.end, self.status = fact, seq, fact.status
            case HypothesisProposed(hypothesis=h):
                key = self._key(h)
                self.hypotheses[key], self.proposed[key] = h, seq
            case HypothesisTurnedAway(hypothesis=name, reason=reason):
                self.turned_away[self._of(name)] = reason
            case Registered(registration=r):
                key = self._of(r.hypothesis)
                self.registrations[key], self.registered[key] = r, seq
            case ExperimentDesigned(experiment=x):
                keys = tuple(sorted(self._of(h) for h in x.hypotheses))
                self.experiments.append(Drawn(seq, keys, x.draw, x.cases, x.reading))
            case Measured(measurement=m):
                failure = m.failure.kind.value if m.failure else ""
                taken = Taken(seq, m.value, m.unit, failure)
                purpose = m.purpose if m.purpose != BESIDE else m.quantity
                self.measurements.setdefault((m.case, m.reading, purpose), taken)
            case Judged(verdict=v):
                self.verdicts[self._of(v.hypothesis)] = (seq, v)
            case Claimed(claim=c):
                self.claims[c.id] = (seq, c)
            case Audited(audit=a):
                self.audits[a.claim] = a
            case Forked() as fact:
                self.forked = fact
            case RunInterrupted() as fact:
                self.status = fact.status
            case _:
                self.status = "running"

    def _key(self, hypothesis: Hypothesis) -> Key:
        plain = key = orjson.dumps(_sorted(hypothesis.relation)).decode()
        number = 2
        while key in self.hypotheses:  # the same idea again: matched in the order proposed
            key, number = f"{plain} #{number}", number + 1
        self.keys[hypothesis.id] = key
        return key

    def _of(self, name: str) -> Key:
        """Return a hypothesis by its id; an id that nobody proposed stands for itself."""
        return self.keys.get(name, name)

    def name(self, key: Key) -> str:
        """Return the id that a hypothesis has in this run."""
        found = self.hypotheses.get(key)
        return found.id if found else key


def _sorted(value: Any) -> Any:
    """Return a relation's content: members by name, conditions in no order."""
    if isinstance(value, BaseModel):
        value = value.model_dump(mode="json")
    if isinstance(value, Mapping):
        members = cast("Mapping[str, Any]", value)
        return {name: _sorted(members[name]) for name in sorted(members)}
    if isinstance(value, list):
        parts = [_sorted(each) for each in cast("list[Any]", value)]
        return sorted(parts, key=orjson.dumps) if all(isinstance(p, dict) for p in parts) else parts
    return value
