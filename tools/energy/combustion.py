"""Combustion of hydrogen and methane with air: temperatures, ignition and flame speeds."""

from importlib import import_module
from itertools import product
from typing import Annotated, Any, Literal

from annotated_types import Ge, Gt, Le, Len, Lt
from pydantic import BaseModel, ConfigDict

from gaseol.tools import Example, Media, Refuse, Unit, tool
from gaseol.traces.nouns.failure import FailureKind

Fuel = Literal["hydrogen", "methane"]
Ratio = Annotated[float, Unit("1"), Ge(0.3), Le(4)]
"""Equivalence ratio: fuel over air, in multiples of what burns completely."""
Preheat = Annotated[float, Unit("K"), Ge(250), Le(700)]
Pressure = Annotated[float, Unit("bar"), Ge(0.1), Le(40)]

_FUELS = {"hydrogen": ("h2o2.yaml", "H2"), "methane": ("gri30.yaml", "CH4")}
_AIR = "O2:1, N2:3.76"
_BAR = 1e5  # Pa
_MAJOR = 1e-4
"""Mole fraction from which a species is listed."""


class Combustion(BaseModel):
    """What a mixture burns to, without losses."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    temperature: Annotated[float, Unit("K"), Gt(250), Lt(4000)]
    """Of the burnt gas."""
    pressure: Annotated[float, Unit("bar"), Gt(0), Lt(1000)]
    """Of the burnt gas."""
    products: dict[str, Annotated[float, Unit("1"), Ge(0), Le(1)]]
    """Mole fractions above 1e-4."""


class Mixture(BaseModel):
    """A mixture of fuel and air before it burns, and the temperature it would burn to."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    mixture: str
    """A name made of the three numbers."""
    ratio: Ratio
    """Equivalence ratio."""
    preheat: Preheat
    """Temperature of the unburnt mixture."""
    pressure: Pressure
    fuel_fraction: Annotated[float, Unit("1"), Gt(0), Lt(1)]
    """Mole fraction of the fuel."""
    flame_temperature: Annotated[float, Unit("K"), Gt(250), Lt(4000)]
    """Adiabatic, at constant pressure."""


