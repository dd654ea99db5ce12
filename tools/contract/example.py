"""An example: a call of a tool, and what is known to come of it."""

from typing import Any

from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass

from gaseol.traces.nouns.failure import FailureKind


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class Example:
    """A call that shows what a tool does; `gaseol check` makes it and compares."""

    arguments: dict[str, Any] = Field(default_factory=dict)
    """By name, as JSON-able values."""
    value: Any = None
    """What is known of the result: of an object, the fields that matter. None: any value will do."""
    tolerance: float = Field(default=0.0, ge=0, lt=1)
    """Largest relative difference of a number from the known one."""
    source: str = ""
    """Where the known value is from: a reference that a reader can look up."""
    failure: FailureKind | None = None
    """The kind of failure that must come of it, for a call that the tool turns away."""
