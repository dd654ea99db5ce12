"""The index of a corpus: one SQLite file with full-text search over passages.

```
Exception
└── CorpusError     what is wrong with a corpus, or a name asked for
    └── BadQuery    a query that holds no word
```
"""

import hashlib
import os
import re
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from gaseol.tools.corpus.document import Document
from gaseol.tools.corpus.words import VERSION, expression, pairs, words
from gaseol.tools.site import site
from gaseol.traces.nouns.label import Confidentiality
from gaseol.traces.shelf import corpora

FORMAT = f"gaseol.corpus/1 words/{VERSION}"
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,63}")
_SCHEMA = """
CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE files (
    id INTEGER PRIMARY KEY, folder TEXT NOT NULL, path TEXT NOT NULL UNIQUE, sha256 TEXT NOT NULL,
    bytes INTEGER NOT NULL, failure TEXT NOT NULL DEFAULT '', reason TEXT NOT NULL DEFAULT '',
    skipped INTEGER NOT NULL DEFAULT 0);
CREATE TABLE documents (
    id INTEGER PRIMARY KEY, file INTEGER NOT NULL REFERENCES files(id), name TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL, authors TEXT NOT NULL, year INTEGER, venue TEXT NOT NULL, doi TEXT NOT NULL,
    url TEXT NOT NULL, kind TEXT NOT NULL);
CREATE INDEX documents_file ON documents(file);
CREATE TABLE passages (
    id INTEGER PRIMARY KEY, document INTEGER NOT NULL REFERENCES documents(id),
    number INTEGER NOT NULL, page INTEGER NOT NULL, text TEXT NOT NULL);
CREATE INDEX passages_document ON passages(document);
CREATE VIRTUAL TABLE terms USING fts5(words, pairs, content='', tokenize='porter unicode61');
"""
_TWINS = """
CREATE TABLE IF NOT EXISTS twins (name TEXT NOT NULL, file INTEGER NOT NULL, PRIMARY KEY (name, file))
"""
"""Files that hold a document which came from another one: with that one gone, it is theirs."""
_VECTORS = "CREATE TABLE IF NOT EXISTS vectors (passage INTEGER PRIMARY KEY, vector BLOB NOT NULL)"
"""Of passages, where a corpus was embedded; half-precision numbers."""
_COLUMNS = """
SELECT documents.name, passages.number, passages.page, passages.text, documents.title,
       documents.authors, documents.year, documents.venue, documents.doi, documents.url,
       documents.kind, files.path"""
_FOUND = f"""{_COLUMNS}, bm25(terms, 2.0, 1.0) AS score
FROM terms JOIN passages ON passages.id = terms.rowid
JOIN documents ON documents.id = passages.document JOIN files ON files.id = documents.file
WHERE terms MATCH ? ORDER BY score, passages.id LIMIT ?
"""
_RANKED = """
SELECT rowid, bm25(terms, 2.0, 1.0) AS score FROM terms WHERE terms MATCH ? ORDER BY score, rowid LIMIT ?
"""
_ONE = f"""{_COLUMNS} FROM passages
JOIN documents ON documents.id = passages.document JOIN files ON files.id = documents.file
WHERE passages.id = ?
"""


class CorpusError(ValueError):
    """What is wrong with a corpus, or with what is asked of it."""


class BadQuery(CorpusError):
    """A query that holds no word."""


def file_of(name: str) -> Path:
    """Return the file of a corpus.

    Raises:
        CorpusError: it is no name.
    """
    if not _NAME.fullmatch(name):
        raise CorpusError(f"'{name}' is no name of a corpus: small letters, digits, _ and -")
    return corpora() / f"{name}.sqlite"


def readable(name: str) -> Path:
    """Return the file of a corpus to read: one's own, else the institute's, where it has one.

    Raises:
        CorpusError: it is no name.
        SiteError: the site file cannot be used.
    """
    own = file_of(name)
    folder = shared_corpora()
    shared = folder / own.name if folder else own
    return shared if shared.exists() and not own.exists() else own


