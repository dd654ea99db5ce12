"""Batteries: a lithium-ion cell discharged and aged in simulation."""

import os
import socket
from importlib import import_module
from typing import Annotated, Any, Literal

from annotated_types import Ge, Gt, Le, Lt
from pydantic import BaseModel, ConfigDict

from gaseol.tools import Example, Media, Refuse, Unit, tool
from gaseol.traces.nouns.failure import FailureKind

Cell = Literal["Chen2020", "OKane2022", "Prada2013", "Mohtat2020"]
Svg = Annotated[str, Media("image/svg+xml")]


class Discharge(BaseModel):
    """What a cell gives when it is discharged at a constant current."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    capacity: Annotated[float, Unit("A*hour"), Gt(0), Lt(1000)]
    """Until the lower cut-off voltage."""
    energy: Annotated[float, Unit("W*hour"), Gt(0), Lt(5000)]
    """Delivered on the way."""
    mean_voltage: Annotated[float, Unit("V"), Gt(1), Lt(5)]
    """Energy over capacity."""
    nominal_capacity: Annotated[float, Unit("A*hour"), Gt(0)]
    """That of the parameter set."""
    share: Annotated[float, Unit("1"), Gt(0), Lt(2)]
    """Capacity over nominal capacity."""
    drawing: Svg
    """Voltage against capacity."""


class Ageing(BaseModel):
    """What cycling takes from a cell."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    retention: Annotated[float, Unit("1"), Gt(0), Le(1.001)]
    """Last capacity over that of the second cycle."""
    lithium_lost: Annotated[float, Unit("percent"), Ge(0), Le(100)]
    """Share of cyclable lithium lost to the layer on the negative electrode."""
    first_capacity: Annotated[float, Unit("A*hour"), Gt(0), Lt(1000)]
    """Discharged in the second cycle, the first that begins at the upper voltage."""
    last_capacity: Annotated[float, Unit("A*hour"), Gt(0), Lt(1000)]
    """Discharged in the last cycle."""
    cycles: Annotated[int, Ge(3)]


@tool(
    seconds=2.0,
    limit_seconds=120,
    memory_mb=4096,
    tolerance=1e-3,
    needs=("pybamm",),
    tags=("energy", "battery", "simulation"),
    examples=(
        Example(
            {"rate": 1.0},
            value={"capacity": 5.0},
            tolerance=0.05,
            source="C.-H. Chen et al., J. Electrochem. Soc. 167, 080534 (2020)",
        ),
    ),
)
def cell_discharge(
    cell: Cell = "Chen2020",
    rate: Annotated[float, Unit("1/hour"), Ge(0.02), Le(2)] = 1.0,
    temperature: Annotated[float, Unit("K"), Ge(263.15), Le(323.15)] = 298.15,
) -> Discharge:
    """Discharge a lithium-ion cell at a constant rate until its lower cut-off voltage (PyBaMM).

    Single particle model with electrolyte, isothermal: S. G. Marquis, V. Sulzer, R. Timms,
    C. P. Please, S. J. Chapman, J. Electrochem. Soc. 166, A3693 (2019), doi:10.1149/2.0341915jes;
    PyBaMM: V. Sulzer et al., J. Open Res. Softw. 9, 14 (2021), doi:10.5334/jors.309. Parameters
    are published sets: Chen2020 (LG M50 21700, 5 Ah, C.-H. Chen et al., J. Electrochem. Soc. 167,
    080534 (2020)), OKane2022 (the same cell), Prada2013 (LFP), Mohtat2020. Good up to about 1.5C for
    energy cells; above, gradients in the electrolyte exceed what the model assumes (Chen2020 gives a
    twentieth of its capacity at 3C). Sets were fitted at 298 K: the effect of temperature is only as good as
    the activation energies in the set, and is none at all where a set has none (Prada2013).

    Args:
        cell: parameter set.
        rate: current in units of the nominal capacity an hour.
        temperature: of cell and surroundings.

    Raises:
        Refuse: with kind `out_of_domain`, the model finds no solution there.
    """
    pybamm = _pybamm()
    values = pybamm.ParameterValues(cell)
    values.update({"Ambient temperature [K]": temperature, "Initial temperature [K]": temperature})
    nominal = float(values["Nominal cell capacity [A.h]"])
    model = pybamm.lithium_ion.SPMe()
    simulation = pybamm.Simulation(model, parameter_values=values, C_rate=rate)
    try:
        # twice the nominal time: the cut-off ends it
        solution = simulation.solve([0, 2 * 3600 / rate], initial_soc=1.0)
    except (pybamm.SolverError, ValueError) as error:
        said = " ".join(str(error).split())[:200]
        raise Refuse(
            f"no discharge of {cell} at {rate:g}C and {temperature:g} K: {said}"
        ) from error
    charge = solution["Discharge capacity [A.h]"].entries
    voltage = solution["Voltage [V]"].entries
    hours = solution["Time [s]"].entries / 3600
    current = solution["Current [A]"].entries
    import numpy as np

    capacity = float(charge[-1])
    if capacity <= 0:
        reason = f"{cell} is below its cut-off from the start at {rate:g}C and {temperature:g} K"
        raise Refuse(reason, kind=FailureKind.EMPTY)
    energy = float(np.trapezoid(voltage * current, hours))
    return Discharge(
        capacity=round(capacity, 6),
        energy=round(energy, 6),
        mean_voltage=round(energy / capacity, 6),
        nominal_capacity=nominal,
        share=round(capacity / nominal, 6),
        drawing=_drawing(charge.tolist(), voltage.tolist()),
    )


