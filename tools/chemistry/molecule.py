"""Molecules as rdkit holds them: read from SMILES, written back canonically."""

from typing import TYPE_CHECKING, Annotated

from annotated_types import Len

from gaseol.tools import Refuse
from gaseol.traces.nouns.failure import FailureKind

if TYPE_CHECKING:
    from rdkit.Chem.rdchem import Mol

SmilesList = Annotated[list[str], Len(1, 20_000)]
"""A batch of SMILES, capped so that a call stays within its limits."""

LONGEST = 5000
"""Characters of a SMILES; no molecule that these methods are meant for comes near."""

ORGANIC = frozenset({"H", "C", "N", "O", "F", "P", "S", "Cl", "Br", "I"})
"""The elements of organic chemistry for which the methods of this pack are known to hold."""


def read(smiles: str, *, open_ends: bool = False) -> "Mol":
    """Read a SMILES.

    Args:
        smiles: one molecule, ion or salt, without a name or extension behind it.
        open_ends: accept `*`, the end where something is to be attached.

    Raises:
        Refuse: with kind `bad_arguments`, saying what is wrong with it.
    """
    from rdkit import Chem, rdBase

    with rdBase.BlockLogs():
        # rdkit takes what follows a blank for a name and parses on, and passes over what is not
        # ASCII: here these are mistakes.
        plain = smiles.isascii() and smiles.isprintable() and " " not in smiles
        mol = Chem.MolFromSmiles(smiles) if plain and len(smiles) <= LONGEST else None
        whole = mol is not None and mol.GetNumAtoms() and not _vague(mol)
        if mol is not None and whole and (open_ends or "*" not in elements(mol)):
            return mol
        raise Refuse(_complaint(smiles), kind=FailureKind.BAD_ARGUMENTS)


def read_all(batch: list[str]) -> "list[Mol]":
    """Read a batch of SMILES, all or none.

    Raises:
        Refuse: with kind `bad_arguments`, naming how many do not parse and the first of them.
    """
    mols, complaints = [], []
    for position, smiles in enumerate(batch):
        try:
            mols.append(read(smiles))
        except Refuse as refusal:
            complaints.append(f"smiles[{position}]: {refusal.reason}")
    if complaints:
        reason = f"{len(complaints)} of {len(batch)} SMILES do not parse; {complaints[0]}"
        raise Refuse(reason, kind=FailureKind.BAD_ARGUMENTS)
    return mols


def write(mol: "Mol", *, stereo: bool = True) -> str:
    """Return the canonical SMILES, with or without stereochemistry and isotopes."""
    from rdkit import Chem

    return Chem.MolToSmiles(mol, isomericSmiles=stereo)


def molar_mass(mol: "Mol") -> float:
    """Return the molar mass in g/mol, from standard atomic weights."""
    from rdkit.Chem import Descriptors

    # rdkit makes this name at import, where no checker sees it. Rounded, or the sum would depend
    # on the order of the atoms.
    return round(Descriptors.MolWt(mol), 6)  # pyright: ignore[reportAttributeAccessIssue]


def elements(mol: "Mol") -> frozenset[str]:
    """Return the symbols of the elements in a molecule, implicit hydrogen left out."""
    return frozenset(atom.GetSymbol() for atom in mol.GetAtoms())


def oddity(mol: "Mol") -> str | None:
    """Say why a molecule is not one neutral, closed-shell organic molecule; None if it is.

    Salts, ions, radicals, isotope labels, molecules without carbon and elements outside
    `ORGANIC` are odd. Zwitterions and nitro groups, whose formal charges cancel, are not.
    """
    from rdkit import Chem

    foreign = elements(mol) - ORGANIC
    if foreign:
        return f"it holds {', '.join(sorted(foreign))}; known are {', '.join(sorted(ORGANIC))}"
    if "C" not in elements(mol):
        return "it holds no carbon"
    if len(Chem.GetMolFrags(mol)) > 1:
        return "it consists of several molecules"
    if charge := Chem.GetFormalCharge(mol):
        return f"its charge is {charge:+d}"
    if any(atom.GetNumRadicalElectrons() for atom in mol.GetAtoms()):
        return "it is a radical"
    if any(atom.GetIsotope() for atom in mol.GetAtoms()):
        return "it carries an isotope label"
    return None


def _vague(mol: "Mol") -> bool:
    """Tell whether the order of a bond is left open, as by `~`."""
    return any(bond.HasQuery() for bond in mol.GetBonds())


def _complaint(smiles: str) -> str:
    from rdkit import Chem

    shown = smiles if len(smiles) <= 80 else smiles[:77] + "..."
    if not smiles.strip():
        return "an empty SMILES is no molecule"
    if len(smiles) > LONGEST:
        return f"a SMILES of {len(smiles)} characters is too long (at most {LONGEST})"
    if not (smiles.isascii() and smiles.isprintable()) or " " in smiles:
        return f"{shown!r} is not SMILES alone: it holds blanks, control or foreign characters"
    loose = Chem.MolFromSmiles(smiles, sanitize=False)
    if loose is None:
        return f"{shown!r} is not SMILES (brackets, ring closures or symbols do not fit)"
    if _vague(loose):
        return f"{shown!r} holds `~`, a bond of any order: that is a pattern, no molecule"
    if "*" in elements(loose):
        return f"{shown!r} holds `*`, which is no atom"
    problems = Chem.DetectChemistryProblems(loose)
    said = "; ".join(problem.Message() for problem in problems) or "no atoms"
    return f"{shown!r} is no possible molecule: {said}"
