"""Matched pairs: two molecules that differ by one structural change, all else the same."""

from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from itertools import combinations, product
from typing import TYPE_CHECKING, Annotated

from annotated_types import Ge, Le
from pydantic import BaseModel, ConfigDict

from gaseol.tools import Example, Retry, tool
from gaseol.tools.chemistry.molecule import SmilesList, read, read_all, write

if TYPE_CHECKING:
    from rdkit.Chem.rdchem import Mol

MOST_PAIRS = 40_000
"""More pairs than this are not returned; the caller narrows the question instead."""

HYDROGEN = "[H][*:1]"
"""The substituent that is none."""

NAMES = {
    "H": HYDROGEN,
    "CH3": "C[*:1]",
    "C2H5": "CC[*:1]",
    "CH2CH2CH3": "CCC[*:1]",
    "CH(CH3)2": "CC(C)[*:1]",
    "C(CH3)3": "CC(C)(C)[*:1]",
    "CH=CH2": "C=C[*:1]",
    "C≡CH": "C#C[*:1]",
    "C6H5": "c1ccccc1[*:1]",
    "OH": "O[*:1]",
    "OCH3": "CO[*:1]",
    "OC2H5": "CCO[*:1]",
    "OCHO": "O=CO[*:1]",
    "OCOCH3": "CC(=O)O[*:1]",
    "CH2OH": "OC[*:1]",
    "CH2CH2OH": "OCC[*:1]",
    "CHO": "O=C[*:1]",
    "COCH3": "CC(=O)[*:1]",
    "COOH": "OC(=O)[*:1]",
    "COOCH3": "COC(=O)[*:1]",
    "CONH2": "NC(=O)[*:1]",
    "NH2": "N[*:1]",
    "NHCH3": "CN[*:1]",
    "N(CH3)2": "CN(C)[*:1]",
    "CH2NH2": "NC[*:1]",
    "NO2": "[O-][N+](=O)[*:1]",
    "CN": "N#C[*:1]",
    "CH2CN": "N#CC[*:1]",
    "SH": "S[*:1]",
    "SCH3": "CS[*:1]",
    "F": "F[*:1]",
    "Cl": "Cl[*:1]",
    "Br": "Br[*:1]",
    "I": "I[*:1]",
    "CH2Cl": "ClC[*:1]",
    "CH2Br": "BrC[*:1]",
    "CF3": "FC(F)(F)[*:1]",
}
"""How chemists write the common substituents; any other is shown as SMILES with `*` for the core."""


