"""Turns come at the service's pace."""

from datetime import UTC, datetime

import pytest

from gaseol.tools.egress.pace import Pace, Rate, backoff, retry_after, stated


def test_a_bucket_holds_what_may_be_asked_at_once(clock) -> None:
    pace = Pace(Rate(requests=3, seconds=1), clock)
    assert [pace.turn() for _ in range(3)] == [0, 0, 0]
    assert pace.turn() == pytest.approx(1 / 3)
    clock.now = 10
    assert [pace.turn() for _ in range(3)] == [0, 0, 0]
    assert pace.turn() > 0


def test_over_a_long_time_the_rate_is_kept(clock) -> None:
    pace = Pace(Rate(requests=1, seconds=3), clock)
    for _ in range(10):
        clock.wait(pace.turn())
    assert clock.now == pytest.approx(27)


def test_a_service_that_asks_for_a_pause_has_it(clock) -> None:
    pace = Pace(Rate(requests=5, seconds=1), clock)
    pace.pause(30)
    assert pace.turn() == pytest.approx(30)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("7", 7.0),
        ("Thu, 01 Jan 2026 00:01:00 GMT", 60.0),
        ("Wed, 31 Dec 2025 23:00:00 GMT", 0.0),
        ("soon", None),
        ("", None),
        ("-3", None),
        ("٣", None),
    ],
)
def test_retry_after(text: str, seconds: float | None) -> None:
    assert retry_after(text, datetime(2026, 1, 1, tzinfo=UTC)) == seconds


def test_jitter_is_fixed_by_its_seed() -> None:
    assert backoff(2, "a") == backoff(2, "a") != backoff(2, "b")
    assert all(0.5 * 2**n <= backoff(n, "a") <= 1.5 * 2**n for n in range(5))
    assert backoff(40, "a") <= 90


def test_a_service_that_states_a_slower_rate_is_obeyed(clock) -> None:
    pace = Pace(Rate(requests=10, seconds=1), clock)
    pace.slow(*stated({"x-rate-limit-limit": "1", "x-rate-limit-interval": "2s"}))
    assert pace.turn() == 0
    assert pace.turn() == pytest.approx(2)
    pace.slow(*stated({"x-rate-limit-limit": "1000", "x-rate-limit-interval": "1s"}))
    assert pace.turn() == pytest.approx(4)


@pytest.mark.parametrize("limit", ["", "0", "-1", "many", "1e9", "٣"])
def test_a_nonsensical_rate_changes_nothing(limit: str, clock) -> None:
    pace = Pace(Rate(requests=10, seconds=1), clock)
    pace.slow(*stated({"x-rate-limit-limit": limit, "x-rate-limit-interval": "1s"}))
    assert [pace.turn() for _ in range(10)] == [0.0] * 10
