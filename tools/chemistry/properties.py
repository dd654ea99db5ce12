"""Properties of pure substances, as measured: transitions, dipole moments, enthalpies."""

from typing import Annotated

from annotated_types import Ge, Gt, Lt
from pydantic import BaseModel, ConfigDict

from gaseol.tools import Example, Unit, tool
from gaseol.tools.chemistry.tables import Property, table


class TransitionTemperature(BaseModel):
    """A measured boiling or melting point and where it was taken from."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    smiles: str
    """Canonical SMILES of the substance."""
    cas: str
    """CAS registry number."""
    name: str | None
    """A common name, where the library has one."""
    temperature: Annotated[float, Unit("K"), Gt(20), Lt(4000)]
    """At 101,325 Pa."""
    method: str
    """The library's name of the table."""
    source: str
    """The table's citation."""


class DipoleMoment(BaseModel):
    """A measured electric dipole moment and where it was taken from."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    smiles: str
    """Canonical SMILES of the substance."""
    cas: str
    """CAS registry number."""
    name: str | None
    """A common name, where the library has one."""
    dipole: Annotated[float, Unit("debye"), Ge(0), Lt(30)]
    """In the gas phase."""
    source: str
    """The table's citation."""


class FormationEnthalpy(BaseModel):
    """A gas enthalpy of formation and where it was taken from."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    smiles: str
    """Canonical SMILES of the substance."""
    cas: str
    """CAS registry number."""
    name: str | None
    """A common name, where the library has one."""
    enthalpy: Annotated[float, Unit("kJ/mol"), Gt(-10_000), Lt(10_000)]
    """Of formation from the elements, ideal gas, 298.15 K."""
    uncertainty: Annotated[float, Unit("kJ/mol"), Ge(0)]
    """Half of the 95% interval."""
    source: str
    """The table's citation."""


@tool(
    seconds=0.001,
    limit_seconds=60,
    needs=("chemicals", "rdkit"),
    tags=("chemistry", "table"),
    examples=(
        Example(
            {"compound": "CCO"},
            value={"temperature": 351.5},
            tolerance=0.002,
            source="NIST Chemistry WebBook, ethanol",
        ),
    ),
)
def boiling_point(compound: str) -> TransitionTemperature:
    """Look up a measured normal boiling point in the CRC Handbook.

    CRC Handbook of Chemistry and Physics, 95th edition (2014), method CRC_ORG of the library
    `chemicals`, 4,763 substances of known structure; no other
    table and no estimate is ever used in its place. Of the 3,213 substances for which the library
    also holds a value of the NIST WebBook, 2,859 agree within 5 K (median difference .55 K). The
    first call in a process takes a second or two, the others well under a millisecond.

    Args:
        compound: SMILES or CAS number. Of several substances with one SMILES, the one with the
            lowest CAS number.

    Raises:
        Refuse: with kind `empty`, it is not tabulated; with kind `bad_arguments`, the SMILES
            does not parse.
    """
    return _transition("boiling_point", compound)


@tool(
    seconds=0.001,
    limit_seconds=60,
    needs=("chemicals", "rdkit"),
    tags=("chemistry", "table"),
    examples=(
        Example(
            {"compound": "c1ccccc1"},
            value={"temperature": 278.6},
            tolerance=0.002,
            source="NIST Chemistry WebBook, benzene",
        ),
    ),
)
def melting_point(compound: str) -> TransitionTemperature:
    """Look up a measured melting point in the CRC Handbook.

    CRC Handbook of Chemistry and Physics, 95th edition (2014), method CRC_ORG of the library
    `chemicals`, 7,088 substances of known structure; no other
    table and no estimate is ever used in its place. Of the 2,366 substances for which the library
    also holds a value of the NIST WebBook, 2,149 agree within 5 K (median difference .25 K).

    Args:
        compound: SMILES or CAS number. Of several substances with one SMILES, the one with the
            lowest CAS number.

    Raises:
        Refuse: with kind `empty`, it is not tabulated; with kind `bad_arguments`, the SMILES
            does not parse.
    """
    return _transition("melting_point", compound)


@tool(
    seconds=0.001,
    limit_seconds=60,
    needs=("chemicals", "rdkit"),
    tags=("chemistry", "table"),
    examples=(
        Example(
            {"compound": "O"},
            value={"dipole": 1.85},
            tolerance=0.01,
            source="R. D. Nelson, D. R. Lide, A. A. Maryott, NSRDS-NBS 10 (1967)",
        ),
    ),
)
def dipole_moment(compound: str) -> DipoleMoment:
    """Look up a measured electric dipole moment.

    The experimental values of the NIST CCCBDB, doi:10.18434/T47C7Z, as the library `chemicals` holds them (392
    substances of known structure); computed ones are never used in their place. For substances
    with several conformers the value may be that of one of them, or a mean.

    Args:
        compound: SMILES or CAS number. Of several substances with one SMILES, the one with the
            lowest CAS number.

    Raises:
        Refuse: with kind `empty`, it is not tabulated; with kind `bad_arguments`, the SMILES
            does not parse.
    """
    held = table("dipole_moment")
    entry = held.find(compound)
    return DipoleMoment(
        smiles=entry.smiles,
        cas=entry.cas,
        name=entry.name,
        dipole=held.values[entry.cas],
        source=held.source,
    )


@tool(
    seconds=0.001,
    limit_seconds=60,
    needs=("chemicals", "rdkit"),
    tags=("chemistry", "table"),
    examples=(
        Example(
            {"compound": "C"},
            value={"enthalpy": -74.6},
            tolerance=0.01,
            source="NIST Chemistry WebBook, methane",
        ),
    ),
)
def formation_enthalpy(compound: str) -> FormationEnthalpy:
    """Look up a gas enthalpy of formation at 298.15 K, with its uncertainty.

    The Active Thermochemical Tables (B. Ruscic et al., J. Phys. Chem. A 108, 9979 (2004),
    doi:10.1021/jp047912y) as the library `chemicals` holds them (248 species of known
    structure): a network fitted to experiments and high-level calculations at once.

    Args:
        compound: SMILES or CAS number. Of several substances with one SMILES, the one with the
            lowest CAS number.

    Raises:
        Refuse: with kind `empty`, it is not tabulated; with kind `bad_arguments`, the SMILES
            does not parse.
    """
    held = table("formation_enthalpy")
    entry = held.find(compound)
    return FormationEnthalpy(
        smiles=entry.smiles,
        cas=entry.cas,
        name=entry.name,
        enthalpy=held.values[entry.cas],
        uncertainty=held.uncertainties[entry.cas],
        source=held.source,
    )


def _transition(of: Property, compound: str) -> TransitionTemperature:
    entry = table(of).find(compound)
    return TransitionTemperature(
        smiles=entry.smiles,
        cas=entry.cas,
        name=entry.name,
        temperature=table(of).values[entry.cas],
        method="CRC_ORG",
        source=table(of).source,
    )
