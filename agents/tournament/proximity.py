"""How near two hypotheses are: what they say of the same cases, held against each other."""

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from gaseol.agents.briefing import Briefing
from gaseol.traces.nouns.hypothesis import (
    Cell,
    Change,
    Curve,
    Groups,
    Hypothesis,
    Law,
    Relation,
    Trend,
)

Floats = NDArray[np.float64]


def proximity(a: Hypothesis, b: Hypothesis, briefing: Briefing) -> float:
    """Return 1 for what cannot be told apart on these cases, 0 for what has nothing in common.

    Laws and curves: the correlation of what they predict. Trends and groups: the correlation of
    how they order the cases, times how much of what is held equal they share.
    """
    x, y = a.relation, b.relation
    if x == y:
        return 1.0
    if isinstance(x, Change) or isinstance(y, Change):
        return 0.0
    predicts = isinstance(x, Law | Curve)
    if predicts is not isinstance(y, Law | Curve):
        return 0.0
    alike = _correlation(_said(x, briefing), _said(y, briefing))
    if isinstance(x, Trend | Groups) and isinstance(y, Trend | Groups):
        alike *= _shared(x, y)
    return max(0.0, alike)


def _said(relation: Relation, briefing: Briefing) -> Floats:
    """Return a number for each case: the larger, the higher the outcome should be; NaN for none."""
    population = briefing.population
    rows = [population.row(case) for case in population.cases]
    match relation:
        case Curve():
            terms = briefing.rivals[relation.rival]
            said = [terms.get(case, math.nan) for case in population.cases]
        case Law():
            numbers = [relation.numbers(row) for row in rows]
            said = [math.nan if n is None else relation.term(n) for n in numbers]
        case Trend():
            sign = 1.0 if relation.direction == "raises" else -1.0
            cells = _ranks(np.array(population.numbers(relation.variable)))
            spoken = [all(c.holds(row[c.variable]) for c in relation.where) for row in rows]
            said = [sign * x if here else math.nan for x, here in zip(cells, spoken, strict=True)]
        case Groups():
            sign = 1.0 if relation.direction == "raises" else -1.0
            said = [_side(relation, row, sign) for row in rows]
        case Change():
            said = [math.nan] * len(rows)
    found = np.array(said, float)
    found[~np.isfinite(found)] = math.nan
    return found


def _side(groups: Groups, row: Mapping[str, Cell], sign: float) -> float:
    if not all(c.holds(row[c.variable]) for c in groups.where):
        return math.nan
    if all(c.holds(row[c.variable]) for c in groups.inside):
        return sign
    if not groups.against or all(c.holds(row[c.variable]) for c in groups.against):
        return -sign
    return math.nan


def _ranks(values: Floats) -> Floats:
    from scipy.stats import rankdata

    return np.asarray(rankdata(values, nan_policy="omit"), float)


def _correlation(x: Floats, y: Floats) -> float:
    both = ~(np.isnan(x) | np.isnan(y))
    if both.sum() < 3:
        return 0.0
    x, y = x[both] - x[both].mean(), y[both] - y[both].mean()
    size = math.sqrt(float(x @ x) * float(y @ y))
    return float(x @ y) / size if size > 1e-12 else 0.0


def _shared(a: Trend | Groups, b: Trend | Groups) -> float:
    """Return from one half (nothing that is held equal is shared) to one (all of it is)."""
    mine, theirs = ({m.variable for m in r.matching} for r in (a, b))
    union = mine | theirs
    return 0.5 + 0.5 * (len(mine & theirs) / len(union) if union else 1.0)
