"""Kill runs at every event and at random instants, take their disk and their clock, and resume them.

    python tests/attacks/kill.py                 # all of it
    python tests/attacks/kill.py --points 8      # a sample of each case
    python tests/attacks/kill.py --cases effects null

The cases are a toy world under every graph of the catalogue, and every built-in question whose
extra is installed, with budgets cut. Each run is a process of its own, forked from one that has
imported everything. Its tools are real ones in the workers of an instrument that outlives it and
witnesses every call that reaches it; every fifth run has workers of its own, which die with it. A
run is met by one of these, and then resumed until it ends:

    kill        SIGKILL after an event was recorded, in the middle of its line, twice, or whenever
    term        SIGINT and SIGTERM: it must end by itself, with exit code 130, within two seconds
    disk        a file system that is full before the run ends, and is enlarged for the resumption
    read-only   a folder in which nothing can be created any more
    clock       a time of day that jumps back, or forward, while the run goes on

After each must hold: what stood on record is the beginning of what stands there now; no call whose
answer was on record reached the instrument again; nothing else did more often than the run was
begun; the record verifies; its projection is that of a run that nobody met. Prints one JSON object;
exits with 1 if anything did not hold.
"""

import argparse
import gc
import importlib.util
import json
import mmap
import os
import random
import resource
import select
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
from instrument import Instrument, Reached, Told

from gaseol.cli.run_command import finish, waited_for
from gaseol.graphs import resume, run, start, start_again
from gaseol.graphs.catalogue import graphs
from gaseol.graphs.running import doors
from gaseol.graphs.running.asked import code_digest
from gaseol.graphs.running.runner import graph_named
from gaseol.scenarios import Scenario, load
from gaseol.scenarios.catalogue import builtin
from gaseol.scenarios.checker import check
from gaseol.scenarios.loader import ScenarioError
from gaseol.tools import Pool, Registry
from gaseol.traces import Trace, verify
from gaseol.traces.record.projection import projection_bytes
from gaseol.traces.record.recorder import Recorder

TOY = Path(__file__).parents[1] / "toy" / "world.py"
CLOCK = Path(__file__).with_name("clock.c")
SECONDS = 600
"""A run that takes longer hangs."""
PROMPT = 2.0
"""Seconds that a run may take to end by itself."""
FULL = 75
"""Exit code of a run that could not be recorded."""
NOBODY = 65534

EXPERIMENTS = {"cathodes": 2, "diffraction": 2}
"""So many experiments a built-in question may make; four where nothing is said."""
GRAPHS: dict[str, dict[str, Any]] = {
    "optimise": {"campaign": {"batch": 3, "evidence": 0.4}},
}
"""What a graph needs beside what the toy world's question says anyway."""


def cases(scratch: Path) -> Iterator[tuple[str, Scenario | str]]:
    """Yield name and scenario, budgets cut so that a run takes seconds; or why there is none."""
    spec = importlib.util.spec_from_file_location("gaseol_kill_world", TOY)
    assert spec is not None
    assert spec.loader is not None
    world = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(world)
    small = {"budget__experiments": 6, "hypotheses__maximum": 2}
    toys = {base.lower(): (base, small) for base in ("EFFECTS", "LAWS", "CURVES")}
    for name in graphs():
        if name not in ("discover", "survey"):  # a built-in survey stands for that graph
            toys[f"graph-{name}"] = ("EFFECTS", {**small, "graph": name, **GRAPHS.get(name, {})})
    for name, (base, changes) in toys.items():
        yield (
            name,
            load(world.write(scratch / name, world.changed(getattr(world, base), **changes))),
        )
    for name in builtin():
        whole = load(name)
        assert whole.folder is not None
        if not whole.measures:
            yield name, whole
            continue
        tool = Registry.load([whole.folder]).get(whole.measurement.tool)
        if tool.missing():
            yield name, f"needs {', '.join(tool.missing())}, not installed here"
            continue
        limits = {"experiments": EXPERIMENTS.get(name, 4), "seconds": 600}
        budget = whole.budget.model_copy(update=limits)
        few = {"maximum": min(whole.hypotheses.maximum, 2)}
        hypotheses = whole.hypotheses.model_copy(update=few)
        cut = whole.model_copy(update={"budget": budget, "check": None, "hypotheses": hypotheses})
        yield name, cut.placed(whole.folder)


