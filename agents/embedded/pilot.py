"""The pilot as arrays: what laws are suggested by."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gaseol.agents.briefing import Briefing
from gaseol.scenarios.hypotheses import Laws
from gaseol.traces.nouns.hypothesis import Law

Floats = NDArray[np.float64]

LEAST = 1e-12
"""Residuals below this are none: what is left of them is rounding."""


@dataclass(frozen=True)
class Pilot:
    """The cases of a pilot that all variables are known and positive of: n cases, p variables."""

    x: Floats
    """Shape (n, p)."""
    g: Floats
    """Shape (n,): ln of the outcome."""
    names: tuple[str, ...]

    @classmethod
    def of(cls, settings: Laws, briefing: Briefing) -> "Pilot | None":
        """Return the pilot of a run; None where it has fewer than four such cases."""
        probe = Law(link="log", weights=dict.fromkeys(settings.variables, 1.0))
        rows: list[list[float]] = []
        values: list[float] = []
        for case, reading in briefing.pilot.items():
            row = probe.numbers(briefing.population.row(case))
            if row is not None and reading.value > 0:
                rows.append([row[name] for name in settings.variables])
                values.append(math.log(reading.value))
        if len(values) < 4:
            return None
        return cls(np.array(rows), np.array(values), tuple(settings.variables))


def rounded(x: float, error: float, most: int = 13) -> float:
    """Return a number with the digits that its standard error warrants, and one more.

    Args:
        x: the number.
        error: its standard error.
        most: significant digits at most.
    """
    if not x or not math.isfinite(x) or not math.isfinite(error):
        return 0.0
    relative = max(abs(error / x), 10.0 ** (1 - most))
    digits = min(max(math.ceil(-math.log10(relative)) + 1, 1), most)
    return float(f"{x:.{digits}g}")
