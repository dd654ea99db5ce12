from typing import Any

import numpy as np
import pytest
from rdkit import Chem

from gaseol.tools.chemistry.breeding import Limits
from gaseol.tools.chemistry.conditions import permittivity, reaction_column
from gaseol.tools.chemistry.druglikeness import drug_likeness, structural_alerts
from gaseol.tools.chemistry.fingerprint import describe_structures, featurise
from gaseol.tools.chemistry.molecule_space import MoleculeList, Molecules, molecules
from gaseol.tools.space import SpaceError

START = ("CCO", "c1ccccc1C(=O)NC", "CC(C)Cc1ccc(cc1)C(C)C(=O)O", "C1CCNCC1", "O=[N+]([O-])c1ccccc1")


def test_what_is_bred_are_molecules_within_the_limits() -> None:
    space = Molecules(START, Limits(heavy_atoms=14, ring=6))
    rng = np.random.default_rng(0)
    points = space.sample(5, rng)
    seen = set(points)
    for _ in range(25):
        young = space.mutate(points, rng) + space.cross(points, points[::-1], rng)
        for smiles in young:
            mol = Chem.MolFromSmiles(smiles)
            assert Chem.MolToSmiles(mol) == smiles
            assert mol.GetNumHeavyAtoms() <= 14
            assert "." not in smiles
            assert all(a.GetNumRadicalElectrons() == 0 for a in mol.GetAtoms())
            assert all(len(ring) <= 6 for ring in mol.GetRingInfo().AtomRings())
        seen |= set(young)
        points = [young[i] for i in rng.choice(len(young), size=6)]
    assert len(seen) > 100


def test_the_same_seed_breeds_the_same() -> None:
    def bred(seed: int) -> list[str]:
        space, rng = Molecules(START), np.random.default_rng(seed)
        return space.mutate(START, rng) + space.cross(START, START[::-1], rng)

    assert bred(1) == bred(1)
    assert bred(1) != bred(2)


def test_no_molecules_have_no_features() -> None:
    space = Molecules(START)
    assert len(space.featurise([])) == 0
    assert len(space.featurise([]).join(space.featurise(START))) == 5


def test_counts_are_compared_as_counts() -> None:
    from rdkit import DataStructs
    from rdkit.Chem import rdFingerprintGenerator

    from gaseol.agents.optimisers.kernel import tanimoto

    mols = [Chem.MolFromSmiles(s) for s in START]
    found = tanimoto(featurise(mols), featurise(mols), 0)
    generator = rdFingerprintGenerator.GetMorganGenerator(radius=2)
    prints = [generator.GetSparseCountFingerprint(m) for m in mols]
    for i, a in enumerate(prints):
        for j, b in enumerate(prints):
            assert found[i, j] == pytest.approx(DataStructs.TanimotoSimilarity(a, b), abs=0.02)


def test_a_list_of_molecules_gives_what_it_was_given() -> None:
    space = MoleculeList(("CCO", "OCC"), ("first", "second"))
    assert space.rows(["second"]) == [{"smiles": "OCC"}]
    one, other = (space.featurise([name]).numeric for name in space.names)
    assert one == pytest.approx(other)
    with pytest.raises(SpaceError, match="two molecules are named 'CCO'"):
        MoleculeList(("CCO", "CCO"))
    with pytest.raises(SpaceError, match="no SMILES"):
        MoleculeList(("CCO", "C(")).featurise(["C("])


def test_alike_structures_are_near_each_other() -> None:
    found = describe_structures(["CP(C)C", "CCP(CC)CC", "O=C([O-])C.[K+]"])
    apart = np.linalg.norm(found[:, None] - found[None], axis=-1)
    assert apart[0, 1] < apart[0, 2]
    assert apart[np.triu_indices(3, 1)].mean() == pytest.approx(1)


def test_permittivities_are_those_of_the_handbook() -> None:
    # CRC Handbook, 97th ed.: methanol 33.0 at 20 C, tetrahydrofuran 7.52 at 22 C
    assert permittivity("CO") == pytest.approx(33.0, rel=0.03)
    assert permittivity("C1CCOC1") == pytest.approx(7.52, rel=0.03)
    assert permittivity("O=C([O-])C.[K+]") is None


def test_a_salt_wants_a_polar_solvent_and_names_mean_nothing() -> None:
    solvents = ["Cc1ccccc1", "CN(C)C=O"]
    column = reaction_column("solvent", solvents, salts=True)
    assert column.merits == (0.0, 1.0)
    assert reaction_column("solvent", solvents).merits == ()
    assert reaction_column("Temp_C", [90, 120]).merit(120) == 1
    assert reaction_column("ligand", ["XPhos", "SPhos"]).vectors is None


@pytest.mark.parametrize(
    ("smiles", "options", "said"),
    [
        ("CCO", {"heavy_atoms": "many"}, "`heavy_atoms` is a whole number of at least 2"),
        ("CCO", {"heavy_atoms": 1}, "`heavy_atoms` is a whole number of at least 2"),
        ("CCO", {"ring": None}, "`ring` is a whole number of at least 3"),
        ("CCO", {"ring": 6.5}, "`ring` is a whole number of at least 3"),
        ("C(", {}, r"molecule 1, 'C\(', is no SMILES"),
    ],
)
def test_options_and_molecules_that_make_no_space_are_refused(
    smiles: str, options: dict[str, Any], said: str
) -> None:
    with pytest.raises(SpaceError, match=said):
        molecules.make([{"smiles": smiles}], options)


ROWS = [{"smiles": s} for s in ("CCO", "CCCN", "CC(C)=O", "c1ccccc1", "CCOC", "CC(=O)Nc1ccccc1")]


def bred(options: dict[str, Any]) -> list[str]:
    space = molecules.make(ROWS, options)
    rng = np.random.default_rng(3)
    found = [row["smiles"] for row in ROWS]
    for _ in range(4):
        found += space.mutate(found[-120:], rng)
        found += space.cross(found[-120:], found[-120:][::-1], rng)
    return found[len(ROWS) :]


def test_what_is_bred_keeps_accessibility_and_alerts() -> None:
    options = {"heavy_atoms": 14, "accessibility": 2.5, "alerts": ["PAINS", "BRENK"]}
    found, free = bred(options), bred({"heavy_atoms": 14})
    judged = drug_likeness(smiles=list(dict.fromkeys(found)))
    assert len(judged) > 40
    assert max(one.synthetic_accessibility for one in judged) <= 2.5
    assert not any(one.alerts for one in structural_alerts(smiles=list(dict.fromkeys(found))))
    assert max(d.synthetic_accessibility for d in drug_likeness(smiles=free)) > 4
    assert any(one.alerts for one in structural_alerts(smiles=free))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"accessibility": 0.5}, "from 1, easy, to 10"),
        ({"accessibility": "easy"}, "from 1, easy, to 10"),
        ({"alerts": ["NASTY"]}, "a list of PAINS and BRENK"),
        ({"alerts": "PAINS"}, "a list of PAINS and BRENK"),
        ({"acessibility": 3}, "takes heavy_atoms, ring, accessibility, alerts"),
    ],
)
def test_rules_that_are_none_are_refused(options: dict[str, Any], said: str) -> None:
    with pytest.raises(SpaceError, match=said):
        molecules.make(ROWS, options)


def test_a_start_of_which_nothing_keeps_the_rules_is_refused() -> None:
    with pytest.raises(SpaceError, match="none of the molecules to start from"):
        molecules.make([{"smiles": "O=C1C=CC(=O)C=C1"}], {"alerts": ["PAINS"]})
