"""Structures that several tests need."""

from pathlib import Path

import pytest

from gaseol.tools.materials.crystal import Crystal, Site

SILICA = Path(__file__).parents[3] / "scenarios" / "diffraction" / "structures"


def cubic(edge, atoms):
    """Return a cubic crystal of (element, position) pairs."""
    cell = ((edge, 0.0, 0.0), (0.0, edge, 0.0), (0.0, 0.0, edge))
    return Crystal(cell=cell, sites=tuple(Site(element=e, position=p) for e, p in atoms))


FACES = ((0.0, 0.0, 0.0), (0.0, 0.5, 0.5), (0.5, 0.0, 0.5), (0.5, 0.5, 0.0))


@pytest.fixture
def silicon():
    # CODATA 2018 lattice parameter, doi:10.1103/RevModPhys.93.025010.
    shifted = tuple((x + 0.25, y + 0.25, z + 0.25) for x, y, z in FACES)
    return cubic(5.431020511, [("Si", place) for place in FACES + shifted])


@pytest.fixture
def halite():
    # a = 5.6402 angstrom: Wyckoff, Crystal Structures, 2nd ed., vol. 1 (Interscience, 1963), has
    # 5.64056; the fourth figure moves a line by less than 0.01 degree.
    chlorine = tuple((x + 0.5, y, z) for x, y, z in FACES)
    return cubic(5.6402, [("Na", p) for p in FACES] + [("Cl", p) for p in chlorine])
