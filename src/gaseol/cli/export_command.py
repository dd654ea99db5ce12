"""`gaseol export`."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from gaseol.traces.verification.verifier import Verification

FORMATS = {
    "html": "one self-contained page to look at",
    "rocrate": "Workflow Run RO-Crate: a folder, or a .zip",
    "prov": "W3C PROV-JSON",
    "otel": "OpenTelemetry spans, OTLP/JSON",
    "inspect": "an Inspect AI .eval log",
    "bundle": "the record itself, to hand out",
}
_ONLY = {
    "beside": ("html",), "language": ("html",), "licence": ("rocrate",), "to": ("otel",),
    "withhold": ("bundle",), "redact": ("bundle",), "reason": ("bundle",), "by": ("bundle",),
}  # fmt: skip
_TOO_BROKEN = (ValueError, LookupError, TypeError, AttributeError, OverflowError)


@click.command("export")
@click.argument("run", required=False)
@click.option(
    "--format",
    "form",
    type=click.Choice(list(FORMATS)),
    required=True,
    help="; ".join(f"{name}: {what}" for name, what in FORMATS.items()) + ".",
)
@click.option("--out", type=click.Path(path_type=Path), help="The file (or the crate's folder).")
@click.option("--force", is_flag=True, help="Replace what is there.")
@click.option("--anyway", is_flag=True, help="Export a broken record too; the export says so.")
@click.option("--beside", metavar="RUN2", help="html: a second run, to compare with.")
@click.option("--language", type=click.Choice(["en", "ko"]), help="html: of the page.")
@click.option("--licence", help="rocrate: a URL or a sentence.")
@click.option("--to", metavar="URL", help="otel: send to a collector instead of writing a file.")
@click.option("--withhold", multiple=True, help="bundle: a tool, kind or digest; may be repeated.")
@click.option("--redact", multiple=True, help="bundle: a field to mask; may be repeated.")
@click.option("--reason", help="bundle: why something is kept back, for everybody to read.")
@click.option("--by", help="bundle: who keeps it back.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def command(
    run: str | None,
    form: str,
    out: Path | None,
    force: bool,
    anyway: bool,
    as_json: bool,
    **options: Any,
) -> None:
    """Write RUN (the newest by default) in another format.

    The record stays the only thing that can be verified; what a format cannot hold is told on
    standard error. Nothing is written where something goes wrong.
    """
    from gaseol.traces.export.place import ExportExists, placed
    from gaseol.traces.record.trace import Trace
    from gaseol.traces.shelf import find_run

    given = {name: value for name, value in options.items() if value}
    for name in given:
        if form not in _ONLY[name]:
            raise click.UsageError(f"--{name} is for the format {_ONLY[name][0]}, not {form}")
    if (out is None) == ("to" not in given):
        what = "name the file with --out" if out is None else "take either --out or --to"
        raise click.UsageError(what)
    folder = Trace(find_run(run)).folder
    if out is not None:
        _check(folder, out, form, force=force)
    caveat = _caveat(folder, anyway)
    try:
        if out is None:
            left_out = _send(folder, given["to"], caveat)
        else:
            with placed(out, force=force) as aside:
                left_out = _write(form, folder, aside, caveat, given)
    except (ExportExists, NotADirectoryError) as error:
        raise click.UsageError(str(error)) from None
    except _TOO_BROKEN as error:
        if not caveat:
            raise
        raise click.UsageError(f"the record is too broken for {form}: {error}") from None
    for each in left_out:
        click.echo(f"left out: {each}", err=True)
    if as_json:
        import orjson

        said = {"run": str(folder), "format": form, "out": str(out or given["to"]),
                "left_out": left_out, "caveat": caveat}  # fmt: skip
        click.echo(orjson.dumps(said, option=orjson.OPT_INDENT_2))
    else:
        click.echo(f"{form}: {out or given['to']}")


def _check(folder: Path, out: Path, form: str, *, force: bool) -> None:
    """Refuse to replace what no export has made."""
    inside = folder.resolve()
    if inside == out.resolve() or out.resolve() in inside.parents:
        raise click.UsageError(f"{out} holds the run itself; name another place")
    if form == "inspect" and out.suffix != ".eval":
        raise click.UsageError(f"Inspect reads a log by its name: {out} must end in .eval")
    if force and out.is_dir() and not (out / "ro-crate-metadata.json").is_file():
        raise click.UsageError(f"{out} is a folder that is no earlier export; remove it yourself")


def _caveat(folder: Path, anyway: bool) -> str:
    """Verify, and return what is wrong with the record, if it may be exported all the same."""
    from gaseol.traces.verification.verifier import verify

    found: Verification = verify(folder)
    if found.holds:
        if found.integrity.value != "intact":
            click.echo(f"note: the record is {found.integrity.value}", err=True)
        return ""
    if not anyway:
        click.echo(f"gaseol: {found.integrity.value}: {folder}", err=True)
        for problem in found.problems[:10]:
            click.echo(f"  {problem}", err=True)
        if len(found.problems) > 10:
            click.echo(f"  and {len(found.problems) - 10} more; see: gaseol verify", err=True)
        click.echo("nothing was exported; --anyway exports it and says so inside", err=True)
        sys.exit(1)
    more = f" (and {len(found.problems) - 1} more)" if len(found.problems) > 1 else ""
    caveat = f"gaseol verify calls this record {found.integrity.value}: {found.problems[0]}{more}."
    click.echo(f"note: {caveat}", err=True)
    return caveat


def _send(folder: Path, to: str, caveat: str) -> list[str]:
    from gaseol.traces.export.spans import CollectorRefused, send_spans

    try:
        return send_spans(folder, to, caveat=caveat)
    except CollectorRefused as error:
        click.echo(f"gaseol: {error}", err=True)
        sys.exit(1)


def _write(form: str, folder: Path, out: Path, caveat: str, given: dict[str, Any]) -> list[str]:
    match form:
        case "html":
            from gaseol.traces.shelf import find_run
            from gaseol.traces.view import write_view

            beside = find_run(given["beside"]) if "beside" in given else None
            write_view(folder, out, beside=beside, language=given.get("language", "en"))
            return []
        case "rocrate":
            from gaseol.traces.export.rocrate import write_crate

            return write_crate(folder, out, zipped=out.suffix.lower() == ".zip", caveat=caveat,
                               licence=given.get("licence", ""))  # fmt: skip
        case "prov":
            from gaseol.traces.export.prov import write_prov

            return write_prov(folder, out, caveat=caveat)
        case "otel":
            from gaseol.traces.export.spans import write_spans

            return write_spans(folder, out, caveat=caveat)
        case "inspect":
            from gaseol.traces.export.inspect_log import InspectMissing, write_log

            try:
                return write_log(folder, out, caveat=caveat)
            except InspectMissing as error:
                raise click.UsageError(str(error)) from None
        case _:
            from gaseol.traces.bundle import NothingToWithhold, write_bundle

            words = {name: given[name] for name in ("withhold", "redact", "reason", "by") if name in given}  # fmt: skip
            try:
                made = write_bundle(folder, out, **words)
            except NothingToWithhold as error:
                raise click.UsageError(str(error)) from None
            left = [
                f"'{selector}': {number} of its payloads stand in the events themselves, and so in "
                "this copy; run with policy.payloads: apart to keep them beside"
                for selector, number in made.left.items()
            ]
            return left + [f"{name}: {why.reason}" for name, why in made.withheld.items()]
