import pytest

from gaseol.tools import Refuse
from gaseol.tools.chemistry import molecule_features
from gaseol.traces.nouns.failure import FailureKind


def features(smiles):
    return molecule_features([smiles])[0]


# Contributions in angstrom^2 from P. Ertl, B. Rohde, P. Selzer, J. Med. Chem. 43, 3714 (2000),
# table 1: OH 20.23, ether O 9.23, carbonyl O 17.07, NH2 26.02, nitrile N 23.79, pyridine N 12.89.
@pytest.mark.parametrize(
    ("smiles", "area"),
    [
        ("CCO", 20.23),
        ("CCOCC", 9.23),
        ("CC(C)=O", 17.07),
        ("CCN", 26.02),
        ("CC#N", 23.79),
        ("c1ccncc1", 12.89),
        ("CC(=O)O", 20.23 + 17.07),
        ("NCCO", 26.02 + 20.23),
        ("CCCC", 0.0),
    ],
)
def test_polar_surface_is_the_published_sum(smiles, area):
    assert features(smiles).tpsa == pytest.approx(area, abs=0.005)


# S. A. Wildman, G. M. Crippen, J. Chem. Inf. Comput. Sci. 39, 868 (1999), table 1:
# C1 .1441, C3 -.2035, O2 -.2893, H1 .1230, H2 -.2677.
@pytest.mark.parametrize(
    ("smiles", "logp"),
    [
        ("CC", 2 * 0.1441 + 6 * 0.1230),
        ("CCO", 0.1441 - 0.2035 + 5 * 0.1230 - 0.2893 - 0.2677),
    ],
)
def test_log_p_is_the_published_sum(smiles, logp):
    assert features(smiles).logp == pytest.approx(logp, abs=1e-4)


def test_counts_atoms_and_hydrogens():
    found = features("NCC(O)C(F)(Cl)C(Br)(I)CSP")
    assert (found.carbon, found.nitrogen, found.oxygen, found.sulfur, found.phosphorus) == (
        5, 1, 1, 1, 1,
    )  # fmt: skip
    assert (found.fluorine, found.chlorine, found.bromine, found.iodine) == (1, 1, 1, 1)
    assert (found.halogens, found.heavy_halogens) == (4, 3)
    assert (found.heavy_atoms, found.heteroatoms, found.oxygen_nitrogen_sulfur) == (13, 8, 3)
    assert (found.nh, found.oh, found.primary_nitrogens, found.secondary_nitrogens) == (2, 1, 1, 0)


@pytest.mark.parametrize("smiles", ["CNC", "[H]N(C)C", "CN([2H])C"])
def test_hydrogen_written_out_is_counted_once(smiles):
    found = features(smiles)
    assert (found.nh, found.secondary_nitrogens, found.heavy_atoms) == (1, 1, 3)


@pytest.mark.parametrize(
    ("smiles", "branching"),
    [
        ("CCCC", 0),
        ("CC(C)C", 1),
        ("CC(C)(C)C", 2),
        ("CC(C)(C)CC(C)C", 3),
        ("CC(C)=O", 1),
        ("Cc1ccccc1", 0),
        ("CC(C)c1ccccc1", 1),
    ],
)
def test_branching_counts_branches_outside_rings(smiles, branching):
    assert features(smiles).branching == branching


@pytest.mark.parametrize(
    ("smiles", "rings", "aromatic", "donors", "acceptors", "rotatable"),
    [
        ("CCCCO", 0, 0, 1, 1, 2),
        ("c1ccc2ccccc2c1", 2, 2, 0, 0, 0),
        ("C1CCNCC1", 1, 0, 1, 1, 0),
        ("Nc1ccc(O)cc1", 1, 1, 2, 2, 0),
        ("CCS", 0, 0, 1, 1, 0),
    ],
)
def test_counts_rings_donors_and_bonds(smiles, rings, aromatic, donors, acceptors, rotatable):
    found = features(smiles)
    assert (found.rings, found.aromatic_rings, found.acyclic) == (rings, aromatic, rings == 0)
    assert (found.donors, found.acceptors, found.rotatable_bonds) == (donors, acceptors, rotatable)


def test_answers_in_order_and_repeats():
    batch = ["CCO", "C", "CCO"]
    found = molecule_features(batch)
    assert [one.smiles for one in found] == batch
    assert found[0] == found[2]
    assert found == molecule_features(batch)


@pytest.mark.parametrize("ways", [("OCC(N)C#N", "C(#N)C(CO)N"), ("Oc1ccncc1Cl", "c1cc(O)c(cn1)Cl")])
def test_equal_molecules_are_equal_to_the_last_bit(ways):
    one, other = (found.model_dump(exclude={"smiles"}) for found in molecule_features(ways))
    assert one == other


def test_refuses_a_batch_with_a_bad_member():
    with pytest.raises(Refuse, match=r"1 of 2 SMILES do not parse; smiles\[1\]") as refusal:
        molecule_features(["C", "C("])
    assert refusal.value.kind is FailureKind.BAD_ARGUMENTS
    with pytest.raises(Refuse) as refusal:
        molecule_features([])
    assert refusal.value.kind is FailureKind.BAD_ARGUMENTS


def test_schema_tells_units():
    fields = molecule_features.output_schema["$defs"]["Features"]["properties"]
    assert fields["molar_mass"]["unit"] == "g/mol"
    assert fields["tpsa"]["unit"] == "angstrom**2"
    assert fields["branching"]["description"].startswith("Branches of the chain")
