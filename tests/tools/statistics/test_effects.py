import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gaseol.tools import Refuse, Retry
from gaseol.tools.statistics import compare_groups, rank_correlation
from gaseol.traces.nouns.failure import FailureKind

# Student's sleep data, extra hours under two drugs: Student, Biometrika 6, 1 (1908).
FIRST = (0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0)
SECOND = (1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4)

sample = st.lists(st.floats(-50, 50), min_size=2, max_size=12)


def test_students_drugs():
    found = compare_groups(FIRST, SECOND)
    # Welch, as R's t.test(extra ~ group, data = sleep) prints: p = 0.07939, -3.3654832 0.2054832.
    assert found.difference == pytest.approx(-1.58)
    assert found.p_value == pytest.approx(0.07939, abs=5e-6)
    assert (found.low, found.high) == pytest.approx((-3.3654832, 0.2054832), abs=1e-6)
    # d = -1.58 / sqrt((3.200556 + 4.009) / 2); Hedges' 1 - 3 / (4 * 18 - 1) is good to a thousandth
    d = -1.58 / math.sqrt((3.200556 + 4.009) / 2)
    assert found.hedges_g == pytest.approx(d * (1 - 3 / 71), rel=1e-3)
    wins = [(a > b) + 0.5 * (a == b) for a in FIRST for b in SECOND]
    assert found.superiority == pytest.approx(sum(wins) / 100)
    assert found.cliffs_delta == pytest.approx(2 * sum(wins) / 100 - 1)


@settings(max_examples=40, deadline=None)
@given(sample, sample)
def test_exchanging_the_groups_turns_every_sign(one, other):
    if np.var(one) + np.var(other) < 1e-6:
        return
    there, back = compare_groups(tuple(one), tuple(other)), compare_groups(tuple(other), tuple(one))
    assert there.difference == pytest.approx(-back.difference)
    assert there.hedges_g == pytest.approx(-back.hedges_g)
    assert there.superiority == pytest.approx(1 - back.superiority)
    assert there.low <= there.difference <= there.high
    assert there.hedges_low <= there.hedges_g <= there.hedges_high


def test_groups_that_do_not_vary_are_empty():
    with pytest.raises(Refuse) as refusal:
        compare_groups((1, 1), (2, 2))
    assert refusal.value.kind is FailureKind.EMPTY


def test_anscombe_has_one_correlation_four_times():
    # F. J. Anscombe, Am. Stat. 27, 17 (1973): r = .816 for sets one and two.
    x = (10, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5)
    one = (8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68)
    two = (9.14, 8.14, 8.74, 8.77, 9.26, 8.10, 6.13, 3.10, 9.13, 7.26, 4.74)
    first, second = rank_correlation(x, one), rank_correlation(x, two)
    assert first.pearson == pytest.approx(0.816, abs=5e-4)
    assert second.pearson == pytest.approx(0.816, abs=5e-4)
    reach = 1.959964 / math.sqrt(8)
    assert first.pearson_low == pytest.approx(math.tanh(math.atanh(first.pearson) - reach))


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(-1000, 1000), min_size=5, max_size=30, unique=True))
def test_a_rising_function_has_rank_correlation_one(x):
    found = rank_correlation(tuple(x), tuple(one**3 for one in x))
    assert found.spearman == pytest.approx(1)
    assert found.kendall == pytest.approx(1)


def test_unequal_numbers_and_constants():
    with pytest.raises(Retry):
        rank_correlation((1, 2, 3, 4), (1, 2, 3, 4, 5))
    with pytest.raises(Refuse, match="does not vary"):
        rank_correlation((1, 1, 1, 1), (1, 2, 3, 4))
