"""Runs a scenario: every effect on record before it happens, every node's change after it."""

import hashlib
import importlib.metadata
import os
import platform
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gaseol.agents.roles import Scientist
from gaseol.graphs.desk import Desk
from gaseol.graphs.laboratory import Laboratory, Stop, Watch
from gaseol.graphs.meter import Meter
from gaseol.scenarios.answer import Answer as Hidden
from gaseol.scenarios.scenario import Scenario
from gaseol.tools.cache import Cache
from gaseol.tools.pool import Pool
from gaseol.traces.docket import Docket
from gaseol.traces.event import (
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
