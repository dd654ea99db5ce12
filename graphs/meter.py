"""What a run has spent, and what is left of its budget."""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gaseol.scenarios.scenario import Budget
from gaseol.traces.event import EffectKind


@dataclass
class Meter:
    """Counts what is spent; thread-safe."""

    budget: Budget
    started: float = field(default_factory=time.monotonic)
    _spent: dict[str, float] = field(default_factory=dict[str, float])
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def carry_on(self, seconds: float) -> None:
        """Count wall time on from what was spent before an interruption, which costs none."""
        self.started = time.monotonic() - seconds

    def spend(self, **amounts: float) -> None:
        """Add to what is spent."""
        with self._lock:
            for name, amount in amounts.items():
                self._spent[name] = self._spent.get(name, 0.0) + amount

    def answered(self, effect: EffectKind, value: Any, cpu_seconds: float) -> None:
        """Count an answered request; what a model used stands in its answer, as `usage`."""
        self.spend(**{f"{effect}_calls": 1}, cpu_seconds=cpu_seconds)
        if effect == "model" and isinstance(value, Mapping):
            self.spend(**value.get("usage", {}))  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]

    def spent(self) -> dict[str, float]:
        """Return what is spent so far, wall seconds included."""
        with self._lock:
            return {
                "experiments": 0.0,
                **{k: round(v, 6) for k, v in self._spent.items()},
                "seconds": round(time.monotonic() - self.started, 6),
            }

    def left(self, name: str) -> float:
        """Return what is left of a limit; infinity where none is set."""
        limit = self.budget.limits.get(name)
        return float("inf") if limit is None else limit - self.spent().get(name, 0.0)

    def exhausted(self, spent: Mapping[str, float]) -> str | None:
        """Return the name of a limit that this spending has reached, None while all hold.

        Tokens and money are no reason to stop: a scientist that uses none may go on.
        """
        limits = self.budget.limits
        for name in ("experiments", "seconds", "instrument_seconds"):
            if name in limits and spent.get(name, 0.0) >= limits[name]:
                return name
        return None
