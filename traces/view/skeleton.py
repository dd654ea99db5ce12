"""A record without its contents: kind, cause, time and place of every event, in columns.

Read in one pass over the stored lines, without parsing what they carry, so that a page can be
shown before anything else is known. A record that is broken somewhere is read up to there.
"""

import base64
import re
import sys
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import orjson

from gaseol.traces.record import chain
from gaseol.traces.record.event import Event

CHUNK = 250
"""Events that are handed out together."""
HEAVY = 32_768
"""An event of more bytes than this is handed out alone, when it is opened."""

_ENVELOPE = re.compile(
    rb'\{"seq":(\d{1,10}),"prev":"[0-9a-f]{64}",'
    rb'"at":"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z)","cause":(null|\d{1,10}),'
    rb'"kind":"([a-z_.]{1,40})","data":\{'
)
_KINDS = 255
"""Kinds that are told apart; what a hostile record adds to them shares the last code."""


@dataclass
class Skeleton:
    """The envelopes of a record, column by column."""

    folder: Path
    kinds: list[str] = field(default_factory=list[str])
    kind: bytearray = field(default_factory=bytearray)
    cause: "array[int]" = field(default_factory=lambda: array("i"))
    """Position of the cause, -1 for none."""
    at: "array[float]" = field(default_factory=lambda: array("d"))
    """Seconds since 1970."""
    place: "array[int]" = field(default_factory=lambda: array("Q"))
    """Where the line begins."""
    size: "array[int]" = field(default_factory=lambda: array("I"))
    broken: str = ""
    """Why the record cannot be read further, and where."""

    @classmethod
    def of(cls, folder: Path) -> "Skeleton":
        """Read the envelopes of a run's events."""
        skeleton = cls(folder)
        codes: dict[bytes, int] = {}
        times = list[bytes]()
        place = 0
        quick, know = _ENVELOPE.match, codes.get
        kind, cause, places, sizes = (
            skeleton.kind.append, skeleton.cause.append, skeleton.place.append, skeleton.size.append,
        )  # fmt: skip
        with (folder / "events.jsonl").open("rb") as file:
            for number, raw in enumerate(file):
                if raw[-1:] != b"\n":
                    skeleton.broken = f"line {number + 1} of events.jsonl is torn"
                    break
                found = quick(raw)
                try:
                    if found:
                        seq, at, because, named = found.groups()
                        before = -1 if because == b"null" else int(because)
                        if int(seq) != number or before >= number:
                            raise ValueError("it is not in its place or its cause comes after it")
                    else:
                        at, before, named = _slow(raw, number)
                except (ValueError, LookupError, TypeError, OverflowError) as error:
                    said = str(error)[:200]
                    skeleton.broken = f"line {number + 1} of events.jsonl is no event: {said}"
                    break
                code = know(named)
                if code is None:
                    code = codes[named] = min(len(skeleton.kinds), _KINDS)
                    if code == len(skeleton.kinds):
                        name = named.decode("utf-8", "replace")
                        skeleton.kinds.append(name if code < _KINDS else "other")
                kind(code)
                cause(before)
                places(place)
                sizes(len(raw) - 1)
                times.append(at)
                place += len(raw)
        skeleton.at = _seconds(times)
        return skeleton

    @cached_property
    def digests(self) -> bytes:
        """Every event's h, 32 bytes each; chained when they are first asked for."""
        head = chain.start((self.folder / "run.json").read_bytes())
        found = bytearray()
        for _, line in self.lines():
            head = chain.link(head, line)
            found += head
        return bytes(found)

    def __len__(self) -> int:
        return len(self.kind)

    def digest(self, seq: int) -> str:
        """Return h of an event, in hexadecimal."""
        return self.digests[32 * seq : 32 * seq + 32].hex()

    def lines(self, first: int = 0, last: int | None = None) -> Iterator[tuple[int, bytes]]:
        """Yield positions and stored lines, from the first to before the last."""
        last = len(self) if last is None else min(last, len(self))
        if first >= last:
            return
        with (self.folder / "events.jsonl").open("rb") as file:
            file.seek(self.place[first])
            for seq in range(first, last):
                line = file.read(self.size[seq] + 1)
                yield seq, line[:-1]

    def events(self, *kinds: str) -> Iterator[Event]:
        """Yield the events of these kinds that can be read."""
        wanted = {code for code, kind in enumerate(self.kinds) if kind in kinds}
        with (self.folder / "events.jsonl").open("rb") as file:
            for seq, code in enumerate(self.kind):
                if code in wanted:
                    file.seek(self.place[seq])
                    line = file.read(self.size[seq])
                    try:
                        yield Event.read(line, self.digest(seq))
                    except ValueError:
                        continue  # what it carries is no JSON; the outline says so

    def to_json(self) -> dict[str, Any]:
        """Return the columns as a page reads them: little-endian, in base64."""
        origin = min(self.at, default=0.0)
        span = max(self.at, default=0.0) - origin
        unit = max(1e-5, span / 4e9)
        times = array("I", (int((t - origin) / unit) for t in self.at))
        return {
            "events": len(self),
            "chunk": CHUNK,
            "kinds": self.kinds,
            "kind": packed(self.kind),
            "cause": packed(self.cause),
            "origin": origin,
            "unit": unit,
            "time": packed(times),
            "broken": self.broken,
        }


def packed(column: "array[Any] | bytearray") -> str:
    """Return a column as base64 of its little-endian bytes."""
    if isinstance(column, array) and sys.byteorder == "big":
        column = array(column.typecode, column)
        column.byteswap()
    return base64.b64encode(bytes(column)).decode()


def _slow(line: bytes, number: int) -> tuple[bytes, int, bytes]:
    """Read an envelope that is written in another way than usual."""
    event = orjson.loads(line)
    cause, kind = event["cause"], event["kind"]
    if event["seq"] != number:
        raise ValueError(f"it calls itself event {str(event['seq'])[:40]}")
    if not isinstance(kind, str) or not isinstance(event["data"], dict):
        raise TypeError("its kind is no text or its data no object")
    if cause is not None and (not isinstance(cause, int) or not 0 <= cause < number):
        raise ValueError("its cause is no earlier event")
    at = datetime.fromisoformat(event["at"])
    at = (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    shown = at.isoformat(timespec="microseconds").replace("+00:00", "Z")
    return shown.encode(), -1 if cause is None else cause, kind[:200].encode()


def _seconds(times: list[bytes]) -> "array[float]":
    """Return UTC times as written, in seconds since 1970; what is no time becomes 0."""
    import numpy as np

    try:
        moments = np.array([at[:-1] for at in times], dtype="S26").astype("datetime64[us]")
    except ValueError:
        return array("d", (_second(at) for at in times))
    return array("d", (moments.astype(np.int64) / 1e6).tobytes())


def _second(at: bytes) -> float:
    try:
        return datetime.fromisoformat(at.decode()).timestamp()
    except ValueError:
        return 0.0
