"""From a relation and a population to the pairs it speaks of, and a sealed order of draws.

Pairs are enumerated from what is known before measuring; their order is drawn by the seed
before any outcome in the frame is read, so nobody can choose draws by their outcome.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from gaseol.scenarios.population import Population
from gaseol.traces.evidence.process import Process
from gaseol.traces.nouns.hypothesis import Cell, Change, Condition, Groups, Match, Trend

DrawRule = Literal["disjoint", "replacement", "without_replacement"]

_LIMIT_PAIRS = 8_000_000
Pair = tuple[str, str]


class FrameError(ValueError):
    """A frame that cannot be made, and why."""


@dataclass(frozen=True, slots=True)
class PairFrame:
    """The pairs a hypothesis speaks of, and which of them will be drawn in what order."""

    cases: int
    size: int
    """All pairs of the frame."""
    draws: tuple[Pair, ...]
    """Disjoint pairs in the order they will be measured: (first, second)."""
    matching: str
    seed: int


def draw_seed(seed: int, relation: Trend | Groups | Change) -> int:
    """Return the seed of a frame's draws: the run's seed and the relation, nothing else."""
    text = f"{seed}:{relation.model_dump_json()}"
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:6])


def pair_frame(
    relation: Trend | Groups | Change,
    population: Population,
    changes: Mapping[str, Sequence[Pair]],
    seed: int,
    limit: int,
    without: Collection[str] = (),
    rule: DrawRule = "disjoint",
) -> PairFrame:
    """Enumerate the frame of a relation and draw pairs of it in random order.

    Args:
        relation: what is believed.
        population: the cases that may be drawn.
        changes: for structural changes, all pairs (changed, unchanged) by the change.
        seed: the run's seed.
        limit: draw at most this many pairs.
        without: cases that may not be drawn: seen before, or the pilot's.
        rule: `disjoint` draws no case twice, `without_replacement` no pair twice,
            `replacement` may draw a pair again.

    Raises:
        FrameError: the frame is empty or has more pairs than can be enumerated.
    """
    left_out = set(without)
    population = population.keep(c for c in population.cases if c not in left_out)
    population = population.where(relation.where)
    own_seed = draw_seed(seed, relation)
    if isinstance(relation, Change):
        known = set(population.cases)
        listed = [p for p in changes.get(relation.change, ()) if p[0] in known and p[1] in known]
        names = {case: i for i, case in enumerate(population.cases)}
        pairs = np.array([(names[a], names[b]) for a, b in listed], dtype=np.int32).reshape(-1, 2)
        matching = f"identical but for the change {relation.change}"
    else:
        pairs = _matched(relation, population)
        matching = _words(relation.matching)
    if not len(pairs):
        raise FrameError(f"no two cases are comparable ({matching or 'unmatched'})")
    rng = np.random.default_rng(own_seed)
    draws = _drawn(pairs, len(population), rng, limit, rule)
    return PairFrame(
        cases=len(population),
        size=len(pairs),
        draws=tuple((population.cases[a], population.cases[b]) for a, b in draws),
        matching=matching,
        seed=own_seed,
    )


def _matched(relation: Trend | Groups, population: Population) -> NDArray[np.int32]:
    """Return all pairs (first, second) that are matched and differ in the way believed."""
    n = len(population)
    if isinstance(relation, Trend):
        high = low = np.array(population.numbers(relation.variable))
    else:
        high = _side(relation.inside, population)
        low = _side(relation.against, population) if relation.against else ~high
    exact = [_codes(population.columns[m.variable]) for m in relation.matching if not m.within]
    loose = [
        (np.array(population.numbers(m.variable)), m.within) for m in relation.matching if m.within
    ]
    blocks = _blocks(exact, n)
    found: list[NDArray[np.int32]] = []
    total = 0
    for block in blocks:
        for start in range(0, len(block), 1024):
            a, b = block[start : start + 1024, None], block[None, :]
            if isinstance(relation, Trend):
                gap = high[a] - low[b]
                good = (gap > 0) & (gap >= relation.minimum_difference - 1e-9)
            else:
                good = high[a] & low[b] & (a != b)
            for values, within in loose:
                good &= np.abs(values[a] - values[b]) <= within + 1e-9
            i, j = np.nonzero(good)
            total += len(i)
            if total > _LIMIT_PAIRS:
                raise FrameError(
                    f"more than {_LIMIT_PAIRS} pairs; match more closely or take a sample of cases"
                )
            found.append(np.stack([block[start + i], block[j]], axis=1).astype(np.int32))
    return np.concatenate(found) if found else np.empty((0, 2), dtype=np.int32)


def _side(conditions: Iterable[Condition], population: Population) -> NDArray[np.bool_]:
    inside = np.ones(len(population), dtype=bool)
    for c in conditions:
        cells = population.columns[c.variable]
        inside &= np.array([c.holds(cell) for cell in cells], dtype=bool)
    return inside


def _codes(column: Sequence[Cell]) -> NDArray[np.float64]:
    """Return a number for each distinct cell, NaN for a missing one."""
    known = {cell: float(i) for i, cell in enumerate(dict.fromkeys(column)) if cell is not None}
    return np.array([np.nan if cell is None else known[cell] for cell in column])


def _blocks(exact: list[NDArray[np.float64]], n: int) -> list[NDArray[np.int64]]:
    """Return groups of cases that agree in every exactly matched variable; NaN agrees with none."""
    if not exact:
        return [np.arange(n)]
    table = np.stack(exact, axis=1)
    whole = np.nonzero(~np.isnan(table).any(axis=1))[0]
    if not len(whole):
        return []
    _, group = np.unique(table[whole], axis=0, return_inverse=True)
    order = np.argsort(group, kind="stable")
    cuts = np.nonzero(np.diff(group[order]))[0] + 1
    return [whole[part] for part in np.split(order, cuts)]


def _drawn(
    pairs: NDArray[np.int32], cases: int, rng: np.random.Generator, limit: int, rule: DrawRule
) -> list[tuple[int, int]]:
    if rule == "disjoint":
        return _disjoint(pairs, cases, rng, limit)
    if rule == "replacement":
        places = rng.integers(len(pairs), size=limit)
    else:
        places = rng.permutation(len(pairs))[:limit]
    return [(int(a), int(b)) for a, b in pairs[places]]


def _disjoint(
    pairs: NDArray[np.int32], cases: int, rng: np.random.Generator, limit: int
) -> list[tuple[int, int]]:
    """Draw uniformly among the pairs whose cases are not yet drawn, until none is left."""
    used = np.zeros(cases, dtype=bool)
    drawn: list[tuple[int, int]] = []
    for at in rng.permutation(len(pairs)):
        a, b = int(pairs[at, 0]), int(pairs[at, 1])
        if not used[a] and not used[b]:
            used[a] = used[b] = True
            drawn.append((a, b))
            if len(drawn) >= limit:
                break
    return drawn


def _words(matching: Sequence[Match]) -> str:
    said = [m.variable if not m.within else f"{m.variable} within {m.within:g}" for m in matching]
    return "matched in " + ", ".join(said) if said else ""


def draws_needed(process: Process, log_threshold: float, most: int) -> int | None:
    """Return how many draws, all hits, would cross the threshold; None if `most` do not."""
    if process.reach(most) < log_threshold:
        return None
    low, high = 1, most
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if process.reach(middle) >= log_threshold else (middle + 1, high)
    return low
