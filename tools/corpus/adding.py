"""Adding a folder to a corpus: what changed is read again, what is gone is taken out."""

import hashlib
import os
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path

from gaseol.tools.contract import Answer, Call
from gaseol.tools.corpus.document import Reading
from gaseol.tools.corpus.index import CorpusError, Index, unread
from gaseol.tools.corpus.reading import PDF, TEXT
from gaseol.tools.corpus.unpacking import CannotUnpack, unpacked
from gaseol.tools.workers.pool import Pool
from gaseol.traces.nouns.failure import Failure, FailureKind

_AHEAD = 8
"""Files that are being read while one is entered."""
_BATCH = 2000
"""Documents between two moments at which the index is put on disk."""
_PASSING = ("unavailable", "timed_out", "out_of_memory", "crashed")
"""Failures that may be another day's: such a file is read again."""


@dataclass
class Added:
    """What came of adding a folder."""

    read: int = 0
    unchanged: int = 0
    gone: int = 0
    passed: int = 0
    """Files of a kind that is not read."""
    documents: int = 0
    twins: int = 0
    """Documents that were there already, from another file or another row."""
    failures: list[tuple[str, str, str]] = field(default_factory=list[tuple[str, str, str]])
    """Path, kind and reason of what could not be read."""


def add(index: Index, root: Path, pool: Pool, told: Callable[[str], None] | None = None) -> Added:
    """Add the files of a folder, each read in a worker; a bad one does not stop the others.

    Args:
        index: open for writing.
        root: the folder, or one file.
        pool: whose workers read.
        told: is told each file's name as it is entered.

    Raises:
        CorpusError: there is no such folder or file.
    """
    root = root.resolve()
    if not root.exists():
        raise CorpusError(f"there is no folder or file {root}")
    added, waiting, since = Added(), [], 0
    present: set[str] = set()
    for path in _files(root):
        if not _reader(path):
            added.passed += 1
            continue
        if not _writable(path):
            name = os.fsencode(path).decode(errors="replace")
            added.failures.append((name, "unavailable", "its name is no UTF-8; give it another"))
            continue
        present.add(str(path))
        digest, size = _digest(path)
        failure = index.failure(str(path))
        again = failure is not None and failure[0] in _PASSING
        if digest and not again and index.known(str(path)) == digest:
            added.unchanged += 1
            added.failures += [(str(path), *failure)] if failure else []
            continue
        ahead = None if _packed(path) else pool.submit(_call(path, 0))
        waiting.append(_Wanted(path, digest, size, ahead))
        if len(waiting) >= _AHEAD:
            since += _enter(index, root, pool, waiting.pop(0), added, told)
        if since >= _BATCH:
            index.keep()
            since = 0
    for wanted in waiting:
        _enter(index, root, pool, wanted, added, told)
    for path in index.paths(str(root)):
        if path not in present and not _is_file(Path(path)):
            added.gone += index.remove_file(path)
    return added


@dataclass(frozen=True)
class _Wanted:
    path: Path
    digest: str
    size: int
    answer: "Future[Answer] | None"
    """None for a packed file, which is unpacked when its turn comes."""


def _enter(
    index: Index,
    root: Path,
    pool: Pool,
    wanted: _Wanted,
    added: Added,
    told: Callable[[str], None] | None,
) -> int:
    """Enter a file, piece by piece; return how many documents it brought."""
    if told is not None:
        told(wanted.path.name)
    file = index.add_file(str(root), str(wanted.path), wanted.digest, wanted.size)
    added.read += 1
    before = added.documents
    try:
        with unpacked(wanted.path) as plain:
            failure = _pieces(index, pool, plain, file, wanted, added)
    except CannotUnpack as error:
        kind = FailureKind.TOO_LARGE if error.large else FailureKind.UNAVAILABLE
        failure = Failure(kind=kind, reason=str(error))
    if failure is not None:
        index.fail(file, failure.kind.value, failure.reason)
        added.failures.append((str(wanted.path), failure.kind.value, failure.reason))
    return added.documents - before


def _pieces(
    index: Index, pool: Pool, plain: Path, file: int, wanted: _Wanted, added: Added
) -> Failure | None:
    """Enter the pieces of a file; return what ended it before its end."""
    answer = (wanted.answer or pool.submit(_call(plain, 0))).result()
    while answer.failure is None:
        reading = Reading.model_validate(answer.value)
        following = pool.submit(_call(plain, reading.next)) if reading.next else None
        for document in reading.documents:
            fresh = index.add(file, document)
            added.documents += fresh
            added.twins += not fresh
        index.skipped(file, reading.skipped)
        if reading.skipped:
            added.failures.append((str(wanted.path), *unread(reading.skipped)))
        if following is None:
            return None
        answer = following.result()
    return answer.failure


def _packed(path: Path) -> bool:
    return path.suffix.lower() == ".gz"


def _files(root: Path) -> Iterator[Path]:
    """Yield the files below a folder, sorted; links that lead elsewhere are not followed."""
    if root.is_file():
        yield root
        return
    for place, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(place) / name
            if not name.startswith(".") and _is_file(path):
                yield path


def _is_file(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()


def _writable(path: Path) -> bool:
    """Tell whether a database can hold a path: names out of old archives may be CP949."""
    try:
        str(path).encode()
    except UnicodeEncodeError:
        return False
    return True


def _reader(path: Path) -> str:
    name = path.name.lower()
    if name.endswith(PDF):
        return "read_pdf"
    return "read_text_file" if name.endswith(TEXT) else ""


def _call(path: Path, start: int) -> Call:
    reader = _reader(path)
    arguments = {"path": str(path)} if reader == "read_pdf" else {"path": str(path), "start": start}
    return Call(tool=reader, arguments=arguments)


def _digest(path: Path) -> tuple[str, int]:
    """Return digest and size of a file; empty for one that cannot be read, which its reader says."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest(), path.stat().st_size
    except OSError:
        return "", 0
