"""E-processes: expectation at most one and Ville's bound, both ways, at the boundaries.

Where the outcomes can be enumerated the bounds are exact: the conditional expectation of the
next value over every past, and the probability of ever crossing by dynamic programming over
the lattice of hits. Where they cannot, seeded simulations are held against the binomial.
"""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError
from scipy import integrate, special, stats

from gaseol.traces.evidence.process import (
    LIMIT,
    BoundedMean,
    Census,
    GaussianMean,
    LawContest,
    Process,
    Sign,
)

NAN = math.nan
ALPHA = 0.05
TOLERANCE = 1e-9

SIGNS = [Sign(), Sign(theta0=0.2, delta=0.1), Sign(theta0=0.7, delta=0.25)]


def finals(process, draws):
    plus, minus = process.path(draws)
    return float(plus[-1]), float(minus[-1])


def at_most(count, trials, rate, doubt=1e-4):
    """Whether so many events are compatible with a rate of at most `rate`."""
    return stats.binom.sf(count - 1, trials, rate) > doubt


# -- Sign ---------------------------------------------------------------------------------


def beta_integral(hits, misses, low, high):
    """The mean likelihood over a uniform prior on (low, high), by quadrature."""
    scale = stats.beta.pdf(hits / max(hits + misses, 1), hits + 1, misses + 1) or 1.0
    value, _ = integrate.quad(
        lambda p: stats.beta.pdf(p, hits + 1, misses + 1) / scale,
        low, high, points=[min(max(hits / max(hits + misses, 1), low), high)], limit=200,
    )  # fmt: skip
    return math.log(value * scale) + special.betaln(hits + 1, misses + 1) - math.log(high - low)


@pytest.mark.parametrize("process", SIGNS)
@pytest.mark.parametrize(("hits", "misses"), [(0, 1), (1, 0), (3, 2), (9, 14), (40, 8), (8, 40)])
def test_sign_is_the_mixture_over_a_uniform_prior(process, hits, misses):
    p0, p1 = process.theta0, process.theta0 + process.delta
    plus, minus = finals(process, [1.0] * hits + [-1.0] * misses)
    null = hits * math.log(p0) + misses * math.log(1 - p0)
    assert plus == pytest.approx(beta_integral(hits, misses, p0, 1) - null, abs=1e-6)
    null = hits * math.log(p1) + misses * math.log(1 - p1)
    assert minus == pytest.approx(beta_integral(hits, misses, 0, p1) - null, abs=1e-6)


def worst_gain(process, side, outcomes, length):
    """The largest E[e_(n+1) | past] / e_n over every past of these outcomes."""
    values = {(): 0.0}
    for path in itertools.product(outcomes, repeat=length):
        found = process.path(path)[side]
        values |= {path[: i + 1]: float(v) for i, v in enumerate(found)}
    return max(
        sum(p * math.exp(values[(*past, x)] - values[past]) for x, p in outcomes.items())
        for past in values
        if len(past) < length
    )


@pytest.mark.parametrize("process", SIGNS)
def test_sign_is_a_martingale_at_its_boundaries(process):
    p0, p1 = process.theta0, process.theta0 + process.delta
    for side, p in ((0, p0), (1, p1)):
        gain = worst_gain(process, side, {1.0: p, -1.0: 1 - p}, 8)
        assert gain == pytest.approx(1, abs=TOLERANCE)


@pytest.mark.parametrize("process", SIGNS)
@pytest.mark.parametrize("share", [0.0, 0.3, 0.9])
def test_sign_is_a_supermartingale_inside_the_null(process, share):
    p0, p1 = process.theta0 * share, 1 - (1 - process.theta0 - process.delta) * share
    assert worst_gain(process, 0, {1.0: p0, -1.0: 1 - p0}, 7) <= 1 + TOLERANCE
    assert worst_gain(process, 1, {1.0: p1, -1.0: 1 - p1}, 7) <= 1 + TOLERANCE


