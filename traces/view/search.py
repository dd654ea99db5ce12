"""Finds words in everything a record holds: events, also what is folded away, and payloads.

Words are looked for as a page shows them: a minus sign finds a hyphen, a number is found with or
without the thin spaces between its digits, `#12` is event 12, and a measurement is found by what
people call its case.
"""

import re
import time
from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from gaseol.traces.record.blob import AlteredBlob, Blob, BlobStore, MissingBlob
from gaseol.traces.view.chunk import sentence
from gaseol.traces.view.skeleton import Skeleton

LONGEST = 400
"""Characters of a query."""
_AROUND = 60
_HITS = 2_000
"""Hits of one answer."""
_POSITION = re.compile(r"#(\d{1,9})")
_PLAIN = str.maketrans({"\u2212": "-", "\u202f": "", "\u00a0": " "})


def plain(text: str) -> str:
    """Return text as it is compared: small letters, hyphens for minus signs, plain spaces."""
    return text.translate(_PLAIN).lower()


def search(
    skeleton: Skeleton,
    blobs: list[tuple[Blob, int]],
    store: BlobStore,
    query: str,
    start: int = 0,
    seconds: float = 0.2,
    names: Mapping[int, str] | None = None,
) -> dict[str, Any]:
    """Return hits from a place on, and the next place where time ran out, else None.

    Places up to the number of events are events, those beyond it are payloads.

    Args:
        skeleton: where the events are.
        blobs: the payloads, each with the first event that refers to it.
        store: where the payloads are.
        query: words as a page shows them; upper and lower case are one.
        start: the place to begin at.
        seconds: how long to look before answering.
        names: what else an event may be found by, by its position.
    """
    asked = query[:LONGEST].strip()
    end = len(skeleton) + len(blobs)
    position = _POSITION.fullmatch(asked)
    if position and int(position[1]) < len(skeleton):
        seq = int(position[1])
        ((_, line),) = skeleton.lines(seq, seq + 1)
        hit = {"seq": seq, "in": "event", "text": sentence(line, "")[:200]}
        return {"hits": [hit], "next": None, "of": end}
    needle = plain(asked)
    hits: list[dict[str, Any]] = []
    until = time.monotonic() + seconds
    at = start
    for at, found in _look(skeleton, blobs, store, needle, start, names or {}):
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
    names: Mapping[int, str],
) -> Iterator[tuple[int, dict[str, Any] | None]]:
    if not needle:
        return
    # as the needle stands in JSON: quotes and line feeds are escaped there
    stored = orjson.dumps(needle)[1:-1].decode()
    for seq, line in skeleton.lines(start):
        found = _snippet(names[seq], needle) if seq in names else None
        if found is None:
            found = _snippet(line.decode("utf-8", "replace"), stored)
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
    shown = text if text.isascii() else text.translate(_PLAIN)
    at = shown.lower().find(needle)
    if at < 0:
        return None
    first = max(0, at - _AROUND)
    return f"{'…' if first else ''}{shown[first : at + len(needle) + _AROUND]}"
