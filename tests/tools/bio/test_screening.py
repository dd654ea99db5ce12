"""Sequences like listed ones are found, in part, in reverse, in code; chance finds nothing."""

import random
from pathlib import Path

import pytest

from gaseol.tools.bio.screening import screen_sequences

PAIRS = str.maketrans("ACGT", "TGCA")
CODONS = {"A": "GCA", "C": "TGC", "D": "GAC", "E": "GAA", "F": "TTC", "G": "GGA", "H": "CAC",
          "I": "ATA", "K": "AAA", "L": "CTA", "M": "ATG", "N": "AAC", "P": "CCA", "Q": "CAA",
          "R": "CGA", "S": "TCA", "T": "ACA", "V": "GTA", "W": "TGG", "Y": "TAC"}  # fmt: skip


class Chance:
    """Sequences made by chance: they are nobody's, and so harmless."""

    def __init__(self, seed: int) -> None:
        self._rng = random.Random(seed)

    def dna(self, length: int) -> str:
        return "".join(self._rng.choices("ACGT", k=length))

    def protein(self, length: int) -> str:
        return "".join(self._rng.choices("".join(CODONS), k=length))

    def changed(self, sequence: str, share: float, letters: str) -> str:
        """Return a sequence with a share of its letters replaced by others."""
        return "".join(
            self._rng.choice(letters.replace(c, "")) if self._rng.random() < share else c
            for c in sequence
        )


CHANCE = Chance(1)
GENE, PROTEIN, PRIMER = CHANCE.dna(900), CHANCE.protein(300), CHANCE.dna(30)


@pytest.fixture(scope="module")
def listed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("lists") / "list.fasta"
    file.write_text(
        f">gene of nobody\n{GENE[:450]}\n{GENE[450:]}\n>protein\n{PROTEIN}\n>primer\n{PRIMER}\n"
    )
    return file


def found(texts: list[str], listed: Path) -> list[str]:
    hits = {hit.text: hit.entry for hit in screen_sequences(texts, listed).hits}
    return [hits.get(number, "") for number in range(len(texts))]


def test_fifty_equal_nucleotides_are_always_found(listed: Path) -> None:
    parts = [GENE[i : i + 50] for i in range(0, 850, 17)]
    inside = [CHANCE.dna(100) + part + CHANCE.dna(100) for part in parts]
    reverse = [text.translate(PAIRS)[::-1] for text in inside]
    assert set(found(inside + reverse, listed)) == {"gene"}


def test_proteins_are_found_as_such_and_in_every_frame_of_what_codes_for_them(listed: Path) -> None:
    code = "".join(CODONS[letter] for letter in PROTEIN)
    texts = [PROTEIN[40:60], *(CHANCE.dna(n) + code[90:180] for n in (9, 10, 11))]
    texts += [text.translate(PAIRS)[::-1] for text in texts[1:]]
    assert set(found(texts, listed)) == {"protein"}


def test_ways_of_writing(listed: Path) -> None:
    rows = "\n".join(f"{i:>6} {GENE[i : i + 10].lower()}" for i in range(0, 100, 10))
    texts = [GENE.replace("T", "U"), rows, f">x some words\n{GENE}\n", f"order {PRIMER}, please"]
    assert found(texts, listed) == ["gene", "gene", "gene", "primer"]


def test_chance_finds_nothing_and_neither_does_language(listed: Path) -> None:
    texts = [CHANCE.dna(3000) for _ in range(50)] + [CHANCE.protein(1000) for _ in range(50)]
    texts += ["Uncharacteristically straightforward misunderstandings", "CCCCCCCCCCCCCCCCCCCC"]
    assert set(found(texts, listed)) == {""}


def test_what_is_nearly_equal_is_found_as_often_as_is_said(listed: Path) -> None:
    near = [CHANCE.changed(GENE[i : i + 200], 0.1, "ACGT") for i in range(0, 700, 7)]
    assert found(near, listed).count("gene") >= 88  # 96 in 100, less three standard deviations
    far = [CHANCE.changed(GENE[i : i + 200], 0.4, "ACGT") for i in range(0, 700, 7)]
    assert found(far, listed).count("gene") <= 5
