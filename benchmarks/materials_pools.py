"""Materials in five experimental tables, one experiment at a time.

    python benchmarks/materials_pools.py REFEREES [--seeds 30] [--pools NAME ...] [--plot FILE]
    .venv/peers/bin/python benchmarks/materials_pools.py REFEREES --search baybe [--seeds 10]

REFEREES is a folder with `materials_referee.py`. Reported are the experiments until 80% of the best
twentieth are found, beside what random search needs. BayBE runs in an environment of its own:
`make .venv/.peers`.
"""

import argparse
import importlib
import json
import os
import statistics
import sys
import time
from collections.abc import Collection, Sequence
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np


class Recommender:
    """The search in the form that the referee calls, once an experiment."""

    def __init__(self, x: Any) -> None:
        from gaseol.tools.table_space import Column, Table

        rows = tuple({str(j): float(v) for j, v in enumerate(row)} for row in x)
        columns = tuple(Column.of(str(j), [row[str(j)] for row in rows]) for j in range(x.shape[1]))
        self._space = Table(tuple(map(str, range(len(rows)))), rows, columns)
        self._search: Any = None
        self._told = 0

    def __call__(self, x: Any, seen: Any, y: Any, pool: Any, rng: Any) -> int:  # noqa: ARG002
        """Return the row to measure next; the referee minimises."""
        from gaseol.agents.optimisers.list_search import ListSearch

        if self._search is None or len(seen) <= self._told:
            self._search, self._told = ListSearch(self._space, int(rng.integers(2**31))), 0
        fresh = range(self._told, len(seen))
        self._search.tell([str(seen[i]) for i in fresh], [-float(y[i]) for i in fresh])
        self._told = len(seen)
        return int(self._search.ask(1)[0])


class Peer:
    """BayBE in the same form."""

    def __init__(self, x: Any) -> None:
        import pandas as pd

        self._table = pd.DataFrame({f"x{j}": x[:, j] for j in range(x.shape[1])})
        self._search: Any = None
        self._told = 0

    def __call__(self, x: Any, seen: Any, y: Any, pool: Any, rng: Any) -> int:  # noqa: ARG002
        """Return the row to measure next; the referee minimises."""
        from campaigns.bayes import Bayes

        if self._search is None or len(seen) <= self._told:
            self._search, self._told = Bayes(self._table, int(rng.integers(2**31))), 0
        fresh = slice(self._told, len(seen))
        self._search.tell(seen[fresh].tolist(), (-y[fresh]).tolist())
        self._told = len(seen)
        return self._search.ask(1)[0]


def main() -> None:
    """Run the pools and print one JSON document."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("referees", help="folder of materials_referee.py")
    parser.add_argument("--seeds", type=int, default=30)
    parser.add_argument("--pools", nargs="*", help="all five by default")
    parser.add_argument("--search", choices=["gaseol", "baybe"], default="gaseol")
    parser.add_argument("--plot", help="draw what each run needed to this file, as PNG or SVG")
    given = parser.parse_args()
    sys.path.insert(0, given.referees)
    referee = importlib.import_module("materials_referee")
    said: dict[str, Any] = {"search": given.search, "seeds": given.seeds, "pools": {}}
    needed: dict[str, list[float]] = {}
    recommender = Recommender if given.search == "gaseol" else Peer
    for name in given.pools or referee.DATA:
        x, y, top = referee.load(name)
        began = time.process_time()
        cycles = max(60, int(0.3 * len(y)))
        orders = referee.run(recommender(x), name, given.seeds, cycles=min(cycles, len(y)))
        cpu = time.process_time() - began
        found = referee.summary(orders, name)
        said["pools"][name] = {
            "experiments_to_80": found["n_80"],
            "random": int(np.ceil(0.8 * len(y))),
            "experiments_to_50": found["n_50"],
            "cpu_ms_an_experiment": round(1000 * cpu / sum(len(o) - 2 for o in orders), 2),
        }
        needed[name] = [reached(order, top) / len(y) for order in orders]
        print(name, said["pools"][name], file=sys.stderr, flush=True)
    costs = [pool["cpu_ms_an_experiment"] for pool in said["pools"].values()]
    print(json.dumps({**said, "cpu_ms_an_experiment": statistics.mean(costs)}, indent=1))
    if given.plot:
        from campaigns.dots import draw

        about = f"{given.search}: share of the table until 80% of its best twentieth"
        draw(given.plot, needed, about, xlim=(0, None))


def reached(order: Sequence[int], top: Collection[int]) -> int:
    """Return how many experiments found 80% of the best; one more than all where they did not."""
    wanted, found = int(np.ceil(0.8 * len(top))), 0
    for number, row in enumerate(order, start=1):
        found += row in top
        if found >= wanted:
            return number
    return len(order) + 1


if __name__ == "__main__":
    main()
