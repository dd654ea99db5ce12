"""Reaction conditions in batches of five: a table of measured yields.

    python benchmarks/reaction.py REFEREES [--seeds 50] [--dataset direct_arylation] [--plain] [--plot FILE]
    .venv/peers/bin/python benchmarks/reaction.py REFEREES --search baybe [--seeds 5]

REFEREES is a folder with `reaction_referee.py`. The search is given the names of the conditions and
their structures. What it presumes before the first experiment is general: a reaction goes faster
when hot and concentrated, and a salt dissolves better in a solvent of high permittivity. It was
checked against the table of direct arylations, so figures with it say nothing of a table unseen;
`--plain` leaves it out, and is what to compare with programs that presume nothing.
BayBE, which presumes nothing, describes molecules by Mordred's descriptors, as its authors did on
this table; it runs in an environment of its own: `make .venv/.peers`.
"""

import argparse
import importlib
import json
import os
import statistics
import sys
from collections.abc import Callable
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

BATCH = 5


def space(table: Any, informed: bool) -> Any:
    """Return the conditions as a space of rows."""
    from gaseol.tools.chemistry.conditions import reaction_column
    from gaseol.tools.table_space import Table

    rows = [dict(zip(table.columns, map(_cell, row), strict=True)) for row in table.values]
    salts = any(isinstance(cell, str) and "." in cell for row in rows for cell in row.values())
    columns = tuple(
        reaction_column(str(name), [row[name] for row in rows], salts=salts, informed=informed)
        for name in table.columns
    )
    return Table(tuple(map(str, range(len(rows)))), tuple(rows), columns)


def _cell(value: Any) -> Any:
    return value.item() if hasattr(value, "item") else value


Search = Callable[[Any, Callable[..., Any], int, int], None]


def peer(table: Any, measure: Callable[..., Any], n: int, seed: int) -> None:
    """Run BayBE in the form that the referee calls."""
    from campaigns.bayes import Bayes

    search = Bayes(table, seed, encoding="MORDRED")
    done = 0
    while done < n:
        rows = search.ask(min(BATCH, n - done))
        search.tell(rows, measure(rows))
        done += len(rows)


def optimiser(informed: bool = True) -> Search:
    """Return the search in the form that the referee calls."""
    from gaseol.agents.optimisers.list_search import ListSearch

    def optimise(table: Any, measure: Callable[..., Any], n: int, seed: int) -> None:
        where = space(table, informed)
        search = ListSearch(where, seed, merit=where.merit() if informed else None)
        done = 0
        while done < n:
            points = search.ask(min(BATCH, n - done))
            search.tell(points, measure([int(p) for p in points]))
            done += len(points)

    return optimise


def main() -> None:
    """Run the seeds and print one JSON document."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("referees", help="folder of reaction_referee.py")
    parser.add_argument("--dataset", default="direct_arylation")
    parser.add_argument("--seeds", type=int, default=50)
    parser.add_argument("--plain", action="store_true", help="presume nothing")
    parser.add_argument("--search", choices=["gaseol", "baybe"], default="gaseol")
    parser.add_argument("--plot", help="draw the best yields to this file, as PNG or SVG")
    given = parser.parse_args()
    sys.path.insert(0, given.referees)
    referee = importlib.import_module("reaction_referee")
    ours = given.search == "gaseol"
    search = optimiser(not given.plain) if ours else peer
    rows = []
    for seed in range(given.seeds):
        row = referee.evaluate(search, given.dataset, 50, seed)
        rows.append(row)
        print(seed, row["best@50"], row["mean_best"], f"{row['cpu_s']:.1f} s", file=sys.stderr)
    said = {
        "search": given.search,
        "dataset": given.dataset,
        "presumes": ours and not given.plain,
        **referee.summarise(rows),
        "cpu_seconds_a_run": statistics.mean(row["cpu_s"] for row in rows),
    }
    print(json.dumps({k: float(v) if hasattr(v, "item") else v for k, v in said.items()}, indent=1))
    if given.plot:
        from campaigns.dots import draw

        found = {f"best of {k}": [row[f"best@{k}"] for row in rows] for k in (5, 10, 25, 50)}
        found["mean best"] = [row["mean_best"] for row in rows]
        draw(given.plot, found, f"{given.dataset}, {given.search}: yield / %")


if __name__ == "__main__":
    main()
