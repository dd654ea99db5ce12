"""What an optimiser believes of the points it has not measured, learnt from those it has.

Values are taken half as they are and half as normal scores, so that neither an outlier nor a crowd
of equal failures decides the fit; a larger value is better. Where a space knows its columns as
numbers and as ranks, both are modelled and weighed by their evidence.
"""

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from gaseol.agents.optimisers.gaussian_process import GaussianProcess, fit
from gaseol.tools.space import Features

Array = NDArray[np.float64]

_GROWTH = 1.1
"""Hyperparameters are fitted again when there are this many times as many values."""
_ALWAYS = 20
"""Below so many values they are fitted each time."""
_DIGITS = 6
"""Of a score: the last bits of two numerical libraries must not decide between equal points."""
_TEMPER = 0.3
"""Evidence counts less than it says: its models are all wrong in their own ways."""


def warp(values: Array) -> Array:
    """Return values half as they are and half as normal scores, standardised, in the old order."""
    values, _ = _scaled(values)
    if not values.std() > 0:
        return np.zeros_like(values)
    mixed = _mixed(values)
    return (mixed - mixed.mean()) / mixed.std()


def _scaled(values: Array) -> tuple[Array, int]:
    """Return values over a power of two, and its exponent, so that no square overflows.

    No digit is lost by it, so that a campaign is the same in any unit.
    """
    exponent = int(np.frexp(np.abs(values).max(initial=0.0))[1])
    return np.ldexp(values, -exponent), exponent


def _mixed(values: Array) -> Array:
    from scipy.special import ndtri
    from scipy.stats import rankdata

    scores = ndtri((rankdata(values) - 0.5) / len(values))
    return (values - values.mean()) / values.std() + scores


