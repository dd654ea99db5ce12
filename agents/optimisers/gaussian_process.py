"""A Gaussian process: hyperparameters by penalised marginal likelihood, predictions with their spread."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from gaseol.agents.optimisers.kernel import Likelihood, Shape, covariance, variance
from gaseol.tools.space import Features

Array = NDArray[np.float64]

_JITTER = 1e-8
_EFFECTS = 0.3
"""Of what numeric variables are thought to do, the share that each does by itself."""


@dataclass(frozen=True)
class Prior:
    """Normal priors of the logarithms of a kernel's numbers, for values of unit variance.

    Lengths grow with the root of the number of variables, so that the correlation of two random
    points does not vanish as variables are added (Hvarfner, Hellsten and Nardi 2024). Their spread is
    narrower than there: a fit to a dozen values otherwise finds variables that matter by chance.
    """

    mean: Array
    spread: Array

    @classmethod
    def of(cls, shape: Shape) -> "Prior":
        """Return the prior for a shape."""
        length = np.log(0.5) + 0.5 * np.log(max(shape.variables, 1))
        shares = [1.0 / shape.parts] * shape.parts
        if shape.effects:
            shares = [1 - _EFFECTS, _EFFECTS]
        mean = [length] * shape.variables + np.log(shares).tolist()
        spread = [0.7] * shape.variables + [1.0] * shape.parts
        return cls(np.array([*mean, np.log(0.01)]), np.array([*spread, 1.5]))

    def __call__(self, theta: Array) -> tuple[float, Array]:
        """Return the log density, up to a constant, and its gradient."""
        z = (theta - self.mean) / self.spread
        return -0.5 * float(z @ z), -z / self.spread


def fit(
    features: Features, values: Array, starts: Sequence[Array] = (), most: int = 60
) -> tuple[Array, float]:
    """Return the most probable hyperparameters and their log evidence.

    Args:
        features: of the points measured.
        values: standardised, shape (n,).
        starts: where to begin; the prior's mean by default.
        most: evaluations from each start.
    """
    from scipy.optimize import minimize

    shape = Shape.of(features)
    prior, likelihood = Prior.of(shape), Likelihood(features, values, shape)

    def loss(theta: Array) -> tuple[float, Array]:
        value, gradient = likelihood(theta)
        if not np.isfinite(value):
            return 1e10, np.zeros_like(theta)
        more, slope = prior(theta)
        return -(value + more), -(gradient + slope)

    low, high = prior.mean - 5 * prior.spread, prior.mean + 5 * prior.spread
    best: tuple[float, Array] | None = None
    for start in starts or (prior.mean,):
        found = minimize(
            loss,
            np.clip(start, low, high),
            jac=True,
            method="L-BFGS-B",
            bounds=list(zip(low, high, strict=True)),
            options={"maxfun": most, "maxiter": most},
        )
        if best is None or found.fun < best[0]:
            best = (float(found.fun), np.asarray(found.x))
    assert best is not None
    # the search ends where it ends; its last digits would differ between numerical libraries
    return np.round(best[1], 4), -best[0]


@dataclass(frozen=True)
class GaussianProcess:
    """A process conditioned on standardised values."""

    features: Features
    values: Array
    shape: Shape
    theta: Array
    lower: Array
    """Cholesky factor of the covariance of what was measured, noise included."""
    watched: tuple[Features, Array] | None = None
    """Points that are asked about again and again, and what `project` gives for them."""

    @classmethod
    def of(cls, features: Features, values: Array, theta: Array) -> "GaussianProcess":
        """Condition a process with given hyperparameters on values."""
        shape = Shape.of(features)
        matrix = covariance(shape, theta, features, features)
        matrix[np.diag_indices(len(values))] += shape.noise(theta) + _JITTER
        lower = np.linalg.cholesky(matrix).astype(np.float64)
        return cls(features, values, shape, theta, lower)

    def told(self, features: Features, values: Array) -> "GaussianProcess":
        """Return the process with more points, by a block of the factor; O(n^2) a point."""
        from scipy.linalg import solve_triangular

        across = covariance(self.shape, self.theta, self.features, features)
        corner = covariance(self.shape, self.theta, features, features)
        corner[np.diag_indices(len(corner))] += self.shape.noise(self.theta) + _JITTER
        down = solve_triangular(self.lower, across, lower=True, check_finite=False).T
        low = np.linalg.cholesky(corner - down @ down.T)
        n, m = len(self.values), len(values)
        lower = np.zeros((n + m, n + m))
        lower[:n, :n], lower[n:, :n], lower[n:, n:] = self.lower, down, low
        watched = None
        if self.watched is not None:
            asked, above = self.watched
            rest = covariance(self.shape, self.theta, features, asked) - down @ above
            below = solve_triangular(low, rest, lower=True, check_finite=False)
            watched = asked, np.concatenate([above, below])
        everything = np.concatenate([self.values, values])
        joined = self.features.join(features)
        return GaussianProcess(joined, everything, self.shape, self.theta, lower, watched)

    def revalued(self, values: Array) -> "GaussianProcess":
        """Return the process with other values at the same points."""
        return replace(self, values=values)

    def watch(self, features: Features) -> "GaussianProcess":
        """Return the process with points that are asked about again whenever more was told.

        It predicts them for O(n) a point told, where others cost O(n^2).

        Args:
            features: of the points; this very object is to be asked about.
        """
        return replace(self, watched=(features, self.project(features)))

    def project(self, features: Features) -> Array:
        """Return lower^-1 k(measured, points), shape (n, points): what `predict` works with."""
        from scipy.linalg import solve_triangular

        if self.watched is not None and self.watched[0] is features:
            return self.watched[1]
        across = covariance(self.shape, self.theta, self.features, features)
        return solve_triangular(self.lower, across, lower=True, check_finite=False)

    @cached_property
    def whitened(self) -> Array:
        """lower^-1 values, shape (n,)."""
        from scipy.linalg import solve_triangular

        return solve_triangular(self.lower, self.values, lower=True, check_finite=False)

    def predict(self, features: Features) -> tuple[Array, Array]:
        """Return mean and standard deviation of the noiseless value at points."""
        return self._told_by(self.project(features))

    def _told_by(self, projected: Array) -> tuple[Array, Array]:
        left = variance(self.shape, self.theta) - np.einsum("ij,ij->j", projected, projected)
        return projected.T @ self.whitened, np.sqrt(np.maximum(left, 1e-12))

    def covariance(self, features: Features, rows: NDArray[np.int64] | None = None) -> Array:
        """Return the covariance of the noiseless values at points, shape (points, points).

        Args:
            features: of the points.
            rows: places of those that are meant; all by default.
        """
        return self.joint(features, rows)[2]

    def _left(self, features: Features, projected: Array) -> Array:
        return covariance(self.shape, self.theta, features, features) - projected.T @ projected

    def joint(
        self, features: Features, rows: NDArray[np.int64] | None = None
    ) -> tuple[Array, Array, Array]:
        """Return what `predict` and `covariance` do, for the price of one of them."""
        projected = self.project(features)
        if rows is not None:
            projected, features = projected[:, rows], features.take(rows)
        return *self._told_by(projected), self._left(features, projected)

    @property
    def noise(self) -> float:
        """Variance of the noise."""
        return self.shape.noise(self.theta)

    def left_out(self) -> tuple[Array, Array]:
        """Return mean and standard deviation of each measured value, predicted from the others.

        Closed form (Sundararajan and Keerthi 2001).
        """
        from scipy.linalg import cho_solve

        inverse = cho_solve((self.lower, True), np.eye(len(self.values)), check_finite=False)
        spread = 1.0 / np.diag(inverse)
        return self.values - (inverse @ self.values) * spread, np.sqrt(spread)