class FlameSpeed(BaseModel):
    """The speed of a flat flame against the unburnt mixture."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    speed: Annotated[float, Unit("m/s"), Gt(0), Lt(40)]
    thickness: Annotated[float, Unit("mm"), Gt(0), Lt(100)]
    """Rise of temperature over its steepest gradient."""
    flame_temperature: Annotated[float, Unit("K"), Gt(250), Lt(4000)]
    """At the end of the computed domain."""
    points: Annotated[int, Ge(5)]
    """Of the grid that refinement ended with."""
    drawing: Annotated[str, Media("image/svg+xml")]
    """Temperature across the flame."""


@tool(
    seconds=0.02,
    limit_seconds=60,
    needs=("cantera",),
    tags=("energy", "combustion"),
    examples=(
        Example(
            {"fuel": "methane", "ratio": 1.0},
            value={"temperature": 2226},
            tolerance=0.005,
            source="S. R. Turns, An Introduction to Combustion, 3rd edition (2012), appendix B",
        ),
    ),
)
def adiabatic_flame(
    fuel: Fuel,
    ratio: Ratio,
    preheat: Preheat = 298.15,
    pressure: Pressure = 1.01325,
    hold: Literal["pressure", "volume"] = "pressure",
) -> Combustion:
    """Compute the adiabatic flame temperature of a fuel-air mixture and what it burns to.

    Chemical equilibrium by Cantera with the species and thermodynamic data of GRI-Mech 3.0
    (methane; G. P. Smith et al., 1999) or of the hydrogen mechanism `h2o2` that ships with it; ideal gas; dry air as O2 +
    3.76 N2. Within 10 K of tabulated values near stoichiometry; with soot or condensing water, which
    are not among the species, it does not hold.

    Args:
        fuel: what burns.
        ratio: equivalence ratio; 1 is stoichiometric, above is rich.
        preheat: temperature of the unburnt mixture.
        pressure: of the unburnt mixture.
        hold: what stays constant.
    """
    gas = _gas(fuel, ratio, preheat, pressure)
    gas.equilibrate("HP" if hold == "pressure" else "UV")
    found = {name: float(x) for name, x in gas.mole_fraction_dict(_MAJOR).items()}
    return Combustion(
        temperature=round(float(gas.T), 4),
        pressure=round(float(gas.P) / _BAR, 6),
        products={
            name: round(found[name], 7) for name in sorted(found, key=found.__getitem__)[::-1]
        },
    )


@tool(
    seconds=0.5,
    limit_seconds=120,
    needs=("cantera",),
    tags=("energy", "combustion", "population"),
    examples=(Example({"fuel": "hydrogen", "ratios": [1.0], "preheats": [300], "pressures": [1]}),),
)
def flame_mixtures(
    fuel: Fuel,
    ratios: Annotated[list[Ratio], Len(1, 50)],
    preheats: Annotated[list[Preheat], Len(1, 20)],
    pressures: Annotated[list[Pressure], Len(1, 20)],
) -> list[Mixture]:
    """List all combinations of ratio, preheat and pressure, with what can be known without a flame.

    The adiabatic flame temperature is thermodynamics, as `adiabatic_flame` computes it. At most
    2,000 combinations.

    Args:
        fuel: what burns.
        ratios: equivalence ratios.
        preheats: temperatures of the unburnt mixture.
        pressures: of the unburnt mixture.

    Raises:
        Refuse: with kind `bad_arguments`, there are over 2,000 combinations or one comes twice.
    """
    settings = list(product(ratios, preheats, pressures))
    if len(settings) > 2000 or len(set(settings)) < len(settings):
        reason = f"{len(settings)} combinations: give at most 2000, each number once in its list"
        raise Refuse(reason, kind=FailureKind.BAD_ARGUMENTS)
    rows = []
    for ratio, preheat, pressure in settings:
        gas = _gas(fuel, ratio, preheat, pressure)
        fraction = float(gas[_FUELS[fuel][1]].X[0])
        gas.equilibrate("HP")
        rows.append(
            Mixture(
                mixture=f"phi {ratio:g}, {preheat:g} K, {pressure:g} bar",
                ratio=ratio,
                preheat=preheat,
                pressure=pressure,
                fuel_fraction=round(fraction, 7),
                flame_temperature=round(float(gas.T), 4),
            )
        )
    return rows


@tool(
    seconds=0.3,
    limit_seconds=120,
    tolerance=1e-3,
    needs=("cantera",),
    tags=("energy", "combustion", "simulation"),
    examples=(Example({"fuel": "methane", "ratio": 1.0, "temperature": 1700}),),
)
def ignition_delay(
    fuel: Fuel,
    ratio: Ratio,
    temperature: Annotated[float, Unit("K"), Ge(800), Le(2500)],
    pressure: Annotated[float, Unit("bar"), Ge(0.1), Le(40)] = 1.01325,
) -> Annotated[float, Unit("s"), Gt(0), Le(10)]:
    """Compute the ignition delay of a fuel-air mixture in a closed vessel.

    An adiabatic reactor of constant volume; the delay is the time of the steepest rise of
    temperature. Mechanisms: GRI-Mech 3.0 (G. P. Smith et al., 1999) for methane, made for 1,000 to 2,500 K and up to 10 bar;
    `h2o2` for hydrogen. Below 1,000 K, and for hydrogen near the explosion limits, delays are
    uncertain by more than a factor of two, and shock-tube experiments see other things besides.

    Args:
        fuel: what burns.
        ratio: equivalence ratio.
        temperature: at the start.
        pressure: at the start.

    Raises:
        Refuse: with kind `empty`, it does not ignite within 10 s; with the kind it has
            otherwise, the solver's steps ran out first.
    """
    ct: Any = import_module("cantera")

    gas = _gas(fuel, ratio, temperature, pressure)
    reactor: Any = ct.IdealGasReactor(gas, clone=False)
    net = ct.ReactorNet([reactor])
    net.rtol, net.atol = 1e-8, 1e-16
    steepest, moment, before, last = 0.0, 0.0, float(reactor.T), 0.0
    steps = 0
    while net.time < 10:
        net.step()
        steps += 1
        rise = (float(reactor.T) - before) / max(net.time - last, 1e-300)
        if rise > steepest:
            steepest, moment = rise, (net.time + last) / 2
        before, last = float(reactor.T), float(net.time)
        burnt = before > temperature + 300 and rise < 1e-3 * steepest
        if burnt:
            break
        if steps > 100_000:
            reason = f"after {steps} steps of the solver, at {net.time:.3g} s, it has not burnt out"
            raise Refuse(reason)
    if before < temperature + 200:
        reason = f"{fuel} at {temperature:g} K and {pressure:g} bar does not ignite within 10 s"
        raise Refuse(reason, kind=FailureKind.EMPTY)
    return float(f"{moment:.6g}")


@tool(
    seconds=1.0,
    limit_seconds=300,
    tolerance=1e-3,
    needs=("cantera",),
    tags=("energy", "combustion", "simulation"),
    examples=(
        Example(
            {"fuel": "hydrogen", "ratio": 1.0},
            value={"speed": 2.1},
            tolerance=0.15,
            source="D. R. Dowdy et al., Symp. (Int.) Combust. 23, 325 (1990)",
        ),
    ),
)
def laminar_flame_speed(
    fuel: Fuel, ratio: Ratio, preheat: Preheat = 298.15, pressure: Pressure = 1.01325
) -> FlameSpeed:
    """Compute the laminar burning velocity of a fuel-air mixture.

    A freely propagating flat adiabatic flame with mixture-averaged transport (Cantera), GRI-Mech 3.0
    (G. P. Smith et al., 1999) for methane or `h2o2` for hydrogen. Takes .3 to 1 s for hydrogen, 15 to 30 s for methane.
    Against experiment: stoichiometric hydrogen-air 2.3 (measured about 2.1), maximum 3.1 near phi 1.8
    (about 2.9: D. R. Dowdy et al., Symp. (Int.) Combust. 23, 325 (1990)), methane-air within 12% of
    .36 m/s (K. J. Bosschaart, L. P. H. de Goey, Combust. Flame 136, 261 (2004)). Very lean hydrogen flames are cellular, and a
    flat one is an idealisation there; soot, radiation and thermal diffusion are left out.

    Args:
        fuel: what burns.
        ratio: equivalence ratio.
        preheat: temperature of the unburnt mixture.
        pressure: of the unburnt mixture.

    Raises:
        Refuse: with kind `empty`, no flame is found: the mixture is beyond its limits.
    """
    ct: Any = import_module("cantera")

    gas = _gas(fuel, ratio, preheat, pressure)
    gas.transport_model = "mixture-averaged"
    flame: Any = ct.FreeFlame(gas, width=0.03)
    flame.set_refine_criteria(ratio=3, slope=0.07, curve=0.14)
    try:
        flame.solve(loglevel=0, auto=True)
    except ct.CanteraError as error:
        said = f"no flame of {fuel} at phi {ratio:g}, {preheat:g} K and {pressure:g} bar"
        raise Refuse(said, kind=FailureKind.EMPTY) from error
    speed, end = float(flame.velocity[0]), float(flame.T[-1])
    if end < preheat + 500:
        reason = f"the mixture of phi {ratio:g} does not burn: it ends at {end:.0f} K"
        raise Refuse(reason, kind=FailureKind.EMPTY)
    import numpy as np

    steepest = float(np.max(np.gradient(flame.T, flame.grid)))
    return FlameSpeed(
        speed=round(speed, 6),
        thickness=round(1000 * (end - preheat) / steepest, 6),
        flame_temperature=round(end, 3),
        points=len(flame.grid),
        drawing=_drawing(flame.grid.tolist(), flame.T.tolist(), preheat, end, steepest),
    )


def _gas(fuel: Fuel, ratio: float, temperature: float, pressure: float) -> Any:
    """Return a Cantera gas of the mixture; pressure in bar."""
    ct: Any = import_module("cantera")

    mechanism, name = _FUELS[fuel]
    gas: Any = ct.Solution(mechanism)
    gas.set_equivalence_ratio(ratio, name, _AIR)
    gas.TP = temperature, pressure * _BAR
    return gas


def _drawing(
    places: list[float], temperatures: list[float], low: float, high: float, steepest: float
) -> str:
    """Return the profile as SVG, four flame thicknesses wide about the steepest rise."""
    width, height, edge = 320, 180, 12
    reach = 3 * (high - low) / steepest
    middle = min(zip(places, temperatures, strict=True), key=lambda p: abs(p[1] - (low + high) / 2))
    shown = [
        (edge + (x - middle[0] + reach) / (2 * reach) * (width - 2 * edge),
         height - edge - (t - low) / (high - low) * (height - 2 * edge))
        for x, t in zip(places, temperatures, strict=True)
        if abs(x - middle[0]) <= reach
    ]  # fmt: skip
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in shown)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}" role="img"><title>temperature across the flame, {low:.0f} to '
        f"{high:.0f} K over {2000 * reach:.2f} mm</title>"
        f'<rect width="{width}" height="{height}" fill="#ffffff"/><polyline points="{path}" '
        f'fill="none" stroke="#b03a2e" stroke-width="1.5"/></svg>'
    )
