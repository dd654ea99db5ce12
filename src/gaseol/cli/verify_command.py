"""`gaseol verify`."""

import sys
from dataclasses import asdict

import click


@click.command("verify")
@click.argument("run", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def command(run: str | None, as_json: bool) -> None:
    """Check RUN (the newest by default): chain, blobs, order, verdicts and claims.

    Needs nothing but the folder: no model, no tool, no network. Exits with 0 when the record
    is intact (or consistent but not sealed), with 1 when something does not hold.
    """
    from gaseol.traces.shelf import find_run
    from gaseol.traces.verification.verifier import verify

    folder = find_run(run)
    found = verify(folder)
    if as_json:
        import orjson

        click.echo(orjson.dumps({"run": str(folder), **asdict(found)}, option=orjson.OPT_INDENT_2))
    else:
        click.echo(f"{found.integrity.value}: {folder}")
        for problem in found.problems:
            click.echo(f"  {problem}")
        checked = ", ".join(f"{number} {what}" for what, number in found.checked.items())
        click.echo(f"  checked: {checked}")
        for note in found.notes:
            click.echo(f"  note: {note}")
    sys.exit(0 if found.holds else 1)
