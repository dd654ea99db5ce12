import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaseol.tools import Refuse
from gaseol.tools.chemistry import similar_molecules, substructure_search
from gaseol.traces.nouns.failure import FailureKind

LIBRARY = ["CCO", "CCN", "OCC", "c1ccccc1", "c1ccc(-c2ccccc2)cc1", "CC(=O)Oc1ccccc1C(=O)O"]


def test_the_coefficient_is_common_bits_over_all_bits():
    """Against sets of bits, counted here: T. T. Tanimoto's coefficient, |a and b| / |a or b|."""
    from rdkit import Chem
    from rdkit.Chem import rdFingerprintGenerator

    generator = rdFingerprintGenerator.GetMorganGenerator(radius=2, fpSize=2048)
    bits = [set(generator.GetFingerprint(Chem.MolFromSmiles(s)).GetOnBits()) for s in LIBRARY]
    for found in similar_molecules("CCO", LIBRARY):
        own, other = bits[0], bits[found.position]
        assert found.similarity == pytest.approx(len(own & other) / len(own | other))


@pytest.mark.parametrize("fingerprint", ["morgan", "maccs", "topological"])
def test_most_similar_first_and_equals_at_one(fingerprint):
    found = similar_molecules("C(O)C", LIBRARY, fingerprint=fingerprint)
    assert [one.position for one in found[:2]] == [0, 2]
    assert found[0].similarity == found[1].similarity == 1.0
    scores = [one.similarity for one in found]
    assert scores == sorted(scores, reverse=True)
    assert len(found) == len(LIBRARY)


@given(st.sampled_from(LIBRARY), st.sampled_from(LIBRARY))
def test_similarity_is_mutual(one, other):
    (there,), (back,) = similar_molecules(one, [other]), similar_molecules(other, [one])
    assert there.similarity == back.similarity


def test_few_or_similar_ones_only():
    assert len(similar_molecules("CCO", LIBRARY, most=2)) == 2
    assert all(one.similarity >= 0.3 for one in similar_molecules("CCO", LIBRARY, at_least=0.3))
    assert similar_molecules("CCO", ["c1ccccc1"], at_least=0.5) == []


@pytest.mark.parametrize(
    ("pattern", "holders"),
    [
        ("c1ccccc1", [(3, 1), (4, 2), (5, 1)]),
        ("[OX2H]", [(0, 1), (2, 1), (5, 1)]),
        ("[CX3](=O)[OX2H1]", [(5, 1)]),
        ("[NX3;H2]", [(1, 1)]),
        ("P", []),
    ],
)
def test_finds_who_holds_a_pattern(pattern, holders):
    found = substructure_search(pattern, LIBRARY)
    assert [(one.position, one.matches) for one in found] == holders
    assert all(one.smiles == LIBRARY[one.position] for one in found)


@pytest.mark.parametrize("pattern", ["", "c1cccc", "[", "C C", "[$(", "\n", "C" * 1001])
def test_what_is_no_pattern_is_a_bad_argument(pattern):
    with pytest.raises(Refuse) as refusal:
        substructure_search(pattern, LIBRARY)
    assert refusal.value.kind is FailureKind.BAD_ARGUMENTS


def test_a_library_with_a_bad_member_is_refused():
    with pytest.raises(Refuse, match=r"smiles\[1\]"):
        similar_molecules("C", ["C", "C("])
    with pytest.raises(Refuse):
        similar_molecules("C(", ["C"])
