"""What else is measured of a case, beside the measurement: an objective, a limit, or both."""

from typing import Any, Literal, Self

from pydantic import Field, model_validator

from gaseol.scenarios.measurement import Bench, Measurement
from gaseol.scenarios.part import Part


class Outcome(Part):
    """A quantity of every case that is measured, and what is wanted of it."""

    direction: Literal["maximise", "minimise"] | None = None
    """Makes it an objective; without it only its limits count."""
    low: float | None = None
    """Cases below are not acceptable, however good they are otherwise; in its unit."""
    high: float | None = None
    tool: str | None = None
    """By default the measurement's own call: give `value`, the place of this quantity in it."""
    bench: Bench | None = None
    """Given instead of a tool where a person measures it."""
    arguments: dict[str, Any] = Field(default_factory=dict)
    value: str = ""
    """Path of the value in the tool's result."""
    unit: str = "1"
    uncertainty: str | None = None
    """Path of one standard deviation in the result, if the tool states it."""

    @property
    def sign(self) -> int:
        """1 where more is better, -1 where less is, 0 where only limits count."""
        return {"maximise": 1, "minimise": -1, None: 0}[self.direction]

    def method(self, name: str, beside: Measurement) -> Measurement:
        """Return how it is measured.

        Args:
            name: of the quantity.
            beside: the measurement, whose call it shares unless it names its own.
        """
        own = self.tool is not None or self.bench is not None
        given: dict[str, Any] = {
            "tool": self.tool if self.tool is not None else "person" if own else beside.tool,
            "bench": self.bench,
            "arguments": self.arguments if own else beside.arguments,
        }
        return Measurement(name=name, value=self.value, unit=self.unit,
                           uncertainty=self.uncertainty, readings=beside.readings, **given)  # fmt: skip

    @model_validator(mode="after")
    def _something_wanted(self) -> Self:
        if self.direction is None and self.low is None and self.high is None:
            raise ValueError("say what is wanted of it: direction, low or high")
        if self.low is not None and self.high is not None and self.low >= self.high:
            raise ValueError(f"low ({self.low:g}) must be below high ({self.high:g})")
        if self.tool is not None and self.bench is not None:
            raise ValueError("give either a tool, or bench with the protocol of a person")
        if self.arguments and self.tool is None and self.bench is None:
            raise ValueError("arguments belong to a tool of its own: name it")
        return self