class Pair(BaseModel):
    """Two molecules that differ by one substituent."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    left: str
    """The molecule with the left-hand substituent, as it was given."""
    right: str
    """The molecule with the right-hand substituent, as it was given."""
    change: str
    """Left and right substituent, such as `H → OH`."""
    core: str
    """What both share, as SMILES without stereochemistry; `*` marks where the substituent sits."""


@tool(
    seconds=0.5,
    limit_seconds=300,
    needs=("rdkit",),
    tags=("chemistry", "pairs"),
    examples=(Example({"smiles": ["CC", "CCO"]}),),
)
def matched_pairs(
    smiles: SmilesList,
    change: str | None = None,
    max_change_atoms: Annotated[int, Ge(1), Le(12)] = 3,
) -> list[Pair]:
    """Find the pairs of molecules that differ by exactly one substituent.

    One acyclic single bond is cut in every possible way (rdkit rdMMPA); molecules that share a
    core and differ in the substituent make a pair, and so do a molecule and the one in which
    hydrogen takes the substituent's place (J. Hussain, C. Rea, J. Chem. Inf. Model. 50, 339
    (2010), doi:10.1021/ci900450m). Of the changes that relate two molecules only the one with
    the largest core is kept, so every two molecules make at most one pair. Stereochemistry is
    ignored in the comparison. Repeated molecules count once, at their first place.

    The left-hand substituent is the one of fewer heavy atoms, then of smaller mass, so a change
    has one name only: `H → OH`, `CH3 → OH`, `NH2 → OH`, never the reverse. Pairs are sorted by
    change, then left and right. A molecule may be in many pairs.

    Args:
        smiles: the molecules to pair with each other.
        change: return only this change, as `H → OH` or `H>>OH`; a substituent is written as
            chemists do (H, CH3, OH, NH2, Cl, CN, COCH3, ...) or as SMILES with `*`.
        max_change_atoms: heavy atoms that either substituent may have.

    Raises:
        Refuse: with kind `bad_arguments`, a SMILES does not parse.
        Retry: there are more than 40,000 pairs, or the change asked for is written in reverse
            or unreadable.
    """
    wanted = None if change is None else _read_change(change)
    pairs = [
        Pair(left=smiles[left], right=smiles[right], change=said, core=core.replace("[*:1]", "*"))
        for _, said, core, left, right in _smallest_changes(_by_core(smiles, max_change_atoms))
        if wanted in (None, said)
    ]
    if len(pairs) > MOST_PAIRS:
        reason = f"{len(pairs)} pairs are too many (at most {MOST_PAIRS}): ask for one change, "
        raise Retry(reason + "allow fewer atoms in it, or give fewer molecules")
    return sorted(pairs, key=lambda pair: (pair.change, pair.left, pair.right))


Places = dict[str, dict[str, set[int]]]
"""Where in the batch the molecules are, by core and substituent."""

Change = tuple[int, str, str, int, int]
"""Heavy atoms of both substituents, name, core, place of the left and of the right molecule."""


def _by_core(smiles: list[str], max_change_atoms: int) -> Places:
    """Group molecules by core and substituent; hydrogen is a substituent too."""
    places: Places = defaultdict(lambda: defaultdict(set))
    wholes: dict[str, set[int]] = defaultdict(set)
    seen: set[str] = set()
    for place, mol in enumerate(read_all(smiles)):
        if (key := write(mol)) in seen:
            continue
        seen.add(key)
        wholes[write(mol, stereo=False)].add(place)
        for core, substituent in _cuts(mol, max_change_atoms):
            places[core][substituent].add(place)
    for core, substituents in places.items():
        if bare := wholes.get(_capped(core)):
            substituents[HYDROGEN] = bare
    return places


def _smallest_changes(places: Places) -> Iterable[Change]:
    """Return one change for every two molecules that share a core."""
    best: dict[frozenset[int], Change] = {}
    for core, substituents in places.items():
        for one, other in combinations(sorted(substituents, key=_rank), 2):
            size = _rank(one)[0] + _rank(other)[0]
            said = f"{_name(one)} → {_name(other)}"
            for left, right in product(substituents[one], substituents[other]):
                both = frozenset((left, right))
                found = (size, said, core, left, right)
                # The smallest change has the largest core; its name settles a tie.
                if left != right and (both not in best or found < best[both]):
                    best[both] = found
    return best.values()


def _cuts(mol: "Mol", max_change_atoms: int) -> set[tuple[str, str]]:
    """Return every (core, substituent) that cutting one acyclic single bond gives."""
    from rdkit import Chem
    from rdkit.Chem import rdMMPA

    flat = Chem.Mol(mol)
    Chem.RemoveStereochemistry(flat)
    cuts = set()
    for _, halves in rdMMPA.FragmentMol(
        flat, maxCuts=1, pattern="[*]!@!=!#[*]", resultsAsMols=False
    ):
        first, second = halves.split(".")
        for core, substituent in ((first, second), (second, first)):
            if _rank(substituent)[0] <= max_change_atoms:
                cuts.add((core, substituent))
    return cuts


@cache
def _rank(substituent: str) -> tuple[int, float, str]:
    """Order substituents by heavy atoms, then mass, then SMILES."""
    from rdkit import Chem
    from rdkit.Chem.rdMolDescriptors import CalcExactMolWt

    if substituent == HYDROGEN:
        return (0, 0.0, substituent)
    mol = read(substituent, open_ends=True)
    heavy = sum(atom.GetAtomicNum() > 1 for atom in mol.GetAtoms())
    return (heavy, CalcExactMolWt(Chem.AddHs(mol)), substituent)


def _capped(core: str) -> str:
    """Return the canonical SMILES of a core with hydrogen in the substituent's place."""
    return write(read(core.replace("[*:1]", "[H]")), stereo=False)


@cache
def _names() -> dict[str, str]:
    return {write(read(smiles, open_ends=True)): name for name, smiles in NAMES.items()}


@cache
def _name(substituent: str) -> str:
    canonical = write(read(substituent, open_ends=True))
    return _names().get(canonical, canonical.replace("[*:1]", "*"))


def _read_change(change: str) -> str:
    """Return a change in the form in which pairs carry it.

    Raises:
        Retry: it is not two substituents, or they are in reverse order.
    """
    words = [word.strip() for word in change.replace(">>", "→").replace("->", "→").split("→")]
    if len(words) != 2 or words[0] == words[1]:
        raise Retry(f"a change is written as `H → OH`, two different substituents: {change!r}")
    left, right = (NAMES.get(word) or word.replace("[*:1]", "*") for word in words)
    for substituent in (left, right):
        if substituent.count("*") != 1:
            known = ", ".join(NAMES)
            raise Retry(f"{substituent!r} is neither SMILES with one `*` nor one of {known}")
    one, other = (text.replace("[*:1]", "*").replace("*", "[*:1]") for text in (left, right))
    if _rank(one)[:2] > _rank(other)[:2]:
        raise Retry(f"write {change!r} in reverse: {_name(other)} → {_name(one)}")
    return f"{_name(one)} → {_name(other)}"
