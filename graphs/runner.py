"""Runs a scenario: every effect on record before it happens, every node's change after it."""

import hashlib
import importlib.metadata
import os
import platform
import secrets
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import orjson

from gaseol.agents.roles import Scientist
from gaseol.graphs.laboratory import Laboratory, Stop, Watch
from gaseol.graphs.meter import Meter
from gaseol.scenarios.answer import Answer as Hidden
from gaseol.scenarios.scenario import Scenario
from gaseol.tools.cache import Cache, Key
from gaseol.tools.contract import Answer, Call
from gaseol.tools.pool import Pool
from gaseol.traces.blob import Blob
from gaseol.traces.docket import Docket
from gaseol.traces.effects import Request, Response
from gaseol.traces.event import (
    EffectCompleted,
    EffectFailed,
    EffectRequested,
    Fact,
    RunEnded,
    RunInterrupted,
    RunStarted,
    Status,
    StepEnded,
    StepStarted,
)
from gaseol.traces.recorder import Recorder

if TYPE_CHECKING:
    from gaseol.graphs.catalogue import Graph

_VERSIONS = ("gaseol", "langgraph", "numpy", "scipy", "pydantic", "rdkit", "pymatgen", "tblite")
_STEPS_PER_EXPERIMENT = 5
_LOOK_UP = 0.2
"""Seconds between looks at whether the run was asked to stop, while tools are busy."""


def home() -> Path:
    """Return the folder that runs are kept in: `GASEOL_HOME/runs`, else `./runs`."""
    base = os.environ.get("GASEOL_HOME")
    return Path(base) / "runs" if base else Path("runs")


def new_folder(scenario: str) -> Path:
    """Return a new run's folder under `home()`, named by scenario and time."""
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
    return home() / f"{scenario}-{stamp}-{secrets.token_hex(2)}"


class Desk:
    """The one door to the world: records what is wanted, has it done, records what came."""

    def __init__(
        self,
        recorder: Recorder,
        docket: Docket,
        pool: Pool,
        meter: Meter,
        cache: Cache | None,
        stopping: threading.Event,
    ) -> None:
        self._recorder = recorder
        self._docket = docket
        self._pool = pool
        self._meter = meter
        self._cache = cache
        self._stopping = stopping
        self._answers: dict[str, Response] = {}

    def record(self, fact: Fact, cause: int | None = None) -> int:
        """Put a fact on the record and into the docket."""
        seq = self._recorder.record(fact, cause)
        self._docket.add(seq, fact)
        return seq

    def perform(self, requests: Sequence[Request], cause: int | None = None) -> list[Response]:
        """Carry out what this run has not carried out yet; answers in the order of requests.

        Raises:
            Stop: the run is being interrupted.
        """
        if self._stopping.is_set():
            raise Stop
        keys = [self._key(request) for request in requests]
        fresh = {
            key: request
            for key, request in zip(keys, requests, strict=True)
            if key not in self._answers
        }
        asked = {key: self._request(key, request, cause) for key, request in fresh.items()}
        if asked:
            self._recorder.commit()
            self._carry_out(fresh, asked)
        return [self._answers[key] for key in keys]

    def _key(self, request: Request) -> str:
        parts = [request.effect, request.name, self._version(request.name), dict(request.arguments)]
        return hashlib.sha256(orjson.dumps(parts, option=orjson.OPT_SORT_KEYS)).hexdigest()

    def _version(self, name: str) -> str:
        return self._pool.registry.get(name).digest if name in self._pool.registry else ""

    def _request(self, key: str, request: Request, cause: int | None) -> int:
        blob = self._recorder.blobs.spill(dict(request.arguments))
        fact = EffectRequested(
            effect=request.effect,
            name=request.name,
            arguments={} if blob else dict(request.arguments),
            blob=blob,
            key=key,
            version=self._version(request.name),
            role=request.role,
        )
        return self.record(fact, cause)

    def _carry_out(self, fresh: Mapping[str, Request], asked: Mapping[str, int]) -> None:
        waiting: dict[Future[Answer], str] = {}
        for key, request in fresh.items():
            kept = self._kept(request)
            if kept is not None:
                self._answered(key, request.name, asked[key], kept, "cache")
            else:
                call = Call(tool=request.name, arguments=dict(request.arguments))
                waiting[self._pool.submit(call)] = key
        pending = set(waiting)
        while pending:
            done, pending = wait(pending, timeout=_LOOK_UP, return_when=FIRST_COMPLETED)
            # a call that is killed with the run has not failed: nobody knows how it ended
            if self._stopping.is_set() or any(future.cancelled() for future in done):
                raise Stop
            for future in done:
                key, answer = waiting[future], future.result()
                self._answered(key, fresh[key].name, asked[key], answer, "live")
                self._keep(fresh[key], answer)

    def _kept(self, request: Request) -> Answer | None:
        cache_key = self._cache_key(request)
        return self._cache.get(cache_key).answer if self._cache and cache_key else None

    def _keep(self, request: Request, answer: Answer) -> None:
        cache_key = self._cache_key(request)
        if self._cache and cache_key:
            self._cache.put(cache_key, answer)

    def _cache_key(self, request: Request) -> Key | None:
        if self._cache is None or request.name not in self._pool.registry:
            return None
        return Key.of(self._pool.registry.get(request.name), request.arguments)

    def _lift(self, name: str, value: Any) -> tuple[Any, dict[str, Blob]]:
        """Take the drawings out of a value: they are kept once, as blobs of their own."""
        if not isinstance(value, dict):
            return value, {}
        properties = self._pool.registry.get(name).output_schema.get("properties", {})
        media = {
            field: self._recorder.blobs.put(text.encode(), properties[field]["contentMediaType"])
            for field, text in value.items()
            if isinstance(text, str) and "contentMediaType" in properties.get(field, {})
        }
        return {k: v for k, v in value.items() if k not in media}, media

    def _answered(
        self, key: str, name: str, request: int, answer: Answer, origin: Literal["live", "cache"]
    ) -> None:
        spent = {"seconds": answer.seconds, "cpu_seconds": answer.cpu_seconds}
        self._meter.spend(tool_calls=1, cpu_seconds=answer.cpu_seconds)
        if answer.failure is not None:
            self._recorder.record(
                EffectFailed(
                    request=request, failure=answer.failure, isolation=answer.isolation, **spent
                ),
                request,
            )
        else:
            value, media = self._lift(name, answer.value)
            blob = self._recorder.blobs.spill(value)
            self._recorder.record(
                EffectCompleted(
                    request=request,
                    value=None if blob else value,
                    blob=blob,
                    media=media,
                    origin=origin,
                    isolation=answer.isolation,
                    **spent,
                ),
                request,
            )
        self._answers[key] = Response(request, answer.value, answer.failure, key)


