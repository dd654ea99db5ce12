"""What does a sweep cost beyond its runs, and does it keep the processors busy?

    python benchmarks/sweep_cost.py [--runs 40] [--jobs 2]

Makes runs of `null` with a small budget one after the other in one process with warm workers, and
the same runs as a sweep. Compares processor seconds, those of all children included; wall time says
how busy the processors were, if nobody else was using them. Prints one JSON object.
"""

import argparse
import json
import os
import platform
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

SETTINGS = {"budget.experiments": ["12"], "hypotheses.maximum": ["2"]}


def spent() -> float:
    """Return the processor seconds of this process and of those children that have ended."""
    who = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return sum(u.ru_utime + u.ru_stime for u in map(resource.getrusage, who))


def one_after_the_other(runs: int, out: Path) -> None:
    """Make the runs in this process."""
    from gaseol.graphs import run
    from gaseol.graphs.sweep.sweeping import scenario_of
    from gaseol.tools import Pool, Registry

    scenario = scenario_of("null", {k: v[0] for k, v in SETTINGS.items()})
    assert scenario.folder is not None
    with Pool(Registry.load(), 1, (scenario.folder,)) as pool:
        for seed in range(runs):
            run(scenario, seed=seed, out=out / str(seed), pool=pool, report=False)


def as_a_sweep(runs: int, jobs: int, out: Path) -> None:
    """Make them as a sweep."""
    from gaseol.graphs.sweep.sweeping import points, sweep

    sweep("null", out, points("null", range(runs), SETTINGS, ["embedded"]), jobs=jobs)


def measured(what: Any, *given: Any) -> dict[str, float]:
    """Measure in a process of its own, so that what was imported before does not count."""
    began = time.perf_counter()
    child = os.fork()
    if not child:
        code = 1
        try:
            what(*given)
            code = 0
        finally:
            os._exit(code)
    before = spent()
    if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]):
        raise SystemExit("a run failed; its message is above")
    wall = time.perf_counter() - began
    return {"wall_seconds": round(wall, 2), "cpu_seconds": round(spent() - before, 2)}


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--runs", type=int, default=40)
    parser.add_argument("--jobs", type=int, default=2)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        alone = measured(one_after_the_other, asked.runs, Path(scratch) / "alone")
        sweep = measured(as_a_sweep, asked.runs, asked.jobs, Path(scratch) / "sweep")
    found = {
        "benchmark": "sweep_cost",
        "runs": asked.runs,
        "jobs": asked.jobs,
        "one_after_the_other": alone,
        "sweep": sweep,
        "cpu_ratio": round(sweep["cpu_seconds"] / alone["cpu_seconds"], 3),
        "busy": round(sweep["cpu_seconds"] / (sweep["wall_seconds"] * asked.jobs), 3),
        "load_average": round(os.getloadavg()[0], 1),
        "python": platform.python_version(),
        "machine": platform.machine(),
        "cores": os.cpu_count(),
    }
    print(json.dumps(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
