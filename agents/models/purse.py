"""What is left to spend on a model: limits of the run and of the role that asks, counted in bounds."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from gaseol.agents.models.profile import Profile
from gaseol.agents.models.reply import price
from gaseol.traces.record.docket import Docket

Ask = tuple[str, int, int]
"""The role that asks, and tokens of the prompt and of the answer, at most."""


@dataclass(frozen=True)
class Purse:
    """What is left of each limit, by name."""

    left: Mapping[str, float]
    profile: Profile

    @classmethod
    def of(cls, docket: Docket, spent: Mapping[str, float], profile: Profile) -> "Purse":
        """Return what a run has left; a model with a price has none where no money is set."""
        limits = dict(docket.started.budget) if docket.started else {}
        limits.setdefault("money", 0.0)
        own = {
            name: limit - spent.get(name, 0.0)
            for name, limit in limits.items()
            if name.rpartition(".")[2] in ("tokens", "money")
        }
        return cls(own, profile)

    def longest(self, role: str, most: int) -> tuple[int, str]:
        """Return the longest answer that no limit can be broken by, and the limit that says so.

        Args:
            role: who asks.
            most: tokens of the prompt, at most.
        """
        allowed, why = 1 << 40, ""
        each = self.profile.completion_price / 1_000_000
        for name, left in self._limits(role):
            room = left - most
            if name.endswith("money"):
                left -= price(self.profile, most, 0)
                room = (left / each if each else math.inf) if left > 0 else 0.0
            if room < allowed:
                allowed, why = math.floor(max(room, 0.0)), f"the budget of {name} is spent"
        return allowed, why

    def less(self, role: str, most: int, longest: int, times: int = 1) -> "Purse":
        """Return what is left after a request that uses all that it may."""
        left = dict(self.left)
        for name, _ in self._limits(role):
            left[name] -= times * self._cost(name, most, longest)
        return replace(self, left=left)

    def further(self, asks: Sequence[Ask], most: int) -> int:
        """Return how many more tries each request may take, the first of each being paid for."""
        found = most
        needs: dict[str, float] = {}
        for role, prompt, answer in asks:
            for name, _ in self._limits(role):
                needs[name] = needs.get(name, 0.0) + self._cost(name, prompt, answer)
        for name, need in needs.items():
            if need > 0:
                found = min(found, max(0, math.floor(self.left[name] / need)))
        return found

    def _limits(self, role: str) -> list[tuple[str, float]]:
        priced = bool(self.profile.prompt_price or self.profile.completion_price)
        names = [*(("tokens", "money") if priced else ("tokens",))]
        names += [f"role.{role}.{name}" for name in names]
        return [(name, self.left[name]) for name in names if name in self.left]

    def _cost(self, name: str, most: int, longest: int) -> float:
        if name.endswith("money"):
            return price(self.profile, most, longest)
        return most + longest
