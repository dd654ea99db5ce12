"""Many runs of one scenario: seeds, settings and scientists, on this machine or on a cluster.

Every run has a folder whose name follows from what is asked, so the same sweep called again goes on
where it stopped: a sealed run is not made again, one that was killed is resumed.
"""

import contextlib
import hashlib
import itertools
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from gaseol.graphs.replay.forking import changed
from gaseol.graphs.running.asked import scenario_digest
from gaseol.graphs.sweep.attempts import Attempts, Order, Point, Result
from gaseol.graphs.sweep.ledger import Ledger
from gaseol.scenarios.loader import load
from gaseol.scenarios.scenario import Scenario
from gaseol.tools.site import allow_weak_isolation

if TYPE_CHECKING:
    from gaseol.tools.cluster.crew import Crew


class BadSweep(ValueError):
    """What was asked for is no sweep."""


def scenario_of(scenario: str, settings: Mapping[str, str]) -> Scenario:
    """Return a scenario by path or name, with fields set anew, in its folder.

    Raises:
        ScenarioError: it is none, or none any more.
        BadBranch: a field is not there.
    """
    found = load(scenario)
    if not settings:
        return found
    made = changed(found, settings)
    return made.placed(found.folder) if found.folder else made


def points(
    scenario: str,
    seeds: Sequence[int],
    settings: Mapping[str, Sequence[str]],
    scientists: Sequence[str],
) -> list[Point]:
    """Return the runs of a sweep: every seed with every setting and every scientist.

    Raises:
        BadSweep: there is none.
        ScenarioError: a setting makes no scenario.
        BadBranch: a field is not there.
    """
    found: list[Point] = []
    for values in itertools.product(*settings.values()):
        chosen = dict(zip(settings, values, strict=True))
        digest = scenario_digest(scenario_of(scenario, chosen))
        for scientist in scientists:
            mark = hashlib.sha256(f"{digest} {scientist}".encode()).hexdigest()[:10]
            found += [
                Point(f"{mark}-{seed}", seed, tuple(chosen.items()), scientist, digest)
                for seed in seeds
            ]
    if not found:
        raise BadSweep("there is no seed, or a setting without a value: no run to make")
    return found


def sweep(
    scenario: str,
    out: Path,
    wanted: Sequence[Point],
    *,
    jobs: int = 1,
    crew: "Crew | None" = None,
    report: bool = False,
    allow_weak: bool = False,
    tell: Callable[[Result, int], None] = lambda *_: None,
) -> list[Result]:
    """Make all runs that are not there yet; return what came of each, in the order wanted.

    Args:
        scenario: a path or a name.
        out: the sweep's folder.
        wanted: as `points` gives them.
        jobs: runs at a time, each in a process of its own on this machine.
        crew: makes the runs on other machines instead, which share the folder.
        report: write a report of each.
        allow_weak: run tools that are not built in even where nothing keeps them from the network.
        tell: told of each run that ended, and how many are left; in the thread that called.

    Raises:
        BadSweep: another process is making this sweep.
        ClusterError: the crew has no workers.
        SiteError: the site lets nobody run tools under weak isolation.
    """
    from gaseol.graphs.sweep.distant import made_by_crew
    from gaseol.graphs.sweep.nearby import made_here

    if allow_weak:
        allow_weak_isolation()
    if crew is not None:  # the workers have another current folder
        out, place = out.absolute(), Path(scenario)
        scenario = str(place.absolute()) if place.exists() else scenario
    out.mkdir(parents=True, exist_ok=True)
    with _alone(out):
        found: dict[str, Result] = {}
        todo: list[Attempts] = []
        ledger = Ledger(out)
        for point in wanted:
            attempts = Attempts(point, Order(scenario, report, allow_weak), out)
            there = ledger.there(attempts)
            if there is None:
                todo.append(attempts)
            else:
                found[point.name] = there
                tell(there, len(wanted) - len(found))
        made = made_here(todo, jobs) if crew is None else made_by_crew(todo, crew)
        with contextlib.closing(made):
            for result in made:
                found[result.point.name] = result
                ledger.keep(result)
                tell(result, len(wanted) - len(found))
        return [found[point.name] for point in wanted]


def tally(results: Sequence[Result]) -> list[dict[str, Any]]:
    """Return a row for every hypothesis under every setting: how often it was decided how."""
    rows: dict[bytes, dict[str, Any]] = {}
    for result in results:
        for hypothesis in result.found.get("hypotheses", ()):
            about = {
                "settings": dict(result.point.settings),
                "scientist": result.point.scientist,
                "statement": hypothesis["statement"],
            }
            row = rows.setdefault(
                orjson.dumps(about),
                {**about, "runs": 0, "supported": 0, "refuted": 0, "undecided": 0, "invalid": 0,
                 "draws": 0},
            )  # fmt: skip
            row["runs"] += 1
            row["draws"] += hypothesis["experiments"]
            if hypothesis["verdict"] in row:
                row[hypothesis["verdict"]] += 1
    for row in rows.values():
        row["draws"] = round(row["draws"] / row["runs"], 2)
    return list(rows.values())


class _alone:  # noqa: N801 (used as a function)
    """Hold the lock of a sweep's folder."""

    def __init__(self, out: Path) -> None:
        self._path = out / ".lock"

    def __enter__(self) -> None:
        import fcntl  # not on Windows, where nothing runs

        self._file = self._path.open("wb")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._file.close()
            raise BadSweep(f"another process is making the sweep in {self._path.parent}") from None

    def __exit__(self, *_: object) -> None:
        self._file.close()
