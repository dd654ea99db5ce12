"""Many runs of one scenario: seeds, settings and scientists, on all processors of this machine.

Every run has a folder whose name follows from what is asked, so the same sweep called again goes on
where it stopped: a sealed run is not made again, one that was killed is resumed.
"""

import hashlib
import itertools
import queue
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from gaseol.graphs.replay.forking import changed
from gaseol.graphs.running.asked import scenario_digest
from gaseol.graphs.sweep.hand import Died, Hand
from gaseol.scenarios.loader import load
from gaseol.scenarios.scenario import Scenario
from gaseol.tools.site import allow_weak_isolation
from gaseol.traces.record.docket import Docket
from gaseol.traces.record.trace import Trace
from gaseol.traces.summary import summary

ATTEMPTS = 2
"""A run that failed is made once more."""


class BadSweep(ValueError):
    """What was asked for is no sweep."""


@dataclass(frozen=True)
class Point:
    """One run of a sweep."""

    name: str
    seed: int
    settings: tuple[tuple[str, str], ...]
    scientist: str

    def folder(self, out: Path, attempt: int) -> Path:
        """Return where the run is kept."""
        return out / (self.name if attempt == 0 else f"{self.name}-{attempt + 1}")


@dataclass
class Result:
    """What came of a run."""

    point: Point
    folder: Path
    status: str
    reason: str = ""
    attempts: int = 1
    earlier: bool = False
    """It was there already."""
    found: dict[str, Any] = field(default_factory=dict[str, Any])
    """As `gaseol show --json` prints it; empty where there is no record."""

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {
            "run": str(self.folder),
            "seed": self.point.seed,
            "settings": dict(self.point.settings),
            "scientist": self.point.scientist,
            "status": self.status,
            "reason": self.reason,
            "attempts": self.attempts,
            "hypotheses": self.found.get("hypotheses", []),
            "cost": self.found.get("cost", {}),
        }


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
                Point(f"{mark}-{seed}", seed, tuple(chosen.items()), scientist) for seed in seeds
            ]
    if not found:
        raise BadSweep("there is no seed, or a setting without a value: no run to make")
    return found


def sweep(
    scenario: str,
    out: Path,
    wanted: Sequence[Point],
    *,
    jobs: int,
    report: bool = False,
    allow_weak: bool = False,
    tell: Callable[[Result, int], None] = lambda *_: None,
) -> list[Result]:
    """Make all runs that are not there yet; return what came of each, in the order wanted.

    Args:
        scenario: a path or a name.
        out: the sweep's folder.
        wanted: as `points` gives them.
        jobs: runs at a time, each in a process of its own.
        report: write a report of each.
        allow_weak: run tools that are not built in even where nothing keeps them from the network.
        tell: told of each run that ended, and how many are left; in the thread that called.

    Raises:
        BadSweep: another process is making this sweep.
        SiteError: the site lets nobody run tools under weak isolation.
    """
    if allow_weak:
        allow_weak_isolation()
    about = {"scenario": scenario, "report": report, "allow_weak": allow_weak}
    out.mkdir(parents=True, exist_ok=True)
    with _alone(out):
        found: dict[str, Result] = {}
        todo: queue.SimpleQueue[Point] = queue.SimpleQueue()
        for point in wanted:
            there = _there(point, out)
            if there is None:
                todo.put(point)
            else:
                found[point.name] = there
                tell(there, len(wanted) - len(found))
        for result in _made(about, out, todo, min(jobs, len(wanted))):
            found[result.point.name] = result
            tell(result, len(wanted) - len(found))
        return [found[point.name] for point in wanted]


def _made(
    about: Mapping[str, Any], out: Path, todo: "queue.SimpleQueue[Point]", jobs: int
) -> Iterator[Result]:
    """Have the runs made by several hands; yield each as it ends."""
    count = todo.qsize()
    done: queue.SimpleQueue[Result | BaseException] = queue.SimpleQueue()
    hands = [Hand() for _ in range(min(jobs, count))]

    def work(hand: Hand) -> None:
        try:
            while True:
                try:
                    point = todo.get_nowait()
                except queue.Empty:
                    hand.dismiss()
                    return
                done.put(_attempted(hand, about, out, point))
        except BaseException as error:  # noqa: BLE001 (raised where the results are read)
            done.put(error)

    threads = [threading.Thread(target=work, args=(hand,), daemon=True) for hand in hands]
    for thread in threads:
        thread.start()
    try:
        for _ in range(count):
            result = done.get()
            if isinstance(result, BaseException):
                raise result
            yield result
        for thread in threads:
            thread.join()  # each lets its process end by itself
    finally:
        for hand in hands:
            hand.close()
        for thread in threads:
            thread.join()


def _attempted(hand: Hand, about: Mapping[str, Any], out: Path, point: Point) -> Result:
    reply: dict[str, Any] = {}
    folder = point.folder(out, 0)
    for attempt in range(ATTEMPTS):
        folder = point.folder(out, attempt)
        if attempt and not _failed(point.folder(out, attempt - 1)):
            folder = point.folder(out, attempt - 1)  # it was killed: that run goes on
        if _failed(folder):
            reply = {"status": "failed", "reason": Trace(folder).status}
            continue
        task = {**about, "settings": dict(point.settings), "seed": point.seed,
                "scientist": point.scientist, "folder": str(folder)}  # fmt: skip
        try:
            reply = hand.make(task)
        except Died as died:
            reply = {"status": "failed", "reason": str(died)}
        if reply["status"] != "failed":
            return _result(point, folder, str(reply["status"]), attempts=attempt + 1)
    return _result(point, folder, "failed", str(reply["reason"]), attempts=ATTEMPTS)


def _there(point: Point, out: Path) -> Result | None:
    """Return what came of a run earlier; None where it is to be made, or gone on with."""
    for attempt in range(ATTEMPTS):
        folder = point.folder(out, attempt)
        if not (folder / "seal.json").is_file():
            return None
        status = Trace(folder).status
        if status != "failed" or attempt + 1 == ATTEMPTS:
            found = _result(point, folder, status, attempts=attempt + 1)
            found.earlier = True
            return found
    return None


def _failed(folder: Path) -> bool:
    return (folder / "seal.json").is_file() and Trace(folder).status == "failed"


def _result(point: Point, folder: Path, status: str, reason: str = "", attempts: int = 1) -> Result:
    found: dict[str, Any] = {}
    if (folder / "events.jsonl").is_file():
        found = summary(Docket.of(Trace(folder)), str(folder), status)
    return Result(point, folder, status, reason or found.get("reason", ""), attempts, found=found)


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
