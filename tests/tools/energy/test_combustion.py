import math

import pytest

pytest.importorskip(
    "cantera", reason="extra `energy` is not installed: pip install 'gaseol[energy]'"
)

from gaseol.tools import Refuse
from gaseol.tools.energy import (
    adiabatic_flame,
    flame_mixtures,
    ignition_delay,
    laminar_flame_speed,
)
from gaseol.traces.nouns.failure import FailureKind


# Adiabatic flame temperatures at constant pressure, 298 K, 1 atm, in K: S. R. Turns, An Introduction
# to Combustion, 3rd edition, McGraw-Hill (2012), appendix B; the tolerance covers its air and data.
@pytest.mark.parametrize(("fuel", "kelvin"), [("methane", 2226), ("hydrogen", 2390)])
def test_flame_temperatures(fuel, kelvin):
    found = adiabatic_flame(fuel, 1.0)
    assert found.temperature == pytest.approx(kelvin, abs=10)
    assert found.pressure == pytest.approx(1.01325)


def test_lean_products_are_those_of_complete_combustion():
    # CH4 + 2/phi (O2 + 3.76 N2): dissociation is slight at phi = .5.
    found = adiabatic_flame("methane", 0.5)
    total = 1 + 4 * 4.76  # moles after burning, as many as before
    assert found.products["CO2"] == pytest.approx(1 / total, rel=0.01)
    assert found.products["H2O"] == pytest.approx(2 / total, rel=0.01)
    assert found.products["O2"] == pytest.approx(2 / total, rel=0.02)


def test_a_closed_vessel_gets_hotter_and_keeps_its_volume():
    open_, closed = (adiabatic_flame("methane", 1.0, hold=h) for h in ("pressure", "volume"))
    assert closed.temperature > open_.temperature + 300
    # Ideal gas, nearly as many moles after as before.
    assert closed.pressure == pytest.approx(1.01325 * closed.temperature / 298.15, rel=0.03)


@pytest.mark.parametrize("kelvin", [1500.0, 1700.0, 1900.0])
def test_methane_ignites_as_in_shock_tubes(kelvin):
    """A. Lifshitz, K. Scheller, A. Burcat, G. B. Skinner, Combust. Flame 16, 311 (1971).

    tau = 3.62e-14 exp(46500 / (1.987 T)) [CH4]^.33 [O2]^-1.03 s, concentrations in mol/cm3; one
    of the experiments behind GRI-Mech 3.0. Definitions of ignition differ: within a factor of 2.5.
    """
    total = 1e5 / (8.314462618e6 * kelvin)  # mol/cm3 at 1 bar
    methane, oxygen = total / (1 + 2 * 4.76), 2 * total / (1 + 2 * 4.76)
    expected = 3.62e-14 * math.exp(46_500 / (1.987 * kelvin)) * methane**0.33 * oxygen**-1.03
    found = ignition_delay("methane", 1.0, kelvin, 1.0)
    assert 1 / 2.5 < found / expected < 2.5


def test_hydrogen_below_its_limit_does_not_ignite():
    with pytest.raises(Refuse, match="does not ignite") as refusal:
        ignition_delay("hydrogen", 1.0, 800.0, 1.0)
    assert refusal.value.kind is FailureKind.EMPTY


def test_delays_fall_with_temperature():
    delays = [ignition_delay("hydrogen", 1.0, t, 1.0) for t in (1000.0, 1200.0, 1500.0)]
    assert delays == sorted(delays, reverse=True)


@pytest.mark.slow
def test_hydrogen_flames_as_measured():
    # D. R. Dowdy, D. B. Smith, S. C. Taylor, A. Williams, Symp. (Int.) Combust. 23, 325 (1990):
    # about 2.1 m/s at phi = 1 and a maximum of about 2.9 near phi = 1.8. The mechanism is faster.
    one, rich, richest = (laminar_flame_speed("hydrogen", phi) for phi in (1.0, 1.8, 3.5))
    assert one.speed == pytest.approx(2.1, rel=0.15)
    assert rich.speed == pytest.approx(2.9, rel=0.15)
    assert rich.speed > richest.speed
    # at 3 cm the burnt gas is nearly, not quite, in equilibrium
    assert one.flame_temperature == pytest.approx(
        adiabatic_flame("hydrogen", 1.0).temperature, abs=40
    )
    assert 0.1 < one.thickness < 1.0


@pytest.mark.slow
def test_a_methane_flame_as_measured():
    # K. J. Bosschaart, L. P. H. de Goey, Combust. Flame 136, 261 (2004): .36 m/s at phi = 1.
    assert laminar_flame_speed("methane", 1.0).speed == pytest.approx(0.36, rel=0.12)


def test_mixtures_are_all_combinations():
    rows = flame_mixtures("hydrogen", [0.5, 1.0], [300.0, 400.0], [1.0])
    assert [(one.ratio, one.preheat) for one in rows] == [
        (0.5, 300.0), (0.5, 400.0), (1.0, 300.0), (1.0, 400.0),
    ]  # fmt: skip
    # phi H2 + .5 (O2 + 3.76 N2)
    assert rows[2].fuel_fraction == pytest.approx(1 / (1 + 0.5 * 4.76), rel=1e-4)
    expected = adiabatic_flame("hydrogen", 1.0, 300.0, 1.0).temperature
    assert rows[2].flame_temperature == pytest.approx(expected, abs=1e-3)
    assert len({one.mixture for one in rows}) == 4


def test_too_many_or_twice_is_a_bad_argument():
    for ratios in ([1.0, 1.0], [0.3 + i / 100 for i in range(50)]):
        with pytest.raises(Refuse, match="combinations") as refusal:
            flame_mixtures("hydrogen", ratios, [300.0 + i for i in range(20)],
                           [1.0, 2.0, 3.0])  # fmt: skip
        assert refusal.value.kind is FailureKind.BAD_ARGUMENTS


@pytest.mark.parametrize(
    ("ratio", "preheat"), [(0.1, 300), (1, 100), (1, 5000), (float("nan"), 300)]
)
def test_what_is_out_of_bounds_is_a_bad_argument(ratio, preheat):
    with pytest.raises(Refuse) as refusal:
        adiabatic_flame("hydrogen", ratio, preheat)
    assert refusal.value.kind is FailureKind.BAD_ARGUMENTS
