import statistics
import time

import pytest

from gaseol.tools import Refuse
from gaseol.tools.chemistry import (
    boiling_point,
    dipole_moment,
    formation_enthalpy,
    melting_point,
)
from gaseol.tools.chemistry.tables import table
from gaseol.traces.nouns.failure import FailureKind


@pytest.mark.parametrize(
    ("of", "column"),
    [("boiling_point", "Tb"), ("melting_point", "Tm")],
)
def test_agrees_with_an_independent_compilation(of, column):
    """The NIST Chemistry WebBook, doi:10.18434/T4M88Q, as `chemicals` ships it."""
    from chemicals import phase_change

    others = {
        cas: value
        for cas in table(of).values
        if (value := getattr(phase_change, column)(cas, method="WEBBOOK"))
    }
    differences = [abs(table(of).values[cas] - value) for cas, value in others.items()]
    assert len(differences) > 2000
    assert statistics.median(differences) < 1.0
    assert sum(difference <= 5 for difference in differences) > 0.85 * len(differences)


# Boiling points of the NIST Chemistry WebBook in K, rounded; tolerance covers its spread.
@pytest.mark.parametrize(
    ("smiles", "cas", "kelvin"),
    [("CCO", "64-17-5", 351.5), ("c1ccccc1", "71-43-2", 353.3), ("CC(C)=O", "67-64-1", 329.3)],
)
def test_knows_common_solvents(smiles, cas, kelvin):
    found = boiling_point(smiles)
    assert found.temperature == pytest.approx(kelvin, abs=0.5)
    assert (found.cas, found.method) == (cas, "CRC_ORG")
    assert "CRC Handbook" in found.source
    assert found == boiling_point(cas)


def test_however_the_molecule_is_written():
    assert boiling_point("OCC") == boiling_point("C(C)O") == boiling_point("CCO")


@pytest.mark.parametrize("compound", ["50-02-2", "C" * 60, "999-99-9"])
def test_what_is_not_tabulated_is_empty_never_estimated(compound):
    with pytest.raises(Refuse, match="no boiling point") as refusal:
        boiling_point(compound)
    assert refusal.value.kind is FailureKind.EMPTY


def test_what_does_not_parse_is_a_bad_argument():
    with pytest.raises(Refuse) as refusal:
        melting_point("CC(")
    assert refusal.value.kind is FailureKind.BAD_ARGUMENTS


def test_thousands_of_look_ups_are_fast():
    entries = list(table("boiling_point").entries)[:2000]
    for smiles in entries[:10]:
        boiling_point(smiles)
    started = time.perf_counter()
    for smiles in entries:
        boiling_point(smiles)
    assert (time.perf_counter() - started) / len(entries) < 0.005


def test_a_value_without_a_structure_says_so():
    tabulated = table("boiling_point")
    structured = {entry.cas for entry in tabulated.entries.values()}
    lost = [cas for cas in tabulated.values if cas not in structured]
    refusals = []
    for cas in lost:
        try:
            boiling_point(cas)
        except Refuse as refusal:
            refusals.append(refusal)
    assert refusals
    assert {refusal.kind for refusal in refusals} == {FailureKind.EMPTY}
    assert all("no structure is known" in refusal.reason for refusal in refusals)


# NIST Chemistry WebBook, gas-phase enthalpies of formation; the tolerance covers its spread.
@pytest.mark.parametrize(
    ("smiles", "kilojoules"),
    [("C", -74.6), ("CO", -201.0), ("CCO", -234.8), ("c1ccccc1", 82.9), ("C=C", 52.4)],
)
def test_knows_enthalpies_of_formation(smiles, kilojoules):
    found = formation_enthalpy(smiles)
    assert found.enthalpy == pytest.approx(kilojoules, abs=1.5)
    assert 0 < found.uncertainty < 1.0
    assert "Active Thermochemical Tables" in found.source


def test_dipoles_agree_with_an_independent_compilation():
    """R. D. Nelson, D. R. Lide, A. A. Maryott, NSRDS-NBS 10 (1967), in debye."""
    known = {"O": 1.85, "C=O": 2.33, "CC#N": 3.92, "CC(C)=O": 2.88, "CO": 1.70, "Clc1ccccc1": 1.69}
    for smiles, debye in known.items():
        assert dipole_moment(smiles).dipole == pytest.approx(debye, abs=0.06)
    assert "Benchmark Database" in dipole_moment("O").source


def test_what_has_no_measured_dipole_is_empty():
    with pytest.raises(Refuse, match="no dipole moment") as refusal:
        dipole_moment("C" * 30)
    assert refusal.value.kind is FailureKind.EMPTY
