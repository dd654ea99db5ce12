"""The pace at which a service may be asked: a token bucket and a number of connections."""

import random
import re
import threading
from collections.abc import Callable, Mapping
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
        self._per_second = rate.requests / rate.seconds
        self._room = float(rate.requests)
        self._clock = clock
        self._lock = threading.Lock()
        self._tokens = self._room
        self._at = clock()
        self.connections = threading.BoundedSemaphore(rate.connections)

    def turn(self) -> float:
        """Take a turn and return how many seconds there are until it."""
        with self._lock:
            now = self._clock()
            grown = self._tokens + (now - self._at) * self._per_second
            self._tokens, self._at = min(self._room, grown) - 1.0, now
            return max(0.0, -self._tokens / self._per_second)

    def slow(self, requests: float, seconds: float) -> None:
        """Go no faster than the service states; what it allows beyond our own rate is not used.

        Args:
            requests: so many
            seconds: in so many seconds; 0 where it states nothing.
        """
        if requests >= 1 and seconds > 0 and requests / seconds < self._per_second:
            with self._lock:
                self._per_second = requests / seconds
                self._room = min(self._room, requests)
                self._tokens = min(self._tokens, self._room)

    def pause(self, seconds: float) -> None:
        """Let nobody ask for a while: the service said so.

        Args:
            seconds: from now.
        """
        with self._lock:
            self._tokens = min(self._tokens, 1.0 - seconds * self._per_second)
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


def stated(headers: Mapping[str, str]) -> tuple[float, float]:
    """Return the rate that an answer states, as requests and seconds; two zeros for none."""
    limit = re.fullmatch(r"\s*([0-9]{1,6})\s*", headers.get("x-rate-limit-limit", ""))
    interval = re.fullmatch(r"\s*([0-9]{1,6})s?\s*", headers.get("x-rate-limit-interval", ""))
    return (float(limit[1]), float(interval[1])) if limit and interval else (0.0, 0.0)


def backoff(attempt: int, seed: str) -> float:
    """Return how long to wait before asking again: doubling, with jitter from a seeded source.

    Args:
        attempt: that failed, from 0.
        seed: what fixes the jitter.
    """
    jitter = random.Random(f"{seed}:{attempt}").uniform(0.5, 1.5)  # noqa: S311 (no secret)
    return min(60.0, float(2**attempt)) * jitter
