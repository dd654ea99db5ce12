import pytest

from gaseol.tools import Refuse
from gaseol.tools.chemistry import (
    boiling_point,
    compounds_with,
    measured_hydration,
    molecule_features,
)
from gaseol.tools.chemistry.molecule import read, write
from gaseol.traces.nouns.failure import FailureKind


@pytest.mark.parametrize(
    ("of", "at_least", "look_up"),
    [("boiling_point", 4000, boiling_point), ("henry_constant", 2000, measured_hydration)],
)
def test_lists_the_population_without_outcomes(of, at_least, look_up):
    found = compounds_with(of, heavy_atoms_min=3, heavy_atoms_max=20)
    assert len(found) > at_least
    assert len({one.smiles for one in found}) == len(found)
    assert set(type(found[0]).model_fields) == {"smiles", "cas", "name"}
    for one in found[::50]:
        assert write(read(one.smiles)) == one.smiles
        assert look_up(one.smiles).cas == one.cas


def test_holds_only_ordinary_molecules_of_the_size_asked_for():
    found = molecule_features([one.smiles for one in compounds_with("melting_point", 5, 6)])
    assert {one.heavy_atoms for one in found} == {5, 6}
    assert {(one.charge, one.fragments) for one in found} == {(0, 1)}


def test_the_better_founded_henry_constants_are_a_part_of_all():
    few = set(compounds_with("henry_temperature_dependence", 3, 12))
    all_ = set(compounds_with("henry_constant", 3, 12))
    assert 400 < len(few) < len(all_)
    assert {one.smiles for one in few} <= {one.smiles for one in all_}


def test_order_is_that_of_cas_numbers():
    numbers = [int(one.cas.replace("-", "")) for one in compounds_with("boiling_point")]
    assert numbers == sorted(numbers)


def test_elements_can_be_narrowed():
    found = compounds_with("boiling_point", elements=["C"])
    assert found
    assert all(
        one.carbon == one.heavy_atoms for one in molecule_features([c.smiles for c in found])
    )


@pytest.mark.parametrize(
    ("options", "kind"),
    [
        ({"property": "boiling_point", "elements": ["C", "Fe"]}, FailureKind.BAD_ARGUMENTS),
        ({"property": "colour"}, FailureKind.BAD_ARGUMENTS),
        (
            {"property": "boiling_point", "heavy_atoms_min": 9, "heavy_atoms_max": 8},
            FailureKind.EMPTY,
        ),
    ],
)
def test_refuses_what_cannot_be_listed(options, kind):
    with pytest.raises(Refuse) as refusal:
        compounds_with(**options)
    assert refusal.value.kind is kind
