"""The single writer of a run: append, chain, commit in groups, seal.

```
RuntimeError               OSError
├── RecordInUse            ├── RecordExists
└── RunSealed              └── Unrecorded (in blob.py)
```
"""

import contextlib
import os
import threading
from collections.abc import Generator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import orjson

from gaseol.traces.record import chain
from gaseol.traces.record.blob import BlobStore, Unrecorded
from gaseol.traces.record.disk import make, name, place, sync
from gaseol.traces.record.event import FORMAT, Fact
from gaseol.traces.record.remains import Remains
from gaseol.traces.record.seal import NAME, Seal, write_seal
from gaseol.traces.record.trace import NotARun

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


class RecordInUse(RuntimeError):
    """Another process is writing this run."""


class RecordExists(FileExistsError):
    """The folder already holds a run."""


class RunSealed(RuntimeError):
    """The run has ended and is sealed: nothing can be added to it."""


class Recorder:
    """Writes events in one total order; thread-safe.

    `record` hands a line to the operating system; `commit` returns when everything recorded
    so far is on disk. One commit serves every thread that waits for it. What cannot be written
    leaves the record as it was before, whole to its last line, and ends the writing.
    """

    def __init__(
        self, folder: Path, run: Mapping[str, Any], beside: Mapping[str, bytes] | None = None
    ) -> None:
        """Create the run's folder, lock the record and write `run.json`.

        Args:
            folder: of the run.
            run: what `run.json` says besides its format.
            beside: files that are no part of the record and are written before it begins;
                readable by their owner only.

        Raises:
            RecordExists: there is a run in this folder already.
            RecordInUse: another process is beginning one here.
        """
        make(folder)
        if (folder / "run.json").exists():
            raise RecordExists(f"{folder} already holds a run; name another folder")
        content = orjson.dumps({"format": FORMAT, **run}, option=orjson.OPT_INDENT_2)
        handle = _locked(folder / "events.jsonl", os.O_CREAT)
        try:
            if os.fstat(handle).st_size or (folder / "run.json").exists():
                raise RecordExists(f"{folder} already holds a run; name another folder")
            for file, said in (beside or {}).items():
                place(folder / file, said, 0o600)
            place(folder / "run.json", content)
        except BaseException:
            os.close(handle)
            raise
        self._open(folder, handle, Remains(chain.start(content), chain.Merkle()))
        self._on_disk = 0

    @classmethod
    def reopen(cls, folder: Path) -> tuple[Self, Remains]:
        """Go on writing the record of a run that did not come to its end.

        What its writer left unfinished, a torn line and payloads that nothing refers to, goes
        with the first event that is added.

        Raises:
            NotARun: there is no run in the folder.
            RunSealed: it has come to its end.
            RecordInUse: another process is writing it.
            BrokenRecord: it was damaged, not only cut off.
        """
        if not (folder / "run.json").is_file():
            raise NotARun(f"{folder} is not a run: it has no run.json")
        handle = _locked(folder / "events.jsonl", os.O_CREAT)
        try:
            if (folder / NAME).exists():
                raise RunSealed(f"{folder} has ended and is sealed; branch a new run off it: "
                                f"gaseol fork {folder} --at N")  # fmt: skip
            remains = Remains.of(folder)
        except BaseException:
            os.close(handle)
            raise
        self = cls.__new__(cls)
        self._open(folder, handle, remains)
        self.blobs.adopt()
        return self, remains

    def _open(self, folder: Path, handle: int, remains: Remains) -> None:
        self.folder = folder
        self.blobs = BlobStore(folder)
        self._handle = handle
        self._head, self._merkle = remains.head, remains.merkle
        self._next, self._on_disk = remains.events, -1
        self._size = remains.size
        self._torn = remains.cut > 0
        self._closed: Unrecorded | None = None
        self._lock = threading.Lock()
        self._commit_lock = threading.Lock()

    @property
    def count(self) -> int:
        """Events recorded so far."""
        return self._next

    @property
    def head(self) -> str:
        """The digest of the last event, in hexadecimal."""
        return self._head.hex()

    def record(self, fact: Fact, cause: int | None = None) -> int:
        """Append one event and return its position.

        Raises:
            Unrecorded: it cannot be written; the record stays as it was.
        """
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
            self._write(line + b"\n")
            self._head = chain.link(self._head, line)
            self._merkle.add(self._head)
            self._next += 1
        return seq

    def _write(self, line: bytes) -> None:
        if self._closed is not None:
            raise self._closed
        try:
            self._trim()
            written = os.pwrite(self._handle, line, self._size)
            while written < len(line):
                written += os.pwrite(self._handle, line[written:], self._size + written)
        except OSError as error:
            with contextlib.suppress(OSError):
                os.ftruncate(self._handle, self._size)  # no half a line
            raise self._failed(error) from error
        self._size += len(line)

    def _trim(self) -> None:
        if self._torn:
            os.ftruncate(self._handle, self._size)
            os.fsync(self._handle)  # or what was cut off might stand again behind what is added
            self._torn = False

    def _failed(self, error: OSError) -> Unrecorded:
        self._closed = Unrecorded(
            error.errno, f"cannot be written any further ({error.strerror}); what stands in it is "
            f"whole, and once there is room: gaseol resume {self.folder}",
            str(self.folder / "events.jsonl"),
        )  # fmt: skip
        return self._closed

    def commit(self) -> None:
        """Return when every event recorded before this call is on disk.

        Raises:
            Unrecorded: the disk does not take it.
        """
        wanted = self._next
        with self._commit_lock:
            if self._on_disk >= wanted and not self._torn:
                return
            with self._lock:
                if self._closed is not None:
                    raise self._closed
                reached = self._next
                try:
                    self._trim()
                except OSError as error:
                    raise self._failed(error) from error
            try:
                if self._on_disk < 0:
                    self._take_over()
                self.blobs.sync()  # what an event refers to is on disk before the event is
                os.fsync(self._handle)
            except Unrecorded:
                raise
            except OSError as error:
                raise self._failed(error) from error
            self._on_disk = reached

    def _take_over(self) -> None:
        """Sync what an earlier writer, or whoever copied the folder, may not have synced."""
        for path in self.folder.iterdir():
            if path.is_file():
                sync(path)
        sync(self.folder)
        name(self.folder)

    def seal(self, files: tuple[str, ...] = (), key: "Ed25519PrivateKey | None" = None) -> Seal:
        """Commit, then seal the events and the named files, signed with the key; ends the run.

        Raises:
            Unrecorded: the disk does not take it.
        """
        self.commit()
        root = self._merkle.root()
        try:
            seal = write_seal(self.folder, self._next, self._head, root, files, key)
        except FileNotFoundError:
            raise
        except OSError as error:
            raise self._failed(error) from error
        self.close()
        return seal

    def close(self) -> None:
        """Commit and release the lock; the record stays unsealed unless `seal` was called."""
        if self._handle >= 0 and self._closed is None:
            self.commit()
        self.abandon()

    def abandon(self) -> None:
        """Release the lock at once; whoever records from now on is told that it is too late."""
        with self._lock:
            if self._closed is None:
                self._closed = Unrecorded(f"the record in {self.folder} is closed")
            if self._handle >= 0:
                os.close(self._handle)
                self._handle = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@contextlib.contextmanager
