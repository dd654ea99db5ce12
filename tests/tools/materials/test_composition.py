import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaseol.tools import Refuse, Retry
from gaseol.tools.materials import composition_features, oxidation_states
from gaseol.traces.nouns.failure import FailureKind


# States of any textbook: N. N. Greenwood, A. Earnshaw, Chemistry of the Elements, 2nd edition
# (1997).
@pytest.mark.parametrize(
    ("formula", "states"),
    [
        ("NaCl", {"Na": 1, "Cl": -1}),
        ("LiFePO4", {"Li": 1, "Fe": 2, "P": 5, "O": -2}),
        ("LiCoO2", {"Li": 1, "Co": 3, "O": -2}),
        ("KMnO4", {"K": 1, "Mn": 7, "O": -2}),
        ("MgAl2O4", {"Mg": 2, "Al": 3, "O": -2}),
        ("Fe3O4", {"Fe": 8 / 3, "O": -2}),
        ("Cu", {"Cu": 0}),
    ],
)
def test_finds_the_usual_states(formula, states):
    assert oxidation_states(formula)[0].states == pytest.approx(states)


@pytest.mark.parametrize("formula", ["NaO5", "Na3Cl", "AlO4"])
def test_what_does_not_balance_is_empty(formula):
    with pytest.raises(Refuse) as refusal:
        oxidation_states(formula)
    assert refusal.value.kind is FailureKind.EMPTY


def test_too_much_is_refused():
    with pytest.raises(Refuse, match="7 elements"):
        oxidation_states("LiNaKRbCsMgO4")


@pytest.mark.parametrize("formula", ["Qq2", "Fe-1", "", "Fe(", "X2", "((((", "1e999", "Fe99999"])
def test_what_is_no_formula_asks_again(formula):
    with pytest.raises((Retry, Refuse)):
        oxidation_states(formula)
    with pytest.raises((Retry, Refuse)):
        composition_features([formula])


def test_haematite_by_hand():
    (found,) = composition_features(["Fe2O3"])
    # Pauling: Fe 1.83, O 3.44; IUPAC masses 55.845 and 15.999; Slater radii 1.40 and 0.60.
    assert found.mean_electronegativity == pytest.approx((2 * 1.83 + 3 * 3.44) / 5)
    assert found.electronegativity_difference == pytest.approx(1.61)
    assert found.molar_mass == pytest.approx(2 * 55.845 + 3 * 15.999, abs=0.01)
    assert found.mean_atomic_radius == pytest.approx((2 * 1.40 + 3 * 0.60) / 5)
    assert found.mean_valence_electrons == pytest.approx((2 * 8 + 3 * 6) / 5)
    assert found.transition_metal_fraction == pytest.approx(0.4)


def test_an_equimolar_alloy_of_five_has_the_most_entropy():
    # R ln 5: J.-W. Yeh et al., Adv. Eng. Mater. 6, 299 (2004).
    (found,) = composition_features(["CoCrFeMnNi"])
    assert found.mixing_entropy == pytest.approx(8.314462618 * math.log(5))


@given(st.integers(1, 9), st.integers(1, 9), st.integers(1, 5))
def test_multiples_are_one_composition(iron, oxygen, factor):
    once, more = composition_features(
        [f"Fe{iron}O{oxygen}", f"Fe{iron * factor}O{oxygen * factor}"]
    )
    assert once.reduced_formula == more.reduced_formula
    assert more.atoms == factor * once.atoms
    assert once.mean_atomic_mass == pytest.approx(more.mean_atomic_mass)


def test_what_is_not_tabulated_is_null():
    (found,) = composition_features(["HeO"])
    assert found.mean_electronegativity is None
    assert found.electronegativity_difference is None
