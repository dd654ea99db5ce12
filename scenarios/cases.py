"""The cases of a question: a table, a list, a grid or a tool, their variables and their pairs."""

import math
from typing import Any, Self

from pydantic import Field, model_validator

from gaseol.scenarios.part import Part
from gaseol.traces.nouns.hypothesis import Cell, Condition

_LIMIT_GRID = 100_000


class File(Part):
    """An argument that is the text of a file beside the scenario."""

    file: str


class ToolCall(Part):
    """A tool and its arguments, with places `{column}` that are filled in from the cases.

    Where a call describes all cases at once a place becomes the list of all cells; in a
    measurement it becomes the cell of the case measured. `{seed}` is the run's seed and
    `{reading}` the number of the reading; in a measurement `{lot}` is a whole number below 2^31 that
    the run's seed draws for each case and reading anew: the seed of a simulation.
    """

    tool: str
    arguments: dict[str, Any] = Field(default_factory=dict)


class Grid(Part):
    """Evenly spaced values of one variable."""

    start: float
    stop: float
    step: float = Field(gt=0)

    @property
    def values(self) -> list[float]:
        """The values, both ends included, rounded to the step's precision."""
        digits = max(0, 2 - math.floor(math.log10(self.step)))
        count = math.floor(self._steps + 1e-9) + 1
        return [round(self.start + i * self.step, digits) for i in range(count)]

    @property
    def _steps(self) -> float:
        return (self.stop - self.start) / self.step

    @model_validator(mode="after")
    def _countable(self) -> Self:
        if self.stop < self.start:
            raise ValueError(f"stop ({self.stop:g}) must not be below start ({self.start:g})")
        if self._steps >= _LIMIT_GRID:
            raise ValueError(f"more than {_LIMIT_GRID} values; take a larger step")
        return self


class Combined(Part):
    """Conditions: combinations of the values that the variables may have."""

    sample: int = Field(default=100, ge=2, le=10_000)
    """So many of them, drawn by the run's seed, are the cases; a campaign looks beyond them."""
    excluded: tuple[tuple[Condition, ...], ...] = ()
    """Conditions that may not all hold at once."""


class Cases(Part):
    """Where the cases come from: a tool, a file, a list, a grid, or combinations of conditions."""

    key: str
    """The column that names a case."""
    label: str | None = None
    """The column to show to people; the key by default."""
    tool: ToolCall | None = None
    file: str | None = None
    rows: tuple[dict[str, Cell], ...] | None = None
    grid: Grid | None = None
    conditions: Combined | None = None
    """Combinations of the variables' `among`, or of what lies between their `low` and `high`."""
    where: tuple[Condition, ...] = ()
    sample: int | None = Field(default=None, ge=2)
    """Keep this many, drawn by the run's seed."""
    population: str = ""
    """The population in words, for the sentence that the null speaks of."""

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        given = [
            n
            for n in ("tool", "file", "rows", "grid", "conditions")
            if getattr(self, n) is not None
        ]
        if len(given) != 1:
            said = " and ".join(given) or "nothing"
            raise ValueError(
                f"give one of tool, file, rows, grid or conditions; here stands {said}"
            )
        if self.rows is not None and not self.rows:
            raise ValueError("the list of cases is empty")
        return self


class Variable(Part):
    """What a scientist may know of a case before measuring it."""

    unit: str = "1"
    description: str = ""
    low: float | None = None
    high: float | None = None
    among: tuple[str | int | bool, ...] | None = None
    explore: bool = False
    """The scientist may make hypotheses of its own about it."""

    @model_validator(mode="after")
    def _range(self) -> Self:
        if self.low is not None and self.high is not None and self.low >= self.high:
            raise ValueError(f"low ({self.low:g}) must be below high ({self.high:g})")
        return self


class Pairs(ToolCall):
    """A tool that lists pairs of cases which differ by one change."""

    first: str = "right"
    """Key of the changed case in each row that the tool gives."""
    second: str = "left"
    change: str = "change"
