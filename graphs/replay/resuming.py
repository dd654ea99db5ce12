"""Go on with a run that did not come to its end: the record is the truth, the rest is live.

The graph is driven anew; what it does is held against the record, which answers it, as in a strict
replay. Where the record ends the same desk goes on in the world, and appends.
"""

import contextlib
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gaseol.agents.catalogue import find_scientist, scientist_of
from gaseol.agents.roles import Scientist
from gaseol.graphs.laboratory import Pause, Stop, Watch
from gaseol.graphs.lessons import lessons_of
from gaseol.graphs.replay.playback import Playback, PlaybackDesk
from gaseol.graphs.replay.replaying import free_fields, put_files
from gaseol.graphs.running.asked import (
    code_digest,
    labelled,
    registry_of,
    scenario_of,
    tools_of,
)
from gaseol.graphs.running.desk import Desk, key_of, repeatable, version_of
from gaseol.graphs.running.doors import open_doors
from gaseol.graphs.running.handle import Run
from gaseol.graphs.running.labelling import Labelling
from gaseol.graphs.running.launch import (
    Session,
    Unresumable,
    blocking,
    desk_for,
    looking,
    set_going,
)
from gaseol.graphs.running.meter import Meter
from gaseol.graphs.running.runner import Runner, graph_named
from gaseol.graphs.running.servers import with_servers
from gaseol.graphs.running.setup import Setup
from gaseol.scenarios.checker import beyond_site
from gaseol.scenarios.loader import ScenarioError
from gaseol.scenarios.scenario import Scenario
from gaseol.tools.contract import Answer
from gaseol.tools.registry import Registry
from gaseol.tools.site import allow_weak_isolation
from gaseol.tools.workers.pool import Pool
from gaseol.traces.nouns.failure import Failure, FailureKind
from gaseol.traces.record.blob import INLINE
from gaseol.traces.record.docket import Docket
from gaseol.traces.record.effects import Request, Response
from gaseol.traces.record.event import (
    EffectAmbiguous,
    EffectCompleted,
    EffectFailed,
    Event,
    Fact,
    Forked,
    RunInterrupted,
    RunResumed,
    StepEnded,
)
from gaseol.traces.record.recorder import Recorder
from gaseol.traces.record.remains import Remains
from gaseol.traces.record.trace import NotARun, Trace
from gaseol.traces.signatures import keys
from gaseol.traces.signatures.signing import fingerprint, key_id

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from gaseol.graphs.replay.forking import Prefix