class Unfit(Exception):
    """A case that cannot be attacked, which is a failure of the attack."""


@dataclass
class Blow:
    """What happens to a process that runs."""

    kind: str = ""
    """kill, term, disk, read-only or clock; nothing at all where it is empty."""
    event: int | None = None
    """After this event was recorded."""
    torn: bool = False
    """In the middle of its line."""
    seconds: float | None = None
    """After this time, from outside."""
    amount: float = 0
    """Of `disk`: its bytes; of `clock`: seconds; of `term`: the signal."""
    own: bool = False
    """The run has workers of its own."""

    def arm(self, folder: Path) -> None:
        """Let it happen to this process."""
        if self.kind == "term" and self.seconds is not None:
            signal.setitimer(signal.ITIMER_REAL, self.seconds)
            signal.signal(signal.SIGALRM, lambda *_: os.kill(os.getpid(), int(self.amount)))
        if self.kind == "disk" and not mountable():
            resource.setrlimit(resource.RLIMIT_FSIZE, (int(self.amount), int(self.amount)))
        if self.event is None:
            return
        record, pwrite, at = Recorder.record, os.pwrite, b'{"seq":%d,' % self.event

        def recording(self_: Recorder, *given: Any) -> int:
            seq = record(self_, *given)
            if seq == self.event and not self.torn:
                self._fall(folder)
            return seq

        def writing(handle: int, content: bytes, where: int) -> int:
            if content.startswith(at):
                pwrite(handle, content[: len(content) // 2], where)
                self._fall(folder)
            return pwrite(handle, content, where)

        Recorder.record = recording
        if self.torn:
            os.pwrite = writing

    def _fall(self, folder: Path) -> None:
        match self.kind:
            case "kill":
                os.kill(os.getpid(), signal.SIGKILL)
            case "term":
                os.kill(os.getpid(), int(self.amount))
            case "read-only":
                for place in (folder, *(p for p in folder.rglob("*") if p.is_dir())):
                    place.chmod(0o555)
                if not os.geteuid():  # whom no mode of a file stops
                    os.seteuid(NOBODY)
            case "clock":
                set_clock(self.amount)
            case _:
                raise AssertionError(self.kind)


_clock: mmap.mmap | None = None


def set_clock(seconds: float) -> None:
    """Put the time of day off, for this process and all that it forks."""
    if _clock is not None:
        _clock[:8] = struct.pack("=q", int(seconds))


_mountable: list[bool] = []


def mountable() -> bool:
    """Tell whether file systems can be mounted here."""
    if not _mountable:
        with tempfile.TemporaryDirectory() as place:
            done = subprocess.run(["mount", "-t", "tmpfs", "tmpfs", place], capture_output=True)
            _mountable.append(done.returncode == 0)
            if _mountable[0]:
                subprocess.run(["umount", place], check=True)
    return _mountable[0]


@dataclass
class Ending:
    """How a process ended."""

    status: int
    """As of `waitpid`."""
    seconds: float
    asked: float | None = None
    """How long it took to end once it had been asked to."""

    @property
    def killed(self) -> bool:
        """Whether a signal ended it."""
        return os.WIFSIGNALED(self.status)

    @property
    def code(self) -> int:
        """Its exit code."""
        return os.waitstatus_to_exitcode(self.status)


def driven(what: Callable[[], Any], blow: Blow, folder: Path, name: str) -> Ending:
    """Run in a process of its own and return how it ended."""
    began = time.monotonic()
    here, there = os.pipe()
    child = os.fork()
    if not child:
        code = 1
        try:
            os.close(here)
            os.setpgid(0, 0)
            quiet = os.open(os.devnull, os.O_WRONLY)
            os.dup2(quiet, 1)
            if blow.kind:
                os.dup2(quiet, 2)
            Reached.run = name
            doors.ToolDoor = Told if blow.own else Reached
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, signal.default_int_handler)
            if blow.kind == "term":
                signalled(there)
            blow.arm(folder)
            what()
            code = 0
        except SystemExit as ended:
            code = int(ended.code or 0)
        except KeyboardInterrupt:
            code = 130  # before there was a run
        except OSError as error:
            code = FULL if blow.kind in ("disk", "read-only") else 1
            print(f"{type(error).__name__}: {error}", file=sys.stderr)
        except BaseException as error:  # noqa: BLE001 (said, for no traceback leaves this process)
            print(f"{type(error).__name__}: {error}", file=sys.stderr)
        finally:
            os._exit(code)
    os.close(there)
    handle = os.pidfd_open(child)
    outside = blow.seconds if blow.kind == "kill" else None
    if not select.select([handle], [], [], SECONDS if outside is None else outside)[0]:
        os.kill(child, signal.SIGKILL)
    os.close(handle)
    _, status = os.waitpid(child, 0)
    ended = time.monotonic()
    said = os.read(here, 8)
    os.close(here)
    asked = ended - struct.unpack("=d", said)[0] if said else None
    return Ending(status, ended - began, asked)


def signalled(there: int) -> None:
    """Have this process say when it was asked to end."""
    kill = os.kill

    def killing(pid: int, number: int) -> None:
        os.write(there, struct.pack("=d", time.monotonic()))
        kill(pid, number)

    os.kill = killing


def answered(folder: Path) -> set[str]:
    """Return the keys of what has an answer on record."""
    keys: dict[int, str] = {}
    found: set[str] = set()
    for line in whole_lines(folder).splitlines():
        event = orjson.loads(line)
        if event["kind"] == "effect.requested":
            keys[event["seq"]] = event["data"]["key"]
        elif event["kind"] in ("effect.completed", "effect.failed"):
            found.add(keys[event["data"]["request"]])
    return found


def whole_lines(folder: Path) -> bytes:
    path = folder / "events.jsonl"
    content = path.read_bytes() if path.exists() else b""
    return content[: content.rfind(b"\n") + 1]


@dataclass
class Case:
    """A question, and what a run of it is when nothing happens to it."""

    name: str
    scenario: Scenario
    place: Path
    pool: Pool
    instrument: Instrument
    wanted: bytes = b""
    events: int = 0
    seconds: float = 0.0
    size: int = 0
    """Bytes of the run's folder."""
    met: Counter[str] = field(default_factory=Counter)
    """By kind, how many runs were stopped by what happened to them, or went on in spite of it."""
    slowest: float = 0.0
    """Seconds that a run took to end when it was asked to."""
    _numbers: Iterator[int] = field(default_factory=lambda: iter(range(10**9)))

    def measure(self) -> None:
        """Run it once without any blow.

        Raises:
            Unfit: it fails by itself, or its calls were not witnessed.
        """
        folder = self.place / "whole"
        ended = driven(self._beginning(folder, Blow()), Blow(), folder, "whole")
        if ended.code:
            raise Unfit("a run that nobody met failed; see above")
        trace = Trace(folder)
        asked = answered(folder)
        if Counter(self.instrument.begun("whole")) != Counter(asked):
            raise Unfit("the instrument did not witness what was asked")
        self.wanted, self.events = projection_bytes(trace), len(trace)
        self.seconds = ended.seconds
        self.size = sum(p.stat().st_blocks * 512 for p in folder.rglob("*"))

    def _beginning(self, folder: Path, blow: Blow) -> Callable[[], Any]:
        given: dict[str, Any] = {"jobs": 2} if blow.own else {"pool": self.pool}
        if blow.kind == "term":
            return lambda: asked_to_end(
                lambda: start(self.scenario, out=folder, report=False, **given)
            )
        return lambda: run(self.scenario, out=folder, report=False, **given)

    def _going_on(self, folder: Path, blow: Blow) -> Callable[[], Any]:
        given: dict[str, Any] = {} if blow.own else {"pool": self.pool}
        if blow.kind == "term":
            return lambda: asked_to_end(lambda: start_again(folder, **given))
        return lambda: resume(folder, **given)

    def survive(self, blows: list[Blow]) -> list[str]:
        """Run, be met, resume, be met again, ...; return what did not hold."""
        number = next(self._numbers)
        place = self.place / str(number)
        place.mkdir()
        disk = next((b.amount for b in blows if b.kind == "disk"), 0)
        if disk and mountable():
            mount(place, int(disk))
        folder = place / "run"
        problems: list[str] = []
        begun: Counter[str] = Counter()
        times = 0
        try:
            for blow in [*blows, Blow()]:
                if (folder / "seal.json").exists():
                    break
                before, known = whole_lines(folder), answered(folder)
                go = self._going_on if (folder / "run.json").exists() else self._beginning
                name = f"{number}-{times}"
                ended = driven(go(folder, blow), blow, folder, name)
                times += 1
                problems += self._ended(blow, ended, folder)
                here = Counter(self.instrument.begun(name))
                problems += [
                    f"{key[:12]} was answered and was asked again" for key in here if key in known
                ]
                begun += here
                if not whole_lines(folder).startswith(before):
                    problems.append("what stood on record was changed")
                mend(blow, place, folder)
            problems += [
                f"{k[:12]} began {n} times in {times} processes"
                for k, n in begun.items() if n > times
            ]  # fmt: skip
            problems += self._compared(folder)
        finally:
            if disk and mountable():
                subprocess.run(["umount", str(place)], check=True)
        if not problems:
            shutil.rmtree(place)
        return problems

    def _ended(self, blow: Blow, ended: Ending, folder: Path) -> Iterator[str]:
        sealed = (folder / "seal.json").exists()
        self.met[blow.kind] += blow.kind == "clock" or ended.killed or ended.code not in (0, 1)
        if blow.kind == "kill":
            if not ended.killed and ended.code:
                yield f"it was to be killed and ended with {ended.code}"
        elif ended.killed:
            yield f"signal {-ended.code} ended it"
        elif blow.kind == "term" and not sealed:
            if ended.code != 130:
                yield f"asked to end, it ended with {ended.code}"
            if ended.asked is not None:
                self.slowest = max(self.slowest, ended.asked)
                if ended.asked > PROMPT:
                    yield f"it took {ended.asked:.2f} s to end"
        elif blow.kind in ("disk", "read-only") and not sealed:
            if ended.code != FULL:
                yield f"nothing could be written and it ended with {ended.code}"
        elif ended.code:
            yield f"it failed by itself, with {ended.code}"

    def _compared(self, folder: Path) -> Iterator[str]:
        if not (folder / "seal.json").exists():
            yield "it did not come to its end"
            return
        yield from map(str, verify(folder).problems)
        if projection_bytes(Trace(folder)) != self.wanted:
            yield "it is not what a run is that nobody met"


def asked_to_end(begin: Callable[[], Any]) -> None:
    """Begin a run and wait for it as the command line does, and exit with its code."""
    going, failure = waited_for(begin)
    finish(going, failure, as_json=True)


def mount(place: Path, size: int) -> None:
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(place)]
    subprocess.run(command, check=True)


