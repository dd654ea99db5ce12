"""Screening texts for molecules that an operator has listed, however they are written."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gaseol.tools import Refuse, tool
from gaseol.tools.screen import Hit, Screened, list_text
from gaseol.traces.nouns.failure import FailureKind

if TYPE_CHECKING:
    from rdkit.Chem.rdchem import Mol

COLUMNS = ("smiles", "inchi", "inchikey", "smarts")
LONGEST_WORD = 20_000
"""Characters of a word that is read as a structure; no tool here takes so long a one."""
MOST_TAUTOMERS = 200
MOST_HEAVY_ATOMS = 60
"""Larger molecules are compared without their tautomers by rule: their number grows exponentially."""

_WORD = re.compile(r"[A-Za-z0-9@+\-\[\]()=#$:/\\%.*~&!]+")
_KEY = re.compile(r"\b([A-Z]{14})-[A-Z]{10}-[A-Z]\b")
_INCHI = re.compile(r"InChI=1S?/[^\s\"'<>]+")
_NAMED = re.compile(r"[A-Za-z_]{3,}[:=](.+)")
"""`smiles=CCO`, `SMILES:CCO`."""
_BREAKS = re.compile(r"[\s\"'`,;|<>{}]+")
_SHORTEST_WORD = 3
"""In a sentence a shorter word of letters alone is language: `NO`, `CO`, `In`."""


@dataclass(frozen=True)
class _Entry:
    name: str
    parts: frozenset[frozenset[str]]
    """Of each molecule that belongs to it, the names by which it is the same."""
    pattern: Any = None


@tool(
    seconds=0.01,
    limit_seconds=60,
    memory_mb=2048,
    needs=("rdkit",),
    tags=("chemistry", "structure", "screen"),
)
def screen_molecules(texts: list[str], file: Path, sha256: str = "") -> Screened:
    """Find which texts hold a molecule that a list names, or one with a listed pattern.

    Structures are read from SMILES (also in reactions, mixtures and sentences), InChI, InChIKey and
    MDL mol blocks. Two are the same when the neutral, metal-free molecules are, whatever their
    isotopes, stereochemistry, counter-ions, protonation, or what they are mixed with, and when one of
    these agrees: the first block of the standard InChIKey; the tautomer that rdkit's rules bring both
    to (up to 60 heavy atoms). A listed organic salt stands for its largest organic part; of another
    listed mixture all parts must be there. A pattern is looked for in each molecule as it stands and
    neutralised. Names in words, condensed formulas, SELFIES, coordinates and images are not read.

    Args:
        texts: to be screened.
        file: CSV with the columns `name` and one or more of `smiles`, `inchi`, `inchikey`, `smarts`,
            of which each row fills one.
        sha256: of the file; where it is given and the file is another one, nothing is screened.

    Raises:
        Refuse: with kind `bad_arguments`, the list is none, and which line is wrong.
    """
    text = list_text(file, sha256)
    entries = _entries(text)
    hits: list[Hit] = []
    for number, each in enumerate(texts):
        found = next((hit for parts in _structures(each) for hit in _match(parts, entries)), None)
        if found is not None:
            hits.append(Hit(text=number, entry=found[0], how=found[1]))
    return Screened(entries=len(entries), hits=tuple(hits))


@lru_cache(maxsize=8)
def _entries(text: str) -> tuple[_Entry, ...]:
    """Return what a list names.

    Raises:
        Refuse: it is no list.
    """
    rows = csv.DictReader(io.StringIO(text), skipinitialspace=True)
    heads = tuple(name.strip().lower() for name in rows.fieldnames or ())
    if "name" not in heads or not set(heads) & set(COLUMNS) or set(heads) - {"name", *COLUMNS}:
        said = ", ".join(heads) or "nothing"
        raise _bad(1, f"the columns are name and one or more of {', '.join(COLUMNS)}, not {said}")
    rows.fieldnames = list(heads)
    found: list[_Entry] = []
    try:
        for row in rows:
            cells = {key: (value or "").strip() for key, value in row.items() if key in heads}
            if None in row:
                raise _bad(rows.line_num, "has more cells than there are columns")
            if any(cells.values()):
                found.append(_entry(rows.line_num, cells))
    except csv.Error as error:
        raise _bad(rows.line_num, f"is no CSV: {error}") from None
    if not found:
        raise Refuse("the list names nothing", kind=FailureKind.BAD_ARGUMENTS)
    return tuple(found)


def _entry(line: int, cells: dict[str, str]) -> _Entry:
    from rdkit import Chem, rdBase

    given = [column for column in COLUMNS if cells.get(column)]
    name = cells["name"]
    if not name or len(given) != 1:
        raise _bad(
            line, f"fills name and one of {', '.join(COLUMNS)}; here {len(given)} are filled"
        )
    column, value = given[0], cells[given[0]]
    with rdBase.BlockLogs():
        if column == "inchikey":
            key = _KEY.fullmatch(value)
            if key is None:
                raise _bad(line, f"{value!r} is no InChIKey")
            return _Entry(name, frozenset({frozenset({key[1]})}))
        if column == "smarts":
            pattern = Chem.MolFromSmarts(value)
            if pattern is None or not pattern.GetNumAtoms():
                raise _bad(line, f"{value!r} is no SMARTS")
            return _Entry(name, frozenset(), pattern)
        mol = Chem.MolFromSmiles(value) if column == "smiles" else Chem.MolFromInchi(value)
        if mol is None or not mol.GetNumAtoms():
            raise _bad(line, f"{value!r} is no {column.upper().replace('INCHI', 'InChI')}")
        molecules = _molecules(mol)
        organic = [one for one in molecules if _carbons(one)]
        if organic and len(molecules) > 1:
            molecules = [max(organic, key=lambda one: one.GetNumHeavyAtoms())]
        return _Entry(name, frozenset(_names(one) for one in molecules))


def _bad(line: int, what: str) -> Refuse:
    return Refuse(f"line {line}: {what}", kind=FailureKind.BAD_ARGUMENTS)


@dataclass(frozen=True)
class _Structure:
    """A structure as it stands in a text: all that is in it, apart."""

    names: tuple[frozenset[str], ...]
    mols: tuple[Any, ...]


def _match(found: _Structure, entries: tuple[_Entry, ...]) -> Iterator[tuple[str, str]]:
    together = frozenset[str]().union(*found.names)
    for entry in entries:
        if entry.pattern is not None:
            if any(mol.HasSubstructMatch(entry.pattern) for mol in found.mols):
                yield entry.name, "has the pattern"
        elif all(part & together for part in entry.parts):
            alone = len(found.names) <= len(entry.parts)
            yield entry.name, "the same molecule" if alone else "among others"


def _structures(text: str) -> Iterator[_Structure]:
    """Yield all structures that a text holds."""
    from rdkit import Chem, rdBase

    with rdBase.BlockLogs():
        for key in _KEY.finditer(text):
            yield _Structure((frozenset({key[1]}),), ())
        for written in _INCHI.finditer(text):
            for inchi in {written[0], written[0].rstrip(".)],;:")}:
                mol = Chem.MolFromInchi(inchi)
                if mol is not None:
                    yield _known(Chem.MolToSmiles(mol))
        if "M  END" in text:
            for block in text.split("$$$$"):
                # the title is the first of its lines, and may be empty
                mol = Chem.MolFromMolBlock(block.removeprefix("\r").removeprefix("\n"))
                mol = mol or Chem.MolFromMolBlock(block)
                if mol is not None:
                    yield _known(Chem.MolToSmiles(mol))
        words = [word for word in _BREAKS.split(text) if word]
        for word in words:
            for smiles in _readings(word, alone=len(words) == 1):
                known = _known(smiles)
                if known.names:
                    yield known


def _readings(word: str, *, alone: bool) -> Iterator[str]:
    """Yield what of a word may be SMILES: as it is, and without the marks around it."""
    named = _NAMED.fullmatch(word)
    tried = {word, word.strip(".:!?*"), word.strip("()[].:!?*"), named[1] if named else ""}
    for each in sorted(tried - {""}):
        if len(each) > LONGEST_WORD or not _WORD.fullmatch(each):
            continue
        if not alone and each.isalpha() and len(each) < _SHORTEST_WORD:
            continue
        yield each


@lru_cache(maxsize=20_000)
def _known(smiles: str) -> _Structure:
    from rdkit import Chem

    mol = Chem.MolFromSmiles(smiles)
    if mol is None or not mol.GetNumAtoms():
        return _Structure((), ())
    molecules = _molecules(mol)
    return _Structure(tuple(map(_names, molecules)), (mol, *molecules))


def _molecules(mol: "Mol") -> "list[Mol]":
    """Return the molecules that a structure consists of, neutral, without metals, labels and isotopes."""
    from rdkit import Chem
    from rdkit.Chem.MolStandardize import rdMolStandardize

    plain = Chem.Mol(mol)
    for atom in plain.GetAtoms():
        atom.SetAtomMapNum(0)
        atom.SetIsotope(0)
    plain = Chem.RemoveHs(plain)
    Chem.RemoveStereochemistry(plain)
    clean = rdMolStandardize.Cleanup(plain)
    uncharger = rdMolStandardize.Uncharger(force=True)
    return [uncharger.uncharge(one) for one in Chem.GetMolFrags(clean, asMols=True)]


def _names(mol: "Mol") -> frozenset[str]:
    """Return the names of a molecule, any of which makes two the same."""
    from rdkit import Chem
    from rdkit.Chem.MolStandardize import rdMolStandardize

    names = {Chem.MolToSmiles(mol), Chem.MolToInchiKey(mol)[:14]}
    if 1 < mol.GetNumHeavyAtoms() <= MOST_HEAVY_ATOMS:
        settings = rdMolStandardize.CleanupParameters()
        settings.maxTautomers = MOST_TAUTOMERS
        settings.maxTransforms = MOST_TAUTOMERS
        canonical = rdMolStandardize.TautomerEnumerator(settings).Canonicalize(mol)
        names |= {Chem.MolToSmiles(canonical), Chem.MolToInchiKey(canonical)[:14]}
    return frozenset(names - {""})


def _carbons(mol: "Mol") -> bool:
    return any(atom.GetAtomicNum() == 6 for atom in mol.GetAtoms())
