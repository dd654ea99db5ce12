"""The one door to the world, handed down to agents and tools by the runner.

Nothing else may call a model, run a tool, open a connection or ask a person: what passes
here is on the record before it happens.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from gaseol.traces.nouns.failure import Failure
from gaseol.traces.nouns.label import PUBLIC, Label
from gaseol.traces.record.event import EffectKind, Fact

BENCH = "bench"
"""What a person is asked for who is to measure something."""
APPROVAL = "approval"
"""What a person is asked for who is to allow something."""


@dataclass(frozen=True, slots=True)
class Request:
    """An effect that is wanted."""

    effect: EffectKind
    name: str
    arguments: Mapping[str, Any]
    role: str = ""
    label: Label | None = None
    """Of what the arguments were made of, the question's own always included; where nothing is
    said, of everything that the run was answered so far."""


@dataclass(frozen=True, slots=True)
class Response:
    """What came of it: a value or a typed failure, and where the request is on the record."""

    request: int
    value: Any = None
    failure: Failure | None = None
    fingerprint: str = ""
    """SHA-256 of what was asked: kind, name, version and arguments."""
    label: Label = PUBLIC
    """Of the value: to be joined into the label of whatever is asked next because of it."""
    spent: bool = False
    """Whether nothing was asked, for a budget had no room for it."""


class Effects(Protocol):
    """What agents and nodes are given instead of the world."""

    def perform(self, requests: Sequence[Request], cause: int | None = None) -> list[Response]:
        """Record the requests, carry them out (in parallel where possible), record the answers.

        Answers come in the order of the requests. A request whose answer this run already
        has is not carried out again.
        """
        ...

    def gather(self, requests: Sequence[Request], *, need: bool = False) -> list[Response | None]:
        """Record requests to people, and return the answers that there are; None where one is awaited.

        A request that was recorded before and is still awaited is not asked again.

        Args:
            requests: to people.
            need: wait, by pausing the run, where none of them has an answer.
        """
        ...

    def record(self, fact: Fact, cause: int | None = None) -> int:
        """Put a fact on the record and return its position."""
        ...

    def spent(self) -> Mapping[str, float]:
        """Put what has been spent so far on the record and return it; clocks are read here only."""
        ...
