"""What speaks for testing a hypothesis: four numbers, none of which says that it is true."""

import itertools
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gaseol.agents.briefing import Briefing
from gaseol.agents.embedded import grammar
from gaseol.agents.tournament.proximity import proximity
from gaseol.traces.nouns.hypothesis import Cell, Change, Condition, Groups, Hypothesis, Law, Trend
from gaseol.traces.record.docket import Docket

_LEAST_PAIRS = 10
_MOST_CASES = 400
CRITERIA = ("support", "information", "novelty", "parsimony")
"""In the order in which they are named as the reason."""


@dataclass(frozen=True)
class Merit:
    """What speaks for a test, each the more the better; None where it cannot be said."""

    parsimony: float
    """Minus its description length, in bits."""
    support: float | None
    """The share of the pilot's pairs that go its way; for a law, of the pilot's spread explained."""
    information: float | None
    """The share of pairs of cases that a test of it could draw; for a law, of cases it speaks of."""
    novelty: float
    """One less its proximity to the nearest hypothesis that is tested already."""


def merit(hypothesis: Hypothesis, briefing: Briefing, docket: Docket) -> Merit:
    """Return what speaks for a hypothesis."""
    tested = [docket.hypotheses[n] for n in docket.registrations if n != hypothesis.id]
    nearest = max((proximity(hypothesis, other, briefing) for other in tested), default=0.0)
    return Merit(
        parsimony=-hypothesis.bits,
        support=_support(hypothesis, briefing),
        information=_information(hypothesis, briefing),
        novelty=1.0 - nearest,
    )


def preferred(a: Merit, b: Merit) -> tuple[int, str]:
    """Return 1, -1 or 0 for how many criteria prefer the first, and the first that decided."""
    votes: dict[str, int] = {}
    for name in CRITERIA:
        x, y = getattr(a, name), getattr(b, name)
        if x is not None and y is not None and not math.isclose(x, y, abs_tol=1e-9):
            votes[name] = 1 if x > y else -1
    total = sum(votes.values())
    if not total:
        return 0, "they have as much for them as each other"
    side = 1 if total > 0 else -1
    return side, next(name for name, vote in votes.items() if vote == side)


def _support(hypothesis: Hypothesis, briefing: Briefing) -> float | None:
    relation = hypothesis.relation
    if isinstance(relation, Law):
        spread = grammar.pilot_fit(relation, briefing)
        constant = grammar.pilot_fit(Law(link=relation.link), briefing)
        return None if spread is None or not constant else 1.0 - spread / constant
    if not isinstance(relation, Trend | Groups):
        return None
    hits = total = 0
    for high, low in _pairs(relation, briefing):
        total += 1
        hits += high > low
    if total < _LEAST_PAIRS:
        return None
    return hits / total if relation.direction == "raises" else 1.0 - hits / total


def _pairs(relation: Trend | Groups, briefing: Briefing) -> Iterator[tuple[float, float]]:
    """Yield the outcomes of the pilot's pairs that the relation orders, the first one's first."""
    for (case, one), (other, two) in itertools.permutations(briefing.pilot.items(), 2):
        a, b = briefing.population.row(case), briefing.population.row(other)
        if one.value != two.value and _ordered(relation, a, b):
            yield one.value, two.value


def _ordered(relation: Trend | Groups, a: Mapping[str, Cell], b: Mapping[str, Cell]) -> bool:
    if not (_holds(relation.where, a) and _holds(relation.where, b)):
        return False
    if isinstance(relation, Groups):
        outside = (
            _holds(relation.against, b) if relation.against else not _holds(relation.inside, b)
        )
        return _holds(relation.inside, a) and outside
    x, y = a.get(relation.variable), b.get(relation.variable)
    if not isinstance(x, int | float) or not isinstance(y, int | float):
        return False
    return x > y and x - y >= relation.minimum_difference


def _holds(conditions: tuple[Condition, ...], row: Mapping[str, Cell]) -> bool:
    return all(c.holds(row.get(c.variable)) for c in conditions)


def _information(hypothesis: Hypothesis, briefing: Briefing) -> float | None:
    relation, population = hypothesis.relation, briefing.population
    cases = population.cases[:_MOST_CASES]
    rows = [population.row(case) for case in cases]
    size = len(rows)
    match relation:
        case Law():
            return sum(relation.numbers(row) is not None for row in rows) / max(size, 1)
        case Change():
            return min(1.0, 2.0 * briefing.changes.get(relation.change, 0) / max(size, 1))
        case Trend() | Groups():
            spoken = np.array([_holds(relation.where, row) for row in rows])
            pairs = _drawable(relation, rows) & spoken[:, None] & spoken[None, :]
            for match in relation.matching:
                pairs &= _equal([row.get(match.variable) for row in rows], match.within)
            return float(pairs.sum()) / max(size * (size - 1) / 2, 1.0)
        case _:
            return None


def _drawable(relation: Trend | Groups, rows: list[dict[str, Cell]]) -> NDArray[np.bool_]:
    if isinstance(relation, Groups):
        inside = np.array([_holds(relation.inside, row) for row in rows])
        outside = ~inside
        if relation.against:
            outside = np.array([_holds(relation.against, row) for row in rows])
        return inside[:, None] & outside[None, :]
    cells = [row.get(relation.variable) for row in rows]
    x = np.array([c if isinstance(c, int | float) else math.nan for c in cells], float)
    gap = x[:, None] - x[None, :]
    return (gap > 0) & (gap >= relation.minimum_difference)


def _equal(cells: list[Cell], within: float) -> NDArray[np.bool_]:
    if within:
        x = np.array([c if isinstance(c, int | float) else math.nan for c in cells], float)
        return np.abs(x[:, None] - x[None, :]) <= within
    codes = {c: i for i, c in enumerate(dict.fromkeys(cells))}
    numbers = np.array([-1 if c is None else codes[c] for c in cells])
    return (numbers[:, None] == numbers[None, :]) & (numbers >= 0)[:, None]
