"""The pace at which a service may be asked: a token bucket and a number of connections."""

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


@dataclass(frozen=True, slots=True)
class Rate:
    """How often a service may be asked."""

    requests: int = 1
    """So many requests"""
    seconds: float = 1.0
    """in so many seconds."""
    connections: int = 2
    """At a time."""


ONCE_A_SECOND = Rate()


class Pace:
    """Gives out turns, as a bucket of tokens does that is filled evenly; thread-safe."""

    def __init__(self, rate: Rate, clock: Callable[[], float]) -> None:
        """Start with a full bucket.

        Args:
            rate: of one service.
            clock: in seconds.
        """
        self._rate = rate
        self._clock = clock
        self._lock = threading.Lock()
        self._tokens = float(rate.requests)
        self._at = clock()
        self.connections = threading.BoundedSemaphore(rate.connections)

    def turn(self) -> float:
        """Take a turn and return how many seconds there are until it."""
        with self._lock:
            now = self._clock()
            per_second = self._rate.requests / self._rate.seconds
            grown = self._tokens + (now - self._at) * per_second
            self._tokens, self._at = min(float(self._rate.requests), grown) - 1.0, now
            return max(0.0, -self._tokens / per_second)

    def pause(self, seconds: float) -> None:
        """Let nobody ask for a while: the service said so.

        Args:
            seconds: from now.
        """
        with self._lock:
            per_second = self._rate.requests / self._rate.seconds
            self._tokens = min(self._tokens, 1.0 - seconds * per_second)
            self._at = self._clock()


def retry_after(text: str, now: datetime | None = None) -> float | None:
    """Return the seconds that a `Retry-After` header asks for; None for one that says nothing.

    Args:
        text: seconds, or a date as HTTP has it.
        now: the time to count a date from.
    """
    text = text.strip()
    if text.isdecimal() and text.isascii():
        return float(text[:9])
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, TypeError):
        return None
    if date.tzinfo is None:
        date = date.replace(tzinfo=UTC)
    return max(0.0, (date - (now or datetime.now(UTC))).total_seconds())


def backoff(attempt: int, seed: str) -> float:
    """Return how long to wait before asking again: doubling, with jitter from a seeded source.

    Args:
        attempt: that failed, from 0.
        seed: what fixes the jitter.
    """
    jitter = random.Random(f"{seed}:{attempt}").uniform(0.5, 1.5)  # noqa: S311 (no secret)
    return min(60.0, float(2**attempt)) * jitter
