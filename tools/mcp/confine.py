"""The launcher of a server: `python -I confine.py OPTIONS -- COMMAND...`.

It leaves the network, forks, closes the file system for writing but for a scratch folder, limits,
and becomes the command; the process that was started stays to clear up after it, whatever end that
comes to. What keeps the command from the network is written to a pipe before it begins. It is run as
a file and imports nothing of gaseol's by name, so that it begins at once and the command's own
environment passes through untouched.
"""

import argparse
import importlib.util
import os
import resource
import shutil
import signal
import sys
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from gaseol.tools.workers import isolation

OPEN = "network open"
"""The operator lets the command use the network."""


def main() -> NoReturn:
    """Isolate, fork, become the command, clear up."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--parent", type=int, required=True)
    parser.add_argument("--scratch", type=Path, required=True)
    parser.add_argument("--report", type=int, required=True)
    parser.add_argument("--memory-mb", type=int, required=True)
    parser.add_argument("--network", action="store_true")
    parser.add_argument("--trust", action="store_true")
    parser.add_argument("--no-namespaces", action="store_true")
    parser.add_argument("--no-landlock", action="store_true")
    parser.add_argument("command", nargs="+")
    options = parser.parse_args()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    isolation.die_with_parent(signal.SIGTERM)
    isolation.adopt_orphans()
    if os.getppid() != options.parent:
        sys.exit("the parent ended before its server began")
    away = not options.network and not options.no_namespaces and isolation.leave_network()
    child = os.fork()
    if child == 0:
        _become(options, away=away)
    os.close(options.report)
    _clear_up_after(child, options.scratch)


def _become(options: argparse.Namespace, *, away: bool) -> NoReturn:
    os.setsid()  # a command that kills its own group must not reach the process that clears up
    isolation.die_with_parent(signal.SIGKILL)
    isolation.limit_process()
    _limit_data(options.memory_mb)
    closed = False
    # Landlock would close TCP too, which a command with the network is to have
    if not options.network and not options.no_landlock:
        closed = isolation.lock_down(options.scratch)
    kind = isolation.LANDLOCK if closed else isolation.WEAK
    kind = OPEN if options.network else isolation.NETWORK_NAMESPACE if away else kind
    os.write(options.report, kind.encode())
    os.close(options.report)
    if kind == isolation.WEAK and not options.trust:
        os._exit(1)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        os.execvp(options.command[0], options.command)  # noqa: S606 (no shell; the caller chose it)
    except OSError as error:
        sys.stderr.write(f"{options.command[0]}: {error.strerror}\n")
        sys.stderr.flush()
    os._exit(127)


def _limit_data(megabytes: int) -> None:
    # data, not address space: node reserves gigabytes that it never touches
    size = megabytes * isolation.MIB
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    size = size if hard == resource.RLIM_INFINITY else min(size, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (size, size))


def _clear_up_after(child: int, scratch: Path) -> NoReturn:
    """Wait for the command's end, kill what it leaves, and end with its status."""

    def kill(*_: object) -> None:
        os.kill(child, signal.SIGKILL)

    signal.signal(signal.SIGTERM, kill)
    os.close(0)
    os.close(1)  # so that the parent sees the command's end
    _, status = os.waitpid(child, 0)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    isolation.kill_children()
    shutil.rmtree(scratch, ignore_errors=True)
    code = os.waitstatus_to_exitcode(status)
    os._exit(code if code >= 0 else 128 - code)


def _isolation() -> ModuleType:
    """Load the module by its file: its package would take half a second."""
    file = Path(__file__).parents[1] / "workers" / "isolation.py"
    spec = importlib.util.spec_from_file_location("isolation", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    globals()["isolation"] = _isolation()
    main()
