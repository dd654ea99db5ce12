import os

import pytest

os.environ["PYBAMM_DISABLE_TELEMETRY"] = "1"  # as the tools do; a test may be the first to import
pytest.importorskip(
    "pybamm", reason="extra `energy` is not installed: pip install 'gaseol[energy]'"
)

from xml.etree import ElementTree

from gaseol.tools import Refuse
from gaseol.tools.energy import cell_ageing, cell_discharge
from gaseol.traces.nouns.failure import FailureKind

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::UserWarning"),
]


def test_a_slow_discharge_gives_the_nominal_capacity():
    # LG M50: 5 Ah, C.-H. Chen et al., J. Electrochem. Soc. 167, 080534 (2020).
    found = cell_discharge("Chen2020", rate=0.1)
    assert found.capacity == pytest.approx(5.0, rel=0.04)
    assert 3.5 < found.mean_voltage < 3.75
    assert found.energy == pytest.approx(found.capacity * found.mean_voltage, rel=1e-5)
    assert ElementTree.fromstring(found.drawing).tag.endswith("svg")


def test_an_iron_phosphate_cell_has_its_own_voltage():
    # A123 26650: 2.3 Ah, 3.3 V nominal: E. Prada et al., J. Electrochem. Soc. 160, A616 (2013).
    found = cell_discharge("Prada2013", rate=0.1)
    assert found.capacity == pytest.approx(2.3, rel=0.05)
    assert found.mean_voltage < 3.4


def test_faster_and_colder_give_less():
    slow, fast = (cell_discharge(rate=rate) for rate in (0.2, 1.5))
    cold = cell_discharge(rate=1.0, temperature=273.15)
    warm = cell_discharge(rate=1.0, temperature=298.15)
    assert fast.energy < slow.energy
    assert cold.energy < warm.energy


def test_cycling_takes_lithium_and_warmth_takes_more():
    mild, warm = (cell_ageing(5, temperature=t) for t in (298.15, 318.15))
    assert 0 < mild.lithium_lost < warm.lithium_lost
    assert warm.retention < mild.retention < 1


def test_the_layer_grows_with_the_root_of_time():
    """Growth limited by diffusion goes with sqrt(t): four times the cycles, twice the loss.

    H. J. Ploehn, P. Ramadass, R. E. White, J. Electrochem. Soc. 151, A456 (2004). The layer that is
    there at the start makes early growth slower than the law: hence the range.
    """
    few, many = (cell_ageing(n).lithium_lost for n in (5, 20))
    assert 1.8 < many / few < 4.0


def test_telemetry_is_off():
    assert os.environ["PYBAMM_DISABLE_TELEMETRY"] == "1"


@pytest.mark.parametrize("rate", [0.0, -1.0, 50.0, float("inf")])
def test_rates_out_of_bounds_are_bad_arguments(rate):
    with pytest.raises(Refuse) as refusal:
        cell_discharge(rate=rate)
    assert refusal.value.kind is FailureKind.BAD_ARGUMENTS
