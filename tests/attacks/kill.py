"""Kill runs with SIGKILL, at every event and at random instants, and resume them.

    python tests/attacks/kill.py                 # all cases in full, some twenty minutes
    python tests/attacks/kill.py --points 8      # a sample of each case
    python tests/attacks/kill.py --case effects

Each run is a process of its own with real workers. A witness outside of it is told over a pipe of
every effect that begins and of every one that ends. After each kill and resumption must hold: what
stood on record is the beginning of what stands there now; no effect whose answer was on record was
begun again; nothing else was begun more often than runs were killed, and once more; the record
verifies; its projection is that of a run that nobody killed. Prints one JSON object; exits with 1
if anything did not hold.
"""

import argparse
import importlib.util
import json
import os
import random
import select
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from gaseol.graphs import resume, run
from gaseol.graphs.running import launch
from gaseol.graphs.running.asked import code_digest
from gaseol.graphs.running.desk import key_of
from gaseol.scenarios import Scenario, load
from gaseol.tools.door import ToolDoor
from gaseol.traces import Trace, verify
from gaseol.traces.record.projection import projection_bytes
from gaseol.traces.record.recorder import Recorder

TOY = Path(__file__).parents[1] / "toy" / "world.py"
SECONDS = 120
"""A run that takes longer hangs."""


def cases(scratch: Path) -> dict[str, Scenario]:
    """Return the scenarios, their budgets cut so that a run takes a few seconds at most."""
    spec = importlib.util.spec_from_file_location("gaseol_kill_world", TOY)
    assert spec is not None
    assert spec.loader is not None
    world = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(world)
    small = {"budget__experiments": 10, "hypotheses__maximum": 2}
    found = {
        base.lower(): load(
            world.write(scratch / base.lower(), world.changed(getattr(world, base), **small))
        )
        for base in ("EFFECTS", "LAWS", "CURVES")
    }
    for name, experiments in (("stiffness", 6), ("null", 8), ("diffraction", 4), ("boiling", 8)):
        whole = load(name)
        budget = whole.budget.model_copy(update={"experiments": experiments})
        assert whole.folder is not None
        cut = whole.model_copy(update={"budget": budget, "check": None})
        found[name] = cut.placed(whole.folder)
    return found


class Witness(ToolDoor):
    """Tells a pipe of every call before it is submitted and after it is answered."""

    pipe = -1

    def submit(self, request: Any) -> "Future[Any]":
        key = key_of(request, self._pool.registry)[:16]
        self._tell(b"+", key)
        future = super().submit(request)
        future.add_done_callback(lambda _: self._tell(b"-", key))
        return future

    def _tell(self, what: bytes, key: str) -> None:
        os.write(self.pipe, what + key.encode() + b"\n")


