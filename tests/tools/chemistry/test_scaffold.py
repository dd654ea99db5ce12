import pytest

from gaseol.tools import Refuse
from gaseol.tools.chemistry import fragments, molecule_features, scaffolds


# Diazepam's scaffold keeps its phenyl ring and loses chlorine and methyl: the kind of example in
# G. W. Bemis, M. A. Murcko, J. Med. Chem. 39, 2887 (1996).
@pytest.mark.parametrize(
    ("smiles", "scaffold", "framework"),
    [
        ("CC(=O)Nc1ccc(O)cc1", "c1ccccc1", "C1CCCCC1"),
        ("CCO", None, None),
        (
            "CN1C(=O)CN=C(c2ccccc2)c2cc(Cl)ccc21",
            "O=C1CN=C(c2ccccc2)c2ccccc2N1",
            "CC1CCC(C2CCCCC2)C2CCCCC2C1",
        ),
        ("Oc1ccc(CCc2ccncc2)cc1", "c1ccc(CCc2ccncc2)cc1", "C1CCC(CCC2CCCCC2)CC1"),
    ],
)
def test_side_chains_fall_and_linkers_stay(smiles, scaffold, framework):
    (found,) = scaffolds([smiles])
    assert (found.smiles, found.scaffold, found.framework) == (smiles, scaffold, framework)


def test_a_scaffold_is_its_own_scaffold():
    once = [one.scaffold for one in scaffolds(["CC1CCC(O)CC1", "Cc1ccc2c(c1)OCO2"])]
    assert [one.scaffold for one in scaffolds(once)] == once


# The bonds that BRICS cuts: J. Degen et al., ChemMedChem 3, 1503 (2008), figure 1.
def test_cuts_amides_and_aryl_ethers():
    assert [(one.fragment, one.count) for one in fragments("CC(=O)Nc1ccc(O)cc1")] == [
        ("[1*]C(C)=O", 1),
        ("[16*]c1ccc(O)cc1", 1),
        ("[5*]N[5*]", 1),
    ]
    assert [one.fragment for one in fragments("CCCC")] == ["CCCC"]


@pytest.mark.parametrize(
    "smiles", ["CC(=O)Oc1ccccc1C(=O)O", "CCOC(=O)CNC(=O)c1ccncc1", "CCN(CC)CC"]
)
def test_no_atom_is_lost(smiles):
    import re

    pieces = [one.fragment for one in fragments(smiles) for _ in range(one.count)]
    bare = [re.sub(r"\[\d+\*\]", "[H]", piece) for piece in pieces]
    heavy = sum(one.heavy_atoms for one in molecule_features(bare))
    assert heavy == molecule_features([smiles])[0].heavy_atoms


def test_a_giant_is_refused():
    with pytest.raises(Refuse, match="301 heavy atoms"):
        fragments("C" * 301)
