"""Henry's law: how a substance divides itself between air and water, as measured."""

import math
from typing import Annotated, Literal

from annotated_types import Gt, Lt
from pydantic import BaseModel, ConfigDict

from gaseol.tools import Example, Unit, tool
from gaseol.tools.chemistry.tables import ROOM, table

GAS_CONSTANT = 8.31446261815324
"""In J/(mol K), exact in the SI."""
WATER_DENSITY = 55_344.59
"""Molar density of liquid water at 298.15 K in mol/m^3, as the library `chemicals` takes it."""
CALORIE = 4.184
"""In J, exact."""

HenryTable = Literal["Sander T dep", "Sander Const"]


class MeasuredHydration(BaseModel):
    """A measured Henry constant, and the hydration free energy that it stands for."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    smiles: str
    """Canonical SMILES of the substance."""
    cas: str
    """CAS registry number."""
    name: str | None
    """A common name, where the library has one."""
    henry_constant: Annotated[float, Unit("Pa"), Gt(0)]
    """Partial pressure over mole fraction in water at infinite dilution, 298.15 K."""
    energy: Annotated[float, Unit("kcal/mol"), Gt(-60), Lt(20)]
    """Hydration free energy, 1 mol/L gas to 1 mol/L solution, 298.15 K."""
    method: HenryTable
    """The library's name of the table."""
    source: str
    """The table's citation."""


@tool(
    seconds=0.001,
    limit_seconds=60,
    needs=("chemicals", "thermo", "rdkit"),
    tags=("chemistry", "solvation", "table"),
    examples=(
        Example(
            {"compound": "CO"},
            value={"energy": -5.10},
            tolerance=0.05,
            source="D. L. Mobley, J. P. Guthrie, J. Comput.-Aided Mol. Des. 28, 711 (2014)",
        ),
    ),
)
def measured_hydration(compound: str) -> MeasuredHydration:
    """Look up a Henry constant and convert it to an experimental hydration free energy.

    With H = p/x in Pa, x the mole fraction in water and rho the molar density of water, the
    concentrations are p/(R T) in the gas and x rho in water, so that for 1 mol/L gas to 1 mol/L
    solution (A. Ben-Naim, Y. Marcus, J. Chem. Phys. 81, 2016 (1984), doi:10.1063/1.447824)

        dG = R T ln( H / (rho R T) ),   T = 298.15 K, rho = 55.34 mol/L.

    Two tables of `thermo`, both R. Sander's, are used, the better first; `method` says which:
    `Sander T dep`, ln H = A + B/T, 792 substances of known structure; then `Sander Const`, for
    3,665 in all. Against hydration free energies of the FreeSolv data set (D. L. Mobley,
    J. P. Guthrie, J. Comput.-Aided Mol. Des. 28, 711 (2014), doi:10.1007/s10822-014-9747-x) the
    first has a mean absolute deviation of .2 kcal/mol (33 substances), the second of .5 with
    single entries off by several (46). The compilation gathers literature: some constants of
    the second table are estimates, and constants of aldehydes that water hydrates or of acids
    are effective ones.

    Args:
        compound: SMILES or CAS number. Of several substances with one SMILES, the one with the
            lowest CAS number.

    Raises:
        Refuse: with kind `empty`, it is not tabulated; with kind `bad_arguments`, the SMILES
            does not parse.
    """
    constants = table("henry_constant")
    entry = constants.find(compound)
    henry = constants.values[entry.cas]
    founded = entry.cas in table("henry_temperature_dependence").values
    return MeasuredHydration(
        smiles=entry.smiles,
        cas=entry.cas,
        name=entry.name,
        henry_constant=henry,
        energy=hydration_energy(henry),
        method="Sander T dep" if founded else "Sander Const",
        source=constants.source,
    )


def hydration_energy(henry: float) -> float:
    """Return the hydration free energy in kcal/mol for a Henry constant p/x in Pa at 298.15 K."""
    thermal = GAS_CONSTANT * ROOM
    return thermal * math.log(henry / (WATER_DENSITY * thermal)) / (1000 * CALORIE)
