"""What is to outlive a loss of power: a file's bytes are synced, and so is the folder that names it.

A name is as easily lost as bytes: a file system may forget a new file, folder or rename until the
folder that it stands in is synced itself.
"""

import contextlib
import os
import secrets
from pathlib import Path


def sync(path: Path) -> None:
    """Return when what a file holds, or the names that stand in a folder, are on disk."""
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def make(folder: Path) -> None:
    """Make a folder, and those it lies in, and return when its name and theirs are on disk.

    Of those that were there already, its own name alone is synced.
    """
    if not folder.is_dir():
        if not folder.parent.is_dir():
            make(folder.parent)
        folder.mkdir(exist_ok=True)
    name(folder)


def name(path: Path) -> None:
    """Return when the name of a file or folder is on disk, where its folder may be read."""
    with contextlib.suppress(PermissionError):  # who may only write there cannot sync it either
        sync(path.parent)


def place(path: Path, content: bytes, mode: int = 0o666) -> None:
    """Write a file whole or not at all, and return when it and its name are on disk.

    Raises:
        OSError: it cannot be written; it names the file that was to be there.
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError as error:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise OSError(error.errno, error.strerror, str(path)) from error
    name(path)