class ResumeDesk(PlaybackDesk):
    """Answers from the record as far as it goes; from there on it is the run's own desk."""

    def __init__(
        self,
        desk: Desk,
        resumed: Callable[[], RunResumed | None],
        cut: int,
        stopping: threading.Event,
        *given: Any,
        **named: Any,
    ) -> None:
        """Open the desk of a run that goes on.

        Args:
            desk: goes on where the record ends.
            resumed: says what goes on record first; None where nothing stands there yet.
            cut: bytes at the end of the record that are no part of it.
            stopping: set when the run is to stop.
            given: as for the desk of a replay.
            named: as for the desk of a replay.
        """
        super().__init__(*given, **named)
        self.live = False
        """Whether what is recorded goes to the end of the record."""
        self._desk = desk
        self._resumed = resumed
        self._cut = cut
        self._stopping = stopping
        self._answers = desk.answers
        self._outstanding = desk.outstanding
        self._elapsed = 0.0
        """Seconds of the steps that are on record, up to where spending was last told."""
        self._within = 0.0
        """Seconds since then: of each batch its longest call, for no clock was read."""
        self._longest = 0.0
        self._told = False

    def record(self, fact: Fact, cause: int | None = None) -> int:
        """Hold a fact against the record, or add it where the record ends.

        Raises:
            Diverged: the record says something else.
        """
        if self._on_record():
            self._count(fact)
            return super().record(fact, cause)
        self._go_on()
        return self._desk.record(fact, cause)

    def spent(self) -> Mapping[str, float]:
        """Return what the record says was spent, or what is spent now."""
        if self._on_record():
            spent = super().spent()
            self._elapsed, self._within, self._told = spent.get("seconds", 0.0), 0.0, True
            return spent
        self._go_on()
        return self._desk.spent()

    def perform(self, requests: Sequence[Request], cause: int | None = None) -> list[Response]:
        """Return the recorded answers to these requests; what has none yet is carried out.

        Raises:
            Diverged: the record has other requests here.
            Stop: the run is being interrupted, or waits for a person.
        """
        if self._stopping.is_set():
            raise Stop
        if not self._on_record():
            self._go_on()
            return self._desk.perform(requests, cause)
        self._longest = 0.0
        return super().perform([self._desk.scrubbed(request) for request in requests], cause)

    def gather(self, requests: Sequence[Request], *, need: bool = False) -> list[Response | None]:
        """Return the recorded answers of people, or what they have handed in since.

        Raises:
            Diverged: the record has other requests here.
            Stop: the run is being interrupted, or waits for a person.
        """
        if self._stopping.is_set():
            raise Stop
        if not self._on_record():
            if self._nothing_new(requests):
                if need:
                    raise Pause(f"{len(requests)} answers of people are awaited")
                return [None] * len(requests)
            self._go_on()
            return self._desk.gather(requests, need=need)
        return super().gather(requests, need=need)

    def mend(self) -> None:
        """Cut off what is no part of the record, and say so: others cannot read past it."""
        if self._cut:
            self._go_on()

    def _nothing_new(self, requests: Sequence[Request]) -> bool:
        """Tell whether all of some requests were made before, and none has an answer yet."""
        people = self._desk.people
        keys = [self._key(request) for request in requests]
        asked = [self._outstanding[key][0] for key in keys if key in self._outstanding]
        return len(asked) == len(keys) and not (people and any(map(people.said, asked)))

    def _collect(self) -> None:
        super()._collect()
        if not self._on_record() and self._outstanding:
            people = self._desk.people
            if people and any(people.said(seq) for seq, _ in self._outstanding.values()):
                self._go_on()
                self._desk.collect()

    def _key(self, request: Request) -> str:
        return key_of(request, self._in_force() if self._on_record() else self._desk.registry)

    def _ask(self, key: str, request: Request, cause: int | None) -> int:
        if self._on_record():
            return super()._ask(key, request, cause)
        self._go_on()
        return self._desk.ask(key, request, cause)

    def _refused(self, fresh: Mapping[str, Request]) -> dict[str, Response]:
        return super()._refused(fresh) if self._on_record() else self._desk.refused(fresh)

    def _on_record(self) -> bool:
        return not self.live and self.playback.peek() is not None

    def _count(self, fact: Fact) -> None:
        """Sum up how long the run took before; wall clocks jump, so only durations count."""
        event = self.playback.peek()
        if isinstance(fact, StepEnded) and event is not None:
            took = self._within if self._told else float(event.data.get("seconds", 0.0))
            self._elapsed += took
            self._within, self._told = 0.0, False

    def _answer(
        self, event: Event, fact: EffectCompleted | EffectFailed, key: str, request: Request
    ) -> Response:
        if isinstance(fact, EffectFailed) or fact.origin == "live":
            longer = max(fact.seconds - self._longest, 0.0)
            self._longest += longer
            self._within += longer
        return super()._answer(event, fact, key, request)

    def _go_on(self) -> None:
        if not self.live:
            self.live = True
            self._meter.carry_on(self._elapsed + self._within)
            resumed = self._resumed()
            if resumed is not None:
                self._desk.record(resumed)

    def _unanswered(self, waiting: Mapping[int, tuple[str, Request]]) -> None:
        """Have done what was asked last and is not answered on record.

        A batch is carried out once it stands on record as a whole: of one that does not, nothing
        has happened.
        """
        if all(key in self._outstanding for key, _ in waiting.values()):
            raise Pause(f"{len(waiting)} answers of people are awaited")
        reasons: dict[int, str] = {}
        if not self.live:
            reasons = {
                seq: self._reason(seq, request)
                for seq, (_, request) in waiting.items()
                if request.effect != "person"
            }
            stuck = [seq for seq, reason in reasons.items() if not reason]
            if stuck:
                raise Pause(f"nobody knows whether {_events(stuck)} happened, and the tool does not "
                            "say that it may be called again")  # fmt: skip
            people = self._desk.people
            if not reasons and people and not any(map(people.said, waiting)):
                raise Pause(f"{len(waiting)} answers of people are awaited")
        self._go_on()
        for seq, reason in reasons.items():
            self._desk.record(EffectAmbiguous(request=seq, reason=reason), seq)
            self._meter.lost(waiting[seq][1])
        self._desk.carry_out(
            dict(waiting.values()),
            {key: seq for seq, (key, _) in waiting.items()},
            self._beyond(waiting),
        )

    def _beyond(self, waiting: Mapping[int, tuple[str, Request]]) -> dict[str, Answer]:
        """Return, by key, the answers to what the budget has no room to ask a second time."""
        found: dict[str, Answer] = {}
        for key, request in waiting.values():
            limit = self._meter.no_room(request)
            if limit:
                reason = (
                    "the run ended before the answer was on record, and the budget of "
                    f"{limit} has no room to ask again"
                )
                failure = Failure(kind=FailureKind.UNAVAILABLE, reason=reason)
                found[key] = Answer(failure=failure, seconds=0.0, cpu_seconds=0.0, isolation="")
        return found

    def _reason(self, seq: int, request: Request) -> str:
        """Say why a request without an answer is carried out again; empty where it may not be."""
        said = self._desk.people.said(seq) if self._desk.people else None
        if said is not None:
            does = "says that it may be carried out again" if said.again else "says how it ended"
            return f"the run ended before an answer was on record; {said.by} {does}"
        if not repeatable(request, self._registry):
            return ""
        reason = "the run ended before an answer was on record; asked again, which does no harm"
        now = version_of(request.name, self._desk.registry)
        if now != version_of(request.name, self._registry):
            reason += f", of another version of the tool: {now[:12]}"
        return reason


