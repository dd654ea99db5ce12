"""Rows: CSV, TSV and JSON lines, packed or not; a snapshot of OpenAlex among them. Read in pieces."""

import csv
import gzip
import io
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson
from pydantic import ValidationError

from gaseol.tools import Refuse
from gaseol.tools.corpus.decoding import decoded, whole
from gaseol.tools.corpus.document import Document, Reading, passages
from gaseol.tools.literature.openalex import work_of
from gaseol.traces.nouns.failure import FailureKind

PIECE = 2000
"""Entries that are read at a time."""
LINE_MB = 4
"""The longest line, in MiB."""

_TITLE = ("title", "display_name", "name", "제목", "논문명")
_AUTHORS = ("authors", "author", "creator", "저자")
_YEAR = ("year", "publication_year", "pub_year", "date", "연도", "발행연도")
_VENUE = ("venue", "journal", "source", "학술지", "학술지명")
_TEXT = ("abstract", "text", "body", "content", "summary", "초록", "본문")


def json_lines(path: Path, start: int) -> Reading:
    """Read a piece of a file with a JSON object a line.

    Args:
        path: of the file; `.gz` is unpacked as it is read.
        start: bytes to pass over, of the file as it is unpacked.

    Raises:
        Refuse: `wrong_shape`, no line of the piece is an object; `too_large`, a line has no end;
            `unavailable`, the file cannot be read.
    """
    documents, skipped, entries = [], 0, 0
    for line, after in _lines(path, start):
        if not line.strip():
            continue
        document = of_line(line)
        skipped += document is None
        documents += [document] if document else []
        entries += 1
        if entries == PIECE:
            return _piece(path, documents, skipped, after)
    return _piece(path, documents, skipped, 0)


def table(path: Path, start: int, delimiter: str) -> Reading:
    """Read a piece of a table whose first row names its columns.

    Raises:
        Refuse: `wrong_shape`, it is no such table.
    """
    text = decoded(whole(path), path.name)
    csv.field_size_limit(LINE_MB << 20)
    documents, skipped = [], 0
    try:
        for number, row in enumerate(csv.DictReader(io.StringIO(text), delimiter=delimiter)):
            if number < start:
                continue
            if number >= start + PIECE:
                return _piece(path, documents, skipped, number)
            document = _of_row({str(k).lower(): v for k, v in row.items() if k}, "row")
            skipped += document is None
            documents += [document] if document else []
    except csv.Error as error:
        raise Refuse(f"{path.name} is no table: {error}", kind=FailureKind.WRONG_SHAPE) from None
    return _piece(path, documents, skipped, 0)


def _piece(path: Path, documents: list[Document], skipped: int, after: int) -> Reading:
    if not documents and skipped:
        reason = f"{path.name}: none of {skipped} entries has a title or a text"
        raise Refuse(reason, kind=FailureKind.WRONG_SHAPE)
    return Reading(documents=tuple(documents), next=after, skipped=skipped)


def _lines(path: Path, start: int) -> Iterator[tuple[bytes, int]]:
    """Yield the lines of a file from a place on, each with the place behind it."""
    limit = LINE_MB << 20
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            at = file.seek(start)
            while line := file.readline(limit + 1):
                if len(line) > limit:
                    reason = f"{path.name} has a line of more than {LINE_MB} MiB"
                    raise Refuse(reason, kind=FailureKind.TOO_LARGE)
                at += len(line)
                yield line, at
    except (OSError, EOFError, zlib.error) as error:
        reason = f"{path.name} cannot be read: {error}"
        raise Refuse(reason, kind=FailureKind.UNAVAILABLE) from None


def of_line(line: bytes) -> Document | None:
    """Return the document in a line of JSON; None where it is none."""
    try:
        entry = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(entry, Mapping):
        return None
    if "abstract_inverted_index" in entry or "authorships" in entry:
        return _of_openalex(entry)
    return _of_row({str(k).lower(): v for k, v in entry.items()}, "record")


def _of_openalex(entry: Mapping[str, Any]) -> Document | None:
    try:
        work = work_of(entry)
    except ValidationError:  # a field that no work has spoils its own entry, not the file
        return None
    if work is None or not (work.title or work.abstract):
        return None
    return Document(
        title=work.title,
        authors="; ".join(work.authors)[:2000],
        year=work.year,
        venue=work.venue,
        doi=work.doi,
        url=work.url,
        kind="openalex",
        passages=tuple(passages(f"{work.title}\n\n{work.abstract}")),
    )


def _of_row(row: Mapping[str, Any], kind: str) -> Document | None:
    def text(names: tuple[str, ...]) -> str:
        for name in names:
            value = row.get(name)
            if isinstance(value, list):
                value = "; ".join(str(one) for one in value if isinstance(one, str | int))
            if isinstance(value, str | int | float) and str(value).strip():
                return str(value).strip()
        return ""

    title, body = text(_TITLE), text(_TEXT)
    if not title and not body:
        return None
    year = text(_YEAR)[:4]
    doi = text(("doi",)).removeprefix("https://doi.org/").lower()
    return Document(
        title=title[:2000],
        authors=text(_AUTHORS)[:2000],
        year=int(year) if year.isascii() and year.isdigit() else None,
        venue=text(_VENUE)[:2000],
        doi=doi[:500] if doi.startswith("10.") else "",
        url=text(("url", "link"))[:2000],
        kind=kind,
        passages=tuple(passages("\n\n".join(filter(None, (title, body))))),
    )
