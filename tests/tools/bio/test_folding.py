import pytest

pytest.importorskip("RNA", reason="extra `rna` is not installed: pip install 'gaseol[rna]'")

from gaseol.tools import Refuse
from gaseol.tools.bio import fold_rna
from gaseol.traces.nouns.failure import FailureKind

# Yeast tRNA-Phe without its modifications: S. H. Kim et al., Science 185, 435 (1974).
PHENYLALANINE = "GCGGAUUUAGCUCAGUUGGGAGAGCGCCAGACUGAAGAUCUGGAGGUCCUGUGUUCGAUCCACAGAAUUCGCACCA"


def test_transfer_rna_is_a_cloverleaf():
    found = fold_rna(PHENYLALANINE)
    # the acceptor stem of seven pairs, and arms of four, five and five
    assert found.structure == (
        "(((((((..((((........)))).(((((.......))))).....(((((.......))))))))))))...."
    )
    assert found.energy == pytest.approx(-22.4, abs=0.3)
    assert found.ensemble_energy <= found.energy
    assert found.paired == pytest.approx(2 * 21 / 76, abs=1e-6)


def test_a_hairpin_by_the_table():
    """GGGGAAAACCCC from D. H. Mathews et al., PNAS 101, 7287 (2004): three stacks and a loop.

    Each GG/CC stack -3.3 kcal/mol; a loop of four 5.6, its mismatch of G and A at a C-G or G-C
    pair between -.8 and -1.5: -9.9 + 5.6 - 1.1 +- .4.
    """
    found = fold_rna("GGGGAAAACCCC")
    assert found.structure == "((((....))))"
    assert found.energy == pytest.approx(-5.4, abs=0.4)


def test_boltzmann_holds_between_structure_and_ensemble():
    import math

    found = fold_rna(PHENYLALANINE, temperature=50.0)
    expected = math.exp(-(found.energy - found.ensemble_energy) / (1.98717e-3 * 323.15))
    assert found.frequency == pytest.approx(expected, rel=0.02)


def test_heat_melts():
    assert fold_rna("GGGGAAAACCCC", temperature=90.0).paired == 0


def test_thymine_is_uracil_and_other_letters_are_not():
    assert fold_rna("GGGGTTTTCCCC") == fold_rna("ggggUUUU cccc")
    with pytest.raises(Refuse, match="'X'") as refusal:
        fold_rna("GGXXCC")
    assert refusal.value.kind is FailureKind.BAD_ARGUMENTS
