"""One line of a review: who said what, when, about which part of the record.

A review never touches the record: its lines stand in files of their own, chained to the
record's beginning and to each other.
"""

from typing import Any, Literal, Self

import orjson
from pydantic import Field, model_validator

from gaseol.traces.nouns.value import Value
from gaseol.traces.review.target import Target

Kind = Literal["note", "question", "reply", "resolve", "judgement", "signoff", "withdraw"]
Severity = Literal["info", "minor", "major", "blocking"]
Opinion = Literal["agree", "disagree", "unsure"]
Meaning = Literal["reviewed", "approved", "rejected", "witnessed"]

LONGEST_TEXT = 100_000
"""Characters; what is longer belongs into a file beside the review."""

ABOUT = ("reply", "resolve", "withdraw")
"""The kinds that speak of an entry; the others point at the record."""

_DIGEST = r"^[0-9a-f]{64}$"


class Draft(Value):
    """What a reviewer wants to say, not yet in the review."""

    kind: Kind
    target: Target | None = None
    severity: Severity | None = None
    """Of a note or a question; `info` where none is given."""
    text: str = Field(default="", max_length=LONGEST_TEXT)
    about: str | None = Field(default=None, pattern=_DIGEST)
    """Digest of the entry that is answered, resolved or withdrawn."""
    judgement: Opinion | None = None
    meaning: Meaning | None = None

    @model_validator(mode="after")
    def _complete(self) -> Self:
        for lacking in _flaws(self):
            raise ValueError(lacking)
        return self


class Drafts(Value):
    """What a reviewer wrote in an exported page: of which run, by whom, when."""

    format: Literal["gaseol.drafts/1"] = "gaseol.drafts/1"
    run: str = Field(max_length=4_000)
    """The run's id, as its `run.json` has it."""
    head: str = Field(pattern=_DIGEST)
    """The digest of the last event that the page held."""
    by: str = Field(default="", max_length=200)
    """Who wrote them, where it was said."""
    saved: str = Field(default="", max_length=40)
    """When, by the reviewer's clock."""
    drafts: tuple[Draft, ...]


class Entry(Value):
    """A line of a reviewer's file, read back."""

    seq: int = Field(ge=0)
    prev: str = Field(pattern=_DIGEST)
    """r(n-1), in hexadecimal."""
    at: str = Field(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$")
    """UTC; never earlier than the entry before."""
    by: str = Field(min_length=1, max_length=200)
    kind: Kind
    target: Target | None
    severity: Severity | None
    text: str = Field(max_length=LONGEST_TEXT)
    about: str | None = Field(pattern=_DIGEST)
    judgement: Opinion | None
    meaning: Meaning | None
    envelope: dict[str, Any] | None
    """Of a signed sign-off: the DSSE envelope over the other members."""
    digest: str = Field(pattern=_DIGEST)
    """r(n), computed from the stored bytes; not part of the line."""

    @model_validator(mode="after")
    def _complete(self) -> Self:
        for lacking in _flaws(self):
            raise ValueError(lacking)
        if self.envelope is not None and self.kind != "signoff":
            raise ValueError("only a sign-off is signed")
        return self

    @property
    def reviewer(self) -> str:
        """Who wrote it."""
        return self.by

    def members(self) -> dict[str, Any]:
        """Return what the line says, as JSON values."""
        return self.model_dump(mode="json", exclude={"digest"})

    def to_json(self) -> dict[str, Any]:
        """Return the members and the digest."""
        return self.model_dump(mode="json")


def _flaws(said: Draft | Entry) -> list[str]:
    """Return what a kind must say and does not, or says and must not."""
    kind, found = said.kind, list[str]()
    if (said.target is None) != (kind in ABOUT):
        wanted = "nothing of the record" if kind in ABOUT else "a part of the record"
        found.append(f"a {kind} points at {wanted}")
    if (said.about is None) == (kind in ABOUT):
        found.append(
            f"a {kind} names the entry it is about by its digest"
            if kind in ABOUT
            else f"a {kind} is about no entry; a reply is"
        )
    if said.severity is not None and kind not in ("note", "question"):
        found.append(f"a {kind} has no severity")
    if (said.judgement is None) == (kind == "judgement"):
        found.append("a judgement, and nothing else, agrees, disagrees or is unsure")
    if (said.meaning is None) == (kind == "signoff"):
        found.append("a sign-off, and nothing else, has a meaning")
    if kind in ("note", "question", "reply") and not said.text.strip():
        found.append(f"a {kind} says something")
    if said.target is not None and said.target.noun not in _TARGETS.get(kind, (said.target.noun,)):
        found.append(f"a {kind} is on {' or '.join(_TARGETS[kind])}, not on {said.target.noun}")
    return found


_TARGETS = {"judgement": ("claim", "hypothesis"), "signoff": ("record",)}


def to_line(members: dict[str, Any]) -> bytes:
    """Return the bytes of a line, without its line feed."""
    return orjson.dumps(members)
