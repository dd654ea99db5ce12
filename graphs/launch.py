"""Starting runs: `run` blocks, `start` returns at once; both have a thread of their own."""

import contextlib
import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec

from gaseol.agents.roles import Scientist
from gaseol.graphs.asked import Commitment, run_json
from gaseol.graphs.desk import Desk
from gaseol.graphs.handle import Run
from gaseol.graphs.laboratory import Laboratory, Stop, Watch
from gaseol.graphs.meter import Meter
from gaseol.graphs.runner import Runner, graph_named
from gaseol.scenarios.loader import load, load_answer
from gaseol.scenarios.scenario import Scenario
from gaseol.tools.cache import Cache
from gaseol.tools.door import Door, ToolDoor
from gaseol.tools.pool import Pool
from gaseol.tools.registry import Registry
from gaseol.traces.blob import INLINE
from gaseol.traces.docket import Docket
from gaseol.traces.event import EffectKind, RunInterrupted, Status
from gaseol.traces.recorder import Recorder
from gaseol.traces.shelf import new_folder
from gaseol.traces.signing import key_id

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from gaseol.graphs.forking import Prefix


class UnknownScientist(LookupError):
    """Neither the embedded scientist nor a known profile."""


class ReportFailed(RuntimeError):
    """The report of a run could not be written."""


def find_scientist(name: str, *, despite: str = "") -> Scientist:
    """Return a scientist by name.

    Args:
        name: `embedded`, `random`, or models as `gaseol.agents.driven` reads them.
        despite: why a use that a model's licence forbids is made all the same.

    Raises:
        UnknownScientist: there is none of this name.
    """
    if name == "embedded":
        from gaseol.agents.embedded import embedded

        return embedded()
    if name == "random":
        from gaseol.agents.chance import chance

        return chance()
    from gaseol.agents.driven import driven
    from gaseol.agents.models.profile import ProfileProblem

    try:
        return driven(name, despite=despite)
    except ProfileProblem as error:
        raise UnknownScientist(
            f"there is no scientist '{name}'; there is 'embedded', 'random' and every model that is "
            f"added: {error}"
        ) from None


def scientist_of(run: Mapping[str, Any]) -> Scientist:
    """Return the scientist that a run was made by, from what `run.json` says.

    Raises:
        UnknownScientist: this version does not know it.
    """
    if not run.get("models"):
        return find_scientist(run["scientist"])
    from gaseol.agents.driven import DrivenScientist
    from gaseol.agents.models.profile import ProfileProblem

    try:
        return DrivenScientist.of_card(run["models"], run["scientist"])
    except ProfileProblem as error:
        raise UnknownScientist(str(error)) from None


@dataclass
class _Session:
    """A run with its record: what happens from the first event to the seal."""

    runner: Runner
    recorder: Recorder
    desk: Desk
    key: "Ed25519PrivateKey | None"
    report: bool

    def go(self) -> Status:
        """Run, write the report and seal the record.

        Raises:
            Exception: whatever went wrong in the graph, after it is on record as `failed`.
            ReportFailed: the run is done and sealed, but without its report.
        """
        try:
            status = self.runner.run()
        except Stop:
            self.desk.record(RunInterrupted(reason="asked to stop"))
            self.recorder.close()
            return "interrupted"
        except BaseException:
            self._seal("failed")
            raise
        self._seal(status)
        return status

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
) -> Run:
    """Start a run in a thread of its own and return its live handle.

    Args:
        scenario: a scenario, its folder or file, or the name of a built-in one.
        scientist: who thinks, itself or by name.
        seed: fixes samples, draws and everything else that is left to chance.
        out: the run's folder; by default a new one under `GASEOL_HOME/runs`.
        jobs: tool calls at a time; as many as there are processors by default.
        cache: a folder of answers to share with other runs; by default none is shared.
        pool: worker processes to use; by default its own, closed when the run ends.
        watch: told whenever something changed, in the run's thread.
        report: write `report.md` and `report.html`.
        key: signs the seal.
        prefix: the run that this one branches off, with the answers that they share.

    Raises:
        ScenarioError: the scenario cannot be run, with every flaw.
        UnknownScientist: nobody has this name.
        UnknownGraph: no graph has the scenario's.
        NotCleared: the policy does not let a model be asked this question.
        RecordExists: the folder holds a run already.
    """
    from gaseol.scenarios.checker import check

    scenario = scenario if isinstance(scenario, Scenario) else load(scenario)
    who = find_scientist(scientist) if isinstance(scientist, str) else scientist
    stopping = threading.Event()
    with contextlib.ExitStack() as stack:
        if pool is None:
            folders = (scenario.folder,) if scenario.folder else ()
            pool = Pool(Registry.load(), jobs, folders)
            stack.callback(pool.close)
        check(scenario, pool.registry)
        graph_named(scenario.graph)
        who.admitted(scenario.policy)
        answer = load_answer(scenario.folder) if scenario.folder else None
        hidden = Commitment(answer, secrets.token_bytes(32)) if answer else None
        folder = Path(out) if out else new_folder(scenario.name)
        sealer = key_id(key) if key else ""
        asked = run_json(
            scenario, who.name, seed, folder.name, pool.registry, hidden, sealer, who.card
        )
        recorder = Recorder(folder, asked)
        docket, meter = Docket(), Meter(scenario.budget)
        models = who.door(scenario.policy)
        stack.callback(getattr(models, "close", lambda: None))
        desk = _desk(scenario, recorder, docket, pool, models, meter, cache, stopping, prefix)
        handle = Run(folder, docket, stopping)

        def look(phase: str, laboratory: Laboratory) -> None:
            handle.phase = phase
            if watch is not None:
                watch(phase, laboratory)

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
            forked=prefix.fact if prefix else None,
            stopping=stopping,
            watch=look,
        )
        session = _Session(runner, recorder, desk, key, report)
        closing = stack.pop_all()

    def go() -> None:
        error: BaseException | None = None
        status: Status | None = None
        with closing:
            try:
                status = session.go()
            except BaseException as raised:  # noqa: BLE001 (handed to whoever waits)
                error = raised
        handle.end(status or runner.status or "failed", error)

    threading.Thread(target=go, name=f"gaseol-{folder.name}", daemon=True).start()
    return handle


def _desk(
    scenario: Scenario,
    recorder: Recorder,
    docket: Docket,
    pool: Pool,
    models: Door | None,
    meter: Meter,
    cache: Path | None,
    stopping: threading.Event,
    prefix: "Prefix | None",
) -> Desk:
    shared = Cache(cache) if cache else None
    inline = INLINE if scenario.policy.payloads == "inline" else -1
    doors: dict[EffectKind, Door] = {"tool": ToolDoor(pool)}
    if models is not None:
        doors["model"] = models
    given = (recorder, docket, pool.registry, doors, meter, shared, stopping)
    if prefix is None:
        return Desk(*given, inline=inline)
    from gaseol.graphs.forking import BranchDesk

    return BranchDesk(prefix, *given, inline=inline)


P = ParamSpec("P")


def _blocking(begin: Callable[P, Run]) -> Callable[P, Run]:
    def run(*args: P.args, **kwargs: P.kwargs) -> Run:
        handle = begin(*args, **kwargs)
        try:
            return handle.wait()
        except KeyboardInterrupt:
            handle.stop()
            handle.wait()
            raise

    run.__doc__ = """Run a scenario and return its handle when it has ended; options as for `start`.

    An interrupt from the keyboard stops the run, which records it.

    Raises:
        ScenarioError: the scenario cannot be run, with every flaw.
        Exception: whatever made the run fail.
    """
    return run


run = _blocking(start)
