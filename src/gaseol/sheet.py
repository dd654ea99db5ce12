"""A sheet: a table of results, and which of its columns may be what in a question."""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from gaseol.scenarios.loader import Flaw, ScenarioError
from gaseol.scenarios.table import Row, read_table
from gaseol.tools.units import UnitError, check_unit

FEWEST = 20
"""Rows; with fewer no hypothesis can be decided."""
FEWEST_TO_SEARCH = 4
"""Rows; with fewer there is nothing to search."""
MOST_LABELS = 20
"""Different words in a column that is still a variable."""


@dataclass(frozen=True)
class Column:
    """A column of a table."""

    name: str
    """As it stands in the scenario."""
    said: str
    """In words."""
    unit: str = "1"
    numeric: bool = True


@dataclass(frozen=True)
class Sheet:
    """A table with its key, its outcome and what is known of each case beforehand."""

    rows: tuple[Row, ...]
    key: str
    outcome: Column
    variables: tuple[Column, ...]
    renamed: dict[str, str]
    """The columns that could not keep their names."""
    others: tuple[Column, ...] = ()
    """Further outcomes."""
    gaps: tuple[str, ...] = ()
    """Columns that were left out because some of their cells are empty."""

    @property
    def outcomes(self) -> tuple[Column, ...]:
        """The outcomes, the first one first."""
        return self.outcome, *self.others

    @property
    def measured(self) -> tuple[Row, ...]:
        """The rows that have all outcomes."""
        names = [column.name for column in self.outcomes]
        return tuple(row for row in self.rows if all(row[name] is not None for name in names))

    @property
    def numbers(self) -> tuple[Column, ...]:
        """The variables that are numbers."""
        return tuple(column for column in self.variables if column.numeric)

    def csv(self) -> str:
        """Return the table as CSV."""
        outcomes = [column.name for column in self.outcomes]
        return self._csv([*(column.name for column in self.variables), *outcomes], self.rows)

    def cases_csv(self) -> str:
        """Return the cases without their outcomes as CSV."""
        return self._csv([column.name for column in self.variables], self.rows)

    def known_csv(self) -> str:
        """Return the outcomes that there are as CSV, by their names in words."""
        names = {column.name: column.said for column in self.outcomes}
        return self._csv(list(names), self.measured, names)

    def _csv(
        self, names: Sequence[str], rows: Sequence[Row], said: Mapping[str, str] | None = None
    ) -> str:
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow([self.key, *((said or {}).get(name, name) for name in names)])
        for row in rows:
            cells = [row[name] for name in (self.key, *names)]
            writer.writerow(["" if cell is None else cell for cell in cells])
        return out.getvalue()


def read_sheet(
    file: Path, outcome: str = "", others: Sequence[str] = (), *, search: bool = False
) -> Sheet:
    """Read a CSV file and guess what its columns are.

    The key is the first column of words that all differ, else one that numbers the rows from 0 or 1,
    else the number of the row: other numbers are quantities, even where no two are equal. The outcome
    is the column asked for, or the last one with numbers; every other column of numbers or of few
    words is a variable. A unit is read from behind a name, as in `temperature (degC)`.

    Args:
        file: with a head.
        outcome: the name of a column, as it stands in the file.
        others: further outcomes.
        search: the best row is looked for: a few rows do, and a column with empty cells is left out.

    Raises:
        ScenarioError: it cannot be read, or no question can be made of it.
    """
    rows = read_table(file.parent, file.name)

    def bad(what: str) -> ScenarioError:
        return ScenarioError([Flaw(file.name, what)])

    fewest = FEWEST_TO_SEARCH if search else FEWEST
    if len(rows) < fewest:
        raise bad(f"has {len(rows)} rows; a question needs {fewest} at least")
    names = list(rows[0])
    numeric = [name for name in names if _numeric([row[name] for row in rows])]
    cells = {name: [row[name] for row in rows] for name in names}
    key = next((n for n in names if _is_key(cells[n])), "")
    key = key or next((n for n in names if _numbers_rows(cells[n])), "")
    for name in (outcome, *others):
        if name and name not in names:
            raise bad(f"has no column '{name}'; there are {', '.join(names)}")
        if name and (outcome, *others).count(name) > 1:
            raise bad(f"'{name}' is named as an outcome twice")
    measured = outcome or next((name for name in reversed(numeric) if name != key), "")
    strange = next((name for name in (measured, *others) if name not in numeric), None)
    if strange is not None:
        raise bad(f"'{strange}' holds no numbers" if strange else "has no column of numbers")
    if key in (measured, *others):
        key = ""
    known = [
        name
        for name in names
        if name not in (key, measured, *others)
        and (name in numeric or _few([row[name] for row in rows]))
    ]
    gaps = [name for name in known if search and any(cell is None for cell in cells[name])]
    known = [name for name in known if name not in gaps]
    if not any(name in numeric for name in known) and not (search and known):
        raise bad("has no second column of numbers, by which the outcome might differ")
    columns = _columns([measured, *others, *known], numeric)
    key_name = _name(_split(key)[0], taken={n.name for n in columns.values()}) if key else "case"
    renamed = {old: column.name for old, column in columns.items() if old != column.name}
    if key and key != key_name:
        renamed[key] = key_name
    made = tuple(
        {
            key_name: str(row[key]) if key else f"r{number}",
            **{column.name: row[old] for old, column in columns.items()},
        }
        for number, row in enumerate(rows, 1)
    )
    return Sheet(
        made, key_name, columns[measured], tuple(columns[n] for n in known), renamed,
        tuple(columns[n] for n in others), tuple(gaps),
    )  # fmt: skip


def _columns(names: list[str], numeric: list[str]) -> dict[str, Column]:
    taken = {"case"}
    found: dict[str, Column] = {}
    for old in names:
        words, unit = _split(old)
        name = _name(words, taken)
        taken.add(name)
        found[old] = Column(name, " ".join(re.findall(r"\w+", words)) or name, unit, old in numeric)
    return found


def _split(head: str) -> tuple[str, str]:
    """Split `temperature (degC)` into its words and its unit."""
    match = re.fullmatch(r"(.*?)\s*[\[(]([^\])]*)[\])]\s*", head)
    if match:
        try:
            check_unit(match[2])
        except UnitError:
            return head, "1"
        return match[1], match[2] or "1"
    return head, "1"


def _name(words: str, taken: set[str]) -> str:
    name = "_".join(re.findall(r"[a-z0-9]+", words.lower())) or "column"
    name = f"x_{name}" if name[0].isdigit() else name
    while name in taken:
        name += "_"
    return name


def _numeric(cells: list[object]) -> bool:
    given = [cell for cell in cells if cell is not None]
    return bool(given) and all(isinstance(cell, int | float) for cell in given)


def _is_key(cells: Sequence[object]) -> bool:
    whole = all(isinstance(cell, str | int) for cell in cells)
    words = any(isinstance(cell, str) for cell in cells)
    return whole and words and len(set(map(str, cells))) == len(cells)


def _numbers_rows(cells: Sequence[object]) -> bool:
    return any(list(cells) == list(range(first, first + len(cells))) for first in (0, 1))


def _few(cells: list[object]) -> bool:
    return len({cell for cell in cells if cell is not None}) <= MOST_LABELS
