"""What of a record a reviewer points at: an event, a claim, a hypothesis, a range, all of it.

```
ValueError
└── ReviewError
    ├── NoTarget
    └── BrokenReview    (notebook.py)
```
"""

import hashlib
from typing import Annotated, Any, ClassVar, Literal, Self, cast

import orjson
from pydantic import Discriminator, Field, Tag, model_validator

from gaseol.traces.nouns.value import Value
from gaseol.traces.record import chain
from gaseol.traces.record.trace import BrokenLine, Trace

_Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
_Position = Annotated[int, Field(ge=0)]
Noun = Literal["event", "claim", "hypothesis", "range", "record"]


class AtEvent(Value):
    """One event."""

    noun: ClassVar[Noun] = "event"
    event: _Position
    digest: _Digest | None = None
    """h of the event; None in a draft that leaves it to be looked up."""

    @property
    def bound(self) -> bool:
        """Whether it has the record's digest."""
        return self.digest is not None

    def __str__(self) -> str:
        return f"#event={self.event}"


class AtClaim(Value):
    """A claim, and the event that made it."""

    noun: ClassVar[Noun] = "claim"
    claim: str
    event: _Position | None = None
    digest: _Digest | None = None

    @property
    def bound(self) -> bool:
        """Whether it has the event and its digest."""
        return self.event is not None and self.digest is not None

    def __str__(self) -> str:
        return f"#claim={self.claim}"


class AtHypothesis(Value):
    """A hypothesis, and the event that proposed it."""

    noun: ClassVar[Noun] = "hypothesis"
    hypothesis: str
    event: _Position | None = None
    digest: _Digest | None = None

    @property
    def bound(self) -> bool:
        """Whether it has the event and its digest."""
        return self.event is not None and self.digest is not None

    def __str__(self) -> str:
        return f"#hypothesis={self.hypothesis}"


class AtRange(Value):
    """Events from the first to the last, both included."""

    noun: ClassVar[Noun] = "range"
    range: tuple[_Position, _Position]
    digests: tuple[_Digest, _Digest] | None = None

    @model_validator(mode="after")
    def _forward(self) -> Self:
        if self.range[0] > self.range[1]:
            raise ValueError(f"the range {self.range[0]}-{self.range[1]} runs backwards")
        return self

    @property
    def bound(self) -> bool:
        """Whether it has the record's digests."""
        return self.digests is not None

    def __str__(self) -> str:
        return f"#range={self.range[0]}-{self.range[1]}"


class AtRecord(Value):
    """The whole record, as it stood."""

    noun: ClassVar[Noun] = "record"
    record: _Digest | None = None
    """The digest h of the last event."""
    seal: _Digest | None = None
    """SHA-256 of `seal.json`; None where there is none."""

    @property
    def bound(self) -> bool:
        """Whether it has the head; a record may have been sealed only afterwards."""
        return self.record is not None

    def __str__(self) -> str:
        return "the record"


def _noun(value: Any) -> str:
    """Tell the targets apart: an event may stand beside a claim or hypothesis that names it."""
    nouns = ("claim", "hypothesis", "range", "record", "event")
    if isinstance(value, dict):
        return next((n for n in nouns if n in cast("dict[str, Any]", value)), "")
    return str(getattr(value, "noun", ""))


Target = Annotated[
    Annotated[AtEvent, Tag("event")]
    | Annotated[AtClaim, Tag("claim")]
    | Annotated[AtHypothesis, Tag("hypothesis")]
    | Annotated[AtRange, Tag("range")]
    | Annotated[AtRecord, Tag("record")],
    Discriminator(_noun),
]


class ReviewError(ValueError):
    """What a reviewer wants to say cannot be said so."""


class NoTarget(ReviewError):
    """The record does not hold what is pointed at, or holds something else there."""


_NAMED = {"claim": "claim", "hypothesis.proposed": "hypothesis"}


