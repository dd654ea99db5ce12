"""Search through a space that cannot be listed: a genetic algorithm that a model guides.

Many offspring are looked at, few are measured. Parents are drawn by rank, the better the likelier
(log-uniform), among what was measured and among the most promising offspring so far, so that the
acquisition is climbed over several generations before anything is measured.
"""

from collections.abc import Sequence

import numpy as np

from gaseol.agents.optimisers.breeder import FRESH, GENERATIONS, Breeder
from gaseol.agents.optimisers.optimiser import finite
from gaseol.agents.optimisers.surrogate import Surrogate
from gaseol.tools.space import Features, Space

_FIRST = 10
"""Measured at random before the model has a say."""
_LEARNT = 800
"""The model is conditioned on no more values, so that what a point costs does not grow."""
_MOST = 3000
"""So many values are remembered; when there are more,"""
_BEST, _OTHERS = 1500, 500
"""the best and some of the others are, and the rest is forgotten."""
_PLENTY = 1000
"""With more measured than this, fewer offspring are looked at for each point: the model knows the
neighbourhood of the best, and what is gained by looking at one more falls."""
_LEAST = 6
"""Offspring looked at for each point, however many were measured."""


class GeneticSearch:
    """Proposes the most promising of many offspring of what did well."""

    def __init__(
        self,
        space: Space,
        seed: int,
        *,
        appetite: float | None = None,
        screened: int = 16,
        pool: int = 500,
    ) -> None:
        """Begin a search.

        Args:
            space: where to look.
            seed: fixes everything that is left to chance.
            appetite: standard deviations by which an uncertain point is preferred.
            screened: offspring looked at for each of the first thousand points that are measured;
                later ones fall with the root of how many there are.
            pool: the best so many of what was measured are parents.
        """
        self._space = space
        self._rng = np.random.default_rng([seed, 14])
        self._breeder = Breeder(space, self._rng)
        self._appetite = appetite
        self._screened = screened
        self._pool = pool
        self._known: set[str] = set()
        self._points: list[str] = []
        self._values: list[float] = []
        self._features: Features | None = None
        self._told = 0
        self.surrogate = Surrogate(np.random.default_rng([seed, 15]), capacity=_LEARNT)

    def tell(self, points: Sequence[str], values: Sequence[float | None]) -> None:
        """Take in what was measured; a failed point is not asked again.

        Raises:
            SpaceError: a point is not in the space.
            ValueError: a value is no finite number.
        """
        finite(points, values)
        good = [(p, v) for p, v in zip(points, values, strict=True) if v is not None]
        self._known.update(points)
        if not good:
            return
        self._points += [p for p, _ in good]
        self._values += [v for _, v in good]
        fresh = self._space.featurise([p for p, _ in good])
        self._features = fresh if self._features is None else self._features.join(fresh)
        self._told += len(good)
        if len(self._values) > _MOST:
            self._forget()

    def _forget(self) -> None:
        """Keep the best and some of the others, so that memory and time are bounded."""
        order = np.argsort(-np.array(self._values), kind="stable")
        others = self._rng.choice(order[_BEST:], size=_OTHERS, replace=False)
        kept = np.sort(np.concatenate([order[:_BEST], others]))
        self._points = [self._points[i] for i in kept]
        self._values = [self._values[i] for i in kept]
        if self._features is not None:
            self._features = self._features.take(kept)
        self.surrogate.forget()

    def ask(self, n: int) -> list[str]:
        """Return at most n points that were neither asked nor told before."""
        if self._features is None or len(self._values) < _FIRST or len(set(self._values)) < 2:
            return self._remember(self._blind(n))
        values = np.array(self._values)
        self.surrogate.learn(self._features, values)
        points, features, predicted = self._bred(n)
        if not points:
            return []
        chosen = self.surrogate.bounds(features, self._hunger, n, predicted=predicted)
        return self._remember([points[i] for i in chosen])

    def gains(self, points: Sequence[str]) -> np.ndarray | None:
        """Return what each point is expected to gain on the best; None before anything is learnt."""
        if not self.surrogate.members:
            return None
        return self.surrogate.gains(self._space.featurise(points), np.array(self._values))

    @property
    def _hunger(self) -> float:
        return 1.0 if self._appetite is None else self._appetite

    def _looked_at(self, n: int) -> int:
        """Return how many offspring are looked at before n are measured."""
        fewer = (_PLENTY / max(self._told, _PLENTY)) ** 0.5
        return int(n * max(min(_LEAST, self._screened), self._screened * fewer))

    def _remember(self, points: list[str]) -> list[str]:
        self._known.update(points)
        return points

    def _blind(self, n: int) -> list[str]:
        """Return points to start from; once they are used up, changes of those that are known."""
        found = self._breeder.sample(n, self._known)
        if len(found) < n and self._points:
            known = self._known | set(found)
            found += self._breeder.offspring(self._points, 2 * (n - len(found)), known)
        return found[:n]

    def _bred(self, n: int) -> tuple[list[str], Features, tuple[np.ndarray, np.ndarray]]:
        """Return offspring that are not known yet, their features and what is expected of them."""
        order = np.argsort(-np.array(self._values), kind="stable")[: self._pool]
        parents = [self._points[i] for i in order]
        looked_at = self._looked_at(n)
        points = self._breeder.sample(int(FRESH * looked_at), self._known)
        features = self._space.featurise(points)
        mean, spread = self.surrogate.predict(features)
        each = max(2, int((1 - FRESH) * looked_at / GENERATIONS))
        for generation in range(GENERATIONS):
            stock = parents
            if generation:
                best = np.argsort(-(mean + self._hunger * spread), kind="stable")[: 2 * n]
                stock = [*(points[i] for i in best), *parents]
            young = self._breeder.offspring(stock, each, self._known.union(points))
            if not young:
                continue
            more = self._space.featurise(young)
            points, features = points + young, features.join(more)
            means, spreads = self.surrogate.predict(more)
            mean, spread = np.concatenate([mean, means]), np.concatenate([spread, spreads])
        return points, features, (mean, spread)
