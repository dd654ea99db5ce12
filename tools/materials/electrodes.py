"""Electrodes: voltages and capacities that follow from energies of phases."""

from itertools import pairwise
from typing import Annotated, Any, Literal

from annotated_types import Ge, Gt, Le, Len
from pydantic import BaseModel, ConfigDict

from gaseol.tools import Example, Refuse, Retry, Unit, tool
from gaseol.tools.materials.composition import Formula, read_formula
from gaseol.tools.materials.hull import EnergyPerAtom, Entry
from gaseol.traces.nouns.failure import FailureKind

Ion = Literal["Li", "Na", "K", "Mg", "Ca", "Zn", "Al"]
CHARGE: dict[str, int] = {"Li": 1, "Na": 1, "K": 1, "Mg": 2, "Ca": 2, "Zn": 2, "Al": 3}
MOST_ELEMENTS = 6
"""Of a phase diagram along which an electrode is followed."""
FARADAY = 96485.33212
"""In C/mol (exact in the SI)."""

Voltage = Annotated[float, Unit("V"), Ge(-5), Le(8)]
"""No electrode of chemistry lies outside; the fluorine electrode has about 6 V against lithium."""


class Plateau(BaseModel):
    """A step of an electrode's voltage curve."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", use_attribute_docstrings=True, defer_build=True
    )

    voltage: Voltage
    """Against the metal of the ion."""
    charged: str
    """What is there at the step's begin, with less of the ion."""
    discharged: str
    """What is there at its end."""
    capacity: Annotated[float, Unit("mA*hour/g"), Gt(0), Le(5000)]
    """Of this step, a gram of the discharged end of the whole curve."""


