"""What is thought or known beforehand is worth: the first batch, and the best after four.

    python benchmarks/first_batch.py [--seeds 10] [--batch 5] [--cases 500]

The highest boiling point among organic molecules of the CRC Handbook's table, as `chemicals` holds it:
measured values. Arms: a random choice; a search that is given nothing; one that is told that large and
polar molecules boil higher (`prefers`, a rule of thumb of any textbook); one that knows forty other
molecules of the table, drawn at random (`known`), which count as no experiments.
"""

import argparse
import json
import os
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

_BATCHES = 4
_KNOWN = 40
_VARIABLES = ("heavy_atoms", "donors", "tpsa", "logp", "branching", "rings", "halogens")


def table(cases: int) -> tuple[list[str], list[dict[str, Any]], np.ndarray]:
    """Return molecules of the table, what is computed of each, and boiling points in K."""
    from gaseol.tools.chemistry.compounds import compounds_with
    from gaseol.tools.chemistry.descriptors import molecule_features
    from gaseol.tools.chemistry.properties import boiling_point

    found = compounds_with(property="boiling_point", heavy_atoms_min=3, heavy_atoms_max=20)
    chosen = np.random.default_rng(0).permutation(len(found))[:cases]
    names = [found[i].smiles for i in chosen]
    features = molecule_features(smiles=names)
    rows = [{v: getattr(f, v) for v in _VARIABLES} for f in features]
    values = [boiling_point(compound=name).temperature for name in names]
    return names, rows, np.array(values, dtype=float)


def main() -> None:
    """Measure and print one JSON document."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--batch", type=int, default=5)
    parser.add_argument("--cases", type=int, default=500)
    given = parser.parse_args()
    from gaseol.agents.optimisers.list_search import ListSearch
    from gaseol.agents.optimisers.optimiser import RandomSearch
    from gaseol.tools.table_space import Column, Table

    names, rows, values = table(given.cases)
    known = dict(zip(names, values.tolist(), strict=True))

    def space(**prefers: str) -> Table:
        columns = tuple(
            Column.of(v, [row[v] for row in rows], prefers=prefers.get(v, "")) for v in _VARIABLES
        )
        return Table(tuple(names), tuple(rows), columns)

    plain, thought = space(), space(heavy_atoms="high", tpsa="high")
    said: dict[str, Any] = {"cases": len(names), "highest": float(values.max()),
                            "mean": round(float(values.mean()), 1)}  # fmt: skip
    for arm in ("random", "nothing", "prefers", "known"):
        firsts, bests = [], []
        for seed in range(given.seeds):
            if arm == "random":
                search: Any = RandomSearch(plain, seed)
            else:
                merit = thought.merit() if arm == "prefers" else None
                search = ListSearch(thought if arm == "prefers" else plain, seed, merit=merit)
            if arm == "known":
                told = plain.sample(_KNOWN, np.random.default_rng([seed, 1]))
                search.tell(told, [known[p] for p in told])
            found: list[float] = []
            for _ in range(_BATCHES):
                points = search.ask(given.batch)
                search.tell(points, [known[p] for p in points])
                found += [known[p] for p in points]
            firsts.append(float(np.mean(found[: given.batch])))
            bests.append(max(found))
        said[arm] = {
            "first_batch_mean": round(float(np.mean(firsts)), 1),
            "best_after_all": round(float(np.mean(bests)), 1),
        }
    print(json.dumps({**said, "seeds": given.seeds, "batch": given.batch}, indent=1))


if __name__ == "__main__":
    main()
