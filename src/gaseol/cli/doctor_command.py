"""`gaseol doctor`."""

import sys

import click

from gaseol.cli.permission import allow_weak


@click.command("doctor")
@allow_weak
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def command(allow_weak: bool, as_json: bool) -> None:
    """Try what gaseol needs on this machine; exits with 1 when something needed fails.

    Workers try to escape, tools are called and compared with reference values, a record is
    written and verified, servers of servers.yaml are asked for their tools, libraries are imported.
    Nothing is left behind.
    """
    from gaseol.attempt import attempts

    made = []
    for attempt in attempts(allow_weak=allow_weak):
        made.append(attempt)
        if not as_json:
            click.echo(f"{attempt.outcome:<8}{attempt.name}: {attempt.said}")
    holds = all(attempt.outcome != "WRONG" for attempt in made)
    if as_json:
        import orjson

        found = {"holds": holds, "attempts": [vars(attempt) for attempt in made]}
        click.echo(orjson.dumps(found, option=orjson.OPT_INDENT_2))
    sys.exit(0 if holds else 1)
