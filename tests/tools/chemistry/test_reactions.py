import pytest

from gaseol.tools import Refuse, Retry
from gaseol.tools.chemistry import enumerate_reaction, molecule_features
from gaseol.tools.chemistry.reactions import NAMED
from gaseol.traces.nouns.failure import FailureKind


def made(reaction, *reactants):
    return [one.smiles for one in enumerate_reaction(reaction, list(reactants)).products]


# What the reactions make: any textbook, e.g. J. Clayden, N. Greeves, S. Warren, Organic Chemistry,
# 2nd edition, Oxford (2012).
@pytest.mark.parametrize(
    ("reaction", "reactants", "product"),
    [
        ("amide coupling", (["CC(=O)O"], ["Nc1ccccc1"]), "CC(=O)Nc1ccccc1"),
        ("esterification", (["CC(=O)O"], ["CCO"]), "CCOC(C)=O"),
        ("reductive amination", (["O=Cc1ccccc1"], ["CNC"]), "CN(C)Cc1ccccc1"),
        ("Suzuki coupling", (["OB(O)c1ccccc1"], ["Brc1ccncc1"]), "c1ccc(-c2ccncc2)cc1"),
        ("Williamson ether synthesis", (["Oc1ccccc1"], ["CI"]), "COc1ccccc1"),
    ],
)
def test_named_reactions_make_what_they_are_named_for(reaction, reactants, product):
    assert made(reaction, *reactants) == [product]


def test_every_name_is_covered_above():
    assert len(NAMED) == 5


@pytest.mark.parametrize(
    ("reaction", "reactants"),
    [
        ("amide coupling", (["CC(=O)O"], ["CC(N)=O"])),  # an amide is no amine
        ("amide coupling", (["CC(=O)OC"], ["CN"])),  # an ester is no acid
        ("esterification", (["CC(=O)O"], ["CC(=O)O"])),
        ("reductive amination", (["CC(C)=O"], ["CN"])),  # named for aldehydes
        ("Williamson ether synthesis", (["CCO"], ["Clc1ccccc1"])),
    ],
)
def test_what_does_not_react_is_empty(reaction, reactants):
    with pytest.raises(Refuse, match="reacts") as refusal:
        made(reaction, *reactants)
    assert refusal.value.kind is FailureKind.EMPTY


def test_an_amide_loses_one_water():
    found = enumerate_reaction("amide coupling", [["CCC(=O)O"], ["CN"]]).products[0]
    acid, amine, amide = molecule_features([*found.reactants, found.smiles])
    assert acid.molar_mass + amine.molar_mass - amide.molar_mass == pytest.approx(18.015, abs=2e-3)


def test_counts_what_was_tried_and_what_failed():
    found = enumerate_reaction("amide coupling", [["CC(=O)O", "CCO"], ["CN", "CCN"]])
    assert (found.combinations, found.unreactive, found.complete) == (4, 2, True)
    assert len(found.products) == 2


def test_two_places_give_two_products():
    assert sorted(made("esterification", ["CC(O)=O"], ["CC(O)CO"])) == [
        "CC(=O)OC(C)CO",
        "CC(=O)OCC(C)O",
    ]


def test_the_cap_on_products_is_told():
    acids = [f"{'C' * n}C(=O)O" for n in range(1, 11)]
    found = enumerate_reaction("amide coupling", [acids, ["CN", "CCN"]], most=5)
    assert len(found.products) == 5
    assert not found.complete


def test_too_many_combinations_are_sent_back():
    with pytest.raises(Retry, match="4000000 combinations"):
        enumerate_reaction("amide coupling", [["CC(=O)O"] * 2000, ["CN"] * 2000])


@pytest.mark.parametrize(
    "reaction", ["", "amid coupling", "C>>", "CC", "[C:1]>>[C:1].[O]", "[C:1](>>"]
)
def test_what_is_no_reaction_is_a_bad_argument(reaction):
    with pytest.raises(Refuse) as refusal:
        made(reaction, ["CC"])
    assert refusal.value.kind is FailureKind.BAD_ARGUMENTS


def test_the_number_of_lists_must_fit():
    with pytest.raises(Refuse, match="takes 2 reactants, 1 lists"):
        made("amide coupling", ["CC(=O)O"])


def test_smarts_of_ones_own():
    assert made("[C:1][OX2H]>>[C:1]Cl", ["CCO"]) == ["CCCl"]


def test_a_combination_that_reacts_at_too_many_places_is_not_called_complete():
    acid, amine = "OC(=O)" + "C(C(=O)O)" * 10 + "C", "N" + "CC(N)" * 11 + "C"
    assert not enumerate_reaction("amide coupling", [[acid], [amine]]).complete
    assert enumerate_reaction("amide coupling", [[acid], ["CN"]]).complete
