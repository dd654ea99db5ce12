import pytest

from gaseol.tools import Refuse
from gaseol.tools.chemistry import tautomers
from gaseol.traces.nouns.failure import FailureKind


# Pairs of tautomers: J. Elguero, C. Marzin, A. R. Katritzky, P. Linda, The Tautomerism of
# Heterocycles, Academic Press (1976).
@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Oc1ccccn1", "O=c1cccc[nH]1"),
        ("Sc1ccccn1", "S=c1cccc[nH]1"),
        ("Cc1cnc[nH]1", "Cc1c[nH]cn1"),
        ("CC(=O)CC(C)=O", "CC(O)=CC(C)=O"),
        ("O=c1cc[nH]c(=O)[nH]1", "Oc1ccnc(O)n1"),
    ],
)
def test_tautomers_share_a_name_and_find_each_other(one, other):
    first, second = tautomers(one), tautomers(other)
    assert first.canonical == second.canonical
    assert second.smiles in first.tautomers
    assert first.complete


def test_what_cannot_shift_is_alone():
    found = tautomers("OCC")
    assert found.tautomers == (found.canonical,) == ("CCO",)


def test_the_cap_is_told():
    found = tautomers("O=c1[nH]c(=O)c2[nH]c(=O)[nH]c2[nH]1", most=3)
    assert not found.complete
    assert len(found.tautomers) <= 4


def test_too_large_a_molecule_is_refused():
    with pytest.raises(Refuse, match="61 heavy atoms") as refusal:
        tautomers("C" * 61)
    assert refusal.value.kind is FailureKind.OUT_OF_DOMAIN