def standing(folder: Path) -> Generator[None]:
    """Keep everybody else from going on with a run meanwhile.

    Raises:
        RecordInUse: another process is writing it.
    """
    handle = _locked(folder / "events.jsonl", 0)
    try:
        yield
    finally:
        os.close(handle)


def being_written(folder: Path) -> bool:
    """Tell whether a process is writing the record of a run at this moment."""
    try:
        with standing(folder):
            return False
    except RecordInUse:
        return True
    except OSError:
        return False  # a copy that nobody can write


def _locked(path: Path, flags: int) -> int:
    """Open a file and take its lock, which the system releases when this process ends.

    However it ends: a lock of the system's cannot be left behind by a process that was killed or
    a machine that lost its power, and a copied folder has none.

    Raises:
        RecordInUse: another process has it.
    """
    import fcntl  # not on Windows, where records can be read only

    handle = os.open(path, os.O_RDWR | os.O_CLOEXEC | flags, 0o666)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = _holder(handle)
        os.close(handle)
        raise RecordInUse(f"another process{holder} is writing {path}") from None
    return handle


def _holder(handle: int) -> str:
    """Name the process that holds the lock of a file, where the system tells."""
    inode = str(os.fstat(handle).st_ino)
    with contextlib.suppress(OSError, IndexError), open("/proc/locks", encoding="ascii") as file:
        for line in file:
            said = line.split()
            if said[1] == "FLOCK" and said[5].rsplit(":", 1)[1] == inode:
                return f" ({said[4]})"
    return ""
