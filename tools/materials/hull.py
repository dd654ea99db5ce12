"""The convex hull of formation energies: which phases are stable, and what the others fall into.

S. P. Ong, L. Wang, B. Kang and G. Ceder, Chem. Mater. 20 (2008) 1798, doi:10.1021/cm702327g.
"""

from typing import Annotated

from annotated_types import Ge, Gt, Le, Len, MaxLen
from pydantic import BaseModel, ConfigDict

from gaseol.tools import Example, Refuse, Retry, Unit, tool
from gaseol.traces.nouns.failure import FailureKind

MAX_ELEMENTS = 8
"""The hull's cost grows with the number of entries to the power of half the number of elements."""

EnergyPerAtom = Annotated[float, Unit("eV"), Ge(-1000), Le(1000)]


class Entry(BaseModel):
    """A phase and its energy; all entries of a hull must share one zero of energy."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", use_attribute_docstrings=True, defer_build=True
    )

    composition: Annotated[str, MaxLen(200)]
    """A formula, such as Fe2O3."""
    energy: EnergyPerAtom
    """Per atom."""


class Share(BaseModel):
    """A stable phase, and its share of the atoms."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", use_attribute_docstrings=True, defer_build=True
    )

    composition: str
    share: Annotated[float, Unit("1"), Gt(0), Le(1.000001)]


class Stability(BaseModel):
    """Where an entry lies against the hull of all of them."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", use_attribute_docstrings=True, defer_build=True
    )

    composition: str
    """Reduced formula."""
    formation_energy: Annotated[float, Unit("eV")]
    """Per atom, from the elements' most stable entries."""
    above_hull: Annotated[float, Unit("eV"), Ge(0)]
    """Per atom; 0 for a stable phase."""
    decomposition: tuple[Share, ...]
    """The stable phases that it falls into; itself if it is stable."""


@tool(
    seconds=0.1,
    limit_seconds=60,
    needs=("pymatgen",),
    tags=("materials", "thermodynamics"),
    examples=(
        Example(
            {
                "entries": [
                    {"composition": "Na", "energy": 0},
                    {"composition": "Cl2", "energy": 0},
                    {"composition": "NaCl", "energy": -2.13},
                ]
            }
        ),
    ),
)
def hull(entries: Annotated[tuple[Entry, ...], Len(1, 2_000)]) -> list[Stability]:
    """Return for every entry its formation energy, energy above the hull and decomposition.

    S. P. Ong, L. Wang, B. Kang, G. Ceder, Chem. Mater. 20, 1798 (2008), doi:10.1021/cm702327g. As
    good as the energies given, which must come from one method: a phase that is not among them
    cannot compete.

    Args:
        entries: phases and energies, each element among them at least once.
    """
    from pymatgen.analysis.phase_diagram import PDEntry, PhaseDiagram
    from pymatgen.core import Composition

    compositions = []
    for entry in entries:
        try:
            composition = Composition(entry.composition, strict=True)
        except (ValueError, KeyError) as error:
            raise Retry(f"not a formula: {entry.composition!r}") from error
        if not 0 < composition.num_atoms <= 10_000:
            raise Retry(f"not a formula of 1 to 10000 atoms: {entry.composition!r}")
        compositions.append(composition)
    elements = sorted({element.symbol for held in compositions for element in held})
    if len(elements) > MAX_ELEMENTS:
        raise Refuse(f"{len(elements)} elements; hulls of at most {MAX_ELEMENTS} are computed")
    alone = {held.elements[0].symbol for held in compositions if len(held) == 1}
    missing = [element for element in elements if element not in alone]
    if missing:
        raise Retry(f"give the energy of the pure element too: {', '.join(missing)}")
    phases = [
        PDEntry(composition, entry.energy * composition.num_atoms)
        for composition, entry in zip(compositions, entries, strict=True)
    ]
    diagram = PhaseDiagram(phases)
    stabilities = []
    for phase in phases:
        shares, above = diagram.get_decomp_and_e_above_hull(phase, allow_negative=True)
        if shares is None or above is None:
            reason = f"no decomposition was found for {phase.composition.reduced_formula}"
            raise Refuse(reason, kind=FailureKind.EMPTY)
        stabilities.append(
            Stability(
                composition=phase.composition.reduced_formula,
                formation_energy=float(diagram.get_form_energy_per_atom(phase)),
                above_hull=max(0.0, float(above)),  # rounding leaves about -1e-15 on the hull
                decomposition=tuple(
                    sorted(
                        (
                            Share(
                                composition=stable.composition.reduced_formula, share=float(share)
                            )
                            for stable, share in shares.items()
                            if share > 1e-9
                        ),
                        key=lambda part: part.composition,
                    )
                ),
            )
        )
    return stabilities
