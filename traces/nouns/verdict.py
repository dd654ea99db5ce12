"""What the record says about a hypothesis."""

from enum import StrEnum

from gaseol.traces.nouns.value import Value


class Ruling(StrEnum):
    """The four ends of a hypothesis."""

    SUPPORTED = "supported"
    REFUTED = "refuted"
    UNDECIDED = "undecided"
    INVALID = "invalid"


class Evidence(Value):
    """The evidence on a hypothesis after one more draw."""

    hypothesis: str
    experiment: str
    draw: int
    """Draws counted so far, this one included."""
    outcome: float | None
    """1 hit, -1 miss, 0 tie for pairs; the transformed value for laws; None for a failure."""
    measurements: tuple[int, ...]
    log_e_for: float
    log_e_against: float
    left: float | None = None
    """For laws that must leave nothing but noise: ln of how much better a smooth function of the
    variables predicts what this one leaves. Above 0 the evidence for it cannot decide."""
    admissible: bool = True
    why_not: str = ""


class Crossing(Value):
    """The first time that evidence reached the threshold; freezes both processes."""

    hypothesis: str
    ruling: Ruling
    draw: int
    log_threshold: float


class Verdict(Value):
    """A pure function of the record: the registration, its measurements and the rule."""

    hypothesis: str
    ruling: Ruling
    log_e_for: float
    log_e_against: float
    draws: int
    failures: int
    basis: str
    rule: str
    reason: str
