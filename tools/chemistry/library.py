"""A library of molecules, searched: what is like this one, and what holds this pattern."""

from typing import TYPE_CHECKING, Annotated, Any, Literal

from annotated_types import Ge, Le, MaxLen, MinLen
from pydantic import BaseModel, ConfigDict

from gaseol.tools import Example, Refuse, Unit, tool
from gaseol.tools.chemistry.molecule import SmilesList, read, read_all
from gaseol.traces.nouns.failure import FailureKind

if TYPE_CHECKING:
    from rdkit.Chem.rdchem import Mol

Fingerprint = Literal["morgan", "maccs", "topological"]
MOST_MATCHES = 1000
"""Matches counted in one molecule; symmetric cages and patterns have many more."""


class Neighbour(BaseModel):
    """A molecule of the library and how like the query it is."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    smiles: str
    """As it was given."""
    position: Annotated[int, Ge(0)]
    """Its place in the library, from 0."""
    similarity: Annotated[float, Unit("1"), Ge(0), Le(1)]
    """Tanimoto coefficient of the fingerprints; 1 for equal fingerprints, not only for equals."""


class Holder(BaseModel):
    """A molecule of the library that holds the pattern."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    smiles: str
    """As it was given."""
    position: Annotated[int, Ge(0)]
    """Its place in the library, from 0."""
    matches: Annotated[int, Ge(1), Le(MOST_MATCHES)]
    """How often the pattern is found, each set of atoms once; counted up to 1000."""


@tool(
    seconds=0.5,
    limit_seconds=300,
    needs=("rdkit",),
    tags=("chemistry", "library"),
    examples=(Example({"query": "CCO", "smiles": ["CCO", "c1ccccc1"]}),),
)
def similar_molecules(
    query: str,
    smiles: SmilesList,
    fingerprint: Fingerprint = "morgan",
    at_least: Annotated[float, Unit("1"), Ge(0), Le(1)] = 0.0,
    most: Annotated[int, Ge(1), Le(20_000)] = 100,
) -> list[Neighbour]:
    """Find the molecules of a library that are most like a query, the most similar first.

    Tanimoto coefficients of bit fingerprints: `morgan`, circular of radius 2 folded to 2048 bits
    (D. Rogers, M. Hahn, J. Chem. Inf. Model. 50, 742 (2010), doi:10.1021/ci100050t); `maccs`,
    166 keys (J. L. Durant et al., J. Chem. Inf. Comput. Sci. 42, 1273 (2002),
    doi:10.1021/ci010132r); `topological`, rdkit's paths of up to 7 bonds. Coefficients of
    different fingerprints cannot be compared with each other. Similar structures may differ in
    activity: a number here is no prediction. Stereochemistry is ignored. 0.1 ms a molecule and
    the time to parse it.

    Args:
        query: SMILES of the molecule to compare with.
        smiles: the library, at most 20,000 molecules.
        fingerprint: how molecules are described.
        at_least: leave out what is less similar than this.
        most: give at most so many.

    Raises:
        Refuse: with kind `bad_arguments`, a SMILES does not parse.
    """
    from rdkit import DataStructs

    describe = _describer(fingerprint)
    own = describe(read(query))
    prints = [describe(mol) for mol in read_all(smiles)]
    scores = DataStructs.BulkTanimotoSimilarity(own, prints)
    ranked = sorted(range(len(smiles)), key=lambda i: (-scores[i], i))
    return [
        Neighbour(smiles=smiles[i], position=i, similarity=scores[i])
        for i in ranked[:most]
        if scores[i] >= at_least
    ]


@tool(
    seconds=0.2,
    limit_seconds=300,
    needs=("rdkit",),
    tags=("chemistry", "library"),
    examples=(Example({"pattern": "[OX2H]", "smiles": ["CCO", "CC"]}),),
)
def substructure_search(
    pattern: Annotated[str, MinLen(1), MaxLen(1000)], smiles: SmilesList
) -> list[Holder]:
    """Find the molecules of a library that hold a pattern, in the library's order.

    A pattern is SMARTS; every SMILES is one too, but aromatic where it is written so (`c1ccccc1`,
    not `C1=CC=CC=C1`, finds benzene rings), and its atoms may carry any number of hydrogens.
    Stereochemistry in the pattern is ignored. An empty list says that none holds it.

    Args:
        pattern: SMARTS.
        smiles: the library, at most 20,000 molecules.

    Raises:
        Refuse: with kind `bad_arguments`, pattern or SMILES does not parse.
    """
    wanted = _pattern(pattern)
    found = []
    for position, (text, mol) in enumerate(zip(smiles, read_all(smiles), strict=True)):
        matches = mol.GetSubstructMatches(wanted, uniquify=True, maxMatches=MOST_MATCHES)
        if matches:
            found.append(Holder(smiles=text, position=position, matches=len(matches)))
    return found


def _pattern(smarts: str) -> "Mol":
    from rdkit import Chem, rdBase

    with rdBase.BlockLogs():
        pattern = Chem.MolFromSmarts(smarts) if smarts.isprintable() and " " not in smarts else None
    if pattern is None or not pattern.GetNumAtoms():
        reason = f"{smarts[:80]!r} is no SMARTS pattern"
        raise Refuse(reason, kind=FailureKind.BAD_ARGUMENTS)
    return pattern


def _describer(fingerprint: Fingerprint) -> Any:
    from rdkit.Chem import rdFingerprintGenerator, rdMolDescriptors

    match fingerprint:
        case "morgan":
            return rdFingerprintGenerator.GetMorganGenerator(radius=2, fpSize=2048).GetFingerprint
        case "topological":
            return rdFingerprintGenerator.GetRDKitFPGenerator(maxPath=7, fpSize=2048).GetFingerprint
        case "maccs":
            return rdMolDescriptors.GetMACCSKeysFingerprint
