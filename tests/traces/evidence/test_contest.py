"""Laws against laws: the arithmetic by independent formulas, the errors by simulation.

Each simulated draw chooses the design by what was seen (differences only), for designs may
be informative. Only the noise is random, its size and the free constant are unknown.
"""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, special, stats

from gaseol.traces.evidence import contest
from gaseol.traces.evidence.process import LIMIT

ALPHA = 0.05
X = np.linspace(-1.2, 1.2, 9)
LAWS = {"steep": 1.5 * X, "shallow": 0.9 * X, "flat": 0.0 * X}
REGRESSORS = (X / X.std())[:, None]

residuals = st.lists(
    st.floats(-50, 50, allow_subnormal=False), min_size=0, max_size=12
).map(np.array)  # fmt: skip


@given(residuals)
@settings(max_examples=60, deadline=None)
def test_numerator_is_the_product_of_student_predictions(z):
    expected = [0.0] * min(len(z), 2)
    total = 0.0
    for i in range(3, len(z) + 1):
        past = z[: i - 1]
        scale = max(float(np.std(past, ddof=1)), 1e-9) * math.sqrt(i / (i - 1))
        total += stats.t.logpdf(z[i - 1], df=i - 2, loc=past.mean(), scale=scale)
        expected.append(total)
    np.testing.assert_allclose(contest.numerator(z), expected, rtol=1e-9, atol=1e-9)


@given(st.lists(st.floats(-3, 3), min_size=3, max_size=8).map(np.array), st.floats(0.05, 3))
@settings(max_examples=60, deadline=None)
def test_a_law_held_to_its_ceiling_mixes_over_the_noises_below_it(z, ceiling):
    differences = z[1:] - z[0]

    def mixture(n):
        shape = np.eye(n - 1) + np.ones((n - 1, n - 1))
        return special.logsumexp([
            stats.multivariate_normal.logpdf(differences[: n - 1], cov=ceiling**2 * 2 ** (-k / 2) * shape)
            for k in range(contest.SIZES)
        ])  # fmt: skip

    found = contest.held(z, ceiling)
    assert list(found[:2]) == [0, 0]
    assert found[-1] == pytest.approx(mixture(len(z)) - mixture(2), rel=1e-7, abs=1e-7)


@given(
    st.lists(st.floats(-3, 3), min_size=3, max_size=10).filter(lambda z: np.ptp(z) > 1e-2),
    st.none() | st.floats(0.05, 3),
)
@settings(max_examples=60, deadline=None)
def test_denominator_is_the_largest_likelihood_over_the_noise(z, ceiling):
    z = np.array(z)
    steps = [(z[i - 1] - z[: i - 1].mean(), math.sqrt(i / (i - 1))) for i in range(3, len(z) + 1)]

    def minus_likelihood(log_sigma):
        return -sum(stats.norm.logpdf(d, scale=math.exp(log_sigma) * w) for d, w in steps)

    top = math.log(ceiling) if ceiling else 6.0
    found = optimize.minimize_scalar(
        minus_likelihood, bounds=(min(-12.0, top - 1), top), method="bounded",
        options={"xatol": 1e-10},
    )  # fmt: skip
    best = -min(found.fun, minus_likelihood(top))
    assert contest.denominator(z, ceiling)[-1] == pytest.approx(best, abs=1e-4)


def marginal(g, x, ridge):
    """The ln density of the differences of g, up to what does not depend on g's last value."""
    n = len(g)
    v = np.eye(n) + x @ x.T / ridge
    inverse = np.linalg.inv(v)
    ones = np.ones(n)
    weight = ones @ inverse @ ones
    centre = ones @ inverse @ g / weight
    left = (g - centre) @ inverse @ (g - centre)
    return (
        -0.5 * np.linalg.slogdet(v)[1]
        - 0.5 * math.log(weight)
        + math.lgamma((n - 1) / 2)
        - (n - 1) / 2 * math.log(math.pi * left)
    )


@pytest.mark.parametrize("ridge", [0.1, 1.0, 30.0])
@pytest.mark.parametrize("columns", [1, 2])
def test_flexible_is_the_marginal_likelihood_of_a_regression(ridge, columns):
    rng = np.random.default_rng(3)
    x, g = rng.standard_normal((9, columns)), rng.standard_normal(9)
    found = contest.flexible(g, x, ridge)
    for i in range(3, 10):
        expected = marginal(g[:i], x[:i], ridge) - marginal(g[: i - 1], x[: i - 1], ridge)
        assert found[i - 1] - found[i - 2] == pytest.approx(expected, abs=1e-9)


