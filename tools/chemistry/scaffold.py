"""Scaffolds and fragments: what remains of a molecule when it is cut where chemists cut."""

from typing import Annotated

from annotated_types import Ge
from pydantic import BaseModel, ConfigDict

from gaseol.tools import Example, Refuse, tool
from gaseol.tools.chemistry.molecule import SmilesList, read, read_all, write

MOST_HEAVY_ATOMS = 300
"""Of a molecule to cut into fragments."""


class Scaffold(BaseModel):
    """The rings of a molecule and what joins them."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    smiles: str
    """As it was given."""
    scaffold: str | None
    """Ring systems and linkers, with atoms doubly bonded to them; null without a ring."""
    framework: str | None
    """The scaffold's graph alone: every atom carbon, every bond single; null without a ring."""


class Fragment(BaseModel):
    """A piece of a molecule and how often it comes."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    fragment: str
    """Canonical SMILES; `[n*]` marks a cut, n the kind of bond in BRICS."""
    count: Annotated[int, Ge(1)]


@tool(
    seconds=1.0,
    limit_seconds=300,
    needs=("rdkit",),
    tags=("chemistry", "structure", "features"),
    examples=(Example({"smiles": ["CC(=O)Nc1ccc(O)cc1"]}),),
)
def scaffolds(smiles: SmilesList) -> list[Scaffold]:
    """Return the scaffold of each molecule, one answer for each in the given order.

    G. W. Bemis, M. A. Murcko, J. Med. Chem. 39, 2887 (1996), doi:10.1021/jm9602928, in rdkit's
    reading: atoms doubly bonded to the scaffold stay on it (in the paper they do not), and so
    `O=C1CCCCC1` is its own scaffold. In the framework they become single bonds to carbon.
    Stereochemistry is dropped.

    Args:
        smiles: the molecules.

    Raises:
        Refuse: with kind `bad_arguments`, a SMILES does not parse; the answer is all or nothing.
    """
    from rdkit.Chem.Scaffolds import MurckoScaffold

    found = []
    for text, mol in zip(smiles, read_all(smiles), strict=True):
        core = MurckoScaffold.GetScaffoldForMol(mol)
        if not core.GetNumAtoms():
            found.append(Scaffold(smiles=text, scaffold=None, framework=None))
            continue
        graph = MurckoScaffold.MakeScaffoldGeneric(core)
        named = (write(one, stereo=False) for one in (core, graph))
        found.append(Scaffold(smiles=text, scaffold=next(named), framework=next(named)))
    return found


@tool(
    seconds=0.01,
    limit_seconds=60,
    needs=("rdkit",),
    tags=("chemistry", "structure"),
    examples=(Example({"smiles": "CC(=O)Nc1ccc(O)cc1"}),),
)
def fragments(smiles: str) -> list[Fragment]:
    """Cut a molecule at every bond that synthesis could make, and count the pieces.

    The 16 kinds of bond of BRICS, all cut at once: J. Degen, C. Wegscheid-Gerlach, A. Zaliani,
    M. Rarey, ChemMedChem 3, 1503 (2008), doi:10.1002/cmdc.200800178, as implemented in rdkit. A
    molecule without such a bond is one piece. That a bond fits a rule does not say that a
    reaction works.

    Valid for at most 300 heavy atoms.

    Args:
        smiles: the molecule.

    Raises:
        Refuse: with kind `bad_arguments`, the SMILES does not parse; with kind `out_of_domain`,
            the molecule is too large.
    """
    from collections import Counter

    from rdkit import Chem
    from rdkit.Chem import BRICS

    mol = read(smiles)
    if mol.GetNumHeavyAtoms() > MOST_HEAVY_ATOMS:
        raise Refuse(f"{mol.GetNumHeavyAtoms()} heavy atoms; at most {MOST_HEAVY_ATOMS} are cut")
    pieces = Chem.GetMolFrags(BRICS.BreakBRICSBonds(mol), asMols=True)
    counts = Counter(write(piece) for piece in pieces)
    return [Fragment(fragment=piece, count=number) for piece, number in sorted(counts.items())]