def mend(blow: Blow, place: Path, folder: Path) -> None:
    """Take back what was done to a run's disk or clock."""
    if blow.kind == "disk" and mountable():
        subprocess.run(["mount", "-o", "remount,size=64m", str(place)], check=True)
    if blow.kind == "read-only":
        for path in (folder, *(p for p in folder.rglob("*") if p.is_dir())):
            path.chmod(0o755)
    set_clock(0)


def plans(case: Case, points: int | None, rng: random.Random) -> Iterator[list[Blow]]:
    """Yield what happens to one run after the other."""
    every = list(range(case.events))
    at = every if points is None else sorted(rng.sample(every, min(points, case.events)))
    for n, event in enumerate(at):
        plan = [Blow("kill", event=event, torn=n % 4 == 3, own=n % 5 == 2)]
        if n % 5 == 4:  # and once more, on the way on
            plan.append(Blow("kill", event=min(event + rng.randrange(2, 12), case.events)))
        yield plan
    few = max(len(at) // 10, 1)
    for n in range(few * 2):
        twice = [rng.uniform(0, case.seconds), rng.uniform(0, case.seconds)]
        yield [Blow("kill", seconds=s, own=n % 2 == 0) for s in twice]
    for n in range(few):
        number = (signal.SIGINT, signal.SIGTERM)[n % 2]
        when = {"event": rng.choice(every)} if n % 3 else {"seconds": rng.uniform(0, case.seconds)}
        yield [Blow("term", amount=number, own=n % 2 == 1, **when)]
        yield [Blow("disk", amount=4096 * rng.randint(1, max(case.size // 4096, 2)))]
        yield [Blow("read-only", event=rng.choice(every))]
        if _clock is not None:
            seconds = rng.choice((-3600, -86400 * 400, 86400 * 30))
            yield [Blow("clock", event=rng.choice(every), amount=seconds)]


def attack(
    scratch: Path, points: int | None, seed: int, only: list[str] | None = None
) -> dict[str, Any]:
    """Attack every case and return the counts."""
    rng = random.Random(seed)
    for name in graphs():
        graph_named(name)
    code_digest()  # once: every process that is forked then says the same
    found: dict[str, Any] = {"points": 0, "failed": 0, "met": Counter(), "cases": {}, "skipped": {}}
    for name, scenario in cases(scratch / "scenarios"):
        if only and name not in only:
            continue
        if isinstance(scenario, str):
            found["skipped"][name] = scenario
            print(f"{name}: {scenario}", file=sys.stderr)
            continue
        place = scratch / name
        place.mkdir()
        try:
            row = attacked(name, scenario, place, points, rng, found["met"])
        except Unfit as why:  # the other cases are attacked all the same
            found["failed"] += 1
            print(f"{name}: {why}", file=sys.stderr)
            continue
        found["cases"][name] = row
        found["points"] += row["points"]
        found["failed"] += row["failed"]
        print(f"{name}: {row}", file=sys.stderr)
    return found


def attacked(
    name: str, scenario: Scenario, place: Path, points: int | None, rng: random.Random,
    met: Counter[str],
) -> dict[str, Any]:  # fmt: skip
    """Attack one case and return its counts."""
    assert scenario.folder is not None
    registry = Registry.load([scenario.folder])
    try:
        check(scenario, registry)
    except ScenarioError as error:
        raise Unfit(f"say in GRAPHS what it needs: {error}") from None
    Reached.path = str(place / "instrument")
    gc.freeze()
    instrument = Instrument(registry, place)
    try:
        case = Case(name, scenario, place, Pool(registry, jobs=1), instrument)
        case.measure()
        row = {"events": case.events, "seconds": round(case.seconds, 2), "points": 0, "failed": 0}
        for plan in plans(case, points, rng):
            problems = case.survive(plan)
            row["points"] += 1
            if problems:
                row["failed"] += 1
                print(f"{name}, {plan}: {'; '.join(problems[:3])}", file=sys.stderr)
        met.update(+case.met)
        return {**row, "slowest end": round(case.slowest, 2)}
    finally:
        instrument.close()


def with_clock(scratch: Path) -> None:
    """Start this process anew with a clock that can be put off, where a compiler is at hand."""
    global _clock
    path = os.environ.get("GASEOL_CLOCK")
    if path is not None:
        if path:
            with open(path, "r+b") as file:
                _clock = mmap.mmap(file.fileno(), 8)
            set_clock(7200)
            if abs(time.time() - os.stat(path).st_mtime - 7200) > 600:
                raise SystemExit("the clock does not jump")
            set_clock(0)
        return
    compiler = shutil.which("cc")
    os.environ |= {"GASEOL_CLOCK": "", "OPENBLAS_NUM_THREADS": "1"}
    if compiler is None:
        print("no C compiler: clocks are left alone", file=sys.stderr)
    else:
        shim, page = scratch / "clock.so", scratch / "clock"
        subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", shim, CLOCK, "-ldl"], check=True)
        page.write_bytes(bytes(8))
        os.environ |= {"GASEOL_CLOCK": str(page), "LD_PRELOAD": str(shim)}


def main() -> int:
    """Attack and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--points", type=int, help="events of each case; by default all")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--cases", nargs="*", metavar="CASE", help="by default all")
    asked = parser.parse_args()
    memory = Path("/dev/shm")
    if "GASEOL_CLOCK" not in os.environ:
        with tempfile.TemporaryDirectory() as scratch:
            with_clock(Path(scratch))
            return subprocess.run([sys.executable, *sys.argv]).returncode
    with_clock(Path())
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as scratch:
        Path(scratch).chmod(0o755)
        found = attack(Path(scratch), asked.points, asked.seed, asked.cases)
    print(json.dumps({"attack": "kill", **found}))
    return 1 if found["failed"] else 0


if __name__ == "__main__":
    raise SystemExit(main())
