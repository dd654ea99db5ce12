"""Tautomers: one substance, several formulas that differ by where protons and double bonds sit."""

from typing import Annotated

from annotated_types import Ge, Le
from pydantic import BaseModel, ConfigDict

from gaseol.tools import Example, Refuse, tool
from gaseol.tools.chemistry.molecule import read, write

MOST_HEAVY_ATOMS = 60
"""The number of tautomers grows exponentially with the number of mobile protons."""


class Tautomers(BaseModel):
    """The tautomers that transformation rules find, and the one that stands for all."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    smiles: str
    """Canonical SMILES of what was given."""
    canonical: str
    """The tautomer that every one of them is brought to: a name, not the most stable form."""
    tautomers: tuple[str, ...]
    """Canonical SMILES of all that were found, sorted."""
    complete: bool
    """Whether the search came to its end before it reached its cap."""


@tool(
    seconds=0.02,
    limit_seconds=60,
    needs=("rdkit",),
    tags=("chemistry", "structure"),
    examples=(
        Example(
            {"smiles": "Oc1ccccn1"},
            value={"canonical": "O=c1cccc[nH]1"},
            source="J. Elguero et al., The Tautomerism of Heterocycles, Academic Press (1976)",
        ),
    ),
)
def tautomers(smiles: str, most: Annotated[int, Ge(1), Le(1000)] = 200) -> Tautomers:
    """List the tautomers of a molecule and name the one that stands for all of them.

    The 37 proton-shift rules of rdkit's MolStandardize, after M. Sitzmann, W.-D. Ihlenfeldt,
    M. C. Nicklaus, J. Comput.-Aided Mol. Des. 24, 521 (2010), doi:10.1007/s10822-010-9346-4.
    Rules know no energies: which form prevails, and in which solvent, is not said. Ring-chain
    tautomers are not found. Stereochemistry that a moving double bond passes is dropped. For
    neutral parents of salts see `molecule_identity`.

    Valid for molecules of at most 60 heavy atoms.

    Args:
        smiles: the molecule.
        most: stop after so many tautomers; `complete` then is false.

    Raises:
        Refuse: with kind `bad_arguments`, the SMILES does not parse; with kind `out_of_domain`,
            the molecule is too large.
    """
    from rdkit import rdBase
    from rdkit.Chem.MolStandardize import rdMolStandardize

    # Through the canonical form, so that the answer does not depend on the order of the atoms.
    mol = read(write(read(smiles)))
    if mol.GetNumHeavyAtoms() > MOST_HEAVY_ATOMS:
        raise Refuse(
            f"{mol.GetNumHeavyAtoms()} heavy atoms; tautomers are listed for at most "
            f"{MOST_HEAVY_ATOMS}"
        )
    settings = rdMolStandardize.CleanupParameters()
    settings.maxTautomers = most
    settings.maxTransforms = 10 * most
    enumerator = rdMolStandardize.TautomerEnumerator(settings)
    with rdBase.BlockLogs():
        found = enumerator.Enumerate(mol)
        canonical = enumerator.PickCanonical(found)
    completed = rdMolStandardize.TautomerEnumeratorStatus.Completed
    return Tautomers(
        smiles=write(mol),
        canonical=write(canonical),
        tautomers=tuple(sorted({write(one) for one in found})),
        complete=found.status == completed,
    )
