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
@click.option(
    "--maximize",
    multiple=True,
    metavar="COLUMN",
    help="scenario: look for the row with the most of this; rows without a value are what to try.",
)
@click.option(
    "--minimize",
    multiple=True,
    metavar="COLUMN",
    help="scenario: for the least; give several columns to look for the best trade-offs.",
)
def command(
    kind: str,
    name: str,
    out: Path | None,
    table: Path | None,
    outcome: str | None,
    maximize: tuple[str, ...],
    minimize: tuple[str, ...],
) -> None:
    """Write a small working package that brings a tool, role, graph or scenario named NAME.

    It has a pyproject.toml, a module, a test and a README, and works as it is: install it, run
    its test, then make it your own.
    """
    from gaseol.package import write_package

    wanted = [*((c, "maximise") for c in maximize), *((c, "minimise") for c in minimize)]
    if kind != "scenario" and (table or outcome or wanted):
        raise click.UsageError(
            "--from, --outcome, --maximize and --minimize are for: gaseol new scenario"
        )
    if (outcome or wanted) and not table:
        raise click.UsageError("a column is one of the table given by --from")
    if outcome and wanted:
        raise click.UsageError("give either --outcome, or what to maximize or minimize")
    twice = next((c for c, _ in wanted if [n for n, _ in wanted].count(c) > 1), None)
    if twice is not None:
        raise click.UsageError(f"'{twice}' is to be maximized or minimized twice")
    folder = out or Path(name)
    for path in write_package(
        kind,  # pyright: ignore[reportArgumentType] (one of the choices)
        name,
        folder,
        table=table,
        outcome=outcome or "",
        wanted=dict(wanted),
    ):
        click.echo(f"wrote {path}")
    if kind == "scenario":
        click.echo(f"next: gaseol check {folder}, then gaseol run {folder}")
    else:
        click.echo(f"next: pip install -e {folder}, then gaseol check {name}")
