"""`gaseol query`."""

import csv
import math
import sys
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from gaseol.traces.archive.store import Answer, Refreshed

_LIST = "?"


@click.command("query")
@click.argument("sql", required=False)
@click.option(
    "--ready", is_flag=False, flag_value=_LIST, metavar="NAME", help="A ready question; without NAME, list them."
)  # fmt: skip
@click.option("--tables", is_flag=True, help="List the tables and their columns.")
@click.option(
    "--runs",
    "shelf",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="The folder of runs (default: that of gaseol list runs).",
)
@click.option("--format", "form", type=click.Choice(["table", "csv", "json"]), default="table", help="Of the answer.",
              show_default=True)  # fmt: skip
@click.option("--rebuild", is_flag=True, help="Read every run again.")
def command(
    sql: str | None, ready: str | None, tables: bool, shelf: Path | None, form: str, rebuild: bool
) -> None:
    """Ask a question across runs: one SELECT in SQL (DuckDB's), or a ready one.

    Runs are read once and again when they change; what cannot be read is told on standard error
    and left out. Records are not verified here: see gaseol verify.
    """
    from gaseol.traces.archive.question import QUESTIONS
    from gaseol.traces.archive.store import Archive, ArchiveError
    from gaseol.traces.shelf import home

    if (sql is not None) + (ready is not None) + tables != 1:
        raise click.UsageError("ask one thing: SQL, --ready NAME, --ready, or --tables")
    if tables or ready == _LIST:
        _list(form, _shapes() if tables else _ready())
        return
    if ready is not None:
        if ready not in QUESTIONS:
            raise click.BadParameter(f"'{ready}' is no ready question; there are {', '.join(QUESTIONS)}")  # fmt: skip
        sql = QUESTIONS[ready].sql
    place = shelf or home()
    if not place.is_dir():
        raise click.UsageError(f"there is no folder {place}; begin with: gaseol run boiling")
    try:
        with Archive(place) as archive:
            found = archive.refresh(_progress, anew=rebuild)
            _notices(found, place)
            _print(form, archive.ask(sql or ""), found)
    except ArchiveError as error:
        click.echo(f"gaseol: {error}", err=True)
        sys.exit(2)


def _ready() -> tuple[list[str], list[tuple[Any, ...]]]:
    from gaseol.traces.archive.question import QUESTIONS

    return ["name", "asks"], [(q.name, q.asks) for q in QUESTIONS.values()]


def _shapes() -> tuple[list[str], list[tuple[Any, ...]]]:
    from gaseol.traces.archive.table import TABLES

    return ["table", "column", "type", "meaning"], [
        (table, c.name, c.kind, c.says) for table, columns in TABLES.items() for c in columns
    ]


def _list(form: str, what: tuple[list[str], list[tuple[Any, ...]]]) -> None:
    columns, rows = what
    match form:
        case "json":
            _json([dict(zip(columns, row, strict=True)) for row in rows])
        case "csv":
            _csv(columns, iter(rows))
        case _:
            _table(columns, iter(rows))


def _print(form: str, answer: "Answer", found: "Refreshed") -> None:
    match form:
        case "json":
            _json(
                {
                    "columns": answer.columns,
                    "types": answer.types,
                    "rows": [[_plain(cell) for cell in row] for row in answer.rows],
                    "runs": found.runs,
                    "skipped": found.skipped,
                }
            )
        case "csv":
            _csv(answer.columns, answer.rows)
        case _:
            _table(answer.columns, answer.rows)


def _notices(found: "Refreshed", place: Path) -> None:
    for name, why in list(found.skipped.items())[:5]:
        click.echo(f"left out: {_line(name)}: {_line(why)}", err=True)
    if len(found.skipped) > 5:
        click.echo(
            f"left out: {len(found.skipped) - 5} more; the table 'skipped' has all", err=True
        )
    if not found.kept:
        click.echo(f"note: {place} cannot be written; every run was read for this once", err=True)


def _progress(done: int, of: int) -> None:
    if sys.stderr.isatty() and of > 20:
        click.echo(f"\rreading run {done} of {of}", nl=done == of, err=True)


def _json(what: Any) -> None:
    import orjson

    click.echo(orjson.dumps(what, option=orjson.OPT_INDENT_2))


def _csv(columns: list[str], rows: Iterator[tuple[Any, ...]]) -> None:
    writer = csv.writer(sys.stdout)
    writer.writerow(columns)
    for row in rows:
        writer.writerow("" if cell is None else _plain(cell) for cell in row)


def _table(columns: list[str], rows: Iterator[tuple[Any, ...]]) -> None:
    shown = [[_cell(cell) for cell in row] for row in rows]
    names = [_line(name) for name in columns]
    widths = [max(map(len, column)) for column in zip(names, *shown, strict=True)]
    for row in (names, ["-" * width for width in widths], *shown):
        pairs = zip(row, widths, strict=True)
        click.echo("  ".join(f"{cell:<{width}}" for cell, width in pairs).rstrip())
    click.echo(f"({len(shown)} row{'' if len(shown) == 1 else 's'})", err=True)


def _cell(cell: Any) -> str:
    plain = _plain(cell)
    if plain is None:
        return ""
    if isinstance(plain, float):
        return f"{plain:.6g}"
    if isinstance(plain, list):
        return ", ".join(map(_cell, plain))
    return _line(str(plain))


def _plain(cell: Any) -> Any:
    """Return a cell as JSON has it; what is no number has none."""
    match cell:
        case float():
            return cell if math.isfinite(cell) else None
        case int():
            return cell if -(2**63) <= cell < 2**64 else float(cell)
        case None | str():
            return cell
        case datetime():
            return f"{cell.isoformat()}Z" if cell.tzinfo is None else cell.isoformat()
        case date():
            return cell.isoformat()
        case Decimal():
            return _plain(float(cell))
        case timedelta():
            return cell.total_seconds()
        case list() | tuple():
            return [_plain(each) for each in cell]
        case dict():
            return {str(key): _plain(value) for key, value in cell.items()}
        case _:
            return str(cell)


def _line(text: str) -> str:
    """Return a text in one line; what a record says may not steer a terminal."""
    return "".join(c if c.isprintable() else " " for c in text)
