"""How fast is a long record verified?

    python benchmarks/verify_throughput.py [--events 1000000] [--padding 1700]

Writes a sealed record of requests, answers and measurements, then verifies it in a process of
its own: events a second, beside bare SHA-256 chaining of the same lines, the ratio of the two,
and the most memory that the verifying process held. Prints one JSON object.
"""

import argparse
import hashlib
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from gaseol.traces.nouns.measurement import Measurement
from gaseol.traces.record.event import (
    EffectCompleted,
    EffectRequested,
    Measured,
    RunEnded,
    RunStarted,
)
from gaseol.traces.record.recorder import Recorder
from gaseol.traces.verification.verifier import Integrity, verify


def write(folder: Path, events: int, padding: int) -> None:
    """Write a sealed record of so many events."""
    recorder = Recorder(folder, {})
    recorder.record(
        RunStarted(
            scenario="long", question="?", scientist="none", graph="none", seed=0, hypotheses=1,
            alpha=0.05, budget={},
        )
    )  # fmt: skip
    log = "x" * padding
    for case in range((events - 2) // 3):
        asked = b'["tool","t","",{"case":%d}]' % case
        key = hashlib.sha256(asked).hexdigest()
        request = recorder.record(
            EffectRequested(effect="tool", name="t", arguments={"case": case}, key=key)
        )
        value = case / 7
        recorder.record(
            EffectCompleted(request=request, value={"v": value, "log": log}, seconds=0.1), request
        )
        recorder.record(
            Measured(
                measurement=Measurement(
                    case=f"c{case}", quantity="v", tool="t", request=request, path=("v",),
                    raw=value, value=value, fingerprint=key,
                )
            ),
            request,
        )  # fmt: skip
    recorder.record(RunEnded(status="failed", reason="only to be verified"))
    recorder.seal()


def chained(folder: Path) -> tuple[int, float]:
    """Return how many lines were chained by SHA-256 and nothing else, and the seconds it took."""
    began, head, count = time.perf_counter(), b"\0" * 32, 0
    with (folder / "events.jsonl").open("rb") as file:
        for line in file:
            head = hashlib.sha256(head + line).digest()
            count += 1
    return count, time.perf_counter() - began


def verified(folder: Path) -> dict[str, float]:
    """Verify in this process and return events, seconds and peak memory."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.perf_counter()
    found = verify(folder)
    seconds = time.perf_counter() - began
    if found.integrity is not Integrity.INTACT:
        raise SystemExit(f"the record is {found.integrity}: {found.problems[:3]}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    scale = 1 if sys.platform == "darwin" else 1024  # kilobytes on Linux
    return {
        "events": found.events,
        "seconds": seconds,
        "peak": peak * scale / 1e6,
        "before": before * scale / 1e6,
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Events verified a second")
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--padding", type=int, default=1700, help="bytes added to each answer")
    parser.add_argument("--only-verify", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.only_verify:
        print(json.dumps(verified(asked.only_verify)))
        return
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "run"
        began = time.perf_counter()
        write(folder, asked.events, asked.padding)
        writing = time.perf_counter() - began
        size = (folder / "events.jsonl").stat().st_size
        chained(folder)  # so that both find the file in memory
        count, bare = chained(folder)
        child = subprocess.run(
            [sys.executable, __file__, "--only-verify", str(folder)],
            check=True,
            capture_output=True,
            text=True,
        )
        found = json.loads(child.stdout)
    print(
        json.dumps(
            {
                "benchmark": "verify_throughput",
                "events": count,
                "bytes_per_event": round(size / count),
                "verify_seconds": round(found["seconds"], 3),
                "verify_events_per_second": round(count / found["seconds"]),
                "bare_events_per_second": round(count / bare),
                "ratio_to_bare": round(found["seconds"] / bare, 2),
                "peak_megabytes": round(found["peak"], 1),
                "peak_megabytes_before": round(found["before"], 1),
                "written_events_per_second": round(count / writing),
                "python": platform.python_version(),
                "machine": platform.machine(),
                "cores": os.cpu_count(),
            }
        )
    )


if __name__ == "__main__":
    main()
