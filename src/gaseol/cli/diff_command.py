"""`gaseol diff`."""

import sys
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from gaseol.traces.comparison.pairing import Difference
    from gaseol.traces.comparison.two import Comparison

_SIDE = "{run} ({scenario}, seed {seed}, {scientist}; {status}, {events} events)"


@click.command("diff")
@click.argument("a")
@click.argument("b")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def command(a: str, b: str, as_json: bool) -> None:
    """Say where the runs A and B part, and what differs between them.

    Times, durations and salts do not count, nor do the ids of hypotheses and
    claims; values and versions do. Exits with 0 when nothing differs, with 1
    when something does, with 2 when one of the two cannot be read.
    """
    import orjson

    from gaseol.traces.comparison import compare
    from gaseol.traces.record.trace import Trace
    from gaseol.traces.shelf import find_run

    left, right = Trace(find_run(a)), Trace(find_run(b))
    try:
        found = compare(left, right)
    except orjson.JSONDecodeError as error:
        raise _Unreadable(f"run.json is not JSON: {error}; see: gaseol verify") from None
    if as_json:
        click.echo(orjson.dumps(found.to_json(), option=orjson.OPT_INDENT_2))
    else:
        _print(found)
    sys.exit(0 if found.same else 1)


class _Unreadable(click.ClickException):
    """One of the two cannot be read."""

    exit_code = 2


def _print(found: "Comparison") -> None:
    from gaseol.traces.comparison.wording import safe

    for name, side in (("A", found.a), ("B", found.b)):
        click.echo(safe(f"{name}: {_SIDE.format(**side)}"))
    click.echo()
    if found.divergence is None:
        partly = " in what could be compared" if found.notes else ""
        click.echo(f"no {'difference' if found.same else 'event differs'}{partly}")
    else:
        click.echo(safe(f"they part: {found.divergence.what}"))
    for noun, differences in found.differences.items():
        if differences:
            click.echo(noun)
            for difference in differences:
                click.echo(safe(f"  {difference.what}{_where(difference)}"))
    same = [noun for noun, differences in found.differences.items() if not differences]
    if same and not found.same:
        click.echo(f"the same: {', '.join(same)}")
    for note in found.notes:
        click.echo(f"note: {note}")


def _where(difference: "Difference") -> str:
    sides = (("A", difference.a_event), ("B", difference.b_event))
    at = [f"{side} {seq}" for side, seq in sides if seq is not None]
    return f" [{', '.join(at)}]" if at else ""
