"""E-processes: the evidence for and against, valid whenever one looks.

Each process turns draws into two test supermartingales: E+ tests "the effect is at most
theta0", E- tests "it is at least theta0 + delta". Ville's inequality bounds the probability
that either ever reaches 1/alpha under its null by alpha, at any stopping time (Ramdas,
Gruenwald, Vovk and Shafer 2023, "Game-theoretic statistics and safe anytime-valid
inference", Statistical Science 38, 576). All results are natural logarithms, kept within
+-700 so that every evidence is a finite number.
"""

import math
from collections.abc import Sequence
from typing import Annotated, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from gaseol.traces.nouns.value import Value

Path = tuple[NDArray[np.float64], NDArray[np.float64]]
"""ln E+ and ln E- after each draw."""

LIMIT = 700.0


def _finite(log_e: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.clip(np.nan_to_num(log_e, nan=-LIMIT, posinf=LIMIT, neginf=-LIMIT), -LIMIT, LIMIT)


def _mean_of_products(steps: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return ln of the mean over bets (rows) of the running product of 1 + step."""
    from scipy.special import logsumexp

    paths = np.cumsum(np.log1p(steps), axis=1)
    return np.asarray(logsumexp(paths, axis=0)) - math.log(len(steps))


class Sign(Value):
    """How often a hit comes: n draws, k hits, uniform prior over the alternative.

    A draw is 1 (hit), -1 (miss), 0 (tie) or NaN (failed); ties and failures count as
    misses in E+ and as hits in E-.
    """

    kind: Literal["sign"] = "sign"
    theta0: float = Field(default=0.5, gt=0, lt=1)
    delta: float = Field(default=0.1, gt=0)

    @model_validator(mode="after")
    def _can_be_refuted(self) -> Self:
        if self.theta0 + self.delta >= 1:
            raise ValueError("theta0 + delta must stay below 1, or nothing could be refuted")
        return self

    def path(self, draws: Sequence[float]) -> Path:
        """Return the evidence after each draw."""
        from scipy.special import betaincc, betaln

        x = np.asarray(draws, dtype=float)
        n = np.arange(1, len(x) + 1)
        p0, p1 = self.theta0, self.theta0 + self.delta
        with np.errstate(divide="ignore"):
            k = np.cumsum(x > 0)
            plus = (
                betaln(1 + k, 1 + n - k)
                + np.log(betaincc(1 + k, 1 + n - k, p0))
                - math.log(1 - p0)
                - k * math.log(p0)
                - (n - k) * math.log(1 - p0)
            )
            k = n - np.cumsum(x < 0)
            minus = (
                betaln(1 + k, 1 + n - k)
                + np.log(betaincc(1 + n - k, 1 + k, 1 - p1))
                - math.log(p1)
                - k * math.log(p1)
                - (n - k) * math.log(1 - p1)
            )
        return _finite(plus), _finite(minus)

    def reach(self, draws: int) -> float:
        """Return the most evidence for that this many draws can give."""
        return float(self.path([1.0] * draws)[0][-1]) if draws else 0.0


class BoundedMean(Value):
    """The mean of values within registered bounds, by betting on a grid of stakes.

    Waudby-Smith and Ramdas 2024, "Estimating means of bounded random variables by betting",
    J. R. Stat. Soc. B 86, 1. `theta0` and `delta` are in the outcome's unit. A failed draw
    (NaN) counts as the lower bound in E+ and as the upper bound in E-.
    """

    kind: Literal["bounded_mean"] = "bounded_mean"
    low: float
    high: float
    theta0: float
    delta: float = Field(gt=0)
    stakes: int = Field(default=20, ge=1, le=1000)

    @model_validator(mode="after")
    def _within_bounds(self) -> Self:
        if not self.low < self.theta0 < self.theta0 + self.delta < self.high:
            raise ValueError("low < theta0 and theta0 + delta < high must hold, or no bet is fair")
        return self

    def path(self, draws: Sequence[float]) -> Path:
        """Return the evidence after each draw.

        Raises:
            ValueError: a value lies outside the registered bounds.
        """
        x = np.asarray(draws, dtype=float)
        if np.any((x < self.low) | (x > self.high)):
            raise ValueError(f"a value lies outside the registered [{self.low:g}, {self.high:g}]")
        width = self.high - self.low
        m0 = (self.theta0 - self.low) / width
        m1 = (self.theta0 + self.delta - self.low) / width
        unit = (x - self.low) / width
        grid = np.arange(1, self.stakes + 1) / self.stakes
        plus = _mean_of_products(np.outer(0.9 / m0 * grid, np.nan_to_num(unit, nan=0.0) - m0))
        minus = _mean_of_products(
            np.outer(0.9 / (1 - m1) * grid, m1 - np.nan_to_num(unit, nan=1.0))
        )
        return _finite(plus), _finite(minus)

    def reach(self, draws: int) -> float:
        """Return the most evidence for that this many draws can give."""
        return float(self.path([self.high] * draws)[0][-1]) if draws else 0.0


class GaussianMean(Value):
    """The mean of readings whose noise is Gaussian with known `sigma` (or an upper bound).

    A half-normal prior of width `tau` over the effect; `sigma` must not be estimated from
    these readings. Failed readings (NaN) are left out and count towards the failure rate.
    """

    kind: Literal["gaussian_mean"] = "gaussian_mean"
    sigma: float = Field(gt=0)
    theta0: float = 0.0
    delta: float = Field(gt=0)
    tau: float = Field(gt=0)

    def _half(self, excess: NDArray[np.float64]) -> NDArray[np.float64]:
        from scipy.special import log_ndtr

        seen = ~np.isnan(excess)
        total = np.cumsum(np.where(seen, excess, 0.0))
        t = np.cumsum(seen)
        s2, tau2 = self.sigma**2, self.tau**2
        spread = s2 + t * tau2
        return _finite(
            -0.5 * np.log1p(t * tau2 / s2)
            + tau2 * total**2 / (2 * s2 * spread)
            + math.log(2)
            + np.asarray(log_ndtr(self.tau * total / (self.sigma * np.sqrt(spread))))
        )

    def path(self, draws: Sequence[float]) -> Path:
        """Return the evidence after each reading."""
        x = np.asarray(draws, dtype=float)
        return self._half(x - self.theta0), self._half(self.theta0 + self.delta - x)

    def reach(self, draws: int) -> float:
        """Return infinity: a Gaussian reading has no upper bound."""
        return math.inf if draws else 0.0


_ALTERNATIVES = 512
"""Alternatives of a census at most: any mixture is valid, and a fine one costs time."""


def _grid(first: int, last: int) -> NDArray[np.int64]:
    """Return all whole numbers of a range, or as many evenly spaced ones as are mixed at most."""
    if last - first < _ALTERNATIVES:
        return np.arange(first, last + 1)
    steps = np.arange(_ALTERNATIVES)
    return first + (last - first) * steps // (_ALTERNATIVES - 1)


class Census(Value):
    """The share of hits in a finite frame of `size` cases, drawn without replacement.

    Hypergeometric likelihood ratios, mixed uniformly over the alternatives (or, in a large
    frame, over 512 of them, evenly spaced). Speaks of the
    frame only: what drawing all of it would show. Ties and failures as in `Sign`.
    """

    kind: Literal["census"] = "census"
    size: int = Field(ge=1)
    theta0: float = Field(default=0.5, gt=0, lt=1)
    delta: float = Field(default=0.1, gt=0)

    def _mixture(
        self, hits: NDArray[np.int64], null: int, others: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        from scipy.special import gammaln, logsumexp

        n = np.arange(1, len(hits) + 1)

        def log_path(true: NDArray[np.int64]) -> NDArray[np.float64]:
            m = true[:, None].astype(float)
            rest = self.size - m - (n - hits)
            possible = (m >= hits) & (rest >= 0)
            with np.errstate(invalid="ignore", divide="ignore"):
                value = (
                    gammaln(m + 1)
                    - gammaln(np.maximum(m - hits, 0) + 1)
                    + gammaln(self.size - m + 1)
                    - gammaln(np.maximum(rest, 0) + 1)
                )
            return np.where(possible, value, -np.inf)

        if not len(others):
            return np.zeros(len(hits))
        with np.errstate(invalid="ignore"):
            mixed = np.asarray(logsumexp(log_path(others), axis=0)) - math.log(len(others))
            ratio = mixed - log_path(np.array([null]))[0]
        return _finite(ratio)

    def path(self, draws: Sequence[float]) -> Path:
        """Return the evidence after each draw.

        Raises:
            ValueError: more draws than the frame has cases.
        """
        x = np.asarray(draws, dtype=float)
        if len(x) > self.size:
            raise ValueError(f"{len(x)} draws from a frame of {self.size}")
        low = math.floor(self.size * self.theta0 + 1e-9)
        high = min(self.size, math.ceil(self.size * (self.theta0 + self.delta) - 1e-9))
        plus = self._mixture(np.cumsum(x > 0, dtype=np.int64), low, _grid(low + 1, self.size))
        minus = self._mixture(
            np.arange(1, len(x) + 1) - np.cumsum(x < 0, dtype=np.int64), high, _grid(0, high - 1)
        )
        return plus, minus

    def reach(self, draws: int) -> float:
        """Return the most evidence for that this many draws can give."""
        n = min(draws, self.size)
        return float(self.path([1.0] * n)[0][-1]) if n else 0.0


class LawContest(Value):
    """Laws with a free constant and unknown Gaussian noise, weighed against each other.

    For law h the residual is z = g(y) - f_h(x). The numerator of a rival is the product of
    its one-step-ahead Student-t predictions, the denominator of a law is the supremum of its
    likelihood over the noise, jointly over all points scored (universal inference: Wasserman,
    Ramdas and Balakrishnan 2020, PNAS 117, 16880). Scoring begins at the third draw; only
    differences of g(y) enter, so a design may depend on these and not on the level of y.
    E+ is the least over the rivals, E- the mean over rivals and a flexible regression.
    """

    kind: Literal["law_contest"] = "law_contest"
    link: Literal["log", "identity"] = "log"
    flexible: tuple[str, ...] = ()
    """Variables of the flexible rival: a Bayesian regression with a flat intercept."""
    ridge: float = Field(default=1.0, gt=0)
    """Prior precision of its slopes, in units of the noise, on the registered scale."""
    ceiling: float | None = Field(default=None, gt=0)
    """The law holds that the noise of g(y) is at most this, as the instrument's physics says."""
    remainder: tuple[str, ...] = Field(default=(), exclude_if=lambda names: not names)
    """Variables of which nothing smooth may be left: while a function of them predicts what the
    law leaves better than noise does, the law is not supported. Without any, it is the best of
    those registered that is sought, whatever it leaves."""

    def reach(self, draws: int) -> float:
        """Return infinity once scoring has begun: a density has no upper bound."""
        return math.inf if draws >= 3 else 0.0


Process = Annotated[
    Sign | BoundedMean | GaussianMean | Census | LawContest, Field(discriminator="kind")
]
PathProcess = Sign | BoundedMean | GaussianMean | Census
