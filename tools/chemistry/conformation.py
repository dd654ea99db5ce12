"""Conformers: the shapes that one molecule takes, and what they cost in energy."""

from typing import Annotated

from annotated_types import Ge, Gt, Le
from pydantic import BaseModel, ConfigDict

from gaseol.tools import Example, Refuse, Unit, tool
from gaseol.tools.chemistry.molecule import read, write

MOST_ATOMS = 150
"""Hydrogen included."""

Length = Annotated[float, Unit("angstrom")]


class Conformer(BaseModel):
    """One shape of a molecule."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    energy: Annotated[float, Unit("kcal/mol"), Ge(0)]
    """Above the lowest conformer found."""
    elements: tuple[str, ...]
    """Chemical symbols, hydrogen included."""
    positions: tuple[tuple[Length, Length, Length], ...]
    """One atom a row."""


@tool(
    seconds=1.0,
    limit_seconds=120,
    tolerance=1e-3,
    needs=("rdkit",),
    tags=("chemistry", "structure", "simulation"),
    examples=(Example({"smiles": "CCCC", "attempts": 10}),),
)
def conformers(
    smiles: str,
    attempts: Annotated[int, Ge(1), Le(200)] = 30,
    seed: Annotated[int, Ge(0), Le(2**31 - 1)] = 7,
    distinct: Annotated[float, Unit("angstrom"), Gt(0), Le(5)] = 0.5,
    window: Annotated[float, Unit("kcal/mol"), Gt(0), Le(100)] = 10.0,
) -> list[Conformer]:
    """Find conformers of a molecule in vacuum and their MMFF94 energies, the lowest first.

    Random embeddings (ETKDGv3: S. Wang, J. Witek, G. A. Landrum, S. Riniker, J. Chem. Inf. Model.
    60, 2044 (2020), doi:10.1021/acs.jcim.0c00025), each relaxed with MMFF94 (T. A. Halgren,
    J. Comput. Chem. 17, 490 (1996)), which rdkit implements. The search is no proof: a flexible
    molecule has lower conformers that few attempts miss. Energies are of a force field without
    solvent; those of molecules with an internal hydrogen bond come out too low.

    Valid for one connected molecule of at most 150 atoms for which MMFF94 has parameters.

    Args:
        smiles: the molecule.
        attempts: embeddings to begin with.
        seed: of the embeddings.
        distinct: two conformers whose heavy atoms differ by less than this (root mean square,
            superposed, symmetry regarded) count as one.
        window: leave out what lies higher above the lowest.

    Raises:
        Refuse: with kind `bad_arguments`, the SMILES does not parse; with kind `out_of_domain`,
            it is several molecules, too large, or the force field knows it not; or nothing
            could be embedded.
    """
    from rdkit import Chem, rdBase
    from rdkit.Chem import rdDistGeom, rdForceFieldHelpers

    mol = Chem.AddHs(read(write(read(smiles))))
    if len(Chem.GetMolFrags(mol)) > 1:
        raise Refuse("conformers are of one molecule, not of several")
    if mol.GetNumAtoms() > MOST_ATOMS:
        raise Refuse(f"{mol.GetNumAtoms()} atoms; at most {MOST_ATOMS} are embedded")
    settings = rdDistGeom.ETKDGv3()
    settings.randomSeed = seed
    with rdBase.BlockLogs():
        if not rdForceFieldHelpers.MMFFHasAllMoleculeParams(mol):
            raise Refuse(f"the force field MMFF94 has no parameters for {smiles}")
        if not rdDistGeom.EmbedMultipleConfs(mol, attempts, settings):
            raise Refuse(f"no conformer of {smiles} could be embedded")
        relaxed = rdForceFieldHelpers.MMFFOptimizeMoleculeConfs(mol, maxIters=5000)
    energies = {
        shape.GetId(): energy
        for shape, (unfinished, energy) in zip(mol.GetConformers(), relaxed, strict=True)
        if not unfinished
    }
    if not energies:
        raise Refuse(f"MMFF94 relaxed no conformer of {smiles} in 5000 steps")
    lowest = min(energies.values())
    symbols = tuple(atom.GetSymbol() for atom in mol.GetAtoms())
    return [
        Conformer(
            energy=round(energies[shape] - lowest, 4),
            elements=symbols,
            positions=tuple(
                (round(x, 4), round(y, 4), round(z, 4))
                for x, y, z in mol.GetConformer(shape).GetPositions().tolist()
            ),
        )
        for shape in _distinct(mol, energies, distinct)
        if energies[shape] - lowest <= window
    ]


def _distinct(mol: "object", energies: dict[int, float], distance: float) -> list[int]:
    """Return the conformers that differ from every lower one, lowest first."""
    from rdkit import Chem
    from rdkit.Chem import rdMolAlign

    heavy = Chem.RemoveHs(mol)
    kept: list[int] = []
    for shape in sorted(energies, key=lambda one: (energies[one], one)):
        apart = (
            rdMolAlign.GetBestRMS(heavy, heavy, prbId=shape, refId=other, maxMatches=1000)
            for other in kept
        )
        if all(found >= distance for found in apart):
            kept.append(shape)
    return kept
