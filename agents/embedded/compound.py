"""Laws of two functions, and of sums of three terms, as the pilot suggests them.

Functions are screened in pairs: beside each of some hundred first ones every other, with every rate and
any exponents, by projections. The best pairs are fitted jointly, one of each pair is exchanged for whatever
goes better with the other, and exponents are set to the grammar's as far as the pilot allows. What is
searched is a small part of all pairs: what is missed is not suggested, but nothing else follows from it.
"""

import itertools
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gaseol.agents.embedded import joint
from gaseol.agents.embedded.function import Column, Shape, ln, powers
from gaseol.agents.embedded.grammar import form_bits, number_bits
from gaseol.agents.embedded.ladder import either, near
from gaseol.agents.embedded.pilot import LEAST, Floats, Pilot, rounded
from gaseol.scenarios.hypotheses import Laws
from gaseol.traces.nouns.hypothesis import Form, Law, Product, Response, Sum, Term

_FIRSTS = 100
"""Functions of any group that a second one is sought for."""
_KINDS = frozenset(("exp", "plus", "growth", "log", "logistic", "erfc", "bend"))
"""Functions unlike each other: of one variable each is tried as the first, whatever it leaves."""
_SPARSE = 5
"""Every so manieth of their rates."""
_SECONDS = 6
"""Functions kept beside each first one."""
_SUMS = 60
"""Terms that another one is sought for."""
_EVERY = 3
"""Of the rates of a second term every so manieth is tried."""
_ROUGH, _FINE, _LAST = 3, 8, 12
"""Gauss-Newton steps of all pairs, of the better, and of the best."""
_BETTER, _BEST, _EXCHANGED = 250, 40, 12
_CHOICES = 64
"""Sets of exponents tried of a pair."""
_Pair = tuple[int, int, float, float]
"""Two shapes, by their places among all, and their rates."""


def compounds(settings: Laws, pilot: Pilot, tried: Sequence[Column]) -> Iterator[tuple[Law, float]]:
    """Yield laws with the standard deviation of what each leaves of the pilot.

    None come out of a pilot of fewer than four cases more than there are parameters to fit.

    Args:
        settings: of the grammar.
        pilot: n cases, p variables.
        tried: every function of every group at the rates that are tried.
    """
    n, p = pilot.x.shape
    if n < p + 9 or not tried:
        return
    if settings.functions > 1:
        table = _Table.of(pilot, [column.thinned() for column in tried])
        yield from _searched(settings, pilot, table, _Products(table))
    if settings.summands > 2:
        plus = [c for c in tried if c.shape.form == "plus"]
        if plus:
            table = _Table.of(pilot, plus)
            yield from _searched(settings, pilot, table, _Sums(table))


@dataclass(frozen=True)
class _Table:
    """All functions of all groups: S shapes with R rates altogether."""

    shapes: list[Shape]
    bits: Floats
    """Of each shape."""
    logs: Floats
    """ln of each group: shape (S, n)."""
    starts: NDArray[np.intp]
    """Where the rates of each shape begin."""
    rates: Floats
    unit: NDArray[np.float32]
    """What each adds to ln y, less what powers make of it, of unit length: shape (n, R)."""
    g: Floats
    """ln y, less what powers make of it."""
    basis: Floats

    @classmethod
    def of(cls, pilot: Pilot, tried: Sequence[Column]) -> "_Table":
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
                   np.concatenate([c.rates for c in tried]), unit.astype(np.float32),
                   pilot.g - basis @ (basis.T @ pilot.g), basis)  # fmt: skip

    def best(self, explained: NDArray[np.float32]) -> tuple[NDArray[np.float32], Floats]:
        """Return what each shape explains at most, and its description length with what is left."""
        most = np.maximum.reduceat(explained, self.starts)
        n = len(self.g)
        left = np.maximum(float(self.g @ self.g) - most.astype(np.float64), n * LEAST**2)
        return most, n / 2 * np.log2(left) + self.bits

    def rate(self, explained: NDArray[np.float32], shape: int) -> int:
        """Return the place of the rate at which a shape explains most."""
        start = self.starts[shape]
        end = self.starts[shape + 1] if shape + 1 < len(self.starts) else len(self.rates)
        return int(start + np.argmax(explained[start:end]))

    def laws(self, pairs: Iterable[_Pair], names: tuple[Form, ...] | None) -> joint.Laws:
        """Return pairs as laws to be fitted; without names the two are terms of a sum."""
        found = list(pairs)
        at = np.array([pair[:2] for pair in found], dtype=np.intp)
        rates = np.array([pair[2:] for pair in found])
        forms = None
        if names:
            of = np.array([names.index(s.form) for s in self.shapes], dtype=np.intp)
            forms = of[at]
        return joint.Laws(
            at, self.logs[at], np.log(np.abs(rates)), np.sign(rates), forms, names or ()
        )


