"""Information gains against enumeration and Monte Carlo; choices by gain for their cost."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gaseol.agents.briefing import Briefing
from gaseol.agents.embedded.designer import EmbeddedDesigner, _information, _sign_gains
from gaseol.agents.roles import Bench, Option, Standing
from gaseol.scenarios.population import Population
from gaseol.traces.evidence.process import LawContest, Sign

CASES = tuple(f"c{i}" for i in range(6))
BRIEFING = Briefing(
    question="?", outcome="signal", unit="K", variables={}, maximum=4, alpha=0.05, delta=0.1,
    seed=0, population=Population(CASES, dict(zip(CASES, CASES, strict=True)), {}),
)  # fmt: skip


def entropy_of_class(n: int, hits: int, low: float, high: float) -> float:
    """Entropy of "at most low, between, at least high" under the posterior, by integration."""
    p = (np.arange(200_000) + 0.5) / 200_000
    density = p**hits * (1 - p) ** (n - hits)
    density /= density.sum()
    shares = [
        density[p <= low].sum(),
        density[(p > low) & (p < high)].sum(),
        density[p >= high].sum(),
    ]
    return -sum(s * math.log(s) for s in shares if s > 0)


@pytest.mark.parametrize(("n", "hits"), [(0, 0), (5, 5), (9, 3), (20, 12)])
@pytest.mark.parametrize(("low", "high"), [(0.5, 0.6), (0.3, 0.7)])
def test_the_gain_of_draws_is_that_of_all_their_outcomes(n, hits, low, high):
    """The first j draws together: expected entropy over all 2^j sequences of hits and misses."""
    gains = _sign_gains(low, high, n, hits, 4)
    now = entropy_of_class(n, hits, low, high)
    for j in range(1, 5):
        expected = 0.0
        for sequence in itertools.product((0, 1), repeat=j):
            chance, k = 1.0, hits
            for i, hit in enumerate(sequence):
                p = (1 + k) / (2 + n + i)  # Laplace's rule: the predictive of a uniform prior
                chance *= p if hit else 1 - p
                k += hit
            expected += chance * entropy_of_class(n + j, k, low, high)
        assert sum(gains[:j]) == pytest.approx(now - expected, abs=2e-4)


@given(st.integers(0, 60), st.data())
@settings(max_examples=60, deadline=None)
def test_gains_of_draws_are_never_negative_and_never_more_than_what_is_unknown(n, data):
    hits = data.draw(st.integers(0, n))
    gains = _sign_gains(0.5, 0.6, n, hits, 8)
    assert len(gains) == 8
    assert all(g >= 0 for g in gains)
    assert sum(gains) <= math.log(3) + 1e-9


def monte_carlo(weights, means, scales, draws: int, rng) -> np.ndarray:
    """Expected information gain on which law holds, with its standard error."""
    m, d = means.shape
    truth = rng.choice(m, size=draws, p=weights)
    y = means[truth] + scales[truth][:, None] * rng.standard_normal((draws, d))
    log_p = (
        -0.5 * ((y[:, None, :] - means[None]) / scales[None, :, None]) ** 2
        - np.log(scales)[None, :, None]
    )
    posterior = np.exp(log_p - log_p.max(axis=1, keepdims=True)) * weights[None, :, None]
    posterior /= posterior.sum(axis=1, keepdims=True)
    chosen = posterior[np.arange(draws), truth]
    gain = np.log(chosen) - np.log(weights[truth])[:, None]
    return np.stack([gain.mean(axis=0), gain.std(axis=0) / math.sqrt(draws)])


@pytest.mark.parametrize("seed", range(3))
def test_information_on_laws_agrees_with_monte_carlo(seed):
    rng = np.random.default_rng(seed)
    weights = rng.dirichlet(np.ones(4))
    means = rng.normal(0, 0.7, (4, 6))
    scales = rng.uniform(0.4, 0.9, 4)
    mean, error = monte_carlo(weights, means, scales, 60_000, rng)
    found = _information(weights, means, scales)
    # nine nodes of quadrature: a hundredth of a nat, and the simulation's own error
    assert np.all(np.abs(found - mean) < 0.01 + 4 * error), (found, mean)
    assert np.all(found <= math.log(4))


def test_information_at_the_extremes():
    weights, scales = np.full(3, 1 / 3), np.full(3, 0.1)
    far, same = np.array([[0.0, 0], [10, 0], [20, 0]]), np.zeros((3, 2))
    assert _information(weights, far, scales) == pytest.approx([math.log(3), 0], abs=1e-6)
    assert _information(weights, same, scales) == pytest.approx([0, 0], abs=1e-9)
    sure = np.array([1 - 2e-12, 1e-12, 1e-12])
    assert _information(sure, far, scales) == pytest.approx([0, 0], abs=1e-6)


def standing(name: str, outcomes=(), remaining=20, process=None) -> Standing:
    return Standing(
        hypothesis=name, prior=1.0, process=process or Sign(), log_threshold=5.0,
        outcomes=tuple(outcomes), log_e_for=0, log_e_against=0, remaining=remaining,
    )  # fmt: skip


def pairs(name: str, cost: float, count: int = 4, start: int = 0) -> list[Option]:
    return [
        Option((name,), start + i, (f"{name}a{i}", f"{name}b{i}"), 0, cost, i) for i in range(count)
    ]


def test_of_equally_informative_draws_the_cheaper_is_taken():
    bench = Bench(
        {h: standing(h) for h in ("h1", "h2")}, [*pairs("h1", 5.0), *pairs("h2", 1.0)], {}, (), 1
    )
    (choice,) = EmbeddedDesigner().design(BRIEFING, bench)
    assert choice.option.hypotheses == ("h2",)
    assert [a.design for a in choice.alternatives] == ["h1: draw 0"]
    assert choice.expected_information > 0


@given(
    st.lists(st.tuples(st.floats(0.001, 10), st.integers(0, 12), st.integers(1, 6)), min_size=1,
             max_size=4),
    st.integers(1, 8),
)  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_draws_are_taken_in_their_sealed_order(hypotheses, batch):
    standings, options = {}, []
    for i, (cost, done, left) in enumerate(hypotheses):
        standings[f"h{i}"] = standing(f"h{i}", [1.0] * done, left)
        options += pairs(f"h{i}", cost, min(left, batch), done)
    bench = Bench(standings, options, {}, (), batch)
    choices = EmbeddedDesigner().design(BRIEFING, bench)
    assert len(choices) == min(batch, len(options))
    assert choices == EmbeddedDesigner().design(BRIEFING, bench)
    for i, (_, done, _) in enumerate(hypotheses):
        drawn = [c.option.draw for c in choices if c.option.hypotheses == (f"h{i}",)]
        assert drawn == list(range(done, done + len(drawn)))


def laws(history=(), costs=(1.0,) * 6, open_laws=("h1", "h2"), counts=None) -> Bench:
    predictions = {
        "h1": {c: float(i) for i, c in enumerate(CASES)},
        "h2": {c: -float(i) for i, c in enumerate(CASES)},
        "h3": dict.fromkeys(CASES, 0.0),
    }
    standings = {h: standing(h, process=LawContest()) for h in predictions}
    measured = {d for d, _ in history}
    options = [
        Option(tuple(open_laws), len(history), (c,), 0, cost)
        for c, cost in zip(CASES, costs, strict=True)
        if c not in measured
    ]
    return Bench(standings, options, predictions, history, 1, counts)


def test_laws_are_told_apart_where_they_differ():
    first = EmbeddedDesigner().design(BRIEFING, laws())
    assert first[0].option.cases == ("c5",)
    choice = EmbeddedDesigner().design(BRIEFING, laws([("c5", 1.0)]))[0]
    assert choice.option.cases == ("c0",)
    assert choice.expected_information > 0.5
    assert choice.alternatives[0].design == "c1"
    gains = [a.expected_information for a in choice.alternatives]
    assert [choice.expected_information, *gains] == sorted([choice.expected_information, *gains])[
        ::-1
    ]


def test_a_dear_design_must_tell_more():
    costs = (100.0, 1.0, 1.0, 1.0, 1.0, 1.0)
    choice = EmbeddedDesigner().design(BRIEFING, laws([("c5", 1.0)], costs))[0]
    assert choice.option.cases == ("c1",)


def test_the_last_open_law_is_still_told_from_its_decided_rivals():
    alone = EmbeddedDesigner().design(BRIEFING, laws([("c5", 1.0)], open_laws=("h1",)))
    assert len(alone) == 1
    assert alone[0].option.cases == ("c0",)
    assert alone[0].expected_information > 0.5


def test_where_photons_are_waited_for_brightness_is_cheap():
    history = [
        ("c2", 2.0),
        ("c3", 3.05),
        ("c1", 1.0),
        ("c4", 4.0),
    ]  # h1 holds: ln(rate) is the number of the case
    choice = EmbeddedDesigner().design(BRIEFING, laws(history, counts=100.0))[0]
    costs = {choice.option.cases[0]: choice.option.cost}
    costs |= {a.design: a.cost for a in choice.alternatives}
    for design, cost in costs.items():
        assert math.log(100 / cost) == pytest.approx(float(design[1:]), abs=0.35)
    assert choice.option.cases == ("c5",)


def test_futile_hypotheses():
    assert standing("h", [1.0] * 3, remaining=0).futile
    assert standing("h", [1.0, -1.0] * 10, remaining=2).futile
    assert not standing("h", [1.0] * 6, remaining=4).futile
    assert not standing("h", [], remaining=1, process=LawContest()).futile