def shared_corpora() -> Path | None:
    """Return the institute's folder of corpora; None where no site file names one.

    A worker is told by `GASEOL_SHARED_CORPORA`, for it does not read the site file itself.
    """
    given = os.environ.get("GASEOL_SHARED_CORPORA")
    if given is not None:
        return Path(given) if given else None
    here = site()
    return here.corpora if here else None


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that was found."""

    document: str
    """Twelve hexadecimal digits, by what the document says."""
    number: int
    page: int
    text: str
    title: str
    authors: str
    year: int | None
    venue: str
    doi: str
    url: str
    kind: str
    path: str
    score: float
    """Smaller is better."""


@dataclass(frozen=True, slots=True)
class Counts:
    """What is in a corpus."""

    files: int
    failed: int
    documents: int
    passages: int


class Index:
    """An open corpus; use it as a context manager. Not for use by two threads."""

    def __init__(self, path: Path, *, write: bool = False) -> None:
        """Open a corpus.

        Args:
            path: of its file.
            write: make it where there is none, and hold it so that nobody else writes.

        Raises:
            CorpusError: there is none, another one writes, or it was made by other rules.
        """
        self.path = path
        if not write and not path.exists():
            raise CorpusError(f"there is no corpus at {path}; make one: gaseol corpus add FOLDER")
        if write:
            path.parent.mkdir(parents=True, exist_ok=True)
        mode = "rwc" if write else "ro"
        place = (
            path.resolve().as_posix().replace("%", "%25").replace("?", "%3f").replace("#", "%23")
        )
        self._lock = _locked(path) if write else None
        try:
            self._db = sqlite3.connect(
                f"file:{place}?mode={mode}", uri=True, timeout=10, isolation_level=None
            )
        except sqlite3.Error as error:
            self._unlock()
            raise CorpusError(f"{path} cannot be opened: {error}") from None
        try:
            if write:
                # what spills to the file before it is kept would shut readers out
                self._db.execute("PRAGMA cache_spill = OFF")
                self._db.execute("BEGIN IMMEDIATE")
                # only now is it sure: one that was stopped before it kept anything is empty, too
                if not self._db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                    self._make()
            self._check()
            if write:
                self._db.execute(_TWINS)
                self._db.execute(_VECTORS)
        except (sqlite3.Error, CorpusError) as error:
            self.close()
            if isinstance(error, CorpusError):
                raise
            raise CorpusError(f"{path} cannot be opened: {error}") from None

    @classmethod
    def in_memory(cls, documents: Iterable[Document]) -> Self:
        """Return a corpus that is nowhere but here, and gone when it is closed.

        Args:
            documents: all that it holds.
        """
        index = cls.__new__(cls)
        index.path, index._lock = Path("these texts"), None
        index._db = sqlite3.connect(":memory:", isolation_level=None)
        index._make()
        index._db.execute(_TWINS)
        index._db.execute(_VECTORS)
        held = list(documents)
        digest = hashlib.sha256("".join(one.model_dump_json() for one in held).encode())
        file = index.add_file("", "", digest.hexdigest(), 0)
        for document in held:
            index.add(file, document)
        return index

    def close(self) -> None:
        """Close the corpus; what was not kept is gone."""
        self._db.close()
        self._unlock()

    def _unlock(self) -> None:
        if self._lock is not None:
            self._lock.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if self._db.in_transaction:
                self._db.execute("COMMIT" if kind is None else "ROLLBACK")
        finally:
            self.close()

    def copied(self, to: Path) -> None:
        """Write what was kept last into another file.

        Raises:
            CorpusError: it cannot be read, or not be written there.
        """
        try:
            other = sqlite3.connect(to)
            try:
                self._db.backup(other)
            finally:
                other.close()
        except sqlite3.Error as error:
            raise CorpusError(f"{self.path} cannot be copied to {to}: {error}") from None

    def keep(self) -> None:
        """Put on disk what was added so far."""
        self._db.execute("COMMIT")
        self._db.execute("BEGIN IMMEDIATE")

    def known(self, path: str) -> str:
        """Return the digest of a file when it was read last; empty for one that is not known."""
        row = self._db.execute("SELECT sha256 FROM files WHERE path = ?", (path,)).fetchone()
        return row[0] if row else ""

    def failure(self, path: str) -> tuple[str, str] | None:
        """Return kind and reason of what could not be read of a file; None where all was."""
        asked = "SELECT failure, reason, skipped FROM files WHERE path = ?"
        row = self._db.execute(asked, (path,)).fetchone()
        if row is None or not (row[0] or row[2]):
            return None
        return (row[0], row[1]) if row[0] else unread(row[2])

    def paths(self, root: str) -> list[str]:
        """Return the files that came from a folder, whichever folder was named then; or the file."""
        inside = f"{root.rstrip('/')}/"
        rows = self._db.execute(
            "SELECT path FROM files WHERE path = ? OR substr(path, 1, ?) = ? ORDER BY path",
            (root, len(inside), inside),
        )
        return [row[0] for row in rows]

    def add_file(self, root: str, path: str, sha256: str, size: int) -> int:
        """Enter a file, without what it held before, and return its id."""
        self.remove_file(path)
        cursor = self._db.execute(
            "INSERT INTO files (folder, path, sha256, bytes) VALUES (?, ?, ?, ?)",
            (root, path, sha256, size),
        )
        return int(cursor.lastrowid or 0)

    def fail(self, file: int, kind: str, reason: str) -> None:
        """Note that a file could not be read, or not to its end."""
        self._db.execute(
            "UPDATE files SET failure = ?, reason = ? WHERE id = ?", (kind, reason, file)
        )

    def skipped(self, file: int, entries: int) -> None:
        """Note how many entries of a file could not be read."""
        self._db.execute("UPDATE files SET skipped = skipped + ? WHERE id = ?", (entries, file))

    def add(self, file: int, document: Document) -> bool:
        """Add a document; tell whether it was not there already."""
        content = document.model_dump_json().encode()
        name = hashlib.sha256(content).hexdigest()[:12]
        cursor = self._db.execute(
            "INSERT OR IGNORE INTO documents "
            "(file, name, title, authors, year, venue, doi, url, kind) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (file, name, document.title, document.authors, document.year, document.venue,
             document.doi, document.url, document.kind),
        )  # fmt: skip
        if cursor.rowcount == 0:
            self._db.execute("INSERT OR IGNORE INTO twins VALUES (?, ?)", (name, file))
            return False
        number = cursor.lastrowid
        for place, passage in enumerate(document.passages, 1):
            row = self._db.execute(
                "INSERT INTO passages (document, number, page, text) VALUES (?, ?, ?, ?)",
                (number, place, passage.page, passage.text),
            ).lastrowid
            self._db.execute(
                "INSERT INTO terms (rowid, words, pairs) VALUES (?, ?, ?)",
                (row, *_terms(passage.text)),
            )
        return True

    def remove_file(self, path: str) -> bool:
        """Take a file and the documents that no other one holds out; tell whether it was there."""
        row = self._db.execute("SELECT id FROM files WHERE path = ?", (path,)).fetchone()
        if row is None:
            return False
        self._hand_over(row[0])
        there = "SELECT id FROM documents WHERE file = ?"
        held = f"SELECT id, text FROM passages WHERE document IN ({there})"  # noqa: S608 (fixed)
        for passage, text in self._db.execute(held, row).fetchall():
            # an index without content is told what it held
            self._db.execute(
                "INSERT INTO terms (terms, rowid, words, pairs) VALUES ('delete', ?, ?, ?)",
                (passage, *_terms(text)),
            )
        held = f"SELECT id FROM passages WHERE document IN ({there})"  # noqa: S608 (fixed)
        self._db.execute(f"DELETE FROM vectors WHERE passage IN ({held})", row)  # noqa: S608
        self._db.execute(f"DELETE FROM passages WHERE document IN ({there})", row)  # noqa: S608
        self._db.execute("DELETE FROM documents WHERE file = ?", row)
        self._db.execute("DELETE FROM files WHERE id = ?", row)
        return True

    def _hand_over(self, file: int) -> None:
        """Let documents of a file that another one holds too be that one's."""
        self._db.execute("DELETE FROM twins WHERE file = ?", (file,))
        self._db.execute(
            "UPDATE documents SET file = (SELECT min(file) FROM twins WHERE name = documents.name) "
            "WHERE file = ? AND name IN (SELECT name FROM twins)",
            (file,),
        )
        self._db.execute(
            "DELETE FROM twins WHERE EXISTS (SELECT 1 FROM documents "
            "WHERE documents.name = twins.name AND documents.file = twins.file)"
        )

    def search(self, query: str, limit: int = 10) -> list[Hit]:
        """Return the passages that hold every word of a query, the best first.

        Raises:
            BadQuery: the query holds no word.
            CorpusError: the file is damaged, or the query has too many words.
        """
        return [Hit(*row) for row in self._asked(_FOUND, query, limit)]

    def ranked(self, query: str, limit: int) -> list[tuple[int, float]]:
        """Return the passages that hold every word of a query, by number, with their scores.

        Raises:
            BadQuery: the query holds no word.
            CorpusError: the file is damaged, or the query has too many words.
        """
        return self._asked(_RANKED, query, limit)

    def hits(self, found: Iterable[tuple[int, float]]) -> list[Hit]:
        """Return passages by their numbers, each with the score it is given."""
        rows: list[Any] = [
            (*(self._db.execute(_ONE, (number,)).fetchone()), score) for number, score in found
        ]
        return [Hit(*row) for row in rows]

    def about(self, name: str) -> str | None:
        """Return what a corpus says of itself; None where it says nothing."""
        row = self._db.execute("SELECT value FROM about WHERE name = ?", (name,)).fetchone()
        return row[0] if row else None

    def note(self, name: str, value: str) -> None:
        """Let a corpus say something of itself."""
        self._db.execute("INSERT OR REPLACE INTO about VALUES (?, ?)", (name, value))

    def unembedded(self) -> int:
        """Return how many passages have no vector."""
        return int(self._db.execute(
            "SELECT (SELECT count(*) FROM passages) - (SELECT count(*) FROM vectors)"
        ).fetchone()[0])  # fmt: skip

    def forget_vectors(self) -> None:
        """Take all vectors out."""
        self._db.execute("DELETE FROM vectors")

    def passages_without_vectors(self, limit: int) -> list[tuple[int, str]]:
        """Return number and text of passages that have no vector."""
        return self._db.execute(
            "SELECT id, text FROM passages WHERE id NOT IN (SELECT passage FROM vectors) "
            "ORDER BY id LIMIT ?",
            (limit,),
        ).fetchall()

    def put_vectors(self, rows: Iterable[tuple[int, bytes]]) -> None:
        """Keep vectors of passages, by number."""
        self._db.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?)", rows)

    def all_vectors(self) -> list[tuple[int, bytes]]:
        """Return all vectors, by the number of their passage."""
        return self._db.execute("SELECT passage, vector FROM vectors ORDER BY passage").fetchall()

    def holding(self, term: str, before: int | None = None) -> frozenset[int]:
        """Return the documents that hold a term, all words of it in one passage.

        Args:
            term: as a query has it.
            before: of earlier years only.

        Raises:
            BadQuery: it holds no word.
            CorpusError: the file is damaged, or the term has too many words.
        """
        rows = self._asked(
            "SELECT DISTINCT documents.id FROM terms JOIN passages ON passages.id = terms.rowid "
            "JOIN documents ON documents.id = passages.document "
            "WHERE terms MATCH ? AND (? IS NULL OR documents.year < ?)",
            term, before, before,
        )  # fmt: skip
        return frozenset(row[0] for row in rows)

    def _asked(self, statement: str, query: str, *rest: int | None) -> list[Any]:
        try:
            match = expression(query)
        except ValueError as error:
            raise BadQuery(f"'{query[:80]}': {error}") from None
        try:
            return self._db.execute(statement, (match, *rest)).fetchall()
        except sqlite3.Error as error:
            raise CorpusError(f"{self.path} cannot be searched: {error}") from None

    def size(self, before: int | None = None) -> int:
        """Return how many documents there are, or of earlier years only."""
        counted = "SELECT count(*) FROM documents WHERE ? IS NULL OR year < ?"
        return int(self._db.execute(counted, (before, before)).fetchone()[0])

    def counts(self) -> Counts:
        """Return how much is in it."""
        return Counts(
            *(
                self._db.execute(f"SELECT count(*) FROM {what}").fetchone()[0]  # noqa: S608 (fixed)
                for what in ("files", "files WHERE failure != ''", "documents", "passages")
            )
        )

    def failures(self) -> list[tuple[str, str, str]]:
        """Return path, kind and reason of every file that could not be read to its end."""
        return self._db.execute(
            "SELECT path, failure, reason FROM files WHERE failure != '' ORDER BY path"
        ).fetchall()

    def folders(self) -> list[tuple[str, int]]:
        """Return the folders that files came from, and how many."""
        return self._db.execute(
            "SELECT folder, count(*) FROM files GROUP BY folder ORDER BY folder"
        ).fetchall()

    def state(self) -> str:
        """Return a digest of the files that are in it: what a search was made in."""
        digest = hashlib.sha256()
        for row in self._db.execute("SELECT sha256 FROM files ORDER BY sha256"):
            digest.update(row[0].encode())
        return digest.hexdigest()[:16]

    @property
    def confidentiality(self) -> Confidentiality:
        """How confidential its passages are; `institute` where nobody has said otherwise."""
        row = self._db.execute("SELECT value FROM about WHERE name = 'confidentiality'").fetchone()
        return row[0] if row else "institute"

    def declare(self, confidentiality: Confidentiality) -> None:
        """Say how confidential its passages are."""
        self._db.execute(
            "INSERT OR REPLACE INTO about VALUES ('confidentiality', ?)", (confidentiality,)
        )

    def _make(self) -> None:
        for statement in _SCHEMA.split(";"):
            if statement.strip():
                self._db.execute(statement)
        self._db.execute("INSERT INTO about VALUES ('format', ?)", (FORMAT,))

    def _check(self) -> None:
        row = None
        if self._db.execute("SELECT 1 FROM sqlite_master WHERE name = 'about'").fetchone():
            row = self._db.execute("SELECT value FROM about WHERE name = 'format'").fetchone()
        if row is None and self.path.stat().st_size == 0:
            raise CorpusError(f"nothing is in the corpus at {self.path} yet; add a folder")
        if row is None or row[0] != FORMAT:
            found = row[0] if row else "no corpus"
            raise CorpusError(
                f"{self.path} is {found}, this version reads {FORMAT}; remove it and add its "
                "folders again"
            )


