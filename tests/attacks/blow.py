"""What happens to a process that runs, and how it ends."""

import os
import resource
import select
import signal
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from instrument import Reached, Told
from power import Ledger
from preload import set_clock

from gaseol.graphs.running import doors
from gaseol.traces.record.recorder import Recorder

SECONDS = 600
"""A run that takes longer hangs."""
FULL = 75
"""Exit code of a run that could not be recorded."""
NOBODY = 65534


@dataclass
class Blow:
    """What happens to a process that runs."""

    kind: str = ""
    """kill, term, disk, read-only, clock or power; nothing at all where it is empty."""
    event: int | None = None
    """After this event was recorded."""
    torn: bool = False
    """In the middle of its line."""
    seconds: float | None = None
    """After this time, from outside."""
    call: int | None = None
    """Before this call that syncs something or changes a folder."""
    amount: float = 0
    """Of `disk`: its bytes; of `clock`: seconds; of `term`: the signal; of `power`: what decides
    what is left of that which was not synced."""
    own: bool = False
    """The run has workers of its own."""

    def arm(self, folder: Path) -> None:
        """Let it happen to this process."""
        if self.kind == "term" and self.seconds is not None:
            signal.setitimer(signal.ITIMER_REAL, self.seconds)
            signal.signal(signal.SIGALRM, lambda *_: os.kill(os.getpid(), int(self.amount)))
        if self.kind == "disk" and not mountable():
            resource.setrlimit(resource.RLIMIT_FSIZE, (int(self.amount), int(self.amount)))
        if self.event is None:
            return
        record, pwrite, at = Recorder.record, os.pwrite, b'{"seq":%d,' % self.event

        def recording(self_: Recorder, *given: Any) -> int:
            seq = record(self_, *given)
            if seq == self.event and not self.torn:
                self._fall(folder)
            return seq

        def writing(handle: int, content: bytes, where: int) -> int:
            if content.startswith(at):
                pwrite(handle, content[: len(content) // 2], where)
                self._fall(folder)
            return pwrite(handle, content, where)

        Recorder.record = recording
        if self.torn:
            os.pwrite = writing

    def _fall(self, folder: Path) -> None:
        match self.kind:
            case "kill" | "power":
                os.kill(os.getpid(), signal.SIGKILL)
            case "term":
                os.kill(os.getpid(), int(self.amount))
            case "read-only":
                for place in (folder, *(p for p in folder.rglob("*") if p.is_dir())):
                    place.chmod(0o555)
                if not os.geteuid():  # whom no mode of a file stops
                    os.seteuid(NOBODY)
            case "clock":
                set_clock(self.amount)
            case _:
                raise AssertionError(self.kind)


_mountable: list[bool] = []


def mountable() -> bool:
    """Tell whether file systems can be mounted here."""
    if not _mountable:
        with tempfile.TemporaryDirectory() as place:
            done = subprocess.run(["mount", "-t", "tmpfs", "tmpfs", place], capture_output=True)
            _mountable.append(done.returncode == 0)
            if _mountable[0]:
                subprocess.run(["umount", place], check=True)
    return _mountable[0]


@dataclass
class Ending:
    """How a process ended."""

    status: int
    """As of `waitpid`."""
    seconds: float
    asked: float | None = None
    """How long it took to end once it had been asked to."""

    @property
    def killed(self) -> bool:
        """Whether a signal ended it."""
        return os.WIFSIGNALED(self.status)

    @property
    def code(self) -> int:
        """Its exit code."""
        return os.waitstatus_to_exitcode(self.status)


def driven(
    what: Callable[[], Any], blow: Blow, folder: Path, name: str, ledger: Ledger | None = None
) -> Ending:
    """Run in a process of its own, watched by the ledger, and return how it ended."""
    began = time.monotonic()
    here, there = os.pipe()
    child = os.fork()
    if not child:
        code = 1
        try:
            os.close(here)
            os.setpgid(0, 0)
            if ledger is not None:
                os.environ |= ledger.watching(blow.call)
            quiet = os.open(os.devnull, os.O_WRONLY)
            os.dup2(quiet, 1)
            if blow.kind:
                os.dup2(quiet, 2)
            Reached.run = name
            doors.ToolDoor = Told if blow.own else Reached
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, signal.default_int_handler)
            if blow.kind == "term":
                signalled(there)
            blow.arm(folder)
            what()
            code = 0
        except SystemExit as ended:
            code = int(ended.code or 0)
        except KeyboardInterrupt:
            code = 130  # before there was a run
        except OSError as error:
            code = FULL if blow.kind in ("disk", "read-only") else 1
            print(f"{type(error).__name__}: {error}", file=sys.stderr)
        except BaseException as error:  # noqa: BLE001 (said, for no traceback leaves this process)
            print(f"{type(error).__name__}: {error}", file=sys.stderr)
        finally:
            os._exit(code)
    os.close(there)
    handle = os.pidfd_open(child)
    outside = blow.seconds if blow.kind in ("kill", "power") else None
    if not select.select([handle], [], [], SECONDS if outside is None else outside)[0]:
        os.kill(child, signal.SIGKILL)
    os.close(handle)
    _, status = os.waitpid(child, 0)
    ended = time.monotonic()
    said = os.read(here, 8)
    os.close(here)
    asked = ended - struct.unpack("=d", said)[0] if said else None
    return Ending(status, ended - began, asked)


def signalled(there: int) -> None:
    """Have this process say when it was asked to end."""
    kill = os.kill

    def killing(pid: int, number: int) -> None:
        os.write(there, struct.pack("=d", time.monotonic()))
        kill(pid, number)

    os.kill = killing


def mount(place: Path, size: int) -> None:
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(place)]
    subprocess.run(command, check=True)


def mend(blow: Blow, place: Path, folder: Path) -> None:
    """Take back what was done to a run's disk or clock."""
    if blow.kind == "disk" and mountable():
        subprocess.run(["mount", "-o", "remount,size=64m", str(place)], check=True)
    if blow.kind == "read-only":
        for path in (folder, *(p for p in folder.rglob("*") if p.is_dir())):
            path.chmod(0o755)
    set_clock(0)
