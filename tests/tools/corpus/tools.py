"""Two readers of formats that the corpus attacks, as an outsider would write them."""

from typing import Annotated

from annotated_types import Len, MaxLen

from gaseol.tools import Refuse, tool
from gaseol.traces.nouns.failure import FailureKind


@tool(seconds=0.05, limit_seconds=5, memory_mb=512, needs=("rdkit",), tags=("test",))
def pattern_matches(
    pattern: Annotated[str, Len(1, 5000)], smiles: Annotated[str, Len(1, 500)]
) -> int:
    """Count how often a pattern is found in a molecule, up to 1000 times.

    Args:
        pattern: SMARTS.
        smiles: the molecule.
    """
    from rdkit import Chem, rdBase

    with rdBase.BlockLogs():
        molecule, wanted = Chem.MolFromSmiles(smiles), None
        if pattern.isprintable() and " " not in pattern:
            wanted = Chem.MolFromSmarts(pattern)
    if molecule is None or wanted is None or not wanted.GetNumAtoms():
        raise Refuse(f"{pattern[:60]!r} is no pattern", kind=FailureKind.BAD_ARGUMENTS)
    return len(molecule.GetSubstructMatches(wanted, maxMatches=1000))


@tool(seconds=0.05, limit_seconds=5, memory_mb=512, needs=("rdkit",), tags=("test",))
def read_mol_block(text: Annotated[str, MaxLen(200_000)]) -> str:
    """Return the canonical SMILES of a mol block.

    Args:
        text: V2000 or V3000, one molecule.
    """
    from rdkit import Chem, rdBase

    with rdBase.BlockLogs():
        try:
            molecule = Chem.MolFromMolBlock(text)
        except (RuntimeError, ValueError) as error:
            raise Refuse(f"no mol block: {error}", kind=FailureKind.BAD_ARGUMENTS) from None
        if molecule is None or not molecule.GetNumAtoms():
            raise Refuse("no mol block of a molecule", kind=FailureKind.BAD_ARGUMENTS)
        return Chem.MolToSmiles(molecule)
