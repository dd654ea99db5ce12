"""What an export of several files is written into: a folder, or a zip."""

import hashlib
import os
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, Protocol, cast


class Package(Protocol):
    """Takes files in, one after another."""

    def add(self, name: str, source: Path) -> str:
        """Take a file in and return its SHA-256."""
        ...

    def open(self, name: str) -> BinaryIO:
        """Begin a file."""
        ...

    def close(self) -> None:
        """Finish."""
        ...


class Folder:
    """A new folder."""

    def __init__(self, out: Path) -> None:
        self.out = out
        out.mkdir()

    def add(self, name: str, source: Path) -> str:
        """Take a file in and return its SHA-256."""
        (self.out / name).parent.mkdir(parents=True, exist_ok=True)
        with (self.out / name).open("xb") as target:
            return _copy(source, target)

    def open(self, name: str) -> BinaryIO:
        """Begin a file."""
        return (self.out / name).open("xb")

    def close(self) -> None:
        """Finish; there is nothing to do."""


class Zip:
    """A new zip; compressed a little, for what is large in it is text."""

    def __init__(self, out: Path) -> None:
        self._zip = zipfile.ZipFile(out, "x", zipfile.ZIP_DEFLATED, compresslevel=1)

    def add(self, name: str, source: Path) -> str:
        """Take a file in and return its SHA-256."""
        with self.open(name) as target:
            return _copy(source, target)

    def open(self, name: str) -> BinaryIO:
        """Begin a file; the one before must be closed."""
        return cast("BinaryIO", self._zip.open(name, "w", force_zip64=True))

    def close(self) -> None:
        """Write the zip's directory."""
        self._zip.close()


def files(folder: Path) -> Iterator[tuple[str, Path]]:
    """Yield what is in a folder by its name there, in order; links too, which are not followed.

    What is hidden is being written, and left out.
    """
    for place, folders, names in os.walk(folder, followlinks=False):
        folders[:] = sorted(f for f in folders if not f.startswith("."))
        for name in sorted((*names, *(f for f in folders if (Path(place) / f).is_symlink()))):
            path = Path(place) / name
            if not name.startswith("."):
                yield path.relative_to(folder).as_posix(), path


def _copy(source: Path, target: BinaryIO) -> str:
    reader = _Digesting(source)
    with reader.file:
        shutil.copyfileobj(reader, target, 1 << 20)
    return reader.digest.hexdigest()


class _Digesting:
    """Passes bytes on and digests them on the way."""

    def __init__(self, source: Path) -> None:
        self.file = source.open("rb")
        self.digest: Any = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        content = self.file.read(size)
        self.digest.update(content)
        return content
