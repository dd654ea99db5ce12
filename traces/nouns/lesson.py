"""What an earlier run teaches a new one: where to look later, what not to call; never evidence."""

from typing import Literal

from pydantic import Field

from gaseol.traces.nouns.hypothesis import Relation
from gaseol.traces.nouns.value import Value


class Lesson(Value):
    """Something that stands on the record of an earlier run, and can be looked up there."""

    kind: Literal["refuted", "tool", "cost"]
    """A hypothesis that was refuted, a tool that failed whenever it was called, what the run cost."""
    run: str
    """The earlier run's id."""
    head: str
    """Digest of its last event: which record is meant, to the last byte."""
    events: tuple[int, ...] = Field(min_length=1)
    """Where it stands there."""
    said: str
    """In words."""
    relation: Relation | None = None
    """Of a hypothesis that was refuted."""
    tool: str = ""
    digest: str = ""
    """Of the tool, as it was then: of another version nothing is known."""
