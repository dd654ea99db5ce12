"""Laws with a function of one group of variables, as the pilot suggests them.

ln y = C + sum of a_i ln x_i + q ln f(k u), where u is a product of powers of one or two variables. For
every function, group and rate k the exponents are linear: what they leave of the pilot comes from
projections, some hundred thousand at once. The best are refined, their exponents set to the grammar's
(or rounded to what the pilot warrants), and the rate fitted anew by Gauss-Newton steps.
"""

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from gaseol.agents.embedded.pilot import Floats, Pilot, rounded
from gaseol.scenarios.hypotheses import Laws
from gaseol.traces.nouns.hypothesis import Law, Response

_FORMS = 14
"""Groups kept of each function after the projections."""
_STEPS = 12
"""Gauss-Newton steps; the last ones change nothing where there is a minimum."""
_STILL = 1e-14
"""A step that changes the rate by less, relatively, is none."""
_H = 1e-5
"""Step of ln u in a numerical derivative."""
_TURNS = 96
_DECADES = 40
_POLES = 240
_SPAN = 100.0
"""How far from one a group may lie on average, where its function is no plain power."""


@dataclass(frozen=True)
class _Shape:
    """A function and its group: exponents over all p variables."""

    form: str
    group: tuple[float, ...]

    def logs(self, pilot: Pilot) -> Floats:
        return np.log(pilot.x) @ np.array(self.group)


def responses(settings: Laws, pilot: Pilot) -> Iterator[tuple[Law, float]]:
    """Yield laws with the standard deviation of what each leaves of the pilot.

    None come out of a pilot of fewer than four cases more than there are parameters to fit.
    """
    n, p = pilot.x.shape
    if n < p + 6:
        return
    logs = np.log(pilot.x)
    if settings.fitted:
        yield from _powers(settings, pilot, logs)
    for shape, rate in _screened(settings, pilot, logs):
        yield from _settled(settings, pilot, logs, shape, rate)


def _groups(settings: Laws, p: int, turned: bool) -> list[tuple[float, ...]]:
    """Return the exponents of every group; where a group's inverse says the same, one of them."""
    found: list[tuple[float, ...]] = []
    for size in (1, 2):
        for at in itertools.combinations(range(p), size):
            for chosen in itertools.product(settings.exponents, repeat=size):
                if turned and chosen[0] < 0:
                    continue
                group = [0.0] * p
                for i, a in zip(at, chosen, strict=True):
                    group[i] = a
                found.append(tuple(group))
    return found


def _rates(form: str, logs: Floats) -> Floats:
    """Return the rates to try for a group: those that make it neither nothing nor everything."""
    centre, top = np.exp(logs.mean()), np.exp(logs.max())
    if form == "exp":
        return np.array([1.0 / centre])
    if form in ("sin", "cos"):
        return np.linspace(0.15, 14.0, _TURNS) / top
    if (
        form == "minus"
    ):  # it has a pole or a zero where u is one: between which cases is the question
        return np.geomspace(0.3 / top, 3 / np.exp(logs.min()), _POLES)
    sizes = np.geomspace(1 / _SPAN, _SPAN, _DECADES) / centre
    return np.concatenate([sizes, -sizes]) if form == "growth" else sizes


def _screened(settings: Laws, pilot: Pilot, logs: Floats) -> Iterator[tuple[_Shape, float]]:
    """Yield the groups of each function that, with any exponents, leave the pilot the least."""
    n = len(pilot.g)
    base = np.column_stack([np.ones(n), logs])
    q, _ = np.linalg.qr(base)
    g = pilot.g - q @ (q.T @ pilot.g)
    for form in settings.responses:
        best: list[tuple[float, _Shape, float]] = []
        for group in _groups(settings, pilot.x.shape[1], form in ("plus", "minus")):
            shape = _Shape(form, group)
            size = shape.logs(pilot)
            rates = _rates(form, size)
            offset = _ln(form, np.exp(size)[:, None] * rates)
            offset = np.where(np.isfinite(offset), offset, 0.0)
            offset = offset - q @ (q.T @ offset)
            own = np.einsum("nr,nr->r", offset, offset)
            with np.errstate(divide="ignore", invalid="ignore"):
                explained = np.where(own > 1e-12 * n, (g @ offset) ** 2 / own, 0.0)
            at = int(np.argmax(explained))
            best.append((-float(explained[at]), shape, float(rates[at])))
        best.sort(key=lambda item: item[0])
        yield from ((shape, rate) for _, shape, rate in best[:_FORMS])


