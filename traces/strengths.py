"""Bradley-Terry strengths: a ranking as a pure function of the pairings that it came from."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from gaseol.traces.nouns.ranking import Pairing, Strength

_NORMAL_95 = 1.959963984540054
_DIGITS = 6
_SCORES = {"first": 1.0, "draw": 0.5, "second": 0.0}
_MOST = 100

Floats = NDArray[np.float64]


def strengths(
    leagues: Mapping[str, int] | Sequence[str], pairings: Iterable[Pairing]
) -> tuple[Strength, ...]:
    """Return the strengths of hypotheses, strongest first, league by league.

    Each plays one drawn game against an average opponent besides its own (a penalty on extreme
    strengths that keeps the undefeated finite); the interval is 1.96 standard errors of the
    penalised likelihood. Pairings across leagues, of others, or discarded do not count.
    Bradley and Terry, Biometrika 39 (1952) 324.

    Args:
        leagues: hypotheses, or hypothesis to league.
        pairings: in any order.
    """
    placed = leagues if isinstance(leagues, Mapping) else dict.fromkeys(leagues, 0)
    counted = [p for p in pairings if p.outcome in _SCORES]
    found: list[Strength] = []
    for league in sorted(set(placed.values())):
        names = [name for name, at in placed.items() if at == league]
        found += _league(names, counted, league)
    return tuple(found)


def _league(names: Sequence[str], pairings: Sequence[Pairing], league: int) -> list[Strength]:
    at = {name: i for i, name in enumerate(names)}
    own = [p for p in pairings if p.first in at and p.second in at and p.first != p.second]
    a = np.array([at[p.first] for p in own], int)
    b = np.array([at[p.second] for p in own], int)
    score = np.array([_SCORES[p.outcome] for p in own], float)
    theta, curvature = _fitted(len(names), a, b, score)
    centre = np.eye(len(names)) - 1.0 / len(names)
    spread = np.sqrt(np.diag(centre @ np.linalg.inv(curvature) @ centre)) * _NORMAL_95
    theta = theta - theta.mean()
    played = np.bincount(np.concatenate([a, b]), minlength=len(names))
    made = [
        Strength(
            hypothesis=name,
            value=_rounded(theta[i]),
            low=_rounded(theta[i] - spread[i]),
            high=_rounded(theta[i] + spread[i]),
            pairings=int(played[i]),
            league=league,
        )
        for i, name in enumerate(names)
    ]
    return sorted(made, key=lambda s: (-s.value, at[s.hypothesis]))


def _fitted(
    size: int, a: NDArray[np.int_], b: NDArray[np.int_], score: Floats
) -> tuple[Floats, Floats]:
    """Return the maximum of the penalised likelihood and its curvature there, by Newton's method."""
    theta = np.zeros(size)
    for _ in range(_MOST):
        gradient, curvature = _slopes(theta, a, b, score)
        step = np.linalg.solve(curvature, gradient)
        # far away the curvature is too flat for a whole step
        theta = theta + step / max(1.0, float(np.abs(step).max()))
        if float(np.abs(step).max()) < 1e-12:
            break
    return theta, _slopes(theta, a, b, score)[1]


def _slopes(
    theta: Floats, a: NDArray[np.int_], b: NDArray[np.int_], score: Floats
) -> tuple[Floats, Floats]:
    own = _share(theta)
    gradient = 0.5 - own
    curvature = np.diag(own * (1 - own))
    expected = _share(theta[a] - theta[b])
    np.add.at(gradient, a, score - expected)
    np.add.at(gradient, b, expected - score)
    weight = expected * (1 - expected)
    for rows, columns, sign in ((a, a, 1), (b, b, 1), (a, b, -1), (b, a, -1)):
        np.add.at(curvature, (rows, columns), sign * weight)
    return gradient, curvature


def _share(x: Floats) -> Floats:
    return 1.0 / (1.0 + np.exp(-x))


def _rounded(x: float) -> float:
    return round(float(x), _DIGITS) + 0.0
