"""What a librarian is given, and what it hands in."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from gaseol.tools import extraction
from gaseol.tools.extraction import Sought
from gaseol.traces.nouns.label import PUBLIC, Label


@dataclass(frozen=True)
class Errand:
    """What is looked for in what others have written, and where."""

    question: str
    sought: Mapping[str, Sought]
    sources: tuple[str, ...]
    """As `openalex`, `corpus:default`: those that the scenario asks."""
    most: int
    """Texts that are read, at most."""


@dataclass(frozen=True)
class Query:
    """A search that is wanted."""

    source: str
    text: str
    by: str = ""


@dataclass(frozen=True)
class Text:
    """A text that a search found."""

    cite: str
    title: str
    text: str
    label: Label = PUBLIC
    """Of the answer that it stands in."""


@dataclass(frozen=True)
class Screening:
    """Which texts are read."""

    kept: tuple[str, ...]
    """Citations, the most telling first."""
    passed_over: Mapping[str, str] = field(default_factory=dict[str, str])
    """Citation to reason."""
    by: str = ""


@dataclass(frozen=True)
class Read:
    """What one reader says of one text, before anybody has held it against the text."""

    cite: str
    said: tuple[extraction.Read, ...]
    by: str
    failure: str = ""
    """Why the text could not be read; empty where it was."""
    spent: bool = False
    """Whether a limit forbade it."""
