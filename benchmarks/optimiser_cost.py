"""What an optimiser costs: CPU an experiment at a thousand observations, memory at ten thousand.

    python benchmarks/optimiser_cost.py [--rows 10000] [--observed 1000] [--asks 20] [--plot FILE]

A synthetic table of five numbers and one category, one point at a time; then everything measured.
Beside it the same table with two objectives, in batches of five.
"""

import argparse
import json
import os
import resource
import time
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np


def table(rows: int, rng: np.random.Generator) -> Any:
    """Return a table of random rows."""
    from gaseol.tools.table_space import Column, Table

    cells = tuple(
        {**{f"x{j}": float(rng.random()) for j in range(5)}, "kind": "abcd"[int(rng.integers(4))]}
        for _ in range(rows)
    )
    columns = tuple(Column.of(name, [row[name] for row in cells]) for name in cells[0])
    return Table(tuple(map(str, range(rows))), cells, columns)


def value(row: dict[str, Any]) -> float:
    """Return a smooth value of a row, with what a category adds."""
    return -sum((row[f"x{j}"] - 0.6) ** 2 for j in range(5)) + 0.2 * (row["kind"] == "b")


def two_objectives(space: Any, observed: int, batches: int) -> tuple[list[float], float]:
    """Return CPU ms an experiment of each batch, and those of the first ask, with its fits."""
    from gaseol.agents.optimisers.multiobjective_search import MultiobjectiveSearch
    from gaseol.traces.nouns.goal import Goal

    def values(points: list[str]) -> list[list[float | None]]:
        return [[value(row), row["x0"] ** 2 + row["x1"]] for row in space.rows(points)]

    search = MultiobjectiveSearch(space, 0, (Goal(name="value"), Goal(name="other", sign=-1)))
    first = space.sample(observed, np.random.default_rng(1))
    search.tell(first, values(first))
    began = time.process_time()
    points = search.ask(5)
    fitted = time.process_time() - began
    costs: list[float] = []
    for _ in range(batches):
        began = time.process_time()
        search.tell(points, values(points))
        points = search.ask(5)
        costs.append(200 * (time.process_time() - began))
    return costs, 1000 * fitted


def main() -> None:
    """Measure and print one JSON document."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--observed", type=int, default=1_000)
    parser.add_argument("--asks", type=int, default=20)
    parser.add_argument("--plot", help="draw what each ask costs to this file, as PNG or SVG")
    given = parser.parse_args()
    from gaseol.agents.optimisers.list_search import ListSearch

    space = table(given.rows, np.random.default_rng(0))
    search = ListSearch(space, 0)
    first = space.sample(given.observed, np.random.default_rng(1))
    search.tell(first, [value(row) for row in space.rows(first)])
    began = time.process_time()
    search.tell(point := search.ask(1), [value(row) for row in space.rows(point)])
    fitted = time.process_time() - began
    costs = []
    for _ in range(given.asks):
        began = time.process_time()
        point = search.ask(1)
        search.tell(point, [value(row) for row in space.rows(point)])
        costs.append(time.process_time() - began)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    known = set(first)
    rest = [p for p in space.enumerate() if p not in known][: given.rows - given.observed - 200]
    search.tell(rest, [value(row) for row in space.rows(rest)])
    search.ask(1)
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    several, several_fitted = two_objectives(space, given.observed, max(1, given.asks // 2))
    said = {
        "observed": given.observed,
        "cpu_ms_an_experiment": round(1000 * float(np.mean(costs)), 2),
        "cpu_ms_most": round(1000 * max(costs), 2),
        "cpu_ms_with_a_fit": round(1000 * fitted, 1),
        "fit_every_experiments": int(0.1 * given.observed),
        "cpu_ms_an_experiment_fits_spread": round(
            1000 * (float(np.mean(costs)) + fitted / (0.1 * given.observed)), 2
        ),
        "cpu_ms_an_experiment_two_objectives": round(float(np.mean(several)), 2),
        "cpu_ms_first_batch_two_objectives": round(several_fitted, 1),
        "memory_mb_at_observed": round(before / 1024),
        "memory_mb_at_all": round(after / 1024),
    }
    print(json.dumps(said, indent=1))
    if given.plot:
        from campaigns.dots import draw

        rows = {"one objective": [1000 * cost for cost in costs], "two objectives": several}
        draw(given.plot, rows, "CPU ms an experiment between fits", xlim=(0, None))


if __name__ == "__main__":
    main()
