import pytest

from gaseol.tools import Refuse
from gaseol.tools.chemistry import molecule_identity
from gaseol.traces.nouns.failure import FailureKind

# InChIKeys as registered with PubChem (CID 702, 2244, 2519); masses from IUPAC's abridged standard
# atomic weights (H 1.008, C 12.011, N 14.007, O 15.999).
REGISTERED = [
    ("OCC", "LFQSCWFLJHTTHZ-UHFFFAOYSA-N", "C2H6O", 2 * 12.011 + 6 * 1.008 + 15.999),
    (
        "CC(=O)Oc1ccccc1C(=O)O",
        "BSYNRYMUTXBXSQ-UHFFFAOYSA-N",
        "C9H8O4",
        9 * 12.011 + 8 * 1.008 + 4 * 15.999,
    ),
    (
        "Cn1cnc2c1c(=O)n(C)c(=O)n2C",
        "RYYVLZVUVIJVGH-UHFFFAOYSA-N",
        "C8H10N4O2",
        8 * 12.011 + 10 * 1.008 + 4 * 14.007 + 2 * 15.999,
    ),
]


@pytest.mark.parametrize(("smiles", "key", "formula", "mass"), REGISTERED)
def test_agrees_with_the_registry(smiles, key, formula, mass):
    found = molecule_identity(smiles)
    assert (found.inchi_key, found.formula) == (key, formula)
    assert found.molar_mass == pytest.approx(mass, abs=0.005)
    assert found.is_parent
    assert (found.charge, found.fragments) == (0, 1)


def test_however_it_is_written_it_is_the_same():
    ways = ["OC(=O)c1ccccc1", "C1=CC=CC=C1C(O)=O", "c1ccc(cc1)C(=O)O"]
    first, *others = [molecule_identity(way) for way in ways]
    assert others == [first, first]


@pytest.mark.parametrize(
    ("smiles", "parent"),
    [
        ("CC(=O)[O-].[Na+]", "CC(=O)O"),
        ("C[NH3+].[Cl-]", "CN"),
        ("[NH3+]CC(=O)[O-]", "NCC(=O)O"),
        ("C[N+](C)(C)C.[I-]", "C[N+](C)(C)C"),
        ("CN(=O)=O", "C[N+](=O)[O-]"),
        ("O.CCCCO", "CCCCO"),
    ],
)
def test_finds_the_neutral_parent_of_salts_and_hydrates(smiles, parent):
    found = molecule_identity(smiles)
    assert found.parent == parent
    assert not molecule_identity("C.C").is_parent
    assert molecule_identity(parent).parent == parent


def test_stereochemistry_is_kept():
    left, right = molecule_identity("C[C@H](N)C(=O)O"), molecule_identity("C[C@@H](N)C(=O)O")
    assert left.smiles != right.smiles
    assert left.inchi_key != right.inchi_key
    assert left.formula == right.formula


def test_refuses_what_does_not_parse():
    with pytest.raises(Refuse, match="not SMILES") as refusal:
        molecule_identity("C1CC")
    assert refusal.value.kind is FailureKind.BAD_ARGUMENTS
