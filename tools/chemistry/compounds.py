"""Compounds: the substances for which an experiment is on record, without its outcome."""

from typing import Annotated

from annotated_types import Ge, Le
from pydantic import BaseModel, ConfigDict

from gaseol.tools import Example, Refuse, tool
from gaseol.tools.chemistry.molecule import ORGANIC
from gaseol.tools.chemistry.tables import Property, table
from gaseol.traces.nouns.failure import FailureKind


class Compound(BaseModel):
    """A substance by structure, number and name."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    smiles: str
    """Canonical SMILES, stereochemistry kept."""
    cas: str
    """CAS registry number; the lowest, where several share the SMILES."""
    name: str | None
    """A common name, where the library has one."""


@tool(
    seconds=1.0,
    limit_seconds=120,
    needs=("chemicals", "thermo", "rdkit"),
    tags=("chemistry", "table", "population"),
    examples=(
        Example({"property": "dipole_moment", "heavy_atoms_max": 3}),
        Example({"property": "henry_constant", "heavy_atoms_max": 3}),
    ),
)
def compounds_with(
    property: Property,  # noqa: A002 (the scientist's word)
    heavy_atoms_min: Annotated[int, Ge(1)] = 1,
    heavy_atoms_max: Annotated[int, Ge(1), Le(200)] = 20,
    elements: list[str] | None = None,
) -> list[Compound]:
    """List the organic compounds of which a property was measured, without the values.

    From the tables of `boiling_point`, `melting_point`, `dipole_moment`, `formation_enthalpy` and
    `measured_hydration`, which name their sources (CRC Handbook, 95th edition (2014), and others).
    This makes the population of a study before anybody has seen an outcome. Listed are single
    neutral closed-shell molecules with carbon, made of H, C, N, O, F, P, S, Cl, Br and I only,
    each canonical SMILES once, in the order of their CAS numbers.

    Args:
        property: `henry_temperature_dependence` is the smaller and better founded part of
            `henry_constant`.
        heavy_atoms_min: fewest atoms other than hydrogen.
        heavy_atoms_max: most atoms other than hydrogen.
        elements: symbols that a compound may be made of, hydrogen always included; all ten when
            left out.

    Raises:
        Refuse: with kind `empty`, there is none; with kind `bad_arguments`, an element is not
            among the ten.
    """
    allowed = ORGANIC if elements is None else frozenset(elements) | {"H"}
    if foreign := sorted(allowed - ORGANIC):
        reason = f"compounds hold only {', '.join(sorted(ORGANIC))}, not {', '.join(foreign)}"
        raise Refuse(reason, kind=FailureKind.BAD_ARGUMENTS)
    found = [
        Compound(smiles=entry.smiles, cas=entry.cas, name=entry.name)
        for entry in table(property).entries.values()
        if entry.ordinary
        and heavy_atoms_min <= entry.heavy_atoms <= heavy_atoms_max
        and entry.elements <= allowed
    ]
    if not found:
        reason = f"no compound of {heavy_atoms_min} to {heavy_atoms_max} heavy atoms is tabulated"
        raise Refuse(reason, kind=FailureKind.EMPTY)
    return found
