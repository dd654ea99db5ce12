"""The record folded into what is known: every noun by its id, with its position."""

from dataclasses import dataclass, field
from typing import Self

from gaseol.traces.nouns.claim import Audit, Claim
from gaseol.traces.nouns.experiment import Experiment
from gaseol.traces.nouns.hypothesis import Hypothesis
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
    Measured,
    Registered,
    RunEnded,
    RunStarted,
    Weighed,
)
from gaseol.traces.record.trace import Trace

Reading = tuple[str, int, str]
"""Case, reading, purpose."""


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
    evidence: dict[str, list[Evidence]] = field(default_factory=dict)
    crossings: dict[str, Crossing] = field(default_factory=dict)
    verdicts: dict[str, Verdict] = field(default_factory=dict)
    claims: dict[str, Claim] = field(default_factory=dict)
    audits: dict[str, Audit] = field(default_factory=dict)
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
            case _:
                pass

    def measured(self, seq: int, measurement: Measurement) -> None:
        """Fold one more measurement in."""
        self.measurements[seq] = measurement
        reading = (measurement.case, measurement.reading, measurement.purpose)
        self.readings.setdefault(reading, seq)

    @classmethod
    def of(cls, trace: Trace) -> Self:
        """Fold a whole record."""
        docket = cls()
        for event in trace.events(*FOLDED):
            fact = event.fact
            if fact is not None:
                docket.add(event.seq, fact)
        return docket


FOLDED = (
    "run.started", "run.ended", "hypothesis.proposed", "hypothesis.turned_away",
    "hypothesis.ranked", "registration", "experiment.designed", "measurement", "evidence",
    "crossing", "verdict", "claim", "audit",
)  # fmt: skip
"""The kinds that carry nouns; the others say how the run went."""
