"""The instrument of an attack: real tools in a process that outlives every run that asks it.

It is the external witness too: it writes down every call that reaches it, by whom and in which
order. A call that it has made once it answers from memory when it is asked again, so that runs of
slow tools can be killed hundreds of times; the answers are the tools' own.
"""

import contextlib
import os
import signal
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import orjson

from gaseol.graphs.running.desk import key_of
from gaseol.tools.contract import Answer, Call
from gaseol.tools.door import ToolDoor
from gaseol.tools.registry import Registry
from gaseol.tools.workers.pool import Pool


class Instrument:
    """A process with warm workers, which runs reach by a socket."""

    def __init__(self, registry: Registry, place: Path) -> None:
        """Fork it: the calling process must have no threads yet."""
        self.path = str(place / "instrument")
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(self.path)
        listener.listen(64)
        self._pid = os.fork()
        if not self._pid:
            try:
                _Serving(Pool(registry, jobs=2)).accept(listener)
            finally:
                os._exit(1)
        listener.close()

    def begun(self, run: str) -> list[str]:
        """Return the keys of the calls that one process began, once all it sent has arrived."""
        with socket.socket(socket.AF_UNIX) as control:
            control.connect(self.path)
            control.sendall(orjson.dumps({"report": run}) + b"\n")
            return orjson.loads(next(_lines(control)))

    def close(self) -> None:
        """End it, and its workers with it."""
        os.kill(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)
        os.unlink(self.path)


class _Serving:
    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._kept: dict[str, Future[Answer]] = {}
        self._begun: dict[str, list[str]] = {}
        self._gone: dict[str, threading.Event] = {}
        self._lock = threading.Lock()

    def accept(self, listener: socket.socket) -> None:
        while True:
            caller, _ = listener.accept()
            threading.Thread(target=self._attend, args=(caller,), daemon=True).start()

    def _attend(self, caller: socket.socket) -> None:
        lines = _lines(caller)
        first = orjson.loads(next(lines, b"{}"))
        if "report" in first:
            run = first["report"]
            if run in self._gone:
                self._gone[run].wait()
            caller.sendall(orjson.dumps(self._begun.get(run, [])) + b"\n")
            return
        run = first["run"]
        begun = self._begun[run] = []
        gone = self._gone[run] = threading.Event()
        caller.sendall(b"{}\n")
        writing = threading.Lock()
        try:
            for line in lines:
                said = orjson.loads(line)
                begun.append(said["key"])
                if said["call"]:
                    self._carry_out(caller, writing, said)
        finally:
            gone.set()

    def _carry_out(
        self, caller: socket.socket, writing: threading.Lock, said: dict[str, Any]
    ) -> None:
        with self._lock:
            if said["key"] not in self._kept:
                self._kept[said["key"]] = self._pool.submit(Call(**said["call"]))
            future = self._kept[said["key"]]

        def answer(done: "Future[Answer]") -> None:
            if done.result().failure is not None:
                self._kept.pop(said["key"], None)
            told = {"number": said["number"], "answer": done.result().model_dump(mode="json")}
            with writing, contextlib.suppress(OSError):  # whoever asked may have been killed
                caller.sendall(orjson.dumps(told) + b"\n")

        future.add_done_callback(answer)


class Reached:
    """The door of a run to the instrument."""

    path = ""
    run = ""

    def __init__(self, pool: Pool) -> None:
        self._registry = pool.registry
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(self.path)
        self._lines = _lines(self._socket)
        self._tell({"run": self.run})
        next(self._lines)  # known before anything is asked
        self._waiting: dict[int, Future[Answer]] = {}
        self._lock = threading.Lock()
        threading.Thread(target=self._hear, daemon=True).start()

    def submit(self, request: Any) -> "Future[Answer]":
        future: Future[Answer] = Future()
        with self._lock:
            number = len(self._waiting)
            self._waiting[number] = future
        call = {"tool": request.name, "arguments": dict(request.arguments)}
        self._tell({"key": key_of(request, self._registry), "number": number, "call": call})
        return future

    def _tell(self, said: dict[str, Any]) -> None:
        self._socket.sendall(orjson.dumps(said) + b"\n")

    def _hear(self) -> None:
        for line in self._lines:
            said = orjson.loads(line)
            self._waiting[said["number"]].set_result(Answer.model_validate(said["answer"]))


class Told(ToolDoor):
    """A door to workers of the run's own that tells the instrument what begins there."""

    def __init__(self, pool: Pool) -> None:
        super().__init__(pool)
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(Reached.path)
        self._socket.sendall(orjson.dumps({"run": Reached.run}) + b"\n")
        next(_lines(self._socket))

    def submit(self, request: Any) -> "Future[Answer]":
        said = {"key": key_of(request, self._pool.registry), "call": None}
        self._socket.sendall(orjson.dumps(said) + b"\n")
        return super().submit(request)


def _lines(end: socket.socket) -> Iterator[bytes]:
    left = b""
    while True:
        try:
            block = end.recv(1 << 20)
        except OSError:
            return
        if not block:
            return
        *whole, left = (left + block).split(b"\n")
        yield from whole
