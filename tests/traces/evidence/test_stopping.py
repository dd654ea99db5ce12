"""Why no further draw was made."""

import math
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gaseol.traces.evidence.futility import futile, reach
from gaseol.traces.evidence.process import Census, LawContest, Sign
from gaseol.traces.evidence.stopping import stop
from gaseol.traces.nouns.registration import Criterion


def registered(draws=80, process=None):
    criterion = Criterion(
        process=process or Sign(), alpha=0.05, hypotheses=10, draws=draws, basis="design-based"
    )
    return SimpleNamespace(criterion=criterion)


OUTCOMES = st.lists(st.sampled_from([1.0, -1.0, 0.0, None]), max_size=25)


@settings(deadline=None)
@given(OUTCOMES, st.lists(st.sampled_from([1.0, -1.0, 0.0, None]), max_size=12))
def test_whatever_follows_ends_at_no_more_than_can_be_reached(done, left):
    most_for, most_against = reach(Sign(), done, len(left))
    draws = [math.nan if o is None else o for o in (*done, *left)]
    if draws:
        plus, minus = Sign().path(draws)
        assert plus[-1] <= most_for + 1e-9
        assert minus[-1] <= most_against + 1e-9


@settings(deadline=None)
@given(OUTCOMES, st.integers(0, 12))
def test_what_is_futile_cannot_end_at_the_threshold(done, left):
    most = max(reach(Sign(), done, left))
    if not futile(Sign(), 3.0, done, left):
        assert most >= 3.0
    elif left:
        assert most < 3.0


def test_a_frame_that_is_drawn_out_is_not_drawn_further():
    assert reach(Census(size=10), [1.0] * 8, 50) == reach(Census(size=10), [1.0] * 8, 2)
    assert reach(Census(size=4), [], 0) == (0.0, 0.0)


def test_of_laws_and_of_endless_registrations_nothing_is_worked_out():
    assert reach(LawContest(), [1.0] * 5, 5) is None
    assert reach(Sign(), [], 10**9) is None
    assert stop(registered(10**9), [], decided=False, status="running").why == "running"


@pytest.mark.parametrize(
    ("hits", "misses", "options", "words"),
    [
        (11, 0, {"decided": True}, "because draw 11 decided it"),
        (40, 40, {}, "because all 80 registered draws were made"),
        (37, 26, {}, "after 63 of 80 because the 17 left could no longer decide it: had all of "
                     "them gone as predicted, ln E for would have come to 3.66"),
        (2, 2, {"status": "budget", "reason": "seconds"}, "the run's budget was spent (seconds)"),
        (2, 2, {"status": "interrupted", "reason": "Ctrl+C"}, "interrupted (Ctrl+C); it can be"),
        (2, 2, {"reason": "3 waves"}, "after 4 of 80 because the run ended (3 waves)"),
        (2, 2, {"status": "running", "reason": "x"}, "4 of 80 draws are made"),
        (2, 2, {"status": "paused"}, "the run has not ended"),
    ],
)  # fmt: skip
def test_the_reason_is_derived_and_said(hits, misses, options, words):
    outcomes = [1.0] * hits + [-1.0] * misses
    found = stop(registered(), outcomes, **{"decided": False, "status": "done", **options})
    assert words in str(found)
    assert found.left == 80 - hits - misses


def test_futility_goes_before_the_end_of_the_run_and_its_budget():
    outcomes = [1.0] * 37 + [-1.0] * 26
    for status in ("done", "budget", "interrupted", "running"):
        assert stop(registered(), outcomes, decided=False, status=status).why == "futile"
