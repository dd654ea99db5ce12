"""The canonical projection: what two runs must share to be called the same.

By request order, without times, durations, chain links or the origin of an answer; payloads by
what they contain, for their names are salted. That a run was interrupted and resumed, or branched
off, is left out, and positions are counted without the events that say so. Equality is promised for
runs that time or processor limits did not end.
"""

import hashlib
from collections.abc import Iterator
from typing import Any, cast

import orjson
from pydantic import ValidationError

from gaseol.traces.record.blob import Blob, BlobStore, WithheldBlob
from gaseol.traces.record.event import BLOBS
from gaseol.traces.record.places import BESIDE, Places
from gaseol.traces.record.trace import Trace

VOLATILE = {
    "step.ended": ("seconds",),
    "effect.completed": ("seconds", "cpu_seconds", "origin", "isolation"),
    "effect.failed": ("seconds", "cpu_seconds", "isolation"),
    "run.started": ("notes",),
}
"""Fields of an event's data that say how a run went, not what came of it."""

_TIMES = ("seconds", "cpu_seconds")
_ANSWERS = ("effect.completed", "effect.failed")
_SALTED = {"run.ended": ("answer_salt",)}


def timed(name: str) -> bool:
    """Tell whether an amount that was spent is a time: `seconds`, `tool.NAME.cpu_seconds`."""
    return name.rsplit(".", 1)[-1] in _TIMES


def entries(trace: Trace) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the comparable part of each event, in canonical order, with its position.

    Answers to parallel requests arrive in any order; here they stand in the order asked.
    """
    batch: list[tuple[int, dict[str, Any]]] = []
    contents: dict[str, str] = {}
    places = Places()
    for event in trace.events():
        if event.kind in BESIDE:
            places.skip(event.seq)
            continue
        left_out = (*VOLATILE.get(event.kind, ()), *_SALTED.get(event.kind, ()))
        data = {k: v for k, v in event.data.items() if k not in left_out}
        if event.kind in ("run.ended", "budget.spent"):
            key = "cost" if event.kind == "run.ended" else "spent"
            data[key] = {k: v for k, v in data[key].items() if not timed(k)}
        if event.kind == "registration":
            # over salted names
            data["registration"] = {k: v for k, v in data["registration"].items() if k != "digest"}
        for path in BLOBS.get(event.kind, ()):
            data = _by_content(data, path, trace.blobs, contents)
        data = places.within(event.kind, data)
        entry = {"kind": event.kind, "cause": places.of(event.cause), "data": data}
        if event.kind in _ANSWERS:
            batch.append((event.seq, entry))
            continue
        yield from sorted(batch, key=_request)
        batch = []
        yield event.seq, entry
    yield from sorted(batch, key=_request)


def project(trace: Trace) -> list[dict[str, Any]]:
    """Return the comparable part of a record, in canonical order."""
    return [entry for _, entry in entries(trace)]


def projection_bytes(trace: Trace) -> bytes:
    """Return the projection as canonical JSON lines, for comparing byte for byte."""
    return b"\n".join(orjson.dumps(entry, option=orjson.OPT_SORT_KEYS) for entry in project(trace))


def _request(found: tuple[int, dict[str, Any]]) -> int:
    return found[1]["data"]["request"]


def _by_content(
    value: Any, path: tuple[str, ...], blobs: BlobStore, contents: dict[str, str]
) -> Any:
    """Return a value in which the reference at a path names the payload's own digest."""
    if not isinstance(value, dict):
        return value
    inside = cast("dict[str, Any]", value)
    if not path:
        name = str(inside.get("sha256"))
        if name not in contents:
            contents[name] = _content(inside, blobs)
        return {**inside, "sha256": contents[name]}
    keys = list(inside) if path[0] == "*" else [path[0]]
    changed = {k: _by_content(inside[k], path[1:], blobs, contents) for k in keys if k in inside}
    return {**inside, **changed}


def _content(reference: dict[str, Any], blobs: BlobStore) -> str:
    try:
        return hashlib.sha256(blobs.get(Blob.model_validate(reference))).hexdigest()
    except WithheldBlob:
        return "withheld"
    except (LookupError, ValueError, ValidationError):
        return "missing"
