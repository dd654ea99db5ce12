"""The events of a record: a closed, versioned union.

The envelope of every event is `seq`, `prev`, `at`, `cause`, `kind`, `data`. A reader that
meets a kind it does not know still verifies its bytes.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Literal, Self, cast

import orjson
from pydantic import Field, model_validator

from gaseol.traces.nouns.claim import Audit, Claim
from gaseol.traces.nouns.experiment import Experiment
from gaseol.traces.nouns.failure import Failure
from gaseol.traces.nouns.hypothesis import Hypothesis
from gaseol.traces.nouns.label import Label
from gaseol.traces.nouns.literature import Excerpt, Point, Work
from gaseol.traces.nouns.measurement import Measurement
from gaseol.traces.nouns.ranking import Pairing, Strength
from gaseol.traces.nouns.registration import Registration
from gaseol.traces.nouns.value import Value
from gaseol.traces.nouns.verdict import Crossing, Evidence, Verdict
from gaseol.traces.record.blob import Blob

FORMAT = "gaseol.record/1"

Status = Literal["done", "budget", "paused", "interrupted", "failed"]
EffectKind = Literal["model", "tool", "egress", "person"]


def _nothing(value: Any) -> bool:
    """Tell whether a field that came later says nothing: records without it stay as they were."""
    return not value


class Fact(Value):
    """The data of an event; the class names its kind."""

    kind: ClassVar[str]


class RunStarted(Fact):
    """What is asked, by whom it is thought about, and the limits registered for the run."""

    kind = "run.started"
    scenario: str
    question: str
    scientist: str
    graph: str
    seed: int
    hypotheses: int
    """The maximum number m of hypotheses."""
    alpha: float
    budget: dict[str, float]
    notes: tuple[str, ...] = ()
    """What is missing or degraded on this machine."""
    scenario_sha256: str = ""
    """Of the scenario in `run.json`, as JSON with sorted keys and no white space."""
    code: str = ""
    """Digest of gaseol's own source that ran: what strict replay drives again."""
    files: dict[str, Blob] = Field(default_factory=dict)
    """The scenario's files that the run reads, by their names in its folder."""


class RunResumed(Fact):
    """A run went on after an interruption."""

    kind = "run.resumed"
    reason: str = ""
    """How its writer had left it, and what of the record was cut off."""
    code: str = ""
    """Digest of gaseol's own source that goes on."""


class RunInterrupted(Fact):
    """A run stopped before its end and can be resumed."""

    kind = "run.interrupted"
    reason: str
    status: Literal["interrupted", "paused"] = "interrupted"
    """`paused`: it waits for a person."""


class RunEnded(Fact):
    """How it ended, what it cost and how it agrees with the scenario's hidden answer."""

    kind = "run.ended"
    status: Status
    reason: str = ""
    cost: dict[str, float] = Field(default_factory=dict)
    score: dict[str, str] = Field(default_factory=dict)
    """Hypothesis to `agrees`, `disagrees` or `not decided`, opened after the last verdict."""
    answer_salt: str = ""
    """Opens the commitment to the hidden answer in `run.json` to whoever has that answer."""
    would: tuple[str, ...] = ()
    """Of a run that a limit ended: the experiments that it would have made next, the best first."""


class StepStarted(Fact):
    """A node of the graph begins."""

    kind = "step.started"
    step: str
    number: int


class StepEnded(Fact):
    """A node of the graph has ended; `change` is what it changed in the state."""

    kind = "step.ended"
    step: str
    number: int
    change: dict[str, Any]
    seconds: float


class EffectRequested(Fact):
    """On disk before the world is touched."""

    kind = "effect.requested"
    effect: EffectKind
    name: str
    arguments: dict[str, Any] = Field(default_factory=dict)
    blob: Blob | None = None
    """Where the arguments are when they are large."""
    key: str
    """SHA-256 of kind, name, version and arguments."""
    version: str = ""
    idempotent: bool = True
    role: str = ""
    label: Label | None = Field(default=None, exclude_if=lambda label: label is None)
    """Of what the arguments were made of, where it is more than the question's own."""
    media: dict[str, Blob] = Field(default_factory=dict, exclude_if=_nothing)
    """Pictures that a model is shown; `media:` and the name stand in the arguments."""


