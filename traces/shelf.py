"""Where runs are kept, and how one is found: a path, an id, or the newest."""

import os
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from pydantic import ValidationError

from gaseol.traces.record.trace import NotARun

_LONGEST = 255
"""Longer names no file system takes."""


def home() -> Path:
    """Return the folder that runs are kept in: `GASEOL_HOME/runs`, else `./runs`."""
    base = os.environ.get("GASEOL_HOME")
    return Path(base) / "runs" if base else Path("runs")


def corpora() -> Path:
    """Return where corpora are: `GASEOL_CORPORA`, `GASEOL_HOME/corpora`, else `./corpora`."""
    given, base = os.environ.get("GASEOL_CORPORA"), os.environ.get("GASEOL_HOME")
    if given:
        return Path(given)
    return Path(base) / "corpora" if base else Path("corpora")


def new_folder(scenario: str) -> Path:
    """Return a new run's folder under `home()`, named by scenario and time."""
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
    return home() / f"{scenario}-{stamp}-{secrets.token_hex(2)}"


def runs(shelf: Path | None = None) -> list[Path]:
    """Return the runs in a folder, by default those at home, newest first."""
    place = shelf or home()
    if not place.is_dir():
        return []
    found = [p for p in place.iterdir() if (p / "run.json").is_file()]
    return sorted(found, key=lambda p: (p / "run.json").stat().st_mtime, reverse=True)


def find_run(given: str | None) -> Path:
    """Return a run's folder; without a name, the newest.

    Raises:
        NotARun: there is none.
    """
    if given is None:
        newest = runs()
        if not newest:
            raise NotARun(f"there is no run in {home()} yet; begin with: gaseol run boiling")
        return newest[0]
    path = Path(given)
    if len(path.name) > _LONGEST:
        raise NotARun(f"'{path.name[:40]}...' is too long for a run's name")
    if path.is_dir():
        return path
    if (home() / given).is_dir():
        return home() / given
    starting = [p for p in runs() if p.name.startswith(given)]
    if len(starting) == 1:
        return starting[0]
    if starting:
        names = ", ".join(p.name for p in starting[:5])
        raise NotARun(f"'{given}' could be {len(starting)} runs: {names}")
    raise NotARun(f"there is no run '{given}', neither here nor in {home()}")


SETTLED = 2.0
"""Seconds after which a changed file shows that it changed: file times are coarse."""

STORE = ".archive"
"""In a folder of runs: what was read out of them; can be thrown away at any time."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """Which state of a run's files something was read from; the system keeps these times."""

    text: str
    newest: float

    @classmethod
    def of(cls, run: Path) -> Self:
        """Take the stamp of a run; a file that is not there has one too."""
        parts: list[str] = []
        newest = 0.0
        for name in ("run.json", "events.jsonl", "seal.json"):
            try:
                found = (run / name).stat()
            except OSError:
                parts.append("-")
                continue
            parts.append(f"{found.st_ino}.{found.st_size}.{found.st_mtime_ns}.{found.st_ctime_ns}")
            newest = max(newest, found.st_ctime, found.st_mtime)
        return cls(":".join(parts), newest)

    def covers(self, text: str, read_at: float) -> bool:
        """Tell whether what was read at a time, under a stamp, is still what is there."""
        return text == self.text and read_at > self.newest + SETTLED


def broken(error: Exception) -> str:
    """Return in a line why a run cannot be read."""
    if isinstance(error, ValidationError):
        return f"the record holds a broken {error.title}; see: gaseol verify"
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    if isinstance(error, ValueError | OSError):
        return str(error)
    return f"the record cannot be read ({type(error).__name__}: {error}); see: gaseol verify"