def test_predictions_are_densities():
    z = np.array([0.3, -0.4, 0.2, 1.0])
    x = np.array([[0.1], [0.5], [-0.4], [0.2], [0.9]])
    grid = np.sinh(np.linspace(-14, 14, 1201))
    held = lambda z: contest.held(z, 0.5)  # noqa: E731
    for path in (contest.numerator, held, lambda g: contest.flexible(g, x[: len(g)], 1.0)):
        before = path(z)[-1]
        density = [math.exp(path(np.append(z, v))[-1] - before) for v in grid]
        assert np.trapezoid(density, grid) == pytest.approx(1, abs=1e-3)


@given(residuals, st.floats(-1e3, 1e3))
@settings(max_examples=50, deadline=None)
def test_only_differences_enter(z, shift):
    for path in (contest.numerator, contest.denominator):
        if len(z) > 2 and np.std(z) > 1e-3 and np.std(z[:2]) > 1e-3:
            np.testing.assert_allclose(path(z + shift), path(z), atol=1e-4)


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_evidence_is_finite_even_for_a_law_without_error(data):
    n = data.draw(st.integers(0, 10))
    value = st.just(0.0) | st.floats(-1e6, 1e6)
    z = {h: np.array(data.draw(st.lists(value, min_size=n, max_size=n))) for h in LAWS}
    z["steep"] = np.zeros(n)
    for law in LAWS:
        rivals = tuple(h for h in LAWS if h != law)
        for side in contest.weigh(z, law, rivals, None):
            assert side.shape == (n,)
            assert np.all(np.isfinite(side))
            assert np.all(np.abs(side) <= LIMIT)
            assert np.all(side[:2] == 0)


def test_for_is_the_least_over_rivals_and_against_the_mean_over_challengers():
    rng = np.random.default_rng(8)
    g = LAWS["steep"] + 0.3 * rng.standard_normal(len(X))
    z = {h: g - f for h, f in LAWS.items()}
    flexible = contest.flexible(g, REGRESSORS, 1.0)
    plus, minus = contest.weigh(z, "steep", ("shallow", "flat"), flexible)
    for i in range(3, len(X) + 1):
        least = min(
            contest.numerator(z["steep"])[i - 1] - contest.denominator(z[r])[i - 1]
            for r in ("shallow", "flat")
        )
        assert plus[i - 1] == pytest.approx(least)
        challengers = [contest.numerator(z[r])[i - 1] for r in ("shallow", "flat")]
        mean = np.mean(np.exp([*challengers, flexible[i - 1]]))
        own = contest.denominator(z["steep"])[i - 1]
        assert minus[i - 1] == pytest.approx(math.log(mean) - own)


OTHER = 1.1 * X
"""A law that none of those registered is."""


def informative(rng, truth, sigma, draws, ceilings=None, hold=False):
    """Draw where the laws that fit best so far differ most; return ln E+ and ln E- by law."""
    chosen, g = [0, len(X) - 1], []
    level = 100 * rng.standard_normal()
    for i in range(draws):
        if i >= len(chosen):
            at = np.array(chosen)
            fits = {h: np.std(np.array(g) - f[at]) for h, f in LAWS.items()}
            first, second = sorted(fits, key=fits.__getitem__)[:2]
            apart = np.abs(LAWS[first] - LAWS[second] - (LAWS[first] - LAWS[second])[at].mean())
            chosen.append(int(np.argmax(apart + 0.1 * rng.random(len(X)))))
        true = OTHER if truth == "other" else LAWS[truth]
        g.append(level + true[chosen[i]] + sigma * rng.standard_normal())
    at, g = np.array(chosen), np.array(g)
    z = {h: g - f[at] for h, f in LAWS.items()}
    flexible = contest.flexible(g, REGRESSORS[at], 1.0)
    return {
        law: contest.weigh(
            z, law, tuple(h for h in LAWS if h != law), flexible, ceilings, hold=hold
        )
        for law in LAWS
    }


def at_most(count, trials, rate, doubt=1e-4):
    return stats.binom.sf(count - 1, trials, rate) > doubt


@pytest.fixture(scope="module", params=[("shallow", 0.25), ("flat", 0.6)])
def trials(request):
    """ln E of each law in simulated contests that one of them won by truth."""
    truth, sigma = request.param
    rng = np.random.default_rng(1234)
    return truth, [informative(rng, truth, sigma, 9) for _ in range(200)]


def test_false_laws_are_not_supported_and_the_true_one_not_refuted(trials):
    truth, found = trials
    threshold = math.log(1 / ALPHA)
    refuted = sum(paths[truth][1].max() >= threshold for paths in found)
    assert at_most(refuted, len(found), ALPHA)
    for law in LAWS:
        supported = sum(paths[law][0].max() >= threshold for paths in found)
        if law != truth:
            assert at_most(supported, len(found), ALPHA)
        else:
            assert supported > 0.1 * len(found)


