"""A record read in one pass for a report: the docket, the head of the chain, names of cases."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC
from typing import Any, Self

from gaseol.traces.nouns.goal import goals_of
from gaseol.traces.record import chain
from gaseol.traces.record.blob import AlteredBlob, Blob, MissingBlob
from gaseol.traces.record.cases import SURVEYED, Cases, Survey, mapping
from gaseol.traces.record.docket import FOLDED, Docket
from gaseol.traces.record.event import (
    Audited,
    CaseSuggested,
    DataKnown,
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
from gaseol.traces.record.trace import Trace

_ON_THE_WAY = (
    "run.resumed", "run.interrupted", "run.forked", "lesson.used", "data.known", "case.suggested",
    "policy.decision",
)  # fmt: skip


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
    ranking: tuple[int, HypothesisRanked] | None = None
    """The last one that came of a tournament, and where it stands."""
    cases: Cases = field(default_factory=lambda: Cases({}))
    """What the cases are called and what was known of them before they were measured."""
    interrupted: str = ""
    """Why the run was last interrupted."""
    notes: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])
    """What happened on the way: interruptions, forks, lessons, refusals."""
    prior: list[tuple[str, str, int]] = field(default_factory=list[tuple[str, str, int]])
    """What a campaign was given to begin with: its source, what it is, and where it stands."""

    @classmethod
    def of(cls, trace: Trace) -> Self:
        """Read a record.

        Raises:
            BrokenLine: a line is not an event.
        """
        start = chain.start((trace.folder / "run.json").read_bytes())
        docket = Docket(goals=goals_of(mapping(trace.run.get("scenario"))))
        record = cls(trace, docket, head=start.hex())
        survey = Survey(trace)
        for event in trace.events():
            record.head, record.events = event.digest, record.events + 1
            record.ended = event.at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
            record.began = record.began or record.ended
            if event.kind in SURVEYED:
                survey.look(event)
            if event.kind in FOLDED or (event.kind == "step.ended" and record.docket.goals):
                record._fold(event)
            elif event.kind in _ON_THE_WAY:
                record._note(event)
        record.cases = survey.cases()
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
                if fact.strengths:
                    self.ranking = (event.seq, fact)
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
                self.status, self.interrupted = status, reason
                self.notes.append((event.seq, f"{status}: {reason}"))
            case RunResumed(reason=reason):
                self.status = "running"
                self.notes.append((event.seq, f"resumed: {reason}" if reason else "resumed"))
            case Forked() as fork:
                said = f"branched off the run {fork.parent} at event {fork.at}"
                self.notes.append((event.seq, said))
            case LessonUsed() as used:
                place = ", ".join(f"#{at}" for at in used.events)
                said = f"a lesson of the run {used.run}"
                said += f" (there {place}; its head {used.head[:16]}…)" if used.head else ""
                self.notes.append((event.seq, f"{said}, which is no evidence: {used.lesson}"))
            case DataKnown() as given:
                said = (
                    f"{given.cases} cases of {given.file} (SHA-256 {given.sha256[:16]}) were known to "
                    "the search; they were not measured in this run, and are no evidence in it"
                )
                if given.passed_over:
                    said += f"; {given.passed_over} rows are none of its cases"
                self.prior.append((given.source, said, event.seq))
                self.notes.append((event.seq, f"given by {given.source}: {said}"))
            case CaseSuggested() as given:
                said = f"suggests {given.case}: measured first, believed only then"
                self.prior.append((given.source, said, event.seq))
                self.notes.append((event.seq, f"{given.source} {said}"))
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
        return self.cases.label(case)

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
