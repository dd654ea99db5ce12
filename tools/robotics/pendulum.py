"""A pendulum that swings freely: the simulator's own yardstick."""

from importlib import import_module
from typing import Annotated, Any

from annotated_types import Ge, Gt, Le, Lt

from gaseol.tools import Example, Refuse, Unit, tool
from gaseol.traces.nouns.failure import FailureKind

GRAVITY = 9.80665
"""Standard gravity in m/s^2."""


@tool(
    seconds=0.05,
    limit_seconds=60,
    needs=("mujoco",),
    tags=("robotics", "simulation"),
    examples=(
        Example(
            {"length": 1.0, "amplitude": 90.0},
            value=2.36825,
            tolerance=1e-4,
            source="L. D. Landau, E. M. Lifshitz, Mechanics, section 11",
        ),
    ),
)
def pendulum_period(
    length: Annotated[float, Unit("m"), Ge(0.05), Le(20)],
    amplitude: Annotated[float, Unit("degree"), Ge(0.5), Le(170)] = 5.0,
) -> Annotated[float, Unit("s"), Gt(0), Lt(60)]:
    """Measure the period of a frictionless pendulum of any amplitude in simulation (MuJoCo).

    A point mass on a massless rod, released at rest; fourth-order Runge-Kutta, 1 ms or a
    thousandth of the small-amplitude period; the mean of three periods between upward crossings,
    interpolated. Agrees with the elliptic integral (L. D. Landau, E. M. Lifshitz, Mechanics, 3rd edition
    (1976), section 11) to 1e-5.

    Args:
        length: from pivot to mass.
        amplitude: largest angle from the vertical.

    Raises:
        Refuse: with kind `empty`, it does not come back within 60 s.
    """
    import math

    mujoco: Any = import_module("mujoco")
    step = min(0.001, 0.001 * 2 * math.pi * math.sqrt(length / GRAVITY))
    model = mujoco.MjModel.from_xml_string(
        f"""<mujoco><option gravity="0 0 -{GRAVITY}" timestep="{step:.9f}" integrator="RK4"/>
        <worldbody><body><joint type="hinge" axis="0 1 0"/>
        <inertial pos="0 0 -{length}" mass="1" diaginertia="1e-9 1e-9 1e-9"/></body></worldbody>
        </mujoco>"""
    )
    data = mujoco.MjData(model)
    data.qpos[0] = math.radians(amplitude)
    crossings: list[float] = []
    before = float(data.qpos[0])
    while data.time < 60 + 10 * length and len(crossings) < 4:
        mujoco.mj_step(model, data)
        now = float(data.qpos[0])
        if before < 0 <= now:
            crossings.append(float(data.time) - step * now / (now - before))
        before = now
    if len(crossings) < 4:
        raise Refuse("the pendulum does not come back in time", kind=FailureKind.EMPTY)
    return round((crossings[-1] - crossings[0]) / 3, 9)
