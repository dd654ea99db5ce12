"""Runs a scenario: every effect on record before it happens, every node's change after it."""

import gc
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gaseol.agents.roles import Scientist
from gaseol.graphs.laboratory import Laboratory, OverBudget, Stop, Watch
from gaseol.graphs.people.consent import Consenting
from gaseol.graphs.running.asked import (
    Commitment,
    code_digest,
    files_of,
    rule_of,
    said_digest,
    scenario_digest,
    scenario_json,
)
from gaseol.graphs.running.meter import Meter
from gaseol.scenarios.figure import MEDIA
from gaseol.scenarios.scenario import Scenario
from gaseol.scenarios.table import LIMIT_BYTES
from gaseol.scenarios.template import TemplateError, file_bytes
from gaseol.tools.registry import Registry
from gaseol.traces.nouns.goal import goals_of
from gaseol.traces.nouns.lesson import Lesson
from gaseol.traces.nouns.registration import RULE
from gaseol.traces.record.blob import Blob, BlobStore, Unrecorded
from gaseol.traces.record.docket import Docket
from gaseol.traces.record.effects import Effects
from gaseol.traces.record.event import (
    Forked,
    LessonUsed,
    RunEnded,
    RunStarted,
    Status,
    StepEnded,
    StepStarted,
)

if TYPE_CHECKING:
    from gaseol.graphs.catalogue import Graph

_STEPS_PER_EXPERIMENT = 7


class Runner:
    """One run from its question to its end; who records it and who answers it is the desk's."""

    def __init__(
        self,
        scenario: Scenario,
        scientist: Scientist,
        *,
        seed: int,
        name: str,
        desk: Effects,
        docket: Docket,
        blobs: BlobStore,
        registry: Registry,
        meter: Meter,
        begun: Mapping[str, Any] | None = None,
        hidden: Commitment | None = None,
        lessons: Sequence[Lesson] = (),
        forked: Forked | None = None,
        stopping: threading.Event | None = None,
        watch: Watch | None = None,
    ) -> None:
        """Get ready to run.

        Where the run goes on or is replayed `begun` is its `run.json`: an earlier version may have
        written the scenario with fewer fields, and have judged by an earlier rule.
        """
        self.scenario = scenario
        self._asked = said_digest(begun["scenario"]) if begun else scenario_digest(scenario)
        self.status: Status | None = None
        self._shape = graph_named(scenario.graph)
        self._name = name
        self._hidden = hidden
        self._forked = forked
        self._stopping = stopping or threading.Event()
        self._steps = 0
        docket.goals = goals_of(scenario_json(scenario))
        self.laboratory = Laboratory(
            scenario=scenario,
            scientist=scientist,
            effects=desk,
            registry=registry,
            docket=docket,
            blobs=blobs,
            meter=meter,
            seed=seed,
            batch=scenario.hypotheses.batch if scenario.measures else 0,
            watch=watch,
            rule=rule_of(begun) if begun else RULE,
            lessons=tuple(lessons),
        )
        self._desk = self.laboratory.effects = Consenting(desk, self.laboratory)

    def run(self) -> Status:
        """Run to the end and record how it ended.

        Raises:
            Stop: the run is not to go on; nothing is recorded of it here.
            Unrecorded: nothing can be recorded any more.
            Exception: whatever went wrong in the graph, after it is on record as `failed`.
        """
        self._desk.record(self._started())
        if self._forked is not None:
            self._desk.record(self._forked)
        for each in self.laboratory.lessons:
            self._desk.record(
                LessonUsed(run=each.run, lesson=each.said, head=each.head, events=each.events)
            )
        error: BaseException | None = None
        status: Status = "failed"
        would: tuple[str, ...] = ()
        try:
            state = self._graph()
            status, reason = state.get("status", "done"), state.get("reason", "")
            would = tuple(state.get("would", ()))
        except (Stop, Unrecorded):
            raise
        except OverBudget as spent:
            status, reason = "budget", str(spent)
        except BaseException as raised:  # noqa: BLE001 (on record first, then raised again)
            error = raised
            reason = f"{type(raised).__name__}: {raised}"
        self.status = status
        self._desk.record(self._ended(status, reason, would))
        self.laboratory.tell("end")
        if error is not None:
            raise error
        return status

    def _started(self) -> RunStarted:
        settings = self.scenario.hypotheses if self.scenario.measures else None
        laboratory = self.laboratory
        return RunStarted(
            scenario=self.scenario.name,
            question=self.scenario.question,
            scientist=laboratory.scientist.name,
            graph=self.scenario.graph,
            seed=laboratory.seed,
            hypotheses=settings.maximum if settings else 0,
            alpha=settings.alpha if settings else 0.0,
            budget=self.scenario.budget.limits,
            notes=tuple(problem.reason for problem in laboratory.registry.problems),
            scenario_sha256=self._asked,
            code=code_digest(),
            files=self._files(),
        )

    def _files(self) -> dict[str, Blob]:
        """Put the scenario's files on record: a stranger has to see what was read."""
        found: dict[str, Blob] = {}
        for name in files_of(self.scenario):
            try:
                content = file_bytes(name, self.scenario.folder, LIMIT_BYTES)
            except TemplateError:
                continue  # whoever needs it says what is wrong with it
            media = MEDIA.get(Path(name).suffix.lower(), "text/plain")
            media = "text/csv" if name.endswith(".csv") else media
            found[name] = self.laboratory.blobs.put(content, media)
        return found

    def _graph(self) -> dict[str, Any]:
        laboratory = self.laboratory
        laboratory.scientist = laboratory.scientist.joined(
            self._desk, laboratory.docket, self.scenario.policy
        )
        graph = _compile(self._shape, self._recorded)
        limit = 50 + _STEPS_PER_EXPERIMENT * self.scenario.budget.experiments
        return graph.invoke(
            {},
            {"recursion_limit": limit, "configurable": {"thread_id": self._name}},
            context=self.laboratory,
            durability="exit",
        )

    def _recorded(self, name: str, node: Callable[..., dict[str, Any]]) -> Callable[..., Any]:
        """Return a node that records its start, its end and its change of the state."""

        def step(state: Any, runtime: Any) -> dict[str, Any]:
            if self._stopping.is_set():
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

    def _ended(self, status: Status, reason: str, would: tuple[str, ...]) -> RunEnded:
        score: dict[str, str] = {}
        salt = ""
        if self._hidden is not None and status in ("done", "budget"):
            # the hidden answer is opened here, after the last verdict
            score = self._hidden.answer.score(self.laboratory.docket)
            salt = self._hidden.salt.hex()
        return RunEnded(
            status=status,
            reason=reason,
            cost=self.laboratory.meter.spent(),
            score=score,
            answer_salt=salt,
            would=would,
        )


def graph_named(name: str) -> "Graph":
    """Return a graph, with everything shut that would pass by the record.

    Raises:
        UnknownGraph: there is none of this name.
    """
    # both before the import
    os.environ.setdefault("LANGGRAPH_STRICT_MSGPACK", "true")
    os.environ["LANGSMITH_TRACING"] = "false"
    with _uncollected():
        from gaseol.graphs.catalogue import graph

        return graph(name)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Pause the collector: it takes a fifth of an import that leaves nothing to collect."""
    paused = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if paused:
            gc.enable()


def _compile(shape: "Graph", recorded: Callable[..., Any]) -> Any:
    from langgraph.checkpoint.memory import InMemorySaver
    from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer

    serializer = JsonPlusSerializer(allowed_msgpack_modules=None, pickle_fallback=False)
    return shape.build(recorded).compile(checkpointer=InMemorySaver(serde=serializer))
