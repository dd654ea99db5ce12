"""Electronic structure and solvation of a small molecule, by GFN2-xTB."""

import math
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le, Lt
from pydantic import BaseModel, ConfigDict

from gaseol.tools import Example, Unit, tool
from gaseol.tools.chemistry.depiction import Svg, depict
from gaseol.tools.chemistry.molecule import read, write
from gaseol.tools.chemistry.tightbinding import (
    DEBYE,
    HARTREE,
    HARTREE_EV,
    check_domain,
    conformer,
    singlepoint,
)

Seed = Annotated[int, Ge(0), Le(2**31 - 1)]
Solvent = Literal[
    "acetone", "acetonitrile", "benzene", "dmso", "ether", "hexane", "methanol", "octanol",
    "toluene", "water",
]  # fmt: skip

_FACTOR = math.log(10) * 0.0019872042586 * 298.15  # kcal/mol a unit of log10 K at 298.15 K


class ElectronicStructure(BaseModel):
    """What tight binding says of a molecule's charge and orbitals."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    smiles: str
    """Canonical SMILES of what was computed."""
    dipole: Annotated[float, Unit("debye"), Ge(0), Lt(30)]
    """Electric dipole moment of the conformer."""
    gap: Annotated[float, Unit("eV"), Gt(0), Lt(30)]
    """Between the highest occupied and the lowest empty orbital."""
    homo: Annotated[float, Unit("eV"), Gt(-40), Lt(10)]
    """Energy of the highest occupied orbital."""
    lumo: Annotated[float, Unit("eV"), Gt(-40), Lt(20)]
    """Energy of the lowest empty orbital."""
    conformer_seed: int
    """Seed of the conformer's embedding."""
    method: str
    """Level of theory."""
    drawing: Svg
    """The skeletal formula."""


class Partition(BaseModel):
    """How a molecule divides itself between octanol and water, computed."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    smiles: str
    """Canonical SMILES of what was computed."""
    log_p: Annotated[float, Unit("1"), Gt(-15), Lt(20)]
    """Decadic logarithm of the ratio of concentrations, octanol over water."""
    octanol: Annotated[float, Unit("kcal/mol"), Gt(-60), Lt(20)]
    """Solvation free energy in octanol, 1 mol/L gas to 1 mol/L solution."""
    water: Annotated[float, Unit("kcal/mol"), Gt(-60), Lt(20)]
    """Likewise in water."""
    conformer_seed: int
    """Seed of the conformer's embedding."""
    method: str
    """Level of theory."""


@tool(
    seconds=0.05,
    limit_seconds=60,
    tolerance=1e-3,
    needs=("rdkit", "tblite"),
    tags=("chemistry", "simulation"),
    examples=(
        Example(
            {"smiles": "CO"},
            value={"dipole": 1.70},
            tolerance=0.3,
            source="R. D. Nelson, D. R. Lide, A. A. Maryott, NSRDS-NBS 10 (1967)",
        ),
    ),
)
def electronic_structure(smiles: str, seed: Seed = 7) -> ElectronicStructure:
    """Compute dipole moment and frontier orbitals of a small neutral molecule (GFN2-xTB).

    One conformer (ETKDGv3, fixed seed; relaxed with MMFF94), one single point in vacuum.
    C. Bannwarth, S. Ehlert, S. Grimme, J. Chem. Theory Comput. 15, 1652 (2019),
    doi:10.1021/acs.jctc.8b01176.

    Accuracy, measured on all 234 such molecules of at most 12 heavy atoms without Br and I that
    `dipole_moment` tabulates: mean absolute error .34 debye, largest 1.6, Spearman .95. Bromine and
    iodine compounds come out 1.5 to 2 debye too polar.
    The gap is one of orbitals: it orders similar molecules, and is neither an excitation energy
    nor an electrochemical window. Absolute ionisation energies and reaction energies are not
    given, because this method gets them wrong. The dipole is that of one conformer; where
    conformers differ, so do dipoles.

    Valid for one neutral closed-shell molecule of H, C, N, O, F, P, S, Cl, Br, I with carbon
    and at most 25 heavy atoms.

    Args:
        smiles: the molecule.
        seed: of the conformer's embedding; another seed may find another conformer.

    Raises:
        Refuse: with kind `bad_arguments`, the SMILES does not parse; with kind `out_of_domain`,
            the method does not hold for the molecule, or finds no conformer or no convergence.
    """
    mol = read(write(read(smiles)))
    check_domain(mol, "GFN2-xTB")
    found = singlepoint(*conformer(mol, seed))
    energies, occupations = found.get("orbital-energies"), found.get("orbital-occupations")
    filled = int((occupations > 0.5).sum())
    homo, lumo = (float(energies[i]) * HARTREE_EV for i in (filled - 1, filled))
    return ElectronicStructure(
        smiles=write(mol),
        dipole=round(math.hypot(*found.get("dipole")) * DEBYE, 4),
        gap=round(lumo - homo, 4),
        homo=round(homo, 4),
        lumo=round(lumo, 4),
        conformer_seed=seed,
        method="GFN2-xTB // MMFF94, ETKDGv3",
        drawing=depict(mol),
    )