class VoltageCurve(BaseModel):
    """The equilibrium voltage curve of an electrode."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", use_attribute_docstrings=True, defer_build=True
    )

    plateaus: tuple[Plateau, ...]
    """In the order of discharge: the voltage falls."""
    average: Voltage
    """Weighted by capacity."""
    capacity: Annotated[float, Unit("mA*hour/g"), Gt(0), Le(5000)]
    """A gram of the discharged electrode."""
    energy: Annotated[float, Unit("W*hour/kg"), Ge(-10_000), Le(20_000)]
    """A kilogram of the discharged electrode; the counter electrode weighs too and is left out."""


@tool(
    seconds=0.01,
    limit_seconds=30,
    needs=("pymatgen",),
    tags=("materials", "electrochemistry"),
    examples=(
        Example(
            {
                "phases": [
                    {"composition": "CoO2", "energy": 0.0},
                    {"composition": "LiCoO2", "energy": -1.0},
                ],
                "ion": "Li",
                "ion_energy": 0.0,
            },
            value={"capacity": 273.8},
            tolerance=0.002,
            source="K. Mizushima et al., Mater. Res. Bull. 15, 783 (1980)",
        ),
    ),
)
def insertion_electrode(
    phases: Annotated[tuple[Entry, ...], Len(2, 500)], ion: Ion, ion_energy: EnergyPerAtom
) -> VoltageCurve:
    """Compute the voltage curve of a host that takes up an ion, from energies of its phases.

    V = - (E(x2) - E(x1) - (x2 - x1) E(ion)) / ((x2 - x1) z), between neighbours on the lower
    convex hull of energy against ion content: M. K. Aydinol, A. F. Kohan, G. Ceder, K. Cho,
    J. Joannopoulos, Phys. Rev. B 56, 1354 (1997), doi:10.1103/PhysRevB.56.1354. Energies stand in
    for free energies: entropy and volume change little between solids. Phases above the hull are
    skipped; hysteresis, kinetics and whether the ion moves are not spoken of. Energies must come
    from one method.

    Args:
        phases: one host with different amounts of the ion, energies per atom.
        ion: what is inserted.
        ion_energy: of the ion's metal, per atom, by the same method.

    Raises:
        Retry: a formula cannot be read, the hosts differ, or fewer than two ion contents are
            given.
        Refuse: with kind `impossible`, a voltage is none that chemistry knows.
    """
    points: dict[float, tuple[float, str]] = {}
    host: dict[str, float] | None = None
    for phase in phases:
        composition = read_formula(phase.composition)
        rest = {e.symbol: n for e, n in composition.items() if e.symbol != ion}
        unit = sum(rest.values())
        if not unit:
            raise Retry(f"{phase.composition} is no host: it holds {ion} alone")
        fractions = {symbol: round(n / unit, 6) for symbol, n in rest.items()}
        if host is not None and fractions != host:
            raise Retry(f"{phase.composition} has not the host of {phases[0].composition}")
        host = fractions
        content = round(float(composition[ion]) / unit, 9)
        energy = phase.energy * float(composition.num_atoms) / unit - content * ion_energy
        points[content] = min(
            points.get(content, (energy, phase.composition)), (energy, phase.composition)
        )
    if len(points) < 2:
        raise Retry(f"give at least two phases that differ in their content of {ion}")
    stable = _lower_hull(sorted((x, y, name) for x, (y, name) in points.items()))
    return _curve(stable, ion)


@tool(
    seconds=0.1,
    limit_seconds=60,
    needs=("pymatgen",),
    tags=("materials", "electrochemistry"),
    examples=(
        Example(
            {
                "electrode": "FeF3",
                "ion": "Li",
                "entries": [
                    {"composition": "Fe", "energy": 0},
                    {"composition": "F2", "energy": 0},
                    {"composition": "Li", "energy": 0},
                    {"composition": "LiF", "energy": -3.192},
                    {"composition": "FeF3", "energy": -2.699},
                ],
            }
        ),
    ),
)
def conversion_electrode(
    electrode: Formula, ion: Ion, entries: Annotated[tuple[Entry, ...], Len(2, 1000)]
) -> VoltageCurve:
    """Compute the voltage curve of an electrode that turns into other phases as it takes up an ion.

    At every ion content the phases are those of the convex hull of all entries, in equilibrium
    with the ion's chemical potential mu, and V = - (mu - E(ion)) / z (grand potential: S. P. Ong,
    L. Wang, B. Kang, G. Ceder, Chem. Mater. 20, 1798 (2008), doi:10.1021/cm702327g). Equilibrium without
    barriers, which real conversion electrodes miss by some tenths of a volt. Energies must come
    from one method and hold every pure element.

    Args:
        electrode: formula of the charged electrode, such as FeF3.
        ion: what is taken up.
        entries: phases and energies per atom, each element among them.

    Raises:
        Retry: a formula cannot be read, an element is missing, or the electrode itself is.
        Refuse: with kind `empty`, the electrode takes up none of the ion; with kind
            `impossible`, a voltage is none that chemistry knows.
    """
    from pymatgen.analysis.phase_diagram import PDEntry, PhaseDiagram
    from pymatgen.core import Element

    composition = read_formula(electrode)
    read = [(read_formula(entry.composition), entry.energy) for entry in entries]
    pure = {held.elements[0].symbol for held, _ in read if len(held) == 1}
    needed = {element.symbol for held, _ in [*read, (composition, 0.0)] for element in held} | {ion}
    if missing := sorted(needed - pure):
        raise Retry(f"give the energy of the pure element too: {', '.join(missing)}")
    if len(needed) > MOST_ELEMENTS:
        raise Refuse(f"{len(needed)} elements; curves of at most {MOST_ELEMENTS} are computed")
    diagram = PhaseDiagram([PDEntry(held, energy * held.num_atoms) for held, energy in read])
    # from the most to the least of the ion, each with the potential at which it gives way
    rows = diagram.get_element_profile(Element(ion), composition)
    unit, charge = float(composition.reduced_composition.num_atoms), CHARGE[ion]
    moles = [float(row["evolution"]) * unit / float(composition.num_atoms) for row in rows]
    if len(rows) < 2 or moles[0] < 1e-9:
        raise Refuse(f"{electrode} takes up no {ion}", kind=FailureKind.EMPTY)
    reference = float(rows[0]["element_reference"].energy_per_atom)
    weight = float(composition.reduced_composition.weight) + moles[0] * float(
        Element(ion).atomic_mass
    )
    plateaus = tuple(
        Plateau(
            voltage=_plausible((reference - float(charged["chempot"])) / charge),
            charged=_phases(charged["entries"]),
            discharged=_phases(discharged["entries"]),
            capacity=(more - less) * charge * FARADAY / 3.6 / weight,
        )
        for (discharged, more), (charged, less) in reversed(
            list(pairwise(zip(rows, moles, strict=True)))
        )
        if more - less > 1e-9
    )
    return _summed(plateaus)


def _phases(entries: list[Any]) -> str:
    return " + ".join(sorted(entry.composition.reduced_formula for entry in entries))


def _lower_hull(points: list[tuple[float, float, str]]) -> list[tuple[float, float, str]]:
    hull: list[tuple[float, float, str]] = []
    for point in points:
        while len(hull) > 1 and _turn(hull[-2], hull[-1], point) <= 1e-12:
            hull.pop()
        hull.append(point)
    return hull


def _turn(
    a: tuple[float, float, str], b: tuple[float, float, str], c: tuple[float, float, str]
) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _curve(stable: list[tuple[float, float, str]], ion: str) -> VoltageCurve:
    full, charge = stable[-1], CHARGE[ion]
    last = read_formula(full[2])
    unit = float(last.num_atoms - last[ion])
    grams = float(last.weight) / unit  # a mole of host atoms, the ion included
    plateaus = tuple(
        Plateau(
            voltage=_plausible((low[1] - high[1]) / ((high[0] - low[0]) * charge)),
            charged=low[2],
            discharged=high[2],
            capacity=(high[0] - low[0]) * charge * FARADAY / 3.6 / grams,
        )
        for low, high in pairwise(stable)
    )
    return _summed(plateaus)


def _plausible(voltage: float) -> float:
    if not -5 <= voltage <= 8:
        reason = f"{voltage:.2f} V is none that chemistry knows: check the structures and energies"
        raise Refuse(reason, kind=FailureKind.IMPOSSIBLE)
    return voltage


def _summed(plateaus: tuple[Plateau, ...]) -> VoltageCurve:
    capacity = sum(one.capacity for one in plateaus)
    energy = sum(one.capacity * one.voltage for one in plateaus)
    return VoltageCurve(
        plateaus=plateaus, average=energy / capacity, capacity=capacity, energy=energy
    )
