"""A goal: what is wanted of a quantity that is measured: more of it, less, or within limits."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

_SIGNS = {"maximise": 1, "minimise": -1}


@dataclass(frozen=True)
class Goal:
    """What is wanted of a quantity; an objective where it has a sign, else limits alone."""

    name: str
    sign: int = 1
    """1 where more is better, -1 where less is, 0 where only its limits count."""
    low: float | None = None
    high: float | None = None
    unit: str = "1"

    @property
    def limited(self) -> bool:
        """Whether some of its values are not acceptable."""
        return self.low is not None or self.high is not None

    def accepts(self, value: float) -> bool:
        """Tell whether a value keeps within the limits."""
        return (self.low is None or value >= self.low) and (self.high is None or value <= self.high)

    def __str__(self) -> str:
        limits = [f"at least {self.low:g}"] if self.low is not None else []
        limits += [f"at most {self.high:g}"] if self.high is not None else []
        wanted = {1: ["as high as can be"], -1: ["as low as can be"], 0: []}[self.sign]
        unit = f" {self.unit}" if limits and self.unit != "1" else ""
        return f"{self.name}: {', '.join(wanted + limits)}{unit}"


def goals_of(scenario: Mapping[str, Any]) -> tuple[Goal, ...]:
    """Return the goals of a scenario with a campaign, as JSON: the measurement's first.

    Empty for a scenario without a campaign, or where its parts are not what they should be.
    """
    campaign, measurement = (
        _mapping(scenario.get("campaign")),
        _mapping(scenario.get("measurement")),
    )
    first = _SIGNS.get(str(campaign.get("direction", "maximise")), 0)
    if not campaign or not measurement.get("name") or not first:
        return ()
    found = [Goal(str(measurement["name"]), first, unit=str(measurement.get("unit", "1")))]
    for name, outcome in _mapping(campaign.get("outcomes")).items():
        said = _mapping(outcome)
        sign = _SIGNS.get(str(said.get("direction")), 0)
        low, high = _number(said.get("low")), _number(said.get("high"))
        found.append(Goal(str(name), sign, low, high, str(said.get("unit", "1"))))
    return tuple(found)


def _number(said: object) -> float | None:
    return float(said) if isinstance(said, int | float) else None


def _mapping(said: object) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", said) if isinstance(said, Mapping) else {}
