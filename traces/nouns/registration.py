"""What is promised before measuring: prediction, criterion, draws; sealed by its digest."""

import hashlib
from collections.abc import Mapping
from typing import Annotated, Literal

import orjson
from pydantic import Field

from gaseol.traces.evidence.process import Process
from gaseol.traces.nouns.value import Value
from gaseol.traces.record.blob import Blob

FIRST_RULE = "gaseol.judge/1"
"""The judging rule of a registration that names none."""
RULE = "gaseol.judge/2"
"""The judging rule of new registrations."""
RULES = (FIRST_RULE, RULE)
"""All judging rules there were: what was registered under one is judged by it."""


class Prediction(Value):
    """What will be seen where, if the hypothesis holds."""

    outcome: str
    unit: str
    sign: Literal[-1, 0, 1] = 0
    """For pairs: the sign of outcome(first) - outcome(second). 0 for laws."""
    table: Blob | None = None
    """For laws: a JSON object from design to the law's term there, free constant left out."""
    link: Literal["log", "identity"] = "identity"
    """The scale of the tables: ln of the outcome, or the outcome."""
    others: Blob | None = None
    """Rivals that are no hypotheses (mixtures, an amorphous halo): name to design to term."""
    drawing: Blob | None = None
    """What the hypothesis speaks of, as its tool drew it."""
    regressors: Blob | None = None
    """For laws with a flexible rival: its regressors, variable to design to number."""
    words: str = ""


class Frame(Value):
    """What the null speaks of, and the order in which it will be drawn.

    Draws are fixed at registration: nobody, neither a scientist nor a program, can choose
    them by what they turn out to be.
    """

    population: str
    """The cases, in words."""
    kind: Literal["pairs", "designs"]
    cases: int
    size: int
    """Pairs (or designs) in the frame."""
    matching: str = ""
    draw_rule: Literal["disjoint", "without_replacement", "replacement", "informative"]
    draws: Blob
    """A JSON array: the sealed order of draws, each a list of one or two cases; for informative
    designs all that are allowed."""
    planned: int
    """Draws that the sealed order holds."""
    seed: int
    pilot: int = 0
    """Cases that left the frame before anything in it was measured."""


class Criterion(Value):
    """When the hypothesis will be called supported, refuted or invalid."""

    rule: str = FIRST_RULE
    process: Process
    alpha: Annotated[float, Field(gt=0, lt=1)]
    hypotheses: int = Field(ge=1)
    """The maximum number m of hypotheses of this run, fixed at its start."""
    tie: float = Field(default=0.0, ge=0)
    """Differences up to this are ties: a miss in the evidence for, a hit in that against."""
    draws: int = Field(ge=1)
    """Stop after this many draws."""
    failure_rate: float = Field(default=0.2, ge=0, le=1)
    """Above this share of failed draws the verdict is invalid."""
    basis: Literal["design-based", "model-based"]
    rivals: tuple[str, ...] = ()
    """For laws: the hypotheses that it is weighed against, all registered before measuring."""


class Registration(Value):
    """A hypothesis with its prediction and criterion, before the first measurement for it."""

    id: str
    hypothesis: str
    prediction: Prediction
    criterion: Criterion
    frame: Frame
    digest: str
    """SHA-256 over the other fields; what a paper would cite."""


def digest(hypothesis: object, prediction: Prediction, criterion: Criterion, frame: Frame) -> str:
    """Return the digest that seals a registration together with what it registers."""
    return _digest(
        hypothesis,
        prediction.model_dump(mode="json"),
        criterion.model_dump(mode="json"),
        frame.model_dump(mode="json"),
    )


def stored_digest(hypothesis: object, registration: Mapping[str, object]) -> str:
    """Return the digest of a registration as the record holds it.

    Over the stored values, not over a model made from them: a field that a later version adds
    would change the digest of every registration made before.
    """
    return _digest(hypothesis, *(registration[k] for k in ("prediction", "criterion", "frame")))


def _digest(*parts: object) -> str:
    return hashlib.sha256(orjson.dumps(parts, option=orjson.OPT_SORT_KEYS)).hexdigest()