@pytest.mark.parametrize("process", SIGNS)
def test_ties_and_failures_count_against_whichever_side_they_might_help(process):
    p0, p1 = process.theta0, process.theta0 + process.delta
    rest = 1 - p0
    outcomes = {1.0: p0, -1.0: 0.4 * rest, 0.0: 0.5 * rest, NAN: 0.1 * rest}
    assert worst_gain(process, 0, outcomes, 5) == pytest.approx(1, abs=TOLERANCE)
    outcomes = {-1.0: 1 - p1, 1.0: 0.4 * p1, 0.0: 0.5 * p1, NAN: 0.1 * p1}
    assert worst_gain(process, 1, outcomes, 5) == pytest.approx(1, abs=TOLERANCE)
    for spoilt in (0.0, NAN):
        draws = [1.0, spoilt, -1.0, 1.0, spoilt]
        as_miss = [-1.0 if x != 1 else x for x in draws]
        as_hit = [1.0 if x != -1 else x for x in draws]
        assert finals(process, draws) == (finals(process, as_miss)[0], finals(process, as_hit)[1])


def test_the_check_catches_a_mixture_without_its_normalisation():
    class Unnormalised(Sign):
        def path(self, draws):
            plus, minus = super().path(draws)
            return plus + math.log(2), minus + math.log(2) * np.arange(1, len(minus) + 1)

    broken = Unnormalised()
    assert worst_gain(broken, 0, {1.0: 0.5, -1.0: 0.5}, 4) > 1.5
    assert worst_gain(broken, 1, {1.0: 0.6, -1.0: 0.4}, 4) > 1.5


def lattice(process, length):
    """ln E+ and ln E- for each (n, k), from paths that hit k times and miss ever after."""
    plus, minus = np.zeros((length + 1, length + 1)), np.zeros((length + 1, length + 1))
    for k in range(length + 1):
        up, down = process.path([1.0] * k + [-1.0] * (length - k))
        for n in range(max(k, 1), length + 1):
            plus[n, k], minus[n, k] = up[n - 1], down[n - 1]
    return plus, minus


def ever(crossed, hit):
    """P(ever crossed): `crossed[n, k]`, and hit(n, k) the chance that draw n + 1 hits."""
    length = len(crossed) - 1
    alive, total = np.zeros(length + 1), 0.0
    alive[0] = 1.0
    for n in range(length):
        ahead = np.zeros(length + 1)
        for k in range(n + 1):
            p = hit(n, k)
            ahead[k + 1] += alive[k] * p
            ahead[k] += alive[k] * (1 - p)
        total += ahead[crossed[n + 1]].sum()
        alive = np.where(crossed[n + 1], 0.0, ahead)
    return total


@pytest.mark.parametrize("process", SIGNS)
def test_sign_never_crosses_more_often_than_alpha(process):
    plus, minus = lattice(process, 200)
    p0, p1 = process.theta0, process.theta0 + process.delta
    threshold = math.log(1 / ALPHA)
    for_, against = (
        ever(plus >= threshold, lambda n, k: p0),
        ever(minus >= threshold, lambda n, k: p1),
    )
    assert 0.2 * ALPHA < for_ <= ALPHA
    assert 0.2 * ALPHA < against <= ALPHA
    assert ever(plus >= threshold, lambda n, k: 0.8 * p0) < for_


def test_the_check_catches_looking_at_a_fixed_sample_test_again_and_again():
    n, k = np.meshgrid(np.arange(201), np.arange(201), indexing="ij")
    fixed = stats.binom.sf(k - 1, n, 0.5) <= ALPHA
    assert ever(fixed & (n > 0) & (k <= n), lambda n, k: 0.5) > 3 * ALPHA


