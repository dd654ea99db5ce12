"""The worker: a process that runs tools, `python -m gaseol.tools.workers.worker`.

The process that is started leaves the network, forks the one that runs the tools, and stays to
clear up after it, whatever end that comes to. Requests are read from standard input and replies written
to standard output, a JSON object a line; the tool sees neither, its own output goes to standard
error. A request names the module that holds the tools, and either asks for their descriptions or
calls one:

    {"id": ..., "module": ..., "file": ..., "describe": true}
    {"id": ..., "module": ..., "file": ..., "tool": ..., "arguments": {...}}

Under `--observe` a reply also says what the call did besides, as `gaseol check` asks it to; a
request may then ask for the tool's imports (`"imports": true`) or have the process die inside the
call (`"die": true`).
"""

import argparse
import contextlib
import importlib
import importlib.util
import os
import resource
import shutil
import signal
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any, NoReturn

import orjson

from gaseol.tools.contract import RESULT_MB, Refuse, Retry, Tool
from gaseol.tools.registry import tools_in
from gaseol.tools.workers import isolation
from gaseol.tools.workers.witness import Witness
from gaseol.traces.nouns.failure import Failure, FailureKind

IMPORT_SECONDS = 60.0
"""Processor seconds that the import of a module of tools may take."""
IMPORT_MB = 2048
"""Memory that it may take, in MiB."""
DETAIL_CHARACTERS = 8000
"""How much of a traceback is kept, from its end."""
RESIDENT_MB = 2048
"""A worker that holds more than this after a call is replaced, in MiB."""


