"""Effects: how large a difference or an association is, with its interval."""

import math
from typing import Annotated

from annotated_types import Ge, Gt, Le, Len, Lt
from pydantic import BaseModel, ConfigDict

from gaseol.tools import Example, Refuse, Retry, Unit, tool
from gaseol.traces.nouns.failure import FailureKind

Number = Annotated[float, Unit("1"), Ge(-1e15), Le(1e15)]
Bare = Annotated[float, Unit("1")]
"""A number in the unit that the data imply, which is not told."""
Sample = Annotated[tuple[Number, ...], Len(2, 20_000)]
Level = Annotated[float, Unit("1"), Gt(0.5), Lt(1)]
Share = Annotated[float, Unit("1"), Ge(0), Le(1)]
Signed = Annotated[float, Unit("1"), Ge(-1), Le(1)]


class Comparison(BaseModel):
    """How two groups differ."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    difference: Bare
    """Mean of the first less mean of the second, in the data's unit."""
    low: Bare
    """Lower end of the difference's interval."""
    high: Bare
    """Upper end of the difference's interval."""
    p_value: Share
    """Welch's t test of equal means, two-sided."""
    hedges_g: Bare
    """The difference in pooled standard deviations, corrected for small samples."""
    hedges_low: Bare
    """Lower end of its interval, large-sample formula."""
    hedges_high: Bare
    """Upper end of its interval, large-sample formula."""
    superiority: Share
    """Probability that a random case of the first exceeds one of the second, ties half."""
    cliffs_delta: Signed
    """2 * superiority - 1: no assumption on the distribution."""


class Association(BaseModel):
    """How two quantities rise together."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    pearson: Signed
    """Of a linear relation."""
    pearson_low: Signed
    """Lower end of its interval by Fisher's transformation."""
    pearson_high: Signed
    """Upper end of its interval by Fisher's transformation."""
    spearman: Signed
    """Of ranks."""
    kendall: Signed
    """Tau-b: pairs in order less pairs out of order, ties regarded."""
    p_value: Share
    """Of Spearman's coefficient being zero, two-sided, t approximation."""


@tool(
    seconds=0.02,
    limit_seconds=30,
    needs=("scipy",),
    tags=("statistics", "effect"),
    examples=(
        Example(
            {"first": [1.0, 2.0, 3.0], "second": [2.0, 4.0, 6.0]},
            value={"difference": -2.0},
            tolerance=1e-9,
            source="the means are 2 and 4",
        ),
    ),
)
def compare_groups(first: Sample, second: Sample, level: Level = 0.95) -> Comparison:
    """Compare two independent groups: difference, standardised size and chance of superiority.

    B. L. Welch, Biometrika 34, 28 (1947) for the difference; L. V. Hedges, J. Educ. Stat. 6, 107
    (1981), doi:10.3102/10769986006002107 for g; N. Cliff, Psychol. Bull. 114, 494 (1993) for
    delta. Valid for independent cases. This is a description of data at hand: a verdict on a
    hypothesis comes from what was registered before, not from this p value.

    Args:
        first: one group's values.
        second: the other's.
        level: share of such intervals that hold the true value.

    Raises:
        Refuse: with kind `empty`, neither group varies, so that no size can be told.
    """
    import numpy as np
    from scipy import stats

    a, b = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
    if a.var() + b.var() == 0:
        raise Refuse("no value differs within either group", kind=FailureKind.EMPTY)
    m, n = len(a), len(b)
    difference, u_a, u_b = float(a.mean() - b.mean()), a.var(ddof=1) / m, b.var(ddof=1) / n
    # Welch and Satterthwaite; a group that does not vary has no part in the error
    spread = math.sqrt(u_a + u_b)
    welch = stats.t((u_a + u_b) ** 2 / (u_a**2 / (m - 1) + u_b**2 / (n - 1)))
    half = float(welch.ppf((1 + level) / 2)) * spread
    freedom = m + n - 2
    pooled = math.sqrt(((m - 1) * a.var(ddof=1) + (n - 1) * b.var(ddof=1)) / freedom)
    # Hedges' exact factor, by logarithms so that large samples do not overflow.
    factor = math.exp(
        math.lgamma(freedom / 2) - math.lgamma((freedom - 1) / 2) - 0.5 * math.log(freedom / 2)
    ) if freedom > 1 else 0.0  # fmt: skip
    g = factor * difference / pooled
    error = math.sqrt((m + n) / (m * n) + g**2 / (2 * (m + n)))
    z = float(stats.norm.ppf((1 + level) / 2))
    u = float(stats.mannwhitneyu(a, b, method="asymptotic").statistic)
    return Comparison(
        difference=difference,
        low=difference - half,
        high=difference + half,
        p_value=float(2 * welch.sf(abs(difference) / spread)),
        hedges_g=g,
        hedges_low=g - z * error,
        hedges_high=g + z * error,
        superiority=u / (m * n),
        cliffs_delta=2 * u / (m * n) - 1,
    )


@tool(
    seconds=0.05,
    limit_seconds=60,
    needs=("scipy",),
    tags=("statistics", "effect"),
    examples=(
        Example(
            {"x": [1, 2, 3, 4], "y": [1, 4, 9, 16]},
            value={"spearman": 1.0},
            tolerance=1e-9,
            source="a rising function keeps every rank",
        ),
    ),
)
def rank_correlation(
    x: Annotated[tuple[Number, ...], Len(4, 20_000)],
    y: Annotated[tuple[Number, ...], Len(4, 20_000)],
    level: Level = 0.95,
) -> Association:
    """Measure how two quantities rise together, linearly and by rank.

    Pearson with Fisher's interval (R. A. Fisher, Biometrika 10, 507 (1915): normal data), Spearman,
    Kendall's tau-b. An association says nothing of cause, and a third quantity may make it.

    Args:
        x: one quantity.
        y: the other, one for each x.
        level: share of such intervals that hold the true value.

    Raises:
        Retry: x and y differ in number.
        Refuse: with kind `empty`, one of them does not vary.
    """
    import numpy as np
    from scipy import stats

    if len(x) != len(y):
        raise Retry(f"{len(x)} x and {len(y)} y: give one y for each x")
    a, b = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    if not (np.ptp(a) and np.ptp(b)):
        raise Refuse("one of the quantities does not vary", kind=FailureKind.EMPTY)
    r = max(-1.0, min(1.0, float(np.corrcoef(a, b)[0, 1])))
    reach = float(stats.norm.ppf((1 + level) / 2)) / math.sqrt(len(a) - 3)
    centre = math.atanh(max(-1 + 1e-15, min(1 - 1e-15, r)))
    spearman = stats.spearmanr(a, b)
    return Association(
        pearson=r,
        pearson_low=math.tanh(centre - reach),
        pearson_high=math.tanh(centre + reach),
        spearman=float(spearman.statistic),
        kendall=float(stats.kendalltau(a, b).statistic),
        p_value=float(spearman.pvalue),
    )