# -- Census -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("size", "theta0", "delta"), [(8, 0.5, 0.1), (9, 0.5, 0.2), (10, 0.3, 0.25), (7, 0.9, 0.05)]
)
def test_census_is_exact_over_all_arrangements(size, theta0, delta):
    process = Census(size=size, theta0=theta0, delta=delta)
    low, high = math.floor(size * theta0), math.ceil(size * (theta0 + delta) - 1e-9)
    for true in range(size + 1):
        sides = [s for s, holds in ((0, true <= low), (1, true >= high)) if holds]
        arrangements = list(itertools.combinations(range(size), true))
        paths = np.array(
            [process.path([1.0 if i in a else -1.0 for i in range(size)]) for a in arrangements]
        )
        e = np.exp(paths)
        for side in sides:
            expectation = e[:, side].mean(axis=0)
            assert np.all(expectation <= 1 + TOLERANCE)
            assert np.mean(e[:, side].max(axis=1) >= 1 / ALPHA) <= ALPHA
            # and after every past, so that stopping at any time is covered
            for n in range(size - 1):
                pasts = {}
                for a, path in zip(arrangements, e[:, side], strict=True):
                    pasts.setdefault(tuple(i in a for i in range(n + 1)), []).append(path)
                for group in pasts.values():
                    now, following = group[0][n], np.mean([g[n + 1] for g in group])
                    assert following <= now * (1 + TOLERANCE)
            if (side, true) in ((0, low), (1, high)) and 0 < true < size:
                # a likelihood ratio is a martingale wherever the null allows what it allows
                assert expectation[0] == pytest.approx(1, abs=0.2)


def test_census_is_the_mixture_of_hypergeometrics():
    process = Census(size=30, theta0=0.5, delta=0.1)
    for hits, misses in ((4, 1), (9, 3), (2, 8), (0, 5)):
        n = hits + misses

        def likelihood(m, hits=hits, n=n):
            return stats.hypergeom.pmf(hits, 30, m, n)

        plus, minus = finals(process, [1.0] * hits + [-1.0] * misses)
        others = np.mean([likelihood(m) for m in range(16, 31)])
        assert math.exp(plus) == pytest.approx(others / likelihood(15), rel=1e-9)
        others = np.mean([likelihood(m) for m in range(18)])
        assert math.exp(minus) == pytest.approx(others / likelihood(18), rel=1e-9)


@pytest.mark.parametrize("process", [Census(size=57), Census(size=120, theta0=0.4, delta=0.2)])
def test_census_never_crosses_more_often_than_alpha(process):
    size = process.size
    low = math.floor(size * process.theta0 + 1e-9)
    high = math.ceil(size * (process.theta0 + process.delta) - 1e-9)
    plus, minus = lattice(process, size)
    threshold = math.log(1 / ALPHA)

    def drawn(true):
        return lambda n, k: min(max((true - k) / (size - n), 0.0), 1.0)

    assert 0.1 * ALPHA < ever(plus >= threshold, drawn(low)) <= ALPHA
    assert 0.1 * ALPHA < ever(minus >= threshold, drawn(high)) <= ALPHA
    assert ever(plus >= threshold, drawn(low - 3)) <= ALPHA
    assert ever(minus >= threshold, drawn(high + 3)) <= ALPHA


def test_a_census_ends_in_certainty():
    process = Census(size=12)
    assert finals(process, [1.0] * 7 + [-1.0] * 5)[0] == LIMIT
    assert finals(process, [1.0] * 6 + [-1.0] * 6)[0] <= 0
    with pytest.raises(ValueError, match="13 draws from a frame of 12"):
        process.path([1.0] * 13)


def test_ties_and_failures_in_a_census():
    process = Census(size=20)
    for spoilt in (0.0, NAN):
        plus, minus = finals(process, [1.0, spoilt, -1.0, 1.0])
        assert plus == finals(process, [1.0, -1.0, -1.0, 1.0])[0]
        assert minus == finals(process, [1.0, 1.0, -1.0, 1.0])[1]


# -- BoundedMean --------------------------------------------------------------------------

MEANS = [
    BoundedMean(low=0, high=1, theta0=0.5, delta=0.1),
    BoundedMean(low=-2, high=6, theta0=-1.0, delta=1.5, stakes=7),
    BoundedMean(low=0, high=10, theta0=8.0, delta=1.0, stakes=1),
]