def test_the_expectation_is_at_most_one_at_every_draw(trials):
    truth, found = trials
    sides = [np.exp([paths[law][0] for paths in found]) for law in LAWS if law != truth]
    sides.append(np.exp([paths[truth][1] for paths in found]))
    for e in sides:
        mean, error = e.mean(axis=0), e.std(axis=0, ddof=1) / math.sqrt(len(e))
        assert np.all(mean <= 1 + 4 * error + 1e-12)


def test_a_ceiling_that_holds_keeps_the_errors_and_helps():
    rng = np.random.default_rng(99)
    threshold, count = math.log(1 / ALPHA), 120
    ceilings = dict.fromkeys(LAWS, 0.3)
    found = [informative(rng, "shallow", 0.25, 8, ceilings) for _ in range(count)]
    assert at_most(sum(p["shallow"][1].max() >= threshold for p in found), count, ALPHA)
    for law in ("steep", "flat"):
        assert at_most(sum(p[law][0].max() >= threshold for p in found), count, ALPHA)
    rng = np.random.default_rng(99)
    without = [informative(rng, "shallow", 0.25, 8) for _ in range(count)]
    power = [sum(p["flat"][1].max() >= threshold for p in runs) for runs in (found, without)]
    assert power[0] >= power[1] > 0


CEILINGS = {"steep": 0.3, "shallow": 0.3, "flat": None}
"""As laws are registered: "noise only" allows any noise."""


@pytest.mark.parametrize("truth", ["shallow", "flat"])
@pytest.mark.parametrize("sigma", [0.1, 0.3])
def test_laws_held_to_their_ceiling_keep_both_errors(truth, sigma):
    rng = np.random.default_rng(71)
    threshold, count = math.log(1 / ALPHA), 150
    found = [informative(rng, truth, sigma, 9, CEILINGS, hold=True) for _ in range(count)]
    assert at_most(sum(p[truth][1].max() >= threshold for p in found), count, ALPHA)
    for law in LAWS:
        if law != truth:
            assert at_most(sum(p[law][0].max() >= threshold for p in found), count, ALPHA)
            mean = np.exp([np.minimum(p[law][0], 30) for p in found])
            error = mean.std(axis=0, ddof=1) / math.sqrt(count)
            assert np.all(mean.mean(axis=0) <= 1 + 4 * error + 1e-12)


def test_a_true_law_held_to_its_ceiling_is_supported_no_less():
    threshold, count = math.log(1 / ALPHA), 100
    power = [
        sum(
            p["shallow"][0].max() >= threshold
            for p in (informative(rng, "shallow", 0.25, 9, CEILINGS, hold) for _ in range(count))
        )
        for hold in (False, True)
        for rng in [np.random.default_rng(72)]
    ]
    assert power[1] >= power[0] - 0.05 * count
    assert power[1] > 0.1 * count


def test_no_law_is_supported_where_all_miss_by_more_than_the_ceiling():
    """The nearest wrong law is refuted, and "noise only" does not win by default."""
    threshold, ceilings = math.log(6 / ALPHA), dict(CEILINGS, steep=0.0125, shallow=0.0125)
    supported = {False: 0, True: 0}
    for hold in supported:
        rng = np.random.default_rng(73)
        for _ in range(40):
            paths = informative(rng, "other", 0.01, 9, ceilings, hold)
            for plus, minus in paths.values():
                up = (plus >= threshold) & ((minus <= 0) | (not hold))
                down = minus >= threshold
                first, last = (int(np.argmax(side)) if side.any() else 99 for side in (up, down))
                supported[hold] += first < last
    assert supported[True] == 0 < supported[False]


def test_the_checks_catch_a_plug_in_denominator(monkeypatch):
    """A noise fitted to the past and put into the next prediction is no supremum."""

    def plug_in(z, ceiling=None):
        out = np.zeros(len(z))
        for i in range(3, len(z) + 1):
            past = z[: i - 1]
            out[i - 1] = out[i - 2] + stats.norm.logpdf(
                z[i - 1], past.mean(), max(np.std(past, ddof=1), 1e-9)
            )
        return out

    monkeypatch.setattr(contest, "denominator", plug_in)
    rng = np.random.default_rng(1234)
    found = [informative(rng, "shallow", 0.25, 9) for _ in range(60)]
    wrong = sum(p["shallow"][1].max() >= math.log(1 / ALPHA) for p in found)
    assert not at_most(wrong, len(found), ALPHA)
