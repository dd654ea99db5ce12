"""How much faster is a strict replay than the run?

    python benchmarks/replay_speed.py [--scenario hydration] [--seed 0]

Runs a scenario by its command and replays it by its command, starts of the interpreter included.
Prints one JSON object with both times, the ratio, and the same for verifying.
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


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Strict replay beside the run")
    parser.add_argument("--scenario", default="hydration")
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = str(Path(scratch) / "run")
        ran = timed("run", asked.scenario, "--seed", str(asked.seed), "--out", folder, "--no-key")
        replayed = min(timed("replay", folder, "--strict") for _ in range(3))
        verified = min(timed("verify", folder) for _ in range(3))
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
