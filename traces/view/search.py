"""Finds words in everything a record holds: events, also what is folded away, and payloads."""

import time
from collections.abc import Iterator
from typing import Any

import orjson

from gaseol.traces.blob import AlteredBlob, Blob, BlobStore, MissingBlob
from gaseol.traces.view.chunk import sentence
from gaseol.traces.view.skeleton import Skeleton

LONGEST = 400
"""Characters of a query."""
_AROUND = 60
_HITS = 2_000
"""Hits of one answer."""


def search(
    skeleton: Skeleton,
    blobs: list[tuple[Blob, int]],
    store: BlobStore,
    query: str,
    start: int = 0,
    seconds: float = 0.2,
) -> dict[str, Any]:
    """Return hits from a place on, and the next place where time ran out, else None.

    Places up to the number of events are events, those beyond it are payloads.

    Args:
        skeleton: where the events are.
        blobs: the payloads, each with the first event that refers to it.
        store: where the payloads are.
        query: words as they stand there; upper and lower case are one.
        start: the place to begin at.
        seconds: how long to look before answering.
    """
    needle = query[:LONGEST].lower()
    hits: list[dict[str, Any]] = []
    until = time.monotonic() + seconds
    end = len(skeleton) + len(blobs)
    at = start
    for at, found in _look(skeleton, blobs, store, needle, start):
        if found is not None:
            hits.append(found)
        if len(hits) >= _HITS or (at % 64 == 0 and time.monotonic() > until):
            return {"hits": hits, "next": at + 1 if at + 1 < end else None, "of": end}
    return {"hits": hits, "next": None, "of": end}


def _look(
    skeleton: Skeleton,
    blobs: list[tuple[Blob, int]],
    store: BlobStore,
    needle: str,
    start: int,
) -> Iterator[tuple[int, dict[str, Any] | None]]:
    if not needle:
        return
    # as the needle stands in JSON: quotes and line feeds are escaped there
    stored = orjson.dumps(needle)[1:-1].decode()
    for seq, line in skeleton.lines(start):
        text = line.decode("utf-8", "replace")
        found = _snippet(text, stored)
        if found is None:
            found = _snippet(sentence(line, ""), needle)
        yield seq, None if found is None else {"seq": seq, "in": "event", "text": found}
    events = len(skeleton)
    for number in range(max(0, start - events), len(blobs)):
        blob, seq = blobs[number]
        try:
            text = store.get(blob).decode("utf-8", "replace")
        except (MissingBlob, AlteredBlob, OSError, ValueError):
            yield events + number, None
            continue
        found = _snippet(text, stored if blob.media.endswith("json") else needle)
        hit = {"seq": seq, "in": "blob", "sha256": blob.sha256, "text": found}
        yield events + number, None if found is None else hit


def _snippet(text: str, needle: str) -> str | None:
    at = text.lower().find(needle)
    if at < 0:
        return None
    first = max(0, at - _AROUND)
    return f"{'…' if first else ''}{text[first : at + len(needle) + _AROUND]}"
