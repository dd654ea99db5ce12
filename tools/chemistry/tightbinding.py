"""Tight binding: one molecule's geometry and its GFN2-xTB single points, in vacuum or solvent."""

from typing import TYPE_CHECKING, Any

from gaseol.tools import Refuse
from gaseol.tools.chemistry.molecule import oddity, write

if TYPE_CHECKING:
    from numpy import ndarray
    from rdkit.Chem.rdchem import Mol

HARTREE = 627.5094740631
"""One hartree in kcal/mol (CODATA 2018: 4.3597447222071e-18 J, 6.02214076e23/mol, 4.184 J/cal)."""
HARTREE_EV = 27.211386245988
"""One hartree in eV (CODATA 2018)."""
BOHR = 0.529177210903
"""One bohr in angstrom (CODATA 2018)."""
DEBYE = 2.541746473
"""One atomic unit of dipole moment (e times bohr) in debye, of 3.33564e-30 C m."""
MOST_HEAVY_ATOMS = 25


def check_domain(mol: "Mol", what: str) -> None:
    """Check that a molecule is neutral, closed-shell, organic and small.

    Args:
        mol: the molecule.
        what: is computed, for the message.

    Raises:
        Refuse: it is not.
    """
    reason = oddity(mol)
    if reason is None and mol.GetNumHeavyAtoms() > MOST_HEAVY_ATOMS:
        reason = f"it has {mol.GetNumHeavyAtoms()} heavy atoms, more than {MOST_HEAVY_ATOMS}"
    if reason:
        raise Refuse(f"{what} is not valid for {write(mol)}: {reason}")


def conformer(mol: "Mol", seed: int) -> "tuple[ndarray, ndarray]":
    """Return atomic numbers and positions in angstrom of one relaxed conformer."""
    import numpy as np
    from rdkit import Chem, rdBase
    from rdkit.Chem import rdDistGeom, rdForceFieldHelpers

    full = Chem.AddHs(mol)
    settings = rdDistGeom.ETKDGv3()
    settings.randomSeed = seed
    with rdBase.BlockLogs():
        if rdDistGeom.EmbedMolecule(full, settings) != 0:
            raise Refuse(f"no conformer of {write(mol)} could be embedded")
        if not rdForceFieldHelpers.MMFFHasAllMoleculeParams(full):
            raise Refuse(f"the force field MMFF94 has no parameters for {write(mol)}")
        if rdForceFieldHelpers.MMFFOptimizeMolecule(full, maxIters=5000) != 0:
            raise Refuse(f"MMFF94 did not relax {write(mol)} in 5000 steps")
    numbers = np.array([atom.GetAtomicNum() for atom in full.GetAtoms()])
    return numbers, full.GetConformer().GetPositions()


def singlepoint(numbers: "ndarray", positions: "ndarray", solvent: str | None = None) -> Any:
    """Return tblite's result for one geometry, in atomic units; positions in angstrom.

    Args:
        numbers: atomic numbers.
        positions: one atom a row.
        solvent: a solvent of ALPB; vacuum when left out.

    Raises:
        Refuse: the equations do not converge.
    """
    from tblite.exceptions import TBLiteRuntimeError
    from tblite.interface import Calculator

    calculator: Any = Calculator("GFN2-xTB", numbers, positions / BOHR)
    calculator.set("verbosity", 0)
    if solvent:
        calculator.add("alpb-solvation", solvent)
    try:
        return calculator.singlepoint()
    except TBLiteRuntimeError as error:
        raise Refuse(f"GFN2-xTB found no solution: {error}") from error
