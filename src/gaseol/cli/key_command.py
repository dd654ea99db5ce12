"""`gaseol key`."""

from pathlib import Path

import click


@click.group("key")
def command() -> None:
    """Make, list and trust the keys that seal records.

    The first key made seals every run from then on; `gaseol run --no-key` seals without it.
    """


@command.command("new")
@click.argument("name")
@click.option("--locked", is_flag=True, help="Ask for a passphrase, which opens the key.")
def new(name: str, locked: bool) -> None:
    """Make a key called NAME."""
    from gaseol.traces.signatures import keys
    from gaseol.traces.signatures.signing import fingerprint

    passphrase = None
    if locked:
        passphrase = click.prompt("passphrase", hide_input=True, confirmation_prompt=True)
    keyid = keys.new_key(name, passphrase)
    click.echo(f"{name}: {fingerprint(keyid)}")
    click.echo(f"kept in {keys.folder()}; hand out: gaseol key show {name}")
    if keys.default() == name:
        click.echo("it signs the seal of every run from now on")


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def list_keys(as_json: bool) -> None:
    """List one's own keys and those that are trusted."""
    from gaseol.traces.signatures import keys
    from gaseol.traces.signatures.signing import fingerprint

    own, default = keys.own(), keys.default()
    rows = [
        {"name": name, "keyid": keyid, "own": keyid in own, "seals": name == default}
        for keyid, name in keys.known().items()
    ]
    if as_json:
        import orjson

        click.echo(orjson.dumps(rows, option=orjson.OPT_INDENT_2))
        return
    for row in rows:
        whose = "one's own" if row["own"] else "trusted"
        seals = ", seals runs" if row["seals"] and row["own"] else ""
        click.echo(f"{fingerprint(str(row['keyid']))}  {row['name']}  ({whose}{seals})")


@command.command("show")
@click.argument("name")
def show(name: str) -> None:
    """Print the public half of the key NAME, to be handed to others."""
    from gaseol.traces.signatures import keys

    click.echo(keys.public_pem(name), nl=False)


@command.command("trust")
@click.argument("name")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def trust(name: str, file: Path) -> None:
    """Trust the public key in FILE as NAME's.

    Compare the digits printed with NAME by another way than the one the file came by.
    """
    from gaseol.traces.signatures import keys
    from gaseol.traces.signatures.signing import fingerprint

    click.echo(f"{name}: {fingerprint(keys.trust(name, file.read_bytes()))}")


@command.command("use")
@click.argument("name")
def use(name: str) -> None:
    """Let the key NAME seal runs from now on."""
    from gaseol.traces.signatures import keys

    keys.set_default(name)
    click.echo(f"{name} signs the seal of every run from now on")


@command.command("sign")
@click.argument("run", required=False)
@click.option("--key", "name", help="The key (default: the one that seals runs).")
def sign(run: str | None, name: str | None) -> None:
    """Add a signature to the seal of RUN (the newest by default), once it has been verified."""
    from gaseol.traces.record.seal import sign_seal
    from gaseol.traces.shelf import find_run
    from gaseol.traces.signatures import keys
    from gaseol.traces.verification.verifier import verify

    folder = find_run(run)
    found = verify(folder)
    if not found.holds:
        raise click.ClickException(f"not signed: {folder} does not hold: {found.problems[0]}")
    sign_seal(folder, keys.load_key(name))
    click.echo(f"signed by {name or keys.default()}: {folder}")
