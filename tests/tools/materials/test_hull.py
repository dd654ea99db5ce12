"""Convex hulls against arithmetic, and iron oxides against what is known of wustite."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gaseol.tools import Refuse, Retry
from gaseol.tools.materials import hull

# Standard enthalpies of formation at 298.15 K in kJ/mol: CRC Handbook of Chemistry and Physics,
# standard thermodynamic properties of chemical substances.
IRON_OXIDES = {"FeO": (2, -272.0), "Fe3O4": (7, -1118.4), "Fe2O3": (5, -824.2)}
KJ_PER_MOL_IN_EV = 96.485


def entry(composition, energy):
    return {"composition": composition, "energy": energy}


def by_formula(entries):
    return {row.composition: row for row in hull(entries)}


def test_a_compound_between_two_others():
    found = by_formula(
        [entry("Na", -1.0), entry("Cl", -2.0), entry("NaCl", -2.5), entry("Na3Cl", -1.45)]
    )
    salt, sub = found["NaCl"], found["Na3Cl"]
    # Formation: -2.5 - (-1.5) = -1.0; -1.45 - (-1.25) = -0.2. On the line from Na to NaCl the hull
    # at x = 1/4 is -0.5, so the subchloride lies 0.3 above, half in either phase.
    assert salt.formation_energy == pytest.approx(-1.0)
    assert salt.above_hull == 0
    assert [(part.composition, part.share) for part in salt.decomposition] == [("NaCl", 1.0)]
    assert sub.formation_energy == pytest.approx(-0.2)
    assert sub.above_hull == pytest.approx(0.3)
    shares = {part.composition: part.share for part in sub.decomposition}
    assert shares == pytest.approx({"Na": 0.5, "NaCl": 0.5})


def test_wustite_falls_into_iron_and_magnetite():
    # Known since G. Chaudron (1921): below about 840 K FeO is unstable against Fe and Fe3O4.
    oxides = [
        entry(formula, enthalpy / atoms / KJ_PER_MOL_IN_EV)
        for formula, (atoms, enthalpy) in IRON_OXIDES.items()
    ]
    found = by_formula([entry("Fe", 0.0), entry("O2", 0.0), *oxides])
    wustite = found["FeO"]
    assert {part.composition for part in wustite.decomposition} == {"Fe", "Fe3O4"}
    # 4 FeO -> Fe + Fe3O4: (-1118.4 + 4 * 272.0) / 8 kJ/mol of atoms.
    expected = -(-1118.4 + 4 * 272.0) / 8 / KJ_PER_MOL_IN_EV
    assert wustite.above_hull == pytest.approx(expected, rel=1e-6)
    assert found["Fe2O3"].above_hull == found["Fe3O4"].above_hull == 0


@settings(max_examples=25, deadline=None)
@given(st.lists(st.floats(-3, 3), min_size=3, max_size=3), st.floats(-2, 2), st.floats(-2, 2))
def test_a_common_shift_of_an_element_changes_nothing(energies, shift_li, shift_f):
    formulas = {"LiF": 0.5, "Li2F": 1 / 3, "LiF3": 0.75}
    plain = [entry("Li", 0.0), entry("F", 0.0)]
    moved = [entry("Li", shift_li), entry("F", shift_f)]
    for (formula, x), energy in zip(formulas.items(), energies, strict=True):
        plain.append(entry(formula, energy))
        moved.append(entry(formula, energy + (1 - x) * shift_li + x * shift_f))
    before, after = hull(plain), hull(moved)
    assert [row.above_hull for row in after] == pytest.approx(
        [row.above_hull for row in before], abs=1e-7
    )


@settings(max_examples=25, deadline=None)
@given(st.lists(st.floats(-3, 3), min_size=3, max_size=3))
def test_shares_conserve_the_composition(energies):
    formulas = ["LiF", "Li2F", "LiF3"]
    rows = hull(
        [entry("Li", 0.0), entry("F", 0.0)]
        + [entry(f, e) for f, e in zip(formulas, energies, strict=True)]
    )
    for row in rows:
        assert row.above_hull >= 0
        assert sum(part.share for part in row.decomposition) == pytest.approx(1)


def test_a_missing_element_asks_for_it():
    with pytest.raises(Retry, match="O"):
        hull([entry("Fe", 0.0), entry("FeO", -1.0)])


@pytest.mark.parametrize("formula", ["", "Qq2", "Fe-1", "Fe99999"])
def test_what_is_no_formula_asks_again(formula):
    with pytest.raises(Retry, match="formula"):
        hull([entry("Fe", 0.0), entry(formula, -1.0)])


def test_too_many_elements_are_refused():
    with pytest.raises(Refuse, match="9 elements"):
        hull([entry(symbol, 0.0) for symbol in ("H", "C", "N", "O", "F", "P", "S", "K", "V")])
