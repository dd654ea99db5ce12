"""`gaseol tool`."""

import sys

import click

from gaseol.cli.permission import allow_weak


@click.command("tool")
@click.argument("name")
@click.argument("arguments", nargs=-1, metavar="[KEY=VALUE]...")
@click.option("--schema", is_flag=True, help="Print the tool's description instead of calling it.")
@allow_weak
def command(name: str, arguments: tuple[str, ...], schema: bool, allow_weak: bool) -> None:
    """Call the tool NAME in an isolated worker and print its result as JSON.

    Exits with 1 when the tool answers with a failure or a screen of the site refuses, with 2 when the arguments are not what it
    takes; what is wrong is printed.
    """
    import orjson

    from gaseol.graphs.running.labelling import label_of
    from gaseol.tools.arguments import parse
    from gaseol.tools.contract import Call, Tool
    from gaseol.tools.mcp.servers import served
    from gaseol.tools.registry import Registry
    from gaseol.tools.screens import Screens
    from gaseol.tools.site import allow_weak_isolation, site
    from gaseol.tools.workers.pool import Pool

    if allow_weak:
        allow_weak_isolation()
    workers = Pool(Registry.load(), jobs=1, allow_weak=allow_weak)
    with workers, served(workers, {}, (name,), None, trust=allow_weak) as pool:
        tool = pool.registry.get(name)
        if schema:
            card = tool.card if isinstance(tool, Tool) else tool
            click.echo(orjson.dumps(card.model_dump(mode="json"), option=orjson.OPT_INDENT_2))
            return
        card = tool.card if isinstance(tool, Tool) else tool
        call = Call(tool=name, arguments=parse(arguments, tool.input_schema))
        screens = Screens(site())
        try:
            why = screens.refusal(call.arguments)
            answer = None if why else pool.submit(call).result()
            why = why or screens.refusal(answer.value if answer else None)
        finally:
            screens.close()
    if why or answer is None:
        click.echo(f"refused: {why}", err=True)
        sys.exit(1)
    label = label_of(card, answer.value)
    if label.low:
        click.echo(
            f"gaseol: of low integrity: {', '.join(label.sources)} had a say in it", err=True
        )
    for notice in pool.notices:
        click.echo(f"gaseol: {notice}", err=True)
    if answer.failure is not None:
        click.echo(f"{answer.failure.kind.value}: {answer.failure.reason}", err=True)
        if answer.failure.detail:
            click.echo(answer.failure.detail.rstrip(), err=True)
        sys.exit(2 if answer.failure.kind.value == "bad_arguments" else 1)
    click.echo(orjson.dumps(answer.value, option=orjson.OPT_INDENT_2))
