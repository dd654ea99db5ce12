import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gaseol.tools import Refuse
from gaseol.tools.chemistry.molecule import LONGEST, oddity, read, read_all, write
from gaseol.traces.nouns.failure import FailureKind


@pytest.mark.parametrize(
    ("smiles", "said"),
    [
        ("", "empty"),
        ("CC(", "not SMILES"),
        ("C1CC", "not SMILES"),
        ("Qq", "not SMILES"),
        ("CC(C)(C)(C)C", "valence"),
        ("c1cccc1", "kekulize"),
        ("CCO ethanol", "blanks"),
        ("CCO\n", "blanks"),
        ("CC*", "no atom"),
        ("C" * (LONGEST + 1), "too long"),
    ],
)
def test_says_what_is_wrong_with_a_smiles(smiles, said, capfd):
    with pytest.raises(Refuse, match=said) as refusal:
        read(smiles)
    assert refusal.value.kind is FailureKind.BAD_ARGUMENTS
    assert capfd.readouterr().err == ""


def test_a_batch_names_the_first_that_does_not_parse():
    with pytest.raises(Refuse, match=r"2 of 4 SMILES do not parse; smiles\[1\]: 'C\('"):
        read_all(["C", "C(", "CC", "N("])


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="CNOclns123()[]=#+-@H./\\*% \x00é", max_size=30))
def test_any_text_is_a_molecule_or_refused(text):
    try:
        mol = read(text)
    except Refuse:
        return
    assert mol.GetNumAtoms() > 0
    assert read(write(mol)).GetNumAtoms() <= mol.GetNumAtoms()  # written hydrogens may merge


@pytest.mark.parametrize(
    ("smiles", "said"),
    [
        ("CCO", None),
        ("C[N+](=O)[O-]", None),
        ("[NH3+]CC(=O)[O-]", None),
        ("CC[Si](C)C", "Si"),
        ("O", "no carbon"),
        ("CCO.CCO", "several"),
        ("C[NH3+]", r"\+1"),
        ("[CH3]", "radical"),
        ("[13CH4]", "isotope"),
    ],
)
def test_tells_ordinary_molecules_from_odd_ones(smiles, said):
    found = oddity(read(smiles))
    if said is None:
        assert found is None
    else:
        assert re.search(said, found or "")
