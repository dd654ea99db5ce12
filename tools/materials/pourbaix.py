"""Pourbaix diagrams: what of a metal is stable in water at a pH and a potential."""

from typing import Annotated, Any, Literal

from annotated_types import Ge, Gt, Le, Len
from pydantic import BaseModel, ConfigDict

from gaseol.tools import Example, Refuse, Retry, Unit, tool
from gaseol.tools.materials.composition import Formula, read_formula
from gaseol.tools.materials.elements import Symbol
from gaseol.traces.nouns.failure import FailureKind

PH = Annotated[float, Unit("1"), Ge(-2), Le(16)]
Potential = Annotated[float, Unit("V"), Ge(-3), Le(3)]
WATER = -237.13
"""Free energy of formation of liquid water in kJ/mol: D. D. Wagman et al., J. Phys. Chem. Ref.
Data 11, supplement 2 (1982), "The NBS tables"."""
KJ_PER_EV = 96.48533212


class Species(BaseModel):
    """A solid or a dissolved species and its free energy of formation."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", use_attribute_docstrings=True, defer_build=True
    )

    formula: Formula
    """Without charge: Zn for Zn2+, ZnO2 for ZnO2 2-."""
    charge: Annotated[int, Unit("e"), Ge(-6), Le(6)] = 0
    phase: Literal["solid", "aqueous"] = "solid"
    energy: Annotated[float, Unit("kJ/mol"), Ge(-20_000), Le(20_000)]
    """Standard Gibbs energy of formation of the formula as written, 298.15 K; ions by the
    convention that H+ has none."""


class Stable(BaseModel):
    """What is stable at one pH and potential."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", use_attribute_docstrings=True, defer_build=True
    )

    species: str
    """As it was given, with its charge."""
    phase: Literal["solid", "aqueous"]
    margin: Annotated[float, Unit("eV"), Ge(0)] | None
    """Free energy an atom of the metal by which it beats the next; null without another."""
    water_is_stable: bool
    """Whether neither hydrogen nor oxygen is evolved there at 1 bar."""


@tool(
    seconds=0.1,
    limit_seconds=60,
    needs=("pymatgen",),
    tags=("materials", "electrochemistry"),
    examples=(
        Example(
            {
                "species": [
                    {"formula": "Zn", "energy": 0},
                    {"formula": "Zn", "charge": 2, "phase": "aqueous", "energy": -147.06},
                ],
                "metal": "Zn",
                "ph": 0,
                "potential": 0,
            },
            value={"species": "Zn[2+]"},
            source="M. Pourbaix, Atlas of Electrochemical Equilibria, 2nd edition (1974)",
        ),
    ),
)
def pourbaix_stability(
    species: Annotated[tuple[Species, ...], Len(1, 100)],
    metal: Symbol,
    ph: PH,
    potential: Potential,
    concentration: Annotated[float, Unit("mol/L"), Gt(0), Le(10)] = 1e-6,
) -> Stable:
    """Say which species of a metal is stable in water at a pH and a potential.

    Every species is made of the metal by a M + b H2O -> species + (2b - h) H+ + n e-; with its
    standard free energy, activities (solids 1, dissolved species their concentration), pH and
    potential that reaction has a free energy, and the least one an atom of metal is stable, at
    298.15 K. M. Pourbaix, Atlas of Electrochemical Equilibria in Aqueous Solutions, 2nd edition,
    NACE (1974). Only the species that are given compete: leave one out and its field goes to another.
    Equilibrium, not rate: passive films and overpotentials are not spoken of. Complexes with
    other anions, and activity coefficients above .01 mol/L, are left out.

    Args:
        species: solids and dissolved species of one metal with H and O, the metal among them.
        metal: the element all are reckoned for.
        ph: of the water.
        potential: against the standard hydrogen electrode.
        concentration: of every dissolved species.

    Raises:
        Retry: a species holds other elements or no metal, or the metal itself is missing.
        Refuse: with kind `empty`, none is given but the metal.
    """
    scored = sorted((_energy(one, metal, ph, potential, concentration), i)
                    for i, one in enumerate(species))  # fmt: skip
    if not any(read_formula(one.formula).reduced_formula == metal and one.phase == "solid"
               for one in species):  # fmt: skip
        raise Retry(f"give the metal {metal} itself too, as a solid of energy 0")
    if len(species) < 2:
        raise Refuse("nothing competes with the metal", kind=FailureKind.EMPTY)
    best = species[scored[0][1]]
    slope = 2.302585092994046 * 8.31446261815324e-3 * 298.15 / KJ_PER_EV
    return Stable(
        species=_said(best),
        phase=best.phase,
        margin=scored[1][0] - scored[0][0],
        water_is_stable=-slope * ph <= potential <= -WATER / KJ_PER_EV / 2 - slope * ph,
    )


def _energy(one: Species, metal: str, ph: float, potential: float, concentration: float) -> float:
    """Return the free energy in eV of making the species from metal, water, H+ and e-."""
    import math

    composition: Any = read_formula(one.formula)
    counts = {element.symbol: float(number) for element, number in composition.items()}
    metals, oxygen, hydrogen = counts.pop(metal, 0.0), counts.pop("O", 0.0), counts.pop("H", 0.0)
    if counts or not metals:
        raise Retry(f"{one.formula} is no species of {metal} with H and O alone")
    thermal = 8.31446261815324e-3 * 298.15  # kJ/mol
    activity = thermal * math.log(concentration) if one.phase == "aqueous" else 0.0
    # a M + b H2O -> species + (2b - h) H+ + n e-, with charge q: n = 2b - h + q
    protons = 2 * oxygen - hydrogen
    electrons = protons + one.charge
    energy = one.energy + activity - oxygen * WATER
    energy -= protons * thermal * math.log(10) * ph
    return (energy / KJ_PER_EV - electrons * potential) / metals


def _said(one: Species) -> str:
    if not one.charge:
        return one.formula
    size = "" if abs(one.charge) == 1 else str(abs(one.charge))
    return f"{one.formula}[{size}{'+' if one.charge > 0 else '-'}]"
