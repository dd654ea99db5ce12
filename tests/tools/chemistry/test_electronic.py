import statistics

import pytest

pytest.importorskip("tblite")

from scipy.stats import spearmanr

from gaseol.tools import Refuse
from gaseol.tools.chemistry import (
    dipole_moment,
    electronic_structure,
    hydration_free_energy,
    partition_coefficient,
    solvation_free_energy,
)
from gaseol.traces.nouns.failure import FailureKind

# Experimental log P: C. Hansch, A. Leo, D. Hoekman, Exploring QSAR: Hydrophobic, Electronic and
# Steric Constants, American Chemical Society (1995).
LOG_P = {
    "CO": -0.77, "CCO": -0.31, "CCCO": 0.25, "CCCCO": 0.88, "CC(C)=O": -0.24, "c1ccccc1": 2.13,
    "Cc1ccccc1": 2.73, "Oc1ccccc1": 1.46, "Nc1ccccc1": 0.90, "Clc1ccccc1": 2.89, "CCOCC": 0.89,
    "ClC(Cl)Cl": 1.97, "CCCCCC": 3.90, "C1CCCCC1": 3.44, "CC(=O)O": -0.17, "CCN": -0.13,
    "c1ccncc1": 0.65, "c1ccc2ccccc2c1": 3.30, "O=Cc1ccccc1": 1.48, "COc1ccccc1": 2.11,
    "CC#N": -0.34, "CCOC(C)=O": 0.73, "O=[N+]([O-])c1ccccc1": 1.85, "CCCCCCCCO": 3.07,
    "CN(C)C=O": -1.01, "NC(=O)c1ccccc1": 0.64, "OC(=O)c1ccccc1": 1.87,
}  # fmt: skip

# Without bromine and iodine, which the docstring excepts; experiment from the NIST CCCBDB.
POLAR = ["CO", "CC(C)=O", "CC#N", "CF", "CCl", "C=O", "COC", "NC=O", "c1ccncc1", "Clc1ccccc1",
         "C1CO1", "C[N+](=O)[O-]", "CC=O", "CN", "CS", "Fc1ccccc1"]  # fmt: skip


@pytest.mark.slow
def test_partition_agrees_with_experiment_as_well_as_the_docstring_says():
    computed = [partition_coefficient(smiles).log_p for smiles in LOG_P]
    errors = [a - b for a, b in zip(computed, LOG_P.values(), strict=True)]
    assert statistics.mean(map(abs, errors)) < 0.65
    assert max(map(abs, errors)) < 2.0
    assert spearmanr(computed, list(LOG_P.values())).statistic > 0.88


@pytest.mark.slow
def test_dipoles_agree_with_experiment_as_well_as_the_docstring_says():
    computed = [electronic_structure(smiles).dipole for smiles in POLAR]
    measured = [dipole_moment(smiles).dipole for smiles in POLAR]
    errors = [abs(a - b) for a, b in zip(computed, measured, strict=True)]
    assert statistics.mean(errors) < 0.45
    assert max(errors) < 1.6
    assert spearmanr(computed, measured).statistic > 0.8


def test_bromine_is_too_polar_as_the_docstring_warns():
    assert 1.0 < electronic_structure("CBr").dipole - dipole_moment("CBr").dipole < 2.5


@pytest.mark.parametrize("smiles", ["C", "CC", "c1ccccc1", "C#C"])
def test_symmetry_forbids_a_dipole(smiles):
    assert electronic_structure(smiles).dipole < 0.05


def test_the_gap_falls_along_a_chain_of_double_bonds():
    gaps = [electronic_structure(smiles).gap for smiles in ("C=C", "C=CC=C", "C=CC=CC=C")]
    assert gaps == sorted(gaps, reverse=True)
    found = electronic_structure("C=C")
    assert found.gap == pytest.approx(found.lumo - found.homo, abs=2e-4)


def test_water_is_the_same_solvent_everywhere():
    water = hydration_free_energy("CCN").energy
    assert solvation_free_energy("CCN", "water") == pytest.approx(water, abs=1e-3)
    assert partition_coefficient("CCN").water == pytest.approx(water, abs=1e-3)
    octanol = solvation_free_energy("CCN", "octanol")
    assert partition_coefficient("CCN").octanol == pytest.approx(octanol, abs=1e-3)


def test_the_logarithm_is_the_difference_of_energies():
    found = partition_coefficient("CCCO")
    expected = (found.water - found.octanol) / (2.302585 * 1.987204e-3 * 298.15)
    assert found.log_p == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize(
    "call",
    [
        lambda smiles: electronic_structure(smiles),
        lambda smiles: partition_coefficient(smiles),
        lambda smiles: solvation_free_energy(smiles, "hexane"),
    ],
)
@pytest.mark.parametrize("smiles", ["[Na+].[Cl-]", "C" * 26, "[CH3]"])
def test_refuses_what_the_method_does_not_hold_for(call, smiles):
    with pytest.raises(Refuse) as refusal:
        call(smiles)
    assert refusal.value.kind is FailureKind.OUT_OF_DOMAIN


def test_an_unknown_solvent_is_a_bad_argument():
    with pytest.raises(Refuse, match="solvent") as refusal:
        solvation_free_energy("CCO", "treacle")
    assert refusal.value.kind is FailureKind.BAD_ARGUMENTS
