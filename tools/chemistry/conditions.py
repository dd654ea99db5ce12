"""Columns of reaction conditions: what their structures say, and what chemistry would try first."""

import math
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

from gaseol.tools.chemistry.fingerprint import describe_structures
from gaseol.tools.space import Cell, Describer, SpaceError
from gaseol.tools.table_space import Column

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

ROOM = 298.15
"""K, at which permittivities are compared."""

_FASTER = ("temp", "conc")
"""Numbers of these names make a reaction faster (Arrhenius; the law of mass action), which is not
to say that its yield is higher: side reactions go faster, too."""


def reaction_column(
    name: str, cells: Sequence[Cell], *, salts: bool = False, informed: bool = True
) -> Column:
    """Return a column of conditions: structures described, numbers with their range.

    Args:
        name: of the column.
        cells: SMILES, other labels, or numbers.
        salts: whether some reagent is a salt, which a solvent of high permittivity dissolves.
        informed: presume what is generally true before anything is measured: heat and
            concentration make a reaction faster, a salt wants a polar solvent.

    Raises:
        SpaceError: a cell is missing.
    """
    column = Column.of(name, cells)
    if not column.labels:
        faster = informed and any(word in name.lower() for word in _FASTER)
        return Column.of(name, cells, prefers="high" if faster else "")
    try:
        vectors = describe_structures(column.labels)
    except SpaceError:
        return column  # names, not structures: only their identity is known
    merits: tuple[float, ...] = ()
    polarity = [permittivity(label) for label in column.labels]
    known = [value for value in polarity if value is not None]
    if informed and salts and len(known) == len(polarity) and max(known) > min(known):
        low, high = math.log(min(known)), math.log(max(known))
        merits = tuple((math.log(value) - low) / (high - low) for value in known)
    return Column.of(name, cells, vectors=vectors, merits=merits)


@cache
def permittivity(smiles: str) -> float | None:
    """Return the relative permittivity of a liquid near room temperature; None if not tabulated.

    CRC Handbook of Chemistry and Physics, as the package `chemicals` holds it.
    """
    from chemicals import permittivity as handbook
    from chemicals.identifiers import search_chemical
    from rdkit import Chem, rdBase

    with rdBase.BlockLogs():
        mol = Chem.MolFromSmiles(smiles)
        if mol is None or "." in smiles:
            return None
        key = Chem.MolToInchiKey(mol)
    try:
        number = search_chemical(f"InChIKey={key}").CASs
    except ValueError:
        return None  # the package knows no such compound
    table = handbook.permittivity_data_CRC  # pyright: ignore[reportAttributeAccessIssue]
    if number not in table.index:
        return None
    row = table.loc[number]
    fits = row["Tmin"] <= ROOM <= row["Tmax"]
    terms = [float(row[name]) for name in "ABCD"]
    value = sum(term * ROOM**power for power, term in enumerate(terms) if math.isfinite(term))
    constant = float(row["Permittivity"])
    found = value if fits and math.isfinite(terms[0]) else constant
    return found if math.isfinite(found) and found > 0 else None


def _described(labels: Sequence[str]) -> "NDArray[np.float64]":
    return describe_structures(labels)


structures = Describer(
    "structures", "how alike SMILES are, by the descriptors of rdkit", _described
)
