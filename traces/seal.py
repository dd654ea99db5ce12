"""The seal: count, head and Merkle root of the events, digests of the files beside them."""

import hashlib
import os
from pathlib import Path

import orjson

from gaseol.traces.value import Value

SEAL_FORMAT = "gaseol.seal/1"


class Seal(Value):
    """What `seal.json` says.

    A seal without a signature shows that nothing changed since it was written, unless the
    one who changed it also wrote the seal anew: keep its digest elsewhere, or sign it.
    """

    format: str = SEAL_FORMAT
    events: int
    head: str
    root: str
    files: dict[str, str]
    """SHA-256 of `run.json` and of the reports."""

    def to_bytes(self) -> bytes:
        """Return the only bytes that `seal.json` may have for these contents."""
        return orjson.dumps(
            self.model_dump(mode="json"), option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS
        )


def write_seal(folder: Path, events: int, head: bytes, root: bytes, files: tuple[str, ...]) -> Seal:
    """Write `seal.json` durably and return it."""
    digests = {
        name: hashlib.sha256((folder / name).read_bytes()).hexdigest()
        for name in ("run.json", *files)
    }
    seal = Seal(events=events, head=head.hex(), root=root.hex(), files=digests)
    temporary = folder / ".seal.json.new"
    with temporary.open("wb") as file:
        file.write(seal.to_bytes())
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, folder / "seal.json")
    return seal