class ReportFailed(RuntimeError):
    """The report of a run could not be written."""


class Runner:
    """One run from its question to its seal."""

    def __init__(
        self,
        scenario: Scenario,
        scientist: Scientist,
        *,
        seed: int,
        folder: Path,
        pool: Pool,
        cache: Cache | None = None,
        hidden: Hidden | None = None,
        watch: Watch | None = None,
        report: bool = True,
    ) -> None:
        self.scenario = scenario
        self.folder = folder
        self.stopping = threading.Event()
        self.docket = Docket()
        self.meter = Meter(scenario.budget)
        self.status: Status | None = None
        self._shape = _graph_named(scenario.graph)
        self._hidden = hidden
        self._report = report
        self._steps = 0
        self._recorder = Recorder(
            folder, _run_json(scenario, scientist, seed, folder.name, hidden, pool)
        )
        self._desk = Desk(self._recorder, self.docket, pool, self.meter, cache, self.stopping)
        self.laboratory = Laboratory(
            scenario=scenario,
            scientist=scientist,
            effects=self._desk,
            registry=pool.registry,
            docket=self.docket,
            blobs=self._recorder.blobs,
            meter=self.meter,
            seed=seed,
            batch=scenario.hypotheses.batch,
            watch=watch,
        )

    def run(self) -> Status:
        """Run to the end, record how it ended, write the report and seal the record.

        Raises:
            Exception: whatever went wrong in the graph, after it is on record as `failed`.
            ReportFailed: the run is done and sealed, but without its report.
        """
        self._desk.record(self._started())
        error: BaseException | None = None
        status: Status = "failed"
        try:
            state = self._graph()
            status, reason = state.get("status", "done"), state.get("reason", "")
        except Stop:
            self.status = "interrupted"
            self._desk.record(RunInterrupted(reason="asked to stop"))
            self._recorder.close()
            return self.status
        except BaseException as raised:  # noqa: BLE001 (on record first, then raised again)
            error = raised
            reason = f"{type(raised).__name__}: {raised}"
        self.status = status
        self._conclude(status, reason)
        if error is not None:
            raise error
        return status

    def _started(self) -> RunStarted:
        settings, laboratory = self.scenario.hypotheses, self.laboratory
        return RunStarted(
            scenario=self.scenario.name,
            question=self.scenario.question,
            scientist=laboratory.scientist.name,
            graph=self.scenario.graph,
            seed=laboratory.seed,
            hypotheses=settings.maximum,
            alpha=settings.alpha,
            budget=self.scenario.budget.limits,
            notes=tuple(problem.reason for problem in laboratory.registry.problems),
        )

    def _graph(self) -> dict[str, Any]:
        graph = _compile(self._shape, self._recorded)
        limit = 50 + _STEPS_PER_EXPERIMENT * self.scenario.budget.experiments
        return graph.invoke(
            {},
            {"recursion_limit": limit, "configurable": {"thread_id": self.folder.name}},
            context=self.laboratory,
            durability="exit",
        )

    def _recorded(self, name: str, node: Callable[..., dict[str, Any]]) -> Callable[..., Any]:
        """Return a node that records its start, its end and its change of the state."""

        def step(state: Any, runtime: Any) -> dict[str, Any]:
            if self.stopping.is_set():
                raise Stop
            number, self._steps = self._steps, self._steps + 1
            began = time.monotonic()
            start = self._desk.record(StepStarted(step=name, number=number))
            change = node(state, runtime)
            seconds = time.monotonic() - began
            self._desk.record(
                StepEnded(step=name, number=number, change=change, seconds=seconds), start
            )
            return change

        return step

    def _conclude(self, status: Status, reason: str) -> None:
        """Record the end, write the report, seal.

        Raises:
            ReportFailed: the report could not be written; the record is whole and sealed.
        """
        score: dict[str, str] = {}
        if self._hidden is not None and status in ("done", "budget"):
            # the hidden answer is opened here, after the last verdict
            score = self._hidden.score(self.docket)
        self._desk.record(
            RunEnded(status=status, reason=reason, cost=self.meter.spent(), score=score)
        )
        self.laboratory.tell("end")
        self._recorder.commit()
        files: tuple[str, ...] = ()
        try:
            if self._report and status in ("done", "budget"):
                from gaseol.traces.report import write_report

                files = write_report(self.folder)
        except Exception as error:
            raise ReportFailed(
                f"the run is {status} and its record is sealed, but the report could not be "
                f"written: {type(error).__name__}: {error}"
            ) from error
        finally:
            self._recorder.seal(files)


