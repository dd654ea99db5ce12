"""Cathodes: layered hosts by their elements, and the voltage at which they take up an ion."""

import itertools
from typing import Annotated, Literal

from annotated_types import Gt, Len
from pydantic import BaseModel, ConfigDict

from gaseol.tools import Example, Refuse, Unit, tool
from gaseol.tools.materials.crystal import Crystal
from gaseol.tools.materials.prototypes import prototype_structure
from gaseol.tools.potentials.relaxation import InsertionVoltage, insertion_voltage
from gaseol.traces.nouns.failure import FailureKind

Alkali = Literal["Li", "Na", "K"]
Metal = Literal["Sc", "Ti", "V", "Cr", "Mn", "Fe", "Co", "Ni", "Zr", "Nb", "Mo", "Ru", "Rh"]
Chalcogen = Literal["O", "S", "Se"]

# To begin with, in angstrom: the edge by the anion, the height of one layer by ion and anion, as of
# known compounds (R. W. G. Wyckoff, Crystal Structures; LiCoO2 4.68, NaFeO2 5.36, LiTiS2 6.20).
_EDGE = {"O": 2.88, "S": 3.42, "Se": 3.62}
_LAYER = {"O": 4.70, "S": 6.20, "Se": 6.55}
_WIDER = {"Li": 0.0, "Na": 0.60, "K": 1.35}
FORCES = 0.1
"""Largest force in eV/angstrom at which relaxations of layered cathodes end: against 0.05 it moves a
voltage by about a hundredth of a volt."""


class Cathode(BaseModel):
    """A layered host and what is known of its elements, before any energy is computed."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", use_attribute_docstrings=True, defer_build=True
    )

    cathode: str
    """Formula, such as LiCoO2."""
    ion: Alkali
    metal: Metal
    anion: Chalcogen
    ion_radius: Annotated[float, Unit("angstrom"), Gt(0)]
    """Shannon's, six neighbours."""
    anion_radius: Annotated[float, Unit("angstrom"), Gt(0)]
    """Shannon's, six neighbours."""
    anion_electronegativity: Annotated[float, Unit("1"), Gt(0)]
    """Pauling's."""
    metal_number: int
    """Atomic number of the metal."""
    molar_mass: Annotated[float, Unit("g/mol"), Gt(0)]


# Shannon (1976), coordination number six, in angstrom.
_IONS = {"Li": 0.76, "Na": 1.02, "K": 1.38}
_ANIONS = {"O": 1.40, "S": 1.84, "Se": 1.98}


@tool(
    seconds=0.1,
    limit_seconds=60,
    needs=("pymatgen",),
    tags=("materials", "population"),
    examples=(Example({"ions": ["Li"], "metals": ["Co"], "anions": ["O"]}),),
)
def layered_cathodes(
    ions: Annotated[list[Alkali], Len(1, 3)],
    metals: Annotated[list[Metal], Len(1, 13)],
    anions: Annotated[list[Chalcogen], Len(1, 3)],
) -> list[Cathode]:
    """List layered compounds A M X2 by their elements, without their voltages.

    Not all of them have been made, and some that have been made have another structure.

    Args:
        ions: alkali metals A.
        metals: transition metals M.
        anions: chalcogens X.

    Raises:
        Refuse: with kind `bad_arguments`, an element comes twice in its list.
    """
    from pymatgen.core import Composition, Element

    chosen = list(itertools.product(ions, metals, anions))
    if len(set(chosen)) < len(chosen):
        raise Refuse("an element comes twice in its list", kind=FailureKind.BAD_ARGUMENTS)
    return [
        Cathode(
            cathode=f"{ion}{metal}{anion}2",
            ion=ion,
            metal=metal,
            anion=anion,
            ion_radius=_IONS[ion],
            anion_radius=_ANIONS[anion],
            anion_electronegativity=float(Element(anion).X),
            metal_number=int(Element(metal).Z),
            molar_mass=round(float(Composition(f"{ion}{metal}{anion}2").weight), 4),
        )
        for ion, metal, anion in chosen
    ]


@tool(
    seconds=5.0,
    limit_seconds=600,
    memory_mb=6144,
    tolerance=1e-2,
    needs=("chgnet",),
    tags=("materials", "potential", "electrochemistry", "simulation"),
    examples=(
        Example(
            {"ion": "Li", "metal": "Co", "anion": "O"},
            value={"voltage": 3.9},
            tolerance=0.2,
            source="K. Mizushima et al., Mater. Res. Bull. 15, 783 (1980)",
        ),
    ),
)
def layered_voltage(ion: Alkali, metal: Metal, anion: Chalcogen) -> InsertionVoltage:
    """Compute the average voltage of a layered cathode A M X2 with CHGNet.

    The structure of alpha-NaFeO2 (O3), one formula unit in the primitive cell, with and without the
    ion, by `insertion_voltage` (Aydinol et al. 1997), whose accuracy and bias hold here too. Jahn-Teller distortions,
    magnetic order beyond what the network infers and stacking changes on removal are left out;
    hypothetical compounds are computed like real ones.

    Args:
        ion: alkali metal A.
        metal: transition metal M.
        anion: chalcogen X.

    Raises:
        Refuse: as `insertion_voltage`.
    """
    return insertion_voltage(layered_host(ion, metal, anion), ion, FORCES)


def layered_host(ion: str, metal: str, anion: str) -> Crystal:
    """Return the primitive cell of a layered compound, a reasonable start for a relaxation."""
    edge, height = _EDGE[anion], 3 * (_LAYER[anion] + _WIDER[ion])
    conventional = prototype_structure(
        "layered oxide", (ion, metal, anion), edge, ratio=height / edge
    ).to_pymatgen()
    return Crystal.from_pymatgen(conventional.get_primitive_structure())
