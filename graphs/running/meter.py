"""What a run has spent, and what is left of its budget."""

import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gaseol.scenarios.policy import Budget
from gaseol.traces.record.effects import APPROVAL, Request

_STOPPING = ("experiments", "seconds", "instrument_seconds", "cpu_seconds", "cost")
"""Limits of the whole run that end it once they are reached."""

_OF_MODELS = ("tokens", "money")


@dataclass
class Meter:
    """Counts what is spent; thread-safe.

    Calls are counted when they are asked for, so that no two that are asked for at once share the
    last one. What a call costs is known when it is answered: none begins once a limit is reached.
    """

    budget: Budget
    started: float = field(default_factory=time.monotonic)
    _spent: dict[str, float] = field(default_factory=dict[str, float])
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.limits = self.budget.limits

    def carry_on(self, seconds: float) -> None:
        """Count wall time on from what was spent before an interruption, which costs none."""
        self.started = time.monotonic() - seconds

    def spend(self, **amounts: float) -> None:
        """Add to what is spent."""
        with self._lock:
            self._add(amounts)

    def reserve(self, requests: Sequence[Request], *, clock: bool = True) -> str | None:
        """Count requests that are about to be carried out, all of them or none.

        Args:
            requests: none of which has been counted yet.
            clock: whether the wall time counts, which a replay cannot tell.

        Returns:
            The name of the limit that forbids them; None where they may be carried out.
        """
        wanted = Counter(name for request in requests for name in self._calls(request))
        with self._lock:
            for name, number in wanted.items():
                if self._spent.get(name, 0.0) + number > self.limits[name]:
                    return name
            for request in requests:
                spent = self._reached(request, clock)
                if spent:
                    return spent
            self._add(wanted)
        return None

    def answered(
        self,
        request: Request,
        value: Any,
        cpu_seconds: float,
        usage: Mapping[str, float] | None = None,
        *,
        paid: bool = True,
    ) -> None:
        """Count an answered request.

        Args:
            request: as it was asked.
            value: the answer; what a model used stands in it, as `usage`.
            cpu_seconds: processor time of the call.
            usage: what was used without an answer.
            paid: whether this run had it answered; what a branch takes from its parent costs
                nothing, and is counted as a call.
        """
        amounts: dict[str, float] = {"cpu_seconds": cpu_seconds if paid else 0.0}
        if paid:
            amounts |= usage or {}
        if paid and request.effect == "model" and isinstance(value, Mapping):
            amounts |= value.get("usage", {})  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]
        shares = {
            f"{whose}.{name}": amount
            for whose in _whose(request)
            for name, amount in amounts.items()
            if f"{whose}.{name}" in self.limits
        }
        self.spend(**{f"{request.effect}_calls": 1}, **amounts, **shares)

    def lost(self, request: Request) -> None:
        """Count a request of which nobody knows how it ended: a model may have used all it might."""
        if request.effect == "model":
            self.answered(request, None, 0.0, _most(request))

    def no_room(self, request: Request) -> str | None:
        """Return the limit that a request to a model could break; None where there is room for it."""
        if request.effect != "model":
            return None
        for name, amount in _most(request).items():
            for limit in (name, *(f"{whose}.{name}" for whose in _whose(request))):
                if limit in self.limits and amount > self.left(limit):
                    return limit
        return None

    def spent(self) -> dict[str, float]:
        """Return what is spent so far, wall seconds included."""
        with self._lock:
            return {
                "experiments": 0.0,
                **{k: round(v, 6) for k, v in self._spent.items()},
                "seconds": self._seconds(),
            }

    def left(self, name: str) -> float:
        """Return what is left of a limit; infinity where none is set."""
        limit = self.limits.get(name)
        return float("inf") if limit is None else limit - self.spent().get(name, 0.0)

    @property
    def late(self) -> bool:
        """Whether the wall time is up."""
        return self._seconds() >= self.limits["seconds"]

    def exhausted(self, spent: Mapping[str, float]) -> str | None:
        """Return the name of a limit that this spending has reached, None while all hold.

        Tokens and money are no reason to stop: a scientist that uses none may go on.
        """
        for name in _STOPPING:
            if name in self.limits and spent.get(name, 0.0) >= self.limits[name]:
                return name
        return None

    def _calls(self, request: Request) -> list[str]:
        names = (f"{whose}.calls" for whose in _whose(request))
        return [name for name in names if name in self.limits]

    def _reached(self, request: Request, clock: bool) -> str | None:
        """Return a limit on what is measured that is reached, as far as it concerns a request."""
        # while a person is waited for no time passes, and none is needed to ask
        if clock and request.name != APPROVAL and self.late:
            return "seconds"
        names = ["cpu_seconds"] if request.effect == "tool" else []
        names += _OF_MODELS if request.effect == "model" else ()
        names += [f"{whose}.{name}" for whose in _whose(request) for name in
                  ("cpu_seconds", *_OF_MODELS)]  # fmt: skip
        for name in names:
            spent = self._spent.get(name, 0.0)
            # without a price nothing is spent, and no money is needed
            free = name.endswith("money") and not spent
            if name in self.limits and spent >= self.limits[name] and not free:
                return name
        return None

    def _seconds(self) -> float:
        return round(time.monotonic() - self.started, 6)

    def _add(self, amounts: Mapping[str, float]) -> None:
        for name, amount in amounts.items():
            self._spent[name] = self._spent.get(name, 0.0) + amount


def _most(request: Request) -> dict[str, float]:
    from gaseol.agents.models.reply import lost_usage

    arguments = request.arguments
    return dict(lost_usage(arguments, int(arguments.get("tries", 1))))


def _whose(request: Request) -> tuple[str, ...]:
    role = (f"role.{request.role}",) if request.role else ()
    return (f"tool.{request.name}", *role) if request.effect == "tool" else role
