"""The pool: warm worker processes that tools are called in, each killable."""

import os
import queue
import threading
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from gaseol.tools.contract import Answer, Call
from gaseol.tools.registry import Entry, Registry, UnknownToolError
from gaseol.tools.workers.isolation import WEAK
from gaseol.tools.workers.keeper import Keeper
from gaseol.traces.nouns.failure import Failure, FailureKind

_Job = tuple[Call, "Future[Answer]"]


_DONE = {
    "network": "reached for the network, in vain",
    "file": "reached for a file outside its scratch folder, to change it",
    "left": "left something running, which was ended",
    "output": "printed to standard output, which nobody reads",
}
"""What no call should do, by the kind of sighting; each is told once a tool."""


class Pool:
    """Run calls in worker processes, in parallel; whatever a tool does, every call is answered.

    A worker serves built-in tools, the tools of one package or of one folder, never two of these:
    what was plugged in cannot change what another tool measures.

    Use it as a context manager. Leaving it waits for what was submitted, unless an exception
    passes through.
    """

    where: Mapping[str, Any] | None = None
    """What `run.json` says of the machines that calls are sent to; None for this one."""

    def __init__(
        self,
        registry: Registry,
        jobs: int | None = None,
        folders: Iterable[Path | str] = (),
        *,
        allow_weak: bool = False,
        options: tuple[str, ...] = (),
    ) -> None:
        """Make a pool; workers start when they are first needed, and stay warm.

        Args:
            registry: the tools that can be called.
            jobs: calls at a time; as many as there are processors by default.
            folders: of scenarios, whose tools are added to those of the registry.
            allow_weak: run tools that are not built in even where nothing keeps them from the
                network.
            options: given to the workers, as `--no-namespaces`.
        """
        folders = tuple(folders)
        self.registry = registry.extended(folders, trust=allow_weak) if folders else registry
        self.jobs = jobs or _processors()
        self._allow_weak = allow_weak
        self._options = options
        self._queue: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []
        self._keepers: list[Keeper] = []
        self._notices: dict[tuple[str, str], str] = {}
        self._weak = False
        self._running: dict[Future[Answer], Keeper | None] = {}
        self._cancelled: set[Future[Answer]] = set()
        self._idle = 0
        self._closed = False
        self._stopped = False

    def submit(self, call: Call) -> "Future[Answer]":
        """Have a tool called as soon as a worker is free.

        Args:
            call: one whose tool is unknown is answered as `unavailable`.

        Raises:
            RuntimeError: the pool is closed.
        """
        future: Future[Answer] = Future()
        with self._lock:
            if self._closed:
                msg = "the pool is closed"
                raise RuntimeError(msg)
            if self._idle:
                self._idle -= 1
            elif len(self._threads) < self.jobs:
                name = f"gaseol-pool-{len(self._threads)}"
                thread = threading.Thread(target=self._work, name=name, daemon=True)
                self._threads.append(thread)
                thread.start()
            self._queue.put((call, future))
        return future

    def map(self, calls: Iterable[Call]) -> list[Answer]:
        """Return the answers to calls, in their order.

        Args:
            calls: run in parallel.
        """
        futures = [self.submit(call) for call in calls]
        return [future.result() for future in futures]

    @property
    def notices(self) -> tuple[str, ...]:
        """What an operator should hear: weak isolation, and what tools did that none should."""
        weak = "isolation: weak; nothing here keeps tools from the network (see: gaseol doctor)"
        with self._lock:
            said = [f"{tool} {_DONE[kind]}: {what}" for (tool, kind), what in self._notices.items()]
            return tuple([weak, *said] if self._weak else said)

    def cancel(self, future: "Future[Answer]") -> None:
        """Take a call back: one that waits is cancelled, one that runs is killed with its worker.

        Args:
            future: of a call of this pool; a killed one is answered as crashed.
        """
        if future.cancel():
            return
        with self._lock:
            if future in self._running:
                self._cancelled.add(future)
                keeper = self._running[future]
                if keeper is not None:
                    keeper.abandon()

    def close(self) -> None:
        """Cancel what waits, kill what runs (answered as crashed), and end the workers."""
        with self._lock:
            self._closed = self._stopped = True
            keepers, threads = list(self._keepers), list(self._threads)
        self._cancel_waiting()
        for keeper in keepers:
            keeper.interrupt()
        self._join(threads)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None:
            with self._lock:
                self._closed = True
            self._join(self._threads)
        else:
            self.close()

    def _join(self, threads: Sequence[threading.Thread]) -> None:
        for _ in threads:
            self._queue.put(None)
        for thread in threads:
            thread.join()

    def _cancel_waiting(self) -> None:
        while True:
            try:
                job = self._queue.get_nowait()
            except queue.Empty:
                return
            if job is not None:
                job[1].cancel()

    def _work(self) -> None:
        # The kernel ends a worker with the thread that started it: each thread keeps its own.
        keepers: dict[str, Keeper] = {}
        try:
            while (job := self._queue.get()) is not None:
                call, future = job
                if self._begin(future):
                    try:
                        answer = self._answer(call, future, keepers)
                    except BaseException as error:  # noqa: BLE001 (a waiting caller must hear of it)
                        future.set_exception(error)
                    else:
                        future.set_result(answer)
                with self._lock:
                    self._idle += 1
        finally:
            for keeper in keepers.values():
                keeper.close()

    def _begin(self, future: "Future[Answer]") -> bool:
        with self._lock:  # whoever takes it back later finds it among those that run
            begun = future.set_running_or_notify_cancel()
            if begun:
                self._running[future] = None
            return begun

    def _answer(self, call: Call, future: "Future[Answer]", keepers: dict[str, Keeper]) -> Answer:
        keeper = None
        try:
            entry = self.registry.entry(call.tool)
            if entry.tool.network != "none":
                hosts = ", ".join(entry.tool.network)
                reason = f"{call.tool} needs the network ({hosts}), which tools do not have"
                return _unavailable(reason)
            keeper = self._keeper(entry, keepers)
            with self._lock:
                self._running[future] = keeper
                if future in self._cancelled:
                    keeper.abandon()
            answer = keeper.call(entry, call.arguments)
            self._notice(call.tool, keeper)
            return answer
        except UnknownToolError as error:
            return _unavailable(str(error))
        finally:
            with self._lock:
                del self._running[future]
                taken_back = future in self._cancelled
                self._cancelled.discard(future)
            if taken_back and keeper is not None:
                keeper.close()  # the signal may have come too late for this call, never for the next

    def _notice(self, tool: str, keeper: Keeper) -> None:
        with self._lock:
            self._weak = self._weak or keeper.isolation == WEAK
            for kind in _DONE:
                for sighting in keeper.noticed.get(kind, ())[:1]:
                    self._notices.setdefault((tool, kind), sighting)

    def _keeper(self, entry: Entry, keepers: dict[str, Keeper]) -> Keeper:
        if entry.domain not in keepers:
            keeper = Keeper(entry.domain, trust=self._allow_weak, options=self._options)
            with self._lock:
                self._keepers.append(keeper)
                if self._stopped:
                    keeper.interrupt()
            keepers[entry.domain] = keeper
        return keepers[entry.domain]


def _unavailable(reason: str) -> Answer:
    failure = Failure(kind=FailureKind.UNAVAILABLE, reason=reason)
    return Answer(failure=failure, seconds=0.0, cpu_seconds=0.0, isolation=WEAK)


def _processors() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
