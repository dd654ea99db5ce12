import pytest

from gaseol.tools import Refuse
from gaseol.tools.materials import match_pattern, powder_pattern, prototype_structure
from gaseol.traces.nouns.failure import FailureKind

# NaCl, Cu K-alpha, angle and relative intensity: H. E. Swanson, R. K. Fuyat, Standard X-ray
# Diffraction Powder Patterns, NBS Circular 539, vol. 2 (1953), p. 41.
HALITE = [(27.33, 13), (31.69, 100), (45.45, 55), (53.85, 2), (56.47, 15), (66.22, 6),
          (75.29, 11), (83.97, 7)]  # fmt: skip


def lines(pairs):
    return tuple({"two_theta": angle, "intensity": intensity} for angle, intensity in pairs)


@pytest.fixture(scope="module")
def candidates():
    return tuple(
        prototype_structure(*one)
        for one in (
            ("rocksalt", ("K", "Cl"), 6.293),
            ("rocksalt", ("Na", "Cl"), 5.640),
            ("cesium chloride", ("Cs", "Cl"), 4.123),
            ("rocksalt", ("Mg", "O"), 4.211),
        )
    )


def test_the_measured_pattern_of_halite_is_halite(candidates):
    best, *others = match_pattern(lines(HALITE), candidates)
    assert (best.formula, best.candidate) == ("NaCl", 1)
    assert best.similarity > 0.98
    assert abs(best.strain) <= 0.002
    assert best.explained == pytest.approx(1)
    assert best.unseen < 0.01
    assert all(one.similarity < 0.3 for one in others)


def test_a_strained_cell_is_found_with_its_strain(candidates):
    strained = prototype_structure("rocksalt", ("Na", "Cl"), 5.640 * 1.008)
    seen = [(peak.two_theta, peak.intensity) for peak in powder_pattern(strained)]
    best = match_pattern(lines(seen), candidates)[0]
    assert best.strain == pytest.approx(0.008)
    assert best.similarity == pytest.approx(1, abs=1e-3)
    rigid = match_pattern(lines(seen), candidates, most_strain=0.0)[0]
    assert rigid.strain == 0
    assert rigid.similarity < 0.7


def test_of_a_mixture_each_phase_explains_its_share(candidates):
    halite = [(p.two_theta, p.intensity) for p in powder_pattern(candidates[1])]
    magnesia = [(p.two_theta, p.intensity) for p in powder_pattern(candidates[3])]
    found = {one.formula: one for one in match_pattern(lines(halite + magnesia), candidates)}
    total = sum(i for _, i in halite + magnesia)
    share = sum(i for _, i in halite) / total
    assert found["NaCl"].explained == pytest.approx(share, abs=0.05)
    assert found["NaCl"].unseen == pytest.approx(0, abs=1e-9)


def test_a_scale_of_intensity_changes_nothing(candidates):
    once = match_pattern(lines(HALITE), candidates)
    again = match_pattern(lines([(a, 1000 * i) for a, i in HALITE]), candidates)
    assert [one.candidate for one in again] == [one.candidate for one in once]
    assert again[0].similarity == pytest.approx(once[0].similarity)


def test_no_line_in_range_is_empty(candidates):
    with pytest.raises(Refuse, match="no candidate") as refusal:
        match_pattern(lines([(5.0, 1.0)]), candidates)
    assert refusal.value.kind is FailureKind.EMPTY
