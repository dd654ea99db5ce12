"""Which laws cannot be told apart on the cases that there are."""

import math

import numpy as np

from gaseol.agents.briefing import Briefing
from gaseol.agents.embedded.pilot import Floats
from gaseol.traces.nouns.hypothesis import Curve, Law, Relation

_SAME = 0.98
"""Predictions that correlate more closely than this are of one shape."""
_FINE = 1e-4
"""Differences in ln y that no instrument is trusted to show."""


def predictions(relation: Relation, briefing: Briefing) -> Floats | None:
    """Return the centred predictions of a law over the population, NaN where it has none."""
    if isinstance(relation, Curve):
        values = np.array([briefing.rivals[relation.rival].get(c, math.nan)
                           for c in briefing.population.cases])  # fmt: skip
    elif isinstance(relation, Law):
        rows = (relation.numbers(briefing.population.row(c))
                for c in briefing.population.cases)  # fmt: skip
        values = np.array([math.nan if row is None else relation.term(row) for row in rows])
    else:
        return None
    values[~np.isfinite(values)] = math.nan  # a factor vanishes there
    known = values[~np.isnan(values)]
    return np.asarray(values - known.mean(), dtype=np.float64) if len(known) else values


def alike(x: Floats, y: Floats, noise: float | None) -> bool:
    """Tell whether predictions are of one shape and size, or closer to each other than the noise.

    Args:
        x: centred predictions.
        y: those of another law.
        noise: standard deviation of a reading, where the pilot says it: what differs by more can be told
            apart with some ten readings, however alike in shape.
    """
    both = ~(np.isnan(x) | np.isnan(y))
    x, y = x[both], y[both]
    flat_x, flat_y = np.allclose(x, 0), np.allclose(y, 0)
    if flat_x or flat_y:
        return bool(flat_x and flat_y)
    if noise is not None and float((x - y).std()) > max(noise, _FINE):
        return False
    shape = float(x @ y) / math.sqrt(float(x @ x) * float(y @ y))
    # same shape and same size: a square root and its square are different laws
    return shape > _SAME and abs(math.log(float(x @ x) / float(y @ y))) < 0.1
