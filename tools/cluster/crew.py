"""The crew: workers of a profile, started and ended by Parsl, that carry out errands."""

import contextlib
import os
import secrets
import shutil
import sys
import tempfile
import threading
from collections.abc import Mapping
from concurrent.futures import Future
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import orjson

from gaseol.tools.cluster import errand
from gaseol.tools.cluster.profile import PBS, ClusterError, Kubernetes, Local, Slurm
from gaseol.tools.contract.requirement import installed

if TYPE_CHECKING:
    from parsl.config import Config

_LOOK = 1.0
"""Seconds between looks for answers that did not come back by themselves."""
_JOBS = 3
"""So many jobs that fail one after another are the last."""
_PARSL = "parsl.executors.high_throughput."


class WorkerLost(RuntimeError):
    """A worker died in the middle of an errand."""


class NodeLost(WorkerLost):
    """A node went away with its workers: the wall time was up, or the network."""


class Crew:
    """Carry out errands on the workers of a profile; a context manager.

    Workers are started when the context is entered and ended when it is left. An errand whose worker
    is lost fails with `WorkerLost`; the others go on.
    """

    def __init__(
        self, name: str, profile: Local | Slurm | PBS | Kubernetes, folder: Path | None = None
    ) -> None:
        """Start nothing yet.

        Args:
            name: of the profile.
            profile: says where workers are started.
            folder: of what is written on the way, where the profile names none; all nodes share it.

        Raises:
            ClusterError: Parsl is not installed.
        """
        if not installed("parsl"):
            raise ClusterError("clusters need an extra: pip install 'gaseol[cluster]'")
        self.name = name
        self.profile = profile
        self._base = profile.folder or (None if profile.loopback else folder)
        self._keep = False
        self._lock = threading.Lock()
        self._waiting: dict[str, Future[Any]] = {}
        self._done = threading.Event()

    @property
    def card(self) -> dict[str, Any]:
        """What `run.json` says of it."""
        return {"profile": self.name, "kind": self.profile.kind}

    def submit(self, function: str, document: Any) -> "Future[Any]":
        """Have a function called by a worker; the future holds its answer.

        Args:
            function: `module:name`; takes JSON values and returns some.
            document: JSON values.
        """
        name = secrets.token_hex(8)
        answer = self._folder / name
        future: Future[Any] = Future()
        future.set_running_or_notify_cancel()
        with self._lock:
            self._waiting[name] = future
        try:
            sent = self._executor.submit(
                errand.carry_out, str(answer), function, orjson.dumps(document)
            )
        except Exception as error:  # noqa: BLE001 (told to whoever waits)
            self._settle(name, error=ClusterError(f"'{self.name}' takes nothing more: {error}"))
            return future
        sent.add_done_callback(lambda done: self._returned(name, done))
        return future

    def __enter__(self) -> Self:
        if self._base is not None:
            self._base.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._scratch = Path(tempfile.mkdtemp(prefix="gaseol-crew-", dir=self._base)).resolve()
        self._folder = self._scratch / "answers"
        self._folder.mkdir(mode=0o700)
        try:
            self._kernel, self._executor = _started(self._config())
        except Exception as error:
            shutil.rmtree(self._scratch, ignore_errors=True)
            if isinstance(error, ClusterError):
                raise
            raise ClusterError(f"'{self.name}' cannot be started: {error}") from error
        self._looking = threading.Thread(target=self._look, name="gaseol-crew", daemon=True)
        self._looking.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._done.set()
        self._looking.join()
        self._kernel.cleanup()  # what a worker has begun is given up
        with self._lock:
            left = list(self._waiting)
        for name in left:
            self._settle(name, error=WorkerLost("the crew was dismissed"))
        if not self._keep:
            shutil.rmtree(self._scratch, ignore_errors=True)

    def _look(self) -> None:
        """Take answers that lie there although their workers were killed before they returned."""
        while not self._done.wait(_LOOK):
            with self._lock:
                waiting = list(self._waiting)
            for name in waiting:
                if (self._folder / name).exists():
                    self._take(name)

    def _returned(self, name: str, done: "Future[bytes]") -> None:
        error = done.exception()
        if error is None or (self._folder / name).exists():
            self._take(name, done.result() if error is None else None)
        else:
            self._settle(name, error=self._why(error))

    def _take(self, name: str, content: bytes | None = None) -> None:
        path = self._folder / name
        try:
            value = orjson.loads(path.read_bytes() if content is None else content)
        except (OSError, ValueError):
            return  # taken by the other thread a moment ago
        self._settle(name, value=value)
        with contextlib.suppress(OSError):
            path.unlink()

    def _settle(self, name: str, value: Any = None, error: Exception | None = None) -> None:
        with self._lock:
            future = self._waiting.pop(name, None)
        if future is None:
            return
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(value)

    def _why(self, error: BaseException) -> Exception:
        from parsl.executors.errors import BadStateException
        from parsl.executors.high_throughput.errors import ManagerLost, VersionMismatch
        from parsl.executors.high_throughput.errors import WorkerLost as Lost

        if isinstance(error, ManagerLost):
            return NodeLost(str(error))
        if isinstance(error, Lost):
            return WorkerLost(str(error))
        if isinstance(error, BadStateException | VersionMismatch):
            self._keep = True
            return ClusterError(
                f"'{self.name}' starts no workers: {error}\nwhat the scheduler and the nodes said is "
                f"in {self._scratch}"
            )
        return RuntimeError(f"{type(error).__name__}: {error}")

    def _config(self) -> "Config":
        from parsl.config import Config
        from parsl.executors import HighThroughputExecutor
        from parsl.executors.high_throughput.executor import DEFAULT_LAUNCH_CMD
        from parsl.jobs.error_handlers import windowed_error_handler

        profile = self.profile
        launch = DEFAULT_LAUNCH_CMD.replace(
            "process_worker_pool.py", f"{profile.python} -m {_PARSL}process_worker_pool", 1
        )
        interchange = [sys.executable, "-P", "-m", "gaseol.tools.cluster.interchange"]
        where: Mapping[str, Any] = {}
        if profile.loopback:
            where = {"address": "127.0.0.1"}
        elif profile.address:
            where = {"address": profile.address}
        executor = HighThroughputExecutor(
            label="gaseol",
            provider=profile.provider(),
            launch_cmd=launch,
            interchange_launch_cmd=[*interchange, str(os.getpid())],
            max_workers_per_node=profile.workers,
            cores_per_worker=1e-3,  # how many fit on a node is the profile's to say
            encrypted=True,
            heartbeat_period=max(1, profile.silence // 4),
            heartbeat_threshold=profile.silence,
            worker_logdir_root=str(self._scratch),
            # one job that fails is bad luck, as many in a row are a profile that does not work
            block_error_handler=partial(windowed_error_handler, threshold=_JOBS),
            **where,
        )
        return Config(
            executors=[executor],
            run_dir=str(self._scratch / "parsl"),
            retries=0,
            strategy="simple",
            usage_tracking=0,
            initialize_logging=False,
        )


def _started(config: "Config") -> tuple[Any, Any]:
    from parsl.concurrent import ParslPoolExecutor
    from parsl.dataflow.dflow import DataFlowKernel

    kernel = DataFlowKernel(config)
    return kernel, ParslPoolExecutor(dfk=kernel)