@pytest.mark.parametrize("process", MEANS)
def test_bounded_mean_is_a_martingale_at_its_boundaries(process):
    for side, mean in ((0, process.theta0), (1, process.theta0 + process.delta)):
        share = (mean - process.low) / (process.high - process.low)
        two = {process.low: 1 - share, process.high: share}
        assert worst_gain(process, side, two, 7) == pytest.approx(1, abs=TOLERANCE)
        # a third of the mass at the mean itself, the rest at the ends
        three = {process.low: (1 - share) * 2 / 3, mean: 1 / 3, process.high: share * 2 / 3}
        assert worst_gain(process, side, three, 4) == pytest.approx(1, abs=TOLERANCE)


@pytest.mark.parametrize("process", MEANS)
def test_bounded_mean_inside_the_null_and_with_failures(process):
    width = process.high - process.low
    for side, mean in ((0, process.theta0 - 0.1), (1, process.theta0 + process.delta + 0.1)):
        share = (mean - process.low) / width
        two = {process.low: 1 - share, process.high: share}
        assert worst_gain(process, side, two, 6) <= 1 + TOLERANCE
    # what fails can only have been as bad for the side as the bounds allow
    share = (process.theta0 - process.low) / width
    failing = {NAN: 1 - share, process.high: share}
    assert worst_gain(process, 0, failing, 6) == pytest.approx(1, abs=TOLERANCE)
    share = (process.theta0 + process.delta - process.low) / width
    failing = {process.low: 1 - share, NAN: share}
    assert worst_gain(process, 1, failing, 6) == pytest.approx(1, abs=TOLERANCE)


@pytest.mark.parametrize("process", MEANS)
def test_bounded_mean_never_crosses_more_often_than_alpha(process):
    rng = np.random.default_rng(20240101)
    width, trials = process.high - process.low, 400
    for side, mean in ((0, process.theta0), (1, process.theta0 + process.delta)):
        share = (mean - process.low) / width
        crossed = 0
        for trial in range(trials):
            if trial % 2:
                unit = rng.beta(2 * share, 2 * (1 - share), 120)
            else:
                unit = (rng.random(120) < share).astype(float)
            path = process.path(np.clip(process.low + width * unit, process.low, process.high))
            crossed += bool(path[side].max() >= math.log(1 / ALPHA))
        assert at_most(crossed, trials, ALPHA)


def test_bounded_mean_is_the_mean_over_the_stakes():
    process = BoundedMean(low=0, high=4, theta0=1, delta=1, stakes=3)
    x = [0.5, 3.0, 4.0, 1.0]
    stakes = [0.9 / 0.25 * i / 3 for i in (1, 2, 3)]
    expected = np.mean([np.prod([1 + s * (v / 4 - 0.25) for v in x]) for s in stakes])
    assert math.exp(finals(process, x)[0]) == pytest.approx(expected)
    stakes = [0.9 / 0.5 * i / 3 for i in (1, 2, 3)]
    expected = np.mean([np.prod([1 - s * (v / 4 - 0.5) for v in x]) for s in stakes])
    assert math.exp(finals(process, x)[1]) == pytest.approx(expected)


def test_a_value_outside_the_registered_bounds_is_refused():
    with pytest.raises(ValueError, match="outside the registered"):
        MEANS[0].path([0.5, 1.1])


# -- GaussianMean -------------------------------------------------------------------------

GAUSSIANS = [
    GaussianMean(sigma=1.0, delta=0.5, tau=0.5),
    GaussianMean(sigma=0.2, theta0=3.0, delta=0.1, tau=1.0),
]


@pytest.mark.parametrize("process", GAUSSIANS)
def test_gaussian_mean_is_the_mixture_over_a_half_normal(process):
    rng = np.random.default_rng(5)
    for n in (1, 2, 7):
        x = process.theta0 + process.sigma * (rng.standard_normal(n) + 0.7)
        for side, excess in ((0, x - process.theta0), (1, process.theta0 + process.delta - x)):

            def density(mu, e=excess):
                ratio = (mu * e.sum() - len(e) * mu**2 / 2) / process.sigma**2
                return math.exp(ratio) * 2 * stats.norm.pdf(mu, scale=process.tau)

            value, _ = integrate.quad(density, 0, 12 * process.tau, limit=400)
            assert finals(process, x)[side] == pytest.approx(math.log(value), abs=1e-7)


