"""`gaseol corpus`."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from gaseol.traces.nouns.label import Confidentiality

_CORPUS = click.option(
    "--corpus", "name", default="default", show_default=True, help="Which corpus."
)
_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")


@click.group("corpus")
def command() -> None:
    """Index a folder of one's own documents, and search it.

    Nothing leaves the machine; scenarios search with the tool search_corpus.
    """


@command.command("add")
@click.argument("folder", type=click.Path(path_type=Path))
@_CORPUS
@click.option("--jobs", type=click.IntRange(1, 64), help="Files read at a time.")
@click.option(
    "--confidentiality",
    type=click.Choice(["public", "institute", "project", "secret"]),
    help="Who may be told what stands in this corpus; institute where it was never said.",
)
@_JSON
def add(
    folder: Path,
    name: str,
    jobs: int | None,
    confidentiality: "Confidentiality | None",
    as_json: bool,
) -> None:
    """Index the documents in FOLDER (or one file), or what changed in it since.

    Reads PDF, JATS and other XML, HTML, Markdown, text, BibTeX, RIS, CSV and JSON lines (also an
    OpenAlex snapshot), each file in an isolated worker. Exits with 1 when a file could not be read,
    now or when it was looked at before; the others are in.
    """
    from gaseol.tools.corpus.adding import add as add_folder
    from gaseol.tools.corpus.index import CorpusError, Index, file_of
    from gaseol.tools.pool import Pool
    from gaseol.tools.registry import Registry

    def told(file: str) -> None:
        if not as_json and sys.stderr.isatty():
            click.echo(f"\r\033[K{file[:70]}", err=True, nl=False)

    path = file_of(name)
    if not folder.exists():
        raise CorpusError(f"there is no folder or file {folder}")
    with Index(path, write=True) as index, Pool(Registry.load(), jobs) as pool:
        if confidentiality is not None:
            index.declare(confidentiality)
        added = add_folder(index, folder, pool, told)
        counts = index.counts()
    told("")
    if as_json:
        _print({"corpus": name, "file": str(path), **_fields(added), **_fields(counts)})
    else:
        click.echo(
            f"{added.read} files read, {added.unchanged} unchanged, {added.gone} gone, "
            f"{added.passed} of other kinds; {added.documents} new documents"
            + (f", {added.twins} that were there already" if added.twins else "")
        )
        for file, kind, reason in added.failures:
            click.echo(f"{kind}: {file}: {reason}", err=True)
        click.echo(
            f"the corpus '{name}' has {counts.documents} documents in {counts.passages} passages"
        )
    sys.exit(1 if added.failures else 0)


@command.command("search")
@click.argument("query")
@_CORPUS
@click.option("--limit", default=10, type=click.IntRange(1, 100), help="Passages, at most.")
@_JSON
def search(query: str, name: str, limit: int, as_json: bool) -> None:
    """Print the passages that hold every word of QUERY, the best first.

    Words in double quotes are a phrase. Exits with 1 when there is none.
    """
    from gaseol.tools.corpus.index import Index, cite, readable, row_of

    with Index(readable(name)) as index:
        hits = index.search(query, limit)
    if as_json:
        _print([row_of(hit) for hit in hits])
    for hit in hits if not as_json else ():
        page = f", page {hit.page}" if hit.page else ""
        said = " ".join(filter(None, (hit.authors[:60], str(hit.year or ""), hit.doi)))
        click.secho(hit.title or hit.path, bold=True)
        click.echo(f"  {cite(hit.document, hit.number)}{page}" + (f"  {said}" if said else ""))
        click.echo(f"  {hit.text[:300]}{'...' if len(hit.text) > 300 else ''}\n")
    if not hits:
        click.echo(f"no passage in '{name}' has all of that", err=True)
        sys.exit(1)


@command.command("list")
@click.argument("name", required=False)
@_JSON
def list_corpora(name: str | None, as_json: bool) -> None:
    """List the corpora; of the one called NAME its folders, and the files that failed.

    The institute's come after one's own; of two with one name, one's own is meant.
    """
    from gaseol.tools.corpus.index import Index, readable, shared_corpora
    from gaseol.traces.shelf import corpora

    # one that is made just now is empty still
    places = (corpora(), shared_corpora())
    found = {p.name: p for place in places[::-1] if place for p in place.glob("*.sqlite")}
    whole = [found[one] for one in sorted(found) if found[one].stat().st_size]
    files = [readable(name)] if name else whole
    rows = []
    for path in files:
        with Index(path) as index:
            row = {"corpus": path.stem, **_fields(index.counts()), "state": index.state()}
            row["confidentiality"] = index.confidentiality
            if name:
                row["folders"] = [{"folder": one, "files": n} for one, n in index.folders()]
                row["failures"] = [
                    {"file": file, "kind": kind, "reason": reason}
                    for file, kind, reason in index.failures()
                ]
            rows.append(row)
    if as_json:
        _print(rows)
        return
    for row in rows:
        click.echo(
            f"{row['corpus']}: {row['documents']} documents in {row['passages']} passages, "
            f"{row['files']} files, {row['failed']} failed; {row['confidentiality']}"
        )
        for one in row.get("folders", ()):
            click.echo(f"  {one['folder']} ({one['files']} files)")
        for one in row.get("failures", ()):
            click.echo(f"  {one['kind']}: {one['file']}: {one['reason']}")
    if not rows:
        click.echo(f"there is no corpus in {corpora()}; make one: gaseol corpus add FOLDER")


@command.command("remove")
@click.argument("folder", type=click.Path(path_type=Path), required=False)
@_CORPUS
@click.option("--all", "everything", is_flag=True, help="Remove the whole corpus.")
def remove(folder: Path | None, name: str, everything: bool) -> None:
    """Take FOLDER (or one file) out of a corpus; the documents themselves stay where they are.

    Exits with 1 when nothing of it was in.
    """
    from gaseol.tools.corpus.index import Index, discard, file_of

    if everything == (folder is not None):
        raise click.UsageError("say either FOLDER or --all")
    path = file_of(name)
    if folder is None:
        discard(path)
        click.echo(f"the corpus '{name}' is gone")
        return
    with Index(path, write=path.exists()) as index:
        gone = sum(index.remove_file(file) for file in index.paths(str(folder.resolve())))
    click.echo(f"{gone} files are out of '{name}'")
    sys.exit(0 if gone else 1)


def _fields(value: object) -> dict[str, object]:
    from dataclasses import asdict

    return asdict(value)  # pyright: ignore[reportArgumentType] (frozen values and counts)


def _print(value: object) -> None:
    import orjson

    click.echo(orjson.dumps(value, option=orjson.OPT_INDENT_2))
