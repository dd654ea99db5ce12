"""Bradley-Terry strengths: against known answers, and against planted strengths."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaseol.traces.nouns.ranking import Pairing
from gaseol.traces.strengths import strengths

NAMES = ("a", "b", "c", "d")
PAIRINGS = st.lists(
    st.tuples(
        st.sampled_from(NAMES),
        st.sampled_from(NAMES),
        st.sampled_from(("first", "second", "draw", "discarded")),
    ).filter(lambda p: p[0] != p[1]),
    max_size=30,
).map(lambda found: [Pairing(first=a, second=b, outcome=o) for a, b, o in found])


def values(pairings, names=NAMES):
    return {s.hypothesis: s for s in strengths(names, pairings)}


def test_two_hypotheses_have_the_closed_form():
    # 9 of 10 won, and a drawn game each against an average opponent: the penalised maximum solves
    # 9 + 1/2 = 10 s(2t) + s(t), with t and -t the two strengths and s the logistic function
    won = [Pairing(first="a", second="b", outcome="first")] * 9
    won += [Pairing(first="a", second="b", outcome="second")]
    found = values(won, ("a", "b"))
    t = found["a"].value
    s = lambda x: 1 / (1 + math.exp(-x))  # noqa: E731
    assert found["b"].value == pytest.approx(-t)
    assert 10 * s(2 * t) + s(t) == pytest.approx(9.5, abs=1e-4)
    # of the difference 2t the information is 10 s(2t) s(-2t) and half of s(t) s(-t)
    information = 10 * s(2 * t) * s(-2 * t) + 0.5 * s(t) * s(-t)
    half = 1.959964 / math.sqrt(information) / 2
    assert found["a"].high - found["a"].value == pytest.approx(half, rel=1e-4)


@given(PAIRINGS)
def test_strengths_are_a_function_of_the_pairings_alone(pairings):
    found = values(pairings)
    assert found == values(list(reversed(pairings))) or all(
        abs(found[n].value - values(list(reversed(pairings)))[n].value) < 2e-6 for n in NAMES
    )
    turned = {"first": "second", "second": "first"}
    other = [
        Pairing(first=p.second, second=p.first, outcome=turned.get(p.outcome, p.outcome))
        for p in pairings
    ]
    for name, strength in values(other).items():
        assert strength.value == pytest.approx(found[name].value, abs=2e-6)
    assert sum(s.value for s in found.values()) == pytest.approx(0, abs=1e-5)
    assert all(s.low <= s.value <= s.high for s in found.values())
    assert all(math.isfinite(s.low) and math.isfinite(s.high) for s in found.values())


@given(PAIRINGS, st.sampled_from(NAMES), st.sampled_from(NAMES))
def test_a_win_more_never_weakens(pairings, winner, loser):
    if winner == loser:
        return
    won = Pairing(first=winner, second=loser, outcome="first")
    before, after = values(pairings), values([*pairings, won])
    assert after[winner].value >= before[winner].value - 2e-6
    assert after[loser].value <= before[loser].value + 2e-6


def test_what_is_discarded_or_across_leagues_does_not_count():
    pairings = [
        Pairing(first="a", second="b", outcome="discarded"),
        Pairing(first="c", second="a", outcome="first"),
    ]
    found = strengths({"a": 0, "b": 0, "c": 1}, pairings)
    assert [(s.hypothesis, s.value, s.pairings, s.league) for s in found] == [
        ("a", 0.0, 0, 0), ("b", 0.0, 0, 0), ("c", 0.0, 0, 1),
    ]  # fmt: skip


def test_intervals_cover_planted_strengths():
    rng = np.random.default_rng(7)
    covered = total = 0
    for _ in range(120):
        truth = rng.normal(0, 1, 6)
        truth -= truth.mean()
        pairings = []
        for i in range(6):
            for j in range(i + 1, 6):
                for _ in range(8):
                    wins = rng.random() < 1 / (1 + math.exp(truth[j] - truth[i]))
                    outcome = "first" if wins else "second"
                    pairings.append(Pairing(first=str(i), second=str(j), outcome=outcome))
        for s in strengths([str(i) for i in range(6)], pairings):
            covered += s.low <= truth[int(s.hypothesis)] <= s.high
            total += 1
    # nominally 0.95: at least 0.92, two and a half standard errors below
    assert 0.92 <= covered / total <= 0.985
