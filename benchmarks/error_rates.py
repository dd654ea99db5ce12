"""How often is the embedded scientist wrong, and how often does it find what is there?

Runs the whole pipeline on planted worlds: `null` (no effect: theta = theta0), `boundary` (every
feature at theta0 + delta, where a refutation is an error) and `effect` (one strong feature).
The unit is a run with any false support, or any false refutation.

    python benchmarks/error_rates.py --runs 2000
"""

import argparse
import json
import math
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

FEATURES = ("acidity", "density", "hardness", "porosity", "viscosity", "lustre")


def correlation(theta: float) -> float:
    """Return the correlation at which a random Gaussian pair is concordant with this probability.

    Greiner's relation: theta = 1/2 + arcsin(rho) / pi.
    """
    return math.sin(math.pi * (theta - 0.5))


WORLDS: dict[str, dict[str, float]] = {
    "null": {},
    "boundary": dict.fromkeys(FEATURES, correlation(0.6)),
    "effect": {"acidity": correlation(0.8)},
}


@dataclass(frozen=True)
class Outcome:
    """What one run came to."""

    false_support: bool
    false_refutation: bool
    found: bool
    refuted_wrong_direction: bool
    experiments: float
    experiments_to_support: int | None


def _one(world: str, seed: int, folder: Path, pool: Any) -> Outcome:
    from gaseol.graphs import start
    from gaseol.scenarios import load
    from gaseol.traces.nouns.hypothesis import Trend

    scenario = load("null")
    arguments = {**scenario.measurement.arguments, "effects": WORLDS[world]}
    measurement = scenario.measurement.model_copy(update={"arguments": arguments})
    home = scenario.folder
    scenario = scenario.model_copy(update={"measurement": measurement})
    if home is not None:
        scenario = scenario.placed(home)
    run = start(scenario, seed=seed, out=folder, pool=pool, report=False).wait()
    false_support = false_refutation = found = turned = False
    to_support: int | None = None
    for name, verdict in run.docket.verdicts.items():
        relation = run.docket.hypotheses[name].relation
        assert isinstance(relation, Trend)
        effect = WORLDS[world].get(relation.variable, 0.0)
        signed = effect if relation.direction == "raises" else -effect
        if verdict.ruling == "supported":
            false_support |= signed <= 0
            if signed > 0:
                found, to_support = True, verdict.draws
        if verdict.ruling == "refuted":
            # an effect of at least delta in the believed direction was refuted
            false_refutation |= signed >= correlation(0.6) - 1e-12
            turned |= signed < 0
    experiments = run.docket.ended.cost["experiments"] if run.docket.ended else 0.0
    return Outcome(false_support, false_refutation, found, turned, experiments, to_support)


def _batch(world: str, seeds: list[int]) -> list[Outcome]:
    from gaseol.scenarios import load
    from gaseol.tools import Pool, Registry

    folder = load("null").folder
    with (
        Pool(Registry.load(), 1, [folder] if folder else []) as pool,
        tempfile.TemporaryDirectory() as home,
    ):
        outcomes: list[Outcome] = []
        for seed in seeds:
            path = Path(home) / str(seed)
            outcomes.append(_one(world, seed, path, pool))
            shutil.rmtree(path)
    return outcomes


def upper_bound(errors: int, runs: int, confidence: float = 0.95) -> float:
    """Return the exact (Clopper-Pearson) one-sided upper bound of a rate."""
    from scipy.stats import beta

    return 1.0 if errors == runs else float(beta.ppf(confidence, errors + 1, runs - errors))


def _chunks(runs: int, size: int) -> Iterator[list[int]]:
    for first in range(0, runs, size):
        yield list(range(first, min(first + size, runs)))


def measure(world: str, runs: int, jobs: int) -> dict[str, Any]:
    """Return the rates in one world."""
    began = time.monotonic()
    with ProcessPoolExecutor(jobs) as workers:
        futures = [workers.submit(_batch, world, seeds) for seeds in _chunks(runs, 50)]
        outcomes = [outcome for future in futures for outcome in future.result()]
    count = {
        name: sum(1 for o in outcomes if asdict(o)[name])
        for name in ("false_support", "false_refutation", "found", "refuted_wrong_direction")
    }
    draws = sorted(o.experiments_to_support for o in outcomes if o.experiments_to_support)
    return {
        "runs": runs,
        "runs_with_false_support": count["false_support"],
        "false_support_rate": count["false_support"] / runs,
        "false_support_upper_95": upper_bound(count["false_support"], runs),
        "runs_with_false_refutation": count["false_refutation"],
        "false_refutation_rate": count["false_refutation"] / runs,
        "false_refutation_upper_95": upper_bound(count["false_refutation"], runs),
        "power": count["found"] / runs if WORLDS[world] else None,
        "wrong_direction_refuted": count["refuted_wrong_direction"] / runs
        if WORLDS[world]
        else None,
        "median_pairs_to_support": draws[len(draws) // 2] if draws else None,
        "mean_experiments": sum(o.experiments for o in outcomes) / runs,
        "seconds_per_run": (time.monotonic() - began) * jobs / runs,
    }


def main() -> None:
    """Print one JSON document."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--runs", type=int, default=2000, help="runs in each world")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--world", choices=list(WORLDS), action="append")
    given = parser.parse_args()
    found = {w: measure(w, given.runs, given.jobs) for w in given.world or WORLDS}
    print(json.dumps({"alpha": 0.05, "theta0": 0.5, "delta": 0.1, "worlds": found}, indent=2))


if __name__ == "__main__":
    main()
