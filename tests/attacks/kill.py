"""Kill runs at every event and at random instants, take their disk and their clock, and resume them.

    python tests/attacks/kill.py                 # all of it
    python tests/attacks/kill.py --points 8      # a sample of each case
    python tests/attacks/kill.py --cases effects null
    python tests/attacks/kill.py --kinds power   # of what can happen, only this

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
    power       SIGKILL, and of what was not synced then, part is lost, zero or nonsense

After each must hold: what stood on record is the beginning of what stands there now; no call whose
answer was on record reached the instrument again; nothing else did more often than the run was
begun, and what may not be repeated only as often as somebody consented; the record verifies; its
projection is that of a run that nobody met. A loss of power may take the end of a record, but no
request that reached the instrument, no answer that may not be asked for again and that the run
went on with, and no run that had ended. Prints one JSON object; exits with 1 if anything did not
hold.
"""

import argparse
import contextlib
import gc
import importlib
import json
import random
import shutil
import signal
import subprocess
import sys
import tempfile
from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
from blow import FULL, Blow, Ending, driven, mend, mount, mountable
from cases import cases
from instrument import Instrument, Reached
from power import Ledger
from preload import shimmed, start_anew, started, try_out

from gaseol.cli.run_command import finish, waited_for
from gaseol.graphs import resume, run, start, start_again
from gaseol.graphs.catalogue import graphs
from gaseol.graphs.people.answering import hand_in
from gaseol.graphs.running.asked import code_digest
from gaseol.graphs.running.runner import graph_named
from gaseol.scenarios import Scenario
from gaseol.scenarios.checker import check
from gaseol.scenarios.loader import ScenarioError
from gaseol.tools import Pool, Registry
from gaseol.traces import Trace, verify
from gaseol.traces.record.inbox import awaited
from gaseol.traces.record.projection import projection_bytes
from gaseol.traces.record.remains import BrokenRecord, Remains

PROMPT = 2.0
"""Seconds that a run may take to end by itself."""


class Unfit(Exception):
    """A case that cannot be attacked, which is a failure of the attack."""


def answered(lines: bytes) -> set[str]:
    """Return the keys of what has an answer among some lines of a record."""
    keys: dict[int, str] = {}
    found: set[str] = set()
    for line in lines.splitlines():
        event = orjson.loads(line)
        if event["kind"] == "effect.requested":
            keys[event["seq"]] = event["data"]["key"]
        elif event["kind"] in ("effect.completed", "effect.failed"):
            found.add(keys[event["data"]["request"]])
    return found


def unrepeatable(lines: bytes) -> dict[int, str]:
    """Return position and key of the requests that may not be carried out a second time."""
    asked = (orjson.loads(line) for line in lines.splitlines())
    return {
        event["seq"]: event["data"]["key"]
        for event in asked
        if event["kind"] == "effect.requested" and not event["data"]["idempotent"]
    }


def whole_lines(folder: Path) -> bytes:
    """Return the lines of a record that a killed process has left."""
    path = folder / "events.jsonl"
    content = path.read_bytes() if path.exists() else b""
    return content[: content.rfind(b"\n") + 1]


def followed(folder: Path) -> bytes:
    """Return the lines of a record, without what a loss of power has left behind them.

    Raises:
        BrokenRecord: none could have left it so.
    """
    if not (folder / "run.json").exists() or not (folder / "events.jsonl").exists():
        return b""
    return (folder / "events.jsonl").read_bytes()[: Remains.of(folder).size]