def _graph_named(name: str) -> "Graph":
    # what leaves or unpickles here would pass by the record: shut both before the import
    os.environ.setdefault("LANGGRAPH_STRICT_MSGPACK", "true")
    os.environ["LANGSMITH_TRACING"] = "false"
    from gaseol.graphs.catalogue import graph

    return graph(name)


def _compile(shape: "Graph", recorded: Callable[..., Any]) -> Any:
    from langgraph.checkpoint.memory import InMemorySaver
    from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer

    serializer = JsonPlusSerializer(allowed_msgpack_modules=None, pickle_fallback=False)
    return shape.build(recorded).compile(checkpointer=InMemorySaver(serde=serializer))


def _run_json(
    scenario: Scenario,
    scientist: Scientist,
    seed: int,
    name: str,
    hidden: Hidden | None,
    pool: Pool,
) -> dict[str, Any]:
    """Return what `run.json` says: what was asked, of whom, on what machine."""
    versions: dict[str, str] = {}
    for package in _VERSIONS:
        try:
            versions[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            versions[package] = "not installed"
    commitment = hashlib.sha256(hidden.model_dump_json().encode()).hexdigest() if hidden else None
    return {
        "id": name,
        "created": datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        "scenario": scenario.model_dump(mode="json", exclude_none=True),
        "hidden_answer_sha256": commitment,
        "scientist": scientist.name,
        "seed": seed,
        "versions": versions,
        "python": platform.python_version(),
        "platform": f"{platform.system()} {platform.machine()}",
        "tools": {tool.name: tool.digest for tool in pool.registry},
    }
