"""A real PostgreSQL server in a folder, on a Unix socket, for the time of a test session."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def programs() -> Path | None:
    """Return the folder of PostgreSQL's programs; None where it is not installed."""
    found = shutil.which("initdb")
    places = [Path(found).resolve().parent] if found else []
    places += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((p for p in places if (p / "postgres").exists()), None)


@contextmanager
def serving(binaries: Path) -> Iterator[str]:
    """Give the address of a new, empty database."""
    # it refuses to run as root
    user = {"user": "nobody", "group": "nogroup", "extra_groups": []} if os.getuid() == 0 else {}
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))
    if user:
        shutil.chown(folder, user["user"], user["group"])
    options = {"env": {"PATH": os.defpath, "LC_ALL": "C", "HOME": str(folder)}, "check": True,
               "stdout": subprocess.DEVNULL, "cwd": folder, **user}  # fmt: skip
    data = folder / "data"
    try:
        subprocess.run([binaries / "initdb", "-D", data, "-U", "gaseol", "-A", "trust", "-N",
                        "-E", "UTF8"], **options)  # fmt: skip
        started = [binaries / "pg_ctl", "-D", data, "-w", "-l", folder / "log", "-o",
                   f"-k {folder} -c listen_addresses='' -c fsync=off"]  # fmt: skip
        subprocess.run([*started, "start"], **options)
        try:
            yield f"postgresql://gaseol@/postgres?host={folder}"
        finally:
            subprocess.run([*started, "-m", "immediate", "stop"], **options)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
