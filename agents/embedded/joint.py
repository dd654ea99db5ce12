"""Rates, powers and exponents of many laws fitted at once, each with two fitted rates.

ln y = C + sum of a_i ln x_i + sum of q_j h_j(k): h_j is ln |f(k u)| of a response, or ln |1 + k1 u1 + k2 u2| of a
sum. The exponents a and powers q are linear and are solved for at every step (variable projection: Golub
and Pereyra, SIAM J. Numer. Anal. 10, 413, 1973; Kaufman's form of the derivative); ln k moves by Gauss-Newton
steps, shortened where they would leave more than there was. All arrays have the laws as their first axis.
"""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from gaseol.agents.embedded.function import ln, slope
from gaseol.agents.embedded.pilot import Floats
from gaseol.traces.nouns.hypothesis import Form

_RIDGE = 1e-13
"""Added to the diagonal of normal equations of unit columns: two columns may be one."""
_FAR = 0.8
"""No step changes ln k by more."""
_TRIES = 4
"""How often a step is tried, each time a third as long."""


@dataclass(frozen=True)
class Batch:
    """B laws of one kind, at n cases."""

    at: NDArray[np.intp]
    """Which two shapes each law is made of: shape (B, 2)."""
    logs: Floats
    """ln of the two groups: shape (B, 2, n)."""
    lnk: Floats
    """ln of the sizes of the rates: shape (B, 2)."""
    signs: Floats
    """Signs of the rates: shape (B, 2)."""
    forms: NDArray[np.intp] | None
    """Indices into `names`, shape (B, 2); None where the two are terms of one sum."""
    names: tuple[Form, ...]

    def take(self, chosen: NDArray[np.intp] | NDArray[np.bool_]) -> Self:
        """Return some of the laws."""
        forms = None if self.forms is None else self.forms[chosen]
        return replace(self, at=self.at[chosen], logs=self.logs[chosen], lnk=self.lnk[chosen],
                       signs=self.signs[chosen], forms=forms)  # fmt: skip

    def parts(self, tilted: bool = True) -> tuple[Floats, Floats]:
        """Return h, shape (B, m, n), and its derivatives by the two ln k, shape (B, 2, n).

        A response is its own part, m = 2; of a sum there is one part, m = 1.
        """
        u = self.signs[..., None] * np.exp(np.clip(self.logs + self.lnk[..., None], -300, 300))
        if self.forms is None:
            total = 1 + u.sum(axis=1, keepdims=True)
            with np.errstate(divide="ignore", invalid="ignore"):
                return np.log(np.abs(total)), u / total
        h, tilt = np.empty_like(u), np.zeros_like(u)
        for i, form in enumerate(self.names):
            there = self.forms == i
            if there.any():
                h[there] = ln(form, u[there])
                if tilted:
                    tilt[there] = slope(form, u[there])
        return h, tilt

    @property
    def owners(self) -> list[int]:
        """Of which part each rate is."""
        return [0, 0] if self.forms is None else [0, 1]


def fitted(laws: Batch, g: Floats, basis: Floats, steps: int) -> tuple[Batch, Floats, Floats]:
    """Return laws with better rates, their powers, and the sums of squares that they leave.

    Args:
        laws: with rates to start from.
        g: ln of the outcome, shape (n,).
        basis: of what a constant and powers can make, orthonormal, shape (n, r).
        steps: Gauss-Newton steps at most.
    """
    g = g - basis @ (basis.T @ g)
    free = np.ones_like(laws.lnk)
    if laws.forms is not None and "exp" in laws.names:
        # its power and its rate are one number
        free = np.where(laws.forms == laws.names.index("exp"), 0.0, 1.0)
    h, tilt = laws.parts()
    powers, left = _powers(_less(h, basis), g)
    for _ in range(steps):
        owned = powers[:, laws.owners] * free
        wide = np.concatenate([_less(h, basis), owned[..., None] * _less(tilt, basis)], axis=1)
        rest = g - np.einsum("bm,bmn->bn", powers, wide[:, : h.shape[1]])
        move = np.clip(_solved(wide, rest)[:, h.shape[1] :] * free, -_FAR, _FAR)
        pending = np.flatnonzero(np.isfinite(left) & (np.abs(move).max(axis=1) > 1e-13))
        lnk = laws.lnk.copy()
        for _ in range(_TRIES):
            if not len(pending):
                break
            trial = laws.take(pending)
            trial = replace(trial, lnk=trial.lnk + move[pending])
            q, less = _powers(_less(trial.parts(tilted=False)[0], basis), g)
            better = less < left[pending]
            kept = pending[better]
            lnk[kept], powers[kept], left[kept] = trial.lnk[better], q[better], less[better]
            pending = pending[~better]
            move[pending] /= 3
        if (lnk == laws.lnk).all():
            break
        laws = replace(laws, lnk=lnk)
        h, tilt = laws.parts()
    return laws, powers, left


