"""Run a run's tools again, and compare every number; models answer from the record."""

import contextlib
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gaseol.agents.catalogue import scientist_of
from gaseol.graphs.lessons import lessons_of
from gaseol.graphs.replay.playback import Playback, PlaybackDesk
from gaseol.graphs.replay.replaying import Replay, asked_again, drive, examined, free_fields
from gaseol.graphs.running.asked import labelled, registry_of, scenario_of
from gaseol.graphs.running.checkpoint import target_of
from gaseol.graphs.running.labelling import Labelling
from gaseol.graphs.running.meter import Meter
from gaseol.graphs.running.runner import Runner
from gaseol.graphs.running.servers import with_servers
from gaseol.graphs.running.setup import Setup
from gaseol.scenarios.policy import Policy
from gaseol.tools.comparison import differences
from gaseol.tools.contract import Answer, Call
from gaseol.tools.registry import Registry
from gaseol.tools.site import allow_weak_isolation
from gaseol.tools.workers.pool import Pool
from gaseol.traces.evidence.judge import Judge
from gaseol.traces.nouns.failure import Failure, FailureKind
from gaseol.traces.nouns.label import PUBLIC
from gaseol.traces.record.blob import INLINE
from gaseol.traces.record.docket import Docket
from gaseol.traces.record.effects import Request, Response
from gaseol.traces.record.event import EffectCompleted, EffectFailed, Event
from gaseol.traces.record.trace import Trace


@dataclass(frozen=True)
class Recomputed:
    """One tool call, then and now."""

    event: int
    """Of the recorded answer."""
    tool: str
    outcome: str
    """`equal`, `within tolerance`, `different`, `not rerun`."""
    largest: float = 0.0
    """The largest relative difference between two numbers."""
    tolerance: float = 0.0
    path: str = ""
    recorded: Any = None
    now: Any = None
    why: str = ""

    def __str__(self) -> str:
        if self.outcome == "not rerun":
            return f"event {self.event}: {self.tool} was not run again: {self.why}"
        said = f"event {self.event}: {self.tool}: {self.path or 'the answer'} was "
        said += f"{self.recorded!r} and is {self.now!r}"
        if self.largest:
            said += f", {self.largest:.2g} apart; declared is {self.tolerance:g}"
        return f"{said}{f' ({self.why})' if self.why else ''}"


@dataclass
class Rerun(Replay):
    """What came of running the tools again."""

    calls: list[Recomputed] = field(default_factory=list[Recomputed])
    verdicts: dict[str, tuple[str, str]] = field(default_factory=dict[str, tuple[str, str]])
    """By hypothesis: the verdict on record, and the one that the new measurements give."""

    @property
    def first(self) -> Recomputed | None:
        """The first call that came out differently, or could not be made."""
        return next((c for c in self.calls if c.outcome in ("different", "not rerun")), None)

    def outcomes(self) -> dict[str, int]:
        """Return how many calls came out how."""
        names = ("equal", "within tolerance", "different", "not rerun")
        return {n: sum(1 for c in self.calls if c.outcome == n) for n in names}


class RerunDesk(PlaybackDesk):
    """Has every tool called again beside the recorded answer, which the graph goes on with."""

    def __init__(
        self,
        pool: Pool,
        policy: Policy,
        calls: list[Recomputed],
        values: dict[int, Any],
        *given: Any,
        **named: Any,
    ) -> None:
        """Open the desk; `calls` and `values` are filled with what comes of it."""
        super().__init__(*given, **named)
        self._pool = pool
        self._policy = policy
        self._calls = calls
        self._values = values
        self._running: dict[int, Future[Answer]] = {}
        self._absent: dict[int, str] = {}

    def _serve(self, fresh: Mapping[int, tuple[str, Request]]) -> None:
        for seq, (_, request) in fresh.items():
            why = self._hindrance(request)
            if why:
                self._absent[seq] = why
            else:
                call = Call(tool=request.name, arguments=dict(request.arguments))
                self._running[seq] = self._pool.submit(call)
        super()._serve(fresh)

    def _hindrance(self, request: Request) -> str:
        """Say why a request cannot be carried out again; empty where it can."""
        if request.effect != "tool":
            return f"a {request.effect} answers from the record"
        if request.name not in self._pool.registry:
            return "this machine does not have the tool (--beside FOLDER: it lies in a scenario)"
        if self._pool.registry.get(request.name).consequential:
            return "it cannot be taken back, and is not done again"
        target = target_of(request, self._policy, self._pool.registry)
        if why := target.refusal(request.label or PUBLIC, self._policy.label):
            return why
        missing = self._pool.registry.get(request.name).missing()
        return f"{', '.join(missing)} not installed" if missing else ""

    def _answer(
        self, event: Event, fact: EffectCompleted | EffectFailed, key: str, request: Request
    ) -> Response:
        response = super()._answer(event, fact, key, request)
        if isinstance(fact, EffectFailed) and fact.failure.kind is FailureKind.REFUSED:
            self._running.pop(fact.request, None)
            return response  # no tool said so
        why = self._absent.get(fact.request)
        if why is not None:
            if request.effect == "tool":
                self._calls.append(Recomputed(event.seq, request.name, "not rerun", why=why))
            return response
        answer = self._running.pop(fact.request).result()
        call = self._compared(event.seq, request.name, response, answer)
        self._calls.append(call)
        self._values[fact.request] = answer.value
        same = call.outcome in ("equal", "within tolerance")
        self.playback.labels[-1] = "recomputed-equal" if same else "recomputed-different"
        return response

    def _compared(self, seq: int, name: str, then: Response, now: Answer) -> Recomputed:
        tool = self._pool.registry.get(name)
        tolerance = tool.tolerance
        why = self._changed(name, tool.digest)
        if then.failure is not None or now.failure is not None:
            was, is_ = _said(then.failure, then.value), _said(now.failure, now.value)
            outcome = "equal" if _kind(then.failure) == _kind(now.failure) else "different"
            return Recomputed(seq, name, outcome, recorded=was, now=is_, why=why)
        largest, path, recorded, found = 0.0, "", None, None
        for at, a, b, apart in differences(then.value, now.value):
            if apart > largest:
                largest, path, recorded, found = apart, at, a, b
        if not largest:
            return Recomputed(seq, name, "equal", tolerance=tolerance)
        outcome = "within tolerance" if largest <= tolerance else "different"
        return Recomputed(seq, name, outcome, largest, tolerance, path, recorded, found, why)

    def _changed(self, name: str, digest: str) -> str:
        then = self._registry.get(name).digest if name in self._registry else ""
        if then == digest:
            return "the tool is the one that ran"
        return f"the tool is not the one that ran: version {then[:12]} then, {digest[:12]} now"


