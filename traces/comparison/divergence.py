"""Where two runs part: the first event that they do not share, in the canonical order.

Both records are streamed; times, durations, cache origins and chain links do not count, and
answers to parallel requests stand in the order asked. That a run is a fork, or was interrupted
and resumed, is no difference in what it did: positions are counted without these events.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any, cast

import orjson
from pydantic import ValidationError

from gaseol.traces.comparison.payload import Contrast, unfold
from gaseol.traces.comparison.wording import jsonable, show
from gaseol.traces.record.event import Event
from gaseol.traces.record.places import BESIDE, Places
from gaseol.traces.record.projection import VOLATILE, timed
from gaseol.traces.record.trace import Trace
from gaseol.traces.story import tell

_ANSWERS = ("effect.completed", "effect.failed")
_SPENDING = {"run.ended": "cost", "budget.spent": "spent"}

_APART = {
    "run.started": ("scenario_sha256", "code"),
    "run.ended": ("answer_salt",),
    "effect.requested": ("key", "version"),
    "registration": ("digest",),
    "measurement": ("fingerprint",),
}
"""Digests of what is compared itself, salts and versions: told of by their nouns."""

_TELLING = ("effect", "name", "arguments", "value", "failure", "kind", "statement")
"""Members that say best what differs, before all others."""

_NOUNS = {
    "run.started": "question",
    "hypothesis.proposed": "hypotheses",
    "hypothesis.turned_away": "hypotheses",
    "hypothesis.ranked": "hypotheses",
    "registration": "registrations",
    "experiment.designed": "experiments",
    "measurement": "measurements",
    "evidence": "evidence",
    "crossing": "verdicts",
    "verdict": "verdicts",
    "claim": "claims",
    "audit": "claims",
    "run.ended": "cost",
    "budget.spent": "cost",
}


@dataclass(frozen=True, slots=True)
class Divergence:
    """The first event that differs."""

    index: int
    """Its number in the canonical order, from 0."""
    a: int | None
    """Position of A's event; None where A has ended."""
    b: int | None
    what: str
    """In a sentence."""
    noun: str
    path: str
    """Where in the event, as `data.value`; empty where the events are of different kinds."""
    left: Any
    right: Any

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {
            "index": self.index, "a": self.a, "b": self.b, "what": self.what, "noun": self.noun,
            "path": self.path, "left": jsonable(self.left), "right": jsonable(self.right),
        }  # fmt: skip


class Course:
    """What a record's run did, event by event; read once, from the beginning."""

    def __init__(self, trace: Trace, seen: Callable[[Event], None]) -> None:
        """Read a record; `seen` is shown every event first, in the order of the record."""
        self._trace, self._seen = trace, seen
        self._places = Places()

    def __iter__(self) -> Iterator[Event]:
        """Stream the events, each unbroken row of answers in the order of the requests."""
        row: list[Event] = []
        for event in self._trace.events():
            self._seen(event)
            if event.kind in BESIDE:
                self._places.skip(event.seq)
                continue
            if event.kind in _ANSWERS:
                row.append(event)
                continue
            if row:
                yield from sorted(row, key=_request)
                row.clear()
            yield event
        yield from sorted(row, key=_request)

    def comparable(self, event: Event) -> tuple[int | None, dict[str, Any]]:
        """Return what of an event's cause and data two equal runs share."""
        data = self._places.within(event.kind, _comparable(event))
        return self._places.of(event.cause), data


def divergence(
    contrast: Contrast, left: Callable[[Event], None], right: Callable[[Event], None]
) -> Divergence | None:
    """Return where two records part; None where they say the same to the end.

    Both records are read to their end, whatever comes: `left` is shown every event of A, `right`
    every event of B.

    Raises:
        BrokenLine: a line of one of them is no event.
    """
    courses = Course(contrast.a, left), Course(contrast.b, right)
    first, second = map(iter, courses)
    found = None
    for index, (a, b) in enumerate(zip_longest(first, second)):
        found = _parting(contrast, courses, index, a, b)
        if found is not None:
            break
    for rest in (first, second):
        for _ in rest:
            pass
    return found


