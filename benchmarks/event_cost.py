"""What does it cost to put an event on record?

    python benchmarks/event_cost.py [--events 20000] [--rounds 5]

CPU microseconds (user and system) an event of about 1 kB, recorded without fsync and with a
commit every 100 events, beside a bare writer that dumps the same facts with `json`, chains
them with SHA-256 and writes them to a file, in the same run; and beside Inspect AI, where
`make .venv/.interop` has installed it. The least of several interleaved rounds is reported, for
other work on the machine can only add. Prints one JSON object.
"""

import argparse
import hashlib
import json
import os
import platform
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gaseol.traces.record.event import EffectCompleted
from gaseol.traces.record.recorder import Recorder

GROUP = 100
"""Events a commit, where there are commits."""


def facts(count: int) -> list[EffectCompleted]:
    """Return answers of a tool, each a line of about 1 kB."""
    return [
        EffectCompleted(
            request=n,
            value={
                "energy": -7.25 - n / 3,
                "converged": True,
                "charges": [((n * 37 + i * 17) % 1000) / 997 - 0.5 for i in range(24)],
                "method": "GFN2-xTB, single point",
            },
            seconds=0.25 + n * 1e-6,
            cpu_seconds=0.2,
            isolation="network namespace",
        )
        for n in range(count)
    ]


def recorded(folder: Path, written: list[EffectCompleted], group: int | None) -> int:
    """Record the facts; return the bytes of the record."""
    recorder = Recorder(folder, {})
    for n, fact in enumerate(written, start=1):
        recorder.record(fact, fact.request)
        if group and n % group == 0:
            recorder.commit()
    if group:
        recorder.close()
    else:
        recorder.abandon()
    return (folder / "events.jsonl").stat().st_size


def bare(folder: Path, written: list[dict[str, Any]], group: int | None) -> int:
    """Write the same facts with `json`, chained; return the bytes written."""
    folder.mkdir()
    head = b"\0" * 32
    with (folder / "events.jsonl").open("wb") as file:
        for n, data in enumerate(written):
            event = {
                "seq": n,
                "prev": head.hex(),
                "at": time.time(),
                "cause": data["request"],
                "kind": "effect.completed",
                "data": data,
            }
            line = json.dumps(event, separators=(",", ":")).encode()
            file.write(line + b"\n")
            head = hashlib.sha256(head + line).digest()
            if group and (n + 1) % group == 0:
                file.flush()
                os.fsync(file.fileno())
    return (folder / "events.jsonl").stat().st_size


def cost(write: Callable[[Path], int], events: int) -> tuple[float, float, float]:
    """Return CPU and wall microseconds an event, and bytes an event."""
    with tempfile.TemporaryDirectory() as scratch:
        cpu, wall = time.process_time(), time.perf_counter()
        size = write(Path(scratch) / "run")
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    return 1e6 * cpu / events, 1e6 * wall / events, size / events


def inspect_ai(events: int) -> dict[str, Any] | None:
    """Return what Inspect AI takes for the same payloads; None where it is not installed."""
    python = Path(os.environ.get("GASEOL_INTEROP", ".venv/interop")) / "bin" / "python"
    if not python.exists():
        return None
    script = Path(__file__).parent / "beside" / "inspect_events.py"
    command = [str(python), str(script), "--events", str(events)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="CPU cost of recording an event")
    parser.add_argument("--events", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()
    typed = facts(asked.events)
    plain = [fact.model_dump(mode="json") for fact in typed]
    ways: dict[str, Callable[[Path], int]] = {
        "recorder": lambda folder: recorded(folder, typed, None),
        "recorder_commit_per_100": lambda folder: recorded(folder, typed, GROUP),
        "bare": lambda folder: bare(folder, plain, None),
        "bare_fsync_per_100": lambda folder: bare(folder, plain, GROUP),
    }
    found: dict[str, list[tuple[float, float, float]]] = {name: [] for name in ways}
    for _ in range(asked.rounds):
        for name, write in ways.items():
            found[name].append(cost(write, asked.events))
    least = {
        name: {
            "cpu_us": round(min(c for c, _, _ in costs), 2),
            "wall_us": round(min(w for _, w, _ in costs), 2),
            "bytes": round(costs[0][2]),
        }
        for name, costs in found.items()
    }
    beside = inspect_ai(min(asked.events, 5000))
    print(
        json.dumps(
            {
                "benchmark": "event_cost",
                "inspect_ai": beside or "not installed: make .venv/.interop",
                "ratio_to_inspect_ai": beside
                and round(least["recorder_commit_per_100"]["cpu_us"] / beside["cpu_us"], 3),
                "events": asked.events,
                "rounds": asked.rounds,
                **least,
                "ratio_to_bare": round(least["recorder"]["cpu_us"] / least["bare"]["cpu_us"], 2),
                "ratio_to_bare_commit_per_100": round(
                    least["recorder_commit_per_100"]["cpu_us"]
                    / least["bare_fsync_per_100"]["cpu_us"],
                    2,
                ),
                "python": platform.python_version(),
                "machine": platform.machine(),
                "cores": os.cpu_count(),
            }
        )
    )


if __name__ == "__main__":
    main()
