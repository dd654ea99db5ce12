"""Laws with a function of one group of variables, as the pilot suggests them.

ln y = C + sum of a_i ln x_i + q ln f(k u), where u is a product of powers of one or two variables. For
every function, group and rate k the exponents are linear: what they leave of the pilot comes from
projections, some hundred thousand at once. The best are refined, their exponents set to the grammar's
(or rounded to what the pilot warrants), and the rate fitted anew by Gauss-Newton steps.
"""

import itertools
import math
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from gaseol.agents.embedded.compound import compounds
from gaseol.agents.embedded.function import Column, Shape, columns, ln, powers, slope
from gaseol.agents.embedded.ladder import either, near
from gaseol.agents.embedded.pilot import Floats, Pilot, rounded
from gaseol.scenarios.hypotheses import Laws
from gaseol.traces.nouns.hypothesis import Law, Response

_FORMS = 14
"""Groups kept of each function after the projections."""
_RUGGED = frozenset(("minus", "sin", "cos"))
"""Functions with poles and zeros: between two cases there may be a minimum that no step leaves."""
_AGAIN, _STARTS = 4, 4
"""Their groups that are fitted from other rates too, and from how many altogether."""
_MANY = 4
"""Of more variables, compounds have groups of two with exponents of size one only."""
_STEPS = 12
"""Gauss-Newton steps; the last ones change nothing where there is a minimum."""
_STILL = 1e-14
"""A step that changes the rate by less, relatively, is none."""


def responses(settings: Laws, pilot: Pilot) -> Iterator[tuple[Law, float]]:
    """Yield laws with the standard deviation of what each leaves of the pilot.

    None come out of a pilot of fewer than four cases more than there are parameters to fit.
    """
    n, p = pilot.x.shape
    if n < p + 6:
        return
    logs = np.log(pilot.x)
    if settings.fitted:
        yield from _products(settings, pilot, logs)
    wide = settings.functions > 1 or settings.summands > 2
    kept: list[Column] = []
    tried = columns(settings, pilot)
    for shape, rate in _screened(pilot, _noted(tried, kept, p) if wide else tried):
        yield from _settled(settings, pilot, logs, shape, rate)
    if wide:
        for shape, rate in _screened(pilot, kept, again=True):
            yield from _settled(settings, pilot, logs, shape, rate)
        yield from compounds(settings, pilot, kept)


def _noted(tried: Iterable[Column], kept: list[Column], p: int) -> Iterator[Column]:
    """Yield columns, keeping those that compounds are made of: of many variables not all groups."""
    for column in tried:
        group = [abs(a) for a in column.shape.group if a]
        if p <= _MANY or len(group) == 1 or max(group) == min(group) == 1:
            kept.append(column)
        yield column


def _screened(
    pilot: Pilot, tried: Iterable[Column], again: bool = False
) -> Iterator[tuple[Shape, float]]:
    """Yield the groups of each function that, with any exponents, leave the pilot the least.

    Args:
        pilot: of n cases.
        tried: every function of every group.
        again: yield, of functions with poles and zeros, the next best rates of the best groups.
    """
    n, q = len(pilot.g), powers(pilot)
    g = pilot.g - q @ (q.T @ pilot.g)
    for form, each in itertools.groupby(tried, lambda column: column.shape.form):
        if again and form not in _RUGGED:
            continue
        best: list[tuple[float, Shape, Floats, Floats]] = []
        for column in each:
            own = column.sizes
            with np.errstate(divide="ignore", invalid="ignore"):
                explained = np.where(own > 1e-12 * n, (g @ column.offsets) ** 2 / own, 0.0)
            best.append((-float(explained.max()), column.shape, column.rates, explained))
        best.sort(key=lambda item: item[0])
        for _, shape, rates, explained in best[: _AGAIN if again else _FORMS]:
            order = np.argsort(-explained, kind="stable")
            chosen = order[1:_STARTS] if again else order[:1]
            yield from ((shape, float(rate)) for rate in rates[chosen])


def _settled(
    settings: Laws, pilot: Pilot, logs: Floats, shape: Shape, rate: float
) -> Iterator[tuple[Law, float]]:
    """Yield the laws of a group: exponents of the grammar, or fitted ones, the rate fitted."""
    found = _fitted(pilot, logs, shape, rate)
    if found is None:
        return
    rate, weights, power, errors = found
    ladder = np.array(sorted({0.0, *settings.exponents}))
    powers = ladder[ladder != 0]
    free = shape.form == "exp"  # its power and its rate are one number
    choices = [near(ladder, w, e) for w, e in zip(weights, errors, strict=False)]
    for chosen in itertools.product(*choices, [1.0] if free else near(powers, power, errors[-1])):
        start = rate * power if free else rate
        yield from _law(settings, pilot, logs, shape, start, chosen[:-1], chosen[-1])
    if settings.fitted:
        kept = [0.0 if abs(w) < 2 * e else either(ladder, w, e)
                for w, e in zip(weights, errors, strict=False)]  # fmt: skip
        last = 1.0 if free else either(powers, power, errors[-1])
        yield from _law(settings, pilot, logs, shape, rate * power if free else rate, kept, last)


