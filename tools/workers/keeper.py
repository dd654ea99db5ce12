"""The keeper of one worker process: starts it, asks it, kills it, replaces it."""

import contextlib
import fcntl
import hashlib
import os
import secrets
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import orjson
from pydantic import ValidationError

from gaseol.tools.contract import RESULT_MB, Answer, ToolCard
from gaseol.tools.registry import Entry, Problem
from gaseol.tools.site import site
from gaseol.tools.workers.isolation import WEAK
from gaseol.traces.nouns.failure import Failure, FailureKind
from gaseol.traces.shelf import corpora

START_SECONDS = 60.0
"""A worker that has not begun by then never will."""
IMPORT_SECONDS = 60.0
"""How long the import of a module of tools may take; it is not counted to the first call."""
GRACE_SECONDS = 2.0
"""How long a worker's process may take to clear up before it is killed outright."""
DETAIL_BYTES = 4000
"""How much of a dead worker's standard error is kept, from its end."""

_PASSED_ON = ("PATH", "LD_LIBRARY_PATH", "GASEOL_EMBEDDINGS")
_ENVIRONMENT = {
    "LANG": "C.UTF-8",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "NUMEXPR_NUM_THREADS": "1",
    "MALLOC_ARENA_MAX": "2",
    "MPLBACKEND": "Agg",
    "PYTHONHASHSEED": "0",
    "PYTHONUNBUFFERED": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
    "LANGSMITH_TRACING": "false",
    "HF_HUB_OFFLINE": "1",
    "DO_NOT_TRACK": "1",
    "PYBAMM_DISABLE_TELEMETRY": "1",
}
"""All that a worker sees of the environment, so that no secret leaks into a tool."""


class Lost(Exception):
    """The worker gave no reply and is gone."""

    def __init__(self, failure: Failure, cpu_seconds: float) -> None:
        super().__init__(failure.reason)
        self.failure = failure
        self.cpu_seconds = cpu_seconds


