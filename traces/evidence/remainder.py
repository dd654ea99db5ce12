"""What a law leaves: does a smooth function of the variables predict it better than noise does?"""

import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

FIRST = 3
"""The point at which scoring begins: two residuals fix the constant and a first spread."""
AMPLITUDES = (1.0, 100.0, 10_000.0)
"""Variances of a smooth remainder, in units of the noise's."""
REACH = 1.0
"""How far a function of one variable is alike, in standard deviations of that variable."""
TOGETHER = 1.5
"""The same for a function of all variables."""
_FLOOR = 1e-9
"""Least predictive spread."""


def remainder(z: Floats, x: Floats) -> Floats:
    """Return the running ln Bayes factor of "and something smooth is left" against "all is noise".

    Something smooth is a Gaussian process: a function of one of the variables, a sum of such
    functions of each, or a function of all together, each with a squared exponential kernel and
    with three amplitudes, weighted alike. Constant and noise are unknown on both sides, with the
    reference prior, so the factor knows no unit (Hendriksen, de Heide and Gruenwald 2021,
    "Optional stopping with Bayes factors", Bayesian Analysis 16, 961).

    Args:
        z: shape (n,), what the law leaves of the readings, in the order read.
        x: shape (n, k), the variables there, each with a standard deviation near 1.

    Returns:
        Shape (n,), zero for the two readings before scoring begins.
    """
    from scipy.special import logsumexp

    n = len(z)
    if n < FIRST:
        return np.zeros(n)
    apart = (x[:, None, :] - x[None, :, :]) ** 2
    single = np.moveaxis(np.exp(-0.5 * apart / REACH**2), 2, 0)
    together = np.exp(-0.5 * apart.sum(axis=2) / TOGETHER**2)
    shapes = np.concatenate([single, single.mean(axis=0)[None], together[None]])
    smooth = [_predictions(z, np.eye(n) + a * shape) for a in AMPLITUDES for shape in shapes]
    mixed = np.asarray(logsumexp(np.stack(smooth), axis=0)) - math.log(len(smooth))
    return mixed - _predictions(z, np.eye(n))


def _predictions(z: Floats, covariance: Floats) -> Floats:
    """Return the running ln density of one-step-ahead predictions of z.

    Student's t under a flat constant and the reference prior of the noise, by recursive
    residuals (Brown, Durbin and Evans 1975, J. R. Stat. Soc. B 37, 149).

    Args:
        z: shape (n,).
        covariance: shape (n, n), in units of the noise's variance, noise included.
    """
    from scipy.linalg import solve_triangular
    from scipy.special import gammaln

    lower = np.linalg.cholesky(covariance)
    one: Floats = np.asarray(solve_triangular(lower, np.ones(len(z)), lower=True))
    value: Floats = np.asarray(solve_triangular(lower, z - float(z[0]), lower=True))
    weight = np.cumsum(one**2)
    level = np.cumsum(one * value) / weight
    widen = np.sqrt(1 + one[1:] ** 2 / weight[:-1])
    news = (value[1:] - level[:-1] * one[1:]) / widen
    df = np.arange(1, len(z) - 1)
    spread = np.sqrt(np.cumsum(news**2)[:-1] / df)
    width = (np.diag(lower)[1:] * widen)[1:]
    scale = np.maximum(spread, _FLOOR) * width
    steps = (
        gammaln((df + 1) / 2)
        - gammaln(df / 2)
        - 0.5 * np.log(df * np.pi)
        - np.log(scale)
        - (df + 1) / 2 * np.log1p((news[1:] * width / scale) ** 2 / df)
    )
    return np.concatenate([np.zeros(2), np.cumsum(steps)])
