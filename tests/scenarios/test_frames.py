"""Frames against a brute-force reference; draws are uniform, disjoint and sealed by the seed."""

import itertools
import math
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gaseol.scenarios import frames
from gaseol.scenarios.frames import FrameError, draw_seed, draws_needed, pair_frame
from gaseol.scenarios.population import Population
from gaseol.traces.evidence.process import Census, GaussianMean, LawContest, Sign
from gaseol.traces.nouns.hypothesis import Change, Condition, Groups, Match, Trend

NUMBERS = st.none() | st.sampled_from([-1, 0, 0.1, 0.2, 0.3, 1, 2, 2.5, True])
LABELS = st.none() | st.sampled_from(["a", "b", "c"])
ROWS = st.lists(st.tuples(NUMBERS, NUMBERS, LABELS, NUMBERS | LABELS), max_size=14)
COLUMNS = ("x", "y", "label", "mixed")
DIRECTIONS = st.sampled_from(["raises", "lowers"])

MATCHES = st.one_of(
    st.builds(Match, variable=st.sampled_from(COLUMNS)),
    st.builds(Match, variable=st.sampled_from(["x", "y", "mixed"]),
              within=st.sampled_from([0.1, 0.2, 1.0])),
)  # fmt: skip
CONDITIONS = st.one_of(
    st.builds(Condition, variable=st.sampled_from(["x", "y", "mixed"]),
              at_least=st.sampled_from([0, 0.2, 1])),
    st.builds(Condition, variable=st.sampled_from(["x", "y"]), at_most=st.sampled_from([0, 1])),
    st.builds(Condition, variable=st.sampled_from(["label", "mixed"]),
              among=st.sampled_from([("a",), ("a", "b"), (1, "c")])),
)  # fmt: skip
MATCHING = st.lists(MATCHES, max_size=2).map(tuple)
WHERE = st.lists(CONDITIONS, max_size=1).map(tuple)
SIDES = st.lists(CONDITIONS, min_size=1, max_size=2).map(tuple)
TRENDS = st.builds(
    Trend, variable=st.sampled_from(["x", "y", "mixed"]), direction=DIRECTIONS,
    minimum_difference=st.sampled_from([0, 0.1, 0.2, 1]), matching=MATCHING, where=WHERE,
)  # fmt: skip
GROUPS = st.builds(
    Groups, inside=SIDES, against=st.just(()) | SIDES, direction=DIRECTIONS, matching=MATCHING,
    where=WHERE,
)  # fmt: skip


def population(rows) -> Population:
    names = tuple(f"c{i}" for i in range(len(rows)))
    columns = {name: tuple(row[i] for row in rows) for i, name in enumerate(COLUMNS)}
    return Population(cases=names, labels=dict(zip(names, names, strict=True)), columns=columns)


def number(cell) -> float:
    return float(cell) if isinstance(cell, bool | int | float) else math.nan


def reference(relation: Trend | Groups, cases: Population) -> set[tuple[str, str]]:
    """All pairs of a relation, by asking of every two cases what the docstrings say."""

    def ordered(a: dict, b: dict) -> bool:
        if isinstance(relation, Trend):
            gap = number(a[relation.variable]) - number(b[relation.variable])
            return gap > 0 and gap >= relation.minimum_difference - 1e-9
        inside = all(c.holds(a[c.variable]) for c in relation.inside)
        if relation.against:
            return inside and all(c.holds(b[c.variable]) for c in relation.against)
        return inside and not all(c.holds(b[c.variable]) for c in relation.inside)

    def matched(a: dict, b: dict, match: Match) -> bool:
        x, y = a[match.variable], b[match.variable]
        if match.within:
            return abs(number(x) - number(y)) <= match.within + 1e-9
        return x is not None and y is not None and x == y

    rows = {case: cases.row(case) for case in cases.cases}
    kept = [c for c in rows if all(w.holds(rows[c][w.variable]) for w in relation.where)]
    return {
        (a, b)
        for a, b in itertools.permutations(kept, 2)
        if ordered(rows[a], rows[b])
        and all(matched(rows[a], rows[b], m) for m in relation.matching)
    }


@given(ROWS, TRENDS | GROUPS, st.integers(0, 5), st.integers(1, 20))
@settings(max_examples=80, deadline=None)
def test_frames_hold_the_pairs_that_a_reference_finds(rows, relation, seed, limit):
    cases = population(rows)
    expected = reference(relation, cases)
    try:
        frame = pair_frame(relation, cases, {}, seed, limit)
    except FrameError:
        assert not expected
        return
    assert frame.size == len(expected)
    assert set(frame.draws) <= expected
    drawn = [case for pair in frame.draws for case in pair]
    assert len(set(drawn)) == len(drawn)
    assert 1 <= len(frame.draws) <= limit
    left = [p for p in expected if not set(p) & set(drawn)]
    assert len(frame.draws) == limit or not left, "a pair could still be drawn"
    assert frame == pair_frame(relation, cases, {}, seed, limit)


