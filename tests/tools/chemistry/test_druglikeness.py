import csv
from pathlib import Path

import pytest

from gaseol.tools import Refuse
from gaseol.tools.chemistry import drug_likeness, structural_alerts
from gaseol.traces.nouns.failure import FailureKind

ATORVASTATIN = "CC(C)c1c(C(=O)Nc2ccccc2)c(-c2ccccc2)c(-c2ccc(F)cc2)n1CC[C@@H](O)C[C@@H](O)CC(=O)O"
ASPIRIN = "CC(=O)Oc1ccccc1C(=O)O"


def test_rules_count_what_is_broken():
    # Atorvastatin, 558.6 g/mol and log P 6.3, is an approved drug beyond the rule of five.
    drug, small = drug_likeness([ATORVASTATIN, ASPIRIN])
    assert (drug.lipinski_violations, drug.veber) == (2, False)
    assert (small.lipinski_violations, small.veber) == (0, True)


def test_accessibility_is_that_of_its_authors():
    """Against the 100 molecules that rdkit ships with the score, as its own test does."""
    from rdkit import RDConfig

    file = Path(RDConfig.RDContribDir, "SA_Score", "data", "zim.100.txt")
    with file.open() as lines:
        rows = list(csv.DictReader(lines, delimiter="\t"))
    known = {row["smiles"]: float(row["sa_score"]) for row in rows}
    assert len(known) > 80
    for found in drug_likeness(list(known)):
        assert found.synthetic_accessibility == pytest.approx(known[found.smiles], abs=1e-3)


def test_qed_is_the_weighted_geometric_mean():
    """From the eight desirabilities and weights, put together here as the paper's equation 4."""
    import math

    from rdkit import Chem
    from rdkit.Chem import QED

    properties = QED.properties(Chem.MolFromSmiles(ASPIRIN))
    desired = [
        QED.ads(value, QED.adsParameters[name]) for name, value in properties._asdict().items()
    ]
    weights = list(QED.WEIGHT_MEAN)
    expected = math.exp(
        sum(w * math.log(d) for w, d in zip(weights, desired, strict=True)) / sum(weights)
    )
    assert drug_likeness([ASPIRIN])[0].qed == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(
    ("smiles", "catalogue", "name"),
    [
        ("O=C1C=CC(=O)C=C1", "PAINS", "quinone_A(370)"),
        ("O=[N+]([O-])c1ccccc1", "BRENK", "nitro_group"),
        ("O=C1CSC(=S)N1", "PAINS", "rhod_sat_A(33)"),
    ],
)
def test_known_offenders_raise_an_alert(smiles, catalogue, name):
    (found,) = structural_alerts([smiles])
    assert (catalogue, name) in {(one.catalogue, one.name) for one in found.alerts}
    assert all(one.atoms for one in found.alerts)


def test_clean_molecules_and_chosen_catalogues():
    quinone = "O=C1C=CC(=O)C=C1"
    clean, only = structural_alerts(["CCO", quinone], catalogues=("BRENK",))
    assert clean.alerts == ()
    assert {one.catalogue for one in only.alerts} == {"BRENK"}


def test_one_atom_is_out_of_domain():
    with pytest.raises(Refuse, match="one atom") as refusal:
        drug_likeness(["CCO", "C"])
    assert refusal.value.kind is FailureKind.OUT_OF_DOMAIN
