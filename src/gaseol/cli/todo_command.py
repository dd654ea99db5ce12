"""`gaseol todo`."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from gaseol.traces.record.inbox import Awaited


@click.command("todo")
@click.argument("run", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def command(run: str | None, as_json: bool) -> None:
    """List what runs wait for: measurements, approvals, calls that nobody knows the end of.

    Without RUN, of all runs at home. What was handed in already waits for `gaseol resume`.
    """
    from gaseol.answers.intake import told
    from gaseol.traces.record.inbox import awaited
    from gaseol.traces.record.trace import Trace
    from gaseol.traces.shelf import find_run, runs

    if run is not None:
        place = find_run(run)
        found = {str(place): awaited(Trace(place))}
    else:
        found = {str(place): waiting for place in runs() if (waiting := _of(place))}
    if as_json:
        import orjson

        said = {path: [told(each) for each in waiting] for path, waiting in found.items()}
        click.echo(orjson.dumps(said, option=orjson.OPT_INDENT_2))
        return
    if not any(found.values()):
        click.echo("nothing is awaited")
    for path, waiting in found.items():
        if not waiting:
            continue
        click.echo(f"{path}")
        for each in waiting:
            click.echo(_text(each))
        missing = [each for each in waiting if each.said is None]
        if missing:
            click.echo(f"  hand in: gaseol answer {path} {missing[0].request} {_how(missing[0])}")
        else:
            click.echo(f"  all is handed in; go on: gaseol resume {path}")


def _of(place: Path) -> "list[Awaited]":
    """Return what one of many runs waits for: nothing where it has ended, or is going on."""
    from gaseol.traces.record.inbox import awaited
    from gaseol.traces.record.recorder import RecordInUse, standing
    from gaseol.traces.record.trace import Trace
    from gaseol.traces.shelf import broken

    trace = Trace(place)
    try:
        if trace.seal is not None:
            return []
        if trace.status != "paused":
            with standing(place):  # one that was killed may have been in a call that nobody repeats
                pass
        return awaited(trace)
    except RecordInUse:
        return []
    except Exception as error:  # noqa: BLE001 (one run that cannot be read hides no other)
        click.echo(f"gaseol: {place}: {broken(error)}", err=True)
        return []


def _text(each: "Awaited") -> str:
    asked = each.arguments
    if each.ambiguous:
        what = f"nobody knows whether the call of {each.fact.name} happened: {dict(asked)}"
    elif asked.get("what") == "measurement":
        what = f"{asked['quantity']} of {asked['label']}, in {asked['unit']}"
        what += f"\n          {asked['protocol']}"
    else:
        what = f"allow: {asked.get('subject')}"
    lines = [f"  {each.request:>6}  {what}"]
    if each.due is not None:
        lines.append(f"          due {each.due:%Y-%m-%d}")
    if each.said is not None:
        lines.append(f"          handed in by {each.said.by} at {each.said.at}")
    return "\n".join(lines)


def _how(each: "Awaited") -> str:
    if each.ambiguous:
        return "again=yes by=NAME"
    if each.arguments.get("what") != "measurement":
        return "approve=yes by=NAME"
    return f"value=NUMBER unit={each.arguments['unit']} by=NAME"
