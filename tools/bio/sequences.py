"""Sequences of nucleic acids and proteins: their mass, charge, melting and translation."""

import re
from importlib import import_module
from typing import Annotated, Any, Literal

from annotated_types import Ge, Gt, Le, MaxLen, MinLen
from pydantic import BaseModel, ConfigDict

from gaseol.tools import Example, Refuse, Unit, tool
from gaseol.traces.nouns.failure import FailureKind

Kind = Literal["DNA", "RNA", "protein"]
Sequence = Annotated[str, MinLen(1), MaxLen(100_000)]

_LETTERS = {"DNA": "ACGT", "RNA": "ACGU", "protein": "ACDEFGHIKLMNPQRSTVWY"}


class SequenceProperties(BaseModel):
    """What follows from a sequence alone."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    length: Annotated[int, Ge(1)]
    counts: dict[str, Annotated[int, Ge(0)]]
    """Letters and how often each comes."""
    molar_mass: Annotated[float, Unit("g/mol"), Gt(0)]
    """Average masses; of one strand, with a 5' phosphate."""
    gc: Annotated[float, Unit("1"), Ge(0), Le(1)] | None
    """Share of G and C; null for a protein."""
    melting_temperature: Annotated[float, Unit("degC"), Ge(-150), Le(150)] | None
    """Of the DNA duplex of 8 to 60 bases; null otherwise."""
    isoelectric_point: Annotated[float, Unit("1"), Ge(0), Le(14)] | None
    """pH without net charge; null for a nucleic acid."""
    hydropathy: Annotated[float, Unit("1"), Ge(-4.5), Le(4.5)] | None
    """Mean on the scale of Kyte and Doolittle; null for a nucleic acid."""
    reverse_complement: str | None
    """Read from 5' to 3'; null for a protein."""


@tool(
    seconds=0.01,
    limit_seconds=30,
    needs=("biopython",),
    tags=("bio", "sequence"),
    examples=(
        Example(
            {"sequence": "GGATCC", "kind": "DNA"},
            value={"reverse_complement": "GGATCC"},
            source="the palindrome that BamHI cuts",
        ),
    ),
)
def sequence_properties(sequence: Sequence, kind: Kind) -> SequenceProperties:
    """Compute what follows from a sequence alone (Biopython).

    Melting temperature: nearest neighbours of H. T. Allawi, J. SantaLucia, Biochemistry 36, 10581
    (1997), doi:10.1021/bi962590c, salt by J. SantaLucia, Proc. Natl. Acad. Sci. USA 95, 1460 (1998),
    doi:10.1073/pnas.95.4.1460, 50 mmol/L Na+, 25 nmol/L of each strand (two-state; within a few
    degrees for oligonucleotides). Hydropathy: J. Kyte, R. F. Doolittle, J. Mol. Biol. 157, 105
    (1982). Isoelectric point: pK values of B. Bjellqvist et al., Electrophoresis 14, 1023 (1993),
    for an unfolded chain. P. J. A. Cock et al., Bioinformatics 25, 1422 (2009).

    Args:
        sequence: one-letter code, only the four bases or the 20 amino acids; blanks are dropped.
        kind: how to read it.

    Raises:
        Refuse: with kind `bad_arguments`, another letter is in it.
    """
    strings: Any = import_module("Bio.Seq")
    units: Any = import_module("Bio.SeqUtils")
    melting: Any = import_module("Bio.SeqUtils.MeltingTemp")
    analysis: Any = import_module("Bio.SeqUtils.ProtParam")
    text = _clean(sequence, kind)
    protein = analysis.ProteinAnalysis(text) if kind == "protein" else None
    nucleic = kind != "protein"
    melts = kind == "DNA" and 8 <= len(text) <= 60
    complement = str(strings.Seq(text).reverse_complement_rna()) if kind == "RNA" else None
    if kind == "DNA":
        complement = str(strings.Seq(text).reverse_complement())
    return SequenceProperties(
        length=len(text),
        counts={letter: text.count(letter) for letter in _LETTERS[kind]},
        molar_mass=round(float(units.molecular_weight(text, kind)), 4),
        gc=round((text.count("G") + text.count("C")) / len(text), 6) if nucleic else None,
        melting_temperature=(
            round(float(melting.Tm_NN(text, nn_table=melting.DNA_NN3)), 4) if melts else None
        ),
        isoelectric_point=round(float(protein.isoelectric_point()), 4) if protein else None,
        hydropathy=round(float(protein.gravy()), 6) if protein else None,
        reverse_complement=complement,
    )


@tool(
    seconds=0.01,
    limit_seconds=30,
    needs=("biopython",),
    tags=("bio", "sequence"),
    examples=(Example({"sequence": "ATGGCC"}, value="MA", source="the standard genetic code"),),
)
def translate_dna(
    sequence: Sequence, frame: Annotated[int, Ge(1), Le(3)] = 1, to_stop: bool = True
) -> str:
    """Translate a coding strand of DNA by the standard genetic code.

    Args:
        sequence: of A, C, G and T, 5' to 3'; blanks are dropped.
        frame: base to begin with.
        to_stop: end before the first stop codon; `*` stands for stops otherwise.

    Raises:
        Refuse: with kind `bad_arguments`, another letter is in it or no codon is left.
    """
    strings: Any = import_module("Bio.Seq")
    text = _clean(sequence, "DNA")[frame - 1 :]
    text = text[: len(text) // 3 * 3]
    if not text:
        reason = f"no codon is left in frame {frame}"
        raise Refuse(reason, kind=FailureKind.BAD_ARGUMENTS)
    return str(strings.Seq(text).translate(to_stop=to_stop))


def _clean(sequence: str, kind: Kind) -> str:
    text = re.sub(r"\s+", "", sequence).upper()
    foreign = sorted(set(text) - set(_LETTERS[kind]))
    if foreign or not text:
        said = f"holds {', '.join(map(repr, foreign[:5]))}" if foreign else "is empty"
        reason = f"the {kind} sequence {said}; letters are {_LETTERS[kind]}"
        raise Refuse(reason, kind=FailureKind.BAD_ARGUMENTS)
    return text
