"""Spaces of rows: a finite table, or conditions that may be combined."""

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from gaseol.tools.space import Cell, Features, SpaceError
from gaseol.traces.nouns.hypothesis import Condition

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LISTED = 50_000
"""Conditions are listed where there are at most so many combinations."""
_OWN = 9
"""So many components of a likeness, the largest, are variables of their own."""


@dataclass(frozen=True)
class Column:
    """A variable of a space of rows: labels, or numbers with their range."""

    name: str
    labels: tuple[str, ...] = ()
    """A category's; empty for a number."""
    values: tuple[float, ...] = ()
    """A number's levels in ascending order; empty where it is continuous."""
    low: float = 0.0
    high: float = 1.0
    vectors: "NDArray[np.float64] | None" = None
    """How alike the labels are: shape (labels, columns), what tells most apart first; mean
    distance about 1."""
    merits: tuple[float, ...] = ()
    """What is thought of each label before anything is measured, between 0 and 1."""
    prefers: Literal["high", "low", ""] = ""
    """For numbers: which end is thought to be better before anything is measured."""

    def __post_init__(self) -> None:
        if not self.labels and not math.isfinite(self.high - self.low):
            raise SpaceError(
                f"the column '{self.name}' holds what is no number, or too large a one"
            )
        if self.continuous and not self.low < self.high:
            raise SpaceError(f"the column '{self.name}' goes from {self.low:g} to {self.high:g}; "
                             "give a lower end that is below the upper one")  # fmt: skip

    @property
    def continuous(self) -> bool:
        """Whether its values cannot be listed."""
        return not self.labels and not self.values

    @property
    def levels(self) -> tuple[Cell, ...]:
        """Its labels or values; empty where it is continuous."""
        return self.labels or self.values

    @cached_property
    def _known(self) -> frozenset[Cell]:
        return frozenset(self.levels)

    def holds(self, cell: Cell) -> bool:
        """Tell whether a cell is one of its levels, or lies in its range."""
        if self.labels:
            return isinstance(cell, str) and cell in self._known
        if isinstance(cell, bool) or not isinstance(cell, int | float):
            return False
        return self.low <= cell <= self.high if self.continuous else cell in self._known

    @classmethod
    def of(cls, name: str, cells: Iterable[Cell], **more: Any) -> "Column":
        """Return a column for the cells of a table: numbers where all of them are.

        Raises:
            SpaceError: a cell is missing, or there is none.
        """
        found = list(cells)
        if not found:
            raise SpaceError(f"the column '{name}' has no cells")
        lacking = next((i for i, c in enumerate(found, start=1) if c is None or c == ""), None)
        if lacking is not None:
            raise SpaceError(f"the column '{name}' lacks a cell in row {lacking}")
        numbers = [
            float(cell) + 0.0  # zero has one name
            for cell in found
            if isinstance(cell, int | float) and not isinstance(cell, bool)
        ]
        if len(numbers) == len(found) and numbers:
            strange = next((i for i, n in enumerate(numbers, 1) if not math.isfinite(n)), None)
            if strange is not None:
                raise SpaceError(f"the column '{name}' holds no finite number in row {strange}")
            values = tuple(sorted(set(numbers)))
            return cls(name, values=values, low=values[0], high=values[-1], **more)
        return cls(name, labels=tuple(dict.fromkeys(map(str, found))), **more)

    def merit(self, cell: Cell) -> float:
        """Return what is thought of a cell before anything is measured, 0 to 1; 0.5 for nothing."""
        if self.labels:
            return self.merits[self.labels.index(str(cell))] if self.merits else 0.5
        if not self.prefers or self.high <= self.low:
            return 0.5
        share = (float(cell or 0) - self.low) / (self.high - self.low)
        return share if self.prefers == "high" else 1 - share

    def encoded(self, cells: Sequence[Cell]) -> "list[NDArray[np.float64]]":
        """Return the numeric columns of each of its variables: identity, and components of likeness.

        Raises:
            SpaceError: a cell is none of its labels, or no number.
        """
        import numpy as np

        if not self.labels:
            try:
                numbers = np.array([float(cell) for cell in cells if cell is not None])
            except (TypeError, ValueError):
                raise SpaceError(f"the column '{self.name}' holds what is no number") from None
            if len(numbers) != len(cells) or not np.isfinite(numbers).all():
                raise SpaceError(f"the column '{self.name}' holds what is no number")
            spread = self.high - self.low
            return [((numbers - self.low) / (spread if spread > 0 else 1.0))[:, None]]
        place = {label: i for i, label in enumerate(self.labels)}
        strange = next((cell for cell in cells if str(cell) not in place), None)
        if strange is not None:
            raise SpaceError(f"'{strange}' is no label of '{self.name}': {', '.join(self.labels)}")
        rows = np.array([place[str(cell)] for cell in cells], dtype=np.int64)
        # any two labels are at distance 1 once the columns of a variable are averaged
        blocks = [np.eye(len(self.labels))[rows] * math.sqrt(len(self.labels) / 2)]
        if self.vectors is not None:
            # which of them matters is for the model to find out; the last ones count together
            parts = self.vectors[rows]
            blocks += [parts[:, j : j + 1] for j in range(min(_OWN, parts.shape[1]))]
            if (rest := parts[:, _OWN:]).shape[1]:
                blocks.append(rest * math.sqrt(rest.shape[1]))
        return blocks