class Keeper:
    """Hold one worker at a time for the tools of one domain; replace it when it is lost.

    Not for use by two threads at once, except for `interrupt` and `abandon`.
    """

    def __init__(
        self, domain: str = "", *, trust: bool = False, options: tuple[str, ...] = ()
    ) -> None:
        """Start nothing yet.

        Args:
            domain: where the tools came from, a folder or a package; empty for built-in ones.
            trust: run them even where nothing keeps them from the network.
            options: given to the worker, as `--no-namespaces`.
        """
        self.domain = domain
        self.isolation = ""
        """What keeps the worker from the network; empty before it has started."""
        self.noticed: dict[str, Any] = {}
        """What the worker saw the last call reach for."""
        self._trust = trust
        self._options = options
        self._stopped = False
        self._abandoned = False
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._imported: set[str] = set()
        self._counted = 0.0
        self._used = 0.0

    def call(self, entry: Entry, arguments: dict[str, Any], **wishes: Any) -> Answer:
        """Have a tool called, within its limits.

        Args:
            entry: of this keeper's domain.
            arguments: by name.
            wishes: what else the worker shall do, in its own words.
        """
        self.noticed = {}
        began = time.perf_counter()
        tool = entry.tool
        try:
            self._ready(entry.module, entry.file)
            if self._abandoned:
                raise self._lost(FailureKind.CRASHED, f"{tool.name} was stopped")
            began = time.perf_counter()
            request = {"tool": tool.name, "arguments": arguments, **wishes}
            reply = self._ask(entry.module, entry.file, request, tool.limit_seconds, tool.name)
            answer = self._answer(reply, tool.name)
        except Lost as lost:
            return Answer(
                failure=lost.failure,
                seconds=time.perf_counter() - began,
                cpu_seconds=lost.cpu_seconds,
                isolation=self.isolation or WEAK,
            )
        self._counted += answer.cpu_seconds
        self.noticed = reply.get("noticed", {})
        spent = reply["spent"] or (
            answer.failure is not None and answer.failure.kind is FailureKind.OUT_OF_MEMORY
        )
        if spent:
            self.close()
        return answer

    def describe(self, module: str, file: str) -> tuple[ToolCard, ...] | Failure:
        """Have a module imported and its tools described.

        Args:
            module: the name to import it by.
            file: its file, when it is not installed.
        """
        try:
            self._start()
            reply = self._ask(module, file, {"describe": True}, IMPORT_SECONDS, file or module)
        except Lost as lost:
            return lost.failure
        if "failure" in reply:
            return Failure.model_validate(reply["failure"])
        self._imported.add(module)
        return tuple(ToolCard.model_validate(card) for card in reply["value"])

    def interrupt(self) -> None:
        """End for good, from any thread; a call in flight is answered as crashed."""
        self._stopped = True
        self._terminate()

    def abandon(self) -> None:
        """End the call in flight, from any thread; it is answered as crashed.

        The thread that called must then close this keeper: its worker may have replied already.
        """
        self._abandoned = True  # there may be no worker yet: the call shall not start one
        self._terminate()

    def close(self) -> None:
        """Kill the worker, with all that it started, and remove its scratch folder."""
        self._abandoned = False
        self._end()

    def _end(self) -> None:
        if self._process is None:
            return
        self._terminate()
        if self._reap(GRACE_SECONDS) is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._reap(None)
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        self._said.close()
        shutil.rmtree(self._scratch, ignore_errors=True)
        self._process = None

    def _start(self) -> None:
        if self._process is not None and self._reap(0) is not None:
            self._end()  # it ended while idle, which is no call's fault
        if self._process is not None:
            return
        self._scratch = Path(tempfile.mkdtemp(prefix="gaseol-"))
        # A file, not a pipe: nobody need read it, and its size is limited like any other.
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 (lives as long as the worker)
        home = str(self._scratch)
        command = [sys.executable, "-P", "-X", "faulthandler", "-m", "gaseol.tools.workers.worker"]
        command += ["--parent", str(os.getpid()), "--scratch", home, *self._options]
        self._process = subprocess.Popen(  # noqa: S603 (our own module, no shell)
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._said,
            bufsize=0,
            env=_environment(home),
            start_new_session=True,
        )
        self._imported = set()
        self._counted = 0.0
        self._pending = bytearray()
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            os.set_blocking(pipe.fileno(), False)
            if hasattr(fcntl, "F_SETPIPE_SZ"):
                # The system may grant no more than it does by itself; large results take longer.
                with contextlib.suppress(OSError):
                    fcntl.fcntl(pipe.fileno(), fcntl.F_SETPIPE_SZ, 1 << 20)
        if self._stopped or self._abandoned:  # by a thread that found no process to end yet
            raise self._lost(FailureKind.CRASHED, "the worker was stopped")
        self.isolation = str(self._receive(START_SECONDS, "the worker", {"isolation"})["isolation"])
        if self.isolation == WEAK and not (self._trust or _is_built_in(self.domain)):
            reason = (
                f"nothing here keeps the tools of {self.domain} from the network: neither "
                "namespaces nor Landlock can be used; the operator may trust them all the same "
                "(--allow-weak-isolation)"
            )
            raise self._lost(FailureKind.UNAVAILABLE, reason)

    def _ready(self, module: str, file: str) -> None:
        """Import the module beforehand, so that a tool's own limit is for its own work."""
        self._start()
        if module in self._imported:
            return
        reply = self._ask(module, file, {"describe": True}, IMPORT_SECONDS, file or module)
        if "failure" in reply:
            raise Lost(Failure.model_validate(reply["failure"]), 0.0)
        self._imported.add(module)

    def _ask(
        self, module: str, file: str, request: dict[str, Any], seconds: float, what: str
    ) -> dict[str, Any]:
        # No tool can guess the id of the next request and answer it in advance.
        token = secrets.token_hex(8)
        try:
            line = orjson.dumps({"id": token, "module": module, "file": file, **request}) + b"\n"
        except TypeError as error:  # a lone surrogate, an integer of more than 64 bits
            reason = f"{what}: the arguments are not JSON: {error}"
            raise Lost(Failure(kind=FailureKind.BAD_ARGUMENTS, reason=reason), 0.0) from None
        deadline = time.monotonic() + seconds
        self._write(line, deadline, what)
        reply = self._receive(deadline - time.monotonic(), what, {"id"})
        if reply["id"] != token:
            raise self._lost(FailureKind.CRASHED, f"{what} wrote into the worker's replies")
        return reply

    def _write(self, line: bytes, deadline: float, what: str) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        pipe = self._process.stdin.fileno()
        rest = memoryview(line)
        while rest:
            try:
                rest = rest[os.write(pipe, rest) :]
            except BlockingIOError:
                if not _wait(pipe, select.POLLOUT, deadline):
                    raise self._timed_out(what) from None
            except BrokenPipeError:
                raise self._died(what) from None

    def _receive(self, seconds: float, what: str, keys: set[str]) -> dict[str, Any]:
        assert self._process is not None
        assert self._process.stdout is not None
        pipe = self._process.stdout.fileno()
        deadline = time.monotonic() + seconds
        line = self._pending
        while True:
            if not _wait(pipe, select.POLLIN, deadline):
                raise self._timed_out(what)
            piece = os.read(pipe, 1 << 20)
            if not piece:
                raise self._died(what)
            line += piece
            if piece.endswith(b"\n"):
                break
            if len(line) > (RESULT_MB + 1) << 20:
                raise self._lost(FailureKind.TOO_LARGE, f"{what} wrote more than {RESULT_MB} MiB")
        self._pending = bytearray()
        try:
            reply = orjson.loads(line)
        except orjson.JSONDecodeError:
            reply = None
        if not isinstance(reply, dict) or not keys <= reply.keys():
            raise self._lost(FailureKind.CRASHED, f"{what} wrote into the worker's replies")
        return reply

    def _answer(self, reply: dict[str, Any], what: str) -> Answer:
        try:
            return Answer(
                value=reply.get("value"),
                failure=reply.get("failure"),
                seconds=reply["seconds"],
                cpu_seconds=reply["cpu_seconds"],
                isolation=self.isolation,
            )
        except (KeyError, ValidationError):
            reason = f"{what} wrote into the worker's replies"
            raise self._lost(FailureKind.CRASHED, reason) from None

    def _timed_out(self, what: str) -> Lost:
        return self._lost(FailureKind.TIMED_OUT, f"{what} reached its wall time limit")

    def _died(self, what: str) -> Lost:
        status = self._reap(GRACE_SECONDS)
        said = self._tail()
        if self._stopped or self._abandoned:
            kind, reason = FailureKind.CRASHED, "was stopped"
        elif status == int(signal.SIGXCPU):
            kind, reason = FailureKind.TIMED_OUT, "reached its processor time limit"
        elif any(word in said for word in ("bad_alloc", "MemoryError", "Cannot allocate memory")):
            kind, reason = FailureKind.OUT_OF_MEMORY, "reached its memory limit and died"
        else:
            kind, reason = FailureKind.CRASHED, f"ended its worker ({_status(status)})"
        return self._lost(kind, f"{what} {reason}")

    def _lost(self, kind: FailureKind, reason: str) -> Lost:
        detail = self._tail()
        counted = self._counted
        self._end()
        return Lost(
            Failure(kind=kind, reason=reason, detail=detail), max(0.0, self._used - counted)
        )

    def _terminate(self) -> None:
        """Have the worker's process clear up and end."""
        with self._lock:  # so that the number is not another process's by now
            if self._process is not None and self._process.returncode is None:
                os.kill(self._process.pid, signal.SIGTERM)

    def _reap(self, seconds: float | None) -> int | None:
        """Wait for the process and return its status; None when it still runs."""
        assert self._process is not None
        deadline = None if seconds is None else time.monotonic() + seconds
        pause = 0.0005
        while True:
            with self._lock:
                if self._process.returncode is not None:
                    return self._process.returncode
                pid, status, usage = os.wait4(self._process.pid, os.WNOHANG)
                if pid:
                    self._used = usage.ru_utime + usage.ru_stime
                    self._process.returncode = os.waitstatus_to_exitcode(status)
                    continue
            if deadline is not None and time.monotonic() > deadline:
                return None
            time.sleep(pause)
            pause = min(2 * pause, 0.02)

    def _tail(self) -> str:
        descriptor = self._said.fileno()
        size = os.fstat(descriptor).st_size
        return os.pread(descriptor, DETAIL_BYTES, max(0, size - DETAIL_BYTES)).decode(
            errors="replace"
        )