@pytest.mark.parametrize("process", GAUSSIANS)
@pytest.mark.parametrize("inside", [0.0, 0.4])
def test_gaussian_mean_gains_nothing_from_one_more_reading(process, inside):
    # e grows like a Gaussian of the reading, so the grid must reach far out
    nodes = np.linspace(-60, 60, 401)
    weights = stats.norm.pdf(nodes) * (nodes[1] - nodes[0])
    rng = np.random.default_rng(11)
    for side, mean in (
        (0, process.theta0 - inside * process.sigma),
        (1, process.theta0 + process.delta + inside * process.sigma),
    ):
        for n in (0, 1, 5):
            past = list(mean + process.sigma * rng.standard_normal(n))
            now = finals(process, past)[side] if past else 0.0
            after = [finals(process, [*past, mean + process.sigma * z])[side] for z in nodes]
            gain = float(weights @ np.exp(np.array(after) - now))
            assert gain <= 1 + 1e-6
            if not inside:
                assert gain == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("process", GAUSSIANS)
def test_gaussian_mean_never_crosses_more_often_than_alpha(process):
    rng = np.random.default_rng(77)
    trials = 1000
    for side, mean in ((0, process.theta0), (1, process.theta0 + process.delta)):
        noise = process.sigma * rng.standard_normal((trials, 200))
        crossed = sum(
            bool(process.path(mean + z)[side].max() >= math.log(1 / ALPHA)) for z in noise
        )
        assert at_most(crossed, trials, ALPHA)
        assert crossed > 0


def test_the_check_catches_noise_estimated_from_the_same_readings():
    rng = np.random.default_rng(77)
    crossed = 0
    for z in rng.standard_normal((220, 25)):
        running = [
            finals(GaussianMean(sigma=float(np.std(z[:n], ddof=1)), delta=0.5, tau=0.5), z[:n])[0]
            for n in range(2, 25)
        ]
        crossed += max(running) >= math.log(1 / ALPHA)
    assert not at_most(crossed, 220, ALPHA)


def test_failed_readings_are_left_out():
    process = GAUSSIANS[0]
    assert finals(process, [0.3, NAN, 0.9, NAN]) == pytest.approx(finals(process, [0.3, 0.9]))
    assert finals(process, [NAN]) == pytest.approx((0.0, 0.0))


# -- All ----------------------------------------------------------------------------------

PATHS = [*SIGNS, *MEANS, *GAUSSIANS, Census(size=400)]


@given(data=st.data())
@settings(max_examples=150, deadline=None)
def test_evidence_is_finite_whatever_comes(data):
    process = data.draw(st.sampled_from(PATHS))
    if isinstance(process, BoundedMean):
        value = st.floats(process.low, process.high)
    else:
        value = st.floats(-1e150, 1e150, allow_subnormal=False)
    draws = data.draw(st.lists(value | st.just(NAN), min_size=1, max_size=40))
    with np.errstate(over="ignore"):
        plus, minus = process.path(draws)
    for side in (plus, minus):
        assert side.shape == (len(draws),)
        assert np.all(np.isfinite(side))
        assert np.all(np.abs(side) <= LIMIT)


def test_evidence_is_finite_after_very_many_draws():
    for process in (Sign(), Sign(theta0=0.01, delta=0.01), Census(size=700), MEANS[0]):
        n = 700 if isinstance(process, Census) else 5000
        worst = 0.0 if isinstance(process, BoundedMean) else -1.0
        for value in (1.0, worst):
            for side in process.path([value] * n):
                assert np.all(np.abs(side) <= LIMIT)
        assert process.path([1.0] * n)[0][-1] > 100
        assert process.path([worst] * n)[1][-1] > 10


