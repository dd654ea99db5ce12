"""The cases of a question with what is known of them before measuring."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from gaseol.traces.nouns.hypothesis import Cell, Condition


@dataclass(frozen=True)
class Population:
    """Cases by name, and a column for each variable. Holds no outcome."""

    cases: tuple[str, ...]
    labels: Mapping[str, str]
    columns: Mapping[str, tuple[Cell, ...]]

    def __len__(self) -> int:
        return len(self.cases)

    def row(self, case: str) -> dict[str, Cell]:
        """Return what is known of a case."""
        at = self._places[case]
        return {name: column[at] for name, column in self.columns.items()}

    @property
    def _places(self) -> dict[str, int]:
        if "_cached" not in self.__dict__:
            self.__dict__["_cached"] = {case: i for i, case in enumerate(self.cases)}
        return self.__dict__["_cached"]

    def numbers(self, variable: str) -> list[float]:
        """Return a column as numbers, NaN where a cell is missing or no number."""
        return [
            float(cell) if isinstance(cell, bool | int | float) else math.nan
            for cell in self.columns[variable]
        ]

    def keep(self, cases: Iterable[str]) -> "Population":
        """Return the population of these cases only, in the old order."""
        wanted = set(cases)
        places = [i for i, case in enumerate(self.cases) if case in wanted]
        return Population(
            cases=tuple(self.cases[i] for i in places),
            labels={case: self.labels[case] for case in self.cases if case in wanted},
            columns={n: tuple(column[i] for i in places) for n, column in self.columns.items()},
        )

    def grown(self, cases: Sequence[str], rows: Sequence[Mapping[str, Cell]]) -> "Population":
        """Return the population with more cases, each with what its row says of the variables."""
        return Population(
            cases=(*self.cases, *cases),
            labels={**self.labels, **{case: case for case in cases}},
            columns={
                name: (*column, *(row.get(name) for row in rows))
                for name, column in self.columns.items()
            },
        )

    def where(self, conditions: Sequence[Condition]) -> "Population":
        """Return the cases for which every condition holds."""
        if not conditions:
            return self
        return self.keep(
            case
            for i, case in enumerate(self.cases)
            if all(c.holds(self.columns[c.variable][i]) for c in conditions)
        )
