"""The forms that models fill in. They are loose where the schema that is sent is narrow.

A name that is not there, a wrong unit or an unknown label still fits the form, so that the idea
can be turned away with a reason of its own, instead of losing the whole answer.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Name = Annotated[str, Field(max_length=80)]
Words = Annotated[str, Field(max_length=240)]


class _Form(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Quantity(_Form):
    """A number with its unit."""

    value: float
    unit: Annotated[str, Field(max_length=24)]


class Bound(_Form):
    """A side of a number."""

    variable: Name
    side: Literal["at_least", "at_most"]
    limit: Quantity


class Labelled(_Form):
    """A label."""

    labelled: Name
    label: Name


class TrendIdea(_Form):
    """More of a variable raises or lowers the outcome."""

    kind: Literal["trend"]
    variable: Name
    direction: Literal["raises", "lowers"]
    difference: Quantity | None
    at_equal: Annotated[list[Name], Field(max_length=3)]
    where: Annotated[list[Bound], Field(max_length=1)]
    why: Words


class GroupIdea(_Form):
    """The cases of a group have a higher or lower outcome than the rest."""

    kind: Literal["group"]
    inside: Annotated[list[Bound], Field(min_length=1, max_length=2)]
    direction: Literal["raises", "lowers"]
    at_equal: Annotated[list[Name], Field(max_length=3)]
    why: Words


class LabelIdea(_Form):
    """The cases of a label have a higher or lower outcome than the rest."""

    kind: Literal["label"]
    inside: Labelled
    direction: Literal["raises", "lowers"]
    at_equal: Annotated[list[Name], Field(max_length=3)]
    why: Words


class ChangeIdea(_Form):
    """A structural change raises or lowers the outcome."""

    kind: Literal["change"]
    change: Name
    direction: Literal["raises", "lowers"]
    why: Words


class Power(_Form):
    """A variable of a law, with its exponent (or its slope, in a sum)."""

    quantity: Name
    exponent: float


class Shape(_Form):
    """A factor of a law that is no power: of one variable, or for a sum or difference of two."""

    form: Literal["sum", "difference", "sin", "cos", "exp"]
    inputs: Annotated[list[Name], Field(min_length=1, max_length=2)]
    exponent: float
    """Of each input in a sum or difference; what the input is multiplied by in the others."""


class LawIdea(_Form):
    """The outcome is a constant times powers of variables (or a sum with slopes)."""

    kind: Literal["law"]
    factors: Annotated[list[Power], Field(min_length=1, max_length=4)]
    shape: Shape | None = None
    why: Words


Idea = TrendIdea | GroupIdea | LabelIdea | ChangeIdea | LawIdea


class Ideas(_Form):
    """What a theorist answers."""

    ideas: Annotated[
        list[Annotated[Idea, Field(discriminator="kind")]], Field(min_length=1, max_length=6)
    ]


class Ranking(_Form):
    """What a sceptic answers."""

    order: Annotated[list[Name], Field(min_length=1, max_length=24)]


class Better(_Form):
    """What a referee answers of two hypotheses."""

    better: Literal["first", "second", "neither"]
    because: Literal["plausible", "risky", "informative", "simple", "new"]


class Lessons(_Form):
    """What a reviewer answers of a tournament."""

    focus: Annotated[list[Name], Field(max_length=3)]
    avoid: Annotated[list[Name], Field(max_length=3)]


class Preference(_Form):
    """What a designer answers."""

    choose: Annotated[list[Name], Field(min_length=1, max_length=8)]


class Remedy(_Form):
    """What an experimentalist answers after a failure."""

    remedy: Name
    """Its number, or `none`."""


class Candidates(_Form):
    """What a theorist suggests to a campaign."""

    cases: Annotated[list[Name], Field(max_length=8)]
    """Ids of what is offered."""
    written: Annotated[list[Annotated[str, Field(max_length=400)]], Field(max_length=8)]
    """Others, where the space is open."""


class Sighting(_Form):
    """What an observer reads off a picture."""

    readable: Literal["yes", "no"]
    quantity: Quantity


class Counsel(_Form):
    """What an interpreter answers."""

    next: Literal["experiment", "hypothesis", "stop"]


class Entry(_Form):
    """One finding of the report."""

    hypothesis: Name
    figures: Annotated[list[Literal["count", "mean", "minimum", "maximum"]], Field(max_length=3)]


class Outline(_Form):
    """What a writer answers."""

    findings: Annotated[list[Entry], Field(min_length=1, max_length=24)]


class Finding(_Form):
    """One thing that a text says."""

    field: Name
    quote: Annotated[str, Field(max_length=400)]
    number: float | None
    unit: Annotated[str, Field(max_length=40)]
    about: Annotated[str, Field(max_length=120)]
    direction: Literal["raises", "lowers", "neither", "unsaid"]


class Findings(_Form):
    """What a librarian answers of one text; an empty list where it says nothing."""

    findings: Annotated[list[Finding], Field(max_length=8)]


class Lookup(_Form):
    """One search."""

    source: Name
    words: Annotated[str, Field(max_length=120)]


class Catalogue(_Form):
    """What a librarian answers when something is missing."""

    queries: Annotated[list[Lookup], Field(max_length=4)]


class Selection(_Form):
    """What a librarian answers to a list of titles."""

    read: Annotated[list[Name], Field(max_length=200)]


class Sentence(_Form):
    """A sentence with the works that it rests on."""

    sentence: Annotated[str, Field(max_length=400)]
    cites: Annotated[list[Name], Field(min_length=1, max_length=12)]


class Synthesis(_Form):
    """What a librarian answers to the excerpts."""

    points: Annotated[list[Sentence], Field(min_length=1, max_length=12)]


class Ready(_Form):
    """What a model answers when a run begins."""

    ready: Literal["yes", "no"]
