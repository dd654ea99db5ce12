"""The arithmetic of law against law: predictive numerators, supremum denominators."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from gaseol.traces.evidence.process import LIMIT

Floats = NDArray[np.float64]

FIRST = 3
"""The draw at which scoring begins: two residuals fix the constant and a first spread."""
SIZES = 41
"""Noises that a law with a ceiling mixes over: down to a 1024th of it."""
_FLOOR = 1e-9
"""Least predictive spread. A numerator may be floored; a denominator must not."""


def _log_t(x: float, df: float, scale: float) -> float:
    return (
        math.lgamma((df + 1) / 2)
        - math.lgamma(df / 2)
        - 0.5 * math.log(df * math.pi)
        - math.log(scale)
        - (df + 1) / 2 * math.log1p((x / scale) ** 2 / df)
    )


def numerator(z: Floats) -> Floats:
    """Return the running ln density of a law's one-step-ahead predictions of its residuals z.

    Args:
        z: shape (n,), residuals in the order drawn.

    Returns:
        Shape (n,), zero for the two draws before scoring begins.
    """
    out = np.zeros(len(z))
    total = 0.0
    for i in range(FIRST, len(z) + 1):
        before = z[: i - 1]
        spread = max(float(np.std(before, ddof=1)), _FLOOR)
        total += _log_t(float(z[i - 1] - before.mean()), i - 2, spread * math.sqrt(i / (i - 1)))
        out[i - 1] = total
    return out


def held(z: Floats, ceiling: float) -> Floats:
    """Return the running ln density that a law with a ceiling predicts its residuals z with.

    A Bayesian mixture over `SIZES` noises from the ceiling down, each 2^(1/4) below the one
    before, weighted alike until the second residual is seen: no prediction is ever wider than
    the instrument's noise, however badly the law has fitted so far.

    Args:
        z: shape (n,), residuals in the order drawn.
        ceiling: the most noise that the law allows, on the scale of z.

    Returns:
        Shape (n,), zero for the two draws before scoring begins.
    """
    from scipy.special import logsumexp

    n = len(z)
    out = np.zeros(n)
    if n < FIRST:
        return out
    variance = ceiling**2 * 2.0 ** (-0.5 * np.arange(SIZES))[:, None]
    i = np.arange(2, n + 1)
    widen = i / (i - 1)
    squares = np.cumsum((z[1:] - np.cumsum(z)[:-1] / (i - 1)) ** 2 / widen)
    likelihoods = -0.5 * (
        (i - 1) * np.log(2 * np.pi * variance) + squares / variance + np.cumsum(np.log(widen))
    )
    mixed = np.asarray(logsumexp(likelihoods, axis=0))
    out[FIRST - 1 :] = mixed[1:] - mixed[0]
    return out


def denominator(z: Floats, ceiling: float | None = None) -> Floats:
    """Return the running supremum over the noise of a law's ln likelihood of its residuals z.

    Args:
        z: shape (n,), residuals in the order drawn.
        ceiling: the law holds that the noise is at most this; None where it holds nothing.

    Returns:
        Shape (n,), zero for the two draws before scoring begins, +inf for a law without error.
    """
    n = len(z)
    out = np.zeros(n)
    if n < FIRST:
        return out
    i = np.arange(FIRST, n + 1)
    means = np.cumsum(z)[FIRST - 2 : -1] / (i - 1)
    widen = i / (i - 1)
    squares = np.cumsum((z[FIRST - 1 :] - means) ** 2 / widen)
    count = i - FIRST + 1
    variance = squares / count
    if ceiling is not None:
        variance = np.minimum(variance, ceiling**2)
    with np.errstate(divide="ignore", invalid="ignore"):
        misfit = np.where(squares > 0, squares / variance, count)
        out[FIRST - 1 :] = -0.5 * (
            count * np.log(2 * np.pi * variance) + misfit + np.cumsum(np.log(widen))
        )
    return out


def flexible(g: Floats, x: Floats, ridge: float) -> Floats:
    """Return the running ln density of a regression's one-step-ahead predictions of g.

    Slopes have a normal prior with precision `ridge` in units of the noise, the intercept is
    flat, so only differences of g enter; the noise has the reference prior.

    Args:
        g: shape (n,), the transformed outcomes in the order drawn.
        x: shape (n, k), the regressors on their registered scale.
        ridge: prior precision of each slope.
    """
    out = np.zeros(len(g))
    total = 0.0
    for i in range(FIRST, len(g) + 1):
        past_x, past_g = x[: i - 1], g[: i - 1]
        centre_x, centre_g = past_x.mean(axis=0), float(past_g.mean())
        a: Floats = np.asarray(past_x - centre_x, dtype=np.float64)
        b: Floats = np.asarray(past_g - centre_g, dtype=np.float64)
        precision = a.T @ a + ridge * np.eye(x.shape[1])
        slope = np.asarray(np.linalg.solve(precision, a.T @ b), dtype=np.float64)
        # b'b - b'a slope is the residual sum with the prior's pull included
        left = max(float(np.dot(b, b)) - float(np.dot(a.T @ b, slope)), 0.0)
        new: Floats = np.asarray(x[i - 1] - centre_x, dtype=np.float64)
        widen = 1 + 1 / (i - 1) + float(np.dot(new, np.linalg.solve(precision, new)))
        scale = max(math.sqrt(left / (i - 2)), _FLOOR) * math.sqrt(widen)
        total += _log_t(float(g[i - 1] - centre_g - new @ slope), i - 2, scale)
        out[i - 1] = total
    return out


def weigh(
    residuals: Mapping[str, Floats],
    law: str,
    rivals: Sequence[str],
    flexible_path: Floats | None,
    ceilings: Mapping[str, float | None] | None = None,
    *,
    hold: bool = False,
) -> tuple[Floats, Floats]:
    """Return ln E+ and ln E- of a law after each draw.

    Args:
        residuals: for the law and each rival, z = g(y) - f(x), shape (n,).
        law: the law on trial.
        rivals: those it is weighed against.
        flexible_path: the flexible rival's running ln density, if one was registered.
        ceilings: the most noise that each of them allows.
        hold: a law with a ceiling is held to it when it predicts, too, and not only when it is
            explained with hindsight; that it leaves more noise than it allows is one more
            challenger of it; and a law without a ceiling has to beat rivals without theirs.
    """
    from scipy.special import logsumexp

    most = ceilings or {}

    def predict(h: str) -> Floats:
        ceiling = most.get(h)
        z = residuals[h]
        return held(z, ceiling) if hold and ceiling is not None else numerator(z)

    own_numerator = predict(law)
    own_denominator = denominator(residuals[law], most.get(law))
    bound = not hold or most.get(law) is not None
    plus = np.min(
        [own_numerator - denominator(residuals[r], most.get(r) if bound else None) for r in rivals],
        axis=0,
    )
    challengers = [predict(r) for r in rivals]
    if hold and most.get(law) is not None:
        challengers.append(numerator(residuals[law]))
    if flexible_path is not None:
        challengers.append(flexible_path)
    mixed = np.asarray(logsumexp(np.stack(challengers), axis=0)) - math.log(len(challengers))
    minus = mixed - own_denominator
    return (
        np.clip(np.nan_to_num(plus, neginf=-LIMIT, posinf=LIMIT), -LIMIT, LIMIT),
        np.clip(np.nan_to_num(minus, neginf=-LIMIT, posinf=LIMIT), -LIMIT, LIMIT),
    )
