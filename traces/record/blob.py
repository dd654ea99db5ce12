"""Payloads, addressed by a salted digest of what they contain.

A stored file is a salt of 32 random bytes and then the payload; its name is the SHA-256 of the
whole file. An event that names it commits to the payload without giving it away: a payload can be
withheld, and no guess at it can be confirmed.

```
LookupError                ValueError              OSError
└── MissingBlob            └── AlteredBlob         └── Unrecorded
    └── WithheldBlob
```
"""

import contextlib
import hashlib
import os
import secrets
import threading
from functools import cached_property
from pathlib import Path
from typing import Any

import orjson
from pydantic import Field

from gaseol.traces.nouns.value import Value
from gaseol.traces.record.disk import make, sync

INLINE = 4096
"""Payloads of more bytes than this leave the event and become a blob."""

SALT = 32
"""Bytes at the beginning of a stored file that are not payload."""

PLACE = ("blobs", "sha256")
"""Where the payloads of a run are."""

_UNFINISHED = ".new-"
"""How the name of a file begins that is being written."""

WITHHELD = "withheld.json"
"""Beside `run.json`: what was left out of this copy of a run, and why."""


class Blob(Value):
    """A reference to stored bytes."""

    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    """Of salt and payload."""
    bytes: int = Field(ge=0)
    """Size of the payload."""
    media: str = "application/json"


class Withholding(Value):
    """Why a payload is not in this copy, and what may be shown instead of it."""

    reason: str
    by: str = ""
    at: str = ""
    instead: Any = None
    """The payload with some of its fields masked; nothing vouches for it."""


class MissingBlob(LookupError):
    """A blob that the record refers to is not in its folder."""


class WithheldBlob(MissingBlob):
    """Whoever handed out this copy kept a payload back, and says so."""


class AlteredBlob(ValueError):
    """The bytes stored under a digest do not have that digest."""


class Unrecorded(OSError):
    """The record takes no more: the disk is full or gone; what stands in it is whole."""


