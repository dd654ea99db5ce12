"""Putting an export in its place: whole or not at all, and never over something by accident."""

import os
import secrets
import shutil
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from gaseol.traces.record.disk import sync


class ExportExists(FileExistsError):
    """Something has the name that the export was to have."""


@contextmanager
def placed(out: Path, *, force: bool = False) -> Generator[Path]:
    """Give a path beside `out` to write to, and move it there once that is done.

    What is written may be a file or a folder. When writing fails, nothing is left.

    Raises:
        ExportExists: `out` is there already, and `force` was not asked for.
        NotADirectoryError: the folder that it should lie in is not there.
    """
    if not force and os.path.lexists(out):
        raise ExportExists(f"{out} is there already; name another file, or replace it with --force")
    if not out.parent.is_dir():
        raise NotADirectoryError(20, "the folder is not there; make it first", str(out.parent))
    aside = out.parent / f".new-{secrets.token_hex(4)}-{out.name[-60:]}"
    try:
        yield aside
        _sync(aside)
        if force or aside.is_dir():
            _replace(aside, out, force=force)
        else:
            _claim(aside, out)
    finally:
        _remove(aside)


def _claim(aside: Path, out: Path) -> None:
    """Move a file to a name that nothing has; a link, unlike a rename, replaces nothing."""
    try:
        os.link(aside, out)
    except FileExistsError:
        raise ExportExists(f"{out} has appeared meanwhile; name another file") from None
    except OSError:
        os.replace(aside, out)  # a file system without links


def _replace(aside: Path, out: Path, *, force: bool) -> None:
    if not force and os.path.lexists(out):
        raise ExportExists(f"{out} has appeared meanwhile; name another folder")
    if aside.is_dir() != (out.is_dir() and not out.is_symlink()) and os.path.lexists(out):
        _remove(out)
    if aside.is_dir() and out.is_dir():
        old = out.parent / f".old-{secrets.token_hex(4)}-{out.name[-60:]}"
        os.replace(out, old)
        os.replace(aside, out)
        _remove(old)
    else:
        os.replace(aside, out)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _sync(path: Path) -> None:
    for each in path.rglob("*") if path.is_dir() else (path,):
        if each.is_file():
            sync(each)
