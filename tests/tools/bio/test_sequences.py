import pytest

pytest.importorskip("Bio", reason="extra `bio` is not installed: pip install 'gaseol[bio]'")

from gaseol.tools import Refuse
from gaseol.tools.bio import sequence_properties, translate_dna
from gaseol.traces.nouns.failure import FailureKind


def test_a_duplex_melts_as_the_nearest_neighbours_say():
    """CGTTGATCAACG from tables 1 and 2 of J. SantaLucia, PNAS 95, 1460 (1998), summed here."""
    import math

    stacks = {"CG": (-10.6, -27.2), "GT": (-8.4, -22.4), "TT": (-7.9, -22.2), "TG": (-8.5, -22.7),
              "GA": (-8.2, -22.2), "AT": (-7.2, -20.4), "TC": (-8.2, -22.2), "CA": (-8.5, -22.7),
              "AA": (-7.9, -22.2), "AC": (-8.4, -22.4)}  # fmt: skip
    text = "CGTTGATCAACGT"
    pairs = [text[i : i + 2] for i in range(len(text) - 1)]
    enthalpy = sum(stacks[pair][0] for pair in pairs) + 0.1 + 2.3  # ends: G-C and A-T
    entropy = sum(stacks[pair][1] for pair in pairs) - 2.8 + 4.1
    entropy += 0.368 * (len(text) - 1) * math.log(0.05)
    strands = 25e-9 - 25e-9 / 2
    expected = 1000 * enthalpy / (entropy + 1.987 * math.log(strands)) - 273.15
    found = sequence_properties(text, "DNA").melting_temperature
    assert found == pytest.approx(expected, abs=0.5)


def test_a_protein_by_hand():
    # Kyte-Doolittle: I 4.5, V 4.2, R -4.5, K -3.9.
    found = sequence_properties("IVRK", "protein")
    assert found.hydropathy == pytest.approx((4.5 + 4.2 - 4.5 - 3.9) / 4)
    # Residue masses I 113.158, V 99.131, R 156.186, K 128.172, water 18.015.
    assert found.molar_mass == pytest.approx(
        113.158 + 99.131 + 156.186 + 128.172 + 18.015, abs=0.05
    )
    assert found.isoelectric_point > 10
    assert found.gc is None


def test_hen_lysozyme_weighs_what_is_known():
    # UniProt P00698 without its signal peptide; 14,313 g/mol with reduced cysteines, pI about 10.7
    # by experiment (L. R. Wetter, H. F. Deutsch, J. Biol. Chem. 192, 237 (1951)).
    text = (
        "KVFGRCELAAAMKRHGLDNYRGYSLGNWVCAAKFESNFNTQATNRNTDGSTDYGILQINSRWWCNDGRTPGSRNLCNIPCSALLSS"
        "DITASVNCAKKIVSDGNGMNAWVAWRNRCKGTDVQAWIRGCRL"
    )
    found = sequence_properties(text, "protein")
    assert found.length == 129
    assert found.molar_mass == pytest.approx(14_313, abs=2)
    assert found.isoelectric_point == pytest.approx(10.7, abs=1.5)


def test_complements_and_counts():
    found = sequence_properties("atgg cc\nATT", "DNA")
    assert found.reverse_complement == "AATGGCCAT"
    assert found.counts == {"A": 2, "C": 2, "G": 2, "T": 3}
    assert found.gc == pytest.approx(4 / 9, abs=1e-6)
    assert sequence_properties("GGAUCC", "RNA").reverse_complement == "GGAUCC"
    assert sequence_properties("ATG", "DNA").melting_temperature is None


def test_the_genetic_code():
    # Insulin's B chain begins Phe-Val-Asn-Gln-His-Leu: TTT GTG AAC CAA CAC CTG.
    assert translate_dna("TTTGTGAACCAACACCTGTAAGGG") == "FVNQHL"
    assert translate_dna("TTTGTGAACCAACACCTGTAAGGG", to_stop=False) == "FVNQHL*G"
    assert translate_dna("ATTTGTG", frame=2) == "FV"


@pytest.mark.parametrize(
    ("sequence", "kind"), [("ACGU", "DNA"), ("ACGT", "RNA"), ("BXZ", "protein"), ("  ", "DNA")]
)
def test_foreign_letters_are_bad_arguments(sequence, kind):
    with pytest.raises(Refuse) as refusal:
        sequence_properties(sequence, kind)
    assert refusal.value.kind is FailureKind.BAD_ARGUMENTS
    with pytest.raises(Refuse):
        translate_dna("AC")