def frozen(laws: Batch, g: Floats, powers: Floats, steps: int) -> tuple[Batch, Floats, Floats]:
    """Return laws whose exponents and powers are set, with the rates that fit best.

    Args:
        laws: with rates to start from.
        g: ln of the outcome less what the exponents make, shape (B, n).
        powers: of the parts, shape (B, m).
        steps: Gauss-Newton steps.

    Returns:
        The laws; standard errors of ln k, shape (B, 2); standard deviations of what is left, shape (B,).
    """

    def left(laws: Batch) -> tuple[Floats, Floats]:
        h, tilt = laws.parts()
        rest = g - np.einsum("bm,bmn->bn", powers, h)
        tilt = powers[:, laws.owners][..., None] * tilt
        with np.errstate(invalid="ignore"):
            rest = rest - rest.mean(axis=-1, keepdims=True)
            return rest, tilt - tilt.mean(axis=-1, keepdims=True)

    rest, tilt = left(laws)
    for _ in range(steps):
        move = np.clip(_solved(tilt, rest), -_FAR, _FAR)
        laws = replace(laws, lnk=laws.lnk + move)
        rest, tilt = left(laws)
        if np.abs(move).max() < 1e-14:
            break
    n = rest.shape[-1]
    spread = np.sqrt(np.einsum("bn,bn->b", rest, rest) / (n - 1))
    known = np.where(np.isfinite(tilt), tilt, 0.0)
    squares = np.einsum("bin,bjn->bij", known, known)
    errors = np.sqrt(np.abs(np.diagonal(np.linalg.pinv(squares), axis1=1, axis2=2)))
    return laws, errors * spread[:, None], spread


def _less(h: Floats, basis: Floats) -> Floats:
    """Return parts less what a constant and powers make of them."""
    with np.errstate(invalid="ignore"):
        return h - (h @ basis) @ basis.T


def _powers(h: Floats, g: Floats) -> tuple[Floats, Floats]:
    powers = _solved(h, np.broadcast_to(g, (len(h), len(g))))
    rest = g - np.einsum("bm,bmn->bn", powers, h)
    left = np.einsum("bn,bn->b", rest, rest)
    return powers, np.where(np.isfinite(left), left, np.inf)


def _solved(columns: Floats, rest: Floats) -> Floats:
    """Return the least squares of every law: columns (B, m, n), what is left (B, n)."""
    with np.errstate(invalid="ignore", over="ignore"):
        size = np.sqrt(np.einsum("bmn,bmn->bm", columns, columns))
        fine = np.isfinite(size).all(axis=1, keepdims=True) & (size > 1e-14)
        unit = np.where(fine[..., None], columns, 0.0) / np.where(fine, size, 1.0)[..., None]
        rest = np.where(np.isfinite(rest).all(axis=1, keepdims=True), rest, 0.0)
    square = np.einsum("bin,bjn->bij", unit, unit) + _RIDGE * np.eye(unit.shape[1])
    right = np.einsum("bmn,bn->bm", unit, rest)
    found = np.linalg.solve(square + np.eye(unit.shape[1]) * ~fine[:, None, :], right[..., None])
    return np.where(fine, found[..., 0] / np.where(fine, size, 1.0), 0.0)
