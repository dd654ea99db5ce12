"""Screening texts for sequences like those that an operator has listed, whole or in part."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

from gaseol.tools import Refuse, tool
from gaseol.tools.screen import Hit, Screened, list_text
from gaseol.traces.nouns.failure import FailureKind

Kind = Literal["DNA", "protein"]

WINDOW: dict[Kind, int] = {"DNA": 50, "protein": 20}
"""The shortest stretch that is recognised. Of nucleotides: Framework for Nucleic Acid Synthesis
Screening, Office of Science and Technology Policy, United States, 2024. Shorter whole entries are
recognised as a whole."""
LENGTH: dict[Kind, int] = {"DNA": 14, "protein": 5}
"""Of the words that are compared."""
SHARE: dict[Kind, float] = {"DNA": 0.23, "protein": 0.35}
"""Of a stretch's words that the entry must have: about what is left of them at nine equal letters in
ten for nucleotides (0.9 to the power of 14) and at four in five for proteins (0.8 to the power of 5)."""

_LETTERS = re.compile(r"[A-Za-z*\-\s\d]+")
_LINE = re.compile(r"[A-Za-z]{12,}")
_DNA = frozenset("ACGTN")
_PROTEIN = frozenset("ABCDEFGHIKLMNPQRSTVWXYZ")
_PAIRS = str.maketrans("ACGT", "TGCA")
_CODE = dict(
    zip(
        (a + b + c for a in "TCAG" for b in "TCAG" for c in "TCAG"),
        "FFLLSSSSYY**CC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
        strict=True,
    )
)
"""The standard genetic code (NCBI translation table 1)."""


@dataclass(frozen=True)
class _List:
    names: tuple[str, ...]
    kinds: tuple[Kind, ...]
    sizes: tuple[int, ...]
    words: dict[Kind, dict[str, tuple[int, ...]]]
    """By kind, each word and the entries that have it."""


@tool(seconds=0.01, limit_seconds=60, memory_mb=2048, tags=("bio", "sequence", "screen"))
def screen_sequences(texts: list[str], file: Path, sha256: str = "") -> Screened:
    """Find which texts hold a sequence that is, or is like, one that a list names.

    Sequences are read from FASTA, from lines and from words of at least 12 letters; RNA as DNA. DNA is
    compared on both strands, and in all six reading frames with listed proteins (standard genetic
    code); proteins with proteins, not with listed DNA. A stretch of 50 nucleotides or 20 residues that
    is equal is always found. One that was changed is found where it shares enough words of 14 or 5
    letters with an entry: of stretches of 200 nucleotides with every tenth letter changed 96 in 100
    were, of 50 nucleotides 45; of 60 residues with every fifth changed 96, of 20 residues 42; of 400
    random sequences none (made by chance, lists of 1,200 letters).

    Args:
        texts: to be screened.
        file: FASTA; each header's first word is the name that is told.
        sha256: of the file; where it is given and the file is another one, nothing is screened.

    Raises:
        Refuse: with kind `bad_arguments`, the list is none, and which line is wrong.
    """
    listed = _read(list_text(file, sha256))
    hits: list[Hit] = []
    for number, text in enumerate(texts):
        found = next((hit for one in _sequences(text) for hit in _hits(one, listed)), None)
        if found is not None:
            hits.append(Hit(text=number, entry=found[0], how=found[1]))
    return Screened(entries=len(listed.names), hits=tuple(hits))


@lru_cache(maxsize=8)
def _read(text: str) -> _List:
    """Return what a list names.

    Raises:
        Refuse: it is no FASTA.
    """
    names: list[str] = []
    lines: list[list[str]] = []
    for number, line in enumerate(text.splitlines(), 1):
        said = line.strip()
        if said.startswith(">"):
            name = said[1:].split()
            if not name:
                raise _bad(number, "a header without a name")
            names.append(name[0])
            lines.append([])
        elif said and not said.startswith(";"):
            if not names:
                raise _bad(number, "a sequence before the first header: a list is FASTA")
            letters = said.upper().removesuffix("*").replace("U", "T") if _is_rna(said) else said
            letters = letters.upper().removesuffix("*")
            if set(letters) - _PROTEIN:
                odd = "".join(sorted(set(letters) - _PROTEIN))
                raise _bad(number, f"{odd!r} stands for no nucleotide and no amino acid")
            lines[-1].append(letters)
    sequences = ["".join(parts) for parts in lines]
    words: dict[Kind, dict[str, list[int]]] = {
        "DNA": defaultdict(list),
        "protein": defaultdict(list),
    }
    kinds: list[Kind] = []
    for at, sequence in enumerate(sequences):
        kind: Kind = "DNA" if set(sequence) <= _DNA else "protein"
        if len(sequence) < LENGTH[kind] + 1:
            raise Refuse(
                f"{names[at]} has {len(sequence)} letters; the shortest {kind} that can be told from "
                f"chance has {LENGTH[kind] + 1}",
                kind=FailureKind.BAD_ARGUMENTS,
            )
        kinds.append(kind)
        for word in set(_words(sequence, LENGTH[kind])):
            words[kind][word].append(at)
    if not names:
        raise Refuse("the list names nothing", kind=FailureKind.BAD_ARGUMENTS)
    frozen: dict[Kind, dict[str, tuple[int, ...]]] = {
        kind: {word: tuple(at) for word, at in found.items()} for kind, found in words.items()
    }
    return _List(tuple(names), tuple(kinds), tuple(map(len, sequences)), frozen)


def _bad(line: int, what: str) -> Refuse:
    return Refuse(f"line {line}: {what}", kind=FailureKind.BAD_ARGUMENTS)


def _is_rna(text: str) -> bool:
    return set(text.upper()) <= frozenset("ACGUN")


def _sequences(text: str) -> Iterator[str]:
    """Yield what of a text may be a sequence, in capitals; RNA as DNA."""
    found: dict[str, None] = {}
    blocks = re.split(r"(?m)^>.*$", text) if ">" in text else [text]
    for block in blocks:
        if _LETTERS.fullmatch(block):  # all of it: a sequence, in lines and with numbers
            found["".join(c for c in block if c.isalpha()).upper()] = None
        for word in _LINE.findall(block):
            found[word.upper()] = None
    for letters in found:
        yield letters.replace("U", "T") if _is_rna(letters) else letters


def _hits(letters: str, listed: _List) -> Iterator[tuple[str, str]]:
    if set(letters) <= _DNA:
        for strand in (letters, letters.translate(_PAIRS)[::-1]):
            for at in _alike(strand, "DNA", listed):
                yield listed.names[at], "like it for 50 nucleotides or its whole length"
            if listed.words["protein"]:
                for frame in range(3):
                    for at in _alike(_translated(strand[frame:]), "protein", listed):
                        yield listed.names[at], "codes for a stretch like it"
    if not set(letters) - _PROTEIN:
        for at in _alike(letters, "protein", listed):
            yield listed.names[at], "like it for 20 residues or its whole length"


def _alike(letters: str, kind: Kind, listed: _List) -> Iterator[int]:
    """Yield the entries that a stretch of a sequence is like."""
    known, size = listed.words[kind], LENGTH[kind]
    shared: dict[int, list[int]] = defaultdict(list)
    for place, word in enumerate(_words(letters, size)):
        for at in known.get(word, ()):
            shared[at].append(place)
    for at, places in shared.items():
        stretch = min(WINDOW[kind], listed.sizes[at]) - size + 1
        needed = max(2, round(SHARE[kind] * stretch))
        # the words that are shared, in any stretch that is long enough
        if any(
            places[i + needed - 1] - places[i] < stretch for i in range(len(places) - needed + 1)
        ):
            yield at


def _words(letters: str, size: int) -> Iterator[str]:
    return (letters[i : i + size] for i in range(len(letters) - size + 1))


def _translated(letters: str) -> str:
    return "".join(_CODE.get(letters[i : i + 3], "X") for i in range(0, len(letters) - 2, 3))
