"""`gaseol replay`."""

import sys
from bisect import bisect_left
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

if TYPE_CHECKING:
    from gaseol.traces.record.event import Event
    from gaseol.traces.record.index import Index

_KEYS = "n next, p previous, g go to event, k next of this kind, d details, q quit"


@click.command("replay")
@click.argument("run", required=False)
@click.option("--at", type=click.IntRange(min=0), help="Begin at this event.")
@click.option("--kind", "kinds", multiple=True, help="Only events of this kind; may be repeated.")
@click.option("--print", "as_text", is_flag=True, help="Print all steps instead of stepping.")
@click.option(
    "--strict",
    is_flag=True,
    help="Drive the graph's code again, every answer from the record, and compare.",
)
@click.option("--other-code", is_flag=True, help="With --strict: although other code ran then.")
@click.option("--json", "as_json", is_flag=True, help="With --strict: print one JSON document.")
def command(
    run: str | None,
    at: int | None,
    kinds: tuple[str, ...],
    as_text: bool,
    strict: bool,
    other_code: bool,
    as_json: bool,
) -> None:
    """Step through what happened in RUN (the newest by default), forward and back.

    Without a terminal, or with --print, prints one line an event.

    With --strict no model, tool or network is needed: every request must be the recorded one, in
    the recorded order, everything derived must come out as recorded, and nothing may be left
    over. Exits with 0 when that holds, with 1 otherwise.
    """
    if strict:
        _strict(run, other_code=other_code, as_json=as_json)
    from gaseol.traces.record.event import KINDS
    from gaseol.traces.record.index import Index
    from gaseol.traces.record.trace import Trace
    from gaseol.traces.shelf import find_run
    from gaseol.traces.story import tell

    for kind in kinds:
        if kind not in KINDS:
            raise click.BadParameter(f"there is no kind '{kind}'; there are {', '.join(KINDS)}")
    with Index(Trace(find_run(run)).folder) as index:
        positions = index.positions(*kinds)
        if not positions:
            raise click.UsageError("the record holds no such event")
        if at is not None and at > positions[-1]:
            raise click.BadParameter(f"the last such event is {positions[-1]}")
        if as_text or not (sys.stdin.isatty() and sys.stdout.isatty()):
            for event in index.events(at or 0, -1, *kinds):
                click.echo(f"{event.seq:6d}  {event.kind:22s} {tell(event)}")
            return
        _step(index, positions, bisect_left(positions, at or 0))


def _strict(run: str | None, *, other_code: bool, as_json: bool) -> NoReturn:
    from gaseol.graphs.replay.replaying import replay
    from gaseol.traces.record.labels import save
    from gaseol.traces.shelf import find_run

    found = replay(find_run(run), other_code=other_code)
    save(Path(found.run), found.kept())
    if as_json:
        import orjson

        document = {
            "run": found.run,
            "holds": found.holds,
            "events": found.events,
            "labels": found.counts,
            "divergence": str(found.divergence) if found.divergence else None,
            "problems": found.problems,
            "notes": found.notes,
            "steps": [vars(step) for step in found.steps],
        }
        click.echo(orjson.dumps(document, option=orjson.OPT_INDENT_2))
        sys.exit(0 if found.holds else 1)
    click.echo(f"{found.outcome}: {found.run}")
    labels = ", ".join(f"{n} {label}" for label, n in found.counts.items())
    click.echo(f"  {found.events} events: {labels or 'none replayed'}")
    if found.divergence:
        click.echo(f"  first difference: {found.divergence}")
    for problem in found.problems:
        click.echo(f"  {problem}")
    for note in found.notes:
        click.echo(f"  note: {note}")
    sys.exit(0 if found.holds else 1)


def _step(index: "Index", positions: list[int], at: int) -> None:
    click.echo(_KEYS)
    event = _print(index, positions, at)
    while True:
        key = click.getchar()
        if key in ("q", "\x03", "\x04"):
            return
        if key in ("n", " ", "\r", "\x1b[C", "\x1b[B"):
            at = min(at + 1, len(positions) - 1)
        elif key in ("p", "\x1b[D", "\x1b[A"):
            at = max(at - 1, 0)
        elif key == "k":
            same = [p for p in index.positions(event.kind) if p > positions[at]]
            at = bisect_left(positions, same[0]) if same else at
        elif key == "g":
            wanted = click.prompt("event", type=int)
            at = min(bisect_left(positions, wanted), len(positions) - 1)
        elif key == "d":
            import orjson

            click.echo(orjson.dumps(event.data, option=orjson.OPT_INDENT_2))
            continue
        else:
            click.echo(_KEYS)
            continue
        event = _print(index, positions, at)


def _print(index: "Index", positions: list[int], at: int) -> "Event":
    from gaseol.traces.story import tell

    (event,) = index.events(positions[at], 1)
    because = f", because of {event.cause}" if event.cause is not None else ""
    click.secho(f"[{at + 1}/{len(positions)}] event {event.seq}: {event.kind}{because}", bold=True)
    click.echo(f"    {tell(event)}")
    return event
