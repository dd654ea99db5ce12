"""Functions of a group of variables as arrays: their logarithms, slopes, and the rates to try."""

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from gaseol.agents.embedded.pilot import Floats, Pilot
from gaseol.scenarios.hypotheses import Laws
from gaseol.traces.nouns.hypothesis import Form

_H = 1e-5
"""Step of ln u in a numerical derivative."""
_TURNS = 96
_DECADES = 40
_POLES = 240
_SPAN = 100.0
"""How far from one a group may lie on average, where its function is no plain power."""
_SERIES = 0.01
"""Below this the difference in Langevin's function is taken from its series."""


@dataclass(frozen=True)
class Shape:
    """A function and its group: exponents over all p variables."""

    form: Form
    group: tuple[float, ...]

    def logs(self, pilot: Pilot) -> Floats:
        """Return ln of the group at the n cases of a pilot."""
        return np.log(pilot.x) @ np.array(self.group)


@dataclass(frozen=True)
class Column:
    """A shape at all rates that are tried, R of them."""

    shape: Shape
    rates: Floats
    offsets: Floats
    """ln |f|, less what a constant and powers of the variables make of it: shape (n, R)."""
    sizes: Floats
    """Sums of squares of the offsets: shape (R,)."""

    def thinned(self) -> "Column":
        """Return it with every other rate, where there are enough to start a fit from."""
        if self.shape.form in ("exp", "sin", "cos", "bend"):
            return self
        return Column(self.shape, self.rates[::2], self.offsets[:, ::2], self.sizes[::2])


def columns(settings: Laws, pilot: Pilot) -> Iterator[Column]:
    """Yield every function of every group."""
    q = powers(pilot)
    for form in settings.responses:
        for group in groups(settings, pilot.x.shape[1], form):
            shape = Shape(form, group)
            size = shape.logs(pilot)
            rates = _rates(form, size)
            offset = ln(form, np.exp(size)[:, None] * rates)
            offset = np.where(np.isfinite(offset), offset, 0.0)
            offset = offset - q @ (q.T @ offset)
            yield Column(shape, rates, offset, np.einsum("nr,nr->r", offset, offset))


def powers(pilot: Pilot) -> Floats:
    """Return an orthonormal basis of what a constant and powers can make: shape (n, p + 1)."""
    base = np.column_stack([np.ones(len(pilot.g)), np.log(pilot.x)])
    return np.asarray(np.linalg.qr(base)[0], dtype=np.float64)


def groups(settings: Laws, p: int, form: Form) -> Iterable[tuple[float, ...]]:
    """Return the exponents of every group; where several say the same of a function, one of them."""
    found: dict[tuple[float, ...], tuple[float, ...]] = {}
    for size in (1, 2):
        for at in itertools.combinations(range(p), size):
            for chosen in itertools.product(settings.exponents, repeat=size):
                # 1 + 1/u is (1 + u)/u; max(1, u^a) is max(1, u)^a for a > 0
                if form in ("plus", "minus", "bend") and chosen[0] < 0:
                    continue
                group = [0.0] * p
                for i, a in zip(at, chosen, strict=True):
                    group[i] = a
                scale = abs(chosen[0]) if form == "bend" else 1.0
                found.setdefault(tuple(a / scale for a in group), tuple(group))
    return found.keys()


def _rates(form: Form, logs: Floats) -> Floats:
    """Return the rates to try for a group: those that make it neither nothing nor everything."""
    centre, top = np.exp(logs.mean()), np.exp(logs.max())
    match form:
        case "exp":
            return np.array([1.0 / centre])
        case "sin" | "cos":
            return np.linspace(0.15, 14.0, _TURNS) / top
        case "minus":
            # it has a pole or a zero where u is one: between which cases is the question
            return np.geomspace(0.3 / top, 3 / np.exp(logs.min()), _POLES)
        case "bend":
            ordered = np.sort(logs)
            return np.exp(-(ordered[1:-2] + ordered[2:-1]) / 2)
        case "growth" | "logistic":
            sizes = np.geomspace(1 / _SPAN, _SPAN, _DECADES) / centre
            return np.concatenate([sizes, -sizes])
        case _:
            return np.geomspace(1 / _SPAN, _SPAN, _DECADES) / centre


def ln(form: Form, u: Floats) -> Floats:
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
            case "cos":
                return np.log(np.abs(np.cos(u)))
            case "logistic":
                return -np.logaddexp(0.0, -u)
            case "arctan":
                return np.log(np.abs(np.arctan(u)))
            case "erf":
                from scipy.special import erf

                return np.log(np.abs(erf(u)))
            case "erfc":
                from scipy.special import erfc

                return np.log(erfc(u))
            case "langevin":
                near = np.abs(u) < _SERIES
                far = np.where(near, 1.0, u)
                return np.log(np.abs(np.where(near, u / 3 - u**3 / 45, 1 / np.tanh(far) - 1 / far)))
            case "bend":
                return np.maximum(0.0, np.log(u))


def slope(form: Form, u: Floats) -> Floats:
    """Return the derivative of ln |f| by ln u."""
    with np.errstate(invalid="ignore"):
        found = (ln(form, u * np.exp(_H)) - ln(form, u * np.exp(-_H))) / (2 * _H)
    return np.where(np.isfinite(found), found, 0.0)