class BlobStore:
    """The folder `blobs/sha256` of a run: one file a payload, named by its digest."""

    def __init__(self, run: Path) -> None:
        """Open the payloads of the run in this folder."""
        self.folder = run.joinpath(*PLACE)
        self._run = run
        self._known: dict[bytes, str] = {}
        self._lent: dict[str, Path] = {}
        self._new: list[Path] = []
        self._made = False
        self._lock = threading.Lock()

    def put(self, content: bytes, media: str = "application/json") -> Blob:
        """Store bytes and return their reference; durable after the next `sync`.

        Storing the same bytes twice changes nothing.
        """
        plain = hashlib.sha256(content).digest()
        with self._lock:
            name = self._known.get(plain)
            if name is None:
                name = self._known[plain] = self._write(secrets.token_bytes(SALT) + content)
            elif name in self._lent:
                self._link(name, self._lent.pop(name))
        return Blob(sha256=name, bytes=len(content), media=media)

    def _write(self, stored: bytes) -> str:
        name = hashlib.sha256(stored).hexdigest()
        path = self.folder / name
        # not mkstemp: whoever may read the events must be able to read the blobs
        temporary = self.folder / f"{_UNFINISHED}{secrets.token_hex(8)}"
        try:
            self._make()
            with temporary.open("xb") as file:
                file.write(stored)
            os.replace(temporary, path)
        except OSError as error:
            raise self._unrecorded(error, temporary, path) from error
        self._new.append(path)
        return name

    def _make(self) -> None:
        if not self._made:
            make(self.folder.parent)
            make(self.folder)
            self._made = True

    def _unrecorded(self, error: OSError, temporary: Path, path: Path) -> Unrecorded:
        with contextlib.suppress(OSError):
            temporary.unlink()
        what = f"cannot be written ({error.strerror}); once there is room: gaseol resume"
        return Unrecorded(error.errno, f"{what} {self._run}", str(path))

    def adopt(self) -> None:
        """Know again what an earlier writer stored, and clear away what it never finished.

        It may have been killed before it synced what it stored: the next `sync` does.
        """
        if not self.folder.is_dir():
            return
        self._new.append(self.folder.parent)
        for path in sorted(self.folder.iterdir()):
            if path.name.startswith(_UNFINISHED):
                path.unlink()
                continue
            stored = path.read_bytes()
            if len(stored) >= SALT and hashlib.sha256(stored).hexdigest() == path.name:
                self._known.setdefault(hashlib.sha256(stored[SALT:]).digest(), path.name)
                self._new.append(path)
            else:
                path.unlink()  # of no event: those that events refer to were found whole

    def holds(self, plain: str) -> bool:
        """Tell whether a payload is stored here, by the SHA-256 of its content alone."""
        with self._lock:
            return bytes.fromhex(plain) in self._known

    def lend(self, borrower: "BlobStore", name: str) -> None:
        """Let another run use a file of this one, once it stores the same payload.

        Raises:
            WithheldBlob: it was kept back from this copy.
            MissingBlob: the file is not there.
            AlteredBlob: its content has another digest.
        """
        plain = hashlib.sha256(self.get(Blob(sha256=name, bytes=0))).digest()
        with borrower._lock:
            if plain not in borrower._known:
                borrower._known[plain] = name
                borrower._lent[name] = self.folder / name

    def _link(self, name: str, lent: Path) -> None:
        """Share a file: one more name for it, or a copy where the file system has no such thing."""
        path = self.folder / name
        if path.exists():
            return
        temporary = self.folder / f"{_UNFINISHED}{secrets.token_hex(8)}"
        try:
            self._make()
            try:
                os.link(lent, path)
            except OSError:
                temporary.write_bytes(lent.read_bytes())
                os.replace(temporary, path)
        except OSError as error:
            raise self._unrecorded(error, temporary, path) from error
        self._new.append(path)

    def sync(self) -> None:
        """Return when every blob stored so far is on disk."""
        with self._lock:
            new, self._new = self._new, []
        for path in (*new, self.folder) if new else ():
            sync(path)

    def put_json(self, payload: Any) -> Blob:
        """Store a JSON value with sorted keys."""
        return self.put(_json(payload))

    @cached_property
    def withheld(self) -> dict[str, Withholding]:
        """What was kept back from this copy, by digest.

        Raises:
            ValueError: `withheld.json` is not what it should be.
        """
        path = self._run / WITHHELD
        if not path.is_file():
            return {}
        try:
            return {
                k: Withholding.model_validate(v) for k, v in orjson.loads(path.read_bytes()).items()
            }
        except (ValueError, AttributeError) as error:
            raise ValueError(f"{path} is not a list of withheld payloads: {error}") from None

    def kept_back(self, name: str) -> bool:
        """Tell whether a payload was withheld: named as such, and not there."""
        return name in self.withheld and not (self.folder / name).exists()

    def get(self, blob: Blob) -> bytes:
        """Return the payload, checked against its digest.

        Raises:
            WithheldBlob: it was kept back from this copy.
            MissingBlob: the file is not there.
            AlteredBlob: its content has another digest.
        """
        try:
            stored = (self.folder / blob.sha256).read_bytes()
        except FileNotFoundError:
            if blob.sha256 in self.withheld:
                why = self.withheld[blob.sha256].reason
                raise WithheldBlob(f"blob {blob.sha256} was withheld: {why}") from None
            raise MissingBlob(f"blob {blob.sha256} is missing from {self.folder}") from None
        if hashlib.sha256(stored).hexdigest() != blob.sha256 or len(stored) < SALT:
            raise AlteredBlob(f"blob {blob.sha256} in {self.folder} has been altered")
        return stored[SALT:]

    def get_json(self, blob: Blob) -> Any:
        """Return a stored JSON value, checked against its digest."""
        return orjson.loads(self.get(blob))

    def spill(self, payload: Any, limit: int = INLINE) -> Blob | None:
        """Store a payload that is too large for an event; None for one that fits."""
        content = _json(payload)
        return self.put(content) if len(content) > limit else None


def _json(payload: Any) -> bytes:
    return orjson.dumps(payload, option=orjson.OPT_SORT_KEYS)