@dataclass
class Surrogate:
    """A mixture of Gaussian processes that learns as values come in."""

    rng: np.random.Generator
    capacity: int = 1200
    """It is conditioned on at most this many values: the best half of them, the rest at random."""
    sample: int = 256
    """Hyperparameters are fitted to at most this many."""
    evaluations: int = 20
    """Of the likelihood, at most, for each fit."""
    refits: int = 0
    """How often hyperparameters have been fitted."""
    members: list[GaussianProcess] = field(default_factory=list[GaussianProcess])
    weights: Array = field(default_factory=lambda: np.ones(1))
    _theta: list[Array] = field(default_factory=list[Array])
    _fitted: int = 0
    _seen: int = 0
    _kept: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    _rough: list[GaussianProcess] = field(default_factory=list[GaussianProcess])
    """The members, conditioned on nothing but what their hyperparameters were fitted to."""
    _watched: tuple[Features, list[Features]] | None = None

    def learn(self, features: Features, values: Array) -> None:
        """Learn from all that was measured so far; earlier points keep their places.

        Args:
            features: of the points measured.
            values: shape (n,), finite; larger is better.
        """
        warped = warp(values)
        n = len(values)
        stale = n < _ALWAYS or n >= self._fitted * _GROWTH
        views = _views(features)
        if stale or not self._theta:
            self._watched = None
            self._refit(views, warped)
            self._kept, self._seen = self._chosen(warped, self.capacity), n
            kept = warped[self._kept]
            self.members = [
                GaussianProcess.of(view.take(self._kept), kept, theta)
                for view, theta in zip(views, self._theta, strict=True)
            ]
            return
        fresh = np.arange(self._seen, n)
        self._seen = n
        if len(fresh):
            self._kept = np.concatenate([self._kept, fresh])
            self.members = [
                member.told(view.take(fresh), warped[fresh])
                for member, view in zip(self.members, views, strict=True)
            ]
        self.members = [member.revalued(warped[self._kept]) for member in self.members]

    def forget(self) -> None:
        """Let go of the points, but not of the hyperparameters: what is learnt next stands alone."""
        self.members, self._fitted, self._watched = [], 0, None

    def watch(self, features: Features) -> None:
        """Keep at hand, until hyperparameters are fitted again, what is needed to predict points.

        Args:
            features: of the points; this very object is to be asked about.
        """
        self._watched = features, _views(features)
        self.members = [m.watch(v) for m, v in zip(self.members, self._watched[1], strict=True)]

    def rough(self) -> "Surrogate":
        """Return what would be believed had only the values been told that the fit was made to.

        For a first look at more points than can be looked at closely.
        """
        return replace(self, members=self._rough, _watched=None)

    def _viewed(self, features: Features) -> list[Features]:
        if self._watched is not None and self._watched[0] is features:
            return self._watched[1]
        return _views(features)

    def _refit(self, views: list[Features], warped: Array) -> None:
        rows = self._chosen(warped, self.sample)
        evidence: list[float] = []
        found: list[Array] = []
        self._rough = []
        for number, view in enumerate(views):
            starts = [self._theta[number]] if self._theta else []
            known = view.take(rows)
            theta, log_evidence = fit(known, warped[rows], starts, self.evaluations)
            self._rough.append(GaussianProcess.of(known, warped[rows], theta))
            found.append(theta)
            evidence.append(log_evidence)
        self._theta, self._fitted = found, len(warped)
        self.refits += 1
        tempered = np.exp(_TEMPER * (np.array(evidence) - max(evidence)))
        self.weights = tempered / tempered.sum()

    def _chosen(self, warped: Array, most: int) -> NDArray[np.int64]:
        n = len(warped)
        if n <= most:
            return np.arange(n)
        order = np.argsort(-warped, kind="stable")
        rest = self.rng.choice(order[most // 2 :], size=most - most // 2, replace=False)
        return np.sort(np.concatenate([order[: most // 2], rest]))

    def predict(self, features: Features) -> tuple[Array, Array]:
        """Return mean and standard deviation at points, on the scale of `warp`."""
        found = [m.predict(v) for m, v in zip(self.members, self._viewed(features), strict=True)]
        return self._mixed([m for m, _ in found], [s for _, s in found])

    def joint(
        self, features: Features, rows: NDArray[np.int64] | None = None
    ) -> tuple[Array, Array]:
        """Return mean and covariance at points, on the scale of `warp`.

        Args:
            features: of the points.
            rows: places of those that are meant; all by default.
        """
        views = self._viewed(features)
        found = [m.joint(v, rows) for m, v in zip(self.members, views, strict=True)]
        mean, spread = self._mixed([m for m, _, _ in found], [s for _, s, _ in found])
        inside = np.einsum("m,mij->ij", self.weights, np.array([c for _, _, c in found]))
        # what the members disagree about is their own at each point
        inside[np.diag_indices(len(spread))] = spread**2
        return mean, inside

    def _mixed(self, means: list[Array], spreads: list[Array]) -> tuple[Array, Array]:
        """Return mean and standard deviation of the mixture of the members' predictions."""
        each, wide = np.array(means), np.array(spreads)
        mean = self.weights @ each
        return mean, np.sqrt(self.weights @ (wide**2 + (each - mean) ** 2))

    def gains(self, features: Features, values: Array) -> Array:
        """Return the expected improvement on the best value at points, in the values' own unit.

        Above the best value the scale of `warp` is taken to be that of its linear half, which is
        what it is there but for the last score.

        Args:
            features: of the points.
            values: what was measured, shape (n,).
        """
        from scipy.special import ndtr

        values, exponent = _scaled(values)
        spread = values.std()
        if not spread > 0 or not self.members:
            return np.zeros(len(features))
        warped = warp(values)
        mean, sigma = self.predict(features)
        z = (mean - warped.max()) / sigma
        expected = sigma * (z * ndtr(z) + np.exp(-z * z / 2) / np.sqrt(2 * np.pi))
        return np.ldexp(expected * spread * _mixed(values).std(), exponent)

    def bounds(
        self,
        features: Features,
        appetite: float,
        n: int,
        *,
        predicted: tuple[Array, Array] | None = None,
        allowed: NDArray[np.bool_] | None = None,
    ) -> list[int]:
        """Return the places of the n points to measure next, the most promising first.

        Each is the one of the highest mean + appetite * spread; the spread is that after the
        points chosen before it will have been measured (Desautels, Krause and Burdick 2014), so
        that a batch does not ask one thing twice.

        Args:
            features: of the points there are to choose from.
            appetite: standard deviations by which an uncertain point is preferred.
            n: how many.
            predicted: what `predict` says of them, where it has been asked already.
            allowed: which of them may be chosen; all by default.
        """
        mean, spread = self.predict(features) if predicted is None else predicted
        hope = np.round(mean + appetite * spread, _DIGITS)
        order = np.argsort(-hope, kind="stable")
        if allowed is not None:
            order = order[allowed[order]]
        rows = order[: max(4 * n, n + 50)]
        views = self._viewed(features)
        left = [m.covariance(view, rows) for m, view in zip(self.members, views, strict=True)]
        alive = np.ones(len(rows), dtype=bool)
        between = spread[rows] ** 2 - self.weights @ np.array([np.diag(c) for c in left])
        chosen: list[int] = []
        for _ in range(min(n, len(rows))):
            inside = self.weights @ np.array([np.diag(c) for c in left])
            total = np.sqrt(np.maximum(inside + np.maximum(between, 0), 1e-12))
            score = np.round(mean[rows] + appetite * total, _DIGITS)
            at = int(np.argmax(np.where(alive, score, -np.inf)))
            alive[at] = False
            chosen.append(int(rows[at]))
            for number, member in enumerate(self.members):
                column = left[number][:, at] / np.sqrt(left[number][at, at] + member.noise)
                left[number] = left[number] - np.outer(column, column)
        return chosen


def _views(features: Features) -> list[Features]:
    return [features] if features.ranks is None else [features, features.ranked()]
