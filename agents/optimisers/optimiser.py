"""Optimisers: asked for points to measure, told what came of them."""

import math
from collections.abc import Sequence
from typing import Protocol

import numpy as np

from gaseol.tools.space import Space


class Optimiser(Protocol):
    """Proposes the next batch; the same seed and the same values give the same proposals."""

    def ask(self, n: int) -> list[str]:
        """Return at most n points, none of which was asked or told before."""
        ...

    def tell(self, points: Sequence[str], values: Sequence[float | None]) -> None:
        """Take in what was measured; None where a measurement failed. Larger is better.

        Raises:
            ValueError: a value is no finite number.
        """
        ...

    def gains(self, points: Sequence[str]) -> np.ndarray | None:
        """Return what each point is expected to gain on the best; None where nobody can tell."""
        ...


def finite(points: Sequence[str], values: Sequence[float | None]) -> None:
    """Hold values against what a model can learn from: one NaN would make all of them teach nothing.

    Raises:
        ValueError: one is no finite number.
    """
    for point, value in zip(points, values, strict=True):
        if value is not None and not math.isfinite(value):
            raise ValueError(f"'{point}' has the value {value}; tell None where measuring failed")


class RandomSearch:
    """Points at random: the arm that every other one has to beat."""

    def __init__(self, space: Space, seed: int) -> None:
        self._space = space
        self._rng = np.random.default_rng([seed, 11])
        self._known: dict[str, None] = {}

    def ask(self, n: int) -> list[str]:
        """Return at most n points at random that are not known yet.

        Where points are bred and the space's own are used up, random changes of any known ones.
        """
        size = self._space.size
        want = n + len(self._known)
        pool = self._space.sample(want if size is None else min(want, size), self._rng)
        found = [point for point in dict.fromkeys(pool) if point not in self._known][:n]
        for _ in range(20):
            if size is not None or len(found) >= n or not self._known:
                break
            known = list(self._known)
            stock = [known[i] for i in self._rng.integers(len(known), size=2 * n)]
            young = dict.fromkeys(self._space.mutate(stock, self._rng))
            found += [p for p in young if p not in self._known and p not in found]
        self._known |= dict.fromkeys(found[:n])
        return found[:n]

    def tell(self, points: Sequence[str], values: Sequence[float | None]) -> None:  # noqa: ARG002
        """Remember what need not be asked again."""
        self._known |= dict.fromkeys(points)

    def gains(self, points: Sequence[str]) -> None:  # noqa: ARG002
        """Return None: chance expects nothing."""
        return


def search(space: Space, seed: int, *, appetite: float | None = None) -> Optimiser:
    """Return the optimiser that fits a space: model-guided over a list, or genetic where open.

    Args:
        space: where to look.
        seed: fixes everything that is left to chance.
        appetite: standard deviations by which an uncertain point is preferred; by default 2 for
            batches of a list, 0.15 ln(1 + values) for one point at a time, 1 where points are bred.
    """
    from gaseol.agents.optimisers.genetic_search import GeneticSearch
    from gaseol.agents.optimisers.list_search import ListSearch

    if space.size is None:
        return GeneticSearch(space, seed, appetite=appetite)
    return ListSearch(space, seed, appetite=appetite)
