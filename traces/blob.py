"""Payloads, addressed by what they contain."""

import hashlib
import os
import secrets
import threading
from pathlib import Path
from typing import Any

import orjson
from pydantic import Field

from gaseol.traces.value import Value

INLINE = 4096
"""Payloads of more bytes than this leave the event and become a blob."""


class Blob(Value):
    """A reference to stored bytes."""

    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    bytes: int = Field(ge=0)
    media: str = "application/json"


class MissingBlob(LookupError):
    """A blob that the record refers to is not in its folder."""


class AlteredBlob(ValueError):
    """The bytes stored under a digest do not have that digest."""


def _json(payload: Any) -> bytes:
    return orjson.dumps(payload, option=orjson.OPT_SORT_KEYS)


class BlobStore:
    """The folder `blobs/sha256` of a run: one file a payload, named by its digest."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._new: list[Path] = []
        self._lock = threading.Lock()

    def put(self, content: bytes, media: str = "application/json") -> Blob:
        """Store bytes and return their reference; durable after the next `sync`.

        Storing the same bytes twice changes nothing.
        """
        name = hashlib.sha256(content).hexdigest()
        path = self.folder / name
        if not path.exists():
            self.folder.mkdir(parents=True, exist_ok=True)
            # not mkstemp: whoever may read the events must be able to read the blobs
            temporary = self.folder / f".new-{secrets.token_hex(8)}"
            with temporary.open("xb") as file:
                file.write(content)
            os.replace(temporary, path)
            with self._lock:
                self._new.append(path)
        return Blob(sha256=name, bytes=len(content), media=media)

    def sync(self) -> None:
        """Return when every blob stored so far is on disk."""
        with self._lock:
            new, self._new = self._new, []
        for path in (*new, self.folder) if new else ():
            handle = os.open(path, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)

    def put_json(self, payload: Any) -> Blob:
        """Store a JSON value with sorted keys."""
        return self.put(_json(payload))

    def get(self, blob: Blob) -> bytes:
        """Return the bytes, checked against their digest.

        Raises:
            MissingBlob: the file is not there.
            AlteredBlob: its content has another digest.
        """
        try:
            content = (self.folder / blob.sha256).read_bytes()
        except FileNotFoundError:
            raise MissingBlob(f"blob {blob.sha256} is missing from {self.folder}") from None
        if hashlib.sha256(content).hexdigest() != blob.sha256:
            raise AlteredBlob(f"blob {blob.sha256} in {self.folder} has been altered")
        return content

    def get_json(self, blob: Blob) -> Any:
        """Return a stored JSON value, checked against its digest."""
        return orjson.loads(self.get(blob))

    def spill(self, payload: Any) -> Blob | None:
        """Store a payload that is too large for an event; None for one that fits."""
        content = _json(payload)
        return self.put(content) if len(content) > INLINE else None
