"""Power: how many cases a test needs to see an effect of a given size."""

import math
from collections.abc import Callable
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le, Lt
from pydantic import BaseModel, ConfigDict

from gaseol.tools import Example, Refuse, Unit, tool

MOST = 10_000_000
"""Cases; who needs more asks another question."""

Open = Annotated[float, Unit("1"), Gt(0), Lt(1)]
Sides = Literal["two-sided", "one-sided"]


class SampleSize(BaseModel):
    """Cases that a test needs, and the power it then has."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    cases: Annotated[int, Ge(2), Le(MOST)]
    """In each group; in all, where there is one group."""
    power: Annotated[float, Unit("1"), Ge(0), Le(1)]
    """Probability that the test sees the effect, with so many cases."""


@tool(
    seconds=0.02,
    limit_seconds=30,
    needs=("scipy",),
    tags=("statistics", "power"),
    examples=(
        Example(
            {"effect": 0.5},
            value={"cases": 64},
            tolerance=0.02,
            source="J. Cohen, Psychol. Bull. 112, 155 (1992), table 2",
        ),
    ),
)
def group_size(
    effect: Annotated[float, Unit("1"), Gt(0), Le(100)],
    power: Open = 0.8,
    alpha: Open = 0.05,
    sides: Sides = "two-sided",
    paired: bool = False,
) -> SampleSize:
    """Say how many cases a t test needs in each of two groups, or how many pairs.

    Exact, by the noncentral t distribution; J. Cohen, Statistical Power Analysis for the
    Behavioral Sciences, 2nd edition, Erlbaum (1988), chapter 2. For a fixed size decided
    beforehand: tests that look on the way, as gaseol's own do, need more.

    Args:
        effect: Cohen's d, the difference of means in standard deviations (of a case, or of the
            differences where paired).
        power: wanted, above alpha.
        alpha: error rate of the test.
        sides: whether the direction is predicted.
        paired: one group of pairs instead of two groups.

    Raises:
        Refuse: power is not above alpha, or more than ten million cases would be needed.
    """
    from scipy.stats import nct, t

    tail = alpha / 2 if sides == "two-sided" else alpha

    def reached(cases: int) -> float:
        freedom = cases - 1 if paired else 2 * cases - 2
        shift = effect * math.sqrt(cases if paired else cases / 2)
        bound = float(t.isf(tail, freedom))
        found = float(nct.sf(bound, freedom, shift))
        if sides == "two-sided":
            below = float(nct.cdf(-bound, freedom, shift))
            found += below if math.isfinite(below) else 0.0
        # beyond its range scipy gives NaN, where the normal limit has long been reached
        return found if math.isfinite(found) else _normal(shift - bound)

    return _smallest(reached, power, alpha)


@tool(
    seconds=0.02,
    limit_seconds=30,
    needs=("scipy",),
    tags=("statistics", "power"),
    examples=(Example({"expected": 0.8}),),
)
def proportion_size(
    expected: Open, null: Open = 0.5, power: Open = 0.8, alpha: Open = 0.05
) -> SampleSize:
    """Say how many cases show that a share differs from a null value, one-sided and exactly.

    The binomial test in the direction of the expected share, size at most alpha. As the power of
    an exact test rises in a sawtooth, the answer is the first size from which on it does not fall
    below the wanted one within the next 50 sizes. For a fixed size decided beforehand.

    Args:
        expected: the share thought to be true.
        null: the share to be ruled out.
        power: wanted, above alpha.
        alpha: error rate of the test.

    Raises:
        Refuse: the shares are equal, power is not above alpha, or too many cases would be needed.
    """
    from scipy.stats import binom

    if expected == null:
        raise Refuse("the expected share is the null's: no size shows a difference")
    p, q = (expected, null) if expected > null else (1 - expected, 1 - null)

    def reached(cases: int) -> float:
        # the fewest hits that the null makes at most alpha often
        least = int(binom.isf(alpha, cases, q)) + 1
        return float(binom.sf(least - 1, cases, p))

    first = _smallest(reached, power, alpha).cases
    for cases in range(first, MOST):
        if all(reached(cases + ahead) >= power for ahead in range(51)):
            return SampleSize(cases=cases, power=reached(cases))
    raise Refuse(f"over {MOST} cases would be needed")


def _normal(z: float) -> float:
    return 0.5 * math.erfc(-z / math.sqrt(2))


def _smallest(reached: Callable[[int], float], power: float, alpha: float) -> SampleSize:
    """Return the smallest size that reaches a power, which grows with it."""
    if power <= alpha:
        raise Refuse(f"power ({power:g}) must be above alpha ({alpha:g}): chance alone gives that")
    high = 2
    while reached(high) < power:
        high *= 2
        if high > MOST:
            raise Refuse(f"over {MOST} cases would be needed")
    low = max(2, high // 2)
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if reached(middle) >= power else (middle + 1, high)
    return SampleSize(cases=high, power=min(1.0, reached(high)))
