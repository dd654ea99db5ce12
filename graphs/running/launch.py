"""Starting runs: `run` blocks, `start` returns at once; both have a thread of their own."""

import contextlib
import secrets
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec, Protocol

from gaseol.agents.catalogue import find_scientist
from gaseol.agents.roles import Scientist
from gaseol.graphs.laboratory import Laboratory, Pause, Stop, Watch
from gaseol.graphs.lessons import learnt, lessons_of
from gaseol.graphs.people.door import People
from gaseol.graphs.replay.playback import Diverged
from gaseol.graphs.running.asked import Commitment, code_digest, run_json
from gaseol.graphs.running.desk import Desk
from gaseol.graphs.running.doors import open_doors
from gaseol.graphs.running.handle import Run
from gaseol.graphs.running.labelling import Labelling
from gaseol.graphs.running.meter import Meter
from gaseol.graphs.running.runner import Runner, graph_named
from gaseol.graphs.running.servers import with_servers
from gaseol.graphs.running.setup import SETUP, Setup
from gaseol.scenarios.loader import load, load_answer
from gaseol.scenarios.scenario import Scenario
from gaseol.tools.cache import Cache
from gaseol.tools.door import Door
from gaseol.tools.registry import Registry
from gaseol.tools.site import allow_weak_isolation
from gaseol.tools.workers.pool import Pool
from gaseol.traces.record.blob import INLINE, Unrecorded
from gaseol.traces.record.docket import Docket
from gaseol.traces.record.event import EffectKind, RunInterrupted, Status
from gaseol.traces.record.inbox import Inbox
from gaseol.traces.record.recorder import Recorder
from gaseol.traces.record.trace import Trace
from gaseol.traces.shelf import new_folder
from gaseol.traces.signatures.signing import key_id

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from gaseol.graphs.replay.forking import Prefix


class Unresumable(RuntimeError):
    """A run that cannot go on here, and why."""


class ReportFailed(RuntimeError):
    """The report of a run could not be written."""


class Writing(Protocol):
    """A desk, as far as its session asks."""

    live: bool
    """Whether what is recorded goes to the end of the record."""

    def mend(self) -> None:
        """Say on record what was cut off at its end, if anything was and nothing says so yet."""
        ...


@dataclass
class Session:
    """A run with its record: what happens from the first event to the seal."""

    runner: Runner
    recorder: Recorder
    desk: Writing
    key: "Ed25519PrivateKey | None"
    report: bool
    status: Status | None = None

    def go(self) -> None:
        """Run, write the report and seal the record; `status` then says how it went.

        Raises:
            Exception: whatever went wrong in the graph, after it is on record as `failed`.
            ReportFailed: the run is done and sealed, but without its report.
            Unrecorded: nothing more can be recorded; the run can be resumed.
            Unresumable: this code does not do what stands on the record already.
        """
        try:
            self.status = self.runner.run()
            self._seal(self.status)
        except Diverged as parted:
            self._leave()
            raise Unresumable(
                f"{self.recorder.folder} cannot be resumed: here the code does something else than "
                f"what is on record, {parted}{_other_code(self.recorder.folder)}"
            ) from None
        except Pause as waits:
            self._leave(RunInterrupted(reason=str(waits), status="paused"))
        except Stop:
            self._leave(RunInterrupted(reason="asked to stop"))
        except Unrecorded:
            self._leave()
            raise
        except BaseException:
            if self.status is None:
                self.status = "failed"
                self._seal(self.status)
            raise

    def _leave(self, last: RunInterrupted | None = None) -> None:
        """Leave the record as it is; what was only read again is not written a second time."""
        self.status = last.status if last else "interrupted"
        if last is not None:
            self.desk.mend()
        if last is not None and self.desk.live:
            self.recorder.record(last)
            self.recorder.close()
        self.recorder.abandon()

    def _seal(self, status: Status) -> None:
        """Write the report, then seal record and report.

        Raises:
            ReportFailed: the report could not be written; the record is whole and sealed.
        """
        self.recorder.commit()
        files: tuple[str, ...] = ()
        try:
            if self.report and status in ("done", "budget"):
                from gaseol.traces.report import write_report

                files = write_report(self.recorder.folder)
        except Exception as error:
            raise ReportFailed(
                f"the run is {status} and its record is sealed, but the report could not be "
                f"written: {type(error).__name__}: {error}"
            ) from error
        finally:
            self.recorder.seal(files, self.key)


