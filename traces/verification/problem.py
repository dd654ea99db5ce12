"""One thing that does not hold in a record, and where."""

from dataclasses import dataclass
from enum import StrEnum


class Flaw(StrEnum):
    """What kind of thing does not hold."""

    ALTERED = "altered"
    """Stored bytes are not those that were chained, sealed or named."""
    TRUNCATED = "truncated"
    """The end is missing."""
    REWRITTEN = "rewritten"
    """Consistent in itself, and not what was sealed or signed."""
    MISSING = "missing"
    """A payload is not there, and nobody says that it was withheld."""
    DISORDER = "disorder"
    """Events that cannot follow each other, or are not what their kind says."""
    CONTRADICTED = "contradicted"
    """A conclusion that does not follow from what is on record."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that does not hold, and where."""

    where: str
    what: str
    flaw: Flaw = Flaw.ALTERED

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"
