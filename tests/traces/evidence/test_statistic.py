"""The numbers of a claim, from the record and nothing else."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from gaseol.traces.evidence.statistic import NoOrigin, compute, figure
from gaseol.traces.nouns.failure import Failure, FailureKind
from gaseol.traces.nouns.measurement import Measurement
from gaseol.traces.record.docket import Docket
from gaseol.traces.record.event import Measured
from gaseol.traces.record.trace import Trace


def holding(values, unit="K"):
    docket = Docket()
    for seq, value in enumerate(values):
        about = {"case": f"c{seq}", "quantity": "t", "tool": "t", "request": 0, "unit": unit}
        failure = Failure(kind=FailureKind.EMPTY, reason="nothing") if value is None else None
        measurement = Measurement(**about, raw=value, value=value, failure=failure)
        docket.add(seq, Measured(measurement=measurement))
    return docket


numbers = st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=12)


@given(numbers)
@settings(deadline=None)
def test_summaries(values):
    docket, cited = holding(values), range(len(values))
    assert compute(docket, "count", cited) == len(values)
    assert compute(docket, "mean", cited) == pytest.approx(sum(values) / len(values), abs=1e-6)
    assert compute(docket, "minimum", cited) == min(values)
    assert compute(docket, "maximum", cited) == max(values)
    assert compute(docket, "value", [1]) == values[1]


@given(st.lists(st.tuples(st.integers(-9, 9), st.integers(-9, 9)), min_size=3, max_size=12))
@settings(deadline=None)
def test_comparisons(pairs):
    x, y = [float(a) for a, _ in pairs], [float(b) for _, b in pairs]
    docket = holding(x + y)
    ours, theirs = range(len(x)), range(len(x), 2 * len(x))
    error = compute(docket, "mean_absolute_error", ours, theirs)
    assert error == pytest.approx(sum(abs(a - b) for a, b in pairs) / len(pairs))
    if len(set(x)) == 1 or len(set(y)) == 1:
        with pytest.raises(NoOrigin, match="all the same"):
            compute(docket, "rank_correlation", ours, theirs)
    else:
        expected = stats.spearmanr(x, y).statistic
        assert compute(docket, "rank_correlation", ours, theirs) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("statistic", "cited", "against", "problem"),
    [
        ("mean", (), (), "cites no measurement"),
        ("mean", (0, 9), (), "event 9 is no measurement"),
        ("mean", (0, 3), (), "measurement 3 failed"),
        ("value", (0, 1), (), "cites 2 measurements, not one"),
        ("mean_absolute_error", (0, 1), (2,), "compares 2 measurements with 1"),
        ("rank_correlation", (0,), (1,), "compares 1 measurements with 1"),
        ("count", (7,), (), "event 7 is no measurement"),
        ("ruling", (), (), "which is not there"),
    ],
)
def test_what_has_no_origin_is_refused(statistic, cited, against, problem):
    with pytest.raises(NoOrigin, match=problem):
        compute(holding([1.0, 2.0, 4.0, None]), statistic, cited, against)


def test_a_figure_has_the_unit_of_what_it_cites():
    docket = holding([1.0, 2.0])
    assert figure(docket, "mean", (0, 1)).unit == "K"
    assert figure(docket, "count", (0, 1)).unit == ""
    assert str(figure(docket, "mean", (0, 1), digits=2)) == "1.5 K"
    docket.measurements[1] = docket.measurements[1].model_copy(update={"unit": "degC"})
    with pytest.raises(NoOrigin, match="mixes the units K, degC"):
        figure(docket, "mean", (0, 1))


def test_figures_of_a_hypothesis_are_those_of_its_verdict(sealed):
    docket = Docket.of(Trace(sealed))
    for name, verdict in docket.verdicts.items():
        counted = [e for e in docket.evidence[name] if e.admissible]
        assert compute(docket, "ruling", hypothesis=name) == verdict.ruling.value
        assert compute(docket, "draws", hypothesis=name) == verdict.draws == len(counted)
        assert compute(docket, "log_e_for", hypothesis=name) == verdict.log_e_for
        assert compute(docket, "log_e_against", hypothesis=name) == verdict.log_e_against
    assert compute(docket, "hits", hypothesis="up") == docket.verdicts["up"].draws - 1
    assert compute(docket, "hits", hypothesis="down") == 0
    assert compute(docket, "statement", hypothesis="spare") == "the statement of spare"
    with pytest.raises(NoOrigin, match="has no verdict"):
        compute(docket, "ruling", hypothesis="spare")


def test_the_mean_is_exact_enough_to_be_checked():
    values = np.random.default_rng(1).normal(300, 5, 1000).tolist()
    docket = holding(values)
    assert compute(docket, "mean", range(1000)) == pytest.approx(np.mean(values), rel=1e-12)
