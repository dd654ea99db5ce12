"""`gaseol view`."""

import threading
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


@click.command("view")
@click.argument("run", required=False)
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="0 takes any free port.")
@click.option("--no-open", is_flag=True, help="Print the address and open no browser.")
@click.option("--beside", metavar="RUN2", help="A second run, shown side by side.")
@click.option(
    "--language", type=click.Choice(("en", "ko")), default="en", show_default=True,
    help="Of the page; a button changes it.",
)  # fmt: skip
@click.option(
    "--people",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Serve the people of this file, each by their own token, within their roles.",
)
@click.option("--key", help="Signs answers handed in here (default: the one of `gaseol key`).")
@click.option("--no-key", is_flag=True, help="Take answers without a signature.")
def command(
    run: str | None,
    port: int,
    no_open: bool,
    beside: str | None,
    language: str,
    people: Path | None,
    key: str | None,
    no_key: bool,
) -> None:
    """Look at RUN in the browser; without RUN, at the list of runs.

    Serves on 127.0.0.1 only, to whoever has the printed address, until interrupted (Ctrl-C).
    Notes and signatures are written into the run's `reviews` folder, never into its record;
    answers that the run waits for into its `inbox`, signed with your key if you have one. With
    --people they are not signed: everybody's key is their own.
    """
    from gaseol.traces.record.trace import Trace
    from gaseol.traces.shared.people import People
    from gaseol.traces.shelf import find_run, home
    from gaseol.viewer import Viewer

    if beside and not run:
        raise click.UsageError("--beside needs the RUN to compare with")
    folder = Trace(find_run(run)).folder if run else None
    second = Trace(find_run(beside)).folder if beside else None
    if key and (people or no_key):
        raise click.UsageError("--key signs the answers of one person: not with --people, --no-key")
    served = People.read(people) if people else None
    signs = None if people or no_key else _signs(key)
    try:
        viewer = Viewer(
            folder, beside=second, port=port, language=language, people=served, signs=signs
        )
    except OSError as error:
        raise click.BadParameter(
            f"port {port} cannot be used ({error.strerror}); leave --port out to take any",
            param_hint="--port",
        ) from None
    click.echo(f"{folder or home()}: {viewer.address}")
    click.echo("Ctrl-C ends it.", err=True)
    if not no_open and served is None:
        import webbrowser

        threading.Thread(target=webbrowser.open, args=(viewer.address,), daemon=True).start()
    try:
        viewer.serve()
    except KeyboardInterrupt:
        click.echo("ended", err=True)  # the way to end it, and nothing was interrupted
    finally:
        viewer.close()


def _signs(named: str | None) -> "tuple[str, Ed25519PrivateKey] | None":
    """Return name and key that sign answers: the one named, else the user's default, else none.

    Raises:
        KeyProblem: the one named is not there, or does not open.
    """
    from gaseol.traces.signatures import keys

    name = named or keys.default()
    if name is None:
        return None
    try:
        return name, keys.load_key(name)
    except keys.KeyProblem as problem:
        if named:
            raise
        click.echo(f"answers will not be signed: {problem}", err=True)  # whoever looks needs no key
        return None