def rerun(
    folder: Path | str,
    *,
    jobs: int | None = None,
    pool: Pool | None = None,
    beside: Path | None = None,
    allow_weak: bool = False,
) -> Rerun:
    """Call every tool of a run again and compare each number within its declared tolerance.

    The graph is driven by the recorded answers, so that each call is compared by itself; at the
    end the run is judged anew by the values found now.

    Args:
        folder: the run.
        jobs: tool calls at a time.
        pool: worker processes to use; by default its own.
        beside: the scenario's folder, for tools that lie in it; by default where it was.
        allow_weak: call tools that are not built in even where nothing keeps them from the network.

    Raises:
        NotARun: there is no run in the folder.
        Unreplayable: this version does not understand what was asked.
        ServerError: a server that the scenario names cannot be used.
        SiteError: the site lets nobody run tools under weak isolation.
    """
    if allow_weak:
        allow_weak_isolation()
    trace = Trace(folder)
    checked = examined(trace, "rerun")
    found = Rerun(**vars(checked))
    if found.problems:
        return found
    playback = Playback(trace)
    asked = scenario_of(trace.run)
    place = Setup.beside(trace.folder).place(asked, beside)
    if place and not place.is_dir():  # it was run on another machine
        place = None
    values: dict[int, Any] = {}
    with contextlib.ExitStack() as stack:
        if pool is None:
            folders = (place,) if place else ()
            pool = Pool(Registry.load(), jobs, folders, allow_weak=allow_weak)
            stack.callback(pool.close)
        placed = asked.placed(place) if place else asked
        pool = stack.enter_context(with_servers(placed, pool, trust=allow_weak))
        with asked_again(trace) as (scenario, store):
            meter, docket = Meter(scenario.budget), Docket()
            registry = registry_of(trace.run)
            desk = RerunDesk(
                pool,
                scenario.policy,
                found.calls,
                values,
                playback,
                docket,
                store,
                registry,
                meter,
                inline=INLINE if scenario.policy.payloads == "inline" else -1,
                free=free_fields(scored=False),
                labelling=Labelling(scenario.policy.label, keeps=labelled(trace.run)),
            )
            runner = Runner(
                scenario,
                scientist_of(trace.run),
                seed=trace.run["seed"],
                name=trace.folder.name,
                desk=desk,
                docket=docket,
                blobs=store,
                registry=registry,
                meter=meter,
                begun=trace.run,
                lessons=lessons_of(trace.run),
            )
            drive(runner, playback, found)
    found.verdicts = _judged_again(trace, values)
    found.calls.sort(key=lambda call: call.event)
    changed = [f"{h}: {a} then, {b} now" for h, (a, b) in found.verdicts.items() if a != b]
    found.problems += [f"the verdict changes: {c}" for c in changed]
    if found.first is not None:
        found.problems.append(str(found.first))
    found.holds = found.divergence is None and not found.problems
    return found


def _judged_again(trace: Trace, values: Mapping[int, Any]) -> dict[str, tuple[str, str]]:
    """Return each verdict on record beside the one that the values found now give."""
    docket = Docket.of(trace)
    for seq, measurement in docket.measurements.items():
        if measurement.request not in values or measurement.raw is None:
            continue
        value = values[measurement.request]
        try:
            at = value if measurement.row is None else value[measurement.row]
            for step in measurement.path:
                at = at[step]
            raw = float(at)
        except (KeyError, IndexError, TypeError, ValueError):
            continue  # it came out in another shape, and is told as different
        docket.measurements[seq] = measurement.model_copy(
            update={"raw": raw, "value": raw * measurement.factor + measurement.offset}
        )
    now = Judge(docket, trace.blobs).verdicts()
    return {
        h: (verdict.ruling.value, now[h].ruling.value)
        for h, verdict in docket.verdicts.items()
        if h in now
    }


def _said(failure: Failure | None, value: Any) -> Any:
    return f"{failure.kind.value}: {failure.reason}" if failure else value


def _kind(failure: Failure | None) -> str:
    return failure.kind.value if failure else ""
