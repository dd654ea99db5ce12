"""The repository: sealed runs in a directory or an object store, by what they hold.

```
URL/runs/<id>-<first of the SHA-256 of seal.json>/{run.json, events.jsonl, blobs/..., seal.json, ...}
```

A name stands for one content, so writers need no lock: two who share one run write the same bytes,
and `seal.json`, written last, says that all is there.
"""

import hashlib
import re
import secrets
import shutil
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from gaseol.traces.record.seal import NAME, NotSealed
from gaseol.traces.shelf import broken
from gaseol.traces.verification.verifier import verify

_MARK = 16
"""Characters of the digest in a run's name."""
_SHARED = ("run.json", "events.jsonl", "seal.dsse.json", "report.md", "report.html")
_FOLDERS = ("blobs", "inbox", "reviews")
_NAME = re.compile(r"[^/\\\x00]{1,200}-[0-9a-f]{16}")


class StoreError(ValueError):
    """What cannot be shared, or fetched, and why."""


class Repository:
    """Sealed runs under one address. Several processes and machines may use one at once."""

    def __init__(self, url: str, options: Mapping[str, Any] | None = None) -> None:
        """Open a repository; nothing is written yet.

        Args:
            url: a folder, or what fsspec takes, as `s3://bucket/gaseol`.
            options: for its file system, as `endpoint_url`.

        Raises:
            StoreError: the extra is not installed, or nothing can open such an address.
        """
        try:
            core: Any = import_module("fsspec.core")
            self._fs: Any
            base: str
            self._fs, base = core.url_to_fs(url, **(options or {}))
        except ImportError as error:
            raise StoreError(
                f"{url} needs a library: {error} (pip install 'gaseol[store]', and s3fs for s3://)"
            ) from None
        except ValueError as error:
            raise StoreError(f"{url} is no address of a store: {error}") from None
        self.url = url
        self._base = f"{base.rstrip('/')}/runs"

    def push(self, run: Path) -> str:
        """Share a sealed run and return its name here; one that is here already stays as it is.

        Raises:
            StoreError: its record does not hold, or the store cannot be written.
            NotSealed: it goes on, or was interrupted.
        """
        if not (run / NAME).is_file():
            raise NotSealed(f"{run} is not sealed: only what has ended is shared")
        found = verify(run)
        if not found.holds:
            raise StoreError(f"{run} is not shared, its record does not hold: {found.problems[0]}")
        seal = (run / NAME).read_bytes()
        name = f"{run.resolve().name}-{hashlib.sha256(seal).hexdigest()[:_MARK]}"
        target = f"{self._base}/{name}"
        try:
            if self._fs.exists(f"{target}/{NAME}"):
                return name
            for path in _files(run):
                self._put(path, f"{target}/{path.relative_to(run).as_posix()}")
            self._put(run / NAME, f"{target}/{NAME}")
        except OSError as error:
            raise StoreError(f"{self.url} cannot be written: {broken(error)}") from None
        return name

    def pull(self, name: str, out: Path) -> Path:
        """Fetch a run into a new folder and verify it.

        Raises:
            StoreError: there is no such run, the folder is there already, or what was fetched does
                not hold.
        """
        source = f"{self._base}/{_checked(name)}"
        if out.exists():
            raise StoreError(f"{out} is there already")
        part = out.with_name(f".{out.name}-{secrets.token_hex(4)}")
        try:
            if not self._fs.exists(f"{source}/{NAME}"):
                raise StoreError(f"{self.url} has no run '{name}'")
            for path in self._fs.find(source):
                inner = path[path.index(f"/{name}/") + len(name) + 2 :]
                place = (part / inner).resolve()
                if not place.is_relative_to(part.resolve()):
                    raise StoreError(f"'{name}' holds a file outside its folder: {inner}")
                place.parent.mkdir(parents=True, exist_ok=True)
                self._fs.get_file(path, str(place))
            seal = hashlib.sha256((part / NAME).read_bytes()).hexdigest()
            found = verify(part)
            if not seal.startswith(name[-_MARK:]) or not found.holds:
                why = found.problems[0] if found.problems else "its seal is another one"
                raise StoreError(f"'{name}' is not what was shared: {why}")
            part.replace(out)
        except OSError as error:
            raise StoreError(f"{self.url} cannot be read: {broken(error)}") from None
        finally:
            shutil.rmtree(part, ignore_errors=True)
        return out

    def names(self) -> Iterator[str]:
        """Yield the runs that are here whole, sorted."""
        try:
            self._fs.invalidate_cache()
            found: list[str] = []
            if self._fs.exists(self._base):
                found = self._fs.ls(self._base, detail=False)
            for path in sorted(found):
                name = path.rstrip("/").rsplit("/", 1)[-1]
                if _NAME.fullmatch(name) and self._fs.exists(f"{path.rstrip('/')}/{NAME}"):
                    yield name
        except OSError as error:
            raise StoreError(f"{self.url} cannot be read: {broken(error)}") from None

    def _put(self, path: Path, target: str) -> None:
        if "file" in self._fs.protocol:
            # as an object store does it: a file is there whole or not at all
            self._fs.makedirs(target.rsplit("/", 1)[0], exist_ok=True)
            part = f"{target}.{secrets.token_hex(4)}"
            self._fs.put_file(str(path), part)
            self._fs.mv(part, target)
        else:
            self._fs.put_file(str(path), target)


def _files(run: Path) -> Iterator[Path]:
    """Yield what is shared of a run, its seal excepted; what is of this machine stays."""
    yield from (run / name for name in _SHARED if (run / name).is_file())
    for folder in _FOLDERS:
        yield from sorted(p for p in (run / folder).rglob("*") if p.is_file())


def _checked(name: str) -> str:
    if not _NAME.fullmatch(name) or name.startswith("."):
        raise StoreError(f"'{name}' is no name of a shared run: see gaseol store list")
    return name
