"""`gaseol bundle`."""

import json
from pathlib import Path

import click


@click.command("bundle")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="A new folder.")
@click.option("--extra", "extras", multiple=True, metavar="NAME", help="Of gaseol, as energy.")
@click.option(
    "--scenario", "scenarios", multiple=True, metavar="SCENARIO",
    help="Put a scenario beside it; may be repeated.",
)  # fmt: skip
@click.option(
    "--corpus", "corpora", multiple=True, type=click.Path(path_type=Path),
    help="Put the file of a corpus beside it; may be repeated.",
)  # fmt: skip
@click.option("--site", type=click.Path(path_type=Path), help="Put a site file beside it.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def command(
    out: Path,
    extras: tuple[str, ...],
    scenarios: tuple[str, ...],
    corpora: tuple[Path, ...],
    site: Path | None,
    as_json: bool,
) -> None:
    """Gather all that an installation without a network needs.

    Wheels of what is installed here, in the same versions, for machines with the same Python,
    system and processor. There, `python3 install.py --into FOLDER` makes an environment of it.
    """
    from gaseol.bundle import BundleFailed, UnknownExtra, write_bundle

    def tell(what: str) -> None:
        click.echo(what, err=True)

    try:
        made = write_bundle(
            out, extras=extras, scenarios=scenarios, corpora=corpora, site=site, tell=tell
        )
    except UnknownExtra as error:
        raise click.BadParameter(str(error), param_hint="--extra") from None
    except BundleFailed as error:
        raise click.ClickException(str(error)) from None
    if as_json:
        said = {
            "bundle": str(made.path), "packages": made.packages, "bytes": made.bytes,
            "scenarios": made.scenarios, "corpora": made.corpora,
        }  # fmt: skip
        click.echo(json.dumps(said, indent=2))
        return
    click.echo(f"{made.path}: {len(made.packages)} packages, {made.bytes / 1e6:.0f} MB")
    click.echo(f"carry it over, then: python3 {made.path.name}/install.py --into FOLDER")
