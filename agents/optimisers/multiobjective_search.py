"""Search for the best trade-offs: several objectives, limits, costs, noise, and pending points.

A point is worth what it is expected to add to the hypervolume of the front (the best value, where
there is one objective), times the chance that it keeps within the limits (Schonlau, Welch and Jones
1998; Gardner et al. 2014), over what it costs (Snoek, Larochelle and Adams 2012).

The hypervolume is taken as the mean, over random directions, of the best scalarised value
min_i (y_i / direction_i)^k (Golovin and Zhang 2020), which serves any number of objectives alike.
Where a point may be read more than once, a further reading of it competes with new points by the
same measure: what the best is expected to gain when the mean at the point moves by what one more
reading can move it (Gupta and Miescke 1996; Frazier, Powell and Dayanik 2008). Points of a batch,
and points that are still being measured, count as if they had come out at their mean.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from gaseol.agents.optimisers.belief import Belief
from gaseol.agents.optimisers.breeder import Breeder
from gaseol.agents.optimisers.optimiser import finite
from gaseol.agents.optimisers.surrogate import Surrogate
from gaseol.tools.space import Features, Space
from gaseol.traces.front import nondominated
from gaseol.traces.nouns.goal import Goal

Array = NDArray[np.float64]
Values = Sequence[float | None]

_DIRECTIONS = 64
_OUTCOMES = 32
"""Ways in which a point may come out, by which its expected gain is taken."""
_FIRST = 6
"""Points measured at random, at least, before models have a say where points are bred."""
_SHORT = 300
"""Candidates that are looked at closely; the rest by their optimistic value alone."""
_KEPT = 800
"""Of a longer list so many are kept between two fits of the models."""
_SCREENED = 600
"""Candidates bred for a batch, at least, where points cannot be listed; 40 for each of its points."""
_LEAST = 0.05
"""Chance of keeping the limits below which a point is passed over while there are others: a large
gain that cannot be had would outweigh every small one that can."""
_DIGITS = 6
"""Of a score: the last bits of two numerical libraries must not decide between equal points."""


@dataclass
class _Point:
    """A point that was measured: its readings, goal by goal."""

    readings: list[list[float]]
    told: int = 0

    def mean(self, goal: int) -> float | None:
        """Return the mean of the readings of a goal; None where there is none."""
        values = self.readings[goal]
        return sum(values) / len(values) if values else None


@dataclass
class _Pool:
    """Candidates for the next batch: new points, and points of which one more reading may tell."""

    points: list[str]
    features: Features
    rivals: Array = field(repr=False)
    """For each candidate and direction the best that is there without it: shape (n, directions)."""
    base: Array = field(repr=False)
    """The best that is there: shape (directions,)."""
    rows: NDArray[np.int64] | None = None
    """Their places among the points that the models keep at hand, where all are of them."""


class MultiobjectiveSearch:
    """Proposes the points that promise most for their cost; at first, points at random."""

    def __init__(
        self,
        space: Space,
        seed: int,
        goals: Sequence[Goal],
        *,
        cost: Callable[[Sequence[str]], Sequence[float]] | None = None,
        readings: int = 1,
        merit: Callable[[Sequence[str]], Sequence[float]] | None = None,
    ) -> None:
        """Begin a search.

        Args:
            space: where to look.
            seed: fixes everything that is left to chance.
            goals: one for each quantity that is measured, in the order in which values are told;
                at least one of them has a sign.
            cost: what measuring points costs, positive; by default all cost the same.
            readings: how often a point may be measured; more than once where readings are noisy.
            merit: what is thought of points before anything is measured, for the first batch alone.

        Raises:
            ValueError: no goal is an objective.
        """
        self.goals = tuple(goals)
        self._objectives = [i for i, goal in enumerate(goals) if goal.sign]
        if not self._objectives:
            raise ValueError("a search needs an objective: a goal with a sign")
        self._space = space
        self._cost = cost
        self._most = readings
        self._merit = merit
        self._rng = np.random.default_rng([seed, 16])
        self._breeder = Breeder(space, self._rng)
        self._directions = _directions(len(self._objectives), np.random.default_rng([seed, 17]))
        self._normal = _normal(len(self._objectives), seed)
        self.beliefs = [
            Belief(Surrogate(np.random.default_rng([seed, 18, i]))) for i in range(len(goals))
        ]
        self._measured: dict[str, _Point] = {}
        self._pending: dict[str, int] = {}
        """Points asked for and not yet told, with how often."""
        self._readings: list[tuple[int, tuple[float | None, ...]]] = []
        """Each as the place of its point in `_told` and its values."""
        self._told: list[str] = []
        self._features: Features | None = None
        self._floor = np.zeros(len(self._objectives))
        """From here hypervolume counts, on the models' scale."""
        self._fresh = False
        """Whether something was told that has not been learnt from."""
        self._good: list[str] = []
        """Points that keep within all limits, and what is held of their objectives."""
        self._good_levels = np.empty((0, len(self._objectives)))
        self._fits = -1
        """Fits of the models after which `_short` was chosen: the most promising listed points."""
        self._short = np.empty(0, dtype=np.int64)
        self._asked: Features | None = None

    def tell(self, points: Sequence[str], values: Sequence[Values]) -> None:
        """Take in readings; None where a quantity was not measured, or its measurement failed.

        Raises:
            SpaceError: a point is not in the space.
            ValueError: a value is no finite number, or a reading has not one for each goal.
        """
        for point, found in zip(points, values, strict=True):
            if len(found) != len(self.goals):
                raise ValueError(f"'{point}' has {len(found)} values for {len(self.goals)} goals")
            finite([point] * len(found), found)
        fresh = [p for p in dict.fromkeys(points) if p not in self._measured]
        self._fresh = self._fresh or len(points) > 0
        if fresh:
            more = self._space.featurise(fresh)
            self._features = more if self._features is None else self._features.join(more)
        for point in fresh:
            self._measured[point] = _Point([[] for _ in self.goals])
            self._told.append(point)
        place = {point: i for i, point in enumerate(self._told)} if points else {}
        for point, found in zip(points, values, strict=True):
            entry = self._measured[point]
            entry.told += 1
            for goal, value in enumerate(found):
                if value is not None:
                    entry.readings[goal].append(value)
            self._readings.append((place[point], tuple(found)))
            left = self._pending.get(point, 0) - 1
            if left > 0:
                self._pending[point] = left
            else:
                self._pending.pop(point, None)

    def ask(self, n: int) -> list[str]:
        """Return at most n points: new ones, and some of which another reading tells more."""
        if n < 1:
            return []
        self._learn()
        if not self._ready():
            found = self._blind(n)
        else:
            pool = self._candidates(n)
            found = [pool.points[i] for i in self._chosen(pool, n)] if pool else []
        for point in found:
            self._pending[point] = self._pending.get(point, 0) + 1
        return found

    def gains(self, points: Sequence[str]) -> Array | None:
        """Return what each point is expected to gain; None before anything is learnt.

        With one objective in its unit; with several as a share of the front's hypervolume. Where
        there are limits, the chance of keeping them counts; with costs it is not divided by them.
        """
        if not points or not self._ready() or self._features is None:
            return None
        pool = self._pool(list(points), self._space.featurise(points))
        score = self._gain(pool, self._moves(pool.features)) * self._chance(pool.features)
        if len(self._objectives) > 1:
            return score / max(float(pool.base.mean()), 1e-9)
        return score * self.beliefs[self._objectives[0]].step

    def estimates(self, points: Sequence[str], goal: int) -> tuple[Array, Array, Array] | None:
        """Return mean and ends of a 95% interval of a quantity at points, in its unit.

        None before anything is learnt of it. An estimate of the model, not a measurement.
        """
        belief, sign = self.beliefs[goal], self.goals[goal].sign or 1
        if not points or not belief.ready:
            return None
        mean, low, high = belief.estimate(self._space.featurise(points))
        return sign * mean, *((low, high) if sign > 0 else (-high, -low))

    def best(self, among: Collection[str]) -> list[str]:
        """Return the points of the front, by what is believed of them where readings are noisy.

        Args:
            among: no others are considered; those told beforehand, as if they were not there.
        """
        self._learn()
        places = [i for i, point in enumerate(self._good) if point in among]
        kept = nondominated(self._good_levels[places])
        return [self._good[i] for i, on in zip(places, kept, strict=True) if on]

    # what is known

    def _learn(self) -> None:
        if self._features is None or not self._fresh:
            return
        self._fresh = False
        for goal, belief in enumerate(self.beliefs):
            known = [(at, v[goal]) for at, v in self._readings if v[goal] is not None]
            if len(known) > 1:
                sign = self.goals[goal].sign or 1
                rows = np.array([at for at, _ in known])
                values = np.array([sign * (v or 0.0) for _, v in known])
                belief.learn(self._features.take(rows), values)
        if all(self.beliefs[i].ready for i in self._objectives):
            self._floor = self._reference()
        self._good = self._acceptable()
        self._good_levels = self._levels(self._good)

    def _ready(self) -> bool:
        if not all(self.beliefs[i].ready for i in self._objectives):
            return False
        return self._space.size is not None or len(self._measured) >= _FIRST

    def _acceptable(self) -> list[str]:
        """Return the points that keep within all limits, all their objectives being known."""
        found: list[str] = []
        for point, entry in self._measured.items():
            means = [entry.mean(i) for i in range(len(self.goals))]
            known = all(means[i] is not None for i, g in enumerate(self.goals)
                        if g.sign or g.limited)  # fmt: skip
            if known and all(g.accepts(m) for g, m in zip(self.goals, means, strict=True)
                             if m is not None):  # fmt: skip
                found.append(point)
        return found

    def _levels(self, points: Sequence[str]) -> Array:
        """Return the objectives of measured points on the models' scale; more is better.

        Where a point may be read again, what the model believes of it: the luckiest reading is
        not the best point.
        """
        if self._most > 1 and all(self.beliefs[i].ready for i in self._objectives):
            assert self._features is not None
            place = {point: i for i, point in enumerate(self._told)}
            features = self._features.take([place[p] for p in points])
            return np.stack([self.beliefs[i].predict(features)[0] for i in self._objectives], 1)
        columns: list[Array] = []
        for i in self._objectives:
            sign = self.goals[i].sign
            means = np.array([sign * (self._measured[p].mean(i) or 0.0) for p in points])
            ready = self.beliefs[i].ready
            columns.append(self.beliefs[i].carried(means) if ready else means)
        return np.stack(columns, axis=1) if len(points) else np.empty((0, len(columns)))

    # what is worth measuring

    def _reference(self) -> Array:
        """Return the point from which hypervolume counts: a tenth of the range below the worst."""
        assert self._features is not None
        known = [p for p in self._told if all(self._measured[p].readings[i]
                                              for i in self._objectives)]  # fmt: skip
        levels = self._levels(known)
        front = levels[nondominated(levels)]
        return front.min(axis=0) - 0.1 * np.maximum(np.ptp(levels, axis=0), 1e-9)

    def _scalarised(self, levels: Array) -> Array:
        """Return values of shape (..., objectives) by direction: shape (..., directions)."""
        k = len(self._objectives)
        if k == 1:
            return np.broadcast_to(levels, (*levels.shape[:-1], len(self._directions)))
        above = np.maximum(levels - self._floor, 0.0)
        lowest = above[..., 0, None] / self._directions[:, 0]
        for i in range(1, k):
            lowest = np.minimum(lowest, above[..., i, None] / self._directions[:, i])
        return lowest**k

    def _front_levels(self) -> Array:
        """Return the best scalarised value for each direction; the lowest where there is none."""
        if self._good:
            return self._scalarised(self._good_levels).max(axis=0)
        if len(self._objectives) > 1:
            return np.zeros(len(self._directions))
        warped = self.beliefs[self._objectives[0]].carried
        lowest = [p.mean(self._objectives[0]) for p in self._measured.values()]
        sign = self.goals[self._objectives[0]].sign
        known = np.array([sign * v for v in lowest if v is not None])
        return np.full(len(self._directions), warped(known).min())

    def _pool(
        self, points: list[str], features: Features, rows: NDArray[np.int64] | None = None
    ) -> _Pool:
        best = self._front_levels()
        rivals = np.tile(best, (len(points), 1))
        again = [i for i, p in enumerate(points) if p in self._measured]
        if again:
            levels = self._scalarised(self._good_levels)
            for i in again:
                others = [j for j, p in enumerate(self._good) if p != points[i]]
                if len(others) < len(self._good):
                    floor = best - np.abs(best) - 1.0
                    rivals[i] = levels[others].max(axis=0) if others else floor
        return _Pool(points, features, rivals, best, rows)

    def _moves(
        self, features: Features, beliefs: Sequence[Belief] | None = None
    ) -> tuple[Array, Array]:
        """Return, for each point and objective, the mean and by how much a reading may move it."""
        means: list[Array] = []
        moves: list[Array] = []
        for belief in [(beliefs or self.beliefs)[i] for i in self._objectives]:
            mean, spread = belief.predict(features)
            noise = belief.noise if self._most > 1 else 0.0
            means.append(mean)
            moves.append(spread**2 / np.sqrt(spread**2 + noise**2))
        return np.stack(means, axis=1), np.stack(moves, axis=1)

    def _gain(self, pool: _Pool, moves: tuple[Array, Array]) -> Array:
        """Return what the best is expected to gain by one reading of each candidate."""
        mean, move = moves
        if len(self._objectives) == 1:
            gap = mean[:, 0] - pool.rivals[:, 0]
            sigma = np.maximum(move[:, 0], 1e-12)
            z = gap / sigma
            over = gap * ndtr(z) + sigma * np.exp(-z * z / 2) / np.sqrt(2 * np.pi)
            return np.maximum(pool.rivals[:, 0] + over - pool.base[0], 0.0)
        total = np.zeros(len(pool.points))
        for z in self._normal:
            level = self._scalarised(mean + z * move)
            total += (np.maximum(level, pool.rivals) - pool.base).mean(axis=1)
        return np.maximum(total / len(self._normal), 0.0)

    def _chance(self, features: Features, beliefs: Sequence[Belief] | None = None) -> Array:
        """Return the chance that points keep within all limits."""
        chance = np.ones(len(features))
        for goal, belief in zip(self.goals, beliefs or self.beliefs, strict=True):
            if not goal.limited or not belief.ready:
                continue
            mean, spread = belief.predict(features)
            sign = goal.sign or 1
            ends = [None if end is None else float(belief.carried(np.array([sign * end]))[0])
                    for end in (goal.low, goal.high)]  # fmt: skip
            low, high = ends if sign > 0 else (ends[1], ends[0])
            below = 1.0 if high is None else ndtr((high - mean) / spread)
            beneath = 0.0 if low is None else ndtr((low - mean) / spread)
            chance *= np.maximum(below - beneath, 1e-12)
        return chance

    def _costs(self, points: Sequence[str]) -> Array:
        if self._cost is None:
            return np.ones(len(points))
        return np.maximum(np.asarray(self._cost(points), dtype=np.float64), 1e-12)

    # where to look

    def _known(self) -> set[str]:
        return {*self._measured, *self._pending}

    def _blind(self, n: int) -> list[str]:
        """Return points at random; of those thought best beforehand, where something is."""
        known = self._known()
        size = self._space.size
        if self._merit is not None and size is not None:
            free = [p for p in self._space.enumerate() if p not in known]
            merit = np.asarray(self._merit(free), dtype=np.float64)
            order = np.argsort(-merit, kind="stable")
            best = order[merit[order] >= merit[order[min(n, len(order)) - 1]] - 1e-12]
            return [free[i] for i in self._rng.permutation(best)[:n]] if len(free) else []
        if self._merit is not None:
            drawn = self._breeder.sample(20 * n, known)
            merit = np.asarray(self._merit(drawn), dtype=np.float64)
            best = np.argsort(-merit, kind="stable")[: 3 * n]
            return [drawn[i] for i in self._rng.permutation(best)[:n]]
        found = self._breeder.sample(n, known)
        if len(found) < n and self._measured and size is None:
            found += self._breeder.offspring(self._told, 2 * (n - len(found)), known | set(found))
        return found[:n]

    def _candidates(self, n: int) -> _Pool | None:
        known = self._known()
        if self._space.size is not None:
            places = np.array([i for i, p in enumerate(self._list) if p not in known], dtype=int)
            rows, asked = self._shortlisted(places, max(_SHORT, 8 * n))
            points = [self._list[i] for i in self._short[rows]]
            features = asked.take(rows) if points else None
        else:
            rows = None
            points, features = self._breeder.candidates(
                self._parents(), max(_SCREENED, 40 * n), known, self._hope
            )
            if features is not None and len(points) > max(_SHORT, 8 * n):
                top = np.argsort(-self._hope(features), kind="stable")[: max(_SHORT, 8 * n)]
                top = np.sort(top)
                points, features = [points[i] for i in top], features.take(top)
        again = self._contenders() if self._most > 1 else []
        if again:
            more = self._space.featurise(again)
            points, rows = points + again, None
            features = more if features is None else features.join(more)
        return self._pool(points, features, rows) if features is not None and points else None

    @cached_property
    def _list(self) -> list[str]:
        return list(self._space.enumerate())

    @cached_property
    def _all(self) -> Features:
        return self._space.featurise(self._list)

    def _shortlisted(
        self, places: NDArray[np.int64], most: int
    ) -> tuple[NDArray[np.int64], Features]:
        """Return the most promising of listed points for their cost: rows of what is kept at hand.

        Between fits of the models only so many of those that were promising after the last one are
        looked at.
        """
        fits = sum(belief.surrogate.refits for belief in self.beliefs)
        left = np.isin(self._short, places)
        if self._asked is None or self._fits != fits or left.sum() < min(most, len(places)):
            kept = max(_KEPT, most)
            rough = [belief.rough() for belief in self.beliefs]
            self._fits = fits
            self._short = self._top(self._top(places, 2 * kept, rough), kept, self.beliefs)
            self._asked = self._all.take(self._short)
            for belief in self.beliefs:
                belief.watch(self._asked)
            left = np.ones(len(self._short), dtype=bool)
        hope = self._worth(self._short, self._asked, self.beliefs)
        order = np.argsort(-_rounded(hope), kind="stable")
        return np.sort(order[left[order]][:most]), self._asked

    def _top(
        self, places: NDArray[np.int64], most: int, beliefs: Sequence[Belief]
    ) -> NDArray[np.int64]:
        """Return the listed points that promise most for their cost, in their old order."""
        if len(places) <= most:
            return places
        parts = [places[i : i + 1000] for i in range(0, len(places), 1000)]
        worth = [self._worth(part, self._all.take(part), beliefs) for part in parts]
        return places[np.sort(np.argsort(-_rounded(np.concatenate(worth)), kind="stable")[:most])]

    def _worth(
        self, places: NDArray[np.int64], features: Features, beliefs: Sequence[Belief]
    ) -> Array:
        return self._hope(features, beliefs) / self._costs([self._list[i] for i in places])

    def _hope(self, features: Features, beliefs: Sequence[Belief] | None = None) -> Array:
        """Return the gain of points that come out one standard deviation above their mean."""
        mean, move = self._moves(features, beliefs)
        best = self._front_levels() if self._good else None
        level = self._scalarised(mean + move)
        gain = level.mean(axis=1) if best is None else np.maximum(level - best, 0).mean(axis=1)
        return (gain + 1e-6 * np.exp(np.minimum(mean.mean(axis=1), 30.0))) * self._chance(
            features, beliefs
        )

    def _parents(self) -> list[str]:
        """Return what was measured, the best first: front by front, what keeps the limits first."""
        there = set(self._good)
        rest = [p for p in self._told if p not in there]
        order: list[str] = []
        left, levels = self._good, self._good_levels
        while left:
            front = nondominated(levels)
            order += [p for p, on in zip(left, front, strict=True) if on]
            left = [p for p, on in zip(left, front, strict=True) if not on]
            levels = levels[~front]
        return [*order, *rest]

    def _contenders(self) -> list[str]:
        """Return measured points that may be read again and might be the best."""
        open_ = [
            point
            for point in self._good
            if self._measured[point].told + self._pending.get(point, 0) < self._most
        ]
        if not open_:
            return []
        hope = self._hope(self._space.featurise(open_))
        return [open_[i] for i in np.argsort(-hope, kind="stable")[:20]]

    def _chosen(self, pool: _Pool, n: int) -> list[int]:
        """Return the places of a batch, each chosen as if those before it had come out as expected."""
        waiting = [p for p in self._pending if p not in set(pool.points)]
        features = pool.features
        if waiting:
            features = features.join(self._space.featurise(waiting))
        rows = None if waiting else pool.rows
        if rows is not None and self._asked is not None:
            features = self._asked
        believed = [self.beliefs[i].joint(features, rows) for i in self._objectives]
        joint = [covariance for _, covariance in believed]
        noises = [self.beliefs[i].noise if self._most > 1 else 0.0 for i in self._objectives]
        mean = np.stack([mean for mean, _ in believed], axis=1)
        size = len(pool.points)
        alive = np.ones(size, dtype=bool)
        rivals = pool.rivals.copy()

        base = pool.base.copy()

        def take(at: int) -> None:
            for number, noise in enumerate(noises):
                cov = joint[number]
                column = cov[:, at] / np.sqrt(cov[at, at] + noise**2 + 1e-9)
                joint[number] = cov - np.outer(column, column)
            level = self._scalarised(mean[at][None, :])[0]
            np.maximum(rivals, level, out=rivals)
            np.maximum(base, level, out=base)

        for at in range(size, size + len(waiting)):
            take(at)
        chance = self._chance(pool.features)
        likely = chance >= min(_LEAST, float(chance.max()))
        weight = np.where(likely, chance, chance * 1e-6) / self._costs(pool.points)
        searching = bool(self._good)
        found: list[int] = []
        for _ in range(min(n, size)):
            spread = np.stack([np.sqrt(np.maximum(np.diag(c)[:size], 1e-12)) for c in joint], 1)
            move = spread**2 / np.sqrt(spread**2 + np.square(noises))
            gain = np.ones(size)
            if searching:  # else first of all find one that keeps the limits
                part = _Pool(pool.points, pool.features, rivals, base)
                gain = self._gain(part, (mean[:size], move))
                # where nothing is expected to gain, what might be good comes before what cannot
                gain += 1e-9 * np.exp(np.minimum((mean[:size] + 2 * move).mean(axis=1), 30.0))
            best = int(np.argmax(np.where(alive, _rounded(gain * weight), -np.inf)))
            alive[best] = False
            found.append(best)
            take(best)
        return found


def _rounded(score: Array) -> Array:
    """Return scores to so many digits of the largest, that equals are told by their order."""
    top = float(np.abs(score).max(initial=0.0))
    return np.round(score / top, _DIGITS) if top > 0 else score


def _directions(k: int, rng: np.random.Generator) -> Array:
    """Return directions spread over the positive part of the unit sphere."""
    if k == 1:
        return np.ones((1, 1))
    drawn = np.abs(rng.normal(size=(_DIRECTIONS, k)))
    return np.maximum(drawn / np.linalg.norm(drawn, axis=1, keepdims=True), 1e-3)


def _normal(k: int, seed: int) -> Any:
    """Return ways in which the objectives may come out: quasi-random normal numbers and their opposites."""
    from scipy.stats import qmc

    half = ndtri(qmc.Sobol(k, seed=np.random.default_rng([seed, 19])).random(_OUTCOMES // 2))
    return np.concatenate([half, -half])
