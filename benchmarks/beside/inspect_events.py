"""CPU microseconds that Inspect AI takes to record an event of about 1 kB; prints one JSON object.

Run by `benchmarks/event_cost.py` with the interpreter of the interop environment. An evaluation
with a mock model records info events in its transcript; two sizes are run in turns, and the
difference is what the events cost, not the start of an evaluation.
"""

import argparse
import json
import os
import tempfile
import time
from typing import Any

os.environ.setdefault("INSPECT_DISPLAY", "none")


def payload(n: int) -> dict[str, Any]:
    """Return what a tool answered, about 1 kB as JSON."""
    return {
        "energy": -7.25 - n / 3,
        "converged": True,
        "charges": [((n * 37 + i * 17) % 1000) / 997 - 0.5 for i in range(24)],
        "method": "GFN2-xTB, single point",
    }


def run(count: int, payloads: list[dict[str, Any]], folder: str) -> float:
    """Return the CPU seconds of an evaluation that records so many events."""
    from inspect_ai import Task, eval  # noqa: A004
    from inspect_ai.dataset import Sample
    from inspect_ai.log import transcript
    from inspect_ai.solver import solver

    @solver
    def recording() -> Any:
        async def solve(state: Any, generate: Any) -> Any:  # noqa: ARG001
            for n in range(count):
                transcript().info(payloads[n])
            return state

        return solve

    began = time.process_time()
    (log,) = eval(
        Task(dataset=[Sample(input="?")], solver=recording()),
        model="mockllm/model",
        log_dir=folder,
        display="none",
    )
    if log.status != "success":
        raise SystemExit(f"the evaluation ended as {log.status}: {log.error}")
    return time.process_time() - began


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--events", type=int, default=5000)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    from importlib.metadata import version

    payloads = [payload(n) for n in range(asked.events)]
    with tempfile.TemporaryDirectory() as folder:
        run(10, payloads, folder)  # imports and caches
        costs = [
            (run(asked.events, payloads, folder) - run(10, payloads, folder)) / (asked.events - 10)
            for _ in range(asked.rounds)
        ]
    print(json.dumps({"cpu_us": round(1e6 * min(costs), 2), "version": version("inspect-ai")}))


if __name__ == "__main__":
    main()