def _other_code(run: Path) -> str:
    """Say which code began a run, where it is not this."""
    said = Trace(run).run
    if said.get("code") == code_digest():
        return ""
    version, source = said.get("versions", {}).get("gaseol", "unknown"), said.get("code")
    which = f"gaseol {version}" + (f", source {source[:12]}" if source else "")
    return f"; it was begun by other code ({which}), which can go on with it"


def start(
    scenario: Scenario | Path | str,
    *,
    scientist: Scientist | str = "embedded",
    seed: int = 0,
    out: Path | str | None = None,
    jobs: int | None = None,
    cache: Path | None = None,
    pool: Pool | None = None,
    watch: Watch | None = None,
    report: bool = True,
    key: "Ed25519PrivateKey | None" = None,
    prefix: "Prefix | None" = None,
    allow_weak: bool = False,
    lessons: Sequence[Path] | None = (),
) -> Run:
    """Start a run in a thread of its own and return its live handle.

    Args:
        scenario: a scenario, its folder or file, or the name of a built-in one.
        scientist: who thinks, itself or by name; `site` for whom the site names for the question's field.
        seed: fixes samples, draws and everything else that is left to chance.
        out: the run's folder; by default a new one under `GASEOL_HOME/runs`.
        jobs: tool calls at a time; as many as there are processors by default.
        cache: a folder of answers to share with other runs; by default none is shared.
        pool: worker processes to use; by default its own, closed when the run ends.
        watch: told whenever something changed, in the run's thread.
        report: write `report.md` and `report.html`.
        key: signs the seal.
        prefix: the run that this one branches off, with the answers that they share.
        allow_weak: run tools that are not built in even where nothing keeps them from the network.
        lessons: earlier runs, or folders of them, to learn from; None: nothing, whatever the policy says.
            A branch has its parent's lessons.

    Raises:
        ScenarioError: the scenario cannot be run, with every flaw.
        ServerError: a server that it names cannot be used, or is not the one that was pinned.
        UnknownScientist: nobody has this name.
        UnknownGraph: no graph has the scenario's.
        SiteError: the site does not allow it, or its file cannot be used.
        BadLesson: nothing may be learnt from an earlier run.
        NotCleared: the policy does not let a model be asked this question.
        RecordExists: the folder holds a run already.
    """
    from gaseol.scenarios.checker import check

    scenario = scenario if isinstance(scenario, Scenario) else load(scenario)
    if allow_weak:
        allow_weak_isolation()
    who = scientist
    if isinstance(who, str):
        who = find_scientist(who, field=scenario.field)
    stopping = threading.Event()
    with contextlib.ExitStack() as stack:
        if pool is None:
            folders = (scenario.folder,) if scenario.folder else ()
            pool = Pool(Registry.load(), jobs, folders, allow_weak=allow_weak)
            stack.callback(pool.close)
        pool = stack.enter_context(with_servers(scenario, pool, trust=allow_weak))
        check(scenario, pool.registry)
        graph_named(scenario.graph)
        who.admitted(scenario.policy)
        known = lessons_of(prefix.parent.run) if prefix else learnt(scenario, lessons)
        answer = load_answer(scenario.folder) if scenario.folder else None
        hidden = Commitment(answer, secrets.token_bytes(32)) if answer else None
        folder = Path(out) if out else new_folder(scenario.name)
        sealer = key_id(key) if key else ""
        asked = run_json(
            scenario,
            who.name,
            seed,
            folder.name,
            pool.registry,
            hidden,
            sealer,
            who.card,
            known,
            pool.where,
        )
        place = Setup.of(scenario, jobs, cache, report, hidden, prefix)
        # what cannot be opened is said before there is a run
        doors = open_doors(scenario, who, pool, seed, stack)
        recorder = Recorder(folder, asked, {SETUP: place.to_bytes()})
        stack.callback(recorder.abandon)
        docket, meter = Docket(), Meter(scenario.budget)
        desk = desk_for(
            scenario, recorder, docket, pool.registry, doors, meter, cache, stopping, prefix
        )
        handle = Run(folder, docket, stopping, recorder)
        workers = pool
        handle.notices = lambda: workers.notices
        runner = Runner(
            scenario,
            who,
            seed=seed,
            name=folder.name,
            desk=desk,
            docket=docket,
            blobs=recorder.blobs,
            registry=pool.registry,
            meter=meter,
            hidden=hidden,
            lessons=known,
            forked=prefix.fact if prefix else None,
            stopping=stopping,
            watch=looking(handle, watch),
        )
        return set_going(Session(runner, recorder, desk, key, report), handle, stack.pop_all())


