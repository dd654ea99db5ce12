"""What a tool gives back when it has no value to give; never evidence by itself."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict


class FailureKind(StrEnum):
    """The ways a call can end without a value, each a different fact."""

    EMPTY = "empty"
    """The source answered and holds nothing for this question."""
    UNAVAILABLE = "unavailable"
    """A library, file, service or platform that the tool needs is not there."""
    BAD_ARGUMENTS = "bad_arguments"
    """The arguments do not fit the tool's schema, or cannot be parsed."""
    WRONG_SHAPE = "wrong_shape"
    """The tool returned something else than it declares."""
    OUT_OF_DOMAIN = "out_of_domain"
    """The question is well-formed but outside what the method is valid for."""
    IMPOSSIBLE = "impossible"
    """The value is not finite or breaks the physical bounds the tool declares."""
    REFUSED = "refused"
    """The run's policy, or a screen of whoever operates it, does not allow it."""
    RETRY = "retry"
    """The tool asks for other arguments, and says why."""
    CHANGED = "changed"
    """The tool is not the one that was agreed on any more; the run stops."""
    TIMED_OUT = "timed_out"
    """The wall or processor time limit was reached and the worker was killed."""
    OUT_OF_MEMORY = "out_of_memory"
    """The memory limit was reached."""
    TOO_LARGE = "too_large"
    """The result is larger than a result may be."""
    CRASHED = "crashed"
    """The worker died or the tool raised an exception that its author did not foresee."""


class Failure(BaseModel):
    """A typed failure: what went wrong, and in the tool's own words why."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: FailureKind
    reason: str
    """One line for a person."""
    detail: str = ""
    """A traceback or the end of the worker's standard error, for the tool's author."""
