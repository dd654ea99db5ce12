"""Hits in a library that can be listed: docking scores of ten thousand molecules.

    python benchmarks/docking_pool.py REFEREES [--seeds 5] [--library 10k] [--plot FILE]

REFEREES is a folder with `pool_referee.py`. A hundredth of the library at random, then five batches
of a hundredth; reported is the share of the hundred best that was found.
"""

import argparse
import importlib
import json
import os
import statistics
import sys
import time
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np


def main() -> None:
    """Run the seeds and print one JSON document."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("referees", help="folder of pool_referee.py")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--library", default="10k")
    parser.add_argument("--plot", help="draw the shares found to this file, as PNG or SVG")
    given = parser.parse_args()
    sys.path.insert(0, given.referees)
    referee = importlib.import_module("pool_referee")
    smiles, scores = _library(referee, given.library)
    from gaseol.agents.optimisers.list_search import ListSearch
    from gaseol.tools.chemistry.molecule_space import MoleculeList

    names = tuple(map(str, range(len(smiles))))  # some molecules stand there twice
    space = MoleculeList(tuple(smiles), names)
    began = time.process_time()
    features = space.featurise(names)
    described = time.process_time() - began
    rows = []
    for seed in range(given.seeds):
        search = ListSearch(space, seed, features=features)
        told = 0

        def recommend(x: Any, seen: Any, y: Any, pool: Any, n: int, rng: Any) -> Any:  # noqa: ARG001
            nonlocal told
            fresh = range(told, len(seen))
            search.tell([str(seen[i]) for i in fresh], [-float(y[i]) for i in fresh])  # noqa: B023
            told = len(seen)
            return [int(p) for p in search.ask(n)]  # noqa: B023

        data = (smiles, np.zeros((len(smiles), 1), dtype=np.uint8), scores)
        rows.append(referee.evaluate(recommend, given.library, seed, data=data))
        print(seed, rows[-1]["top_smiles"], rows[-1]["cpu_s"], file=sys.stderr, flush=True)
    said = {
        "library": given.library,
        "seeds": given.seeds,
        "top_found": statistics.mean(row["top_smiles"] for row in rows),
        "top_scores": statistics.mean(row["top_scores"] for row in rows),
        "by_seed": [row["top_smiles"] for row in rows],
        "cpu_seconds_a_run": statistics.mean(row["cpu_s"] for row in rows),
        "cpu_seconds_describing_once": described,
    }
    print(json.dumps(said, indent=1))
    if given.plot:
        from campaigns.dots import draw

        after = [f"after {100 * explored:.0f}%" for explored, *_ in rows[0]["curve"]]
        found = {name: [row["curve"][i][1] for row in rows] for i, name in enumerate(after)}
        draw(given.plot, found, f"share of the best 100 of {given.library}", xlim=(0, 1))


def _library(referee: Any, name: str) -> tuple[list[str], Any]:
    """Return SMILES and scores where the referee keeps them, without the fingerprints it makes."""
    import csv
    import gzip
    from pathlib import Path

    path = Path(referee.HERE).parent / "data" / "pools" / f"Enamine{name}_scores.csv.gz"
    with gzip.open(path, "rt") as file:
        rows = list(csv.reader(file))[1:]
    return [row[0] for row in rows], np.array([float(row[1]) for row in rows])


if __name__ == "__main__":
    main()
