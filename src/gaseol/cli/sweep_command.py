"""`gaseol sweep`."""

import contextlib
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from gaseol.cli.permission import allow_weak

if TYPE_CHECKING:
    from gaseol.graphs.sweep.attempts import Result
    from gaseol.tools.cluster.crew import Crew

_MOST = 100_000


def _seeds(text: str) -> list[int]:
    """Read `0:20` (from 0, below 20) or `1,5,9`."""
    try:
        if ":" in text:
            first, last = (int(part) for part in text.split(":"))
            found = list(range(first, last))
        else:
            found = [int(part) for part in text.split(",")]
    except ValueError:
        found = []
    if not found or min(found) < 0 or len(found) > _MOST or len(set(found)) < len(found):
        raise click.BadParameter(f"'{text}' is neither FIRST:LAST nor a list as 1,5,9",
                                 param_hint="--seeds")  # fmt: skip
    return found


@click.command("sweep")
@click.argument("scenario")
@click.option("--seeds", default="0:10", show_default=True, help="FIRST:LAST, or a list as 1,5,9.")
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="FIELD=A,B",
    help="Values of a field of the scenario, by its dotted path; may be repeated.",
)
@click.option(
    "--scientist",
    "scientists",
    multiple=True,
    default=("embedded",),
    show_default=True,
    help="Who thinks; may be repeated.",
)
@click.option("--out", type=click.Path(path_type=Path), help="The sweep's folder.")
@click.option(
    "--jobs", type=click.IntRange(min=1), help="Runs at a time (default: one a processor)."
)
@click.option(
    "--on",
    "cluster",
    metavar="PROFILE",
    help="Make the runs on the workers of this profile of clusters.yaml.",
)
@allow_weak
@click.option("--reports", is_flag=True, help="Write a report of each run.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def command(
    scenario: str,
    seeds: str,
    settings: tuple[str, ...],
    scientists: tuple[str, ...],
    out: Path | None,
    jobs: int | None,
    cluster: str | None,
    allow_weak: bool,
    reports: bool,
    as_json: bool,
) -> None:
    """Run SCENARIO with many seeds and settings, on all processors or on a cluster.

    Called again with the same --out it goes on: what is done is not made again. A run that fails
    is made once more, and listed. Writes sweep.json and sweep.svg into its folder.
    """
    from gaseol.graphs.sweep.chart import write_chart
    from gaseol.graphs.sweep.sweeping import points, sweep, tally
    from gaseol.traces.shelf import home

    varied: dict[str, list[str]] = {}
    for setting in settings:
        field, equals, values = setting.partition("=")
        if not equals or not field or field in varied:
            raise click.BadParameter(f"'{setting}' is not FIELD=A,B", param_hint="--set")
        varied[field] = values.split(",")
    if cluster and jobs:
        raise click.UsageError(
            "--jobs is for this machine; the profile says how many workers it has"
        )
    wanted = points(scenario, _seeds(seeds), varied, list(dict.fromkeys(scientists)))
    folder = out or home() / f"sweep-{Path(scenario).stem}"
    signal.signal(signal.SIGTERM, _interrupted)
    try:
        with contextlib.nullcontext() if cluster is None else _crew(cluster, folder) as crew:
            results = sweep(
                scenario, folder, wanted, jobs=jobs or _processors(), crew=crew, report=reports,
                allow_weak=allow_weak,
                tell=lambda result, left: _tell(result, left, len(wanted)),
            )  # fmt: skip
    except KeyboardInterrupt:
        click.echo(f"interrupted; go on with the same command and --out {folder}", err=True)
        sys.exit(130)
    rows = tally(results)
    said = _document(folder, results, rows)
    (folder / "sweep.json").write_bytes(said)
    write_chart(rows, folder / "sweep.svg")
    if as_json:
        click.echo(said)
    else:
        _show(folder, results, rows)
    statuses = {result.status for result in results}
    sys.exit(1 if "failed" in statuses else 3 if "paused" in statuses else 0)


def _crew(name: str, folder: Path) -> "Crew":
    from gaseol.tools.cluster.crew import Crew
    from gaseol.tools.cluster.profile import profile

    return Crew(name, profile(name), folder.absolute() / ".cluster")


def _interrupted(*_: object) -> NoReturn:
    raise KeyboardInterrupt


def _processors() -> int:
    import os

    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _tell(result: "Result", left: int, total: int) -> None:
    name = f"seed {result.point.seed}"
    name += "".join(f" {k}={v}" for k, v in result.point.settings)
    word = "there already" if result.earlier else result.status
    if result.attempts > 1:
        word += f" at attempt {result.attempts}"
    click.echo(f"{total - left}/{total}  {name}: {word}", err=True)


def _document(folder: Path, results: "list[Result]", rows: list[dict[str, Any]]) -> bytes:
    import orjson

    statuses: dict[str, int] = {}
    for result in results:
        statuses[result.status] = statuses.get(result.status, 0) + 1
    said = {
        "sweep": str(folder),
        "statuses": statuses,
        "retried": [str(r.folder) for r in results if r.attempts > 1],
        "failed": [{"run": str(r.folder), "reason": r.reason} for r in results
                   if r.status == "failed"],
        "hypotheses": rows,
        "runs": [result.to_json() for result in results],
    }  # fmt: skip
    return orjson.dumps(said, option=orjson.OPT_INDENT_2)


def _show(folder: Path, results: "list[Result]", rows: list[dict[str, Any]]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("hypothesis", ratio=1, overflow="fold")
    for name in ("runs", "supported", "refuted", "undecided", "invalid", "draws"):
        table.add_column(name, justify="right")
    for row in rows:
        about = [f"{k}={v}" for k, v in row["settings"].items()]
        about += [row["scientist"]] if row["scientist"] != "embedded" else []
        statement = f"{row['statement']} ({', '.join(about)})" if about else row["statement"]
        numbers = ("runs", "supported", "refuted", "undecided", "invalid", "draws")
        table.add_row(Text(statement), *(f"{row[n]:g}" for n in numbers))
    Console().print(table)
    for result in results:
        if result.status not in ("done", "budget"):
            click.echo(f"{result.status}: {result.folder}: {result.reason}")
    click.echo(f"table: {folder / 'sweep.json'}\nplot: {folder / 'sweep.svg'}")