@tool(
    seconds=10.0,
    limit_seconds=300,
    memory_mb=4096,
    tolerance=1e-2,
    needs=("pybamm",),
    tags=("energy", "battery", "simulation"),
    examples=(Example({"cycles": 3}),),
)
def cell_ageing(
    cycles: Annotated[int, Ge(3), Le(200)] = 20,
    rate: Annotated[float, Unit("1/hour"), Ge(0.1), Le(2)] = 1.0,
    upper_voltage: Annotated[float, Unit("V"), Ge(3.8), Le(4.2)] = 4.2,
    temperature: Annotated[float, Unit("K"), Ge(283.15), Le(318.15)] = 298.15,
) -> Ageing:
    """Cycle a lithium-ion cell and say how much of its capacity is left (PyBaMM).

    Single particle model of the LG M50 (parameters OKane2022: S. E. J. O'Kane et al., Phys. Chem.
    Chem. Phys. 24, 7909 (2022), doi:10.1039/d2cp00417h) with one mechanism of ageing: a
    solid-electrolyte layer that grows by solvent diffusion. Cracking, plating and loss of active
    material are left out, so that real cells age faster, at high rates and in the cold much
    faster. Capacities are compared from the second cycle on, the first that begins at the upper
    voltage. For comparing conditions, not for predicting a lifetime.

    Args:
        cycles: of discharge to 2.5 V, charge to the upper voltage and hold to C/50.
        rate: of discharge; charging takes place at C/2 or at this rate, whichever is less.
        upper_voltage: where charging ends.
        temperature: of cell and surroundings.

    Raises:
        Refuse: with kind `out_of_domain`, the model finds no solution there.
    """
    pybamm = _pybamm()
    values = pybamm.ParameterValues("OKane2022")
    values.update({"Ambient temperature [K]": temperature, "Initial temperature [K]": temperature})
    model = pybamm.lithium_ion.SPM({"SEI": "solvent-diffusion limited"})
    charge = min(0.5, rate)
    experiment = pybamm.Experiment(
        [
            (
                f"Discharge at {rate:g}C until 2.5V",
                f"Charge at {charge:g}C until {upper_voltage:g}V",
                f"Hold at {upper_voltage:g}V until C/50",
            )
        ]
        * cycles
    )
    simulation = pybamm.Simulation(model, parameter_values=values, experiment=experiment)
    try:
        solution = simulation.solve(initial_soc=1.0, calc_esoh=False, save_at_cycles=[2, cycles])
    except (pybamm.SolverError, ValueError) as error:
        said = " ".join(str(error).split())[:200]
        raise Refuse(f"no cycling at {rate:g}C and {temperature:g} K: {said}") from error
    # The first discharge begins fully charged; from the second on each begins at the upper voltage.
    first, last = (_discharged(solution.cycles[i]) for i in (1, cycles - 1))
    lost = float(solution.cycles[cycles - 1]["Loss of lithium inventory [%]"].entries[-1])
    return Ageing(
        retention=round(last / first, 6),
        lithium_lost=round(max(0.0, lost), 6),
        first_capacity=round(first, 6),
        last_capacity=round(last, 6),
        cycles=cycles,
    )


def _pybamm() -> Any:
    """Import PyBaMM with its telemetry off, which it asks for once, when first imported."""
    os.environ["PYBAMM_DISABLE_TELEMETRY"] = "1"
    # One of the libraries it imports asks the system, by binding a socket, whether it has IPv6.
    has_ipv6, socket.has_ipv6 = socket.has_ipv6, False
    try:
        pybamm: Any = import_module("pybamm")
    finally:
        socket.has_ipv6 = has_ipv6

    pybamm.set_logging_level("ERROR")
    return pybamm


def _discharged(cycle: Any) -> float:
    charge = cycle.steps[0]["Discharge capacity [A.h]"].entries
    return float(charge[-1] - charge[0])


def _drawing(charge: list[float], voltage: list[float]) -> str:
    width, height, edge = 320, 180, 12
    low, high, most = min(voltage), max(voltage), max(charge)
    path = " ".join(
        f"{edge + q / most * (width - 2 * edge):.1f},"
        f"{height - edge - (v - low) / (high - low) * (height - 2 * edge):.1f}"
        for q, v in zip(charge, voltage, strict=True)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}" role="img"><title>voltage, {low:.2f} to {high:.2f} V, against charge '
        f'up to {most:.2f} A h</title><rect width="{width}" height="{height}" fill="#ffffff"/>'
        f'<polyline points="{path}" fill="none" stroke="#1f4e79" stroke-width="1.5"/></svg>'
    )