class Places:
    """Where everything stands that can be pointed at, read from the stored bytes."""

    def __init__(self, trace: Trace) -> None:
        """Read the record once.

        Raises:
            BrokenLine: a line is not an event.
        """
        head = chain.start((trace.folder / "run.json").read_bytes())
        self.start = head
        self._digests = bytearray()
        self.named: dict[tuple[str, str], int] = {}
        for number, line in enumerate(trace.lines()):
            head = chain.link(head, line)
            self._digests += head
            if b"claim" in line or b"hypothesis" in line:
                self._name(number, line)
        seal = trace.folder / "seal.json"
        self.seal = hashlib.sha256(seal.read_bytes()).hexdigest() if seal.is_file() else None

    def _name(self, number: int, line: bytes) -> None:
        try:
            event = orjson.loads(line)
            noun = _NAMED.get(event["kind"])
            if noun:
                self.named.setdefault((noun, str(event["data"][noun]["id"])), number)
        except (ValueError, LookupError, TypeError) as error:
            what = f"line {number + 1} of events.jsonl is no event: {error}"
            raise BrokenLine(what) from None

    def __len__(self) -> int:
        return len(self._digests) // 32

    def holds(self, digest: str) -> bool:
        """Tell whether an event has this digest: whether the record was once at this point."""
        wanted = bytes.fromhex(digest)
        known = bytes(self._digests)
        return any(known[i : i + 32] == wanted for i in range(0, len(known), 32))

    def digest(self, position: int) -> str:
        """Return h of an event.

        Raises:
            NoTarget: there is no such event.
        """
        if not 0 <= position < len(self):
            if not len(self):
                raise NoTarget("the record holds no event yet")
            raise NoTarget(f"there is no event {position}; the last is {len(self) - 1}")
        return self._digests[32 * position : 32 * position + 32].hex()

    @property
    def head(self) -> str:
        """The digest h of the last event."""
        return self.digest(len(self) - 1)

    def position(self, digest: str) -> int | None:
        """Return the event that has this digest."""
        wanted = bytes.fromhex(digest)
        at = self._digests.find(wanted)
        while at >= 0 and at % 32:
            at = self._digests.find(wanted, at + 1)
        return None if at < 0 else at // 32

    def resolve(self, target: Target) -> Target:
        """Return the target with its digests; those it has must be the record's.

        Raises:
            NoTarget: the record holds no such thing, or something else there.
        """
        match target:
            case AtEvent(event=event, digest=said):
                return AtEvent(event=event, digest=self._same(f"event {event}", event, said))
            case AtClaim(claim=name, event=event, digest=said):
                at = self._named("claim", name, event)
                return AtClaim(claim=name, event=at, digest=self._same(f"claim {name}", at, said))
            case AtHypothesis(hypothesis=name, event=event, digest=said):
                at = self._named("hypothesis", name, event)
                digest = self._same(f"hypothesis {name}", at, said)
                return AtHypothesis(hypothesis=name, event=at, digest=digest)
            case AtRange(range=(first, last), digests=said):
                a, b = said or (None, None)
                digests = (
                    self._same(f"event {first}", first, a),
                    self._same(f"event {last}", last, b),
                )
                return AtRange(range=(first, last), digests=digests)
            case AtRecord(record=head, seal=seal):
                return self._whole(head, seal)

    def _same(self, what: str, position: int, said: str | None) -> str:
        found = self.digest(position)
        if said is not None and said != found:
            raise NoTarget(f"{what} is not the one pointed at: its digest is {found[:12]}, "
                           f"not {said[:12]}")  # fmt: skip
        return found

    def _named(self, noun: Noun, name: str, event: int | None) -> int:
        found = self.named.get((noun, name))
        if found is None:
            names = ", ".join(n for kind, n in list(self.named) if kind == noun) or "none"
            raise NoTarget(f"there is no {noun} '{name}'; there is {_cut(names)}")
        if event is not None and event != found:
            raise NoTarget(f"{noun} {name} stands at event {found}, not {event}")
        return found

    def _whole(self, head: str | None, seal: str | None) -> AtRecord:
        if head is not None and head != self.head:
            at = self.position(head)
            raise NoTarget(
                f"the record has another head, {self.head[:12]}: it was changed or exchanged"
                if at is None
                else f"the record went on after event {at}, which was its last then"
            )
        if seal is not None and seal != self.seal:
            what = "has another content" if self.seal else "is gone"
            raise NoTarget(f"seal.json {what} than the one signed with")
        return AtRecord(record=self.head, seal=self.seal)


def _cut(text: str) -> str:
    return text if len(text) <= 200 else f"{text[:200]}..."