def _parting(
    contrast: Contrast, courses: tuple[Course, Course], index: int, a: Event | None, b: Event | None
) -> Divergence | None:
    if a is None or b is None:
        return _ended(index, a, b)
    if a.kind != b.kind:
        what = f"{_events(a, b)}: A {_told(a)}; B {_told(b)}"
        return Divergence(index, a.seq, b.seq, what, _noun(a), "", a.kind, b.kind)
    (x_cause, x), (y_cause, y) = courses[0].comparable(a), courses[1].comparable(b)
    if x_cause == y_cause and orjson.dumps(x) == orjson.dumps(y):
        return None
    stored = contrast.first(_entry(x_cause, x), _entry(y_cause, y))
    if stored is None:
        return None
    # the same payload may stand in the one event and beside the other
    alike = (x.get("blob") is None) == (y.get("blob") is None)
    x, y = unfold(contrast.a, a.kind, x), unfold(contrast.b, b.kind, y)
    found = contrast.first(_entry(x_cause, x), _entry(y_cause, y)) or (stored if alike else None)
    if found is None:
        return None
    path, left, right = found
    what = _sentence(a, b, path, left, right)
    return Divergence(index, a.seq, b.seq, what, _noun(a), path, left, right)


def _request(event: Event) -> int:
    request = event.data.get("request")
    return request if isinstance(request, int) else event.seq


def _comparable(event: Event) -> dict[str, Any]:
    """Return what of an event's data two equal runs share."""
    without = (*VOLATILE.get(event.kind, ()), *_APART.get(event.kind, ()))
    if not without and event.kind not in _SPENDING:
        return event.data
    data = {k: v for k, v in event.data.items() if k not in without}
    spending = data.get(_SPENDING.get(event.kind, ""))
    if isinstance(spending, dict):
        kept = {k: v for k, v in cast("dict[str, Any]", spending).items() if not timed(k)}
        data[_SPENDING[event.kind]] = kept
    inner = data.get(event.kind)
    if isinstance(inner, dict):
        members = cast("dict[str, Any]", inner)
        data[event.kind] = {k: v for k, v in members.items() if k not in without}
    return data


def _entry(cause: int | None, data: dict[str, Any]) -> dict[str, Any]:
    """Return an event with the members first that say best what differs."""
    first = {k: data[k] for k in _TELLING if k in data}
    return {"data": {**first, **data}, "cause": cause}


def _noun(event: Event) -> str:
    return _NOUNS.get(event.kind, "effects" if event.kind.startswith("effect.") else "steps")


def _events(a: Event, b: Event) -> str:
    return f"event {a.seq} of A and event {b.seq} of B" if a.seq != b.seq else f"event {a.seq}"


def _told(event: Event) -> str:
    try:
        return show(tell(event) or event.kind)
    except (ValidationError, ValueError, TypeError, LookupError):
        return f"has a {event.kind} that cannot be read"


def _ended(index: int, a: Event | None, b: Event | None) -> Divergence:
    there, gone = ("A", "B") if a is not None else ("B", "A")
    event = a or b
    assert event is not None
    what = f"{gone} ends here; {there} goes on with event {event.seq}: {_told(event)}"
    left, right = (event.kind, None) if a is not None else (None, event.kind)
    a_seq, b_seq = (a.seq if a else None), (b.seq if b else None)
    return Divergence(index, a_seq, b_seq, what, _noun(event), "", left, right)


def _sentence(a: Event, b: Event, path: str, x: Any, y: Any) -> str:
    """Say what differs in two events of one kind."""
    steps = path.split(".")
    where = _events(a, b)
    if a.kind == "effect.requested" and path != "cause":
        tool, other = a.data.get("name"), b.data.get("name")
        if tool != other:
            return f"{where}: A asks {tool}, B asks {other}"
        name = ".".join(steps[2:]) if steps[1:2] == ["arguments"] else ".".join(steps[1:])
        return f"{where}: A asks {tool} with {name}={show(x)}, B with {name}={show(y)}"
    if path == "cause":
        return f"{where}: A's follows from event {show(x)}, B's from event {show(y)}"
    name = ".".join(steps[1:])
    if a.kind in _ANSWERS:
        said = f"{name} is {show(x)} in A, {show(y)} in B"
        return f"{where}: the same was asked in event {show(a.data.get('request'))}, but {said}"
    told = _told(a)
    if told == _told(b):
        return f"{where}: in both, {told}; but {name} is {show(x)} in A, {show(y)} in B"
    return f"{where}: A: {told}; B: {_told(b)} ({name}: {show(x)} against {show(y)})"
