"""Observation: a worker that says what a call did besides answering, and the one who asks it."""

import contextlib
import inspect
import os
import resource
import signal
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from gaseol.tools.conformance.imports import undeclared, unused
from gaseol.tools.contract import Answer, Tool
from gaseol.tools.registry import Entry
from gaseol.tools.workers.keeper import Keeper, Lost
from gaseol.tools.workers.witness import Witness
from gaseol.tools.workers.worker import Worker


@dataclass(frozen=True)
class Observation:
    """An answer, and what the call did besides."""

    answer: Answer
    seen: dict[str, list[str]] = field(default_factory=dict)
    """By kind: `network`, `process`, `file`."""
    printed: int = 0
    """Bytes written to standard output."""
    left: str = ""
    """What stayed behind: `processes`, `threads`, `memory`."""
    peak_mb: float = 0.0
    """Most memory that the process held, above what it held before, in MiB."""


class Observer(Keeper):
    """Keeps a worker that observes, for one tool; not for use by two threads at once."""

    def __init__(self, entry: Entry, *, trust: bool, without: Iterable[str] = ()) -> None:
        """Start nothing yet.

        Args:
            entry: the tool.
            trust: run it even where nothing keeps it from the network.
            without: top-level modules that the worker shall not have.
        """
        taken = [word for name in sorted(without) for word in ("--without", name)]
        super().__init__(entry.domain, trust=trust, options=("--observe", *taken))
        self._entry = entry

    def observe(self, arguments: dict[str, Any], *, die: bool = False) -> Observation:
        """Have the tool called.

        Args:
            arguments: by name.
            die: have the worker's process end inside the call, as if it were killed.
        """
        answer = self.call(self._entry, arguments, **({"die": True} if die else {}))
        return Observation(answer, **self.noticed)

    def imports(self) -> dict[str, list[str]]:
        """Ask which modules the tool imports undeclared, and which needs none of its calls imported.

        Raises:
            Lost: the worker is gone.
        """
        tool = self._entry.tool
        self._ready(self._entry.module, self._entry.file)
        request = {"tool": tool.name, "imports": True}
        reply = self._ask(self._entry.module, self._entry.file, request, 60, tool.name)
        return reply.get("value") or {"undeclared": [], "unused": []}

    def __enter__(self) -> "Observer":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class ObservedWorker(Worker):
    """The process that runs a tool and watches it."""

    def __init__(self, kind: str, witness: Witness, *, lacking: bool = False) -> None:
        """Begin as any worker does.

        Args:
            kind: what keeps the process from the network.
            witness: of what calls reach for.
            lacking: modules were taken away, and the tool is to find out by itself.
        """
        super().__init__(kind, witness)
        self._lacking = lacking

    def _reply(self, request: dict[str, Any]) -> dict[str, Any]:
        if "imports" not in request:
            return super()._reply(request)
        tool = self._tool(request)
        return {"value": {"undeclared": undeclared(tool), "unused": unused(tool)}}

    def _tool(self, request: dict[str, Any]) -> Tool[..., Any]:
        tool = super()._tool(request)
        tool.ready = tool.ready or self._lacking
        return tool

    def _call(self, request: dict[str, Any]) -> dict[str, Any]:
        _reset_peak()
        before = _memory("VmRSS")
        if request.get("die"):
            _die_inside(self._tool(request), request["arguments"])
        reply = super()._call(request)
        sys.settrace(None)
        reply["noticed"] = {
            "seen": reply.get("noticed", {}),
            "printed": os.fstat(self._printed).st_size,
            "left": self._left,
            "peak_mb": max(0.0, _memory("VmHWM") - before),
        }
        return reply


def _die_inside(tool: Tool[..., Any], arguments: dict[str, Any]) -> None:
    """Have this process end, without clearing anything up, halfway through the next call.

    A rehearsal counts the lines that the tool's function runs.
    """
    lines = _Lines(tool)
    sys.settrace(lines.enter)
    with contextlib.suppress(BaseException):
        tool.invoke(arguments)
    sys.settrace(None)
    lines.last, lines.passed = lines.passed // 2 + 1, 0
    sys.settrace(lines.enter)


class _Lines:
    """Counts the lines that a tool's function runs, and ends the process at one of them."""

    def __init__(self, tool: Tool[..., Any]) -> None:
        self.passed = 0
        self.last: int | None = None
        self._code = getattr(inspect.unwrap(tool.function), "__code__", None)

    def enter(self, frame: FrameType, _: str, __: Any) -> Any:
        return self._step if frame.f_code is self._code else None

    def _step(self, _: FrameType, event: str, __: Any) -> Any:
        if event == "line":
            self.passed += 1
            if self.passed == self.last:
                _end()
        return self._step


def _end() -> NoReturn:
    # The first process of a namespace cannot be killed from within.
    os._exit(128 + signal.SIGKILL)


def _reset_peak() -> None:
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        return  # the peak is then that of the process's whole life


def _memory(which: str) -> float:
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    for line in status.read_text().splitlines():
        if line.startswith(f"{which}:"):
            return int(line.split()[1]) / 1024
    return 0.0


__all__ = ["Lost", "Observation", "ObservedWorker", "Observer"]
