"""A record read in one pass for a report: the docket, the head of the chain, names of cases."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC
from typing import Any, Self, cast

from gaseol.traces import chain
from gaseol.traces.blob import AlteredBlob, Blob, MissingBlob
from gaseol.traces.docket import FOLDED, Docket
from gaseol.traces.event import (
    Audited,
    EffectCompleted,
    EffectRequested,
    Event,
    Forked,
    HypothesisRanked,
    HypothesisTurnedAway,
    LessonUsed,
    PolicyDecided,
    RunEnded,
    RunInterrupted,
    RunResumed,
    RunStarted,
    Weighed,
)
from gaseol.traces.trace import Trace

_ON_THE_WAY = ("run.resumed", "run.interrupted", "run.forked", "lesson.used", "policy.decision")


@dataclass
class Record:
    """What a report needs to know, and where on the record it stands."""

    trace: Trace
    docket: Docket
    head: str
    """Digest of the last event, in hexadecimal; of `run.json` while there is no event."""
    events: int = 0
    began: str = ""
    """Time of the first event."""
    ended: str = ""
    """Time of the last event."""
    status: str = "running"
    at: dict[str, int] = field(default_factory=dict[str, int])
    """Positions that the docket does not keep: `started`, `ended`, `turned_away:h1`, ..."""
    evidence_at: dict[str, list[int]] = field(default_factory=dict[str, list[int]])
    """Positions of the evidence on each hypothesis, in order."""
    priors: dict[str, float] = field(default_factory=dict[str, float])
    """Of every hypothesis that was ever ranked; the docket keeps the last ranking."""
    labels: dict[str, str] = field(default_factory=dict[str, str])
    """What people call the cases, where the scenario says."""
    notes: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])
    """What happened on the way: interruptions, forks, lessons, refusals."""

    @classmethod
    def of(cls, trace: Trace) -> Self:
        """Read a record.

        Raises:
            BrokenLine: a line is not an event.
        """
        start = chain.start((trace.folder / "run.json").read_bytes())
        record = cls(trace, Docket(), head=start.hex())
        names = _Names(trace)
        for event in trace.events():
            record.head, record.events = event.digest, record.events + 1
            record.ended = event.at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
            record.began = record.began or record.ended
            if event.kind in FOLDED:
                record._fold(event)
            elif event.kind in _ON_THE_WAY:
                record._note(event)
            elif event.kind in ("effect.requested", "effect.completed"):
                names.look(event)
        record.labels = names.labels()
        return record

    def _fold(self, event: Event) -> None:
        fact = event.fact
        if fact is None:
            return
        self.docket.add(event.seq, fact)
        match fact:
            case RunStarted():
                self.at["started"] = event.seq
            case RunEnded():
                self.at["ended"] = event.seq
                self.status = fact.status
            case HypothesisRanked():
                self.priors |= self.docket.priors
            case HypothesisTurnedAway():
                self.at[f"turned_away:{fact.hypothesis}"] = event.seq
            case Weighed():
                self.evidence_at.setdefault(fact.evidence.hypothesis, []).append(event.seq)
            case Audited():
                self.at[f"audit:{fact.audit.claim}"] = event.seq
            case _:
                pass

    def _note(self, event: Event) -> None:
        match event.fact:
            case RunInterrupted(reason=reason, status=status):
                self.status = status
                self.notes.append((event.seq, f"{status}: {reason}"))
            case RunResumed(reason=reason):
                self.status = "running"
                self.notes.append((event.seq, f"resumed: {reason}" if reason else "resumed"))
            case Forked() as fork:
                said = f"branched off the run {fork.parent} at event {fork.at}"
                self.notes.append((event.seq, said))
            case LessonUsed() as used:
                self.notes.append((event.seq, f"a lesson of the run {used.run}: {used.lesson}"))
            case PolicyDecided(allowed=False) as decided:
                self.notes.append((event.seq, f"refused {decided.subject}: {decided.reason}"))
            case _:
                pass

    @property
    def scenario(self) -> Mapping[str, Any]:
        """The scenario as asked; empty where `run.json` holds none."""
        return mapping(self.trace.run.get("scenario"))

    @property
    def asked(self) -> str:
        """SHA-256 of `run.json`, which holds the scenario as asked."""
        return hashlib.sha256((self.trace.folder / "run.json").read_bytes()).hexdigest()

    def label(self, case: str) -> str:
        """Return what people call a case."""
        return self.labels.get(case, case)

    def load(self, blob: Blob) -> Any:
        """Return a stored JSON value.

        Raises:
            Unreadable: it is missing, altered or not JSON; the message says which.
        """
        try:
            return self.trace.blobs.get_json(blob)
        except MissingBlob:
            raise Unreadable(f"blob {blob.sha256[:12]}… is missing from the run's folder") from None
        except AlteredBlob:
            raise Unreadable(f"blob {blob.sha256[:12]}… has been altered") from None
        except ValueError:
            raise Unreadable(f"blob {blob.sha256[:12]}… is not JSON") from None


class Unreadable(LookupError):
    """A blob that the report would show cannot be read."""


def mapping(value: object) -> Mapping[str, Any]:
    """Return the value if it is a mapping, else an empty one."""
    return cast(Mapping[str, Any], value) if isinstance(value, Mapping) else {}


def rows(value: object) -> Sequence[Mapping[str, Any]]:
    """Return the value as rows of a table; what is no row becomes an empty one."""
    if not isinstance(value, list | tuple):
        return ()
    return [mapping(row) for row in cast(Sequence[object], value)]


class _Names:
    """Finds the column that labels the cases, in `run.json` or in the surveying tools' answers."""

    def __init__(self, trace: Trace) -> None:
        self._trace = trace
        scenario = mapping(trace.run.get("scenario"))
        cases = mapping(scenario.get("cases"))
        self._key, self._label = str(cases.get("key")), cases.get("label")
        self._given = rows(cases.get("rows"))
        self._listing = mapping(cases.get("tool")).get("tool")
        self._describing = [call.get("tool") for call in rows(scenario.get("features"))]
        self._asked: dict[int, str] = {}
        self._answers: dict[str, EffectCompleted] = {}

    def look(self, event: Event) -> None:
        """Keep the first answer of each tool that lists or describes the cases."""
        if not self._label:
            return
        if event.kind == "effect.requested":
            fact = event.fact
            if isinstance(fact, EffectRequested) and fact.role == "survey":
                self._asked[event.seq] = fact.name
        elif event.data.get("request") in self._asked:
            fact = event.fact
            if isinstance(fact, EffectCompleted):
                self._answers.setdefault(self._asked[fact.request], fact)

    def labels(self) -> dict[str, str]:
        """Return the label of every case that has one."""
        if not self._label:
            return {}
        listed = self._given or self._rows(self._listing)
        found = list(listed)
        for tool in self._describing:
            extra = self._rows(tool)
            if len(extra) == len(found):
                found = [{**row, **more} for row, more in zip(found, extra, strict=True)]
        return {
            _name(row[self._key]): str(row[self._label])
            for row in found
            if self._key in row and row.get(str(self._label)) is not None
        }

    def _rows(self, tool: object) -> Sequence[Mapping[str, Any]]:
        answer = self._answers.get(str(tool))
        if answer is None:
            return ()
        try:
            return rows(self._trace.payload(answer))
        except (MissingBlob, AlteredBlob, ValueError):
            return ()  # the cases keep their keys


def _name(cell: object) -> str:
    return f"{cell:g}" if isinstance(cell, float) else str(cell)
