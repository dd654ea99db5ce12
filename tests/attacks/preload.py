"""Libraries before the system's own: a clock that jumps, a ledger of what is durable.

Where there is no C compiler there are none, and what needs them is left out loudly.
"""

import mmap
import os
import random
import shutil
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from power import Ledger

SHIMS = ("clock", "power")
_STARTED = "GASEOL_SHIMS"
"""In the environment of a process that was started with the shims: the folder they lie in."""

_clock: mmap.mmap | None = None


def started() -> bool:
    """Tell whether this process is the one that was started with the shims, or without any."""
    return _STARTED in os.environ


def start_anew(scratch: Path) -> int:
    """Run this program again with the shims, where a compiler is at hand; return its exit code."""
    compiler = shutil.which("cc")
    said = {_STARTED: "", "OPENBLAS_NUM_THREADS": "1"}
    if compiler is None:
        print("no C compiler: clocks are left alone, and no power is lost", file=sys.stderr)
    else:
        for name in SHIMS:
            source, made = Path(__file__).with_name(f"{name}.c"), scratch / f"{name}.so"
            command = [compiler, "-shared", "-fPIC", "-O1", "-o", made, source, "-ldl"]
            subprocess.run(command, check=True)
        page = scratch / "clock"
        page.write_bytes(bytes(8))
        shims = ":".join(str(scratch / f"{name}.so") for name in SHIMS)
        said |= {_STARTED: str(scratch), "GASEOL_CLOCK": str(page), "LD_PRELOAD": shims}
    return subprocess.run([sys.executable, *sys.argv], env=os.environ | said).returncode


def shimmed() -> bool:
    """Tell whether there are shims; a process has them from its start or not at all."""
    return bool(os.environ.get(_STARTED))


def try_out() -> None:
    """Open the clock, and see that it jumps and that the ledger knows what was synced.

    Raises:
        SystemExit: a shim does not do what it is there for.
    """
    global _clock
    if not shimmed():
        return
    page = Path(os.environ["GASEOL_CLOCK"])
    with page.open("r+b") as file:
        _clock = mmap.mmap(file.fileno(), 8)
    set_clock(7200)
    if abs(time.time() - page.stat().st_mtime - 7200) > 600:
        raise SystemExit("the clock does not jump")
    set_clock(0)
    with tempfile.TemporaryDirectory() as place:
        root = Path(place, "root")
        root.mkdir()
        ledger = Ledger(Path(place, "durable"), root)
        os.environ |= ledger.watching()
        _write(root)
        for name in ledger.watching():
            del os.environ[name]
        calls = ledger.calls
        ledger.cut(random.Random(), share=0.0)
        left = {path.name: path.read_bytes() for path in root.iterdir()}
        if left != {"synced": b"before"} or calls != 5:
            raise SystemExit(f"the ledger of what is durable is wrong: {left}, {calls} calls")


def _write(root: Path) -> None:
    with (root / "new").open("xb", buffering=0) as file:
        file.write(b"before")
        os.fsync(file.fileno())
        os.replace(root / "new", root / "synced")
        handle = os.open(root, os.O_RDONLY)
        os.fsync(handle)
        os.close(handle)
        file.write(b" and after")
    (root / "unsynced").write_bytes(b"no")


def set_clock(seconds: float) -> None:
    """Put the time of day off, for this process and all that it forks."""
    if _clock is not None:
        _clock[:8] = struct.pack("=q", int(seconds))
