"""Laws of two functions, and of sums of three terms, as the pilot suggests them.

Pairs that go well together are fitted jointly; of the best, one is exchanged for whatever goes better with
the other; then exponents are set to the grammar's, or rounded to what the pilot warrants, and the rates
are fitted anew.
"""

import itertools
import math
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from gaseol.agents.embedded import joint
from gaseol.agents.embedded.function import Column, Shape
from gaseol.agents.embedded.ladder import either, near
from gaseol.agents.embedded.pairs import Pair, Products, Sums, Table
from gaseol.agents.embedded.pilot import LEAST, Floats, Pilot, rounded
from gaseol.scenarios.hypotheses import Laws
from gaseol.traces.nouns.hypothesis import Law, Product, Response, Sum, Term

_ROUGH, _FINE, _LAST = 3, 8, 12
"""Gauss-Newton steps of all pairs, of the better, and of the best."""
_BETTER, _BEST, _EXCHANGED = 250, 40, 12
_STARTS = 3
"""Rates that a pair of shapes is fitted from."""
_CHOICES = 64
"""Sets of exponents tried of a pair."""
_NOTHING = 1e-3
"""A function to a smaller power is none."""


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
        table = Table.of(pilot, [column.thinned() for column in tried])
        yield from _searched(settings, pilot, table, Products(table))
    if settings.summands > 2:
        terms = [column for column in tried if column.shape.form in ("plus", "minus")]
        if terms:
            table = Table.of(pilot, terms)
            yield from _searched(settings, pilot, table, Sums(table))


def _searched(
    settings: Laws, pilot: Pilot, table: Table, kind: Products | Sums
) -> Iterator[tuple[Law, float]]:
    """Yield the laws that a beam of pairs ends in."""
    pairs = _once(itertools.chain.from_iterable(itertools.starmap(kind.seconds, kind.firsts())))
    if not pairs:
        return
    found = _pairs(_beam(table, table.batch(pairs, kind.names)))
    if not found:
        return
    ends = ((shape, rate) for a, b, k, q in found[:_EXCHANGED] for shape, rate in ((a, k), (b, q)))
    fresh = itertools.chain.from_iterable(itertools.starmap(kind.seconds, ends))
    laws = _beam(table, table.batch(_once([*found, *fresh]), kind.names))
    laws, q, left = joint.fitted(laws, pilot.g, table.basis, _LAST)
    for i in np.flatnonzero(np.isfinite(left)):
        yield from _settled(settings, pilot, table, laws.take(np.array([i])), q[i], left[i])


def _pairs(laws: joint.Batch) -> list[Pair]:
    rates = laws.signs * np.exp(laws.lnk)
    return [(int(a), int(b), float(k), float(q))
            for (a, b), (k, q) in zip(laws.at, rates, strict=True)]  # fmt: skip


def _once(pairs: Iterable[Pair]) -> list[Pair]:
    """Return each pair of shapes with the first of its rates, whichever of the two came first."""
    found: dict[tuple[int, int], list[Pair]] = {}
    for a, b, k, q in pairs:
        pair = (a, b, k, q) if a <= b else (b, a, q, k)
        several = found.setdefault(pair[:2], [])
        if len(several) < _STARTS:
            several.append(pair)
    return [pair for several in found.values() for pair in several]


def _beam(table: Table, laws: joint.Batch) -> joint.Batch:
    """Return the best of some laws, fitted, each pair of shapes once."""
    n = len(table.g)
    for steps, most in ((_ROUGH, _BETTER), (_FINE, _BEST)):
        laws, _, left = joint.fitted(laws, table.g, table.basis, steps)
        lengths = n / 2 * np.log2(np.maximum(left, n * LEAST**2)) + table.bits[laws.at].sum(axis=1)
        chosen: dict[tuple[int, int], int] = {}
        for i in np.argsort(lengths, kind="stable"):
            if np.isfinite(left[i]) and len(chosen) < most:
                chosen.setdefault((int(laws.at[i, 0]), int(laws.at[i, 1])), int(i))
        laws = laws.take(np.array(list(chosen.values()), dtype=np.intp))
    return laws


def _settled(
    settings: Laws, pilot: Pilot, table: Table, law: joint.Batch, q: Floats, left: float
) -> Iterator[tuple[Law, float]]:
    """Yield the laws of a pair: exponents of the grammar, or fitted ones, the rates fitted.

    Args:
        settings: of the grammar.
        pilot: n cases, p variables.
        table: of the shapes.
        law: the pair, fitted.
        q: powers of its parts.
        left: sum of squares that it leaves.
    """
    p = pilot.x.shape[1]
    if np.abs(q).min() < _NOTHING:
        return
    shapes = [table.shapes[i] for i in law.at[0]]
    # of exp(k u)^q only k q counts
    free = [law.forms is not None and shape.form == "exp" for shape in shapes]
    sets = _exponents(settings, pilot, law, q, left, free)
    if not sets:
        return
    grid = np.array(sets)
    many = law.take(np.zeros(len(sets), dtype=np.intp))
    for j in np.flatnonzero(free):
        many.lnk[:, j] += np.log(np.abs(grid[:, p + j]))
        many.signs[:, j] *= np.sign(grid[:, p + j])
        grid[:, p + j] = 1.0
    rest = pilot.g - grid[:, :p] @ np.log(pilot.x).T
    many, errors, spread = joint.frozen(many, rest, grid[:, p:], _LAST)
    for i in np.flatnonzero(np.isfinite(spread)):
        yield from _law(pilot, shapes, many.take(np.array([i])), grid[i], errors[i], rest[i])


def _exponents(
    settings: Laws, pilot: Pilot, law: joint.Batch, q: Floats, left: float, free: Sequence[bool]
) -> list[tuple[float, ...]]:
    """Return sets of exponents and powers that the pilot allows, p of variables, then of the parts."""
    n, p = pilot.x.shape
    h, tilt = law.parts()
    tilts = [q[law.owners[j]] * tilt[0, j] for j in (0, 1) if not free[j]]
    linear = np.column_stack([np.ones(n), np.log(pilot.x), *h[0]])
    design = np.column_stack([linear, *tilts])
    sigma = math.sqrt(max(left, 0.0) / max(n - design.shape[1], 1))
    errors = np.sqrt(np.maximum(np.diag(np.linalg.pinv(design.T @ design)), 0.0))[1:] * sigma
    weights = np.linalg.lstsq(linear, pilot.g, rcond=None)[0][1 : p + 1]
    ladder = np.array(sorted({0.0, *settings.exponents}))
    steps = ladder[ladder != 0]
    parts = list(zip(q.tolist(), errors[p:], free, strict=False))
    choices = [near(ladder, w, e) for w, e in zip(weights, errors, strict=False)]
    choices += [[power] if alone else near(steps, power, e) for power, e, alone in parts]
    sets = list(itertools.islice(itertools.product(*choices), _CHOICES))
    if settings.fitted:
        kept = (0.0 if abs(w) < 2 * e else either(ladder, w, e)
                for w, e in zip(weights, errors, strict=False))  # fmt: skip
        last = (power if alone else either(steps, power, e) for power, e, alone in parts)
        sets.append((*kept, *last))
    return [s for s in dict.fromkeys(sets)
            if sum(w != 0 for w in s[:p]) <= settings.terms and all(s[p:])]  # fmt: skip


def _law(
    pilot: Pilot,
    shapes: Sequence[Shape],
    law: joint.Batch,
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
