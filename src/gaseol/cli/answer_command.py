"""`gaseol answer`."""

from pathlib import Path

import click


@click.command("answer")
@click.argument("run")
@click.argument("number", metavar="[ID]", type=int, required=False)
@click.argument("fields", metavar="[FIELD=VALUE]...", nargs=-1)
@click.option(
    "--csv",
    "table",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A table with the columns id, value, unit, by; all its rows or none.",
)
@click.option(
    "--attach",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file that goes with the answer; may be repeated.",
)
@click.option("--correct", is_flag=True, help="Take the place of an earlier answer, which is kept.")
@click.option("--key", help="Sign with this key of `gaseol key`.")
def command(
    run: str,
    number: int | None,
    fields: tuple[str, ...],
    table: Path | None,
    attach: tuple[Path, ...],
    correct: bool,
    key: str | None,
) -> None:
    """Hand in an answer that RUN waits for: value=41.2 unit=K by=NAME, or approve=yes by=NAME.

    ID is as `gaseol todo` lists it. Further fields: uncertainty, note, failed (why there is no
    value). Nothing is lost: a correction is a new entry. `gaseol resume` goes on with it.
    """
    from gaseol.graphs.people.answering import hand_in, read_csv
    from gaseol.traces.record.inbox import awaited
    from gaseol.traces.record.trace import Trace
    from gaseol.traces.shelf import find_run
    from gaseol.traces.signatures import keys

    if (number is None) == (table is None) or (table is not None and fields):
        raise click.UsageError("give an ID with its FIELD=VALUE, or --csv FILE")
    folder = find_run(run)
    if table is not None:
        answers = read_csv(table)
    else:
        given: dict[str, str] = {}
        for field in fields:
            name, equals, value = field.partition("=")
            if not equals or name in given:
                what = "stands there twice" if equals else "is not FIELD=VALUE"
                raise click.UsageError(f"'{field}' {what}")
            given[name] = value
        answers = {number or 0: given}
    signing = keys.load_key(key) if key else None
    asked = {each.request: each for each in awaited(Trace(folder))}
    for said in hand_in(folder, answers, correct=correct, attach=attach, key=signing):
        kind = "correction" if said.replaces is not None else "answer"
        days = asked[said.request].late(said) if said.request in asked else 0
        late = f", {days:.1f} days after it was due" if days else ""
        click.echo(f"{said.request}: taken, as {kind} {said.seq} by {said.by}{late}")
    click.echo(f"go on: gaseol resume {folder}")
