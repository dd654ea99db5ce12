"""Properties: normal boiling and melting points, as measured."""

from typing import Annotated

from annotated_types import Gt, Lt
from pydantic import BaseModel, ConfigDict

from gaseol.tools import Unit, tool
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


@tool(seconds=0.001, limit_seconds=60, needs=("chemicals", "rdkit"), tags=("chemistry", "table"))
def boiling_point(compound: str) -> TransitionTemperature:
    """Look up a measured normal boiling point in the CRC Handbook.

    Method CRC_ORG of the library `chemicals`, 4,763 substances of known structure; no other
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


@tool(seconds=0.001, limit_seconds=60, needs=("chemicals", "rdkit"), tags=("chemistry", "table"))
def melting_point(compound: str) -> TransitionTemperature:
    """Look up a measured melting point in the CRC Handbook.

    Method CRC_ORG of the library `chemicals`, 7,088 substances of known structure; no other
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
