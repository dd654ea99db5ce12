"""What is left of a record whose writer did not come to its end.

A writer that was killed leaves at most a torn last line. A machine that lost its power may also
leave room that was never written, or holds what was on the disk before, and payloads that are
missing although a line refers to them: that can only be so after the last commit, and nothing that
happened in the world depends on it, for a request is committed before it is carried out. So it may
be cut off. Where something that was asked later stands there with its answer, it is damage, and is
not for this module to mend.
"""

import contextlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast

import orjson

from gaseol.traces.record import chain
from gaseol.traces.record.blob import AlteredBlob, Blob, BlobStore, MissingBlob
from gaseol.traces.record.event import references
from gaseol.traces.verification.linkage import UNREADABLE, open_envelope

_ANSWERS = ("effect.completed", "effect.failed")


class BrokenRecord(ValueError):
    """A record that was damaged, and not only cut off."""


@dataclass
class Remains:
    """The whole lines of a record, and how much lies behind them."""

    head: bytes
    merkle: chain.Merkle
    events: int = 0
    size: int = 0
    """Bytes of the whole lines."""
    cut: int = 0
    """Bytes behind them."""
    why: str = ""
    """What the bytes behind them are."""

    @classmethod
    def of(cls, folder: Path) -> "Remains":
        """Read a record as far as it is whole.

        Raises:
            BrokenRecord: something was changed or lost that must have been on disk.
        """
        path = folder / "events.jsonl"
        found, lost, why = _read(folder, path, None)
        if lost is not None:
            found, _, _ = _read(folder, path, lost)
        found.cut = path.stat().st_size - found.size
        if found.cut:
            found.why = why or "a torn line"
        return found


def _read(folder: Path, path: Path, until: int | None) -> tuple[Remains, int | None, str]:
    """Return what is whole, and the first event whose payload was lost, if one was."""
    blobs = BlobStore(folder)
    found = Remains(chain.start((folder / "run.json").read_bytes()), chain.Merkle())
    lost: int | None = None
    why, answered = "", -1
    with path.open("rb") as file:
        for raw in file:
            if found.events == until or not raw.endswith(b"\n"):
                break
            line = raw[:-1]
            followed = _followed(found, line)
            if followed is None:
                first = found.events if lost is None else lost
                if max(answered, _answered(file)) >= first:
                    raise _broken(found)
                return found, lost, why or "lines that never reached the disk"
            kind, request = followed
            if kind in _ANSWERS:
                answered = max(answered, request)
            if lost is None and until is None:
                gone = _lost(blobs, kind, line)
                if gone:
                    lost, why = found.events, f"events from {found.events} on, whose {gone}"
            if lost is not None and answered >= lost:
                raise BrokenRecord(f"{folder}, event {lost}: its payload is missing or was "
                                   f"altered; see: gaseol verify {folder}")  # fmt: skip
            found.head = chain.link(found.head, line)
            found.merkle.add(found.head)
            found.events += 1
            found.size += len(raw)
    return found, lost, why


def _followed(found: Remains, line: bytes) -> tuple[str, int] | None:
    """Return a line's kind and the request that it answers, -1 where it answers none.

    None where it is no line at all.

    Raises:
        BrokenRecord: it is one, of another record or place.
    """
    try:
        line.decode()
        event = open_envelope(line)
        request = _request(event.kind, bytes(event.data))
    except UNREADABLE:
        return None
    if event.prev != found.head.hex() or event.seq != found.events:
        raise _broken(found)
    return event.kind, request


def _broken(found: Remains) -> BrokenRecord:
    return BrokenRecord(
        f"event {found.events} does not follow from what stands before it; see: gaseol verify"
    )


def _request(kind: str, data: bytes) -> int:
    said = orjson.loads(data) if kind in _ANSWERS else None
    request = cast("dict[str, Any]", said).get("request") if isinstance(said, dict) else None
    return request if isinstance(request, int) else -1


def _answered(lines: BinaryIO) -> int:
    """Return the last request that one of some lines answers, as far as they can be read."""
    last = -1
    for line in lines:
        with contextlib.suppress(*UNREADABLE):
            event = open_envelope(line)
            last = max(last, _request(event.kind, bytes(event.data)))
    return last


def _lost(blobs: BlobStore, kind: str, line: bytes) -> str:
    """Say what of a line's payloads did not reach the disk; empty where all did."""
    if b'"sha256"' not in line:
        return ""
    for name, size in references(kind, orjson.loads(line)["data"]):
        if blobs.kept_back(name):
            continue
        try:
            whole = len(blobs.get(Blob(sha256=name, bytes=0))) == size
        except (MissingBlob, AlteredBlob):
            whole = False
        if not whole:
            return f"payload {name[:12]} never reached the disk"
    return ""
