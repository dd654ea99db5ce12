"""`gaseol replay`."""

import sys
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from gaseol.traces.event import Event

_KEYS = "n next, p previous, g go to event, k next of this kind, d details, q quit"


@click.command("replay")
@click.argument("run", required=False)
@click.option("--at", type=click.IntRange(min=0), help="Begin at this event.")
@click.option("--kind", "kinds", multiple=True, help="Only events of this kind; may be repeated.")
@click.option("--print", "as_text", is_flag=True, help="Print all steps instead of stepping.")
def command(run: str | None, at: int | None, kinds: tuple[str, ...], as_text: bool) -> None:
    """Step through what happened in RUN (the newest by default), forward and back.

    Without a terminal, or with --print, prints one line an event.
    """
    from gaseol.cli.place import find_run
    from gaseol.traces.event import KINDS
    from gaseol.traces.trace import Trace

    for kind in kinds:
        if kind not in KINDS:
            raise click.BadParameter(f"there is no kind '{kind}'; there are {', '.join(KINDS)}")
    events = list(Trace(find_run(run)).events(*kinds))
    if not events:
        raise click.UsageError("the record holds no such event")
    start = 0
    if at is not None:
        later = [i for i, event in enumerate(events) if event.seq >= at]
        if not later:
            raise click.BadParameter(f"the record ends at event {events[-1].seq}")
        start = later[0]
    if as_text or not (sys.stdin.isatty() and sys.stdout.isatty()):
        from gaseol.traces.story import tell

        for event in events[start:]:
            click.echo(f"{event.seq:6d}  {event.kind:22s} {tell(event)}")
        return
    _step(events, start)


def _step(events: list["Event"], at: int) -> None:
    click.echo(_KEYS)
    _print(events, at)
    while True:
        key = click.getchar()
        if key in ("q", "\x03", "\x04"):
            return
        if key in ("n", " ", "\r", "\x1b[C", "\x1b[B"):
            at = min(at + 1, len(events) - 1)
        elif key in ("p", "\x1b[D", "\x1b[A"):
            at = max(at - 1, 0)
        elif key == "k":
            kind = events[at].kind
            at = next((i for i in range(at + 1, len(events)) if events[i].kind == kind), at)
        elif key == "g":
            wanted = click.prompt("event", type=int)
            at = min(range(len(events)), key=lambda i: abs(events[i].seq - wanted))
        elif key == "d":
            import orjson

            click.echo(orjson.dumps(events[at].data, option=orjson.OPT_INDENT_2))
            continue
        else:
            click.echo(_KEYS)
            continue
        _print(events, at)


def _print(events: list["Event"], at: int) -> None:
    from gaseol.traces.story import tell

    event = events[at]
    because = f", because of {event.cause}" if event.cause is not None else ""
    click.secho(f"[{at + 1}/{len(events)}] event {event.seq}: {event.kind}{because}", bold=True)
    click.echo(f"    {tell(event)}")
