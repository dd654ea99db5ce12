"""Whether two payloads are the same, wherever each record keeps it.

Blob digests are salted, so that equal payloads have unequal digests: contents are compared.
"""

from collections.abc import Iterator
from typing import Any, cast

import orjson
from pydantic import ValidationError

from gaseol.traces.comparison.leaves import Parting
from gaseol.traces.record.blob import AlteredBlob, Blob, MissingBlob, WithheldBlob
from gaseol.traces.record.trace import Trace


class Unreadable:
    """A payload that this copy of a record does not give."""

    def __init__(self, why: str) -> None:
        self.why = why

    def __repr__(self) -> str:
        return f"({self.why})"


def as_blob(value: Any) -> Blob | None:
    """Return the reference that a JSON value is; None for any other value."""
    if not isinstance(value, dict) or "sha256" not in value or "bytes" not in value:
        return None
    try:
        return Blob.model_validate(value)
    except ValidationError:
        return None


def content(trace: Trace, blob: Blob) -> Any:
    """Return a payload: JSON values, text where it is none, or why it cannot be read."""
    try:
        stored = trace.blobs.get(blob)
    except WithheldBlob:
        return Unreadable("withheld")
    except MissingBlob:
        return Unreadable("missing")
    except AlteredBlob:
        return Unreadable("altered")
    if blob.media != "application/json":
        return stored.decode("utf-8", "replace")
    try:
        return orjson.loads(stored)
    except ValueError:
        return stored.decode("utf-8", "replace")


def unfold(trace: Trace, kind: str, data: dict[str, Any]) -> dict[str, Any]:
    """Return an effect's data with its large payload put back in its place."""
    places = {"effect.requested": "arguments", "effect.completed": "value"}
    blob = as_blob(data.get("blob"))
    if kind not in places or blob is None:
        return data
    return {**data, places[kind]: content(trace, blob), "blob": None}


class Contrast:
    """Compares the JSON values of two records, contents of blobs included."""

    def __init__(self, a: Trace, b: Trace) -> None:
        self.a, self.b = a, b
        self.unread: dict[str, int] = {}
        """Payloads that could not be compared, by why."""

    def first(self, left: Any, right: Any) -> Parting | None:
        """Return the first difference of two values."""
        return next(self.all(left, right), None)

    def all(self, left: Any, right: Any) -> Iterator[Parting]:
        """Yield every difference of two values, in order: its path, and what stands there."""
        waiting: list[tuple[str, Any, Any]] = [("", left, right)]
        while waiting:
            path, x, y = waiting.pop()
            if _alike(x, y):
                continue
            p, q = as_blob(x), as_blob(y)
            if p is not None and q is not None:
                if p.sha256 == q.sha256:
                    continue  # one file, as in a fork or a copy, whether it is there or not
                x, y = content(self.a, p), content(self.b, q)
            if isinstance(x, Unreadable) or isinstance(y, Unreadable):
                why = x.why if isinstance(x, Unreadable) else cast("Unreadable", y).why
                self.unread[why] = self.unread.get(why, 0) + 1
                continue
            inner = _parts(path, x, y)
            if inner is None:
                if not _alike(x, y):
                    yield path, x, y
            else:
                waiting += reversed(inner)

    def same(self, left: Any, right: Any) -> bool:
        """Tell whether two values are the same."""
        return self.first(left, right) is None


class _Nothing:
    """What stands where a value has no such member."""

    def __repr__(self) -> str:
        return "nothing"


NOTHING = _Nothing()


def _parts(path: str, x: Any, y: Any) -> list[tuple[str, Any, Any]] | None:
    """Return the members of two objects or two lists pair by pair; None for anything else."""
    dot = f"{path}." if path else ""
    if isinstance(x, dict) and isinstance(y, dict):
        p, q = cast("dict[str, Any]", x), cast("dict[str, Any]", y)
        keys = [*p, *(k for k in q if k not in p)]
        return [(f"{dot}{k}", p.get(k, NOTHING), q.get(k, NOTHING)) for k in keys]
    if isinstance(x, list) and isinstance(y, list):
        p, q = cast("list[Any]", x), cast("list[Any]", y)
        rows = max(len(p), len(q))
        return [
            (f"{dot}{i}", p[i] if i < len(p) else NOTHING, q[i] if i < len(q) else NOTHING)
            for i in range(rows)
            if not (i < len(p) and i < len(q) and _alike(p[i], q[i]))
        ]
    return None


def _alike(x: Any, y: Any) -> bool:
    """Tell whether two JSON values are equal; `true` is not 1."""
    if isinstance(x, bool) or isinstance(y, bool):
        return x is y
    if isinstance(x, dict | list) or isinstance(y, dict | list):
        return False  # looked into, for `true` may stand for 1 inside
    return x is y or x == y
