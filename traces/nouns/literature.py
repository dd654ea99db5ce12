"""What others have written, as a run found it: works, excerpts of them, points that cite them.

None of it is evidence. Texts of others are of low integrity: whoever wrote them may have meant to be
obeyed. An excerpt therefore holds nothing that does not stand, word for word, in its passage.
"""

from typing import Annotated, Literal

from pydantic import Field

from gaseol.traces.nouns.value import Value

Kind = Literal["quantity", "relation", "statement"]
Direction = Literal["raises", "lowers", "neither"]


class Work(Value):
    """A paper, patent, data set or document, or a passage of one."""

    cite: str
    """As a text cites it: a DOI, `arXiv:ID`, `PMID:N`, `corpus:0123456789ab#3`, an address."""
    title: str = ""
    authors: str = ""
    year: int | None = None
    venue: str = ""
    url: str = ""
    request: int
    """Position of the request whose answer holds it."""


class Excerpt(Value):
    """One thing that a passage says: a span of it, and what was read out of that span."""

    id: str
    field: str
    """Which of the things sought it answers."""
    kind: Kind
    cite: str
    quote: str
    """Stands in the passage as it is here, but for white space."""
    value: float | None = None
    """In `unit`, of a quantity."""
    unit: str = ""
    """The unit that was asked for."""
    said: str = ""
    """The quantity as it stands in the quote: number and unit."""
    about: str = ""
    """Of whom or what, by a name that stands in the passage."""
    direction: Direction | None = None
    """Of a relation: what more of the one does to the other."""
    by: str = ""
    """Who read it: a tool's rules, or a model."""


class Point(Value):
    """A sentence of a synthesis, with the works that it rests on."""

    text: str
    cites: tuple[str, ...] = ()
    by: str = ""
    problems: Annotated[tuple[str, ...], Field(max_length=100)] = ()
    """What does not hold: a reference to nothing that was found, a number that none of its works
    says. Empty for a point that may be shown without a warning."""