def _ln(form: str, u: Floats) -> Floats:
    """Return ln |f(u)|; not finite where there is none."""
    with np.errstate(all="ignore"):
        match form:
            case "exp":
                return u
            case "plus":
                return np.log1p(u)
            case "minus":
                return np.log(np.abs(1 - u))
            case "growth":
                return np.where(u > 40, u, np.log(np.abs(np.expm1(np.minimum(u, 40)))))
            case "log":
                return np.log(np.log1p(u))
            case "tanh":
                return np.log(np.abs(np.tanh(u)))
            case "sin":
                return np.log(np.abs(np.sin(u)))
            case _:
                return np.log(np.abs(np.cos(u)))


def _settled(
    settings: Laws, pilot: Pilot, logs: Floats, shape: _Shape, rate: float
) -> Iterator[tuple[Law, float]]:
    """Yield the laws of a group: exponents of the grammar, or fitted ones, the rate fitted."""
    found = _fitted(pilot, logs, shape, rate)
    if found is None:
        return
    rate, weights, power, errors = found
    ladder = np.array(sorted({0.0, *settings.exponents}))
    powers = ladder[ladder != 0]
    free = shape.form == "exp"  # its power and its rate are one number
    choices = [_near(ladder, w, e) for w, e in zip(weights, errors, strict=False)]
    for chosen in itertools.product(*choices, [1.0] if free else _near(powers, power, errors[-1])):
        start = rate * power if free else rate
        yield from _law(settings, pilot, logs, shape, start, chosen[:-1], chosen[-1])
    if settings.fitted:
        kept = [0.0 if abs(w) < 2 * e else _either(ladder, w, e)
                for w, e in zip(weights, errors, strict=False)]  # fmt: skip
        last = 1.0 if free else _either(powers, power, errors[-1])
        yield from _law(settings, pilot, logs, shape, rate * power if free else rate, kept, last)


def _near(ladder: Floats, x: float, error: float) -> list[float]:
    """Return the step of a ladder next to a number, and the one after where it is as well possible."""
    order = np.argsort(np.abs(ladder - x), kind="stable")[:2]
    first, second = (float(ladder[i]) for i in order)
    return [first, second] if abs(second - x) < 3 * error else [first]


def _either(ladder: Floats, x: float, error: float) -> float:
    """Return a step of the ladder that cannot be told from a number, else the number rounded."""
    step = float(ladder[int(np.argmin(np.abs(ladder - x)))])
    return step if abs(step - x) < 2 * max(error, 1e-10) else rounded(x, error)


def _fitted(
    pilot: Pilot, logs: Floats, shape: _Shape, rate: float
) -> tuple[float, Floats, float, Floats] | None:
    """Return rate, exponents, power and their standard errors, by Gauss-Newton steps over all."""
    n, p = logs.shape
    group = np.asarray(np.exp(shape.logs(pilot)), dtype=np.float64)
    exp = shape.form == "exp"

    def solved(rate: float) -> tuple[Floats, Floats, float] | None:
        offset = _ln(shape.form, rate * group)
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
        slope = beta[-1] * _slope(shape.form, rate * group)
        wide = np.column_stack([x, slope])
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
    wide = x if exp else np.column_stack([x, beta[-1] * _slope(shape.form, rate * group)])
    sigma = np.sqrt(max(left, 0.0) / max(n - wide.shape[1], 1))
    spread = np.sqrt(np.maximum(np.diag(np.linalg.pinv(wide.T @ wide)), 0.0)) * sigma
    return rate, beta[1 : p + 1], float(beta[p + 1]), spread[1 : p + 2]


def _slope(form: str, u: Floats) -> Floats:
    """Return the derivative of ln |f| by ln u."""
    slope = (_ln(form, u * np.exp(_H)) - _ln(form, u * np.exp(-_H))) / (2 * _H)
    return np.where(np.isfinite(slope), slope, 0.0)


def _law(
    settings: Laws, pilot: Pilot, logs: Floats, shape: _Shape, rate: float,
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
        rest, slope = left - power * _ln(shape.form, u), power * _slope(shape.form, u)
        rest, slope = rest - rest.mean(), slope - slope.mean()
        size = float(slope @ slope)
        if not np.isfinite(rest).all() or size <= 0:
            return
        step = min(max(float(rest @ slope) / size, -0.7), 0.7)
        error = (float(rest @ rest) / (n - 1) / size) ** 0.5 * abs(rate)
        rate *= math.exp(step)
        if abs(step) < _STILL:
            break
    rate = rounded(rate, error)
    offset = power * _ln(shape.form, rate * group)
    if not rate or not np.isfinite(offset).all():
        return
    spread = float((left - offset).std(ddof=1))
    named = {n: a for n, a in zip(pilot.names, shape.group, strict=True) if a}
    response = Response.model_validate(
        {"form": shape.form, "group": named, "rate": rate, "power": power}
    )
    kept = {n: float(w) for n, w in zip(pilot.names, weights, strict=True) if w}
    yield Law(link="log", weights=kept, factor=response), spread


def _powers(settings: Laws, pilot: Pilot, logs: Floats) -> Iterator[tuple[Law, float]]:
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
