"""A hand of a sweep: a process of its own that makes one run after the other.

`python -m gaseol.graphs.sweep.hand` reads a task a line and answers each with a line. The libraries are
imported once and its tool workers stay warm; if it dies, only the run that it was making is lost,
and that run can be resumed.

A hand keeps to its share of the processors, and its tool workers with it. It and the worker that it waits for
take turns, and what takes turns on one processor neither waits to be woken on another nor finds its
caches cold: of two hands on two processors a sixth of the time was lost so.
"""

import contextlib
import os
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from typing import IO, Any

import orjson

_ENVIRONMENT = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


class Died(RuntimeError):
    """The hand died in the middle of a run."""


class Hand:
    """Holds one such process; starts another one where it died. Not for two threads at once.

    Args:
        processors: the only ones that it uses; all where there are none.
    """

    def __init__(self, processors: Sequence[int] = ()) -> None:
        self._processors = tuple(processors)
        self._process: subprocess.Popen[bytes] | None = None
        self._closed = False
        self._lock = threading.Lock()

    def make(self, task: Mapping[str, Any]) -> dict[str, Any]:
        """Have a run made, or gone on with, and return what came of it.

        Raises:
            Died: the process was lost; the next call starts another one.
        """
        process = self._ready()
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(orjson.dumps(task) + b"\n")
            process.stdin.flush()
            line = process.stdout.readline()
        except (OSError, ValueError):
            line = b""
        if not line.endswith(b"\n"):
            with self._lock:
                code = self._end()
            raise Died(f"the process that made it ended with {code}")
        return orjson.loads(line)

    def dismiss(self) -> None:
        """Let the process end by itself, with its tool workers, when there is nothing to make."""
        process = self._process
        if process is not None and process.stdin is not None:
            process.stdin.close()
            process.wait()
        self.close()

    def close(self) -> None:
        """End the process at once; what it was making can be resumed."""
        with self._lock:
            self._closed = True
            self._end()

    def _end(self) -> int | None:
        process, self._process = self._process, None
        if process is None:
            return None
        process.kill()
        code = process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        return code

    def _ready(self) -> subprocess.Popen[bytes]:
        with self._lock:
            if self._closed:
                raise Died("the sweep was stopped")
            if self._process is None:
                self._process = subprocess.Popen(
                    [sys.executable, "-P", "-m", "gaseol.graphs.sweep.hand"],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    env={**os.environ, **_ENVIRONMENT},
                    start_new_session=True,
                )
                if self._processors:  # what it starts from now on keeps to them, too
                    os.sched_setaffinity(self._process.pid, self._processors)
            return self._process


def shares(hands: int) -> list[list[int]]:
    """Return which processors each of some hands is to use; none named where there are too few."""
    here = sorted(os.sched_getaffinity(0)) if sys.platform == "linux" else []
    return [here[i::hands] if hands <= len(here) else [] for i in range(hands)]


def _work(tasks: IO[bytes], replies: IO[bytes]) -> None:
    """Make runs until there are no more tasks; end at once when whoever gives them is gone."""
    import queue

    from gaseol.graphs.sweep.workbench import Workbench

    waiting: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
    busy = threading.Event()

    def listen() -> None:
        for line in tasks:
            busy.set()
            waiting.put(line)
        if busy.is_set():
            os._exit(0)  # in the middle of a run: nobody would hear of it
        waiting.put(None)

    threading.Thread(target=listen, daemon=True).start()
    bench = Workbench()
    while (line := waiting.get()) is not None:
        reply = orjson.dumps(bench.make(orjson.loads(line)))
        busy.clear()
        replies.write(reply + b"\n")
        replies.flush()
    bench.close()


if __name__ == "__main__":
    # what a plug-in or a library prints is no reply
    with os.fdopen(os.dup(1), "wb") as _replies:
        os.dup2(2, 1)
        _work(sys.stdin.buffer, _replies)