@given(ROWS, TRENDS | GROUPS, st.sets(st.sampled_from([f"c{i}" for i in range(14)])))
@settings(max_examples=50, deadline=None)
def test_what_was_seen_is_never_drawn(rows, relation, seen):
    cases = population(rows)
    expected = {p for p in reference(relation, cases) if not set(p) & seen}
    try:
        frame = pair_frame(relation, cases, {}, 1, 50, without=seen)
    except FrameError:
        assert not expected
        return
    assert frame.size == len(expected)
    assert not {case for pair in frame.draws for case in pair} & seen


@given(ROWS.filter(lambda rows: len(rows) > 3), WHERE, DIRECTIONS)
@settings(max_examples=60, deadline=None)
def test_changes_are_the_pairs_listed(rows, where, direction):
    cases = population(rows)
    listed = {"A → B": [("c0", "c1"), ("c2", "c1"), ("c3", "gone")], "other": [("c1", "c2")]}
    relation = Change(change="A → B", direction=direction, where=where)
    good = {c for c in cases.cases if all(w.holds(cases.row(c)[w.variable]) for w in where)}
    expected = {p for p in listed["A → B"] if set(p) <= good}
    try:
        frame = pair_frame(relation, cases, listed, 0, 10)
    except FrameError:
        assert not expected
        return
    assert frame.size == len(expected)
    assert set(frame.draws) <= expected
    assert "A → B" in frame.matching


def test_without_pairs_there_is_no_frame():
    cases = population([(1, 1, "a", 1), (1, 2, "a", 1)])
    with pytest.raises(FrameError, match="no two cases are comparable"):
        pair_frame(Trend(variable="x", direction="raises"), cases, {}, 0, 10)
    with pytest.raises(FrameError, match="no two cases"):
        pair_frame(Change(change="none", direction="raises"), cases, {}, 0, 10)
    tight = (Match(variable="x"), Match(variable="y", within=0.5))
    relation = Trend(variable="y", direction="raises", matching=tight)
    with pytest.raises(FrameError, match=r"matched in x, y within 0\.5"):
        pair_frame(relation, cases, {}, 0, 10)


def test_a_frame_has_a_limit(monkeypatch):
    monkeypatch.setattr(frames, "_LIMIT_PAIRS", 10)
    cases = population([(i, 1, "a", 1) for i in range(6)])
    with pytest.raises(FrameError, match="more than 10 pairs; match more closely"):
        pair_frame(Trend(variable="x", direction="raises"), cases, {}, 0, 10)


def test_blocks_larger_than_a_slice():
    cases = population([(i % 7, i, "a", 1) for i in range(1500)])
    relation = Trend(variable="x", direction="raises", matching=(Match(variable="label"),))
    counts = Counter(cases.columns["x"])
    expected = sum(counts[a] * counts[b] for a in counts for b in counts if a > b)
    assert pair_frame(relation, cases, {}, 0, 5).size == expected


def test_the_draw_is_uniform():
    """First draws over 6 pairs of 4 cases, 3000 seeds: chi-square with 5 degrees of freedom."""
    cases = population([(i, 0, None, None) for i in range(4)])
    relation = Trend(variable="x", direction="raises")
    firsts = Counter(pair_frame(relation, cases, {}, seed, 1).draws[0] for seed in range(3000))
    expected = 3000 / 6
    assert len(firsts) == 6
    assert sum((n - expected) ** 2 / expected for n in firsts.values()) < 20.5  # p = .001
    perfect = Counter(
        frozenset(pair_frame(relation, cases, {}, seed, 9).draws) for seed in range(3000)
    )
    # each of the three ways to pair four cases comes up equally often
    assert len(perfect) == 3
    assert sum((n - 1000) ** 2 / 1000 for n in perfect.values()) < 13.8  # p = .001, 2 df


def test_the_seed_of_a_draw_is_the_run_s_and_the_relation_s():
    a = Trend(variable="x", direction="raises")
    b = Trend(variable="x", direction="lowers")
    assert draw_seed(1, a) == draw_seed(1, Trend(variable="x", direction="raises"))
    assert len({draw_seed(seed, relation) for seed in range(50) for relation in (a, b)}) == 100


@pytest.mark.parametrize("process", [Sign(), Sign(theta0=0.3, delta=0.2), Census(size=40)])
@pytest.mark.parametrize("threshold", [0.1, 3.0, 5.08, 7.6])
def test_draws_needed_is_the_least_number(process, threshold):
    most = 40
    reached = [n for n in range(1, most + 1) if process.reach(n) >= threshold]
    assert draws_needed(process, threshold, most) == (reached[0] if reached else None)


def test_draws_needed_of_unbounded_evidence():
    assert draws_needed(GaussianMean(sigma=1, delta=1, tau=1), 5, 3) == 1
    assert draws_needed(GaussianMean(sigma=1, delta=1, tau=1), 5, 0) is None
    assert draws_needed(LawContest(), 5, 10) == 3
    assert draws_needed(Sign(), 5.0, 3) is None
