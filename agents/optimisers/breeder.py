"""Breeds candidates out of what did well, where a space cannot be listed."""

from collections.abc import Callable, Sequence

import numpy as np

from gaseol.tools.space import Features, Space

Promise = Callable[[Features], np.ndarray]
"""How much is hoped of points, by what is known of them before measuring; more is better."""

GENERATIONS = 3
"""Of offspring between two batches."""
FRESH = 0.15
"""The share of candidates that are drawn from the space at random."""
_MUTANTS = 0.5
"""The share of offspring that are changed rather than mixed."""


class Breeder:
    """Draws parents by rank, changes and mixes them, and climbs on what is hoped of the young."""

    def __init__(self, space: Space, rng: np.random.Generator) -> None:
        self._space = space
        self._rng = rng

    def sample(self, n: int, known: set[str]) -> list[str]:
        """Return at most n points at random that are not known."""
        found: dict[str, None] = {}
        for _ in range(20):
            drawn = self._space.sample(2 * n, self._rng)
            found |= dict.fromkeys(p for p in drawn if p not in known)
            if len(found) >= n:
                break
        return list(found)[:n]

    def offspring(self, stock: Sequence[str], n: int, known: set[str]) -> list[str]:
        """Return at most n changes and mixtures of points, the earlier the likelier as parents."""
        mutants = int(self._rng.binomial(n, _MUTANTS))
        found = self._space.mutate(self._drawn(stock, mutants), self._rng)
        first, second = self._drawn(stock, n - mutants), self._drawn(stock, n - mutants)
        found += self._space.cross(first, second, self._rng)
        return [point for point in dict.fromkeys(found) if point not in known]

    def candidates(
        self, parents: Sequence[str], n: int, known: set[str], promise: Promise
    ) -> tuple[list[str], Features | None]:
        """Return some n points of several generations with their features.

        Args:
            parents: the best first.
            n: how many are looked at.
            known: are not proposed again.
            promise: what later generations are bred for.
        """
        points = self.sample(max(1, int(FRESH * n)), known)
        features = self._space.featurise(points) if points else None
        hoped = promise(features) if features is not None else np.empty(0)
        for generation in range(GENERATIONS):
            best = np.argsort(-hoped, kind="stable")[: max(2, n // 12)] if generation else ()
            stock = [*(points[i] for i in best), *parents]
            size = max(2, int((1 - FRESH) * n / GENERATIONS))
            young = self.offspring(stock, size, known | set(points)) if stock else []
            if not young:
                continue
            more = self._space.featurise(young)
            points = points + young
            features = more if features is None else features.join(more)
            hoped = np.concatenate([hoped, promise(more)])
        return points, features

    def _drawn(self, stock: Sequence[str], n: int) -> list[str]:
        """Draw parents log-uniformly by their rank."""
        ranks = len(stock) ** self._rng.random(n) - 1
        return [stock[int(rank)] for rank in ranks]