def start_again(
    folder: Path | str,
    *,
    scientist: Scientist | str | None = None,
    beside: Path | None = None,
    jobs: int | None = None,
    pool: Pool | None = None,
    watch: Watch | None = None,
    key: "Ed25519PrivateKey | None" = None,
    allow_weak: bool = False,
) -> Run:
    """Go on with a run in a thread of its own and return its live handle.

    Args:
        folder: the run.
        scientist: who thought, where it is not one that is known by name.
        beside: the scenario's folder, where it is not what it was: on another machine.
        jobs: tool calls at a time; by default as before.
        pool: worker processes to use; by default its own, closed when the run ends.
        watch: told whenever something changed, in the run's thread.
        key: signs the seal; by default the one of this machine that `run.json` names.
        allow_weak: call tools that are not built in even where nothing keeps them from the network.

    Raises:
        NotARun: there is no run in the folder.
        ScenarioError: its policy asks for more than this machine's site allows.
        RunSealed: it has come to its end.
        RecordInUse: another process goes on with it.
        BrokenRecord: its record is damaged, not only cut off.
        BrokenSetup: what is kept beside the record for this is no such thing.
        Unresumable: this machine lacks what it takes, and what.
        Unreplayable: this version does not understand what was asked.
        UnknownScientist: nobody has this name.
        NotCleared: the policy does not let its model be asked this question.
        SiteError: the site lets nobody run tools under weak isolation.
    """
    if allow_weak:
        allow_weak_isolation()
    stopping = threading.Event()
    with contextlib.ExitStack() as stack:
        recorder, remains = Recorder.reopen(Path(folder))
        stack.callback(recorder.abandon)
        trace = Trace(folder)
        asked, place = scenario_of(trace.run), Setup.beside(trace.folder)
        where = place.place(asked, beside)
        if pool is None:
            beside_it = (where,) if where else ()
            pool = Pool(Registry.load(), jobs or place.jobs, beside_it, allow_weak=allow_weak)
            stack.callback(pool.close)
        beyond = list(beyond_site(asked))
        if beyond:
            raise ScenarioError(beyond)
        placed = asked.placed(where) if where else asked
        pool = stack.enter_context(with_servers(placed, pool, trust=allow_weak))
        changed = _tools(trace, asked, pool.registry)
        graph_named(asked.graph)
        who = scientist
        if isinstance(who, str):
            who = find_scientist(who, field=asked.field)
        who = who or scientist_of(trace.run)
        who.admitted(asked.policy)
        key = key or _sealer(str(trace.run.get("sealer") or ""))
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="gaseol-resume-")))
        scenario = _placed(trace, asked, where, scratch, remains.events)
        docket, meter = Docket(), Meter(scenario.budget)
        prefix = _prefix(place, trace, remains.events)
        doors = open_doors(scenario, who, pool, trace.run["seed"], stack)
        labelling = Labelling(scenario.policy.label, keeps=labelled(trace.run))
        live = desk_for(
            scenario,
            recorder,
            docket,
            pool.registry,
            doors,
            meter,
            place.cache,
            stopping,
            prefix,
            labelling,
        )
        handle = Run(trace.folder, docket, stopping, recorder)
        workers = pool
        handle.notices = lambda: workers.notices
        promised = trace.run.get("hidden_answer_sha256")
        hidden = place.commitment(where, promised)
        unscored = bool(promised) and hidden is None
        desk = ResumeDesk(
            live,
            lambda: _resumed(trace, remains, changed, unscored) if remains.events else None,
            remains.cut,
            stopping,
            Playback(trace, until=remains.events),
            docket,
            recorder.blobs,
            registry_of(trace.run),
            meter,
            inline=INLINE if scenario.policy.payloads == "inline" else -1,
            free=free_fields(hidden is not None),
            labelling=labelling,
        )
        runner = Runner(
            scenario,
            who,
            seed=trace.run["seed"],
            name=trace.folder.name,
            desk=desk,
            docket=docket,
            blobs=recorder.blobs,
            registry=registry_of(trace.run),
            meter=meter,
            begun=trace.run,
            hidden=hidden,
            lessons=lessons_of(trace.run),
            forked=prefix.fact if prefix and _forked(trace, remains.events) is None else None,
            stopping=stopping,
            watch=looking(handle, watch),
        )
        session = Session(runner, recorder, desk, key, place.report)
        return set_going(session, handle, stack.pop_all())


