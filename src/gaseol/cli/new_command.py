"""`gaseol new`."""

from pathlib import Path

import click

_KINDS = ("tool", "role", "graph", "scenario")


@click.command("new")
@click.argument("kind", type=click.Choice(_KINDS))
@click.argument("name")
@click.option("--out", type=click.Path(path_type=Path), help="The folder (default: ./NAME).")
@click.option(
    "--from",
    "table",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="scenario: a CSV file with its cases and outcomes.",
)
@click.option("--outcome", help="scenario: the column measured (default: the last with numbers).")
def command(
    kind: str, name: str, out: Path | None, table: Path | None, outcome: str | None
) -> None:
    """Write a small working package that brings a tool, role, graph or scenario named NAME.

    It has a pyproject.toml, a module, a test and a README, and works as it is: install it, run
    its test, then make it your own.
    """
    from gaseol.package import write_package

    if kind != "scenario" and (table or outcome):
        raise click.UsageError("--from and --outcome are for: gaseol new scenario")
    if outcome and not table:
        raise click.UsageError("--outcome names a column of the table given by --from")
    folder = out or Path(name)
    for path in write_package(kind, name, folder, table=table, outcome=outcome or ""):  # pyright: ignore[reportArgumentType] (one of the choices)
        click.echo(f"wrote {path}")
    if kind == "scenario":
        click.echo(f"next: gaseol check {folder}, then gaseol run {folder}")
    else:
        click.echo(f"next: pip install -e {folder}, then gaseol check {name}")
