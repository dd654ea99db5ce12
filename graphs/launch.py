"""Starting runs: `run` blocks, `start` returns at once; both have a thread of their own."""

import contextlib
import threading
from collections.abc import Callable
from pathlib import Path
from typing import ParamSpec

from gaseol.agents.roles import Scientist
from gaseol.graphs.handle import Run
from gaseol.graphs.laboratory import Laboratory, Watch
from gaseol.graphs.runner import Runner
from gaseol.scenarios.loader import load, load_answer
from gaseol.scenarios.scenario import Scenario
from gaseol.tools.cache import Cache
from gaseol.tools.pool import Pool
from gaseol.tools.registry import Registry
from gaseol.traces.shelf import new_folder


class UnknownScientist(LookupError):
    """Neither the embedded scientist nor a known profile."""


def find_scientist(name: str) -> Scientist:
    """Return a scientist by name.

    Raises:
        UnknownScientist: there is none of this name.
    """
    if name == "embedded":
        from gaseol.agents.embedded import embedded

        return embedded()
    raise UnknownScientist(f"there is no scientist '{name}'; there is 'embedded'")


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

    Raises:
        ScenarioError: the scenario cannot be run, with every flaw.
        UnknownScientist: nobody has this name.
        RecordExists: the folder holds a run already.
    """
    from gaseol.scenarios.checker import check

    scenario = scenario if isinstance(scenario, Scenario) else load(scenario)
    who = find_scientist(scientist) if isinstance(scientist, str) else scientist
    with contextlib.ExitStack() as stack:
        if pool is None:
            folders = (scenario.folder,) if scenario.folder else ()
            pool = Pool(Registry.load(), jobs, folders)
            stack.callback(pool.close)
        check(scenario, pool.registry)
        runner = Runner(
            scenario,
            who,
            seed=seed,
            folder=Path(out) if out else new_folder(scenario.name),
            pool=pool,
            cache=Cache(cache) if cache else None,
            hidden=load_answer(scenario.folder) if scenario.folder else None,
            report=report,
        )
        handle = Run(runner.folder, runner.docket, runner.stopping)

        def look(phase: str, laboratory: Laboratory) -> None:
            handle.phase = phase
            if watch is not None:
                watch(phase, laboratory)

        runner.laboratory.watch = look
        closing = stack.pop_all()

    def go() -> None:
        error: BaseException | None = None
        with closing:
            try:
                runner.run()
            except BaseException as raised:  # noqa: BLE001 (handed to whoever waits)
                error = raised
        handle.end(runner.status or "failed", error)

    threading.Thread(target=go, name=f"gaseol-{runner.folder.name}", daemon=True).start()
    return handle


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