def _is_built_in(domain: str) -> bool:
    """Tell whether tools came with gaseol: in its packs, or beside one of its scenarios."""
    own = Path(__file__).resolve().parents[2] / "scenarios"
    return not domain or Path(domain).resolve().is_relative_to(own)


def describe(folder: str, file: str, *, trust: bool = False) -> tuple[ToolCard, ...] | Problem:
    """Describe the tools of a file beside a scenario, from a worker that then ends.

    Args:
        folder: of the scenario.
        file: in it.
        trust: import the file even where nothing keeps it from the network.
    """
    keeper = Keeper(folder, trust=trust)
    try:
        found = keeper.describe(module_name(file), file)
    finally:
        keeper.close()
    if isinstance(found, Failure):
        return Problem(folder, f"{file} cannot be used: {found.reason}", found.detail)
    return found


def module_name(file: str) -> str:
    """Return a module name that no other file shares."""
    return f"gaseol_folder_{hashlib.sha256(file.encode()).hexdigest()[:12]}_{Path(file).stem}"


def _environment(home: str) -> dict[str, str]:
    passed = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    # The worker finds modules where we do, except in the current folder.
    path, here = os.pathsep.join(entry for entry in sys.path if entry), site()
    return {
        **_ENVIRONMENT,
        **passed,
        "HOME": home,
        "TMPDIR": home,
        "PYTHONPATH": path,
        "GASEOL_CORPORA": str(corpora().absolute()),
        "GASEOL_SHARED_CORPORA": str(here.corpora) if here and here.corpora else "",
    }


def _wait(pipe: int, event: int, deadline: float) -> bool:
    poll = select.poll()
    poll.register(pipe, event)
    return bool(poll.poll(max(0.0, deadline - time.monotonic()) * 1000))


def _status(code: int | None) -> str:
    if code is None:
        return "it does not end"
    signal_number = code - 128 if code > 128 else -code
    try:
        return f"killed by {signal.Signals(signal_number).name}"
    except ValueError:
        return f"exit status {code}"
