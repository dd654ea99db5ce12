"""Search through a space whose points can be listed."""

from collections.abc import Sequence

import numpy as np

from gaseol.agents.optimisers.optimiser import finite
from gaseol.agents.optimisers.surrogate import Surrogate
from gaseol.tools.space import Features, Space, SpaceError

_SHORT = 300
"""Between fits of the model only so many of the most promising points are looked at."""
_FEW = 2000
"""Lists of at most so many points are always looked through as a whole."""
_BATCHED = 2.0
_ALONE = 0.15
"""Appetites: for batches, and for single points times the logarithm of what was measured, since the
longer a search goes on the less its model's own favourites can tell (Srinivas et al. 2010)."""


class ListSearch:
    """Proposes the points of the highest optimistic value; at first, spread-out ones."""

    def __init__(
        self,
        space: Space,
        seed: int,
        *,
        appetite: float | None = None,
        merit: Sequence[float] | None = None,
        features: Features | None = None,
    ) -> None:
        """Begin a search.

        Args:
            space: where to look.
            seed: fixes everything that is left to chance.
            appetite: standard deviations by which an uncertain point is preferred.
            merit: what is thought of each point before anything is measured, for the first batch
                alone: it is spread out among the points of the highest merit.
            features: of all points, where they are known already.
        """
        self._points = list(space.enumerate())
        self._place = {point: i for i, point in enumerate(self._points)}
        self._features = space.featurise(self._points) if features is None else features
        self._rng = np.random.default_rng([seed, 12])
        self._appetite = appetite
        self._merit = None if merit is None else np.asarray(merit, dtype=np.float64)
        self._free = np.ones(len(self._points), dtype=bool)
        self._seen: list[int] = []
        self._values: list[float] = []
        self.surrogate = Surrogate(np.random.default_rng([seed, 13]))
        self._short = np.empty(0, dtype=np.int64)
        """What has been looked at since the last fit, the `_fits`th."""
        self._asked = self._features.take(self._short)
        self._fits = -1

    def tell(self, points: Sequence[str], values: Sequence[float | None]) -> None:
        """Take in what was measured; a failure only takes its point off the list.

        Raises:
            SpaceError: a point is not of the list.
            ValueError: a value is no finite number.
        """
        finite(points, values)
        strange = next((point for point in points if point not in self._place), None)
        if strange is not None:
            raise SpaceError(f"'{strange}' is not of the list that is searched")
        for point, value in zip(points, values, strict=True):
            at = self._place[point]
            self._free[at] = False
            if value is not None:
                self._seen.append(at)
                self._values.append(value)

    def ask(self, n: int) -> list[str]:
        """Return at most n points that were neither asked nor told before."""
        free = np.flatnonzero(self._free)
        n = min(n, len(free))
        if n < 1:
            return []
        if len(set(self._values)) < 2:
            chosen = self._first(free, n)
        else:
            seen = np.array(self._seen)
            self.surrogate.learn(self._features.take(seen), np.array(self._values))
            self._look(free, n)
            allowed = self._free[self._short]
            chosen = self._short[
                self.surrogate.bounds(self._asked, self._hunger(n), n, allowed=allowed)
            ]
        self._free[chosen] = False
        return [self._points[i] for i in chosen]

    def _hunger(self, n: int) -> float:
        if self._appetite is not None:
            return self._appetite
        return _BATCHED if n > 1 else _ALONE * float(np.log1p(len(self._values)))

    def gains(self, points: Sequence[str]) -> np.ndarray | None:
        """Return what each point is expected to gain on the best; None before anything is learnt."""
        if not self.surrogate.members:
            return None
        features = self._features.take([self._place[p] for p in points])
        return self.surrogate.gains(features, np.array(self._values))

    def _look(self, free: np.ndarray, n: int) -> None:
        """Set what is looked at: all that is left of a short list, of others what promises most."""
        fits, enough = self.surrogate.refits, min(3 * n, len(free))
        if self._fits == fits and self._free[self._short].sum() >= enough:
            return
        self._fits, self._short = fits, free
        if len(free) > _FEW:
            most = max(_SHORT, 8 * n)
            likely = self._top(free, max(5 * most, _FEW), self.surrogate.rough())
            self._short = self._top(likely, most, self.surrogate)
        self._asked = self._features.take(self._short)
        self.surrogate.watch(self._asked)

    def _top(self, places: np.ndarray, most: int, surrogate: Surrogate) -> np.ndarray:
        """Return the places of the points that a model thinks the most of, in their old order."""
        value = np.empty(len(places))
        for start in range(0, len(places), _FEW):
            part = places[start : start + _FEW]
            mean, spread = surrogate.predict(self._features.take(part))
            value[start : start + _FEW] = mean + spread
        return places[np.sort(np.argsort(-value, kind="stable")[:most])]

    def _first(self, free: np.ndarray, n: int) -> np.ndarray:
        """Return points at random, spread out: of each next few the one farthest from the rest."""
        if self._merit is not None:
            best = free[self._merit[free] >= self._merit[free].max() - 1e-9]
            free = (
                best if len(best) >= n else free[np.argsort(-self._merit[free], kind="stable")][:n]
            )
        chosen = [int(self._rng.choice(free))]
        taken = set(chosen)
        while len(chosen) < n:
            draw = self._rng.choice(free, size=min(len(free), 4 + n), replace=False)
            tries = [int(i) for i in draw if int(i) not in taken]
            if not tries:
                tries = [int(i) for i in free if int(i) not in taken]
            here = self._features.take(chosen)
            far = [_apart(self._features.take([i]), here) for i in tries]
            chosen.append(tries[int(np.argmax(far))])
            taken.add(chosen[-1])
        return np.array(chosen)


def _apart(point: Features, others: Features) -> float:
    """Return the distance of a point from the nearest of others."""
    from gaseol.agents.optimisers.kernel import tanimoto

    gap = np.abs(others.numeric - point.numeric).sum(axis=1)
    for block in range(len(point.counts)):
        gap = gap + 1 - tanimoto(point, others, block)[0]
    return float(gap.min())
