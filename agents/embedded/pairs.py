"""Pairs of functions, and of terms of a sum, that go well together: screened on the pilot.

Beside each of some hundred first ones every other is tried, with every rate and any exponents, by projections.
That is a small part of all pairs: what is missed is not suggested, but nothing else follows from it.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gaseol.agents.embedded import joint
from gaseol.agents.embedded.function import Column, Shape, ln, powers
from gaseol.agents.embedded.grammar import form_bits, number_bits
from gaseol.agents.embedded.pilot import LEAST, Floats, Pilot
from gaseol.traces.nouns.hypothesis import Form

_FIRSTS = 100
"""Functions of any group that a second one is sought for."""
_UNLIKE = frozenset(("exp", "plus", "growth", "log", "logistic", "erfc", "bend"))
"""Functions unlike each other: of one variable each is tried as the first, whatever it leaves."""
_SPARSE = 5
"""Every so manieth of their rates."""
_SECONDS = 6
"""Functions kept beside each first one."""
_SUMS, _TERMS = 90, 18
"""Terms that another one is sought for, and how many are kept beside each."""
_EVERY = {"plus": 3, "minus": 8}
"""Of the rates of a second term every so manieth is tried."""

Pair = tuple[int, int, float, float]
"""Two shapes, by their places among all, and their rates."""


@dataclass(frozen=True)
class Table:
    """All functions of all groups: S shapes with R rates altogether."""

    shapes: list[Shape]
    bits: Floats
    """Of each shape."""
    logs: Floats
    """ln of each group: shape (S, n)."""
    starts: NDArray[np.intp]
    """Where the rates of each shape begin."""
    rates: Floats
    unit: Floats
    """What each adds to ln y, less what powers make of it, of unit length: shape (n, R)."""
    g: Floats
    """ln y, less what powers make of it."""
    basis: Floats

    @classmethod
    def of(cls, pilot: Pilot, tried: Sequence[Column]) -> "Table":
        """Return the table of what is tried on a pilot."""
        basis = powers(pilot)
        variable = math.log2(max(len(pilot.names), 2))
        shapes = [c.shape for c in tried]
        bits = [
            form_bits(s.form) + sum(variable + number_bits(a) for a in s.group if a) for s in shapes
        ]
        counts = [len(c.rates) for c in tried]
        sizes = np.concatenate([c.sizes for c in tried])
        unit = np.concatenate([c.offsets for c in tried], axis=1)
        real = sizes > 1e-9 * len(pilot.g)
        unit = np.where(real, unit / np.sqrt(np.where(real, sizes, 1.0)), 0.0)
        return cls(shapes, np.array(bits), np.array([s.logs(pilot) for s in shapes]),
                   np.concatenate([[0], np.cumsum(counts)[:-1]]),
                   np.concatenate([c.rates for c in tried]), unit,
                   pilot.g - basis @ (basis.T @ pilot.g), basis)  # fmt: skip

    def lengths(self, explained: Floats, bits: Floats) -> Floats:
        """Return description lengths: of what is left when so much is explained, and of the shapes."""
        n = len(self.g)
        left = np.maximum(float(self.g @ self.g) - explained, n * LEAST**2)
        return n / 2 * np.log2(left) + bits

    def best(self, explained: Floats, count: int) -> Iterator[tuple[int, float]]:
        """Yield the shapes of the shortest descriptions, each at the rate that explains most."""
        lengths = self.lengths(np.maximum.reduceat(explained, self.starts), self.bits)
        ends = np.append(self.starts[1:], len(self.rates))
        for shape in np.argsort(lengths, kind="stable")[:count].tolist():
            start = self.starts[shape]
            yield shape, float(self.rates[start + np.argmax(explained[start : ends[shape]])])

    def batch(self, pairs: Iterable[Pair], names: tuple[Form, ...] | None) -> joint.Batch:
        """Return pairs as laws to be fitted; without names the two are terms of a sum."""
        found = list(pairs)
        at = np.array([pair[:2] for pair in found], dtype=np.intp)
        rates = np.array([pair[2:] for pair in found])
        forms = None
        if names:
            of = np.array([names.index(s.form) for s in self.shapes], dtype=np.intp)
            forms = of[at]
        return joint.Batch(
            at, self.logs[at], np.log(np.abs(rates)), np.sign(rates), forms, names or ()
        )


class Products:
    """Pairs of functions whose logarithms add up."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.names: tuple[Form, ...] | None = tuple(dict.fromkeys(s.form for s in table.shapes))
        self._along = table.g @ table.unit

    def firsts(self) -> Iterator[tuple[int, float]]:
        """Yield shapes and rates that a second function is sought for."""
        table = self.table
        yield from table.best(self._along**2, _FIRSTS)
        rates = np.split(table.rates, table.starts[1:])
        for shape, each in enumerate(table.shapes):
            simple = sum(a != 0 for a in each.group) == 1 and max(map(abs, each.group)) == 1
            if simple and each.form in _UNLIKE:
                among = rates[shape]
                yield from (
                    (shape, float(k)) for k in among[min(_SPARSE, len(among)) // 2 :: _SPARSE]
                )

    def seconds(self, shape: int, rate: float) -> Iterator[Pair]:
        """Yield a function with those that go best with it."""
        table = self.table
        own = ln(table.shapes[shape].form, rate * np.exp(table.logs[shape]))
        if not np.isfinite(own).all():
            return
        own = own - table.basis @ (table.basis.T @ own)
        size = float(np.sqrt(own @ own))
        if size < 1e-9:
            return
        first = own / size
        along = float(table.g @ first)
        shared = first @ table.unit
        explained = self._along - along * shared
        explained *= explained
        explained /= np.maximum(1 - shared * shared, 1e-6)
        explained += along * along
        yield from ((shape, other, rate, k) for other, k in table.best(explained, _SECONDS))


class Sums:
    """Pairs of terms beside one: of `plus` they are added to it, of `minus` taken away."""

    names: tuple[Form, ...] | None = None

    def __init__(self, table: Table) -> None:
        self.table = table
        self._sign = np.array([-1.0 if s.form == "minus" else 1.0 for s in table.shapes])
        ends = np.append(table.starts[1:], len(table.rates))
        kept = [np.arange(start, end, _EVERY[shape.form])
                for shape, start, end in zip(table.shapes, table.starts, ends, strict=True)]  # fmt: skip
        self._shape = np.repeat(np.arange(len(kept)), [len(each) for each in kept])
        self._rates = self._sign[self._shape] * table.rates[np.concatenate(kept)]
        self._u = self._rates * np.exp(table.logs[self._shape].T)

    def firsts(self) -> Iterator[tuple[int, float]]:
        """Yield terms and rates that a second term is sought for."""
        table = self.table
        for shape, rate in table.best((table.g @ table.unit) ** 2, _SUMS):
            yield shape, float(self._sign[shape]) * rate

    def seconds(self, shape: int, rate: float) -> Iterator[Pair]:
        """Yield a term with those that go best with it."""
        table = self.table
        first = rate * np.exp(table.logs[shape])
        with np.errstate(divide="ignore"):
            offset = np.log(np.abs(1 + first[:, None] + self._u))
        offset = np.where(np.isfinite(offset), offset, 0.0)
        offset = offset - table.basis @ (table.basis.T @ offset)
        own = np.einsum("nr,nr->r", offset, offset)
        explained = (table.g @ offset) ** 2 / np.maximum(own, 1e-12)
        lengths = table.lengths(explained, table.bits[self._shape])
        found: dict[int, float] = {}
        for place in np.argsort(lengths, kind="stable")[: 7 * _TERMS]:
            other = int(self._shape[place])
            if other != shape and other not in found:
                found[other] = float(self._rates[place])
            if len(found) == _TERMS:
                break
        yield from ((shape, other, rate, k) for other, k in found.items())
