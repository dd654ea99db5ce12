"""Folding: the secondary structure of an RNA; `pip install 'gaseol[rna]'`.

ViennaRNA's licence is free for research and not an open-source one: hence an extra of its own.
"""

import re
from importlib import import_module
from typing import Annotated, Any

from annotated_types import Ge, Le, MaxLen, MinLen
from pydantic import BaseModel, ConfigDict

from gaseol.tools import Example, Refuse, Unit, tool
from gaseol.traces.nouns.failure import FailureKind


class Fold(BaseModel):
    """The most stable secondary structure of an RNA."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    structure: str
    """Dot-bracket notation: a bracket for each paired base."""
    energy: Annotated[float, Unit("kcal/mol"), Ge(-2000), Le(0.01)]
    """Free energy of that structure against the open chain."""
    ensemble_energy: Annotated[float, Unit("kcal/mol"), Ge(-2000), Le(0.01)]
    """Free energy of all structures together."""
    frequency: Annotated[float, Unit("1"), Ge(0), Le(1.001)]
    """Share of molecules in that structure."""
    paired: Annotated[float, Unit("1"), Ge(0), Le(1)]
    """Share of bases in pairs."""


@tool(
    seconds=0.05,
    limit_seconds=60,
    needs=("ViennaRNA",),
    tags=("bio", "sequence", "simulation"),
    examples=(
        Example(
            {"sequence": "GGGGAAAACCCC"},
            value={"structure": "((((....))))"},
            source="D. H. Mathews et al., Proc. Natl. Acad. Sci. USA 101, 7287 (2004)",
        ),
    ),
)
def fold_rna(
    sequence: Annotated[str, MinLen(4), MaxLen(2000)],
    temperature: Annotated[float, Unit("degC"), Ge(0), Le(90)] = 37.0,
) -> Fold:
    """Find the secondary structure of least free energy of an RNA (ViennaRNA).

    Nearest-neighbour parameters of D. H. Mathews et al., Proc. Natl. Acad. Sci. USA 101, 7287
    (2004), doi:10.1073/pnas.0401799101, 1 mol/L NaCl; R. Lorenz et al., Algorithms Mol. Biol. 6, 26
    (2011), doi:10.1186/1748-7188-6-26. Some 70% of the pairs of short structural RNAs are right, fewer
    beyond 500 bases; pseudoknots, tertiary contacts, modified bases and proteins are left out.

    Args:
        sequence: of A, C, G and U (T is read as U), 5' to 3'; blanks are dropped.
        temperature: of the solution.

    Raises:
        Refuse: with kind `bad_arguments`, another letter is in it.
    """
    RNA: Any = import_module("RNA")  # noqa: N806 (the library's own name)
    text = re.sub(r"\s+", "", sequence).upper().replace("T", "U")
    foreign = sorted(set(text) - set("ACGU"))
    if foreign or len(text) < 4:
        reason = f"the RNA holds {', '.join(map(repr, foreign[:5])) or 'fewer than four bases'}"
        raise Refuse(reason, kind=FailureKind.BAD_ARGUMENTS)
    settings = RNA.md()
    settings.temperature = temperature
    compound = RNA.fold_compound(text, settings)
    structure, energy = compound.mfe()
    compound.exp_params_rescale(energy)
    _, ensemble = compound.pf()
    return Fold(
        structure=structure,
        energy=round(float(energy), 4),
        ensemble_energy=round(float(ensemble), 4),
        frequency=round(float(compound.pr_structure(structure)), 6),
        paired=round(1 - structure.count(".") / len(structure), 6),
    )