def _locked(path: Path) -> IO[bytes]:
    """Return the open file that says that somebody writes.

    Raises:
        CorpusError: somebody else does.
    """
    import fcntl

    file = path.with_suffix(".lock").open("wb")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        raise CorpusError(f"{path} is being written by another process; try again later") from None
    return file


def copy(path: Path, to: Path) -> None:
    """Copy a corpus as it was kept last, also while another process writes to it.

    Raises:
        CorpusError: it is none, or cannot be read.
    """
    with Index(path) as index:
        index.copied(to)


def discard(path: Path) -> None:
    """Remove a corpus, whatever state it is in.

    Raises:
        CorpusError: there is none, or somebody writes.
    """
    if not path.exists():
        raise CorpusError(f"there is no corpus at {path}")
    with _locked(path):
        path.unlink()
        # what a killed writer left would be played into the next corpus of this name
        path.with_name(f"{path.name}-journal").unlink(missing_ok=True)


def unread(entries: int) -> tuple[str, str]:
    """Return kind and reason of a file of which some entries could not be read."""
    return "wrong_shape", f"{entries} entries could not be read"


def _terms(text: str) -> tuple[str, str]:
    return " ".join(words(text)), " ".join(pairs(text))


def row_of(hit: Hit) -> dict[str, Any]:
    """Return a hit as JSON values, with the reference that cites it."""
    fields = {name: getattr(hit, name) for name in Hit.__slots__ if name != "score"}
    return {"cite": cite(hit.document, hit.number), **fields}


def cite(document: str, number: int) -> str:
    """Return the reference of a passage, as claims write it."""
    return f"corpus:{document}#{number}"
