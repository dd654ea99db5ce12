"""The pool of a crew: calls of tools go to workers elsewhere, each into an isolated process there."""

import contextlib
import math
import queue
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future, InvalidStateError
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import orjson

from gaseol.tools.cluster.crew import Crew, WorkerLost
from gaseol.tools.contract import Answer, Call
from gaseol.tools.registry import Registry, UnknownToolError
from gaseol.tools.workers.isolation import WEAK
from gaseol.tools.workers.pool import Pool
from gaseol.traces.nouns.failure import Failure, FailureKind

ANSWER = "gaseol.tools.cluster.pool:answer_all"
_GATHER = 0.005
"""Seconds that calls are gathered for: those of one batch are handed out evenly."""


@dataclass(frozen=True)
class _Job:
    call: Call
    future: "Future[Answer]"
    again: bool = False


class ClusterPool(Pool):
    """Run calls on the workers of a crew; a call is answered as it is on this machine.

    A call that is taken back is forgotten here; there it goes on to its limit. Where the crew has no
    workers all calls are cancelled, so that the run stops and can be resumed, and a notice says why.
    """

    def __init__(  # pyright: ignore[reportMissingSuperCall]
        self,
        registry: Registry,
        crew: Crew,
        folders: Iterable[Path | str] = (),
        *,
        allow_weak: bool = False,
    ) -> None:
        """Make a pool; the crew stays its owner's to dismiss.

        Args:
            registry: the tools that can be called; the workers have them too, in the same version.
            crew: at work.
            folders: of scenarios, at the same path there.
            allow_weak: run tools that are not built in even where nothing keeps them from the
                network.
        """
        self._folders = [str(Path(folder).absolute()) for folder in folders]
        self.registry = registry.extended(self._folders, trust=allow_weak) if folders else registry
        self.jobs = crew.profile.slots
        self.where = crew.card
        self._crew = crew
        self._trust = allow_weak
        self._sending: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._said: dict[str, None] = {}
        self._open: set[Future[Answer]] = set()
        self._lock = threading.Lock()
        self._closed = False
        self._thread = threading.Thread(target=self._hand_out, name="gaseol-cluster", daemon=True)
        self._thread.start()

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
            self._open.add(future)
        future.add_done_callback(self._forget)
        if (failure := self._flaw(call)) is not None:
            self._settle(future, _failed(failure))
        else:
            self._sending.put(_Job(call, future))
        return future

    @property
    def notices(self) -> tuple[str, ...]:
        """What an operator should hear, of the crew and of the workers' isolation."""
        with self._lock:
            return tuple(self._said)

    def cancel(self, future: "Future[Answer]") -> None:
        """Take a call back; a worker that is at it already goes on to the call's limit.

        Args:
            future: of a call of this pool.
        """
        with self._lock:
            if future not in self._open:
                return
            self._open.discard(future)
        if future.cancel():
            future.set_running_or_notify_cancel()  # whoever waits for it hears of it by this only

    def close(self) -> None:
        """Take back all calls; the crew stays."""
        with self._lock:
            self._closed = True
            left = list(self._open)
        for future in left:
            self.cancel(future)
        self._sending.put(None)
        self._thread.join()

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
                left = list(self._open)
            for future in left:
                with contextlib.suppress(BaseException):
                    future.result()
        self.close()

    def _flaw(self, call: Call) -> Failure | None:
        """Say why a call need not be sent."""
        try:
            tool = self.registry.entry(call.tool).tool
            orjson.dumps(call.arguments)
        except UnknownToolError as error:
            return Failure(kind=FailureKind.UNAVAILABLE, reason=str(error))
        except TypeError as error:
            reason = f"{call.tool}: the arguments are not JSON: {error}"
            return Failure(kind=FailureKind.BAD_ARGUMENTS, reason=reason)
        if tool.network != "none":
            hosts = ", ".join(tool.network)
            reason = f"{call.tool} needs the network ({hosts}), which tools do not have"
            return Failure(kind=FailureKind.UNAVAILABLE, reason=reason)
        return None

    def _hand_out(self) -> None:
        while (job := self._sending.get()) is not None:
            time.sleep(_GATHER)
            jobs = [job]
            with contextlib.suppress(queue.Empty):
                while (job := self._sending.get_nowait()) is not None:
                    jobs.append(job)
            wanted = [one for one in jobs if not one.future.cancelled()]
            size = max(1, math.ceil(len(wanted) / self.jobs))
            for first in range(0, len(wanted), size):
                self._send(wanted[first : first + size])
            if job is None:
                return

    def _send(self, jobs: Sequence[_Job]) -> None:
        calls = [
            {
                "tool": job.call.tool,
                "arguments": job.call.arguments,
                "digest": self.registry.get(job.call.tool).digest,
            }
            for job in jobs
        ]
        document = {"folders": self._folders, "trust": self._trust, "calls": calls}
        sent = self._crew.submit(ANSWER, document)
        sent.add_done_callback(lambda done: self._answered(jobs, done))

    def _answered(self, jobs: Sequence[_Job], done: "Future[Any]") -> None:
        error = done.exception()
        if error is None:
            reply = done.result()
            self._say(reply["notices"])
            for job, answer in zip(jobs, reply["answers"], strict=True):
                self._settle(job.future, Answer.model_validate(answer))
        elif isinstance(error, WorkerLost):
            for job in jobs:
                self._lost(job, error)
        else:
            self._say([str(error)])
            for job in jobs:
                self.cancel(job.future)

    def _lost(self, job: _Job, error: WorkerLost) -> None:
        """Ask again, once and alone, what may be asked twice."""
        tool = self.registry.get(job.call.tool)
        if not job.again and not self._closed and (tool.deterministic or tool.idempotent):
            self._send([_Job(job.call, job.future, again=True)])
            return
        reason = f"{job.call.tool}: the worker that it was sent to is gone ({error})"
        self._settle(job.future, _failed(Failure(kind=FailureKind.CRASHED, reason=reason)))

    def _say(self, notices: Iterable[str]) -> None:
        with self._lock:
            self._said.update(dict.fromkeys(notices))

    def _settle(self, future: "Future[Answer]", answer: Answer) -> None:
        with contextlib.suppress(InvalidStateError):  # it was taken back meanwhile
            future.set_result(answer)

    def _forget(self, future: "Future[Answer]") -> None:
        with self._lock:
            self._open.discard(future)