def main() -> NoReturn:
    """Isolate, fork, serve, clear up."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--parent", type=int, required=True)
    parser.add_argument("--scratch", type=Path, required=True)
    parser.add_argument("--no-namespaces", action="store_true")
    parser.add_argument("--no-landlock", action="store_true")
    parser.add_argument("--observe", action="store_true")
    parser.add_argument("--without", action="append", default=[], metavar="MODULE")
    options = parser.parse_args()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    isolation.die_with_parent(signal.SIGTERM)
    isolation.adopt_orphans()
    if os.getppid() != options.parent:
        sys.exit("the parent ended before its worker began")
    away = not options.no_namespaces and isolation.leave_network()
    child = os.fork()
    if child == 0:
        if options.without:
            from gaseol.tools.conformance.absence import take_away

            take_away(options.without)
        _confine_and_serve(options, away=away)
    _clear_up_after(child, options.scratch)


class Worker:
    """The process that runs tools, one call at a time."""

    def __init__(self, kind: str, witness: Witness) -> None:
        """Take the pipes away from where a tool could read or write them.

        Args:
            kind: what keeps the process from the network.
            witness: of what calls reach for.
        """
        self._witness = witness
        isolation.limit_process()
        self._requests = os.fdopen(os.dup(0), "rb", buffering=1 << 20)
        self._replies = os.dup(1)
        null = os.open(os.devnull, os.O_RDONLY)
        os.dup2(null, 0)
        os.close(null)
        self._output = tempfile.TemporaryFile()  # noqa: SIM115 (lives as long as the process)
        self._printed = self._output.fileno()
        os.dup2(self._printed, 1)
        self._pid = os.getpid()
        self._folder = Path.cwd()
        self._modules: dict[str, ModuleType] = {}
        self._tools: dict[tuple[str, str], Tool[..., Any]] = {}
        self._left = ""
        self._send({"isolation": kind})

    def serve(self) -> NoReturn:
        """Answer requests until the parent closes the pipe."""
        for line in self._requests:
            request = orjson.loads(line)
            os.ftruncate(2, 0)  # what is left there when a call kills us is of that call
            reply = self._reply(request)
            if os.getpid() != self._pid:  # a child that the tool forked came back through here
                os._exit(0)
            self._send({"id": request["id"], **reply})
        os._exit(0)

    def _reply(self, request: dict[str, Any]) -> dict[str, Any]:
        return self._describe(request) if "describe" in request else self._call(request)

    def _describe(self, request: dict[str, Any]) -> dict[str, Any]:
        def cards() -> list[dict[str, Any]]:
            isolation.limit_call(IMPORT_SECONDS, IMPORT_MB)
            module = self._module(request["module"], request["file"])
            own = (one for one in tools_in(module) if one.module == module.__name__)
            return [one.card.model_dump(mode="json") for one in own]

        return _attempt(cards, what=request["file"] or request["module"])

    def _call(self, request: dict[str, Any]) -> dict[str, Any]:
        def value() -> Any:
            tool = self._tool(request)
            isolation.limit_call(tool.cpu_seconds, tool.memory_mb)
            return tool.invoke(request["arguments"])

        os.ftruncate(self._printed, 0)
        os.lseek(self._printed, 0, os.SEEK_SET)
        self._witness.forget()
        limits = _hard_limits()
        cpu, wall = _cpu_seconds(), time.perf_counter()
        reply = _attempt(value, what=request["tool"])
        reply["seconds"] = time.perf_counter() - wall
        reply["cpu_seconds"] = _cpu_seconds() - cpu
        self._left = self._tidy_up()
        reply["spent"] = bool(self._left) or limits != _hard_limits()
        if sys.stdout is not None:
            sys.stdout.flush()
        seen = dict(self._witness.seen)
        if printed := os.fstat(self._printed).st_size:
            seen["output"] = [f"{printed} bytes"]
        if self._left in ("processes", "threads"):
            seen["left"] = [self._left]
        if seen:
            reply["noticed"] = seen
        return reply

    def _tool(self, request: dict[str, Any]) -> Tool[..., Any]:
        known = self._tools.get((request["module"], request["tool"]))
        if known is not None:
            return known
        module = self._module(request["module"], request["file"])
        for tool in tools_in(module):
            if tool.name == request["tool"]:
                self._tools[request["module"], tool.name] = tool
                return tool
        reason = f"{module.__name__} has no tool {request['tool']!r} any more"
        raise Refuse(reason, kind=FailureKind.UNAVAILABLE)

    def _module(self, name: str, file: str) -> ModuleType:
        if not file:
            return importlib.import_module(name)
        if file not in self._modules:
            self._modules[file] = _import_file(name, file)
        return self._modules[file]

    def _tidy_up(self) -> str:
        """Tidy up what a call left; say what it takes a new process to be rid of."""
        signal.setitimer(signal.ITIMER_REAL, 0)
        os.chdir(self._folder)
        if _has_children():
            return "processes"
        if threading.active_count() > 1:
            return "threads"
        return "memory" if _resident_mb() > RESIDENT_MB else ""

    def _send(self, reply: dict[str, Any]) -> None:
        rest = memoryview(orjson.dumps(reply) + b"\n")
        while rest:
            rest = rest[os.write(self._replies, rest) :]


def _attempt(action: Callable[[], Any], *, what: str) -> dict[str, Any]:
    """Return `{"json": text}` of a result or `{"failure": ...}`, whatever the action raises."""
    try:
        value = action()
        # Text for what is far too large would itself need more memory than there is.
        size, least = least_size(value, RESULT_MB * isolation.MIB), "at least "
        if size <= RESULT_MB * isolation.MIB:
            text = _json(value, what)
            size, least = len(text), ""
            if size <= RESULT_MB * isolation.MIB:
                return {"value": orjson.Fragment(text)}
        reason = (
            f"{what}: the result has {least}{size / isolation.MIB:.1f} MiB, "
            f"at most {RESULT_MB} are taken"
        )
        failure = Failure(kind=FailureKind.TOO_LARGE, reason=reason)
    except (Retry, Refuse) as stop:
        failure = stop.failure
    except MemoryError:
        failure = _failure(FailureKind.OUT_OF_MEMORY, f"{what} reached its memory limit")
    except BaseException as error:  # noqa: BLE001 (SystemExit too: one call is one attempt)
        said = traceback.format_exception_only(error)[-1].strip()
        failure = _failure(FailureKind.CRASHED, f"{what} raised {said}")
    return {"failure": failure.model_dump(mode="json")}


def least_size(value: Any, enough: int) -> int:
    """Return a lower bound of a value's length as JSON, in bytes; counting ends beyond `enough`.

    Args:
        value: JSON-able.
        enough: bytes.
    """
    size, waiting = 0, [value]
    while waiting and size <= enough:
        match waiting.pop():
            case str() as text:
                size += len(text)
            case dict() as inner:
                size += 4 * len(inner)
                waiting.extend(inner.values())
                waiting.extend(inner)
            case list() | tuple() as inner:
                size += 2 * len(inner)
                waiting.extend(one for one in inner if isinstance(one, str | dict | list | tuple))
            case _:
                continue
    return size


def _json(value: Any, what: str) -> bytes:
    try:
        return orjson.dumps(value)
    except orjson.JSONEncodeError as error:
        reason = f"{what}: the result is not JSON: {error}"
        raise Refuse(reason, kind=FailureKind.WRONG_SHAPE) from error


def _failure(kind: FailureKind, reason: str) -> Failure:
    detail = traceback.format_exc()[-DETAIL_CHARACTERS:]
    return Failure(kind=kind, reason=reason[:DETAIL_CHARACTERS], detail=detail)


def _import_file(name: str, file: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        msg = f"{file} is no Python file"
        raise ImportError(msg)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # type hints are resolved through it
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def _clear_up_after(child: int, scratch: Path) -> NoReturn:
    """Wait for the worker's end, kill what it leaves, and end with its status."""

    def kill(*_: object) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)

    signal.signal(signal.SIGTERM, kill)
    os.close(0)
    os.close(1)  # so that the parent sees the worker's end
    _, status = os.waitpid(child, 0)
    isolation.kill_children()
    shutil.rmtree(scratch, ignore_errors=True)
    code = os.waitstatus_to_exitcode(status)
    os._exit(code if code >= 0 else 128 - code)


def _confine_and_serve(options: argparse.Namespace, *, away: bool) -> NoReturn:
    os.setsid()  # a tool that kills its own group must not reach the process that clears up
    isolation.die_with_parent(signal.SIGKILL)
    isolation.adopt_orphans()  # to see after a call what it left; our end hands them on
    closed = not options.no_landlock and isolation.lock_down(options.scratch)
    witness = Witness(options.scratch, thorough=options.observe)
    if away:
        kind = isolation.NETWORK_NAMESPACE
    else:
        isolation.refuse_sockets()
        kind = isolation.LANDLOCK if closed else isolation.WEAK
    if options.observe:
        from gaseol.tools.conformance.observation import ObservedWorker

        ObservedWorker(kind, witness, lacking=bool(options.without)).serve()
    Worker(kind, witness).serve()


def _hard_limits() -> tuple[int, ...]:
    kinds = (resource.RLIMIT_AS, resource.RLIMIT_CPU, resource.RLIMIT_DATA, resource.RLIMIT_NOFILE)
    return tuple(resource.getrlimit(kind)[1] for kind in kinds)


def _cpu_seconds() -> float:
    own = resource.getrusage(resource.RUSAGE_SELF)
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def _has_children() -> bool:
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return False
    return True


def _resident_mb() -> float:
    statm = Path("/proc/self/statm")
    if not statm.exists():
        return 0.0
    return int(statm.read_text().split()[1]) * resource.getpagesize() / isolation.MIB


if __name__ == "__main__":
    main()
