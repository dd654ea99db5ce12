"""Identity: one name for a molecule, however it is written and whatever salt it comes as."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from gaseol.tools import Example, Refuse, Unit, tool
from gaseol.tools.chemistry.molecule import molar_mass, read, write


class Identity(BaseModel):
    """What a structure is, and the neutral parent that its chemistry is usually told about."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    smiles: str
    """Canonical SMILES (rdkit), stereochemistry kept."""
    inchi_key: Annotated[str, Field(pattern=r"^[A-Z]{14}-[A-Z]{10}-[A-Z]$")]
    """Standard InChIKey."""
    formula: str
    """Sum formula in Hill order, with the charge."""
    molar_mass: Annotated[float, Unit("g/mol"), Field(gt=0)]
    """From standard atomic weights."""
    charge: Annotated[int, Unit("e")]
    """Total formal charge."""
    fragments: Annotated[int, Field(ge=1)]
    """Number of molecules or ions that the SMILES names."""
    parent: str
    """Canonical SMILES of the largest organic fragment, functional groups in standard form,
    charges neutralised where protons allow."""
    parent_inchi_key: str
    """Standard InChIKey of the parent."""
    is_parent: bool
    """Whether the structure already is its own parent."""


@tool(
    seconds=0.005,
    needs=("rdkit",),
    tags=("chemistry", "structure"),
    examples=(
        Example(
            {"smiles": "CC(=O)[O-].[Na+]"},
            value={"parent": "CC(=O)O"},
            source="acetic acid is the parent of its sodium salt",
        ),
    ),
)
def molecule_identity(smiles: str) -> Identity:
    """Identify a molecule and its neutral, salt-free parent.

    The parent comes from rdkit's MolStandardize: clean-up (metals disconnected, groups
    normalised, acids re-ionised in order of strength), largest fragment with preference for
    organic ones, then proton-wise neutralisation. A permanent charge, as of a quaternary
    ammonium, stays. InChI: S. R. Heller et al., J. Cheminform. 7, 23 (2015),
    doi:10.1186/s13321-015-0068-4. Tautomers are not merged: the InChIKey is where two of them may agree.

    Args:
        smiles: the molecule, ion or salt.

    Raises:
        Refuse: with kind `bad_arguments`, the SMILES does not parse; with kind `out_of_domain`, the
            molecule is too large for InChI.
    """
    from rdkit import Chem, rdBase
    from rdkit.Chem.MolStandardize import rdMolStandardize
    from rdkit.Chem.rdMolDescriptors import CalcMolFormula

    mol = read(smiles)
    with rdBase.BlockLogs():
        largest = rdMolStandardize.LargestFragmentChooser(preferOrganic=True).choose(
            rdMolStandardize.Cleanup(mol)
        )
        parent = rdMolStandardize.Uncharger().uncharge(largest)
        keys = [Chem.MolToInchiKey(one) for one in (mol, parent)]
    if not all(keys):
        raise Refuse(f"InChI has no key for a molecule of {mol.GetNumAtoms()} heavy atoms as this")
    return Identity(
        smiles=write(mol),
        inchi_key=keys[0],
        formula=CalcMolFormula(mol),
        molar_mass=molar_mass(mol),
        charge=Chem.GetFormalCharge(mol),
        fragments=len(Chem.GetMolFrags(mol)),
        parent=write(parent),
        parent_inchi_key=keys[1],
        is_parent=write(mol) == write(parent),
    )
