"""A sentence in the report, with the origin of each of its numbers."""

import re
from typing import Literal

from pydantic import Field

from gaseol.traces.nouns.value import Value

Statistic = Literal[
    "value", "count", "mean", "minimum", "maximum", "mean_absolute_error", "rank_correlation",
    "hits", "draws", "log_e_for", "log_e_against", "ruling", "statement", "case", "uncertainty",
    "standard_error",
]  # fmt: skip


class Figure(Value):
    """A number (or a quoted ruling, statement or case) and the record's entries it comes from."""

    statistic: Statistic
    measurements: tuple[int, ...] = ()
    """Positions of measurements."""
    against: tuple[int, ...] = ()
    """For comparisons: positions of the measurements compared with, in the same order."""
    hypothesis: str | None = None
    value: float | str
    unit: str = ""
    digits: int = Field(default=3, ge=1, le=12)
    """Significant digits printed."""

    def __str__(self) -> str:
        if isinstance(self.value, str):
            return self.value
        shown = f"{self.value:.{self.digits}g}"
        return f"{shown} {self.unit}" if self.unit and self.unit != "1" else shown


class Claim(Value):
    """A sentence with a place `{name}` for every number; it may hold no other digits."""

    id: str
    text: str
    figures: dict[str, Figure] = Field(default_factory=dict)
    hypotheses: tuple[str, ...] = ()

    def __str__(self) -> str:
        # one pass: a quoted statement that holds braces is not filled in again
        return re.sub(
            r"\{(\w+)\}",
            lambda found: str(self.figures.get(found[1], found[0])),
            self.text,
        )


class Audit(Value):
    """What the record says of a claim."""

    claim: str
    supported: bool
    problems: tuple[str, ...] = ()
