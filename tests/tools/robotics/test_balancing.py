import math
from xml.etree import ElementTree

import pytest

pytest.importorskip(
    "mujoco", reason="extra `robotics` is not installed: pip install 'gaseol[robotics]'"
)

from gaseol.tools import Refuse
from gaseol.tools.robotics import balance_pole, pendulum_period, poles
from gaseol.traces.nouns.failure import FailureKind


@pytest.mark.parametrize("amplitude", [5.0, 90.0, 160.0])
@pytest.mark.parametrize("length", [0.25, 2.0])
def test_a_pendulum_keeps_the_time_of_the_elliptic_integral(length, amplitude):
    # T = 4 sqrt(L/g) K(sin(a/2)): L. D. Landau, E. M. Lifshitz, Mechanics, section 11.
    from scipy.special import ellipk

    modulus = math.sin(math.radians(amplitude / 2)) ** 2
    expected = 4 * math.sqrt(length / 9.80665) * ellipk(modulus)
    assert pendulum_period(length, amplitude) == pytest.approx(expected, rel=1e-5)


def test_without_control_a_lean_grows_as_linear_theory_says():
    """With the gain at its least and no damping the cart cannot hold; without force it falls so:

    a rod on a cart of mass M, pole m: growth rate s^2 = 6 (M + m) g / (L (4 M + m)).
    """
    import mujoco

    from gaseol.tools.robotics.balancing import CART, _machine

    length, mass = 1.0, 0.5
    model = mujoco.MjModel.from_xml_string(_machine(length, mass))
    data = mujoco.MjData(model)
    data.qpos[1] = start = 1e-4
    mujoco.mj_step(model, data, 500)  # one second
    rate = math.sqrt(6 * (CART + mass) * 9.80665 / (length * (4 * CART + mass)))
    assert data.qpos[1] == pytest.approx(start * math.cosh(rate), rel=1e-3)


def test_a_prompt_controller_holds_the_pole():
    found = balance_pole(1.0)
    assert not found.fell
    assert found.seconds == 10.0
    assert found.deviation < 3
    assert ElementTree.fromstring(found.drawing).tag.endswith("svg")


@pytest.mark.parametrize("seed", range(3))
def test_a_delay_has_a_critical_length(seed):
    """For one delay short poles fall and long ones stand: G. Stepan (2009), as the tool cites."""
    stand = [not balance_pole(length, delay=0.1, noise=0.2, seed=seed).fell
             for length in (0.3, 0.6, 1.2, 2.4, 4.8)]  # fmt: skip
    assert stand == sorted(stand)
    assert stand[0] is False
    assert stand[-1] is True


def test_a_weak_gain_cannot_outweigh_gravity_with_a_weak_motor():
    assert balance_pole(1.0, limit=0.1).fell


def test_the_same_seed_the_same_bits():
    assert balance_pole(0.8, noise=1.0, delay=0.1, seed=5) == balance_pole(
        0.8, noise=1.0, delay=0.1, seed=5
    )
    assert balance_pole(0.8, noise=1.0, seed=5) != balance_pole(0.8, noise=1.0, seed=6)


def test_poles_are_all_combinations():
    rows = poles([0.5, 1.0], [0.1], [2.0, 4.0], [0.1], [0.0])
    assert len({one.pole for one in rows}) == 4
    assert rows[0].fall_time == pytest.approx(math.sqrt(2 * 0.5 / (3 * 9.80665)))
    with pytest.raises(Refuse, match="once") as refusal:
        poles([0.5, 0.5], [0.1], [2.0], [0.1], [0.0])
    assert refusal.value.kind is FailureKind.BAD_ARGUMENTS


@pytest.mark.parametrize("length", [0.0, -1.0, 1e9, float("nan")])
def test_lengths_out_of_bounds_are_bad_arguments(length):
    with pytest.raises(Refuse) as refusal:
        balance_pole(length)
    assert refusal.value.kind is FailureKind.BAD_ARGUMENTS
