"""A registered criterion in numbers that can be put into plain words: what would have refuted it."""

import math
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from pydantic import TypeAdapter

from gaseol.traces.evidence.process import BoundedMean, Census, LawContest, PathProcess, Sign
from gaseol.traces.nouns.registration import Registration

_PROCESS: TypeAdapter[PathProcess] = TypeAdapter(PathProcess)
_DRAWS = 5_000
"""Beyond so many planned draws no example of them is worked out."""


def criterion(registration: Registration) -> dict[str, Any]:
    """Return when a hypothesis is called supported, refuted or invalid, with worked examples.

    `refuted_hits` is the largest number of hits among all planned draws that refutes,
    `refuted_run` the number of draws that refute when all of them miss; likewise for support.
    None stands where no number of draws would do, or where draws are no hits and misses.
    """
    said = registration.criterion
    process, threshold = said.process, math.log(said.hypotheses / said.alpha)
    found: dict[str, Any] = {
        **process.model_dump(mode="json"),
        "process": process.kind,
        "rule": said.rule,
        "basis": said.basis,
        "alpha": said.alpha,
        "hypotheses": said.hypotheses,
        "threshold": threshold,
        "odds": said.hypotheses / said.alpha,
        "draws": said.draws,
        "tie": said.tie,
        "failure_rate": said.failure_rate,
        "rivals": list(said.rivals),
        "others": registration.prediction.others is not None,
    }
    if not isinstance(process, LawContest):
        found["theta1"] = process.theta0 + process.delta
        if said.draws <= _DRAWS:
            found |= _examples(process.model_dump_json(), threshold, said.draws)
    return found


@lru_cache(maxsize=256)
def _examples(registered: str, threshold: float, draws: int) -> dict[str, int | None]:
    process = _PROCESS.validate_json(registered)
    hit, miss = 1.0, -1.0
    if isinstance(process, BoundedMean):
        hit, miss = process.high, process.low
    elif not isinstance(process, Sign | Census):
        return {}
    planned = min(draws, process.size) if isinstance(process, Census) else draws
    found: dict[str, int | None] = {
        "planned": planned,
        "refuted_run": _first(process.path([miss] * planned)[1], threshold),
        "supported_run": _first(process.path([hit] * planned)[0], threshold),
    }
    if isinstance(process, BoundedMean):
        return found

    def refutes(hits: int) -> bool:
        # the order does not matter to what stands at the end: only the counts do
        return float(process.path([hit] * hits + [miss] * (planned - hits))[1][-1]) >= threshold

    def supports(hits: int) -> bool:
        return float(process.path([hit] * hits + [miss] * (planned - hits))[0][-1]) >= threshold

    most = _last(refutes, planned)
    least = _last(lambda misses: supports(planned - misses), planned)
    return {
        **found,
        "refuted_hits": most,
        "supported_hits": None if least is None else planned - least,
    }


def _first(path: Any, threshold: float) -> int | None:
    """Return after how many draws a path reaches the threshold."""
    for draw, log_e in enumerate(path, start=1):
        if log_e >= threshold:
            return draw
    return None


def _last(holds: Callable[[int], bool], most: int) -> int | None:
    """Return the largest number from 0 for which something holds that stops holding once."""
    if most < 1 or not holds(0):
        return None
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if holds(middle) else (low, middle - 1)
    return low