@tool(
    seconds=0.08,
    limit_seconds=60,
    tolerance=1e-3,
    needs=("rdkit", "tblite"),
    tags=("chemistry", "solvation", "simulation"),
    examples=(Example({"smiles": "CCO", "solvent": "octanol"}),),
)
def solvation_free_energy(
    smiles: str, solvent: Solvent, seed: Seed = 7
) -> Annotated[float, Unit("kcal/mol"), Gt(-60), Lt(20)]:
    """Compute the solvation free energy of a small neutral molecule (GFN2-xTB, ALPB).

    As `hydration_free_energy` for other solvents: one conformer, two single points, 1 mol/L of
    gas to 1 mol/L of solution. Only water and (through `partition_coefficient`) octanol have been
    compared with experiment here; the authors report errors of the same size for the others
    (S. Ehlert, M. Stahn, S. Spicher, S. Grimme, J. Chem. Theory Comput. 17, 4250 (2021),
    doi:10.1021/acs.jctc.1c00471). Valid for the molecules that `hydration_free_energy` takes.

    Args:
        smiles: the molecule.
        solvent: by its name.
        seed: of the conformer's embedding.

    Raises:
        Refuse: with kind `bad_arguments`, the SMILES does not parse; with kind `out_of_domain`,
            the method does not hold for the molecule, or finds no conformer or no convergence.
    """
    mol = read(write(read(smiles)))
    check_domain(mol, "GFN2-xTB solvation")
    place = conformer(mol, seed)
    gas, solvated = (singlepoint(*place, solvent=one).get("energy") for one in (None, solvent))
    return round((float(solvated) - float(gas)) * HARTREE, 4)


@tool(
    seconds=0.08,
    limit_seconds=60,
    tolerance=1e-3,
    needs=("rdkit", "tblite"),
    tags=("chemistry", "solvation", "simulation"),
    examples=(Example({"smiles": "CCO"}),),
)
def partition_coefficient(smiles: str, seed: Seed = 7) -> Partition:
    """Compute the octanol-water partition coefficient of a small neutral molecule (GFN2-xTB).

    log P = (G(water) - G(octanol)) / (R T ln 10) at 298.15 K, both by ALPB for one conformer; dry
    octanol.

    Accuracy, measured on the 27 substances of its test (experiment: C. Hansch, A. Leo, D. Hoekman,
    Exploring QSAR, American Chemical Society, 1995): mean absolute error .58, bias +.20, Spearman
    .91. Known to be wrong: alkanes come out 1.4 too low, amides 1.2 to 1.8 too high.

    Args:
        smiles: the molecule.
        seed: of the conformer's embedding.

    Raises:
        Refuse: with kind `bad_arguments`, the SMILES does not parse; with kind `out_of_domain`,
            the method does not hold for the molecule, or finds no conformer or no convergence.
    """
    mol = read(write(read(smiles)))
    check_domain(mol, "GFN2-xTB solvation")
    place = conformer(mol, seed)
    gas, octanol, water = (
        float(singlepoint(*place, solvent=one).get("energy")) for one in (None, "octanol", "water")
    )
    return Partition(
        smiles=write(mol),
        log_p=round((water - octanol) * HARTREE / _FACTOR, 4),
        octanol=round((octanol - gas) * HARTREE, 4),
        water=round((water - gas) * HARTREE, 4),
        conformer_seed=seed,
        method="GFN2-xTB + ALPB(octanol, water; gsolv) // MMFF94, ETKDGv3",
    )