_pools: dict[str, Pool] = {}


def answer_all(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Call tools where a worker of a crew is: an errand. Its own workers stay warm for the next one.

    Args:
        asked: `calls`, each with `tool`, `arguments` and the `digest` that the tool must have;
            `folders` of scenarios, and whether to `trust` their tools under weak isolation.
    """
    key = orjson.dumps([asked["folders"], asked["trust"]]).decode()
    if key not in _pools:
        _pools[key] = Pool(Registry.load(), 1, asked["folders"], allow_weak=asked["trust"])
    pool = _pools[key]
    answers = [_called(pool, one) for one in asked["calls"]]
    return {
        "answers": [answer.model_dump(mode="json") for answer in answers],
        "notices": list(pool.notices),
    }


def _called(pool: Pool, asked: Mapping[str, Any]) -> Answer:
    name = asked["tool"]
    if name not in pool.registry:
        reason = f"the workers have no tool {name!r}"
        return _failed(Failure(kind=FailureKind.UNAVAILABLE, reason=reason))
    if pool.registry.get(name).digest != asked["digest"]:
        reason = f"{name} is another version on the workers than here"
        return _failed(Failure(kind=FailureKind.CHANGED, reason=reason))
    return pool.submit(Call(tool=name, arguments=asked["arguments"])).result()


def _failed(failure: Failure) -> Answer:
    return Answer(failure=failure, seconds=0.0, cpu_seconds=0.0, isolation=WEAK)
