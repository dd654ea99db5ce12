"""A call of a tool, and its answer."""

from typing import Any

from pydantic import BaseModel, ConfigDict

from gaseol.traces.nouns.failure import Failure

RESULT_MB = 16
"""The largest result, as JSON, in MiB."""


class Call(BaseModel):
    """A tool by name, and the arguments to give it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    tool: str
    arguments: dict[str, Any] = {}


class Answer(BaseModel):
    """What came of a call: a value, or a typed failure, and what it cost."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    value: Any = None
    """The result as JSON-able values; None beside a failure."""
    failure: Failure | None = None
    seconds: float
    """Wall time."""
    cpu_seconds: float
    """Processor time of the tool and the processes that it waited for."""
    isolation: str
    """`"network namespace"`, `"landlock"` or `"weak"`: what kept the tool from the network."""
    usage: dict[str, float] = {}
    """What was used without an answer, at most: tokens and money of a model's broken tries."""
