"""`gaseol mcp`."""

import contextlib
import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gaseol.cli.permission import allow_weak

if TYPE_CHECKING:
    from mcp.server import Server

    from gaseol.mcp.guard import Guard
    from gaseol.mcp.server import House
    from gaseol.tools.mcp.configuration import ConfiguredServer
    from gaseol.tools.workers.pool import Pool
    from gaseol.traces.nouns.label import Confidentiality
    from gaseol.traces.shared.people import People

_TOKEN = "GASEOL_MCP_TOKEN"  # noqa: S105 (the name of a variable)


@click.command("mcp")
@click.option(
    "--http",
    "port",
    type=click.IntRange(1, 65535),
    metavar="PORT",
    help="Serve HTTP on 127.0.0.1:PORT instead of standard input and output.",
)
@click.option("--all-tools", is_flag=True, help="List every tool, instead of a search for tools.")
@click.option(
    "--scenario",
    "folders",
    multiple=True,
    type=click.Path(exists=True, path_type=Path),
    metavar="FOLDER",
    help="Let clients run this scenario too; may be given again.",
)
@click.option("--records", is_flag=True, help="Let clients read all runs at home, not only theirs.")
@click.option(
    "--experiments",
    type=click.IntRange(min=1),
    default=500,
    show_default=True,
    help="At most so many experiments a run.",
)
@click.option(
    "--seconds",
    type=click.FloatRange(min=0, min_open=True),
    default=3600.0,
    show_default=True,
    help="At most so many seconds a run.",
)
@click.option(
    "--runs",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="At most so many runs at a time.",
)
@click.option("--jobs", type=click.IntRange(min=1), help="Tool calls at a time.")
@click.option(
    "--server",
    "servers",
    multiple=True,
    metavar="NAME",
    help="Offer the tools of this server of servers.yaml too; may be given again.",
)
@click.option(
    "--low-integrity",
    "takes_low",
    multiple=True,
    metavar="TOOL",
    help="Let clients call this tool although what it does cannot be taken back, or it sends what "
    "it is given away; may be given again.",
)
@click.option(
    "--clearance",
    type=click.Choice(["public", "institute", "project", "secret"]),
    default="institute",
    show_default=True,
    help="Clients may be told what is no more confidential than that.",
)
@click.option(
    "--people",
    type=click.Path(dir_okay=False, path_type=Path),
    help="With --http: serve the people of this file, each by their own token, within their roles.",
)
@allow_weak
def command(
    port: int | None,
    all_tools: bool,
    folders: tuple[Path, ...],
    records: bool,
    experiments: int,
    seconds: float,
    runs: int,
    jobs: int | None,
    servers: tuple[str, ...],
    takes_low: tuple[str, ...],
    clearance: "Confidentiality",
    people: Path | None,
    allow_weak: bool,
) -> None:
    """Serve tools, scenarios and records by the Model Context Protocol.

    A program that speaks it starts this command and talks to it on standard input and output.
    With --http it is reached at http://127.0.0.1:PORT/mcp by whoever sends the token, which is
    taken from GASEOL_MCP_TOKEN or made and printed. Runs end when the server ends; what they
    found is on record. Needs the extra: pip install 'gaseol[mcp]'
    """
    _check_installed()
    from gaseol.mcp.expeditions import Ceiling
    from gaseol.mcp.guard import Guard
    from gaseol.tools.mcp.servers import served
    from gaseol.tools.registry import Registry
    from gaseol.tools.screens import Screens
    from gaseol.tools.site import allow_weak_isolation, site
    from gaseol.tools.workers.pool import Pool
    from gaseol.traces.shared.people import People

    if people is not None and port is None:
        raise click.UsageError(
            "--people is for --http: whoever starts the command is served otherwise"
        )
    known = People.read(people) if people else None
    if allow_weak:
        allow_weak_isolation()
    named = _named(servers)
    registry = Registry.load()
    for problem in registry.problems:
        click.echo(f"gaseol: {problem.reason}", err=True)
    with contextlib.ExitStack() as closing:
        workers = Pool(registry, jobs, allow_weak=allow_weak)
        closing.callback(workers.close)
        pool = closing.enter_context(served(workers, named, (), None, trust=allow_weak))
        screens = Screens(site(), registry)
        closing.callback(screens.close)
        unknown = [name for name in takes_low if name not in pool.registry]
        if unknown:
            raise click.BadParameter(
                f"there is no tool {unknown[0]!r}", param_hint="--low-integrity"
            )
        guard = Guard(clearance, frozenset(takes_low), screens)
        house = _house(
            pool, guard, folders, Ceiling(experiments, seconds, runs), records, all_tools
        )
        try:
            _serve(house, port, known)
        except KeyboardInterrupt:
            click.echo("ended", err=True)  # the way to end it, and nothing was interrupted


def _named(names: tuple[str, ...]) -> "dict[str, ConfiguredServer]":
    """Return servers of the configuration by their names."""
    if not names:
        return {}
    from gaseol.tools.mcp.configuration import configuration_file, configured

    known = configured()
    for name in names:
        if name not in known:
            there = ", ".join(known) or "none"
            raise click.BadParameter(
                f"{configuration_file()} names no server {name!r}; there is {there}",
                param_hint="--server",
            )
    return {name: known[name] for name in names}


def _check_installed() -> None:
    from importlib.util import find_spec

    if find_spec("mcp") is None:
        raise click.UsageError("the server needs an extra: pip install 'gaseol[mcp]'")


def _house(
    pool: "Pool",
    guard: "Guard",
    folders: tuple[Path, ...],
    ceiling: Any,
    records: bool,
    all_tools: bool,
) -> "House":
    from gaseol.mcp.expeditions import Expeditions
    from gaseol.mcp.instruments import Instruments
    from gaseol.mcp.records import Records
    from gaseol.mcp.server import House

    expeditions = Expeditions(folders, ceiling)
    return House(
        Instruments(pool, guard),
        expeditions,
        Records(expeditions, all_at_home=records),
        all_tools=all_tools,
    )


def _serve(house: "House", port: int | None, people: "People | None") -> None:
    import asyncio

    async def serve() -> None:
        try:
            await _listen(house.server(), port, people)
        finally:
            await house.expeditions.close()

    asyncio.run(serve())


async def _listen(server: "Server[Any]", port: int | None, people: "People | None") -> None:
    from gaseol.mcp.listener import ADDRESS, PATH, serve_http, serve_stdio

    if port is None:
        await serve_stdio(server)
        return
    if people is not None:
        click.echo(f"http://{ADDRESS}:{port}{PATH}, each with their own token", err=True)
        await serve_http(server, port, people)
        return
    given = os.environ.get(_TOKEN)
    token = given or secrets.token_urlsafe(24)
    click.echo(f"http://{ADDRESS}:{port}{PATH}", err=True)
    said = f"the one in {_TOKEN}" if given else token
    click.echo(f"token: {said}", err=True)
    await serve_http(server, port, token)
