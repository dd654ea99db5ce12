"""Reactions: the products that a transformation makes of lists of reactants, up to a cap."""

import itertools
import math
from typing import TYPE_CHECKING, Annotated, Any

from annotated_types import Ge, Le, Len, MaxLen, MinLen
from pydantic import BaseModel, ConfigDict

from gaseol.tools import Example, Refuse, Retry, tool
from gaseol.tools.chemistry.molecule import read, write
from gaseol.traces.nouns.failure import FailureKind

if TYPE_CHECKING:
    from rdkit.Chem.rdchem import Mol

MOST_COMBINATIONS = 20_000
"""Combinations of reactants tried in one call."""
MOST_PLACES = 100
"""Places tried at which one combination may react."""

NAMED = {
    "amide coupling": "[C;!$(C[OX2][#6]):1](=[O:2])[OX2H1].[N;H1,H2;!$(N[C,S]=[O,N,S]);!$(N[#7,#8]):3]"
    ">>[C:1](=[O:2])[N:3]",
    "esterification": "[#6:4][C:1](=[O:2])[OX2H1].[OX2H1;!$(O[C,S,P]=[O,N,S]):3][CX4:5]"
    ">>[#6:4][C:1](=[O:2])[O:3][C:5]",
    "reductive amination": "[#6:1][CX3;H1:2]=O.[N;H1,H2;!$(N[C,S]=[O,N,S]);!$(N[#7,#8]):3][CX4:4]"
    ">>[#6:1][C;H2:2][N:3][C:4]",
    "Suzuki coupling": "[c:1][B]([OH])[OH].[c:2][Br,I]>>[c:1][c:2]",
    "Williamson ether synthesis": "[OX2H1;!$(O[C,S,P]=[O,N,S]):1][#6:2].[CX4;H2,H3:3][Cl,Br,I]"
    ">>[#6:2][O:1][C:3]",
}
"""Reactions by name, with reactants in the order in which the name's pattern takes them."""


class Product(BaseModel):
    """What came of the reaction, and the reactants that it came of."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    smiles: str
    """Canonical SMILES."""
    reactants: tuple[str, ...]
    """Of the first combination that made it, as they were given."""


class Products(BaseModel):
    """The products, each once."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    products: tuple[Product, ...]
    """In the order in which combinations of reactants made them."""
    combinations: Annotated[int, Ge(1)]
    """Combinations of reactants that were tried."""
    unreactive: Annotated[int, Ge(0)]
    """Combinations that made no product."""
    complete: bool
    """Whether all combinations were tried, each at every place, before a cap was reached."""


@tool(
    seconds=0.5,
    limit_seconds=120,
    needs=("rdkit",),
    tags=("chemistry", "synthesis"),
    examples=(
        Example(
            {"reaction": "amide coupling", "reactants": [["CC(=O)O"], ["CN"]]},
            value={"products": [{"smiles": "CNC(C)=O", "reactants": ["CC(=O)O", "CN"]}]},
            source="J. Clayden, N. Greeves, S. Warren, Organic Chemistry, 2nd edition (2012)",
        ),
    ),
)
def enumerate_reaction(
    reaction: Annotated[str, MinLen(1), MaxLen(2000)],
    reactants: Annotated[list[Annotated[list[str], Len(1, 2000)]], Len(1, 3)],
    most: Annotated[int, Ge(1), Le(5000)] = 1000,
) -> Products:
    """Enumerate the products of a reaction over lists of reactants.

    Every combination of one reactant from each list is tried at every place where it fits; a
    molecule that reacts at two places gives two products, each reacted once (a hundred places a
    combination are tried; `complete` is false where there may be more). Products that break
    valence rules are dropped. Nothing is said of yield, selectivity or protecting groups: the
    answer is what the pattern allows.

    Args:
        reaction: a name (`amide coupling`: acid, amine; `esterification`: acid, alcohol;
            `reductive amination`: aldehyde, amine; `Suzuki coupling`: boronic acid, aryl
            bromide or iodide; `Williamson ether synthesis`: alcohol or phenol, alkyl halide) or
            reaction SMARTS with one product, whose atoms are mapped.
        reactants: for each reactant of the reaction, the SMILES to try.
        most: stop after so many products; `complete` then is false.

    Raises:
        Refuse: with kind `bad_arguments`, the reaction or a SMILES does not parse, or the number
            of lists is not the reaction's; with kind `empty`, no combination reacts.
        Retry: there are over 20,000 combinations.
    """
    from rdkit import rdBase

    transformation = _read(reaction)
    asked = transformation.GetNumReactantTemplates()
    if asked != len(reactants):
        reason = f"the reaction takes {asked} reactants, {len(reactants)} lists are given"
        raise Refuse(reason, kind=FailureKind.BAD_ARGUMENTS)
    combinations = math.prod(map(len, reactants))
    if combinations > MOST_COMBINATIONS:
        raise Retry(f"{combinations} combinations; give lists of at most {MOST_COMBINATIONS}")
    mols = [[(smiles, read(smiles)) for smiles in column] for column in reactants]
    found: dict[str, Product] = {}
    tried = unreactive = 0
    everywhere = True
    with rdBase.BlockLogs():
        for chosen in itertools.product(*mols):
            tried += 1
            made, places = _products(transformation, tuple(mol for _, mol in chosen))
            everywhere = everywhere and places < MOST_PLACES
            unreactive += not made
            names = tuple(smiles for smiles, _ in chosen)
            for smiles in made:
                found.setdefault(smiles, Product(smiles=smiles, reactants=names))
            if len(found) >= most:
                break
    if not found:
        reason = f"none of {tried} combinations reacts"
        raise Refuse(reason, kind=FailureKind.EMPTY)
    return Products(
        products=tuple(found.values())[:most],
        combinations=tried,
        unreactive=unreactive,
        complete=everywhere and tried == combinations and len(found) <= most,
    )


def _read(reaction: str) -> Any:
    from rdkit import rdBase
    from rdkit.Chem import rdChemReactions

    with rdBase.BlockLogs():
        try:
            made = rdChemReactions.ReactionFromSmarts(NAMED.get(reaction, reaction))
        except ValueError:
            made = None
        # (warnings, errors) of the templates
        broken = made is None or made.Validate()[1] > 0
    if made is None or broken or made.GetNumProductTemplates() != 1:
        known = ", ".join(NAMED)
        reason = f"{reaction[:80]!r} is neither reaction SMARTS with one product nor one of {known}"
        raise Refuse(reason, kind=FailureKind.BAD_ARGUMENTS)
    return made


def _products(transformation: Any, reactants: "tuple[Mol, ...]") -> tuple[list[str], int]:
    """Return the products, each once, and at how many places there was a reaction."""
    from rdkit import Chem

    made = set()
    outcomes = transformation.RunReactants(reactants, maxProducts=MOST_PLACES)
    for (product,) in outcomes:
        if Chem.SanitizeMol(product, catchErrors=True) == Chem.SanitizeFlags.SANITIZE_NONE:
            # Read again: aromaticity and hydrogens as of any other SMILES.
            again = Chem.MolFromSmiles(write(product))
            if again is not None:
                made.add(write(again))
    return sorted(made), len(outcomes)