@given(
    st.sampled_from([*SIGNS, Census(size=30)]),
    st.lists(st.sampled_from([1.0, -1.0, 0.0, NAN]), min_size=1, max_size=30),
    st.data(),
)
@settings(max_examples=150, deadline=None)
def test_a_better_outcome_never_lowers_the_evidence(process, draws, data):
    at = data.draw(st.integers(0, len(draws) - 1))
    better, worse = [*draws], [*draws]
    better[at], worse[at] = 1.0, -1.0
    up, down = process.path(better), process.path(worse)
    assert np.all(up[0] >= down[0] - TOLERANCE)
    assert np.all(up[1] <= down[1] + TOLERANCE)


@given(
    st.sampled_from(MEANS + GAUSSIANS),
    st.lists(st.floats(0, 1), min_size=1, max_size=20),
    st.data(),
)
@settings(max_examples=100, deadline=None)
def test_a_larger_value_never_lowers_the_evidence(process, units, data):
    low, high = (process.low, process.high) if isinstance(process, BoundedMean) else (-3, 3)
    x = [low + (high - low) * u for u in units]
    at = data.draw(st.integers(0, len(x) - 1))
    larger = [*x]
    larger[at] = data.draw(st.floats(x[at], high))
    up, down = process.path(larger), process.path(x)
    assert np.all(up[0] >= down[0] - 1e-7)
    assert np.all(up[1] <= down[1] + 1e-7)


@given(
    st.sampled_from(PATHS), st.lists(st.floats(0, 1), min_size=2, max_size=12), st.integers(1, 11)
)
@settings(max_examples=80, deadline=None)
def test_what_comes_later_does_not_change_what_was(process, units, cut):
    low, high = (process.low, process.high) if isinstance(process, BoundedMean) else (-1, 1)
    x = [low + (high - low) * u for u in units]
    whole, part = process.path(x), process.path(x[:cut])
    for side in (0, 1):
        np.testing.assert_allclose(whole[side][: len(part[side])], part[side], atol=1e-9)


@pytest.mark.parametrize("process", [*SIGNS, Census(size=40), *MEANS])
def test_reach_is_the_most_that_any_draws_can_give(process):
    low, best = (process.low, process.high) if isinstance(process, BoundedMean) else (-1.0, 1.0)
    assert process.reach(0) == 0
    reaches = [process.reach(n) for n in range(1, 15)]
    assert reaches == sorted(reaches)
    for n in (1, 5):
        outcomes = itertools.product((low, best), repeat=n)
        assert max(finals(process, x)[0] for x in outcomes) == pytest.approx(process.reach(n))


def test_reach_of_a_sign_tells_when_a_frame_is_too_small():
    for n in (1, 6, 7, 30):  # all hits: (1 - 2^-(n+1)) / (n + 1) over 2^-(n+1)
        assert Sign().reach(n) == pytest.approx(math.log((2 ** (n + 1) - 1) / (n + 1)))
    assert Sign().reach(6) < math.log(20) < Sign().reach(7)
    assert GaussianMean(sigma=1, delta=1, tau=1).reach(1) == math.inf
    assert LawContest().reach(2) == 0
    assert LawContest().reach(3) == math.inf


@pytest.mark.parametrize(
    "process",
    [
        {"kind": "sign", "theta0": 0.95, "delta": 0.1},
        {"kind": "sign", "delta": 0.0},
        {"kind": "bounded_mean", "low": 0, "high": 1, "theta0": 0, "delta": 0.1},
        {"kind": "bounded_mean", "low": 0, "high": 1, "theta0": 0.95, "delta": 0.1},
        {"kind": "bounded_mean", "low": 1, "high": 0, "theta0": 0.5, "delta": 0.1},
        {"kind": "gaussian_mean", "sigma": 0, "delta": 1, "tau": 1},
        {"kind": "plug_in"},
    ],
)
def test_a_process_that_could_not_be_valid_is_refused(process):
    with pytest.raises(ValidationError):
        TypeAdapter(Process).validate_python(process)