resume = blocking(
    start_again,
    "Go on with a run and return its handle when it has ended; options as for `start_again`.",
)


def _tools(trace: Trace, scenario: Scenario, registry: Registry) -> list[str]:
    """Return the tools that are here in another version.

    Raises:
        Unresumable: one is missing, or takes or gives something else than it did.
    """
    then, changed = registry_of(trace.run), list[str]()
    for name in tools_of(scenario):
        if name not in then:
            continue  # it was missing when the run began, and is answered as it was
        if name not in registry:
            raise Unresumable(
                f"this machine does not have the tool {name}; for tools that lie beside a "
                "scenario name its folder: --folder DIR"
            )
        was, now = then.get(name), registry.get(name)
        if (was.input_schema, was.output_schema) != (now.input_schema, now.output_schema):
            raise Unresumable(
                f"the tool {name} takes or gives something else than when the run began; resume "
                "it with the version that it began with, or fork it"
            )
        if was.digest != now.digest:
            changed.append(name)
    return changed


def _sealer(keyid: str) -> "Ed25519PrivateKey | None":
    """Return the key that a run promised to be sealed with.

    Raises:
        Unresumable: this machine does not have it.
        KeyProblem: it does not open.
    """
    if not keyid:
        return None
    name = keys.own().get(keyid)
    if name is None:
        raise Unresumable(
            f"run.json says that the key {fingerprint(keyid)} seals this run, and it is not "
            f"among the keys in {keys.folder()}"
        )
    found = keys.load_key(name)
    assert key_id(found) == keyid
    return found


def _placed(
    trace: Trace, scenario: Scenario, where: Path | None, scratch: Path, events: int
) -> Scenario:
    """Return the scenario with its files as they are on record, else in its folder."""
    if events:
        put_files(trace, scratch)
        return scenario.placed(scratch)
    return scenario.placed(where) if where else scenario


def _prefix(place: Setup, trace: Trace, events: int) -> "Prefix | None":
    """Return what a branch shares with its parent.

    Raises:
        Unresumable: the parent is not there, or is not the one that the record names.
    """
    if place.branch is None:
        return None
    from gaseol.graphs.replay.forking import BadBranch, Prefix

    try:
        found = Prefix.of(place.branch.parent, place.branch.at)
    except (NotARun, BadBranch) as error:
        raise Unresumable(
            f"it branches off another run, whose answers it shares: {error}"
        ) from None
    said = _forked(trace, events)
    if said is not None and said != found.fact:
        raise Unresumable(
            f"{place.branch.parent} is not the run that it branches off: event {said.at - 1} of that "
            f"one is {said.head[:12]}, here {found.fact.head[:12]}"
        )
    return found


def _forked(trace: Trace, events: int) -> Forked | None:
    """Return what a branch says of its parent; None where it was killed before it could."""
    for event in islice(trace.events(), events):
        if event.kind == "run.forked":
            fact = event.fact
            return fact if isinstance(fact, Forked) else None
    return None


def _resumed(trace: Trace, remains: Remains, changed: Sequence[str], unscored: bool) -> RunResumed:
    """Say how the run's last writer left it, and what is different now."""
    last = None
    for event in islice(trace.events(), remains.events):
        last = event
    if last is not None and isinstance(last.fact, RunInterrupted):
        reason = f"after it was {last.fact.status}: {last.fact.reason}"
    else:
        reason = "after its process had ended without a word"
    if remains.cut:
        reason += f"; {remains.cut} bytes at the end of the record were cut off: {remains.why}"
    if code_digest() != trace.run.get("code"):
        reason += "; gaseol's source is another than at the beginning"
    if changed:
        reason += f"; other versions of {', '.join(changed)}"
    if unscored:
        reason += "; the hidden answer that was promised is not here, and the end is not scored"
    return RunResumed(reason=reason, code=code_digest())


def _events(seqs: Sequence[int]) -> str:
    return f"event {seqs[0]}" if len(seqs) == 1 else f"events {', '.join(map(str, seqs))}"
