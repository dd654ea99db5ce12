"""The canonical projection: what two runs must share to be called the same.

By request order, without times, durations, chain links or the origin of an answer. Equality
is promised for runs that time or processor limits did not end.
"""

from typing import Any

import orjson

from gaseol.traces.trace import Trace

VOLATILE = {
    "step.ended": ("seconds",),
    "effect.completed": ("seconds", "cpu_seconds", "origin", "isolation"),
    "effect.failed": ("seconds", "cpu_seconds", "isolation"),
    "run.started": ("notes",),
}
_TIMES = ("seconds", "cpu_seconds")
_ANSWERS = ("effect.completed", "effect.failed")


def project(trace: Trace) -> list[dict[str, Any]]:
    """Return the comparable part of a record, in canonical order.

    Answers to parallel requests arrive in any order; here they stand in the order asked.
    """
    found: list[dict[str, Any]] = []
    batch: list[dict[str, Any]] = []
    for event in trace.events():
        data = {k: v for k, v in event.data.items() if k not in VOLATILE.get(event.kind, ())}
        if event.kind in ("run.ended", "budget.spent"):
            key = "cost" if event.kind == "run.ended" else "spent"
            data[key] = {k: v for k, v in data[key].items() if k not in _TIMES}
        entry = {"kind": event.kind, "cause": event.cause, "data": data}
        if event.kind in _ANSWERS:
            batch.append(entry)
            continue
        found.extend(sorted(batch, key=_request))
        batch = []
        found.append(entry)
    return found + sorted(batch, key=_request)


def projection_bytes(trace: Trace) -> bytes:
    """Return the projection as canonical JSON lines, for comparing byte for byte."""
    return b"\n".join(orjson.dumps(entry, option=orjson.OPT_SORT_KEYS) for entry in project(trace))


def _request(entry: dict[str, Any]) -> int:
    return entry["data"]["request"]
