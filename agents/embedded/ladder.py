"""The exponents of a grammar as a ladder: which of its steps a fitted number may be."""

import numpy as np

from gaseol.agents.embedded.pilot import Floats, rounded


def near(ladder: Floats, x: float, error: float) -> list[float]:
    """Return the step of a ladder next to a number, and the one after where it is as well possible."""
    order = np.argsort(np.abs(ladder - x), kind="stable")[:2]
    steps = [float(ladder[i]) for i in order]
    return steps if abs(steps[-1] - x) < 3 * error else steps[:1]


def either(ladder: Floats, x: float, error: float) -> float:
    """Return a step of the ladder that cannot be told from a number, else the number rounded."""
    step = float(ladder[int(np.argmin(np.abs(ladder - x)))])
    return step if abs(step - x) < 2 * max(error, 1e-10) else rounded(x, error)
