"""Where runs are kept, and how one is found: a path, an id, or the newest."""

import os
import secrets
from datetime import UTC, datetime
from pathlib import Path

from gaseol.traces.trace import NotARun

_LONGEST = 255
"""Longer names no file system takes."""


def home() -> Path:
    """Return the folder that runs are kept in: `GASEOL_HOME/runs`, else `./runs`."""
    base = os.environ.get("GASEOL_HOME")
    return Path(base) / "runs" if base else Path("runs")


def new_folder(scenario: str) -> Path:
    """Return a new run's folder under `home()`, named by scenario and time."""
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
    return home() / f"{scenario}-{stamp}-{secrets.token_hex(2)}"


def runs() -> list[Path]:
    """Return the runs at home, newest first."""
    if not home().is_dir():
        return []
    found = [p for p in home().iterdir() if (p / "run.json").is_file()]
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
