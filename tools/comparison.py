"""Comparing what tools answer: where two values differ, and by how much."""

import math
from collections.abc import Iterator
from typing import Any

from gaseol.traces.comparison.leaves import partings


def differences(a: Any, b: Any) -> Iterator[tuple[str, Any, Any, float]]:
    """Yield where two answers differ: path, one, the other, and their relative difference.

    What are no numbers differ infinitely; `1` and `1.0` do not differ.

    Args:
        a: as JSON-able values.
        b: likewise.
    """
    for path, x, y in partings(a, b):
        apart = _apart(x, y)
        if apart:
            yield path, x, y, apart


def _apart(a: Any, b: Any) -> float:
    """Return the relative difference of two numbers; infinity where they are none."""
    if type(a) not in (int, float) or type(b) not in (int, float):
        return math.inf
    if a == b:
        return 0.0
    apart = abs(a - b) / max(abs(a), abs(b))
    return apart if math.isfinite(apart) else math.inf
