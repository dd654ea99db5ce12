"""`gaseol demo`."""

import sys

import click


@click.command("demo")
@click.pass_context
def command(ctx: click.Context) -> None:
    """Run the first question: hydration by xTB, or boiling where there is no xTB."""
    from gaseol.cli.run_command import command as run
    from gaseol.tools.registry import Registry

    missing = Registry.load().get("hydration_free_energy").missing()
    name = "boiling" if missing else "hydration"
    if missing:
        click.echo(
            f"{', '.join(missing)} has no wheel for this platform: running 'boiling' instead of "
            "'hydration'",
            err=True,
        )
    if not sys.stderr.isatty():
        click.echo(f"running the scenario '{name}'; this takes about a minute", err=True)
    ctx.invoke(run, scenario=name)
