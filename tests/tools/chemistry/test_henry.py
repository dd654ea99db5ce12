import math
import statistics

import pytest

from gaseol.tools import Refuse
from gaseol.tools.chemistry import measured_hydration
from gaseol.tools.chemistry.henry import GAS_CONSTANT, WATER_DENSITY, hydration_energy
from gaseol.tools.chemistry.tables import ROOM, table
from gaseol.traces.nouns.failure import FailureKind

# Hydration free energies in kcal/mol from the FreeSolv data set, version 0.31: D. L. Mobley,
# J. P. Guthrie, J. Comput.-Aided Mol. Des. 28, 711 (2014), doi:10.1007/s10822-014-9747-x;
# the same standard state, 1 mol/L gas to 1 mol/L solution.
FREESOLV = {
    "CO": -5.10,
    "CCCCO": -4.72,
    "CC(C)(C)O": -4.47,
    "CCOCC": -1.59,
    "CCC(=O)OC": -2.93,
    "ClCCCl": -1.79,
    "BrCCBr": -2.33,
    "CCI": -0.74,
    "CCS": -1.14,
    "CC(Cl)C": -0.25,
    "Cc1ccncc1": -4.93,
    "Cc1cccc(C)c1": -0.83,
    "CCCCCCCC(C)=O": -2.49,
    "CC(C)(C)C": 2.51,
    "CCC(C)C": 2.38,
}


def test_agrees_with_free_energies_collected_by_others():
    known = {
        smiles: energy
        for smiles, energy in FREESOLV.items()
        if smiles in table("henry_constant").entries
    }
    assert len(known) >= 10
    differences = [abs(measured_hydration(one).energy - known[one]) for one in known]
    assert statistics.median(differences) < 0.15
    assert max(differences) < 1.0


def test_the_conversion_is_the_ratio_of_concentrations():
    # Equal concentrations in both phases: H = rho R T, no free energy.
    even = WATER_DENSITY * GAS_CONSTANT * ROOM
    assert hydration_energy(even) == pytest.approx(0, abs=1e-12)
    # Ten times more in the gas at equal mole fraction: R T ln 10 = 1.3643 kcal/mol at 298.15 K.
    assert hydration_energy(10 * even) == pytest.approx(1.3643, abs=1e-4)


def test_agrees_with_the_conversion_of_another_library():
    from chemicals.solubility import Henry_converter

    found = measured_hydration("CCO")
    ratio = Henry_converter(
        found.henry_constant, old_scale="SI", new_scale="KHcc", rhom=WATER_DENSITY, MW=18.01528
    )
    # That library converts to a ratio of concentrations with T = 298.15 K.
    assert GAS_CONSTANT * ROOM * math.log(ratio) / 4184 == pytest.approx(found.energy, abs=1e-3)


def test_says_which_table_it_is_from():
    both = table("henry_temperature_dependence").values
    only = next(cas for cas in table("henry_constant").values if cas not in both)
    assert measured_hydration("64-17-5").method == "Sander T dep"
    assert measured_hydration(only).method == "Sander Const"


def test_every_tabulated_substance_has_a_plausible_energy():
    energies = [measured_hydration(one).energy for one in table("henry_constant").entries]
    assert len(energies) > 3500
    assert min(energies) > -60
    assert max(energies) < 20


def test_what_is_not_tabulated_is_empty():
    with pytest.raises(Refuse, match="no henry constant") as refusal:
        measured_hydration("C" * 60)
    assert refusal.value.kind is FailureKind.EMPTY