def looking(handle: Run, watch: Watch | None) -> Watch:
    """Return who tells a run's handle where it is, and then whoever looks on."""

    def look(phase: str, laboratory: Laboratory) -> None:
        handle.phase = phase
        if watch is not None:
            watch(phase, laboratory)

    return look


def set_going(session: Session, handle: Run, closing: contextlib.ExitStack) -> Run:
    """Run in a thread of its own and close what it used when it ends; return its handle."""

    def go() -> None:
        error: BaseException | None = None
        with closing:
            try:
                session.go()
            except BaseException as raised:  # noqa: BLE001 (handed to whoever waits)
                error = raised
        handle.end(session.status or "failed", error)

    threading.Thread(target=go, name=f"gaseol-{handle.path.name}", daemon=True).start()
    return handle


def desk_for(
    scenario: Scenario,
    recorder: Recorder,
    docket: Docket,
    registry: Registry,
    doors: Mapping[EffectKind, Door],
    meter: Meter,
    cache: Path | None,
    stopping: threading.Event,
    prefix: "Prefix | None",
    labelling: Labelling | None = None,
) -> Desk:
    """Open the desk of a run, or of one that branches off another."""
    shared = Cache(cache) if cache else None
    inline = INLINE if scenario.policy.payloads == "inline" else -1
    given = (recorder, docket, registry, doors, meter, shared, stopping)
    people = People(recorder.count > 0, Inbox(recorder.folder), recorder.blobs)
    labelling = labelling or Labelling(scenario.policy.label)
    if prefix is None:
        return Desk(*given, people=people, inline=inline, labelling=labelling)
    from gaseol.graphs.replay.forking import BranchDesk

    return BranchDesk(prefix, *given, people=people, inline=inline, labelling=labelling)


P = ParamSpec("P")


def blocking(begin: Callable[P, Run], doc: str) -> Callable[P, Run]:
    """Return the same as `begin` that returns when the run has ended.

    An interrupt from the keyboard stops the run, which records it.
    """

    def run(*args: P.args, **kwargs: P.kwargs) -> Run:
        handle = begin(*args, **kwargs)
        try:
            return handle.wait()
        except KeyboardInterrupt:
            handle.stop()
            handle.wait()
            raise

    run.__doc__ = doc
    return run


run = blocking(
    start,
    """Run a scenario and return its handle when it has ended; options as for `start`.

    An interrupt from the keyboard stops the run, which records it.

    Raises:
        ScenarioError: the scenario cannot be run, with every flaw.
        Exception: whatever made the run fail.
    """,
)
