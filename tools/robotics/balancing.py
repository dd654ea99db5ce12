"""Balancing: a pole on a cart, kept upright by a controller that sees late and imprecisely."""

import itertools
import math
from importlib import import_module
from typing import Annotated, Any

from annotated_types import Ge, Gt, Le, Len
from pydantic import BaseModel, ConfigDict

from gaseol.tools import Example, Media, Refuse, Unit, tool
from gaseol.tools.robotics.pendulum import GRAVITY
from gaseol.traces.nouns.failure import FailureKind

Length = Annotated[float, Unit("m"), Ge(0.1), Le(5)]
Mass = Annotated[float, Unit("kg"), Ge(0.01), Le(20)]
Gain = Annotated[float, Unit("1"), Ge(1), Le(20)]
Delay = Annotated[float, Unit("s"), Ge(0), Le(0.5)]
Noise = Annotated[float, Unit("degree"), Ge(0), Le(10)]

STEP = 0.002
"""Of the simulation, in s."""
CART = 1.0
"""Mass of the cart in kg."""
FALLEN = 30.0
"""Angle in degrees from which a pole counts as fallen."""


class Rollout(BaseModel):
    """One attempt to keep a pole upright."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    seconds: Annotated[float, Unit("s"), Ge(0), Le(60)]
    """Until the pole had fallen; the whole time if it never did."""
    fell: bool
    deviation: Annotated[float, Unit("degree"), Ge(0), Le(90)]
    """Root mean square angle while it stood."""
    effort: Annotated[float, Unit("N"), Ge(0), Le(1e6)]
    """Root mean square force on the cart."""
    drawing: Annotated[str, Media("image/svg+xml")]
    """Angle against time."""


class Pole(BaseModel):
    """A pole, its controller and what the controller sees, before any attempt."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    pole: str
    """A name made of the numbers."""
    length: Length
    mass: Mass
    gain: Gain
    """Stiffness of the controller in multiples of what gravity needs."""
    delay: Delay
    noise: Noise
    fall_time: Annotated[float, Unit("s"), Gt(0)]
    """Time in which an uncontrolled small lean grows e-fold: sqrt(2 L / (3 g))."""


@tool(
    seconds=0.1,
    limit_seconds=60,
    needs=("mujoco",),
    tags=("robotics", "simulation"),
    examples=(Example({"length": 1.0, "time": 2.0}),),
)
def balance_pole(
    length: Length,
    mass: Mass = 0.1,
    gain: Gain = 4.0,
    delay: Delay = 0.0,
    noise: Noise = 0.0,
    damping: Annotated[float, Unit("1"), Ge(0), Le(10)] = 1.0,
    limit: Annotated[float, Unit("N"), Gt(0), Le(1000)] = 100.0,
    time: Annotated[float, Unit("s"), Ge(1), Le(60)] = 10.0,
    seed: Annotated[int, Ge(0), Le(2**31 - 1)] = 0,
) -> Rollout:
    """Balance a uniform pole hinged on a cart, with a delayed and noisy controller (MuJoCo).

    A cart of 1 kg on a frictionless rail; the pole begins 1 to 3 degrees off the vertical by the
    seed. The force is (M + m) g (k angle + d T rate), both as seen `delay` ago with Gaussian noise
    on the angle at every 2 ms (the rate is the noisy angle's, smoothed over 20 ms), limited in
    size; T = sqrt(2 L / (3 g)) is the pole's own time of falling, so that gains mean the same for
    every length. Theory: a delay above sqrt(2 L / (3 g)) times a number of order one cannot be
    overcome by any gains (G. Stepan, Philos. Trans. R. Soc. A 367, 1195 (2009),
    doi:10.1098/rsta.2008.0278). Rigid bodies, an ideal motor, an endless rail: a real machine fails
    earlier.

    Args:
        length: of the pole.
        mass: of the pole, evenly along it.
        gain: k; 1 is the least that outweighs gravity.
        delay: between seeing and acting.
        noise: standard deviation of the angle as it is seen.
        damping: d; about 1 is well damped without delay.
        limit: largest force.
        time: to keep it up.
        seed: of the first angle and of the noise.

    Raises:
        Refuse: with kind `impossible`, the simulation became unstable.
    """
    import collections

    import numpy as np

    mujoco: Any = import_module("mujoco")
    model = mujoco.MjModel.from_xml_string(_machine(length, mass))
    data = mujoco.MjData(model)
    rng = np.random.default_rng(seed)
    start = math.radians(rng.uniform(1, 3) * rng.choice((-1.0, 1.0)))
    data.qpos[1] = start
    fall = math.sqrt(2 * length / (3 * GRAVITY))
    weight, smooth = (CART + mass) * GRAVITY, STEP / 0.02
    seen = collections.deque([(start, 0.0)] * (round(delay / STEP) + 1))
    noises = rng.normal(0, math.radians(noise), round(time / STEP))
    angles, forces = [math.degrees(start)], []
    last, rate = start, 0.0
    for disturbance in noises.tolist():
        angle = float(data.qpos[1]) + disturbance
        rate += smooth * ((angle - last) / STEP - rate)
        last = angle
        seen.append((angle, rate))
        seen.popleft()
        old, turning = seen[0]
        force = weight * (gain * old + damping * gain * fall * turning)
        data.ctrl[0] = max(-limit, min(limit, force))
        mujoco.mj_step(model, data)
        now = math.degrees(float(data.qpos[1]))
        if not math.isfinite(now):
            raise Refuse("the simulation became unstable", kind=FailureKind.IMPOSSIBLE)
        angles.append(now)
        forces.append(float(data.ctrl[0]))
        if abs(now) >= FALLEN:
            break
    fell = abs(angles[-1]) >= FALLEN
    return Rollout(
        seconds=round(len(forces) * STEP, 6),
        fell=fell,
        deviation=round(min(90.0, float(np.sqrt(np.mean(np.square(angles))))), 6),
        effort=round(float(np.sqrt(np.mean(np.square(forces)))), 6),
        drawing=_drawing(angles, time),
    )


