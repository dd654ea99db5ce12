"""Events as a page reads them: a few hundred at a time, each with its sentence."""

from datetime import UTC, datetime
from typing import Any, cast

import orjson
from pydantic import ValidationError

from gaseol.traces.record.event import Event
from gaseol.traces.story import tell
from gaseol.traces.view.skeleton import CHUNK, HEAVY, Skeleton

_SENTENCE = 600
"""Characters of a sentence that are handed out; the event has the whole."""


def chunk(skeleton: Skeleton, number: int) -> list[dict[str, Any]]:
    """Return the events of one chunk; heavy ones without what they carry."""
    first = number * CHUNK
    found: list[dict[str, Any]] = []
    for seq, line in skeleton.lines(first, first + CHUNK):
        said = shown(skeleton, seq, line)
        if len(line) > HEAVY:
            said["data"] = None
        found.append(said)
    return found


def whole(skeleton: Skeleton, seq: int) -> dict[str, Any]:
    """Return one event with all that it carries."""
    ((_, line),) = skeleton.lines(seq, seq + 1)
    return shown(skeleton, seq, line)


def shown(skeleton: Skeleton, seq: int, line: bytes) -> dict[str, Any]:
    """Return an event with its digest and its sentence."""
    try:
        data = orjson.loads(line)["data"]
    except (ValueError, LookupError, TypeError):
        data = {"unreadable": line[:HEAVY].decode("utf-8", "replace")}
    cause = skeleton.cause[seq]
    at = datetime.fromtimestamp(skeleton.at[seq], UTC)
    return {
        "seq": seq,
        "at": at.isoformat(timespec="microseconds").replace("+00:00", "Z"),
        "cause": None if cause < 0 else cause,
        "kind": skeleton.kinds[skeleton.kind[seq]],
        "digest": skeleton.digest(seq),
        "bytes": len(line),
        "story": sentence(line, skeleton.digest(seq)),
        "data": cast("dict[str, Any]", data) if isinstance(data, dict) else {"unreadable": data},
    }


def sentence(line: bytes, digest: str) -> str:
    """Return an event in a sentence; empty where it is not of the shape of its kind."""
    try:
        said = tell(Event.read(line, digest))
    except (ValidationError, ValueError, TypeError, LookupError):
        return ""
    return said if len(said) <= _SENTENCE else f"{said[: _SENTENCE - 1]}…"
