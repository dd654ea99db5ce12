import pytest

from gaseol.tools import Refuse, Retry
from gaseol.tools.chemistry import compounds_with, matched_pairs
from gaseol.tools.chemistry.molecule import read, write
from gaseol.tools.chemistry.pairs import HYDROGEN, NAMES


def changes(*smiles, **options):
    return [(pair.left, pair.right, pair.change) for pair in matched_pairs(list(smiles), **options)]


@pytest.fixture(scope="module")
def population():
    return [one.smiles for one in compounds_with("henry_temperature_dependence", 3, 8)]


def test_finds_every_pair_of_a_small_set():
    found = matched_pairs(["CC", "OCC", "CCN", "CCC"])
    assert [(pair.left, pair.right, pair.change, pair.core) for pair in found] == [
        ("CCC", "CCN", "CH3 → NH2", "CC*"),
        ("CCC", "OCC", "CH3 → OH", "CC*"),
        ("CC", "CCC", "H → CH3", "CC*"),
        ("CC", "CCN", "H → NH2", "CC*"),
        ("CC", "OCC", "H → OH", "CC*"),
        ("CCN", "OCC", "NH2 → OH", "CC*"),
    ]


def test_keeps_the_smallest_of_several_changes():
    # Propane to butane is also CH3 → C2H5 and C2H5 → propyl.
    assert changes("CCC", "CCCC") == [("CCC", "CCCC", "H → CH3")]


def test_ring_atoms_and_double_bonds_are_not_substituents():
    assert changes("C1CCCCC1", "C1CCOCC1", "C=O", "C=C") == []


@pytest.mark.parametrize(
    ("left", "right", "change"),
    [
        ("c1ccccc1", "c1ccccc1C#N", "H → CN"),
        ("c1ccccc1", "O=[N+]([O-])c1ccccc1", "H → NO2"),
        ("c1ccccc1O", "CC(=O)c1ccccc1", "OH → COCH3"),
        ("CCl", "CBr", "Cl → Br"),
        ("CCF", "CCCl", "F → Cl"),
        ("CC(F)(F)F", "CC(C)Cl", "CC(Cl)* → CF3"),
    ],
)
def test_changes_read_as_chemists_write_them(left, right, change):
    said = [pair.change for pair in matched_pairs([left, right], max_change_atoms=4)]
    assert said == [change]


def test_stereoisomers_are_no_pair_but_each_pairs_with_the_rest():
    found = changes("C[C@H](O)CC", "C[C@@H](O)CC", "CCCC", change="H → OH")
    assert sorted(found) == [
        ("CCCC", "C[C@@H](O)CC", "H → OH"),
        ("CCCC", "C[C@H](O)CC", "H → OH"),
    ]


def test_every_pair_is_its_core_with_either_substituent(population):
    pairs = matched_pairs(population)
    assert len(pairs) > 500
    named = [pair for pair in pairs if all(side in NAMES for side in pair.change.split(" → "))]
    assert len(named) > 1000
    for pair in named:
        for side, whole in zip(pair.change.split(" → "), (pair.left, pair.right), strict=True):
            assert join(pair.core, NAMES[side]) == write(read(whole), stereo=False)


def join(core, substituent):
    from rdkit import Chem

    whole = core.replace("*", "[*:1]")
    if substituent == HYDROGEN:
        return write(read(whole.replace("[*:1]", "[H]")), stereo=False)
    return write(Chem.molzip(Chem.MolFromSmiles(f"{whole}.{substituent}")), stereo=False)


def test_every_two_molecules_make_one_pair_at_most(population):
    pairs = matched_pairs(population)
    assert len({frozenset((pair.left, pair.right)) for pair in pairs}) == len(pairs)
    assert pairs == matched_pairs(population + population)
    assert {(pair.left, pair.right, pair.change) for pair in pairs} == {
        (pair.left, pair.right, pair.change) for pair in matched_pairs(population[::-1])
    }


def test_one_change_may_be_asked_for(population):
    pairs = matched_pairs(population)
    for change in ("H → OH", "H>>OH", "H -> O*"):
        assert matched_pairs(population, change=change) == [
            pair for pair in pairs if pair.change == "H → OH"
        ]


@pytest.mark.parametrize("change", ["OH → H", "H", "H → H", "H → Xx", "H → CC", "H → *("])
def test_an_unreadable_change_is_sent_back(change):
    with pytest.raises((Retry, Refuse)):
        matched_pairs(["CC", "CCO"], change=change)


def test_too_many_pairs_are_sent_back(monkeypatch):
    monkeypatch.setattr("gaseol.tools.chemistry.pairs.MOST_PAIRS", 5)
    with pytest.raises(Retry, match="6 pairs are too many"):
        matched_pairs(["CC", "OCC", "CCN", "CCC"])
