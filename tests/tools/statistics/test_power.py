import numpy as np
import pytest

from gaseol.tools import Refuse
from gaseol.tools.statistics import group_size, proportion_size


# J. Cohen, Statistical Power Analysis for the Behavioral Sciences, 2nd edition (1988), table 2.4.1
# (and as a primer, Psychol. Bull. 112, 155 (1992), table 2): cases a group at power .80.
@pytest.mark.parametrize(
    ("effect", "alpha", "cases"),
    [(0.2, 0.05, 393), (0.5, 0.05, 64), (0.8, 0.05, 26), (0.5, 0.01, 95), (0.8, 0.01, 38)],
)
def test_cohens_table(effect, alpha, cases):
    found = group_size(effect, alpha=alpha)
    assert abs(found.cases - cases) <= 1  # the table rounds
    assert found.power >= 0.8


def test_the_size_is_the_smallest():
    found = group_size(0.5)
    assert group_size(0.5, power=found.power - 1e-9).cases == found.cases
    assert group_size(0.5, power=found.power + 1e-6).cases == found.cases + 1


def test_power_as_simulated():
    rng = np.random.default_rng(2)
    found = group_size(0.9, paired=True)
    draws = rng.normal(0.9, 1, (20_000, found.cases))
    t = draws.mean(1) / (draws.std(1, ddof=1) / np.sqrt(found.cases))
    from scipy.stats import t as student

    seen = np.mean(np.abs(t) > student.ppf(0.975, found.cases - 1))
    assert seen == pytest.approx(found.power, abs=0.01)  # three standard errors: .0085


def test_one_side_needs_fewer():
    assert group_size(0.5, sides="one-sided").cases < group_size(0.5).cases


def test_a_tiny_effect_needs_many_and_a_tinier_one_too_many():
    assert group_size(0.002).cases == pytest.approx(2 * (2.8016 / 0.002) ** 2, rel=1e-3)
    with pytest.raises(Refuse, match="over 10000000"):
        group_size(0.0001)


@pytest.mark.parametrize(("expected", "null"), [(0.7, 0.5), (0.3, 0.5), (0.15, 0.05), (0.95, 0.9)])
def test_shares_as_counted_exactly(expected, null):
    from math import comb

    found = proportion_size(expected, null)
    p, q = (expected, null) if expected > null else (1 - expected, 1 - null)
    n = found.cases

    def above(least, share):
        return sum(comb(n, k) * share**k * (1 - share) ** (n - k) for k in range(least, n + 1))

    least = next(k for k in range(n + 1) if above(k, q) <= 0.05)
    assert above(least, p) == pytest.approx(found.power, abs=1e-9)
    assert found.power >= 0.8


def test_what_no_size_shows_is_refused():
    with pytest.raises(Refuse, match="null's"):
        proportion_size(0.5, 0.5)
    with pytest.raises(Refuse, match="above alpha"):
        group_size(0.5, power=0.04)
