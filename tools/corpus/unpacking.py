"""Packed files, unpacked once: reading one in pieces would unpack its beginning for every piece."""

import gzip
import shutil
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LARGEST_GB = 64
"""Unpacked, in GiB: more is a bomb, or wants to be cut."""
_SPARE = 1 << 30
"""Bytes of disk that are left free."""
_CHUNK = 1 << 20


class CannotUnpack(ValueError):
    """A packed file that is broken, or too large when unpacked."""

    def __init__(self, reason: str, *, large: bool = False) -> None:
        super().__init__(reason)
        self.large = large


@contextmanager
def unpacked(path: Path, limit: int = LARGEST_GB << 30) -> Iterator[Path]:
    """Give a file as it is when unpacked, for as long as the context lasts; one that is not, itself.

    Nothing of the content is understood here: it is read elsewhere, in a worker. A file of several
    members, as `cat` makes them, is unpacked to its end.

    Args:
        path: of the file.
        limit: bytes, unpacked.

    Raises:
        CannotUnpack: it is broken, has more bytes than the limit, or more than the disk has room for.
    """
    if path.suffix.lower() != ".gz":
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="gaseol-corpus-") as folder:
        name = path.stem if path.stem.lower().endswith((".jsonl", ".ndjson")) else "rows.jsonl"
        plain = Path(folder) / name
        room = min(limit, shutil.disk_usage(folder).free - _SPARE)
        try:
            with gzip.open(path) as packed, plain.open("wb") as file:
                size = 0
                while chunk := packed.read(_CHUNK):
                    size += len(chunk)
                    if size > room:
                        reason = f"{path.name} has more than {room >> 20} MiB when unpacked"
                        raise CannotUnpack(reason, large=True)
                    file.write(chunk)
        except (OSError, EOFError, zlib.error) as error:
            raise CannotUnpack(f"{path.name} cannot be unpacked: {error}") from None
        yield plain
