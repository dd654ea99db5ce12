"""A crystal as a plain value: a unit cell and the atoms in it."""

import math
from collections import defaultdict
from typing import Annotated, Any

from annotated_types import Ge, Gt, Le, Len
from pydantic import BaseModel, ConfigDict, field_validator, model_validator

from gaseol.tools import Unit
from gaseol.tools.materials.elements import ELEMENTS

MAX_SITES = 500
"""Atoms in one cell; what is done with a cell grows at least with the square of them."""

_SHORTEST_EDGE, _LONGEST_EDGE = 1.0, 200.0  # angstrom
_FULL = 1.001  # a third, a third and a third may be written with three figures each
_SMALLEST_VOLUME = 3.0  # angstrom**3; less is no cell but three edges in a plane

HALITE: dict[str, Any] = {
    "cell": [[0.0, 2.82, 2.82], [2.82, 0.0, 2.82], [2.82, 2.82, 0.0]],
    "sites": [
        {"element": "Na", "position": [0.0, 0.0, 0.0]},
        {"element": "Cl", "position": [0.5, 0.5, 0.5]},
    ],
}
"""Rock salt in its primitive cell, as JSON, for examples of calls."""

Length = Annotated[float, Unit("angstrom"), Ge(-_LONGEST_EDGE), Le(_LONGEST_EDGE)]
Row = tuple[Length, Length, Length]
Fraction = Annotated[float, Unit("1"), Ge(-10), Le(10)]


class Site(BaseModel):
    """An element at a place of the cell; sites that share a position are disordered."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", use_attribute_docstrings=True, defer_build=True
    )

    element: str
    """Chemical symbol."""
    position: tuple[Fraction, Fraction, Fraction]
    """In fractions of the cell's edges."""
    occupancy: Annotated[float, Unit("1"), Gt(0), Le(1)] = 1.0

    @field_validator("element")
    @classmethod
    def _check_element(cls, symbol: str) -> str:
        if symbol not in ELEMENTS:
            msg = f"{symbol!r} is not the symbol of an element"
            raise ValueError(msg)
        return symbol


class Crystal(BaseModel):
    """A periodic structure."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", use_attribute_docstrings=True, defer_build=True
    )

    cell: tuple[Row, Row, Row]
    """The three edge vectors, one a row."""
    sites: Annotated[tuple[Site, ...], Len(1, MAX_SITES)]

    @model_validator(mode="after")
    def _check_occupancies(self) -> "Crystal":
        for position, held in self.places.items():
            total = sum(occupancy for _, occupancy in held)
            if total > _FULL:
                msg = f"{total:.3g} atoms share the position {position}"
                raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _check_cell(self) -> "Crystal":
        for row in self.cell:
            edge = math.hypot(*row)
            if not _SHORTEST_EDGE <= edge <= _LONGEST_EDGE:
                msg = (
                    f"an edge of the cell is {edge:.4g} angstrom long; "
                    f"it must have {_SHORTEST_EDGE:g} to {_LONGEST_EDGE:g}"
                )
                raise ValueError(msg)
        if self.volume < _SMALLEST_VOLUME:
            msg = f"the cell's volume is {self.volume:.4g} cubic angstrom; the edges lie in a plane"
            raise ValueError(msg)
        return self

    @property
    def volume(self) -> float:
        """The cell's volume in cubic angstrom."""
        (ax, ay, az), (bx, by, bz), (cx, cy, cz) = self.cell
        return abs(ax * (by * cz - bz * cy) - ay * (bx * cz - bz * cx) + az * (bx * cy - by * cx))

    @property
    def places(self) -> dict[tuple[float, float, float], tuple[tuple[str, float], ...]]:
        """The elements and occupancies at every position, in the sites' order."""
        shared: dict[tuple[float, float, float], dict[str, float]] = defaultdict(dict)
        for site in self.sites:
            held = shared[site.position]
            held[site.element] = held.get(site.element, 0.0) + site.occupancy
        return {position: tuple(sorted(held.items())) for position, held in shared.items()}

    def to_pymatgen(self) -> Any:
        """Return the pymatgen Structure; elements at one position share its site."""
        from pymatgen.core import Lattice, Structure

        places = self.places
        return Structure(Lattice(self.cell), [dict(held) for held in places.values()], list(places))

    @classmethod
    def from_pymatgen(cls, structure: Any) -> "Crystal":
        """Return the value of a pymatgen Structure; charges and site properties are left behind."""
        return cls.model_validate(
            {
                "cell": structure.lattice.matrix.tolist(),
                "sites": [
                    {
                        "element": species.symbol,
                        "position": (site.frac_coords % 1.0).tolist(),
                        "occupancy": min(float(occupancy), 1.0),
                    }
                    for site in structure
                    for species, occupancy in site.species.items()
                ],
            }
        )
