"""`gaseol corpus`."""

import sqlite3
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

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
    from gaseol.tools.registry import Registry
    from gaseol.tools.workers.pool import Pool

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
        fresh = {"new_documents": added.documents}
        _print({"corpus": name, "file": str(path), **_fields(added), **_fields(counts), **fresh})
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
@click.option("--by-meaning", is_flag=True, help="Also passages near it, in an embedded corpus.")
@_JSON
def search(query: str, name: str, limit: int, by_meaning: bool, as_json: bool) -> None:
    """Print the passages that hold every word of QUERY, the best first.

    Words in double quotes are a phrase. Exits with 1 when there is none.
    """
    from gaseol.tools.corpus.index import Index, cite, readable, row_of
    from gaseol.tools.corpus.vectors import model_of, search_both

    with Index(readable(name)) as index:
        if by_meaning:
            hits = search_both(index, query, limit, model_of(index))
        else:
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


@command.command("embed")
@_CORPUS
@click.option(
    "--model",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of a model2vec model; by default the one that the corpus was embedded by.",
)
@_JSON
def embed(name: str, model: Path | None, as_json: bool) -> None:
    """Give passages vectors, by which they are found by meaning; those that have one keep it.

    The model is read from its folder and nowhere else; the corpus keeps its digest. Needs the extra
    `embeddings`. With another model all vectors are made anew.
    """
    import os

    from gaseol.tools.corpus import vectors
    from gaseol.tools.corpus.embedding import PLACE, embedder
    from gaseol.tools.corpus.index import CorpusError, Index, file_of

    def told(done: int) -> None:
        if not as_json and sys.stderr.isatty():
            click.echo(f"\r\033[K{done} passages", err=True, nl=False)

    path = file_of(name)
    with Index(path, write=path.exists()) as index:
        about = vectors.embedding(index)
        folder = model or os.environ.get(PLACE) or (about.folder if about else None)
        if folder is None:
            raise CorpusError(f"name the folder of an embedding model: --model FOLDER, or {PLACE}")
        chosen = embedder(folder)
        made = vectors.embed(index, chosen, told)
        passages = index.counts().passages
    told_all = {"corpus": name, "model": chosen.folder.name, "sha256": chosen.sha256,
                "made": made, "passages": passages}  # fmt: skip
    if as_json:
        _print(told_all)
        return
    click.echo(f"{made} vectors made by {chosen.name}; '{name}' has {passages} passages")


@command.command("list")
@click.argument("name", required=False)
@_JSON
def list_corpora(name: str | None, as_json: bool) -> None:
    """List the corpora; of the one called NAME its folders, and the files that failed.

    The institute's come after one's own; of two with one name, one's own is meant. Exits with 1
    when one of them cannot be read; the others are listed.
    """
    from gaseol.tools.corpus.index import CorpusError, readable, shared_corpora
    from gaseol.traces.shelf import corpora

    # one that is made just now is empty still
    places = (corpora(), shared_corpora())
    found = {p.name: p for place in places[::-1] if place for p in place.glob("*.sqlite")}
    whole = [found[one] for one in sorted(found) if found[one].stat().st_size]
    files = [readable(name)] if name else whole
    rows = []
    for path in files:
        try:
            rows.append(_listed(path, whole=bool(name)))
        except (CorpusError, sqlite3.Error) as error:
            if name:
                raise
            rows.append({"corpus": path.stem, "problem": str(error)})
    odd = any("problem" in row for row in rows)
    if as_json:
        _print(rows)
        sys.exit(1 if odd else 0)
    for row in rows:
        if "problem" in row:
            click.echo(f"{row['corpus']}: cannot be listed: {row['problem']}", err=True)
            continue
        click.echo(
            f"{row['corpus']}: {row['documents']} documents in {row['passages']} passages, "
            f"{row['files']} files, {row['failed']} failed; {row['confidentiality']}"
        )
        if row["embedding"]:
            model = row["embedding"]
            click.echo(
                f"  embedded by {model['name']} {model['sha256'][:12]}, "
                f"{model['without']} passages not yet"
            )
        for one in row.get("folders", ()):
            click.echo(f"  {one['folder']} ({one['files']} files)")
        for one in row.get("failures", ()):
            click.echo(f"  {one['kind']}: {one['file']}: {one['reason']}")
    if not rows:
        click.echo(f"there is no corpus in {corpora()}; make one: gaseol corpus add FOLDER")
    sys.exit(1 if odd else 0)


def _listed(path: Path, *, whole: bool) -> dict[str, Any]:
    """Return what a corpus holds; with its folders and failures where the whole of it is wanted."""
    from gaseol.tools.corpus.index import Index
    from gaseol.tools.corpus.vectors import embedding

    with Index(path) as index:
        model = embedding(index)
        row: dict[str, Any] = {
            "corpus": path.stem, **_fields(index.counts()), "state": index.state(),
            "confidentiality": index.confidentiality,
            "embedding": _fields(model) if model else None,
        }  # fmt: skip
        if whole:
            row["folders"] = [{"folder": one, "files": n} for one, n in index.folders()]
            row["failures"] = [
                {"file": file, "kind": kind, "reason": reason}
                for file, kind, reason in index.failures()
            ]
    return row


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
