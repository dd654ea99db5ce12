"""Powder patterns against Bragg's law and a reference pattern."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gaseol.tools import Refuse, Retry
from gaseol.tools.materials import powder_pattern, powder_profile
from gaseol.tools.materials.crystal import Crystal, Site
from gaseol.traces.nouns.failure import FailureKind

CU_K_ALPHA_1 = 1.54056  # angstrom, as pymatgen has it


def test_silicon_has_the_angles_of_braggs_law_and_no_others(silicon):
    peaks = powder_pattern(silicon, "CuKa1", 20, 80)
    families = [(1, 1, 1), (2, 2, 0), (3, 1, 1), (4, 0, 0), (3, 3, 1)]
    spacings = [5.431020511 / math.hypot(*family) for family in families]
    angles = [2 * math.degrees(math.asin(CU_K_ALPHA_1 / (2 * d))) for d in spacings]
    strong = [peak for peak in peaks if peak.intensity > 0.01]
    assert [peak.two_theta for peak in strong] == pytest.approx(angles, abs=0.002)
    assert [peak.spacing for peak in strong] == pytest.approx(spacings, rel=1e-6)
    assert [tuple(sorted(peak.hkl[0], reverse=True)) for peak in strong] == families


def test_silicon_has_the_intensities_of_the_reference_pattern(silicon):
    # Powder Diffraction File 27-1402 (silicon powder, SRM 640), measured: 100, 55, 30. Without
    # thermal motion and texture the calculation is 20 to 30 % high at the outer lines.
    peaks = [p for p in powder_pattern(silicon, "CuKa1", 20, 60) if p.intensity > 1]
    assert [p.intensity for p in peaks] == pytest.approx([100, 55, 30], rel=0.35)


def test_halite_is_strongest_at_200(halite):
    peaks = powder_pattern(halite, two_theta_min=20, two_theta_max=60)
    strongest = max(peaks, key=lambda peak: peak.intensity)
    assert strongest.intensity == pytest.approx(100)
    assert sorted(map(abs, strongest.hkl[0])) == [0, 0, 2]
    # The 200 line of halite is at 31.7 degrees with Cu K-alpha.
    assert strongest.two_theta == pytest.approx(31.7, abs=0.05)


def test_the_profile_is_100_at_its_top_and_background_far_away(silicon):
    (top,) = powder_profile(silicon, (28.46,), fwhm=0.2, background=7.0)
    assert top == pytest.approx(107, abs=1)
    (between,) = powder_profile(silicon, (38.0,), fwhm=0.2, background=7.0, lorentzian=0.0)
    assert between == pytest.approx(7.0, abs=1e-6)


@settings(max_examples=20, deadline=None)
@given(angle=st.floats(15, 85), others=st.lists(st.floats(15, 85), max_size=3))
def test_a_profile_does_not_depend_on_the_other_angles(angle, others):
    cell = ((3.0, 0.0, 0.0), (0.0, 3.0, 0.0), (0.0, 0.0, 3.0))
    iron = Crystal(cell=cell, sites=(Site(element="Fe", position=(0.0, 0.0, 0.0)),))
    assert powder_profile(iron, (angle, *others))[0] == pytest.approx(
        powder_profile(iron, (angle,))[0], rel=1e-12
    )


def test_a_half_height_is_half_a_width_away():
    cell = ((3.0, 0.0, 0.0), (0.0, 3.0, 0.0), (0.0, 0.0, 3.0))
    iron = Crystal(cell=cell, sites=(Site(element="Fe", position=(0.0, 0.0, 0.0)),))
    centre = max(powder_pattern(iron), key=lambda peak: peak.intensity).two_theta
    top, half = powder_profile(iron, (centre, centre + 0.25), fwhm=0.5)
    assert top == pytest.approx(100, abs=0.5)
    assert half == pytest.approx(50, abs=0.5)


def test_a_range_upside_down_asks_again(silicon):
    with pytest.raises(Retry, match="below"):
        powder_pattern(silicon, two_theta_min=50, two_theta_max=40)


def test_no_line_in_range_is_empty(silicon):
    with pytest.raises(Refuse) as refused:
        powder_pattern(silicon, two_theta_min=10, two_theta_max=15)
    assert refused.value.kind is FailureKind.EMPTY


def test_a_huge_cell_asks_for_less():
    cell = ((150.0, 0.0, 0.0), (0.0, 150.0, 0.0), (0.0, 0.0, 150.0))
    sparse = Crystal(cell=cell, sites=(Site(element="Fe", position=(0.0, 0.0, 0.0)),))
    with pytest.raises(Retry, match="reflections"):
        powder_pattern(sparse)