class _Products:
    """Pairs of functions whose logarithms add up."""

    def __init__(self, table: _Table) -> None:
        self.table = table
        self.names: tuple[Form, ...] | None = tuple(dict.fromkeys(s.form for s in table.shapes))
        self._g = table.g.astype(np.float32)
        self._along = self._g @ table.unit

    def firsts(self) -> Iterator[tuple[int, float]]:
        """Yield shapes and rates that a second function is sought for."""
        table = self.table
        explained = self._along**2
        _, lengths = table.best(explained)
        for shape in np.argsort(lengths, kind="stable")[:_FIRSTS]:
            yield int(shape), float(table.rates[table.rate(explained, int(shape))])
        ends = np.append(table.starts[1:], len(table.rates))
        for shape, each in enumerate(table.shapes):
            simple = sum(a != 0 for a in each.group) == 1 and max(map(abs, each.group)) == 1
            if simple and each.form in _KINDS:
                for place in range(
                    int(table.starts[shape]) + _SPARSE // 2, int(ends[shape]), _SPARSE
                ):
                    yield shape, float(table.rates[place])
                if each.form == "exp":
                    yield shape, float(table.rates[table.starts[shape]])

    def seconds(self, shape: int, rate: float) -> Iterator[_Pair]:
        """Yield a function with those that go best with it."""
        table = self.table
        own = ln(table.shapes[shape].form, rate * np.exp(table.logs[shape]))
        if not np.isfinite(own).all():
            return
        own = own - table.basis @ (table.basis.T @ own)
        size = float(np.sqrt(own @ own))
        if size < 1e-9:
            return
        first = (own / size).astype(np.float32)
        along = np.float32(self._g @ first)
        shared = first @ table.unit
        explained = self._along - along * shared
        explained *= explained
        shared *= shared
        np.subtract(np.float32(1), shared, out=shared)
        np.maximum(shared, np.float32(1e-4), out=shared)
        explained /= shared
        explained += along * along
        _, lengths = table.best(explained)
        for other in np.argpartition(lengths, _SECONDS)[:_SECONDS]:
            yield shape, int(other), rate, float(table.rates[table.rate(explained, int(other))])


class _Sums:
    """Pairs of terms beside one."""

    names: tuple[Form, ...] | None = None

    def __init__(self, table: _Table) -> None:
        self.table = table
        self._kept = np.arange(0, len(table.rates), _EVERY)
        counts = np.diff(np.append(table.starts, len(table.rates)))
        self._shape = np.repeat(np.arange(len(table.shapes)), counts)[self._kept]
        self._u = table.rates[self._kept] * np.exp(table.logs[self._shape].T)

    def firsts(self) -> Iterator[tuple[int, float]]:
        """Yield terms and rates that a second term is sought for."""
        table = self.table
        explained = (table.g.astype(np.float32) @ table.unit) ** 2
        _, lengths = table.best(explained)
        for shape in np.argsort(lengths, kind="stable")[:_SUMS]:
            yield int(shape), float(table.rates[table.rate(explained, int(shape))])

    def seconds(self, shape: int, rate: float) -> Iterator[_Pair]:
        """Yield a term with those that go best with it."""
        table = self.table
        first = rate * np.exp(table.logs[shape])
        offset = np.log1p(first[:, None] + self._u)
        offset = offset - table.basis @ (table.basis.T @ offset)
        own = np.einsum("nr,nr->r", offset, offset)
        explained = (table.g @ offset) ** 2 / np.maximum(own, 1e-12)
        n = len(table.g)
        left = np.maximum(float(table.g @ table.g) - explained, n * LEAST**2)
        lengths = n / 2 * np.log2(left) + table.bits[self._shape]
        found: dict[int, float] = {}
        for place in np.argsort(lengths, kind="stable")[: 20 * _SECONDS]:
            other = int(self._shape[place])
            if other != shape and other not in found:
                found[other] = float(table.rates[self._kept[place]])
                if len(found) == 3 * _SECONDS:
                    break
        yield from ((shape, other, rate, k) for other, k in found.items())


