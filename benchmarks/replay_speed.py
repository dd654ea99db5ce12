"""How much faster is a strict replay than the run?

    python benchmarks/replay_speed.py [--scenario hydration] [--seed 0]

Runs a scenario and replays it twice: by their commands, starts of the interpreter and imports
included, and inside one process that has the graph library loaded. Prints one JSON object with the
times, their ratios, and the same for verifying.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def timed(*words: str) -> float:
    """Return the wall seconds of a command.

    Raises:
        SystemExit: it fails.
    """
    began = time.perf_counter()
    done = subprocess.run([sys.executable, "-m", "gaseol", *words], capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"gaseol {' '.join(words)}: {done.stdout}{done.stderr}")
    return time.perf_counter() - began


def inside(scenario: str, seed: int, folder: Path) -> dict[str, float]:
    """Run and replay in this process and return the wall seconds of both.

    Raises:
        SystemExit: the replay does not hold.
    """
    from gaseol.graphs import run
    from gaseol.graphs.replay.replaying import replay
    from gaseol.graphs.running.runner import graph_named

    graph_named("discover")  # imports the graph library
    began = time.perf_counter()
    run(scenario, seed=seed, out=folder)
    ran = time.perf_counter() - began
    times: list[float] = []
    for _ in range(3):
        began = time.perf_counter()
        found = replay(folder)
        times.append(time.perf_counter() - began)
        if not found.holds:
            raise SystemExit(f"the replay of {folder} does not hold: {found.divergence}")
    return {"run": ran, "replay": min(times)}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Strict replay beside the run")
    parser.add_argument("--scenario", default="hydration")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--inside", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.inside:
        print(json.dumps(inside(asked.scenario, asked.seed, asked.inside)))
        return
    with tempfile.TemporaryDirectory() as scratch:
        folder = str(Path(scratch) / "run")
        ran = timed("run", asked.scenario, "--seed", str(asked.seed), "--out", folder, "--no-key")
        replayed = min(timed("replay", folder, "--strict") for _ in range(3))
        verified = min(timed("verify", folder) for _ in range(3))
        words = ["--scenario", asked.scenario, "--seed", str(asked.seed)]
        child = subprocess.run(
            [sys.executable, __file__, *words, "--inside", str(Path(scratch) / "inside")],
            check=True,
            capture_output=True,
            text=True,
        )
        within = json.loads(child.stdout)
        events = sum(1 for _ in (Path(folder) / "events.jsonl").open("rb"))
    print(
        json.dumps(
            {
                "benchmark": "replay_speed",
                "scenario": asked.scenario,
                "events": events,
                "run_seconds": round(ran, 2),
                "strict_replay_seconds": round(replayed, 2),
                "ratio": round(ran / replayed, 1),
                "run_seconds_inside": round(within["run"], 2),
                "strict_replay_seconds_inside": round(within["replay"], 3),
                "ratio_inside": round(within["run"] / within["replay"], 1),
                "verify_seconds": round(verified, 2),
                "ratio_verify": round(ran / verified, 1),
                "python": platform.python_version(),
                "machine": platform.machine(),
                "cores": os.cpu_count(),
            }
        )
    )


if __name__ == "__main__":
    main()
