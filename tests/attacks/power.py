"""What a loss of power leaves: only what was synced is certain, and anything may be of the rest.

`power.c`, preloaded, writes down what a run syncs. `Ledger.cut` then puts the folder into a state
that the disk could have been left in: a file that was written to since its last sync ends earlier,
or has sectors that are as they were, zero or nonsense; a name that was given or taken away since
its folder was last synced is there or not; a rename was done, was not, or lost both names. Nothing
is assumed of file systems that most of them do better: that a synced file has its name, that names
come in the order in which they were given.
"""

import os
import random
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

SECTOR = 512
"""Bytes that a disk writes as a whole or not at all."""


@dataclass
class _File:
    content: bytes
    mode: int


@dataclass
class _Folder:
    mode: int = 0o755
    entries: "dict[str, _File | _Folder]" = field(default_factory=dict)


@dataclass(frozen=True)
class _Entry:
    """What a name leads to."""

    inode: int
    folder: bool


class Ledger:
    """What is durable below a folder, kept beside it while processes write there."""

    def __init__(self, place: Path, root: Path) -> None:
        """Begin with all that lies below `root` on disk."""
        self._place, self._root = place, root
        place.mkdir()
        self._settle()

    def watching(self, at: int | None = None) -> dict[str, str]:
        """Return the environment in which a process is watched.

        Args:
            at: the process is killed before its so-manieth call that syncs or changes a folder.
        """
        said = {"GASEOL_POWER": str(self._place), "GASEOL_POWER_OF": str(self._root)}
        return said if at is None else {**said, "GASEOL_POWER_AT": str(at)}

    @property
    def calls(self) -> int:
        """How many calls were counted in the process that was watched last."""
        path = self._place / "calls"
        return int(path.read_text()) if path.exists() else 0

    def cut(self, rng: random.Random, share: float | None = None) -> None:
        """Put the folder into a state that a loss of power at this moment could leave.

        Args:
            rng: decides.
            share: how likely it is that something which was not synced is there; by default
                nothing of it is, or about half, or nearly all.
        """
        share = rng.choice((0.0, 0.5, 0.5, 0.9)) if share is None else share
        left = _Left(self._place, self._root, rng, share)
        found = left.folder(self._root.stat().st_ino, self._root)
        for path in self._root.iterdir():
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        _write(found, self._root)
        self._settle()

    def _settle(self) -> None:
        """Take all that is there for durable, as it is after the machine has started again."""
        shutil.rmtree(self._place)
        self._place.mkdir()
        for path in (self._root, *self._root.rglob("*")):
            inode = path.stat().st_ino
            if path.is_file():
                shutil.copy(path, self._place / f"c{inode}")
            else:
                entries = (
                    f"{e.inode}\0{'d' if e.folder else 'f'}\0{name}\0"
                    for name, e in _standing(path).items()
                )
                (self._place / f"d{inode}").write_text("".join(entries))


class _Left:
    def __init__(self, place: Path, root: Path, rng: random.Random, share: float) -> None:
        self._place, self._rng, self._share = place, rng, share
        self._now = {p.stat().st_ino: p for p in root.rglob("*")}
        """By inode, where what is there now lies."""
        self._moved: dict[int, Path] = {}
        """By inode, what it was called before it was last renamed."""
        moves = place / "moved"
        said = moves.read_text().split("\0")[:-1] if moves.exists() else []
        for inode, old, _ in zip(said[::3], said[1::3], said[2::3], strict=True):
            self._moved[int(inode)] = Path(old)

    def folder(self, inode: int, path: Path | None) -> _Folder:
        durable = self._durable(inode)
        now = _standing(path) if path is not None else {}
        found = _Folder(path.stat().st_mode & 0o777 if path else 0o755)
        for name in sorted(durable.keys() | now.keys()):
            was, entry = durable.get(name), now.get(name)
            if was != entry and self._rng.random() >= self._share:
                if was is None and entry is not None:
                    self._unmoved(found, entry, path)
                entry = was
            if entry is not None:
                found.entries[name] = self._leads_to(entry)
        return found

    def _unmoved(self, found: _Folder, entry: _Entry, path: Path | None) -> None:
        """Leave under its earlier name what was renamed, or under none."""
        old = self._moved.get(entry.inode)
        if old is not None and old.parent == path and self._rng.random() < 0.5:
            found.entries.setdefault(old.name, self._leads_to(entry))

    def _leads_to(self, entry: _Entry) -> _File | _Folder:
        path = self._now.get(entry.inode)
        if entry.folder:
            return self.folder(entry.inode, path)
        kept = self._place / f"c{entry.inode}"
        durable = kept.read_bytes() if kept.exists() else b""
        now = path.read_bytes() if path else durable
        mode = path.stat().st_mode & 0o777 if path else 0o644
        return _File(remains(durable, now, self._rng, self._share), mode)

    def _durable(self, inode: int) -> Mapping[str, _Entry]:
        path = self._place / f"d{inode}"
        said = path.read_text().split("\0")[:-1] if path.exists() else []
        return {
            name: _Entry(int(number), kind == "d")
            for number, kind, name in zip(said[::3], said[1::3], said[2::3], strict=True)
        }


def remains(durable: bytes, now: bytes, rng: random.Random, share: float) -> bytes:
    """Return what may be left of a file.

    Args:
        durable: what it held when it was last synced.
        now: what it holds.
        rng: decides.
        share: how likely it is that something which was not synced is there.
    """
    if durable == now or not share:
        return durable
    low, high = sorted((len(durable), len(now)))
    size = rng.choice((len(now), len(now), rng.randint(low, high), low))
    lost = rng.choice(("zeros", "garbage", "mixed"))
    left = b""
    for place in range(0, size, SECTOR):
        until = min(place + SECTOR, size)
        was, new = durable[place:until], now[place:until]
        if was == new or rng.random() < share:
            left += new + was[len(new) :]
            continue
        kind = rng.choice(("zeros", "garbage")) if lost == "mixed" else lost
        rest = until - place - len(was)
        left += was + (bytes(rest) if kind == "zeros" else rng.randbytes(rest))
    return left


def _standing(folder: Path) -> dict[str, _Entry]:
    with os.scandir(folder) as entries:
        return {e.name: _Entry(e.inode(), e.is_dir(follow_symlinks=False)) for e in entries}


def _write(found: _Folder, place: Path) -> None:
    for name, each in found.entries.items():
        path = place / name
        if isinstance(each, _Folder):
            path.mkdir()
            _write(each, path)
        else:
            path.write_bytes(each.content)
        path.chmod(each.mode)
