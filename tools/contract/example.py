"""An example: a call of a tool, and what is known to come of it."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass

from gaseol.traces.nouns.failure import FailureKind


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class Example:
    """A call that shows what a tool does; `gaseol check` makes it and compares."""

    arguments: dict[str, Any] = Field(default_factory=dict)
    """By name, as JSON-able values."""
    files: dict[str, str] = Field(default_factory=dict)
    """Text of files by their names; an argument that is such a name is the path of that file."""
    value: Any = None
    """What is known of the result: of an object, the fields that matter. None: any value will do."""
    tolerance: float = Field(default=0.0, ge=0, lt=1)
    """Largest relative difference of a number from the known one."""
    source: str = ""
    """Where the known value is from: a reference that a reader can look up."""
    failure: FailureKind | None = None
    """The kind of failure that must come of it, for a call that the tool turns away."""

    def laid_in(self, folder: Path) -> "Example":
        """Write its files, and return the example with their paths for its arguments.

        Args:
            folder: where they are written.
        """
        if not self.files:
            return self
        for name, text in self.files.items():
            (folder / name).write_text(text, encoding="utf-8")
        arguments = {
            name: str(folder / value) if isinstance(value, str) and value in self.files else value
            for name, value in self.arguments.items()
        }
        return replace(self, arguments=arguments)