class EffectCompleted(Fact):
    """The world answered."""

    kind = "effect.completed"
    request: int
    value: Any = None
    blob: Blob | None = None
    """Where the value is when it is large."""
    media: dict[str, Blob] = Field(default_factory=dict)
    """Drawings among the value's fields, taken out and kept as blobs of their own."""
    attachments: dict[str, Blob] = Field(default_factory=dict)
    """Files that a person handed in with the answer, by name."""
    seconds: float
    cpu_seconds: float = 0.0
    origin: Literal["live", "cache", "record"] = "live"
    isolation: str = ""
    label: Label | None = Field(default=None, exclude_if=lambda label: label is None)
    """Of the value, where it is more than the question's own."""


class EffectFailed(Fact):
    """The world answered with a typed failure."""

    kind = "effect.failed"
    request: int
    failure: Failure
    seconds: float
    cpu_seconds: float = 0.0
    isolation: str = ""
    label: Label | None = Field(default=None, exclude_if=lambda label: label is None)
    """Of what the failure says, where it is more than the question's own."""
    usage: dict[str, float] = Field(default_factory=dict, exclude_if=_nothing)
    """What was used all the same, at most: the tries of a model that gave no answer."""


class EffectAmbiguous(Fact):
    """Requested, and nobody knows whether it happened."""

    kind = "effect.ambiguous"
    request: int
    reason: str


class HypothesisProposed(Fact):
    """A hypothesis enters the pool."""

    kind = "hypothesis.proposed"
    hypothesis: Hypothesis


class HypothesisTurnedAway(Fact):
    """A hypothesis leaves the pool unregistered, and why."""

    kind = "hypothesis.turned_away"
    hypothesis: str
    reason: str


class HypothesisRanked(Fact):
    """The order in which the pool will be registered; a rank is never a verdict."""

    kind = "hypothesis.ranked"
    order: tuple[str, ...]
    priors: tuple[float, ...]
    strengths: tuple[Strength, ...] = Field(default=(), exclude_if=_nothing)
    """Of a tournament: where each stands; they follow from the pairings."""
    pairings: tuple[Pairing, ...] = Field(default=(), exclude_if=_nothing)
    """Of a tournament: who was judged against whom so far, and how it went."""

    @model_validator(mode="after")
    def _one_prior_each(self) -> Self:
        if len(self.order) != len(self.priors):
            raise ValueError(f"{len(self.order)} hypotheses with {len(self.priors)} priors")
        return self


class Registered(Fact):
    """A registration is sealed."""

    kind = "registration"
    registration: Registration


class ExperimentDesigned(Fact):
    """An experiment was chosen."""

    kind = "experiment.designed"
    experiment: Experiment


class Measured(Fact):
    """A measurement, or its typed failure."""

    kind = "measurement"
    measurement: Measurement


class Weighed(Fact):
    """Evidence after a draw."""

    kind = "evidence"
    evidence: Evidence


class Crossed(Fact):
    """A provisional crossing of the threshold."""

    kind = "crossing"
    crossing: Crossing


class Judged(Fact):
    """A verdict."""

    kind = "verdict"
    verdict: Verdict


class Claimed(Fact):
    """A claim."""

    kind = "claim"
    claim: Claim


class Audited(Fact):
    """The audit of a claim."""

    kind = "audit"
    audit: Audit


class BudgetSpent(Fact):
    """What has been spent so far."""

    kind = "budget.spent"
    spent: dict[str, float]


class PolicyDecided(Fact):
    """The policy allowed or refused something."""

    kind = "policy.decision"
    subject: str
    allowed: bool
    reason: str


class LessonUsed(Fact):
    """Something learnt in an earlier run was given to a scientist."""

    kind = "lesson.used"
    run: str
    lesson: str
    head: str = ""
    """Digest of the last event of that run."""
    events: tuple[int, ...] = ()
    """Where it stands on that run's record."""


class DataKnown(Fact):
    """A campaign's search was told what others had measured before; no evidence in this run."""

    kind = "data.known"
    source: str
    """Where the values are from, as the scenario says it."""
    file: str
    sha256: str
    """Of the file."""
    cases: int
    """How many cases of it are searched, and were told."""
    passed_over: int = 0
    """Rows of the file that are none of the cases."""


class CaseSuggested(Fact):
    """Somebody thinks a case good: it is measured first, and believed only then."""

    kind = "case.suggested"
    case: str
    source: str
    """Who, as the scenario says it."""


