"""Packages: small working plug-ins, written from templates for an author to make their own."""

import importlib.util
import json
import keyword
import math
import random
import re
import sys
from collections.abc import Iterator, Mapping
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from gaseol.sheet import Sheet

Kind = Literal["tool", "role", "graph", "scenario"]


class BadName(ValueError):
    """A name that no package can have, or a place where none can be written."""


def write_package(
    kind: Kind,
    name: str,
    folder: Path,
    *,
    table: Path | None = None,
    outcome: str = "",
    wanted: Mapping[str, str] | None = None,
) -> tuple[Path, ...]:
    """Write a package with its pyproject, module, test and README; return its files.

    Args:
        kind: of what it brings.
        name: of the package and of what it brings.
        folder: a new one, or an empty one.
        table: for a scenario, the CSV file with its cases and outcomes.
        outcome: the column that is measured, as it stands in the table.
        wanted: for a search, `maximise` or `minimise` by column.

    Raises:
        BadName: the name is none, is taken, or the folder holds something.
        ScenarioError: no question can be made of the table.
    """
    _check_name(name)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        msg = f"{folder} is there already; choose another name, or --out"
        raise BadName(msg)
    values: dict[str, Any] = {"name": name, "project": name.replace("_", "-"), "kind": kind}
    if kind == "scenario":
        values |= _question(name, table, outcome) if not wanted else _search(name, table, wanted)
    written = [_write(folder / path, text) for path, text in _rendered(values)]
    if kind == "scenario":
        sheet: Sheet = values["sheet"]
        inside = folder / "src" / name
        if values.get("bench"):
            written.append(_write(inside / "table.csv", sheet.cases_csv()))
            written.append(_write(inside / "known.csv", sheet.known_csv()))
        else:
            written.append(_write(inside / "table.csv", sheet.csv()))
    return tuple(written)


def _rendered(values: dict[str, Any]) -> Iterator[tuple[Path, str]]:
    from jinja2 import Environment, StrictUndefined

    # Files, not pages: nothing here is HTML.
    environment = Environment(undefined=StrictUndefined, keep_trailing_newline=True)  # noqa: S701
    environment.filters["quoted"] = lambda text: json.dumps(text, ensure_ascii=False)
    inside = Path("src") / values["name"]
    places = {
        "module.py": inside / "__init__.py",
        "scenario.yaml": inside / "scenario.yaml",
        "tools.py": inside / "tools.py",
        "test.py": Path("tests") / f"test_{values['name']}.py",
    }
    templates = resources.files("gaseol") / "templates"
    folder = templates / values["kind"]
    own = {one.name: one for one in folder.iterdir()}
    if "wanted" in values:
        own |= {one.name: one for one in (templates / "campaign").iterdir()}
    if values.get("bench"):
        del own["tools.py.jinja"]
    for template in sorted(own.values(), key=lambda one: one.name):
        name = template.name.removesuffix(".jinja")
        text = environment.from_string(template.read_text(encoding="utf-8")).render(values)
        yield places.get(name, Path(name)), text


def _write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def _check_name(name: str) -> None:
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,40}", name) or keyword.iskeyword(name):
        msg = f"{name!r} cannot name a package: write small letters, digits and _, as in my_tool"
        raise BadName(msg)
    if name in sys.stdlib_module_names or importlib.util.find_spec(name) is not None:
        msg = f"a package named {name!r} is here already, and would be hidden; choose another name"
        raise BadName(msg)


def _question(name: str, table: Path | None, outcome: str) -> dict[str, Any]:
    from gaseol.sheet import read_sheet

    sheet = _readings() if table is None else read_sheet(table, outcome)
    words = name.replace("_", " ")
    known = ", ".join(column.said for column in sheet.variables[:6])
    first = next(row for row in sheet.rows if row[sheet.outcome.name] is not None)
    pilot = max(8, len(sheet.rows) // 6)
    return {
        "sheet": sheet,
        "title": f"{words}: what raises the {sheet.outcome.said}?",
        "question": f"Which of {known} raises or lowers the {sheet.outcome.said}, and by how much?",
        "origin": (
            "The readings are made up, as a place for yours: the period of a pendulum grows with "
            "its length, and its colour and mass have nothing to do with it."
            if table is None
            else f"The cases are those of {table.name}."
        ),
        "example": {"case": str(first[sheet.key]), "value": float(first[sheet.outcome.name] or 0)},
        "maximum": max(2, min(6, len(sheet.variables) + 1)),
        "delta": 0.2 if len(sheet.rows) < 400 else 0.1,
        "draws": max(10, min(150, (len(sheet.rows) - pilot) // 2)),
        "pilot": pilot,
    }


def _search(name: str, table: Path | None, wanted: Mapping[str, str]) -> dict[str, Any]:
    """Return what the templates of a search are filled in with.

    Where some rows have no outcome yet, those are what to try, at the bench; the others are known.
    """
    from gaseol.sheet import read_sheet

    assert table is not None
    first, *others = wanted
    sheet = read_sheet(table, first, others, search=True)
    directions = list(wanted.values())
    known = len(sheet.measured)
    bench = known < len(sheet.rows)
    words = {"maximise": "the highest", "minimise": "the lowest"}
    aims = [f"{words[d]} {c.said}" for c, d in zip(sheet.outcomes, directions, strict=True)]
    example = sheet.measured[0] if sheet.measured else sheet.rows[0]
    return {
        "sheet": sheet,
        "wanted": directions,
        "bench": bench,
        "known": known,
        "title": f"{name.replace('_', ' ')}: which row gives {' and '.join(aims)}?",
        "question": f"Which {sheet.key} of {table.name} gives {' and '.join(aims)}?",
        "example": str(example[sheet.key]),
        "table": table.name,
        "budget": min(len(sheet.rows) - known, 20) if bench else max(4, len(sheet.rows) // 3),
    }


def _readings() -> "Sheet":
    """Return a table of made-up pendulums."""
    from gaseol.sheet import Column, Sheet

    chance = random.Random(1673)  # noqa: S311 (Horologium oscillatorium; nothing secret)
    rows = []
    for number in range(1, 121):
        length = round(chance.uniform(0.1, 2.0), 3)
        period = 2 * math.pi * math.sqrt(length / 9.80665) + chance.gauss(0, 0.02)
        rows.append(
            {
                "pendulum": f"p{number}",
                "length": length,
                "mass": round(chance.uniform(0.1, 5.0), 2),
                "colour": chance.choice(["red", "green", "blue"]),
                "period": round(period, 3),
            }
        )
    known = (Column("length", "length", "m"), Column("mass", "mass", "kg"),
             Column("colour", "colour", "1", numeric=False))  # fmt: skip
    return Sheet(tuple(rows), "pendulum", Column("period", "period", "s"), known, {})
