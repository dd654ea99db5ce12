"""A listed molecule is recognised however it is written, and no other one is taken for it."""

from pathlib import Path

import pytest

from gaseol.tools.chemistry import screen_molecules

# harmless stand-ins with salts, tautomers, stereochemistry and a family
LIST = """name,smiles,inchikey,smarts
aspirin,CC(=O)Oc1ccccc1C(=O)O,,
caffeine,,RYYVLZVUVIJVGH-UHFFFAOYSA-N,
potassium nitrate,[K+].[O-][N+](=O)[O-],,
pyridone,Oc1ccccn1,,
acetylacetone,CC(=O)CC(C)=O,,
nicotine tartrate,CN1CCCC1c1cccnc1.OC(C(O)C(=O)O)C(=O)O,,
nitrate ester,,,[CX4][OX2][N+](=O)[O-]
"""

BLOCK = """
     RDKit          2D

  3  2  0  0  0  0  0  0  0  0999 V2000
    0.0000    0.0000    0.0000 C   0  0  0  0  0  0  0  0  0  0  0  0
    1.2990    0.7500    0.0000 C   0  0  0  0  0  0  0  0  0  0  0  0
    2.5981   -0.0000    0.0000 O   0  0  0  0  0  0  0  0  0  0  0  0
  1  2  1  0
  2  3  1  0
M  END
"""


@pytest.fixture(scope="module")
def listed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("lists") / "list.csv"
    file.write_text(LIST)
    return file


@pytest.mark.parametrize(
    ("text", "entry"),
    [
        ("O=C(O)c1ccccc1OC(C)=O", "aspirin"),
        ("OC(=O)C1=CC=CC=C1OC(=O)C", "aspirin"),
        ("CC(=O)Oc1ccccc1C(=O)[O-].[Na+]", "aspirin"),
        ("CC(=O)Oc1ccccc1C(=O)O[Na]", "aspirin"),
        ("[13CH3]C(=O)Oc1ccccc1C(=O)O", "aspirin"),
        ("[2H]OC(=O)c1ccccc1OC(C)=O", "aspirin"),
        ("[CH3:1][C:2](=[O:3])Oc1ccccc1C(=O)O", "aspirin"),
        ("CCO.CC(=O)Oc1ccccc1C(=O)O.O", "aspirin"),
        ("CC(=O)Cl.OC(=O)c1ccccc1O>>CC(=O)Oc1ccccc1C(=O)O", "aspirin"),
        ("CC(=O)Oc1ccccc1C(=O)O aspirin", "aspirin"),
        ("One might add `CC(=O)Oc1ccccc1C(=O)O`.", "aspirin"),
        ('{"smiles": "CC(=O)Oc1ccccc1C(=O)O"}', "aspirin"),
        ("smiles=CC(=O)Oc1ccccc1C(=O)O", "aspirin"),
        ("InChI=1S/C9H8O4/c1-6(10)13-8-5-3-2-4-7(8)9(11)12/h2-5H,1H3,(H,11,12)", "aspirin"),
        ("BSYNRYMUTXBXSQ-UHFFFAOYSA-N", "aspirin"),
        ("BSYNRYMUTXBXSQ-UHFFFAOYSA-M", "aspirin"),
        ("CN1C=NC2=C1C(=O)N(C(=O)N2C)C", "caffeine"),
        ("[NH4+].[O-][N+](=O)[O-].[K+]", "potassium nitrate"),
        ("O=c1cccc[nH]1", "pyridone"),
        ("CC(O)=CC(C)=O", "acetylacetone"),
        ("CN1CCC[C@H]1c1cccnc1", "nicotine tartrate"),
        ("C[NH+]1CCCC1c1cccnc1.[Cl-]", "nicotine tartrate"),
        ("CCCO[N+](=O)[O-]", "nitrate ester"),
    ],
)
def test_a_listed_molecule_is_found_in_every_disguise(listed: Path, text: str, entry: str) -> None:
    (hit,) = screen_molecules(["CCO", text], listed).hits
    assert (hit.text, hit.entry) == (1, entry)


@pytest.mark.parametrize(
    "text",
    [
        "CC(=O)Oc1ccccc1C(=O)OC",  # its methyl ester is another molecule
        "OC(=O)c1ccccc1O",
        "[Na+].[O-][N+](=O)[O-]",  # of a listed mixture all parts must be there
        "OC(C(O)C(=O)O)C(=O)O",  # of a listed organic salt the largest part counts
        "C[N+](=O)[O-]",
        "No CO in here, nor NO; in all, we report on ICON and SNOB.",
        "C" * 30_000,
        "((((((((((",
        "",
    ],
)
def test_what_is_not_listed_passes(listed: Path, text: str) -> None:
    found = screen_molecules([text], listed)
    assert found.hits == ()
    assert found.entries == 7


def test_mol_blocks_are_read(tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    file.write_text("name,smiles\nethanol,CCO\n")
    texts = [BLOCK, f"{BLOCK}$$$$\n", f"methane\n{BLOCK[1:]}", BLOCK.replace(" O ", " N ")]
    assert [hit.text for hit in screen_molecules(texts, file).hits] == [0, 1, 2]
