"""Fits against certified values of the NIST Statistical Reference Datasets, doi:10.18434/T43G6C."""

from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gaseol.tools import Refuse, Retry
from gaseol.tools.statistics import fit_curve, fit_line
from gaseol.traces.nouns.failure import FailureKind

# StRD, Norris (linear, J. Norris, NIST, calibration of ozone monitors): y and x.
NORRIS = [
    (0.1, 0.2), (338.8, 337.4), (118.1, 118.2), (888.0, 884.6), (9.2, 10.1), (228.1, 226.5),
    (668.5, 666.3), (998.5, 996.3), (449.1, 448.6), (778.9, 777.0), (559.2, 558.2), (0.3, 0.4),
    (0.1, 0.6), (778.1, 775.5), (668.8, 666.9), (339.3, 338.0), (448.9, 447.5), (10.8, 11.6),
    (557.7, 556.0), (228.3, 228.1), (998.0, 995.8), (888.8, 887.6), (119.6, 120.2), (0.3, 0.3),
    (0.6, 0.3), (557.6, 556.8), (339.3, 339.1), (888.0, 887.2), (998.5, 999.0), (778.9, 779.0),
    (10.2, 11.1), (117.6, 118.3), (228.9, 229.2), (668.4, 669.1), (449.2, 448.9), (0.2, 0.5),
]  # fmt: skip

# StRD, Misra1a (nonlinear, D. Misra, NIST, dental monolayers): y and x, y = b1 (1 - exp(-b2 x)).
MISRA = [
    (10.07, 77.6), (14.73, 114.9), (17.94, 141.1), (23.93, 190.8), (29.61, 239.9), (35.18, 289.0),
    (40.02, 332.8), (44.82, 378.4), (50.76, 434.8), (55.05, 477.3), (61.01, 536.8), (66.40, 593.1),
    (75.47, 689.1), (81.78, 760.0),
]  # fmt: skip


def split(pairs):
    y, x = zip(*pairs, strict=True)
    return x, y


def named(fit):
    return {one.name: one for one in fit.parameters}


def test_the_certified_line():
    found = fit_line(*split(NORRIS))
    by = named(found)
    assert by["intercept"].value == pytest.approx(-0.262323073774029, rel=1e-10)
    assert by["slope"].value == pytest.approx(1.00211681802045, rel=1e-12)
    assert by["intercept"].standard_error == pytest.approx(0.232818234301152, rel=1e-9)
    assert by["slope"].standard_error == pytest.approx(0.429796848199937e-3, rel=1e-9)
    assert found.residual_deviation == pytest.approx(0.884796396144373, rel=1e-9)
    assert found.r_squared == pytest.approx(0.999993745883712, rel=1e-12)
    assert found.freedom == 34
    # t(.975, 34) = 2.0322: CRC Standard Mathematical Tables
    half = by["slope"].high - by["slope"].value
    assert half == pytest.approx(2.0322 * by["slope"].standard_error, rel=1e-4)


def test_the_certified_curve():
    found = fit_curve(*split(MISRA), "saturation")
    by = named(found)
    assert by["a"].value == pytest.approx(2.3894212918e2, rel=1e-6)
    assert by["b"].value == pytest.approx(5.5015643181e-4, rel=1e-6)
    assert by["a"].standard_error == pytest.approx(2.7070075241, rel=1e-4)
    assert by["b"].standard_error == pytest.approx(7.2668688436e-6, rel=1e-4)
    assert found.residual_deviation == pytest.approx(1.0187876330e-1, rel=1e-6)


@pytest.mark.parametrize(
    ("model", "x", "truth"),
    [
        ("exponential", np.linspace(0, 5, 12), (3.0, -0.7)),
        ("power", np.linspace(0.5, 9, 12), (2.0, 1.5)),
        ("arrhenius", np.linspace(300, 900, 12), (1e10, 80_000.0)),
        ("hill", np.linspace(0, 20, 15), (5.0, 4.0, 2.0)),
        ("gaussian", np.linspace(-3, 6, 20), (4.0, 1.0, 0.8)),
        ("logistic", np.linspace(-4, 8, 20), (2.0, 1.3, 1.5)),
        ("saturation", np.linspace(0, 9, 12), (7.0, 0.4)),
    ],
)
def test_every_model_finds_what_made_the_points(model, x, truth):
    from gaseol.tools.statistics.fits import _shapes

    y = _shapes()[model].curve(x, *truth)
    found = fit_curve(tuple(x), tuple(y), model)
    assert [one.value for one in found.parameters] == pytest.approx(truth, rel=1e-5)
    assert found.r_squared == pytest.approx(1)


@pytest.mark.parametrize(
    ("model", "truth", "start"),
    [("hill", (5.0, 4.0, 2.0), (4.0, -3.0, -1.0)), ("gaussian", (4.0, 1.0, 0.8), (3.0, 1.0, -1.0))],
)
def test_a_parameter_is_what_the_formula_takes_wherever_the_search_begins(model, truth, start):
    from gaseol.tools.statistics.fits import _shapes

    x = np.linspace(0, 6, 20)
    found = fit_curve(tuple(x), tuple(_shapes()[model].curve(x, *truth)), model, start)
    assert [one.value for one in found.parameters] == pytest.approx(truth, rel=1e-5)
    assert all(one.low <= one.value <= one.high for one in found.parameters)


def test_intervals_cover_as_often_as_they_say():
    rng, covered = np.random.default_rng(4), 0
    x = tuple(np.linspace(0, 10, 8))
    for _ in range(400):
        y = 1.0 + 0.5 * np.asarray(x) + rng.normal(0, 1, 8)
        slope = named(fit_line(x, tuple(y), level=0.9))["slope"]
        covered += slope.low <= 0.5 <= slope.high
    assert 0.85 < covered / 400 < 0.95  # three standard errors about .9


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.floats(-100, 100), min_size=4, max_size=20, unique=True),
    st.floats(-10, 10),
    st.floats(-10, 10),
)
def test_an_exact_line_is_found(x, intercept, slope):
    spread = max(x) - min(x)
    if spread < 1:
        return
    by = named(fit_line(tuple(x), tuple(intercept + slope * one for one in x)))
    assert by["slope"].value == pytest.approx(slope, abs=1e-6)
    assert by["intercept"].value == pytest.approx(intercept, abs=1e-4)


def test_the_drawing_is_svg():
    found = fit_line((0, 1, 2), (0, 1, 3))
    root = ElementTree.fromstring(found.drawing)
    assert len(root.findall("{http://www.w3.org/2000/svg}circle")) == 3


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: fit_line((1, 2, 3), (1, 2, 3, 4)), "one y for each x"),
        (lambda: fit_line((1, 1, 1), (1, 2, 3)), "all x are equal"),
        (lambda: fit_curve((1, 2, 3), (1, 2, 3), "gaussian"), "more points"),
        (lambda: fit_curve((-1, 2, 3), (1, 2, 3), "power"), "above 0"),
        (lambda: fit_curve((1, 2, 3), (1, 2, 3), "power", start=(1,)), "takes 2 numbers"),
    ],
)
def test_what_cannot_be_fitted_is_sent_back(call, said):
    with pytest.raises(Retry, match=said):
        call()


def test_points_that_determine_nothing_are_empty():
    with pytest.raises(Refuse) as refusal:
        fit_curve((0, 0, 0, 0), (1, 2, 3, 4), "logistic")
    assert refusal.value.kind is FailureKind.EMPTY
