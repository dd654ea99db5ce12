"""`gaseol rerun`."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gaseol.cli.permission import allow_weak

if TYPE_CHECKING:
    from gaseol.graphs.replay.rerunning import Rerun


@click.command("rerun")
@click.argument("run", required=False)
@click.option("--jobs", type=click.IntRange(min=1), help="Tool calls at a time.")
@click.option(
    "--beside",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The scenario's folder, where it is not what it was: on another machine.",
)
@allow_weak
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def command(
    run: str | None, jobs: int | None, beside: Path | None, allow_weak: bool, as_json: bool
) -> None:
    """Call every tool of RUN (the newest by default) again and compare each number.

    Models answer from the record. A number may differ by as much as its tool declares. Exits
    with 0 when every call came out the same and no verdict changes, with 1 otherwise.
    """
    from gaseol.graphs.replay.rerunning import rerun
    from gaseol.traces.record.labels import save
    from gaseol.traces.shelf import find_run

    found = rerun(find_run(run), jobs=jobs, beside=beside, allow_weak=allow_weak)
    save(Path(found.run), found.kept())
    if as_json:
        import orjson

        click.echo(orjson.dumps(_document(found), option=orjson.OPT_INDENT_2))
    else:
        _print(found)
    sys.exit(0 if found.holds else 1)


def _document(found: "Rerun") -> dict[str, Any]:
    return {
        "run": found.run,
        "holds": found.holds,
        "calls": found.outcomes(),
        "labels": found.counts,
        "first": str(found.first) if found.first else None,
        "divergence": str(found.divergence) if found.divergence else None,
        "different": [str(c) for c in found.calls if c.outcome in ("different", "not rerun")],
        "verdicts": {h: {"recorded": a, "now": b} for h, (a, b) in found.verdicts.items()},
        "problems": found.problems,
        "notes": found.notes,
    }


def _print(found: "Rerun") -> None:
    click.echo(f"{'the same' if found.holds else 'NOT the same'}: {found.run}")
    outcomes = ", ".join(f"{n} {what}" for what, n in found.outcomes().items() if n)
    click.echo(f"  calls: {outcomes or 'none'}")
    if found.divergence:
        click.echo(f"  {found.divergence}")
    for problem in found.problems:
        click.echo(f"  {problem}")
    if found.verdicts and all(a == b for a, b in found.verdicts.values()):
        click.echo(f"  all {len(found.verdicts)} verdicts follow from the values found now")
    for note in found.notes:
        click.echo(f"  note: {note}")
