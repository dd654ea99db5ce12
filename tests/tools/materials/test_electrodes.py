import pytest

from gaseol.tools import Refuse, Retry
from gaseol.tools.materials import conversion_electrode, insertion_electrode
from gaseol.traces.nouns.failure import FailureKind

EV = 96.48533212  # kJ/mol

# Standard enthalpies of formation in kJ/mol at 298.15 K: CRC Handbook of Chemistry and Physics,
# standard thermodynamic properties (LiF, FeF2); NIST-JANAF tables (FeF3).
FLUORIDES = {"LiF": (2, -616.0), "FeF2": (3, -711.3), "FeF3": (4, -1041.8)}


def entry(composition, energy):
    return {"composition": composition, "energy": energy}


def fluorides():
    pure = [entry(one, 0.0) for one in ("Fe", "F2", "Li")]
    return pure + [entry(name, h / atoms / EV) for name, (atoms, h) in FLUORIDES.items()]


def test_iron_fluoride_converts_in_two_steps():
    """Each plateau against Nernst's equation for its reaction, worked out here."""
    found = conversion_electrode("FeF3", "Li", fluorides())
    first = -(-711.3 - 616.0 + 1041.8) / EV  # FeF3 + Li -> FeF2 + LiF
    second = -(2 * -616.0 + 711.3) / (2 * EV)  # FeF2 + 2 Li -> Fe + 2 LiF
    assert [one.voltage for one in found.plateaus] == pytest.approx([first, second], abs=1e-4)
    assert [one.discharged for one in found.plateaus] == ["FeF2 + LiF", "Fe + LiF"]
    # 3 F / (M(FeF3) + 3 M(Li)), atomic masses of IUPAC
    assert found.capacity == pytest.approx(3 * 26801.48 / (112.840 + 3 * 6.94), rel=1e-3)
    # About 2.7 V: F. Badway, N. Pereira, F. Cosandey, G. G. Amatucci, J. Electrochem. Soc. 150,
    # A1209 (2003) cycle FeF3 between 1.5 and 4.5 V around it.
    assert found.average == pytest.approx(2.74, abs=0.15)


def test_the_formula_may_be_a_multiple():
    once = conversion_electrode("FeF3", "Li", fluorides())
    assert conversion_electrode("Fe2F6", "Li", fluorides()).capacity == pytest.approx(once.capacity)


def test_a_host_with_one_step():
    # Made-up energies: V = - (E(LiCoO2) - E(CoO2) - E(Li)) with 4 and 3 atoms.
    found = insertion_electrode([entry("CoO2", -5.0), entry("LiCoO2", -5.7)], "Li", -1.9)
    assert found.average == pytest.approx(-(4 * -5.7 - 3 * -5.0 + 1.9))
    # The textbook's 274 mAh/g: K. Mizushima, P. C. Jones, P. J. Wiseman, J. B. Goodenough, Mater.
    # Res. Bull. 15, 783 (1980).
    assert found.capacity == pytest.approx(273.8, abs=0.3)
    assert found.energy == pytest.approx(found.average * found.capacity)


def test_stable_intermediates_split_a_step_and_unstable_ones_do_not():
    ends = [entry("CoO2", 0.0), entry("LiCoO2", -1.0)]
    stable = insertion_electrode([*ends, entry("Li0.5CoO2", -0.62)], "Li", 0.0)
    assert [round(one.voltage, 6) for one in stable.plateaus] == [4.34, 3.66]
    assert stable.average == pytest.approx(4.0)
    above = insertion_electrode([*ends, entry("Li0.5CoO2", -0.5)], "Li", 0.0)
    assert [one.voltage for one in above.plateaus] == pytest.approx([4.0])


def test_two_electrons_an_ion():
    found = insertion_electrode([entry("V2O5", 0.0), entry("MgV2O5", -1.0)], "Mg", 0.0)
    assert found.average == pytest.approx(8 / 2)


def test_the_lower_of_two_polymorphs_counts():
    phases = [entry("CoO2", 0.0), entry("LiCoO2", -1.0), entry("LiCoO2", -0.9)]
    assert insertion_electrode(phases, "Li", 0.0).average == pytest.approx(4.0)


def test_swapped_energies_make_no_voltage():
    with pytest.raises(Refuse, match="chemistry knows") as refusal:
        insertion_electrode([entry("Mn2O4", 0.0), entry("LiMn2O4", -2.0)], "Li", 0.0)
    assert refusal.value.kind is FailureKind.IMPOSSIBLE


@pytest.mark.parametrize(
    ("phases", "said"),
    [
        ([entry("CoO2", 0.0), entry("LiNiO2", -1.0)], "not the host"),
        ([entry("CoO2", 0.0), entry("CoO2", -1.0)], "differ"),
        ([entry("Li", 0.0), entry("CoO2", -1.0)], "no host"),
        ([entry("CoO2", 0.0), entry("Qq", -1.0)], "not a formula"),
    ],
)
def test_what_is_no_electrode_is_sent_back(phases, said):
    with pytest.raises(Retry, match=said):
        insertion_electrode(phases, "Li", 0.0)


def test_conversion_asks_for_missing_elements_and_refuses_inert_ones():
    with pytest.raises(Retry, match="Li"):
        conversion_electrode("FeF3", "Li", [entry("Fe", 0.0), entry("F2", 0.0)])
    inert = [entry("Fe", 0.0), entry("Li", 0.0)]
    with pytest.raises(Refuse, match="takes up no Li") as refusal:
        conversion_electrode("Fe", "Li", inert)
    assert refusal.value.kind is FailureKind.EMPTY