def _fitted(
    pilot: Pilot, logs: Floats, shape: Shape, rate: float
) -> tuple[float, Floats, float, Floats] | None:
    """Return rate, exponents, power and their standard errors, by Gauss-Newton steps over all."""
    n, p = logs.shape
    group = np.asarray(np.exp(shape.logs(pilot)), dtype=np.float64)
    exp = shape.form == "exp"

    def solved(rate: float) -> tuple[Floats, Floats, float] | None:
        offset = ln(shape.form, rate * group)
        if not np.isfinite(offset).all():
            return None
        x = np.column_stack([np.ones(n), logs, offset])
        beta: Floats = np.asarray(np.linalg.lstsq(x, pilot.g, rcond=None)[0], dtype=np.float64)
        rest = pilot.g - x @ beta
        return x, np.asarray(beta, dtype=np.float64), float(rest @ rest)

    at = solved(rate)
    if at is None:
        return None
    for _ in range(0 if exp else _STEPS):
        x, beta, left = at
        tilt = beta[-1] * slope(shape.form, rate * group)
        wide = np.column_stack([x, tilt])
        step, *_ = np.linalg.lstsq(wide, pilot.g - x @ beta, rcond=None)
        move = float(np.clip(step[-1], -0.5, 0.5))
        for _ in range(6):  # halve a step that leaves more than there was
            new = solved(rate * float(np.exp(move)))
            if new is not None and new[2] <= left:
                break
            move /= 2
        else:
            break
        rate, at = rate * float(np.exp(move)), new
        if abs(move) < _STILL:
            break
    x, beta, left = at
    wide = x if exp else np.column_stack([x, beta[-1] * slope(shape.form, rate * group)])
    sigma = np.sqrt(max(left, 0.0) / max(n - wide.shape[1], 1))
    spread = np.sqrt(np.maximum(np.diag(np.linalg.pinv(wide.T @ wide)), 0.0)) * sigma
    return rate, beta[1 : p + 1], float(beta[p + 1]), spread[1 : p + 2]


def _law(
    settings: Laws, pilot: Pilot, logs: Floats, shape: Shape, rate: float,
    weights: Sequence[float], power: float,
) -> Iterator[tuple[Law, float]]:  # fmt: skip
    """Yield the law with these exponents and the rate that fits them best, if it holds anywhere."""
    if sum(w != 0 for w in weights) > settings.terms or not rate or not power:
        return
    group = np.asarray(np.exp(shape.logs(pilot)), dtype=np.float64)
    left = pilot.g - logs @ np.array(weights)
    left = left - left.mean()
    n, error = len(left), abs(rate)
    for _ in range(_STEPS):
        u = rate * group
        rest, tilt = left - power * ln(shape.form, u), power * slope(shape.form, u)
        if not np.isfinite(rest).all():
            return
        rest, tilt = rest - rest.mean(), tilt - tilt.mean()
        size = float(tilt @ tilt)
        if size <= 0:
            return
        step = min(max(float(rest @ tilt) / size, -0.7), 0.7)
        error = (float(rest @ rest) / (n - 1) / size) ** 0.5 * abs(rate)
        rate *= math.exp(step)
        if abs(step) < _STILL:
            break
    rate = rounded(rate, error)
    offset = power * ln(shape.form, rate * group)
    if not rate or not np.isfinite(offset).all():
        return
    spread = float((left - offset).std(ddof=1))
    named = {n: a for n, a in zip(pilot.names, shape.group, strict=True) if a}
    response = Response.model_validate(
        {"form": shape.form, "group": named, "rate": rate, "power": power}
    )
    kept = {n: float(w) for n, w in zip(pilot.names, weights, strict=True) if w}
    yield Law(link="log", weights=kept, factor=response), spread


def _products(settings: Laws, pilot: Pilot, logs: Floats) -> Iterator[tuple[Law, float]]:
    """Yield products of powers with fitted exponents: for each choice of variables one."""
    n, p = logs.shape
    for terms in range(1, settings.terms + 1):
        for subset in itertools.combinations(range(p), terms):
            x = np.column_stack([np.ones(n), logs[:, list(subset)]])
            beta, *_ = np.linalg.lstsq(x, pilot.g, rcond=None)
            rest = pilot.g - x @ beta
            sigma = np.sqrt(float(rest @ rest) / (n - terms - 1))
            errors = np.sqrt(np.maximum(np.diag(np.linalg.pinv(x.T @ x)), 0.0)) * sigma
            weights = {
                pilot.names[i]: rounded(float(b), float(e))
                for i, b, e in zip(subset, beta[1:], errors[1:], strict=True)
            }
            if all(weights.values()):
                law = Law(link="log", weights=weights)
                left = pilot.g - logs[:, list(subset)] @ np.array(list(weights.values()))
                yield law, float(left.std(ddof=1))
