"""Descriptors: numbers that follow from the structural formula alone."""

from collections import Counter
from typing import TYPE_CHECKING, Annotated

from annotated_types import Ge, Gt
from pydantic import BaseModel, ConfigDict

from gaseol.tools import Example, Unit, tool
from gaseol.tools.chemistry.molecule import SmilesList, molar_mass, read_all

if TYPE_CHECKING:
    from rdkit.Chem.rdchem import Atom, Mol

Count = Annotated[int, Ge(0)]


class Features(BaseModel):
    """The descriptors of one molecule. Hydrogen is counted only where a field says so."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    smiles: str
    """As it was given."""
    formula: str
    """Sum formula in Hill order."""
    molar_mass: Annotated[float, Unit("g/mol"), Gt(0)]
    """From standard atomic weights."""
    charge: int
    """Total formal charge."""
    fragments: Annotated[int, Ge(1)]
    """Number of molecules or ions that the SMILES names."""
    heavy_atoms: Count
    """Atoms other than hydrogen."""
    carbon: Count
    """Carbon atoms."""
    nitrogen: Count
    """Nitrogen atoms."""
    oxygen: Count
    """Oxygen atoms."""
    sulfur: Count
    """Sulfur atoms."""
    phosphorus: Count
    """Phosphorus atoms."""
    fluorine: Count
    """Fluorine atoms."""
    chlorine: Count
    """Chlorine atoms."""
    bromine: Count
    """Bromine atoms."""
    iodine: Count
    """Iodine atoms."""
    halogens: Count
    """F + Cl + Br + I."""
    heavy_halogens: Count
    """Cl + Br + I."""
    heteroatoms: Count
    """Heavy atoms other than carbon."""
    oxygen_nitrogen_sulfur: Count
    """O + N + S."""
    rings: Count
    """Smallest set of smallest rings."""
    aromatic_rings: Count
    """Rings of aromatic bonds only."""
    acyclic: bool
    """No ring."""
    donors: Count
    """Hydrogen-bond donors: N, O or S atoms that carry hydrogen (rdkit CalcNumHBD)."""
    acceptors: Count
    """Hydrogen-bond acceptors (rdkit CalcNumHBA; amide N and aromatic O, S excluded)."""
    nh: Count
    """Hydrogen atoms on nitrogen."""
    oh: Count
    """Hydrogen atoms on oxygen."""
    primary_nitrogens: Count
    """Nitrogen atoms with two hydrogens."""
    secondary_nitrogens: Count
    """Nitrogen atoms with one hydrogen."""
    tpsa: Annotated[float, Unit("angstrom**2"), Ge(0)]
    """Topological polar surface area of N and O (Ertl et al. 2000)."""
    logp: Annotated[float, Unit("1")]
    """Octanol-water log P by atom contributions (Wildman and Crippen 1999)."""
    rotatable_bonds: Count
    """Strict definition: amides and the like do not count."""
    branching: Count
    """Branches of the chain: the sum over heavy atoms outside rings of max(0, bonds to heavy
    atoms - 2). 0 for n-butane, 1 for isobutane, 2 for neopentane."""


@tool(
    seconds=1.0,
    limit_seconds=300,
    needs=("rdkit",),
    tags=("chemistry", "features"),
    examples=(Example({"smiles": ["CCO"]}),),
)
def molecule_features(smiles: SmilesList) -> list[Features]:
    """Compute the descriptors of molecules, one answer for each in the given order.

    About 1 ms a molecule. Sources: polar surface P. Ertl, B. Rohde, P. Selzer, J. Med. Chem. 43,
    3714 (2000), doi:10.1021/jm000942e; log P S. A. Wildman, G. M. Crippen, J. Chem. Inf. Comput.
    Sci. 39, 868 (1999), doi:10.1021/ci990307l; all as implemented in rdkit.

    Args:
        smiles: the molecules.

    Raises:
        Refuse: with kind `bad_arguments`, a SMILES does not parse; the answer is all or nothing.
    """
    return [_features(text, mol) for text, mol in zip(smiles, read_all(smiles), strict=True)]


def _features(smiles: str, mol: "Mol") -> Features:
    from rdkit import Chem
    from rdkit.Chem import Crippen, rdMolDescriptors

    atoms = list(mol.GetAtoms())
    count = Counter(atom.GetSymbol() for atom in atoms)
    heavy = sum(number for symbol, number in count.items() if symbol != "H")
    hydrogens = {
        symbol: [atom.GetTotalNumHs(True) for atom in atoms if atom.GetSymbol() == symbol]
        for symbol in ("N", "O")
    }
    heavy_halogens = count["Cl"] + count["Br"] + count["I"]
    rings = rdMolDescriptors.CalcNumRings(mol)
    return Features(
        smiles=smiles,
        formula=rdMolDescriptors.CalcMolFormula(mol),
        molar_mass=molar_mass(mol),
        charge=Chem.GetFormalCharge(mol),
        fragments=len(Chem.GetMolFrags(mol)),
        heavy_atoms=heavy,
        carbon=count["C"],
        nitrogen=count["N"],
        oxygen=count["O"],
        sulfur=count["S"],
        phosphorus=count["P"],
        fluorine=count["F"],
        chlorine=count["Cl"],
        bromine=count["Br"],
        iodine=count["I"],
        halogens=count["F"] + heavy_halogens,
        heavy_halogens=heavy_halogens,
        heteroatoms=heavy - count["C"],
        oxygen_nitrogen_sulfur=count["O"] + count["N"] + count["S"],
        rings=rings,
        aromatic_rings=rdMolDescriptors.CalcNumAromaticRings(mol),
        acyclic=rings == 0,
        donors=rdMolDescriptors.CalcNumHBD(mol),
        acceptors=rdMolDescriptors.CalcNumHBA(mol),
        nh=sum(hydrogens["N"]),
        oh=sum(hydrogens["O"]),
        primary_nitrogens=hydrogens["N"].count(2),
        secondary_nitrogens=hydrogens["N"].count(1),
        # Sums of tabulated decimals, rounded so that equal molecules are equal to the last bit.
        tpsa=round(rdMolDescriptors.CalcTPSA(mol), 6),
        logp=round(Crippen.MolLogP(mol), 6),  # pyright: ignore[reportAttributeAccessIssue]
        rotatable_bonds=rdMolDescriptors.CalcNumRotatableBonds(mol),
        branching=sum(_branches(atom) for atom in atoms if not atom.IsInRing()),
    )


def _branches(atom: "Atom") -> int:
    bonds = sum(neighbour.GetAtomicNum() > 1 for neighbour in atom.GetNeighbors())
    return max(0, bonds - 2) if atom.GetAtomicNum() > 1 else 0
