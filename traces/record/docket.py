"""The record folded into what is known: every noun by its id, with its position."""

from dataclasses import dataclass, field
from typing import Any, Self

from gaseol.traces.nouns.claim import Audit, Claim
from gaseol.traces.nouns.experiment import Experiment
from gaseol.traces.nouns.goal import Goal, goals_of
from gaseol.traces.nouns.hypothesis import Hypothesis
from gaseol.traces.nouns.literature import Excerpt, Point, Work
from gaseol.traces.nouns.measurement import Measurement
from gaseol.traces.nouns.ranking import Pairing, Strength
from gaseol.traces.nouns.registration import Registration
from gaseol.traces.nouns.verdict import Crossing, Evidence, Verdict
from gaseol.traces.record.event import (
    Audited,
    Claimed,
    Crossed,
    ExperimentDesigned,
    Fact,
    HypothesisProposed,
    HypothesisRanked,
    HypothesisTurnedAway,
    Judged,
    LiteratureExtracted,
    LiteratureFound,
    LiteratureScreened,
    LiteratureSynthesised,
    Measured,
    Registered,
    RunEnded,
    RunStarted,
    StepEnded,
    Weighed,
)
from gaseol.traces.record.trace import Trace

Reading = tuple[str, int, str]
"""Case, reading, purpose."""

BESIDE = "beside"
"""The purpose of a measurement of another quantity than the question's: of a campaign's outcomes."""


@dataclass
class Docket:
    """Everything a judge, a scientist or a report needs to know of a run."""

    started: RunStarted | None = None
    ended: RunEnded | None = None
    hypotheses: dict[str, Hypothesis] = field(default_factory=dict)
    turned_away: dict[str, str] = field(default_factory=dict)
    order: tuple[str, ...] = ()
    priors: dict[str, float] = field(default_factory=dict)
    strengths: tuple[Strength, ...] = ()
    """Of a tournament: the last ranking."""
    pairings: tuple[Pairing, ...] = ()
    registrations: dict[str, Registration] = field(default_factory=dict)
    """By hypothesis."""
    experiments: dict[str, Experiment] = field(default_factory=dict)
    trials: dict[str, list[str]] = field(default_factory=dict)
    """Experiments of each hypothesis, in the order designed."""
    measurements: dict[int, Measurement] = field(default_factory=dict)
    """By position."""
    readings: dict[Reading, int] = field(default_factory=dict)
    """The position of the measurement of a case; the first one counts."""
    beside: dict[Reading, int] = field(default_factory=dict)
    """Of the other quantities of a campaign, by case, reading and quantity."""
    evidence: dict[str, list[Evidence]] = field(default_factory=dict)
    crossings: dict[str, Crossing] = field(default_factory=dict)
    verdicts: dict[str, Verdict] = field(default_factory=dict)
    claims: dict[str, Claim] = field(default_factory=dict)
    audits: dict[str, Audit] = field(default_factory=dict)
    goals: tuple[Goal, ...] = ()
    """Of a campaign: what is wanted of each quantity, the question's own first."""
    learnt: dict[str, Any] = field(default_factory=dict)
    """Of a campaign: what its last step `learn` changed: the front, what comes next, its gain."""
    searches: list[LiteratureFound] = field(default_factory=list)
    works: dict[str, Work] = field(default_factory=dict)
    """What searches found, by citation; where two found the same, the first."""
    screened: dict[str, str] = field(default_factory=dict)
    """Works that were looked at, by citation, and why one is not read; empty where it is."""
    read: list[str] = field(default_factory=list)
    """Citations of the works read."""
    excerpts: dict[str, Excerpt] = field(default_factory=dict)
    points: tuple[Point, ...] = ()
    missing: tuple[str, ...] = ()
    """What was sought in the literature and not found."""
    positions: dict[str, int] = field(default_factory=dict)
    """Of registrations, experiments, verdicts and claims: `registration:h1`, `verdict:h1`, ..."""

    def add(self, seq: int, fact: Fact) -> None:
        """Fold one more event in."""
        match fact:
            case RunStarted():
                self.started = fact
            case RunEnded():
                self.ended = fact
            case HypothesisProposed(hypothesis=h):
                self.hypotheses[h.id] = h
                self.positions[f"hypothesis:{h.id}"] = seq
            case HypothesisTurnedAway():
                self.turned_away[fact.hypothesis] = fact.reason
            case HypothesisRanked():
                self.order = fact.order
                self.strengths, self.pairings = fact.strengths, fact.pairings
                self.priors |= dict(zip(fact.order, fact.priors, strict=True))
            case Registered(registration=r):
                self.registrations[r.hypothesis] = r
                self.positions[f"registration:{r.hypothesis}"] = seq
            case ExperimentDesigned(experiment=x):
                self.experiments[x.id] = x
                self.positions[f"experiment:{x.id}"] = seq
                for hypothesis in x.hypotheses:
                    self.trials.setdefault(hypothesis, []).append(x.id)
            case Measured(measurement=m):
                self.measured(seq, m)
            case Weighed(evidence=e):
                self.evidence.setdefault(e.hypothesis, []).append(e)
            case Crossed(crossing=c):
                self.crossings[c.hypothesis] = c
                self.positions[f"crossing:{c.hypothesis}"] = seq
            case Judged(verdict=v):
                self.verdicts[v.hypothesis] = v
                self.positions[f"verdict:{v.hypothesis}"] = seq
            case Claimed(claim=c):
                self.claims[c.id] = c
                self.positions[f"claim:{c.id}"] = seq
            case Audited(audit=a):
                self.audits[a.claim] = a
            case StepEnded(step="learn", change=change):
                self.learnt = change
                self.positions["learn"] = seq
            case LiteratureFound():
                self.searches.append(fact)
                for work in fact.works:
                    self.works.setdefault(work.cite, work)
            case LiteratureScreened():
                self.screened |= {**dict.fromkeys(fact.kept, ""), **fact.passed_over}
            case LiteratureExtracted():
                if fact.cite not in self.read:
                    self.read.append(fact.cite)
                for excerpt in fact.excerpts:
                    self.excerpts[excerpt.id] = excerpt
                    self.positions[f"excerpt:{excerpt.id}"] = seq
            case LiteratureSynthesised():
                self.points, self.missing = fact.points, fact.missing
                self.positions["synthesis"] = seq
            case _:
                pass

    def measured(self, seq: int, measurement: Measurement) -> None:
        """Fold one more measurement in."""
        self.measurements[seq] = measurement
        if measurement.purpose == BESIDE:
            other = (measurement.case, measurement.reading, measurement.quantity)
            self.beside.setdefault(other, seq)
            return
        reading = (measurement.case, measurement.reading, measurement.purpose)
        self.readings.setdefault(reading, seq)

    @classmethod
    def of(cls, trace: Trace) -> Self:
        """Fold a whole record."""
        docket = cls(goals=goals_of(trace.run.get("scenario") or {}))
        steps = ("step.ended",) if docket.goals else ()
        for event in trace.events(*FOLDED, *steps):
            fact = event.fact
            if fact is not None:
                docket.add(event.seq, fact)
        return docket


FOLDED = (
    "run.started", "run.ended", "hypothesis.proposed", "hypothesis.turned_away",
    "hypothesis.ranked", "registration", "experiment.designed", "measurement", "evidence",
    "crossing", "verdict", "claim", "audit", "literature.found", "literature.screened",
    "literature.extracted", "literature.synthesised",
)  # fmt: skip
"""The kinds that carry nouns; the others say how the run went."""