def encode(
    columns: Sequence[Column], rows: Sequence[Mapping[str, Cell]], *, ranked: bool = False
) -> Features:
    """Return the features of rows.

    Args:
        columns: the variables.
        rows: their cells.
        ranked: give numbers also as ranks among these very rows.

    Raises:
        SpaceError: a cell does not fit its column.
    """
    import numpy as np
    from scipy.stats import rankdata

    blocks: list[Any] = []
    ranks: list[Any] = []
    groups: list[int] = []
    variables = 0
    for column in columns:
        for block in column.encoded([row.get(column.name) for row in rows]):
            blocks.append(block)
            share = (rankdata(block[:, 0]) - 0.5)[:, None] / max(len(rows), 1)
            ranks.append(block if column.labels else share)
            groups += [variables] * block.shape[1]
            variables += 1
    numeric = np.concatenate(blocks, axis=1) if blocks else np.empty((len(rows), 0))
    both = np.concatenate(ranks, axis=1) if ranked and blocks else None
    return Features(numeric, tuple(groups), ranks=both)


@dataclass
class Table:
    """The rows of a table, each named by its key."""

    keys: tuple[str, ...]
    cells: tuple[Mapping[str, Cell], ...]
    columns: tuple[Column, ...]
    _place: dict[str, int] = field(init=False, repr=False)
    _features: Features = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if not self.keys:
            raise SpaceError("the table has no rows")
        self._place = {key: i for i, key in enumerate(self.keys)}
        if len(self._place) < len(self.keys):
            twice = next(key for key in self.keys if self.keys.count(key) > 1)
            raise SpaceError(f"two rows are named '{twice}'")
        if len(self.cells) != len(self.keys):
            raise SpaceError(f"{len(self.keys)} keys for {len(self.cells)} rows")
        if not self.columns:
            raise SpaceError("a table needs a column by which its rows differ")
        numbers = any(not column.labels for column in self.columns)
        self._features = encode(self.columns, self.cells, ranked=numbers)

    @property
    def size(self) -> int | None:
        """How many rows there are."""
        return len(self.keys)

    def enumerate(self) -> Sequence[str]:
        """Return the keys of all rows."""
        return self.keys

    def sample(self, n: int, rng: "np.random.Generator") -> list[str]:
        """Return rows at random."""
        size = min(n, len(self.keys))
        return [self.keys[i] for i in rng.choice(len(self.keys), size=size, replace=False)]

    def mutate(self, points: Sequence[str], rng: "np.random.Generator") -> list[str]:
        """Return, for each point, one of the ten rows nearest to it."""
        import numpy as np

        found: list[str] = []
        for at in self._at(points):
            gap = np.abs(self._features.numeric - self._features.numeric[at]).sum(axis=1)
            near = np.argsort(gap, kind="stable")[1:11]
            found += [self.keys[int(rng.choice(near))]] if len(near) else []
        return found

    def cross(
        self, firsts: Sequence[str], seconds: Sequence[str], rng: "np.random.Generator"
    ) -> list[str]:
        """Return, for each two points, the row nearest to a mixture of them."""
        import numpy as np

        numeric = self._features.numeric
        found: list[str] = []
        for a, b in zip(self._at(firsts), self._at(seconds), strict=True):
            half = np.where(rng.random(numeric.shape[1]) < 0.5, numeric[a], numeric[b])
            found.append(self.keys[int(np.abs(numeric - half).sum(axis=1).argmin())])
        return found

    def featurise(self, points: Sequence[str]) -> Features:
        """Return numbers, ranks among the rows, and categories.

        Raises:
            SpaceError: there is no such row.
        """
        return self._features.take(self._at(points))

    def rows(self, points: Sequence[str]) -> list[dict[str, Cell]]:
        """Return the cells of rows.

        Raises:
            SpaceError: there is no such row.
        """
        return [dict(self.cells[at]) for at in self._at(points)]

    def merit(self, points: Sequence[str] | None = None) -> list[float]:
        """Return what is thought of rows before anything is measured: their columns' mean.

        Args:
            points: all rows by default.
        """
        rows = self.cells if points is None else self.rows(points)
        return [_merit(self.columns, row) for row in rows]

    def _at(self, points: Sequence[str]) -> list[int]:
        strange = next((p for p in points if p not in self._place), None)
        if strange is not None:
            raise SpaceError(f"there is no row '{strange}'")
        return [self._place[p] for p in points]