def _searched(
    settings: Laws, pilot: Pilot, table: _Table, kind: _Products | _Sums
) -> Iterator[tuple[Law, float]]:
    """Yield the laws that a beam of pairs ends in."""
    pairs = _once(itertools.chain.from_iterable(itertools.starmap(kind.seconds, kind.firsts())))
    if not pairs:
        return
    laws, left = _beam(table, table.laws(pairs, kind.names))
    for _ in range(1):
        rates = laws.signs * np.exp(laws.lnk)
        ends = ((int(laws.at[i, j]), float(rates[i, j]))
                for i in range(min(_EXCHANGED, len(left))) for j in (0, 1))  # fmt: skip
        fresh = _once(itertools.chain.from_iterable(itertools.starmap(kind.seconds, ends)))
        kept = [(int(a), int(b), float(k), float(q))
                for (a, b), (k, q) in zip(laws.at, rates, strict=True)]  # fmt: skip
        laws, left = _beam(table, table.laws(_once([*kept, *fresh]), kind.names))
    laws, q, left = joint.fitted(laws, pilot.g, table.basis, _LAST)
    for i in range(len(left)):
        if np.isfinite(left[i]):
            yield from _settled(settings, pilot, table, laws.take(np.array([i])), q[i], left[i])


def _once(pairs: Iterable[_Pair]) -> list[_Pair]:
    """Return each pair of shapes once, in an order that does not depend on which came first."""
    found: dict[tuple[int, int], list[_Pair]] = {}
    for a, b, k, q in pairs:
        pair = (a, b, k, q) if a <= b else (b, a, q, k)
        several = found.setdefault(pair[:2], [])
        if len(several) < 3:
            several.append(pair)
    return [pair for several in found.values() for pair in several]


def _beam(table: _Table, laws: joint.Laws) -> tuple[joint.Laws, Floats]:
    """Return the best of some laws, fitted, each pair of shapes once, and what they leave."""
    left = np.empty(0)
    for steps, most in ((_ROUGH, _BETTER), (_FINE, _BEST)):
        laws, _, left = joint.fitted(laws, table.g, table.basis, steps)
        n = len(table.g)
        lengths = n / 2 * np.log2(np.maximum(left, n * LEAST**2)) + table.bits[laws.at].sum(axis=1)
        chosen: dict[tuple[int, int], int] = {}
        for i in np.argsort(lengths, kind="stable"):
            if np.isfinite(left[i]):
                chosen.setdefault((int(laws.at[i, 0]), int(laws.at[i, 1])), int(i))
            if len(chosen) == most:
                break
        kept = np.array(list(chosen.values()), dtype=np.intp)
        laws, left = laws.take(kept), left[kept]
    return laws, left


