import pytest

from gaseol.tools import Refuse, Retry
from gaseol.tools.materials import pourbaix_stability
from gaseol.traces.nouns.failure import FailureKind

# Standard Gibbs energies of formation in kJ/mol: D. D. Wagman et al., The NBS tables of chemical
# thermodynamic properties, J. Phys. Chem. Ref. Data 11, supplement 2 (1982).
ZINC = [
    {"formula": "Zn", "energy": 0.0},
    {"formula": "Zn", "charge": 2, "phase": "aqueous", "energy": -147.06},
    {"formula": "ZnO", "energy": -318.30},
    {"formula": "ZnHO2", "charge": -1, "phase": "aqueous", "energy": -457.08},
    {"formula": "ZnO2", "charge": -2, "phase": "aqueous", "energy": -384.24},
]


def stable(ph, potential, concentration=1.0):
    return pourbaix_stability(ZINC, "Zn", ph, potential, concentration).species


def border(low, high, species):
    """Return where, between two values, the species that `species` gives changes."""
    first = species(low)
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if species(middle) == first else (low, middle)
    return low


def test_zinc_dissolves_at_its_standard_potential():
    # -0.7618 V: CRC Handbook, electrochemical series.
    found = border(-1.2, -0.2, lambda potential: stable(0, potential))
    assert found == pytest.approx(-0.7618, abs=0.002)


def test_nernst_slope_with_concentration():
    dilute = border(-1.2, -0.2, lambda potential: stable(0, potential, 1e-6))
    assert dilute == pytest.approx(-0.7618 - 6 * 0.05916 / 2, abs=0.003)


def test_zinc_oxide_begins_at_the_ph_of_its_solubility():
    # Zn2+ + H2O -> ZnO + 2 H+: log K = -(-318.30 + 147.06 + 237.13) / 5.7082, halved.
    expected = (-318.30 + 147.06 + 237.13) / (2 * 5.70804)
    assert border(0, 9, lambda ph: stable(ph, 0.0)) == pytest.approx(expected, abs=0.01)


def test_oxide_borders_the_metal_with_the_slope_of_ph():
    at = [border(-1.6, 0.0, lambda e, ph=ph: stable(ph, e)) for ph in (8.0, 10.0)]
    assert at[1] - at[0] == pytest.approx(-2 * 0.05916, abs=1e-4)


def test_zincate_in_strong_alkali_when_dilute():
    assert stable(15.5, 0.0, 1e-6) == "ZnO2[2-]"
    assert stable(9.5, 0.0, 1e-6) == "ZnO"


def test_the_stability_of_water():
    # 1.229 V wide: CRC Handbook, electrochemical series (O2 + 4 H+ + 4 e- -> 2 H2O).
    say = [pourbaix_stability(ZINC, "Zn", 7, e).water_is_stable for e in (-0.42, -0.41, 0.81, 0.82)]
    assert say == [False, True, True, False]


def test_the_margin_is_the_distance_to_the_runner_up():
    found = pourbaix_stability(ZINC[:2], "Zn", 0, -0.7618 + 0.1, 1.0)
    assert found.margin == pytest.approx(0.2, abs=0.004)


def test_what_does_not_belong_is_sent_back():
    with pytest.raises(Retry, match="no species of Zn"):
        pourbaix_stability([*ZINC, {"formula": "ZnCl2", "energy": -369.4}], "Zn", 7, 0)
    with pytest.raises(Retry, match="the metal Zn itself"):
        pourbaix_stability(ZINC[1:], "Zn", 7, 0)
    with pytest.raises(Refuse) as refusal:
        pourbaix_stability(ZINC[:1], "Zn", 7, 0)
    assert refusal.value.kind is FailureKind.EMPTY
