"""A Pareto front: what nothing else beats in every objective, and how much room it covers."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def nondominated(values: Array) -> NDArray[np.bool_]:
    """Tell which points no other point beats: as good in every objective, better in one.

    Of points with the same values all stay.

    Args:
        values: shape (points, objectives); more is better.
    """
    keep = np.zeros(len(values), dtype=bool)
    with np.errstate(over="ignore"):
        total = values.sum(axis=1)
    # what beats another has the larger sum, or stands before it where sums are rounded to equals
    left = np.lexsort((*(-column for column in values.T[::-1]), -total))
    while len(left):
        best, rest = values[left[0]], values[left[1:]]
        keep[left[0]] = True
        beaten = (best >= rest).all(axis=1) & (best > rest).any(axis=1)
        left = left[1:][~beaten]
    return keep


def hypervolume(values: Array, reference: Sequence[float]) -> float:
    """Return the volume that points dominate above a reference point, exactly.

    By slices along the last objective (Zitzler and Thiele 1999); meant for fronts of up to a few
    hundred points in up to four objectives.

    Args:
        values: shape (points, objectives); more is better.
        reference: of the objectives; what does not lie above it in all of them adds nothing.
    """
    floor = np.asarray(reference, dtype=np.float64)
    above = values[(values > floor).all(axis=1)] if len(values) else values
    return _volume(above - floor) if len(above) else 0.0


def _volume(heights: Array) -> float:
    if heights.shape[1] == 1:
        return float(heights.max(initial=0.0))
    front = np.unique(heights[nondominated(heights)], axis=0)
    order = front[np.argsort(-front[:, -1], kind="stable")]
    lower = np.append(order[1:, -1], 0.0)
    slabs = (
        (top - bottom) * _volume(order[: i + 1, :-1])
        for i, (top, bottom) in enumerate(zip(order[:, -1], lower, strict=True))
        if top > bottom
    )
    return float(sum(slabs))