def _settled(
    settings: Laws, pilot: Pilot, table: _Table, law: joint.Laws, q: Floats, left: float
) -> Iterator[tuple[Law, float]]:
    """Yield the laws of a pair: exponents of the grammar, or fitted ones, the rates fitted."""
    n, p = pilot.x.shape
    logs = np.log(pilot.x)
    h, tilt = law.parts()
    shapes = [table.shapes[i] for i in law.at[0]]
    free = [law.forms is not None and s.form == "exp" for s in shapes]
    tilts = [q[law.owners[j]] * tilt[0, j] for j in (0, 1) if not free[j]]
    design = np.column_stack([np.ones(n), logs, *h[0], *tilts])
    beta, *_ = np.linalg.lstsq(design[:, : 1 + p + len(q)], pilot.g, rcond=None)
    sigma = math.sqrt(max(left, 0.0) / max(n - design.shape[1], 1))
    errors = np.sqrt(np.maximum(np.diag(np.linalg.pinv(design.T @ design)), 0.0)) * sigma
    steps = np.array(sorted({0.0, *settings.exponents}))
    nonzero = steps[steps != 0]
    weights, errors = beta[1 : p + 1], errors[1:]
    alone = [law.forms is not None and free[j] for j in range(len(q))]
    choices = [near(steps, w, e) for w, e in zip(weights, errors, strict=False)]
    choices += [[float(q[j])] if alone[j] else near(nonzero, q[j], errors[p + j])
                for j in range(len(q))]  # fmt: skip
    sets = list(itertools.islice(itertools.product(*choices), _CHOICES))
    if settings.fitted:
        sets.append((
            *(0.0 if abs(w) < 2 * e else either(steps, w, e)
              for w, e in zip(weights, errors, strict=False)),
            *(float(q[j]) if alone[j] else either(nonzero, q[j], errors[p + j])
              for j in range(len(q))),
        ))  # fmt: skip
    sets = [s for s in dict.fromkeys(sets)
            if sum(w != 0 for w in s[:p]) <= settings.terms and all(s[p:])]  # fmt: skip
    if not sets:
        return
    grid = np.array(sets)
    many = law.take(np.zeros(len(sets), dtype=np.intp))
    for j in range(len(q)):
        if alone[j]:  # of exp(k u)^q only k q counts
            many.lnk[:, j] += np.log(np.abs(grid[:, p + j]))
            many.signs[:, j] *= np.sign(grid[:, p + j])
            grid[:, p + j] = 1.0
    rest = pilot.g - grid[:, :p] @ logs.T
    many, errors, spread = joint.frozen(many, rest, grid[:, p:], _LAST)
    for i in np.argsort(spread, kind="stable"):
        if np.isfinite(spread[i]):
            yield from _law(pilot, shapes, many.take(np.array([i])), grid[i], errors[i], rest[i])


def _law(
    pilot: Pilot,
    shapes: Sequence[Shape],
    law: joint.Laws,
    chosen: Floats,
    errors: Floats,
    rest: Floats,
) -> Iterator[tuple[Law, float]]:
    """Yield a law with the digits that its rates warrant."""
    p = pilot.x.shape[1]
    rates = [rounded(float(s * np.exp(k)), float(e * np.exp(k)))
             for s, k, e in zip(law.signs[0], law.lnk[0], errors, strict=True)]  # fmt: skip
    if not all(rates) or not np.isfinite(rates).all():
        return
    law.lnk[0], law.signs[0] = np.log(np.abs(rates)), np.sign(rates)
    h, _ = law.parts(tilted=False)
    left = rest - chosen[p:] @ h[0]
    if not np.isfinite(left).all():
        return
    groups = [{n: a for n, a in zip(pilot.names, s.group, strict=True) if a} for s in shapes]
    if law.forms is None:
        terms = tuple(Term(group=u, rate=k) for u, k in zip(groups, rates, strict=True))
        factor: Sum | Product = Sum(terms=terms, power=float(chosen[p]))
    else:
        factor = Product(factors=tuple(
            Response(form=s.form, group=u, rate=k, power=float(power))
            for s, u, k, power in zip(shapes, groups, rates, chosen[p:], strict=True)
        ))  # fmt: skip
    weights = {n: float(w) for n, w in zip(pilot.names, chosen[:p], strict=True) if w}
    yield Law(link="log", weights=weights, factor=factor), float(left.std(ddof=1))
