"""The single writer of a run: append, chain, commit in groups, seal."""

import os
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Self

import orjson

from gaseol.traces import chain
from gaseol.traces.blob import BlobStore
from gaseol.traces.event import FORMAT, Fact
from gaseol.traces.seal import Seal, write_seal

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


class RecordInUse(RuntimeError):
    """Another process is writing this run."""


class RecordExists(FileExistsError):
    """The folder already holds a run."""


class Recorder:
    """Writes events in one total order; thread-safe.

    `record` hands a line to the operating system; `commit` returns when everything recorded
    so far is on disk. One commit serves every thread that waits for it.
    """

    def __init__(self, folder: Path, run: Mapping[str, Any]) -> None:
        """Create the run's folder, write `run.json` and lock the record.

        Raises:
            RecordExists: there is a run in this folder already.
        """
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.blobs = BlobStore(folder)
        if (folder / "run.json").exists():
            raise RecordExists(f"{folder} already holds a run; name another folder")
        content = orjson.dumps({"format": FORMAT, **run}, option=orjson.OPT_INDENT_2)
        with (folder / "run.json").open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        self._file = (folder / "events.jsonl").open("xb")
        _lock(self._file)
        _sync_folder(folder)
        self._head = chain.start(content)
        self._merkle = chain.Merkle()
        self._lock = threading.Lock()
        self._commit_lock = threading.Lock()
        self._next = 0
        self._on_disk = 0

    @property
    def count(self) -> int:
        """Events recorded so far."""
        return self._next

    @property
    def head(self) -> str:
        """The digest of the last event, in hexadecimal."""
        return self._head.hex()

    def record(self, fact: Fact, cause: int | None = None) -> int:
        """Append one event and return its position."""
        data = fact.__pydantic_serializer__.to_json(fact)
        at = datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
        because = b"null" if cause is None else b"%d" % cause
        with self._lock:
            seq = self._next
            line = b'{"seq":%d,"prev":"%s","at":"%s","cause":%s,"kind":"%s","data":%s}' % (
                seq,
                self._head.hex().encode(),
                at.encode(),
                because,
                fact.kind.encode(),
                data,
            )
            self._file.write(line + b"\n")
            self._head = chain.link(self._head, line)
            self._merkle.add(self._head)
            self._next += 1
        return seq

    def commit(self) -> None:
        """Return when every event recorded before this call is on disk."""
        wanted = self._next
        with self._commit_lock:
            if self._on_disk >= wanted:
                return
            with self._lock:
                reached = self._next
                self._file.flush()
            self.blobs.sync()  # what an event refers to is on disk before the event is
            os.fsync(self._file.fileno())
            self._on_disk = reached

    def seal(self, files: tuple[str, ...] = (), key: "Ed25519PrivateKey | None" = None) -> Seal:
        """Commit, then seal the events and the named files, signed with the key; ends the run."""
        self.commit()
        root = self._merkle.root()
        seal = write_seal(self.folder, self._next, self._head, root, files, key)
        self.close()
        return seal

    def close(self) -> None:
        """Commit and release the lock; the record stays unsealed unless `seal` was called."""
        if not self._file.closed:
            self.commit()
            self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _lock(file: BinaryIO) -> None:
    """Take the file's lock, which the system releases when this process ends, however it ends."""
    import fcntl  # not on Windows, where records can be read only

    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise RecordInUse(f"another process is writing {file.name}") from None


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
