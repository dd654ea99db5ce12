"""A table beside a scenario: a CSV file read into rows of cells."""

import csv
import io
from pathlib import Path

from gaseol.scenarios.loader import Flaw, ScenarioError
from gaseol.traces.nouns.hypothesis import Cell
from gaseol.traces.record.cases import cell

LIMIT_BYTES = 50_000_000

Row = dict[str, Cell]


def read_table(folder: Path, name: str) -> list[Row]:
    """Read a CSV file beside a scenario: numbers as numbers, empty cells as None.

    Raises:
        ScenarioError: it is missing, outside the folder, too large, not UTF-8, or its rows do
            not fit its head.
    """

    def bad(what: str, line: int | None = None) -> ScenarioError:
        return ScenarioError([Flaw(f"{name}:{line}" if line else name, what)])

    try:
        path = (folder / name).resolve()
        if not path.is_relative_to(folder.resolve()):
            raise bad("is outside the scenario's folder; put the file beside scenario.yaml")
        if path.stat().st_size > LIMIT_BYTES:
            raise bad(f"is larger than {LIMIT_BYTES} bytes")
        content = path.read_bytes()
    except OSError as error:
        raise bad(f"cannot be read: {error.strerror}") from None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise bad(f"is not UTF-8 (byte {error.start}); save it as UTF-8", line) from None
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        head = [column.strip() for column in next(reader, [])]
        twice = next((column for column in head if head.count(column) > 1), None)
        if twice is not None:
            raise bad(f"the column name '{twice}' stands in its head twice", 1)
        rows: list[Row] = []
        for cells in reader:
            if not cells:
                continue
            if len(cells) != len(head):
                raise bad(f"has {len(cells)} cells, its head has {len(head)}", reader.line_num)
            rows.append(dict(zip(head, map(cell, cells), strict=True)))
    except csv.Error as error:
        raise bad(f"is not CSV: {error}", reader.line_num) from None
    return rows
