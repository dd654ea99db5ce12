"""Molecules under a budget of calls: the tasks of Practical Molecular Optimization.

    python benchmarks/pmo.py REFEREES [--budget 1000] [--seeds 0 1 2] [--tasks NAME ...] [--plot FILE]
    .venv/peers/bin/python benchmarks/pmo.py REFEREES --search mol_ga

REFEREES is a folder with `pmo_referee.py`, which knows the tasks and the molecules to start from
and counts the calls. The optimiser is given neither name nor target of a task: only what it asks.
mol_ga (Tripp and Hernandez-Lobato 2023) runs in an environment of its own: `make .venv/.peers`.
"""

import argparse
import importlib
import json
import os
import statistics
import sys
from collections.abc import Callable, Sequence
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

BATCH = 10
"""Molecules in a batch; a hundredth of what was measured where that is more."""

OFFSPRING = 5
"""Of a generation of mol_ga, as its authors advise."""

Search = Callable[[Any, Sequence[str], int], None]


def peer(oracle: Any, start: Sequence[str], seed: int) -> None:
    """Run mol_ga as its authors set it, from a tenth of the budget at random."""
    import random

    from mol_ga import default_ga  # pyright: ignore[reportMissingImports]

    rng = random.Random(seed)
    default_ga(
        starting_population_smiles=rng.sample(list(start), oracle.budget // 10),
        scoring_function=oracle,
        max_generations=10 * oracle.budget,  # the referee ends it
        offspring_size=OFFSPRING,
        rng=rng,
    )


def optimiser(batch: int = BATCH) -> Search:
    """Return the search in the form that the referee calls."""
    from gaseol.agents.optimisers.genetic_search import GeneticSearch
    from gaseol.tools.chemistry.molecule_space import Molecules

    def optimise(oracle: Any, start: Sequence[str], seed: int) -> None:
        search = GeneticSearch(Molecules(tuple(start)), seed)
        while not oracle.finish:
            size = max(batch, len(oracle) // 100)
            points = search.ask(min(size, oracle.remaining))
            if not points:
                return
            search.tell(points, oracle(points))

    return optimise


def main() -> None:
    """Run the tasks and print one JSON document."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("referees", help="folder of pmo_referee.py")
    parser.add_argument("--budget", type=int, default=1000)
    parser.add_argument("--seeds", type=int, nargs="*", default=[0, 1, 2])
    parser.add_argument("--tasks", nargs="*", help="the eight light ones by default")
    parser.add_argument("--search", choices=["gaseol", "mol_ga"], default="gaseol")
    parser.add_argument("--plot", help="write AUC by task to this file, as PNG or SVG")
    given = parser.parse_args()
    search = optimiser() if given.search == "gaseol" else peer
    sys.path.insert(0, given.referees)
    referee = importlib.import_module("pmo_referee")
    start = referee.zinc()
    rows = []
    for seed in given.seeds:
        for task in given.tasks or referee.LITE:
            row = referee.evaluate(search, task, given.budget, seed, start)
            rows.append(row)
            print(
                f"{task} {seed} {row['auc_top10']:.3f} {row['cpu_s']:.0f} s",
                file=sys.stderr,
                flush=True,
            )
    tasks = {
        task: statistics.mean(row["auc_top10"] for row in rows if row["task"] == task)
        for task in dict.fromkeys(row["task"] for row in rows)
    }
    sums = {seed: sum(r["auc_top10"] for r in rows if r["seed"] == seed) for seed in given.seeds}
    said = {
        "search": given.search,
        "budget": given.budget,
        "auc_top10": tasks,
        "sum": sum(tasks.values()),
        "sum_by_seed": sums,
        "cpu_seconds_a_run": statistics.mean(row["cpu_s"] for row in rows),
        "cpu_seconds_most": max(row["cpu_s"] for row in rows),
    }
    print(json.dumps(said, indent=1))
    if given.plot:
        from campaigns.dots import draw

        found = {task: [r["auc_top10"] for r in rows if r["task"] == task] for task in tasks}
        draw(given.plot, found, f"{given.search}: AUC top-10, {given.budget} calls", xlim=(0, 1))


if __name__ == "__main__":
    main()
