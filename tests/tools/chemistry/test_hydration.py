import json
import subprocess
import sys
from xml.etree import ElementTree

import pytest

pytest.importorskip("tblite")

from scipy.stats import spearmanr

from gaseol.tools import Refuse
from gaseol.tools.chemistry import hydration_free_energy
from gaseol.traces.nouns.failure import FailureKind

# Experimental values in kcal/mol from the FreeSolv data set, version 0.31: D. L. Mobley,
# J. P. Guthrie, J. Comput.-Aided Mol. Des. 28, 711 (2014), doi:10.1007/s10822-014-9747-x.
FREESOLV = {
    "CO": -5.10,
    "CCCCO": -4.72,
    "CCOCC": -1.59,
    "CCC(=O)OC": -2.93,
    "COC=O": -2.78,
    "ClCCCl": -1.79,
    "CCI": -0.74,
    "CCS": -1.14,
    "Cc1ccncc1": -4.93,
    "Cc1cccc(C)c1": -0.83,
    "Oc1ccccc1Cl": -4.55,
    "CCC=C": 1.38,
    "CC(C)(C)C": 2.51,
    "CS(C)(=O)=O": -10.08,
    "NC(=O)c1ccccc1": -11.00,
    "CCCCCC(=O)O": -6.21,
}


def test_agrees_with_experiment_as_well_as_the_docstring_says():
    computed = [hydration_free_energy(smiles).energy for smiles in FREESOLV]
    measured = list(FREESOLV.values())
    errors = [abs(a - b) for a, b in zip(computed, measured, strict=True)]
    assert sum(errors) / len(errors) < 2.0
    assert max(errors) < 4.5
    assert spearmanr(computed, measured).statistic > 0.8


def test_an_added_hydroxyl_is_worth_several_kilocalories():
    assert hydration_free_energy("CCO").energy < hydration_free_energy("CC").energy - 3


def test_does_not_depend_on_how_the_molecule_is_written():
    ways = ["OCC(C)C", "CC(C)CO", "C(C(C)C)O"]
    first, *others = [hydration_free_energy(way) for way in ways]
    assert others == [first, first]


def test_same_bits_again_and_in_a_fresh_process():
    script = (
        "import json; from gaseol.tools.chemistry import hydration_free_energy as h; "
        "print(json.dumps(h.invoke({'smiles': 'CC(=O)OCCN'})))"
    )
    fresh = subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, text=True
    )
    here = hydration_free_energy.invoke({"smiles": "CC(=O)OCCN"})
    assert json.loads(fresh.stdout) == here
    assert hydration_free_energy.invoke({"smiles": "CC(=O)OCCN"}) == here


def test_energies_and_seed_are_told():
    found = hydration_free_energy("CCCO", seed=11)
    assert found.conformer_seed == 11
    assert found.energy == pytest.approx((found.solvated - found.gas) * 627.5094740631, abs=1e-4)


def test_draws_the_molecule():
    root = ElementTree.fromstring(hydration_free_energy("CCO").drawing)
    assert root.tag.endswith("svg")
    schema = hydration_free_energy.output_schema["properties"]
    assert schema["drawing"]["contentMediaType"] == "image/svg+xml"
    assert schema["energy"]["unit"] == "kcal/mol"


@pytest.mark.parametrize(
    ("smiles", "said"),
    [
        ("[Na+].[Cl-]", "Na"),
        ("C[NH3+]", "charge"),
        ("CCO.O", "several"),
        ("[CH3]", "radical"),
        ("O", "no carbon"),
        ("C[Si](C)(C)C", "Si"),
        ("C" * 26, "26 heavy atoms"),
        ("[C-]#[O+]", "no parameters"),
        ("CC1(C)[C@@H]2CC[C@]1(C)[C@H](O)C2", "no conformer"),
    ],
)
def test_refuses_what_the_method_does_not_hold_for(smiles, said):
    with pytest.raises(Refuse, match=said) as refusal:
        hydration_free_energy(smiles)
    assert refusal.value.kind is FailureKind.OUT_OF_DOMAIN


def test_prints_nothing(capfd):
    hydration_free_energy("CCN")
    assert capfd.readouterr() == ("", "")