@tool(
    seconds=0.01,
    tags=("robotics", "population"),
    examples=(
        Example(
            {"lengths": [1.0], "masses": [0.1], "gains": [4.0], "delays": [0.1], "noises": [0.0]}
        ),
    ),
)
def poles(
    lengths: Annotated[list[Length], Len(1, 50)],
    masses: Annotated[list[Mass], Len(1, 20)],
    gains: Annotated[list[Gain], Len(1, 20)],
    delays: Annotated[list[Delay], Len(1, 20)],
    noises: Annotated[list[Noise], Len(1, 20)],
) -> list[Pole]:
    """List all combinations of pole, controller and sight, without balancing any.

    At most 5,000 combinations.

    Args:
        lengths: of the poles.
        masses: of the poles.
        gains: of the controllers.
        delays: between seeing and acting.
        noises: standard deviations of the angle as it is seen.

    Raises:
        Refuse: with kind `bad_arguments`, there are over 5,000 combinations or one comes twice.
    """
    settings = list(itertools.product(lengths, masses, gains, delays, noises))
    if len(settings) > 5000 or len(set(settings)) < len(settings):
        reason = f"{len(settings)} combinations: give at most 5000, each number once in its list"
        raise Refuse(reason, kind=FailureKind.BAD_ARGUMENTS)
    return [
        Pole(
            pole=f"{length:g} m, {mass:g} kg, gain {gain:g}, {1000 * delay:g} ms, {noise:g} deg",
            length=length,
            mass=mass,
            gain=gain,
            delay=delay,
            noise=noise,
            fall_time=math.sqrt(2 * length / (3 * GRAVITY)),
        )
        for length, mass, gain, delay, noise in settings
    ]


def _machine(length: float, mass: float) -> str:
    """Return cart and pole for MuJoCo; the slender rod's inertia is m L^2 / 12."""
    half, inertia = length / 2, mass * length**2 / 12
    return f"""<mujoco><option gravity="0 0 -{GRAVITY}" timestep="{STEP}" integrator="RK4"/>
    <worldbody><body><joint name="rail" type="slide" axis="1 0 0"/>
      <inertial pos="0 0 0" mass="{CART}" diaginertia="1 1 1"/>
      <body><joint type="hinge" axis="0 1 0"/>
        <inertial pos="0 0 {half}" mass="{mass}" diaginertia="{inertia} {inertia} 1e-9"/>
      </body></body></worldbody>
    <actuator><motor joint="rail"/></actuator></mujoco>"""


def _drawing(angles: list[float], time: float) -> str:
    width, height, edge = 320, 140, 10
    every = len(angles) // 400 + 1
    path = " ".join(
        f"{edge + i * STEP / time * (width - 2 * edge):.1f},"
        f"{height / 2 - max(-1.0, min(1.0, angle / FALLEN)) * (height / 2 - edge):.1f}"
        for i, angle in list(enumerate(angles))[::every]
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}" role="img"><title>angle against time, {FALLEN:g} degrees either way, '
        f'{time:g} s</title><rect width="{width}" height="{height}" fill="#ffffff"/>'
        f'<line x1="{edge}" x2="{width - edge}" y1="{height // 2}" y2="{height // 2}" '
        f'stroke="#bbbbbb"/><polyline points="{path}" fill="none" stroke="#1f4e79" '
        f'stroke-width="1.2"/></svg>'
    )
