"""Kernels that fit what is known of points: Matern 5/2 with a length a variable, Tanimoto on sets.

The whole is a sum of parts: `smooth` over the numeric columns; one part for every block of sets; the
product of `smooth` and the first block where there are both; and, where there is nothing but several
numeric variables, `effects`, the mean of kernels of one variable each (Duvenaud, Nickisch and
Rasmussen 2011): what a variable does whatever the others are, which a dozen values can tell.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from gaseol.tools.space import Features

Array = NDArray[np.float64]

_ROOT5 = 5**0.5
_BLOCK = 100_000
"""Of a covariance, so many entries are computed at a time: what does not fit a cache costs sevenfold."""


@dataclass(frozen=True)
class Shape:
    """Which parts a kernel has, for the features of one space."""

    variables: int
    """Numeric variables, each with a length of its own."""
    blocks: int
    """Blocks of sets."""

    @classmethod
    def of(cls, features: Features) -> "Shape":
        """Return the shape for these features."""
        return cls(max(features.groups, default=-1) + 1, len(features.counts))

    @property
    def parts(self) -> int:
        """How many parts are summed, each with an amplitude."""
        return int(self.smooth) + int(self.effects) + self.blocks + int(self.product)

    @property
    def smooth(self) -> bool:
        """Whether there are numeric variables."""
        return self.variables > 0

    @property
    def effects(self) -> bool:
        """Whether there are several and nothing else, each with an effect of its own."""
        return self.variables > 1 and not self.blocks

    @property
    def product(self) -> bool:
        """Whether there are numeric variables and sets."""
        return self.smooth and self.blocks > 0

    @property
    def size(self) -> int:
        """How many numbers describe a kernel: lengths, amplitudes, noise; all as logarithms."""
        return self.variables + self.parts + 1

    def lengths(self, theta: Array) -> Array:
        """Return the length of each variable."""
        return np.exp(theta[: self.variables])

    def amplitudes(self, theta: Array) -> Array:
        """Return the variance of each part."""
        return np.exp(theta[self.variables : self.variables + self.parts])

    def noise(self, theta: Array) -> float:
        """Return the variance of the noise."""
        return float(np.exp(theta[-1]))


def tanimoto(a: Features, b: Features, block: int) -> Array:
    """Return |intersection| / |union| of the sets of two batches of points, shape (a, b)."""
    left, right = a.counts[block], b.counts[block]
    shared = np.asarray((left @ right.T).todense(), dtype=np.float64)
    union = left.sum(axis=1)[:, None] + right.sum(axis=1)[None, :] - shared
    return np.divide(shared, union, out=np.ones_like(shared), where=union > 0)


def _widths(groups: tuple[int, ...]) -> Array:
    """Return, for each column, the root of the number of columns of its variable."""
    group = np.asarray(groups, dtype=np.int64)
    return np.sqrt(np.bincount(group)[group]) if len(group) else np.empty(0)


def _squares(a: Array, b: Array) -> Array:
    """Return squared distances between rows, shape (a, b)."""
    from scipy.spatial.distance import cdist

    return cdist(a, b, "sqeuclidean")


def covariance(shape: Shape, theta: Array, a: Features, b: Features) -> Array:
    """Return the covariance between two batches of points, shape (a, b), without noise."""
    step = max(1, _BLOCK // max(len(a), 1))
    if len(b) <= step:
        return _covariance(shape, theta, a, b)
    found = np.empty((len(a), len(b)))
    for start in range(0, len(b), step):
        part = b.take(np.arange(start, min(start + step, len(b))))
        found[:, start : start + step] = _covariance(shape, theta, a, part)
    return found


def _covariance(shape: Shape, theta: Array, a: Features, b: Features) -> Array:
    parts: list[Array] = []
    if shape.smooth:
        group = np.asarray(a.groups, dtype=np.int64)
        scale = shape.lengths(theta)[group] * _widths(a.groups)
        left, right = a.numeric / scale, b.numeric / scale
        parts.append(_matern(_squares(left, right)))
        if shape.effects:
            each = np.zeros_like(parts[0])
            for v in range(shape.variables):
                own = group == v
                each += _matern(shape.variables * _squares(left[:, own], right[:, own]))
            parts.append(each / shape.variables)
    parts += [tanimoto(a, b, block) for block in range(shape.blocks)]
    return _sum(shape, theta, _with_product(shape, parts))


def _with_product(shape: Shape, parts: list[Array]) -> list[Array]:
    """Return the parts with the product of `smooth` and the first block, where there are both."""
    return [*parts, parts[0] * parts[1]] if shape.product else parts


def _sum(shape: Shape, theta: Array, parts: list[Array]) -> Array:
    amplitudes = shape.amplitudes(theta)
    total = amplitudes[0] * parts[0]
    for amplitude, part in zip(amplitudes[1:], parts[1:], strict=True):
        total += amplitude * part
    return total


def variance(shape: Shape, theta: Array) -> float:
    """Return the variance of any one point, without noise."""
    return float(shape.amplitudes(theta).sum())


def _matern(squares: Array) -> Array:
    """Return Matern 5/2 at squared distances, which are overwritten."""
    r = np.sqrt(squares, out=squares)
    r *= _ROOT5
    value = r * r
    value *= 1 / 3
    value += r
    value += 1
    np.negative(r, out=r)
    value *= np.exp(r, out=r)
    return value


def _matern_with_slope(squares: Array) -> tuple[Array, Array]:
    """Return Matern 5/2 and its derivative by the squared distance."""
    r = _ROOT5 * np.sqrt(squares)
    fall = np.exp(-r)
    return (1 + r + r * r / 3) * fall, -(5 / 6) * (1 + r) * fall


@dataclass
class Likelihood:
    """The log marginal likelihood of observations, with its gradient, for one batch of points."""

    features: Features
    values: Array
    """Standardised, shape (n,)."""
    shape: Shape
    _squares: Array = field(init=False)
    _blocks: list[Array] = field(init=False)

    def __post_init__(self) -> None:
        group = np.asarray(self.features.groups, dtype=np.int64)
        scaled = self.features.numeric / _widths(self.features.groups)
        n = len(self.features)
        self._squares = np.empty((self.shape.variables, n, n))
        for v in range(self.shape.variables):
            columns = scaled[:, group == v]
            self._squares[v] = _squares(columns, columns)
        self._blocks = [tanimoto(self.features, self.features, b) for b in range(self.shape.blocks)]

    def __call__(self, theta: Array) -> tuple[float, Array]:
        """Return the log marginal likelihood and its gradient; -inf where it breaks down."""
        from scipy.linalg import cho_solve, cholesky

        shape, n = self.shape, len(self.values)
        amplitudes, noise = shape.amplitudes(theta), shape.noise(theta)
        inverse = shape.lengths(theta) ** -2.0
        parts: list[Array] = []
        slope = slopes = np.empty(0)
        if shape.smooth:
            smooth, slope = _matern_with_slope(np.tensordot(inverse, self._squares, axes=1))
            parts.append(smooth)
        if shape.effects:
            scaled = shape.variables * inverse[:, None, None] * self._squares
            each, slopes = _matern_with_slope(scaled)
            parts.append(each.mean(axis=0))
        parts = _with_product(shape, parts + self._blocks)
        matrix = _sum(shape, theta, parts)
        matrix[np.diag_indices(n)] += noise
        try:
            lower = cholesky(matrix, lower=True, check_finite=False)
        except np.linalg.LinAlgError:
            return -np.inf, np.zeros(shape.size)
        alpha = cho_solve((lower, True), self.values, check_finite=False)
        whole = cho_solve((lower, True), np.eye(n), check_finite=False)
        w = np.outer(alpha, alpha) - whole
        value = (
            -0.5 * float(self.values @ alpha)
            - float(np.log(np.diag(lower)).sum())
            - 0.5 * n * np.log(2 * np.pi)
        )
        gradient = np.empty(shape.size)
        if shape.smooth:
            weight = amplitudes[0] * slope
            if shape.product:
                weight = weight + amplitudes[-1] * slope * parts[1]
            if shape.effects:
                weight = weight + amplitudes[1] * slopes
            pull = (w * weight * self._squares).sum(axis=(1, 2))
            gradient[: shape.variables] = -inverse * pull
        for p in range(shape.parts):
            gradient[shape.variables + p] = 0.5 * amplitudes[p] * float(np.vdot(w, parts[p]))
        gradient[-1] = 0.5 * noise * float(np.trace(w))
        return value, gradient
