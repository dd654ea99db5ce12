"""Depiction: a molecule drawn in two dimensions."""

from typing import TYPE_CHECKING, Annotated

from annotated_types import Ge, Le

from gaseol.tools import Example, Media, tool
from gaseol.tools.chemistry.molecule import read

if TYPE_CHECKING:
    from rdkit.Chem.rdchem import Mol

Svg = Annotated[str, Media("image/svg+xml")]
"""A drawing as SVG text."""


def depict(mol: "Mol", width: int = 220, height: int = 160) -> str:
    """Return a molecule's skeletal formula as SVG on a transparent ground, sizes in pixels."""
    from rdkit.Chem.Draw import rdMolDraw2D

    canvas = rdMolDraw2D.MolDraw2DSVG(width, height)
    options = canvas.drawOptions()
    options.clearBackground = False
    options.fixedBondLength = 26  # small molecules are not blown up to fill the frame
    rdMolDraw2D.PrepareAndDrawMolecule(canvas, mol)
    canvas.FinishDrawing()
    return canvas.GetDrawingText()


@tool(
    seconds=0.005,
    needs=("rdkit",),
    tags=("chemistry", "drawing"),
    examples=(Example({"smiles": "CCO"}),),
)
def draw_molecule(
    smiles: str,
    width: Annotated[int, Ge(40), Le(2000)] = 220,
    height: Annotated[int, Ge(40), Le(2000)] = 160,
) -> Svg:
    """Draw a molecule's skeletal formula.

    Args:
        smiles: the molecule.
        width: of the drawing, in pixels.
        height: of the drawing, in pixels.

    Raises:
        Refuse: with kind `bad_arguments`, the SMILES does not parse.
    """
    return depict(read(smiles), width, height)
