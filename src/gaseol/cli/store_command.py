"""`gaseol store`."""

import os
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

if TYPE_CHECKING:
    from gaseol.traces.shared.ledger import Ledger
    from gaseol.traces.shared.people import Role
    from gaseol.traces.shared.repository import Repository

_TO = click.option("--to", "url", envvar="GASEOL_STORE", help="The store: a folder, or as s3://...")
_INDEX = click.option(
    "--index", envvar="GASEOL_STORE_INDEX", help="A PostgreSQL database, as postgresql://host/db."
)


@click.group("store")
def command() -> None:
    """Share sealed runs in one place: a folder, or an object store.

    The store is that of --to or of GASEOL_STORE, the index that of --index or of
    GASEOL_STORE_INDEX. Needs the extra: pip install 'gaseol[store]'
    """


@command.command("push")
@click.argument("runs", nargs=-1, required=True)
@_TO
@_INDEX
@click.option("--by", default="", help="Who shares them (default: the user of this machine).")
def push(runs: tuple[str, ...], url: str | None, index: str | None, by: str) -> None:
    """Share RUNS that are sealed and whose records hold."""
    from gaseol.traces.shelf import find_run

    store = _store(url)
    with ExitStack() as stack:
        ledger = _ledger(index, stack)
        for given in runs:
            run = find_run(given)
            name = store.push(run)
            if ledger is not None:
                ledger.add(run, name, store.url, by)
            click.echo(name)


@command.command("pull")
@click.argument("name")
@_TO
@click.option("--out", type=click.Path(path_type=Path), help="The run's folder (default: at home).")
def pull(name: str, url: str | None, out: Path | None) -> None:
    """Fetch the run NAME, and verify it."""
    from gaseol.traces.shelf import home

    click.echo(_store(url).pull(name, out or home() / name))


@command.command("list")
@_TO
@_INDEX
@click.option("--by", default="", help="Only those that this person shared.")
@click.option("--scenario", default="", help="Only those of this scenario.")
@click.option("--words", default="", help="Only those that speak of this.")
@click.option("--limit", type=click.IntRange(min=1), default=100, show_default=True)
def listed(
    url: str | None, index: str | None, by: str, scenario: str, words: str, limit: int
) -> None:
    """List the runs that are shared; by whom and about what, with an index."""
    with ExitStack() as stack:
        ledger = _ledger(index, stack)
        if ledger is None:
            if by or scenario or words:
                raise click.UsageError("--by, --scenario and --words need an index: --index")
            for name in _store(url).names():
                click.echo(name)
            return
        for row in ledger.rows(by=by, scenario=scenario, words=words, limit=limit):
            verdicts = ", ".join(f"{n} {ruling}" for ruling, n in row["verdicts"].items())
            said = (row["name"], row["shared_by"], row["scenario"], row["status"], verdicts)
            click.echo("  ".join(map(str, said)))


@command.command("index")
@_TO
@_INDEX
@click.option("--by", default="", help="Who stands there for runs that are new in the index.")
def indexed(url: str | None, index: str | None, by: str) -> None:
    """Bring the index up to date with what is in the store."""
    store = _store(url)
    with ExitStack() as stack:
        ledger = _ledger(index, stack)
        if ledger is None:
            raise click.UsageError("there is no index: --index, or GASEOL_STORE_INDEX")
        known = ledger.names()
        for name in store.names():
            if name in known:
                continue
            with tempfile.TemporaryDirectory() as place:
                ledger.add(store.pull(name, Path(place) / name), name, store.url, by)
            click.echo(name)


@command.command("person")
@click.argument("name")
@click.option(
    "--role", type=click.Choice(["scientist", "reviewer", "operator"]), required=True
)  # fmt: skip
def person(name: str, role: str) -> None:
    """Make a token for a person: it is shown once; the line below goes into people.yaml."""
    from gaseol.traces.shared.people import new_person

    token, line = new_person(name, cast("Role", role))
    click.echo(f"token: {token}", err=True)
    click.echo(line, nl=False)


def _store(url: str | None) -> "Repository":
    from gaseol.traces.shared.repository import Repository

    if not url:
        raise click.UsageError("there is no store: --to, or GASEOL_STORE")
    endpoint = os.environ.get("GASEOL_STORE_ENDPOINT")
    options: dict[str, Any] = {"endpoint_url": endpoint} if endpoint else {}
    return Repository(url, options)


def _ledger(index: str | None, stack: ExitStack) -> "Ledger | None":
    from gaseol.traces.shared.ledger import Ledger

    return stack.enter_context(Ledger(index)) if index else None