@dataclass
class Kill:
    """Where a process is killed."""

    event: int | None = None
    """After this event was recorded."""
    torn: bool = False
    """In the middle of its line."""
    seconds: float | None = None
    """After this time."""

    def arm(self) -> None:
        """Let this process kill itself where it is to."""
        record, pwrite = Recorder.record, os.pwrite

        def recording(self_: Recorder, *given: Any) -> int:
            seq = record(self_, *given)
            if seq == self.event and not self.torn:
                os.kill(os.getpid(), signal.SIGKILL)
            return seq

        def writing(handle: int, content: bytes, at: int) -> int:
            if content.startswith(b'{"seq":%d,' % self.event):
                pwrite(handle, content[: len(content) // 2], at)
                os.kill(os.getpid(), signal.SIGKILL)
            return pwrite(handle, content, at)

        if self.event is not None:
            Recorder.record = recording
        if self.torn:
            os.pwrite = writing


def driven(what: Callable[[], Any], kill: Kill) -> tuple[bool, list[str], float]:
    """Run in a process of its own; return whether it was killed, what was witnessed, how long."""
    there, here = os.pipe()
    began = time.monotonic()
    child = os.fork()
    if not child:
        code = 1
        try:
            os.close(there)
            os.setpgid(0, 0)
            quiet = os.open(os.devnull, os.O_WRONLY)
            os.dup2(quiet, 1)
            Witness.pipe = here
            launch.ToolDoor = Witness
            kill.arm()
            what()
            code = 0
        finally:
            os._exit(code)
    os.close(here)
    said = b""
    deadline = began + (SECONDS if kill.seconds is None else kill.seconds)
    while True:
        left = max(deadline - time.monotonic(), 0)
        if not select.select([there], [], [], left)[0]:
            os.kill(child, signal.SIGKILL)
            deadline = time.monotonic() + SECONDS
            continue
        block = os.read(there, 65536)
        if not block:
            break
        said += block
    os.close(there)
    _, status = os.waitpid(child, 0)
    killed = os.WIFSIGNALED(status)
    if not killed and os.waitstatus_to_exitcode(status):
        raise SystemExit("a run failed by itself; its message is above")
    return killed, said.decode().split(), time.monotonic() - began


def answered(folder: Path) -> set[str]:
    """Return the keys of what has an answer on record."""
    keys: dict[int, str] = {}
    found: set[str] = set()
    path = folder / "events.jsonl"
    for line in path.read_bytes().splitlines(keepends=True) if path.exists() else ():
        if not line.endswith(b"\n"):
            break
        event = orjson.loads(line)
        if event["kind"] == "effect.requested":
            keys[event["seq"]] = event["data"]["key"][:16]
        elif event["kind"] in ("effect.completed", "effect.failed"):
            found.add(keys[event["data"]["request"]])
    return found


def whole_lines(folder: Path) -> bytes:
    path = folder / "events.jsonl"
    content = path.read_bytes() if path.exists() else b""
    return content[: content.rfind(b"\n") + 1]


def survive(scenario: Scenario, folder: Path, kills: list[Kill], wanted: bytes) -> list[str]:
    """Run, be killed, resume, be killed again, ...; return what did not hold."""
    problems: list[str] = []
    begun: Counter[str] = Counter()
    times = 0
    for kill in [*kills, Kill()]:
        before, known = whole_lines(folder), answered(folder)
        fresh = not (folder / "run.json").exists()

        def go(fresh: bool = fresh) -> None:
            run(scenario, out=folder, jobs=2, report=False) if fresh else resume(folder)

        sealed = (folder / "seal.json").exists()
        if sealed:
            break
        killed, said, _ = driven(go, kill)
        times += killed
        here = Counter(word[1:] for word in said if word.startswith("+"))
        problems += [f"{key} was answered and was asked again" for key in here if key in known]
        begun += here
        if not whole_lines(folder).startswith(before):
            problems.append("what stood on record was changed")
    problems += [
        f"{k} began {n} times with {times} kills" for k, n in begun.items() if n > times + 1
    ]
    found = verify(folder)
    problems += [str(p) for p in found.problems]
    if not (folder / "seal.json").exists():
        problems.append("it did not come to its end")
    elif projection_bytes(Trace(folder)) != wanted:
        problems.append("it is not what a run is that nobody killed")
    return problems


def plans(
    events: int, seconds: float, points: int | None, rng: random.Random
) -> Iterator[list[Kill]]:
    """Yield where to kill: after every event or some, in a line, twice, and at random instants."""
    every = list(range(events))
    at = every if points is None else sorted(rng.sample(every, min(points, events)))
    for n, event in enumerate(at):
        plan = [Kill(event=event, torn=n % 4 == 3)]
        if n % 5 == 4:  # and once more, on the way on
            plan.append(Kill(event=min(event + rng.randrange(2, 12), events)))
        yield plan
    for _ in range(max(len(at) // 4, 2)):
        yield [Kill(seconds=rng.uniform(0, seconds)), Kill(seconds=rng.uniform(0, seconds))]


def attack(scratch: Path, points: int | None, seed: int, only: str | None = None) -> dict[str, Any]:
    """Attack every case and return the counts."""
    rng = random.Random(seed)
    code_digest()  # once: every process that is forked then says the same
    found: dict[str, Any] = {"points": 0, "kills": 0, "failed": 0, "cases": {}}
    for name, scenario in cases(scratch / "scenarios").items():
        if only not in (None, name):
            continue
        place = scratch / name
        _, _, seconds = driven(
            lambda s=scenario, p=place: run(s, out=p / "whole", jobs=2, report=False), Kill()
        )
        whole = Trace(place / "whole")
        wanted, events = projection_bytes(whole), len(whole)
        row = {"events": events, "seconds": round(seconds, 2), "points": 0, "failed": 0}
        for number, kills in enumerate(plans(events, seconds, points, rng)):
            folder = place / str(number)
            problems = survive(scenario, folder, kills, wanted)
            row["points"] += 1
            found["kills"] += len(kills)
            if problems:
                row["failed"] += 1
                print(f"{name}, {kills}: {'; '.join(problems[:3])}", file=sys.stderr)
            else:
                shutil.rmtree(folder)
        found["points"] += row["points"]
        found["failed"] += row["failed"]
        found["cases"][name] = row
    return found


def main() -> int:
    """Attack and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--points", type=int, help="events of each case; by default all")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--case")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        found = attack(Path(scratch), asked.points, asked.seed, asked.case)
    print(json.dumps({"attack": "kill", **found}))
    return 1 if found["failed"] else 0


if __name__ == "__main__":
    raise SystemExit(main())
