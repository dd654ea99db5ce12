"""Campaigns on made-up tables, one experiment at a time: no table was looked at to make them.

    python benchmarks/made_up_tables.py [--tables 40] [--seeds 3] [--first 0] [--plot FILE]

A table has 90 to 600 rows of 3 to 5 numbers, drawn by its own number: what the value is of (a peak, a
smooth random function, a response to logarithms, sigmoids), where the rows lie (anywhere, on a grid,
in a mixture, crowded where values are high), how noisy it is, and whether low values all read the
same. Reported is the share of a table that is measured until 80% of its best twentieth are found,
starting from two rows at random; chance needs 0.8.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Callable
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

Array = np.ndarray
Response = Callable[[Array], Array]

KINDS = ("peak", "smooth", "logarithms", "sigmoids")


def response(kind: str, d: int, rng: np.random.Generator) -> Response:
    """Return a function of rows in the unit cube, shape (n, d) to (n,)."""
    if kind == "peak":
        centre, width = rng.random(d), np.exp(rng.uniform(np.log(0.15), 0.0, d))
        return lambda x: np.exp(-0.5 * (((x - centre) / width) ** 2).sum(axis=1))
    if kind == "sigmoids":
        middle, steep = rng.uniform(0.2, 0.8, d), rng.normal(0, 8, d)
        weight = rng.normal(size=d)
        return lambda x: (weight / (1 + np.exp(-steep * (x - middle)))).sum(axis=1)
    # random features of a Matern 5/2 process, whose spectrum is a Student's t
    lengths = np.exp(rng.uniform(np.log(0.2), np.log(3.0), d))
    waves = rng.normal(size=(300, d)) / np.sqrt(rng.chisquare(5, 300) / 5)[:, None] / lengths
    phase, weight = rng.uniform(0, 2 * np.pi, 300), rng.normal(size=300)
    smooth: Response = lambda x: np.cos(x @ waves.T + phase) @ weight  # noqa: E731
    if kind == "smooth":
        return smooth
    return lambda x: smooth(np.log(0.01 + x) / np.log(0.01))


def table(number: int) -> tuple[Array, Array, dict[str, Any]]:
    """Return rows, values (more is better) and what is said of the table that has this number."""
    rng = np.random.default_rng([number, 31])
    kind = KINDS[number % len(KINDS)]
    layout = ("anywhere", "grid", "mixture", "crowded")[int(rng.integers(4))]
    d, n = int(rng.integers(3, 6)), int(np.exp(rng.uniform(np.log(90), np.log(600))))
    value = response(kind, d, rng)
    x = rng.random((20 * n, d))
    if layout == "grid":
        levels = rng.integers(3, 8, d)
        x = np.round(x * (levels - 1)) / (levels - 1)
    elif layout == "mixture":
        x = np.round(rng.dirichlet(np.ones(d), 20 * n), 2)
    x = np.unique(x, axis=0)
    x = x[rng.permutation(len(x))]
    if layout == "crowded":
        order = np.argsort(-value(x), kind="stable")
        x = x[order[np.unique((len(x) * rng.random(3 * n) ** 2).astype(int))]]
        x = x[rng.permutation(len(x))]
    x = x[:n]
    y = value(x)
    y = (y - y.mean()) / y.std()
    noise = float(rng.choice([0.0, 0.1, 0.3]))
    y = y + noise * rng.normal(size=len(y))
    floor = bool(rng.random() < 0.25)
    if floor:
        y = np.maximum(y, np.quantile(y, 0.4))
    x = x * 10.0 ** rng.integers(-1, 4, d)  # units
    about = {"kind": kind, "layout": layout, "rows": len(y), "variables": d, "noise": noise,
             "floor": floor}  # fmt: skip
    return x, y, about


def needed(x: Array, y: Array, seed: int) -> int:
    """Return how many rows are measured until 80% of the best twentieth are found."""
    from gaseol.agents.optimisers.list_search import ListSearch
    from gaseol.tools.table_space import Column, Table

    rows = tuple({str(j): float(v) for j, v in enumerate(row)} for row in x)
    columns = tuple(Column.of(str(j), [row[str(j)] for row in rows]) for j in range(x.shape[1]))
    search = ListSearch(Table(tuple(map(str, range(len(rows)))), rows, columns), seed)
    best = int(np.ceil(0.05 * len(y)))
    top = set(np.argsort(-y, kind="stable")[:best].tolist())
    first = np.random.default_rng([seed, 32]).permutation(len(y))[:2].tolist()
    search.tell(list(map(str, first)), y[first].tolist())
    found, measured = sum(i in top for i in first), 2
    while found < np.ceil(0.8 * best):
        (point,) = search.ask(1)
        search.tell([point], [float(y[int(point)])])
        found, measured = found + (int(point) in top), measured + 1
    return measured


def main() -> None:
    """Search the tables and print one JSON document."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--tables", type=int, default=40)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--first", type=int, default=0, help="number of the first table")
    parser.add_argument("--plot", help="draw the shares to this file, as PNG or SVG")
    given = parser.parse_args()
    shares: dict[str, list[float]] = {kind: [] for kind in KINDS}
    began, experiments = time.process_time(), 0
    for number in range(given.first, given.first + given.tables):
        x, y, about = table(number)
        counts = [needed(x, y, seed) for seed in range(given.seeds)]
        experiments += sum(counts)
        shares[about["kind"]] += [count / len(y) for count in counts]
        print(number, about, counts, file=sys.stderr, flush=True)
    each = [share for found in shares.values() for share in found]
    said = {
        "tables": given.tables,
        "first": given.first,
        "seeds": given.seeds,
        "share_to_80": round(float(np.mean(each)), 4),
        "by_kind": {kind: round(float(np.mean(v)), 4) for kind, v in shares.items() if v},
        "cpu_ms_an_experiment": round(1000 * (time.process_time() - began) / experiments, 2),
    }
    print(json.dumps(said, indent=1))
    if given.plot:
        from campaigns.dots import draw

        draw(given.plot, shares, "share of the table until 80% of its best twentieth", xlim=(0, 1))


if __name__ == "__main__":
    main()