def _merit(columns: Sequence[Column], row: Mapping[str, Cell]) -> float:
    return sum(c.merit(row[c.name]) for c in columns) / max(len(columns), 1)


@dataclass
class Conditions:
    """Conditions that may be combined freely, but for what is excluded.

    A point is the JSON list of its cells, in the order of the columns.
    """

    columns: tuple[Column, ...]
    excluded: tuple[tuple[Condition, ...], ...] = ()
    """Conditions that may not all hold at once."""
    _listed: tuple[str, ...] | None = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        if not self.columns:
            raise SpaceError("conditions need at least one variable")
        if math.prod(len(c.levels) for c in self.columns) == 0:
            return  # one of them is continuous
        if math.prod(len(c.levels) for c in self.columns) > LISTED:
            return
        every = itertools.product(*(c.levels for c in self.columns))
        self._listed = tuple(_name(cells) for cells in every if self._allowed(cells))
        if not self._listed:
            raise SpaceError("every combination of conditions is excluded")

    @property
    def size(self) -> int | None:
        """How many combinations there are; None with a continuous variable or too many of them."""
        return None if self._listed is None else len(self._listed)

    def enumerate(self) -> Sequence[str]:
        """Return all combinations.

        Raises:
            SpaceError: they cannot be listed.
        """
        if self._listed is None:
            raise SpaceError("conditions with a continuous variable cannot be listed")
        return self._listed

    def sample(self, n: int, rng: "np.random.Generator") -> list[str]:
        """Return combinations at random."""
        if self._listed is not None:
            size = min(n, len(self._listed))
            return [self._listed[i] for i in rng.choice(len(self._listed), size, replace=False)]
        found: dict[str, None] = {}
        for _ in range(20 * n):
            if len(found) >= n:
                break
            cells = tuple(self._drawn(column, rng) for column in self.columns)
            if self._allowed(cells):
                found[_name(cells)] = None
        return list(found)

    def mutate(self, points: Sequence[str], rng: "np.random.Generator") -> list[str]:
        """Return each point with one of its cells changed."""
        found: list[str] = []
        for cells in map(self._cells, points):
            at = int(rng.integers(len(cells)))
            changed = [*cells]
            changed[at] = self._stepped(self.columns[at], cells[at], rng)
            found += [_name(changed)] if self._allowed(changed) else []
        return found

    def cross(
        self, firsts: Sequence[str], seconds: Sequence[str], rng: "np.random.Generator"
    ) -> list[str]:
        """Return, for each two points, one with each cell from either."""
        found: list[str] = []
        for a, b in zip(map(self._cells, firsts), map(self._cells, seconds), strict=True):
            mixed = [x if rng.random() < 0.5 else y for x, y in zip(a, b, strict=True)]
            found += [_name(mixed)] if self._allowed(mixed) else []
        return found

    def featurise(self, points: Sequence[str]) -> Features:
        """Return numbers scaled to their range, and categories.

        Raises:
            SpaceError: a point is not of this space.
        """
        return encode(self.columns, self.rows(points))

    def rows(self, points: Sequence[str]) -> list[dict[str, Cell]]:
        """Return the cells of points, by column.

        Raises:
            SpaceError: a point is not of this space.
        """
        names = [column.name for column in self.columns]
        return [dict(zip(names, self._cells(point), strict=True)) for point in points]

    def merit(self, points: Sequence[str] | None = None) -> list[float]:
        """Return what is thought of combinations before anything is measured; by default of all."""
        chosen = self.enumerate() if points is None else points
        return [_merit(self.columns, row) for row in self.rows(chosen)]

    def named(self, row: Mapping[str, Cell]) -> str | None:
        """Return the point of these cells; None where it is not of this space."""
        cells = [_as(column, row.get(column.name)) for column in self.columns]
        inside = all(c.holds(cell) for c, cell in zip(self.columns, cells, strict=True))
        return _name(cells) if inside and self._allowed(cells) else None

    def read(self, text: str) -> str:
        """Return the point of a JSON list of cells.

        Raises:
            SpaceError: it is none, or one that is excluded.
        """
        cells = self._cells(text)
        if not self._allowed(cells):
            raise SpaceError(f"{text!r} is excluded")
        return _name(_as(column, cell) for column, cell in zip(self.columns, cells, strict=True))

    def _cells(self, point: str) -> list[Cell]:
        import orjson

        try:
            cells = orjson.loads(point)
        except orjson.JSONDecodeError:
            cells = None
        if not isinstance(cells, list) or len(cells) != len(self.columns):
            raise SpaceError(f"{point!r} is no JSON list of {len(self.columns)} cells")
        for column, cell in zip(self.columns, cells, strict=True):
            if not column.holds(cell):
                raise SpaceError(f"{point!r} holds {cell!r}, which is no value of '{column.name}'")
        return cells

    def _allowed(self, cells: Sequence[Cell]) -> bool:
        row = {c.name: cell for c, cell in zip(self.columns, cells, strict=True)}
        return not any(all(c.holds(row.get(c.variable)) for c in rule) for rule in self.excluded)

    def _drawn(self, column: Column, rng: "np.random.Generator") -> Cell:
        if column.continuous:
            return _rounded(column, float(rng.uniform(column.low, column.high)))
        return column.levels[int(rng.integers(len(column.levels)))]

    def _stepped(self, column: Column, cell: Cell, rng: "np.random.Generator") -> Cell:
        if column.labels or rng.random() < 0.2:
            return self._drawn(column, rng)
        if column.values:
            at = column.values.index(float(cell or 0)) + (1 if rng.random() < 0.5 else -1)
            return column.values[min(max(at, 0), len(column.values) - 1)]
        width = 0.1 * (column.high - column.low)
        moved = float(cell or 0) + float(rng.normal(0, width))
        return _rounded(column, min(max(moved, column.low), column.high))


def _rounded(column: Column, value: float) -> float:
    """Return a value to four digits of its range, and inside it: what an experimenter could set."""
    short = round(value, max(0, 4 - math.floor(math.log10(column.high - column.low))))
    return min(max(short, column.low), column.high) + 0.0  # no second name for zero


def _as(column: Column, cell: Cell) -> Cell:
    """Return a cell as the column writes it: labels as text, numbers as such, zero without a sign."""
    if column.labels:
        return None if cell is None else str(cell)
    return (
        float(cell) + 0.0 if isinstance(cell, int | float) and not isinstance(cell, bool) else cell
    )


def _name(cells: Iterable[Cell]) -> str:
    import orjson

    return orjson.dumps(list(cells)).decode()