def promised(lines: bytes, begun: Counter[str]) -> bytes:
    """Return the lines that no loss of power may take.

    These are up to the last request that was carried out, and up to the last answer that may not
    be asked for again, once the run has gone on.
    """
    alone, known = unrepeatable(lines), 0
    whole = lines.splitlines(keepends=True)
    for event in map(orjson.loads, whole):
        said, last = event["data"], event["seq"] == len(whole) - 1
        if (event["kind"] == "effect.requested" and begun[said["key"]]) or (
            event["kind"] in ("effect.completed", "effect.failed")
            and said["request"] in alone
            and not last
        ):
            known = event["seq"] + 1
    return b"".join(whole[:known])


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
    calls: int = 0
    """Those that sync something or change a folder."""
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
        root = self.place / "whole"
        root.mkdir()
        folder = root / "run"
        ledger = Ledger(self.place / "whole-durable", root) if shimmed() else None
        going, imported = self._beginning(folder, Blow()), self.place / "imported"

        def once() -> None:
            going()
            imported.write_text("\n".join(sys.modules))

        ended = driven(once, Blow(), folder, "whole", ledger)
        if ended.code:
            raise Unfit("a run that nobody met failed; see above")
        for module in imported.read_text().splitlines():  # who may read nothing imports nothing
            with contextlib.suppress(ImportError):
                importlib.import_module(module)
        trace = Trace(folder)
        asked = answered(whole_lines(folder))
        if Counter(self.instrument.begun("whole")) != Counter(asked):
            raise Unfit("the instrument did not witness what was asked")
        self.wanted, self.events = projection_bytes(trace), len(trace)
        self.calls = ledger.calls if ledger else 0
        self.seconds = ended.seconds
        self.size = sum(p.stat().st_blocks * 512 for p in folder.rglob("*"))

    def _beginning(self, folder: Path, blow: Blow) -> Callable[[], Any]:
        given: dict[str, Any] = {"jobs": 2} if blow.own else {"pool": self.pool}
        if blow.kind == "term":
            return lambda: asked_to_end(
                lambda: start(self.scenario, out=folder, report=False, **given)
            )
        # a seal names the reports, which have to be on disk before it is
        report = blow.kind == "power"
        return lambda: run(self.scenario, out=folder, report=report, **given)

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
        ledger = None
        if any(blow.kind == "power" for blow in blows):
            ledger = Ledger(self.place / f"{number}-durable", place)
        problems: list[str] = []
        begun: Counter[str] = Counter()
        consents: Counter[str] = Counter()
        times, left = 0, deque([*blows, Blow()])
        try:
            while left and not (folder / "seal.json").exists():
                blow = left.popleft()
                before = followed(folder)
                known = answered(before)
                go = self._going_on if (folder / "run.json").exists() else self._beginning
                name = f"{number}-{times}"
                ended = driven(go(folder, blow), blow, folder, name, ledger)
                times += 1
                problems += self._ended(blow, ended, folder)
                here = Counter(self.instrument.begun(name))
                problems += [
                    f"{key[:12]} was answered and was asked again" for key in here if key in known
                ]
                begun += here
                if not whole_lines(folder).startswith(before):
                    problems.append("what stood on record was changed")
                if ledger and blow.kind == "power":
                    problems += self._cut(ledger, blow, ended, folder, begun)
                mend(blow, place, folder)
                if not left and (consented := consent(folder)):
                    consents += consented
                    left.append(Blow())
            alone = unrepeatable(followed(folder)).values()
            problems += [
                f"{k[:12]} began {n} times in {times} processes"
                for k, n in begun.items() if n > (1 + consents[k] if k in alone else times)
            ]  # fmt: skip
            problems += self._compared(folder)
        except BrokenRecord as error:
            problems.append(str(error))
        finally:
            if disk and mountable():
                subprocess.run(["umount", str(place)], check=True)
        if not problems:
            shutil.rmtree(place)
        return problems

    def _cut(
        self, ledger: Ledger, blow: Blow, ended: Ending, folder: Path, begun: Counter[str]
    ) -> Iterator[str]:
        """Lose the power, and say what is lost that must not be."""
        kept = promised(followed(folder), begun)
        done = not ended.killed and (folder / "seal.json").exists()
        ledger.cut(random.Random(blow.amount))
        if not followed(folder).startswith(kept):
            yield "an effect was let out, or its answer used, before it was on disk"
        if done and not (folder / "seal.json").exists():
            yield "it had ended, and its seal was not on disk"

    def _ended(self, blow: Blow, ended: Ending, folder: Path) -> Iterator[str]:
        sealed = (folder / "seal.json").exists()
        self.met[blow.kind] += blow.kind == "clock" or ended.killed or ended.code not in (0, 1)
        if blow.kind in ("kill", "power"):
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


def consent(folder: Path) -> Counter[str]:
    """Let be carried out again, as a person would, what a paused run does not know the end of."""
    if (folder / "seal.json").exists() or not (folder / "run.json").exists():
        return Counter()
    stuck = [each for each in awaited(Trace(folder)) if each.ambiguous]
    if stuck:
        hand_in(folder, {each.request: {"again": "yes", "by": "a witness"} for each in stuck})
    return Counter(each.fact.key for each in stuck)


def asked_to_end(begin: Callable[[], Any]) -> None:
    """Begin a run and wait for it as the command line does, and exit with its code."""
    going, failure = waited_for(begin)
    finish(going, failure, as_json=True)


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
        if shimmed():
            seconds = rng.choice((-3600, -86400 * 400, 86400 * 30))
            yield [Blow("clock", event=rng.choice(every), amount=seconds)]
    if shimmed():
        yield from losses(case, max(len(at) // 2, 2), rng)


def losses(case: Case, points: int, rng: random.Random) -> Iterator[list[Blow]]:
    """Yield when power is lost: after an event, in it, before a call that syncs, or whenever."""

    def loss(**when: Any) -> Blow:
        return Blow("power", amount=rng.getrandbits(32), **when)

    for n in range(points):
        event = rng.randrange(case.events)
        match n % 4:
            case 0:
                yield [loss(call=rng.randint(1, case.calls), own=n % 8 == 4)]
            case 1:
                yield [loss(event=event, torn=n % 8 == 5)]
            case 2:  # a process that was killed leaves what it did not sync to the next
                yield [Blow("kill", event=event), loss(call=rng.randint(1, 12))]
            case _:
                yield [loss(seconds=rng.uniform(0, case.seconds)), loss(call=rng.randint(1, 12))]


def attack(
    scratch: Path,
    points: int | None,
    seed: int,
    only: list[str] | None = None,
    kinds: list[str] | None = None,
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
            row = attacked(name, scenario, place, points, rng, found["met"], kinds)
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
    met: Counter[str], kinds: list[str] | None,
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
            if kinds and not any(blow.kind in kinds for blow in plan):
                continue
            problems = case.survive(plan)
            row["points"] += 1
            if problems:
                row["failed"] += 1
                print(f"{name}, {plan}: {'; '.join(problems[:3])}", file=sys.stderr)
        met.update(+case.met)
        return {**row, "slowest end": round(case.slowest, 2)}
    finally:
        instrument.close()


def main() -> int:
    """Attack and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--points", type=int, help="events of each case; by default all")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--cases", nargs="*", metavar="CASE", help="by default all")
    parser.add_argument("--kinds", nargs="*", metavar="KIND", help="by default all")
    asked = parser.parse_args()
    if not started():
        with tempfile.TemporaryDirectory() as scratch:
            return start_anew(Path(scratch))
    try_out()
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as scratch:
        Path(scratch).chmod(0o755)
        found = attack(Path(scratch), asked.points, asked.seed, asked.cases, asked.kinds)
    print(json.dumps({"attack": "kill", **found}))
    return 1 if found["failed"] else 0


if __name__ == "__main__":
    raise SystemExit(main())