class LiteratureFound(Fact):
    """What a search of what others have written came to."""

    kind = "literature.found"
    source: str
    """The connector, or `corpus:NAME`."""
    query: str
    works: tuple[Work, ...] = ()
    licence: str = ""
    total: int | None = None
    """How many the source holds for the query, where it says so."""
    failure: Failure | None = None
    """Why there is nothing, or no more."""


class LiteratureScreened(Fact):
    """Which of the works found are read, and why the others are not."""

    kind = "literature.screened"
    kept: tuple[str, ...]
    """Citations."""
    passed_over: dict[str, str] = Field(default_factory=dict)
    """Citation to reason."""
    by: str = ""


class LiteratureExtracted(Fact):
    """What was read out of one work through the closed schema; nothing, as an answer, too."""

    kind = "literature.extracted"
    cite: str
    excerpts: tuple[Excerpt, ...] = ()
    turned_away: tuple[str, ...] = ()
    """What an extractor said that does not stand in the text, and why it is not believed."""
    by: str = ""


class LiteratureSynthesised(Fact):
    """What the works say together; no finding, and no evidence."""

    kind = "literature.synthesised"
    points: tuple[Point, ...]
    missing: tuple[str, ...] = ()
    """What was sought, and none of the works read says."""


class Forked(Fact):
    """This run branches off another."""

    kind = "run.forked"
    parent: str
    at: int
    head: str


KINDS: dict[str, type[Fact]] = {
    fact.kind: fact
    for fact in (
        RunStarted, RunResumed, RunInterrupted, RunEnded, StepStarted, StepEnded,
        EffectRequested, EffectCompleted, EffectFailed, EffectAmbiguous,
        HypothesisProposed, HypothesisTurnedAway, HypothesisRanked, Registered,
        ExperimentDesigned, Measured, Weighed, Crossed, Judged, Claimed, Audited,
        BudgetSpent, PolicyDecided, LessonUsed, DataKnown, CaseSuggested, Forked, LiteratureFound,
        LiteratureScreened, LiteratureExtracted, LiteratureSynthesised,
    )
}  # fmt: skip


BLOBS: dict[str, tuple[tuple[str, ...], ...]] = {
    "run.started": (("files", "*"),),
    "effect.requested": (("blob",), ("media", "*")),
    "effect.completed": (("blob",), ("media", "*"), ("attachments", "*")),
    "registration": (
        ("registration", "frame", "draws"),
        ("registration", "prediction", "table"),
        ("registration", "prediction", "others"),
        ("registration", "prediction", "drawing"),
        ("registration", "prediction", "regressors"),
    ),
    "measurement": (("measurement", "drawing"),),
}
"""Where an event refers to a blob; nothing else in a record is such a reference."""


def references(kind: str, data: dict[str, Any]) -> Iterator[tuple[str, int]]:
    """Yield digest and size of the blobs that an event refers to."""
    for path in BLOBS.get(kind, ()):
        yield from _follow(data, path)


def _follow(value: Any, path: tuple[str, ...]) -> Iterator[tuple[str, int]]:
    for depth, key in enumerate(path):
        if not isinstance(value, dict):
            return
        inner = cast("dict[str, Any]", value)
        if key == "*":
            for each in inner.values():
                yield from _follow(each, path[depth + 1 :])
            return
        value = inner.get(key)
    if isinstance(value, dict) and "sha256" in value:
        blob = cast("dict[str, Any]", value)
        yield blob["sha256"], blob.get("bytes", 0)


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the record, read back."""

    seq: int
    at: datetime
    cause: int | None
    kind: str
    data: dict[str, Any]
    digest: str

    @classmethod
    def read(cls, line: bytes, digest: str) -> Self:
        """Read a stored line.

        Raises:
            ValueError: it is no event.
        """
        try:
            raw = orjson.loads(line)
            at = datetime.fromisoformat(raw["at"])
            return cls(raw["seq"], at, raw["cause"], raw["kind"], raw["data"], digest)
        except (KeyError, TypeError) as error:
            raise ValueError(f"an event has no {error}") from None

    @property
    def fact(self) -> Fact | None:
        """The typed data; None for a kind this version does not know."""
        shape = KINDS.get(self.kind)
        return shape.model_validate(self.data) if shape else None
