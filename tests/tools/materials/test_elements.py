"""Element data against sources outside pymatgen, and the doubts cast on some of it."""

import pytest

from gaseol.tools import Refuse
from gaseol.tools.materials import (
    bulk_modulus,
    element_properties,
    element_property,
    elements_excluded,
    elements_with,
)
from gaseol.traces.nouns.failure import FailureKind


# C. Kittel, Introduction to Solid State Physics, 8th ed. (Wiley, 2005), chapter 3, table 3,
# in GPa; measurements of elastic moduli scatter by about a tenth between laboratories.
@pytest.mark.parametrize(
    ("symbol", "expected"),
    [("Al", 72.2), ("Fe", 168.3), ("Cu", 137.0), ("W", 323.2), ("Na", 6.8), ("Pb", 43.0)],
)
def test_bulk_modulus_agrees_with_kittel(symbol, expected):
    assert bulk_modulus(symbol) == pytest.approx(expected, rel=0.10)


# Fixed points of the International Temperature Scale of 1990, H. Preston-Thomas, Metrologia 27
# (1990) 3, doi:10.1088/0026-1394/27/1/002, in kelvin.
@pytest.mark.parametrize(
    ("symbol", "expected"),
    [("Sn", 505.078), ("Zn", 692.677), ("Al", 933.473), ("Ag", 1234.93), ("Cu", 1357.77)],
)
def test_melting_points_are_the_fixed_points_of_its_90(symbol, expected):
    value = element_property(symbol, "melting_point")
    assert value.unit == "K"
    assert value.value == pytest.approx(expected, abs=0.05)


def test_volume_of_silicon_agrees_with_the_codata_lattice_parameter():
    # a = 5.431020511e-10 m, eight atoms a cell: CODATA 2018, E. Tiesinga et al., Rev. Mod. Phys.
    # 93 (2021) 025010, doi:10.1103/RevModPhys.93.025010.
    volume = element_properties("Si").atomic_volume
    assert volume == pytest.approx(5.431020511**3 / 8, rel=0.005)


def test_density_and_molar_volume_are_of_one_substance():
    for row in elements_with("bulk_modulus", complete=("density", "molar_volume")):
        assert row.density is not None
        assert row.molar_volume is not None
        assert row.density * row.molar_volume == pytest.approx(row.atomic_mass, rel=0.07), row


@pytest.mark.parametrize(
    ("symbol", "electrons"),
    [("Na", 1), ("Al", 3), ("Fe", 8), ("Zn", 12), ("Pb", 4), ("Gd", 3), ("U", None), ("He", 2)],
)
def test_valence_electrons_follow_the_group(symbol, electrons):
    assert element_properties(symbol).valence_electrons == electrons


def test_what_is_not_tabulated_is_null_or_empty():
    assert element_properties("Ga").bulk_modulus is None
    with pytest.raises(Refuse) as refused:
        element_property("Ga", "bulk_modulus")
    assert refused.value.kind is FailureKind.EMPTY


def test_a_name_that_is_no_element_is_a_bad_argument():
    for symbol in ("Xx", "iron", "fe"):
        with pytest.raises(Refuse) as refused:
            element_properties(symbol)
        assert refused.value.kind is FailureKind.BAD_ARGUMENTS


def test_values_that_cannot_be_right_are_not_offered():
    excluded = {row.symbol: row.reason for row in elements_excluded("bulk_modulus")}
    assert set(excluded) == {"Ru", "Rh", "Pm", "Yb", "Hg", "Tl"}
    assert not excluded.keys() & {row.symbol for row in elements_with("bulk_modulus")}
    for symbol in excluded:
        with pytest.raises(Refuse) as refused:
            bulk_modulus(symbol)
        assert refused.value.kind is FailureKind.IMPOSSIBLE
        value = element_properties(symbol).bulk_modulus
        assert f"{value:g}" not in excluded[symbol].replace("1.5", "")


def test_rhodium_is_rightly_doubted():
    # Kittel, as above, gives 270.4 GPa.
    value = element_properties("Rh").bulk_modulus
    assert value is not None
    assert value > 1.3 * 270.4


def test_the_population_is_complete_and_hides_the_outcome():
    rows = elements_with(
        "bulk_modulus",
        complete=("atomic_volume", "melting_point", "electronegativity", "valence_electrons"),
    )
    assert len(rows) == 49
    assert all(row.valence_electrons and row.melting_point for row in rows)
    assert not any("modulus" in field for field in type(rows[0]).model_fields)


@pytest.mark.parametrize("outcome", ["density", "molar_volume", "atomic_volume"])
def test_what_gives_the_outcome_away_is_withheld_too(outcome):
    for row in elements_with(outcome):
        assert row.density is row.molar_volume is row.atomic_volume is None


def test_the_melting_point_is_withheld_when_it_is_the_outcome():
    assert all(row.melting_point is None for row in elements_with("melting_point"))


def test_nonmetals_come_when_asked_for():
    metals = {row.symbol for row in elements_with("bulk_modulus")}
    everything = {row.symbol for row in elements_with("bulk_modulus", only_metals=False)}
    assert "Si" in everything - metals
    assert metals < everything
