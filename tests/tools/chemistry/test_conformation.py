import math

import pytest

from gaseol.tools import Refuse
from gaseol.tools.chemistry import conformers
from gaseol.traces.nouns.failure import FailureKind


def test_butane_is_anti_and_gauche():
    # Gauche lies 0.67 +- 0.10 kcal/mol above anti: W. A. Herrebout, B. J. van der Veken, A. Wang,
    # J. R. Durig, J. Phys. Chem. 99, 578 (1995). MMFF94 gives 0.78.
    anti, gauche = conformers("CCCC")
    assert anti.energy == 0
    assert gauche.energy == pytest.approx(0.67, abs=0.2)
    assert abs(_torsion(anti.positions[:4])) == pytest.approx(180, abs=1)
    assert abs(_torsion(gauche.positions[:4])) == pytest.approx(65, abs=5)


def test_methylcyclohexane_prefers_the_equatorial_place():
    # 1.74 kcal/mol: E. L. Eliel, S. H. Wilen, Stereochemistry of Organic Compounds, Wiley (1994).
    found = conformers("CC1CCCCC1", attempts=60, window=3)
    assert any(one.energy == pytest.approx(1.74, abs=0.5) for one in found)


def test_a_rigid_molecule_has_one_shape():
    (only,) = conformers("c1ccccc1")
    assert only.energy == 0
    assert sorted(only.elements) == ["C"] * 6 + ["H"] * 6
    # 1.39 angstrom: CRC Handbook, bond lengths of benzene, by electron diffraction.
    assert math.dist(*only.positions[:2]) == pytest.approx(1.39, abs=0.02)


def test_the_same_again_with_the_same_seed_however_written():
    assert conformers("CCCO", seed=3) == conformers("OCCC", seed=3)


def test_the_window_holds():
    assert all(one.energy <= 0.5 for one in conformers("CCCCC", window=0.5))


@pytest.mark.parametrize("smiles", ["CC.CC", "C" * 60, "C[Zn]C"])
def test_refuses_what_it_cannot_embed(smiles):
    with pytest.raises(Refuse) as refusal:
        conformers(smiles)
    assert refusal.value.kind is FailureKind.OUT_OF_DOMAIN


def _torsion(places):
    import numpy as np

    a, b, c, d = np.asarray(places)
    first, second = np.cross(b - a, c - b), np.cross(c - b, d - c)
    sine = np.dot(np.cross(first, second), (c - b) / np.linalg.norm(c - b))
    return math.degrees(math.atan2(sine, np.dot(first, second)))
