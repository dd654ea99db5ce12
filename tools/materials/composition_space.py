"""Spaces of compositions: shares of elements in equal steps, with what each element brings."""

import math
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gaseol.tools.space import Cell, Features, SpaceError, SpaceKind

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_LISTED = 50_000
_FINEST = 10_000
"""Steps at most: no share is weighed in more finely."""

_PROPERTIES = ("X", "atomic_radius", "atomic_mass", "mendeleev_no")
"""Electronegativity (Pauling), radius (angstrom), mass (u), place in Mendeleev's series."""


@dataclass
class Compositions:
    """Mixtures of elements whose shares are whole numbers of steps and sum to one.

    A point is a formula in whole steps, such as `Co2Fe3Ni5` for ten steps, elements in the order
    given.
    """

    elements: tuple[str, ...]
    steps: int = 10
    most: tuple[float, ...] = ()
    """The largest share of each element; 1 by default."""

    def __post_init__(self) -> None:
        from pymatgen.core import Element

        if len(self.elements) < 2 or len(set(self.elements)) < len(self.elements):
            raise SpaceError("compositions need two different elements or more")
        strange = next((e for e in self.elements if not Element.is_valid_symbol(e)), None)
        if strange is not None:
            raise SpaceError(f"'{strange}' is no element")
        self.most = self.most or (1.0,) * len(self.elements)
        if len(self.most) != len(self.elements) or not 1 <= self.steps <= _FINEST:
            raise SpaceError(f"give one largest share for each element, and 1 to {_FINEST} steps")
        if not all(0 <= share <= 1 for share in self.most):
            raise SpaceError("a largest share lies between 0 and 1")
        if sum(self._ceilings()) < self.steps:
            raise SpaceError("the largest shares do not add up to one")

    @property
    def size(self) -> int | None:
        """How many there are; None where they are too many to be listed."""
        whole = math.comb(self.steps + len(self.elements) - 1, len(self.elements) - 1)
        return len(self.enumerate()) if whole <= _LISTED else None

    def enumerate(self) -> Sequence[str]:
        """Return all compositions.

        Raises:
            SpaceError: there are too many.
        """
        whole = math.comb(self.steps + len(self.elements) - 1, len(self.elements) - 1)
        if whole > _LISTED:
            raise SpaceError(f"{whole} compositions are too many to be listed; take fewer steps")
        return [self._formula(shares) for shares in self._all(self.steps, self._ceilings())]

    def sample(self, n: int, rng: "np.random.Generator") -> list[str]:
        """Return compositions at random."""
        found: dict[str, None] = {}
        for _ in range(50 * n):
            if len(found) >= n:
                break
            cuts = sorted(rng.integers(0, self.steps + 1, len(self.elements) - 1).tolist())
            shares = [b - a for a, b in zip([0, *cuts], [*cuts, self.steps], strict=True)]
            if self._allowed(shares):
                found[self._formula(shares)] = None
        return list(found)

    def mutate(self, points: Sequence[str], rng: "np.random.Generator") -> list[str]:
        """Return each composition with a step or two of one element given to another."""
        found: list[str] = []
        for shares in map(self._shares, points):
            donor = int(rng.choice([i for i, share in enumerate(shares) if share]))
            heir = int(rng.integers(len(shares)))
            size = min(shares[donor], int(rng.integers(1, 3)))
            shares[donor] -= size
            shares[heir] += size
            found += [self._formula(shares)] if self._allowed(shares) else []
        return found

    def cross(
        self, firsts: Sequence[str], seconds: Sequence[str], rng: "np.random.Generator"
    ) -> list[str]:
        """Return, for each two compositions, one between them."""
        found: list[str] = []
        for a, b in zip(map(self._shares, firsts), map(self._shares, seconds), strict=True):
            part = float(rng.random())
            exact = [part * x + (1 - part) * y for x, y in zip(a, b, strict=True)]
            shares = [int(x) for x in exact]
            order = sorted(range(len(exact)), key=lambda i: shares[i] - exact[i])
            for i in order[: self.steps - sum(shares)]:
                shares[i] += 1
            found += [self._formula(shares)] if self._allowed(shares) else []
        return found

    def featurise(self, points: Sequence[str]) -> Features:
        """Return shares, and mean and spread of what the elements bring.

        Raises:
            SpaceError: a point is not of this space.
        """
        import numpy as np

        shares = np.array([self._shares(p) for p in points], dtype=float)
        shares = shares.reshape(len(points), len(self.elements))
        shares /= self.steps
        brings = self._brings()
        mean = shares @ brings
        spread = np.sqrt(np.maximum(shares @ brings**2 - mean**2, 0))
        numeric = np.concatenate([shares, mean, spread], axis=1)
        return Features(numeric, tuple(range(numeric.shape[1])))

    def rows(self, points: Sequence[str]) -> list[dict[str, Cell]]:
        """Return the formula and the share of each element.

        Raises:
            SpaceError: a point is not of this space.
        """
        return [
            {
                "formula": point,
                **{
                    e: share / self.steps
                    for e, share in zip(self.elements, self._shares(point), strict=True)
                },
            }
            for point in points
        ]

    def _brings(self) -> "NDArray[np.float64]":
        """Return the properties of the elements, each scaled to between 0 and 1."""
        import numpy as np
        from pymatgen.core import Element

        def value(symbol: str, name: str) -> float:
            with warnings.catch_warnings():
                # pymatgen warns that noble gases have no electronegativity: its column is dropped
                warnings.simplefilter("ignore")
                found = getattr(Element(symbol), name)
            return math.nan if found is None else float(found)

        table = np.array([[value(e, name) for name in _PROPERTIES] for e in self.elements])
        table = table[:, np.isfinite(table).all(axis=0)]
        low, high = table.min(axis=0), table.max(axis=0)
        return (table - low) / np.where(high > low, high - low, 1)

    def _ceilings(self) -> list[int]:
        return [math.floor(share * self.steps + 1e-9) for share in self.most]

    def _all(self, left: int, ceilings: Sequence[int]) -> list[list[int]]:
        if len(ceilings) == 1:
            return [[left]] if left <= ceilings[0] else []
        return [
            [share, *rest]
            for share in range(min(left, ceilings[0]) + 1)
            for rest in self._all(left - share, ceilings[1:])
        ]

    def _allowed(self, shares: Sequence[int]) -> bool:
        return all(a <= b for a, b in zip(shares, self._ceilings(), strict=True))

    def _formula(self, shares: Sequence[int]) -> str:
        return "".join(f"{e}{s}" for e, s in zip(self.elements, shares, strict=True) if s)

    def _shares(self, point: str) -> list[int]:
        import re

        found = dict(re.findall(r"([A-Z][a-z]?)(\d+)", point))
        shares = [int(found.get(e, 0)) for e in self.elements]
        if self._formula(shares) != point or sum(shares) != self.steps:
            raise SpaceError(f"'{point}' is no composition of {self.steps} steps of "
                             f"{', '.join(self.elements)}")  # fmt: skip
        return shares


def _make(rows: Sequence[Mapping[str, Cell]], options: Mapping[str, Any]) -> Compositions:  # noqa: ARG001
    known = {"elements", "steps", "most"}
    if not set(options) <= known or "elements" not in options:
        raise SpaceError(f"the space `compositions` takes {', '.join(sorted(known))}")
    elements, steps, most = options["elements"], options.get("steps", 10), options.get("most", [])
    if not isinstance(elements, list) or not all(isinstance(e, str) for e in elements):
        raise SpaceError(f"`elements` is a list of symbols such as [Fe, Co, Ni], not {elements!r}")
    if not isinstance(steps, int) or isinstance(steps, bool):
        raise SpaceError(f"`steps` is a whole number, not {steps!r}")
    if not isinstance(most, list) or not all(isinstance(m, int | float) for m in most):
        raise SpaceError(f"`most` is a list of numbers, one for each element, not {most!r}")
    return Compositions(tuple(elements), steps, tuple(map(float, most)))


compositions = SpaceKind("compositions", "mixtures of elements in equal steps", _make)
