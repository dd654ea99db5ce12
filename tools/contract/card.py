"""The card: a tool's description without its function."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from gaseol.tools.contract.example import Example
from gaseol.tools.contract.requirement import installed

Network = Literal["none"] | tuple[str, ...]
"""`"none"`, or the names of the hosts that a tool talks to."""


class ToolCard(BaseModel):
    """A tool's description without its function: what can be said of a tool without importing it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    summary: str
    """The first line of the docstring."""
    description: str
    """The docstring without its section on arguments."""
    module: str
    seconds: float
    """Typical wall seconds a call."""
    limit_seconds: float
    """Wall seconds after which a call is killed."""
    cpu_seconds: float
    """Processor seconds after which a call is killed."""
    memory_mb: int
    """Memory that one call may take beyond what the worker holds, in MiB."""
    network: Network
    deterministic: bool
    tolerance: float
    """Largest relative difference between two calls that still count as equal."""
    needs: tuple[str, ...]
    """Distributions or modules that must be installed."""
    tags: tuple[str, ...]
    examples: tuple[Example, ...] = ()
    """Calls that show what it does."""
    input_schema: dict[str, Any]
    """JSON Schema 2020-12 of the arguments."""
    output_schema: dict[str, Any]
    """JSON Schema 2020-12 of the result; `unit` stands beside the type of each number."""
    digest: str
    """The tool's version: sha256 of its pack's source, its name and the versions it needs."""
    idempotent: bool = False
    """A second call does no harm when nobody knows how the first one ended."""
    quotes: str = ""
    """Whose words its results hold, as `corpus`: they are of low integrity, and come from there."""
    consequential: bool = False
    """It does something that cannot be taken back: it takes no argument that a model or a stranger
    had a say in, unless the policy or a person allows it."""

    def missing(self) -> tuple[str, ...]:
        """Return those of `needs` that are not installed."""
        return tuple(need for need in self.needs if not installed(need))
