"""How the outcome is measured: by a tool, or by a person at the bench; and how that is checked."""

from typing import Any, Self

from pydantic import Field, JsonValue, model_validator

from gaseol.scenarios.part import Part
from gaseol.scenarios.template import places

PERSON = "person"
"""Stands where a tool does when a person measures."""


class Bench(Part):
    """What a person who measures a case is told, and what they may hand in."""

    protocol: str = Field(min_length=10)
    """How to measure, so that two people would do the same; `{column}` is filled in."""
    due_days: float | None = Field(default=None, gt=0)
    """How many days after it was asked for a value is wanted."""
    low: float | None = None
    """A smaller value is not taken, in the measurement's unit."""
    high: float | None = None

    @model_validator(mode="after")
    def _range(self) -> Self:
        if self.low is not None and self.high is not None and self.low >= self.high:
            raise ValueError(f"low ({self.low:g}) must be below high ({self.high:g})")
        return self


class Measurement(Part):
    """How the outcome of a case is measured: by a tool, or by a person at the bench."""

    name: str
    """What is measured, in words: it becomes part of every statement."""
    tool: str = PERSON
    bench: Bench | None = None
    """Given instead of a tool; the run then pauses until the values are handed in."""
    arguments: dict[str, Any] = Field(default_factory=dict)
    value: str = ""
    """Path of the value in the tool's result, as `energy` or `result.energy`; empty: all of it."""
    unit: str = "1"
    uncertainty: str | None = None
    """Path of one standard deviation in the result, if the tool states it."""
    cost: str | None = None
    """Path of the instrument's seconds in the result, if it is not the wall time that counts."""
    drawing: str | None = None
    """Path of a drawing (SVG) in the result."""
    readings: int = Field(default=1, ge=1)
    """How often a design may be read; more than once only where readings are noisy."""
    preset_counts: float | None = Field(default=None, gt=0)
    """The instrument counts to this number, so that a reading takes counts / outcome seconds."""
    precision: float | None = Field(default=None, gt=0)
    """One standard deviation of a reading, as the instrument's data sheet or its calibration says: a
    share of the value where laws speak of its logarithm (`link: log`), in `unit` where they do not."""
    remedies: tuple[dict[str, JsonValue], ...] = Field(default=(), max_length=8)
    """Arguments to try after a failure, in this order unless an experimentalist prefers another.
    They may change how the value is got, never what it is: no argument that says which case."""

    @model_validator(mode="after")
    def _one_noise(self) -> Self:
        if self.precision is not None and self.preset_counts is not None:
            raise ValueError("preset_counts says how precise a reading is: leave out precision")
        return self

    @model_validator(mode="after")
    def _tool_or_bench(self) -> Self:
        if (self.tool == PERSON) is not (self.bench is not None):
            raise ValueError("give either a tool, or bench with the protocol of a person")
        if self.bench is not None and self.remedies:
            raise ValueError("remedies are for tools: a person knows what to do")
        for remedy in self.remedies:
            if not remedy:
                raise ValueError("a remedy changes nothing")
            for name, said in remedy.items():
                if places(said) or places(self.arguments.get(name, "")):
                    raise ValueError(
                        f"a remedy changes '{name}', which depends on the case; remedies change how "
                        "a value is got, never what it is"
                    )
        taken = [n for n in ("value", "uncertainty", "cost", "drawing") if getattr(self, n)]
        if self.bench is not None and taken:
            raise ValueError(f"a person hands in a value and its uncertainty: leave out {taken[0]}")
        return self


class Check(Measurement):
    """An independent method for some of the cases, to compare the measurement with."""

    cases: int = Field(default=60, ge=2)
