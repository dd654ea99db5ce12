"""What does a run cost to keep, and what would a million of them?

    python benchmarks/scale.py [--runs 500,2000] [--rows 1000000]

Makes fifty runs of `null` with a small budget and copies them until there are so many, twice, so that
what does not grow in proportion shows. Of each size: bytes, files and CPU seconds a run to make (of the
fifty, the tools' workers included), verify, list, list again, read into the archive and ask. Where PostgreSQL is installed, puts rows drawn from
those records into the index, many times over under other names, and asks it. `a_million` multiplies
the larger size's figures: an extrapolation, but for the rows, which are really there. Prints one JSON
object.
"""

import argparse
import getpass
import importlib.util
import json
import os
import platform
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

from gaseol.traces import shelf
from gaseol.traces.archive.card import cards
from gaseol.traces.archive.question import QUESTIONS
from gaseol.traces.archive.store import Archive
from gaseol.traces.verification.verifier import verify

MILLION = 1_000_000
MADE = 50
"""Runs that are made; further ones are copies."""
HERE = Path(__file__).parent


def loaded(path: Path) -> ModuleType:
    """Import a file."""
    spec = importlib.util.spec_from_file_location(f"gaseol_scale_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def cpu(act: Callable[[], Any]) -> tuple[float, Any]:
    """Return CPU seconds, and what came of it."""
    began = time.process_time()
    found = act()
    return time.process_time() - began, found


def kept(place: Path) -> tuple[int, int]:
    """Return bytes and files under a folder."""
    sizes = [p.stat().st_size for p in place.rglob("*") if p.is_file()]
    return sum(sizes), len(sizes)


def made(place: Path) -> dict[str, float]:
    """Make the runs that are copied, and say what one costs."""
    sweep_cost = loaded(HERE / "sweep_cost.py")
    found = sweep_cost.measured(sweep_cost.one_after_the_other, MADE, place)
    first = sweep_cost.measured(sweep_cost.one_after_the_other, 1, place.with_name("first"))
    events = sum(len((p / "events.jsonl").read_bytes().splitlines()) for p in place.iterdir())
    effects = sum((p / "events.jsonl").read_bytes().count(b'"effect.completed"')
                  for p in place.iterdir())  # fmt: skip
    more = (found["cpu_seconds"] - first["cpu_seconds"]) / (MADE - 1)
    return {
        "first_cpu_seconds": first["cpu_seconds"],
        "each_further_cpu_seconds": round(more, 4),
        "events": events / MADE,
        "experiments": effects / MADE,
        "cpu_ms_an_experiment": round(1e3 * more * MADE / effects, 2),
        "cpu_ms_an_event": round(1e3 * more * MADE / events, 3),
    }


def of_size(runs: int, base: Path, home: Path) -> dict[str, Any]:
    """Measure so many records."""
    for n in range(runs):
        shutil.copytree(base / str(n % MADE), home / f"run{n}")
    size, files = kept(home)
    some = [home / f"run{n}" for n in range(0, runs, max(1, runs // 200))]
    checked, holding = cpu(lambda: sum(verify(run).holds for run in some))
    listed, found = cpu(lambda: len(list(cards(home))))
    again, _ = cpu(lambda: len(list(cards(home))))
    stats, _ = cpu(lambda: len(shelf.runs(home)))
    with Archive(home) as archive:
        read, _ = cpu(archive.refresh)
        asked, _ = cpu(lambda: len(list(archive.ask(QUESTIONS["supported"].sql).rows)))
    beside, _ = kept(home / shelf.STORE)
    assert (found, holding) == (runs, len(some)), "a record does not hold"
    return {
        "runs": runs,
        "bytes_a_run": size / runs,
        "files_a_run": files / runs,
        "index_bytes_a_run": beside / runs,
        "cpu_ms_a_run": {
            "verify": 1e3 * checked / len(some),
            "list_first": 1e3 * listed / runs,
            "list_again": 1e3 * again / runs,
            "find_on_disk": 1e3 * stats / runs,
            "read_into_archive": 1e3 * read / runs,
        },
        "cpu_ms_to_ask_the_archive": 1e3 * asked,
    }


def in_postgres(home: Path, rows: int) -> dict[str, Any] | str:
    """Put rows into the index and ask it."""
    postgres = loaded(HERE.parent / "tests" / "servers" / "postgres.py")
    binaries = postgres.programs()
    if binaries is None:
        return "not measured: PostgreSQL is not installed"
    import psycopg

    from gaseol.traces.shared.ledger import Ledger

    with postgres.serving(binaries) as address, Ledger(address) as ledger:
        some = shelf.runs(home)[:200]
        added, _ = cpu(lambda: [ledger.add(r, f"{r.name}-{0:016x}", "file:///s") for r in some])
        with psycopg.connect(address, autocommit=True) as connection:
            columns = ("url, shared_by, scenario, question, scientist, seed, status, started, "
                       "seconds, events, verdicts, words")  # fmt: skip
            connection.execute(
                f"INSERT INTO gaseol_runs (name, {columns}) SELECT name || '-' || n, {columns} "
                "FROM gaseol_runs, generate_series(1, %s) n",
                (rows // len(some) - 1,),
            )
            connection.execute("ANALYZE gaseol_runs")
            one = connection.execute(
                "SELECT count(*), pg_table_size('gaseol_runs'), pg_indexes_size('gaseol_runs') "
                "FROM gaseol_runs"
            ).fetchone()
        assert one is not None

        def wall(act: Callable[[], Any]) -> float:
            times: list[float] = []
            for _ in range(5):
                began = time.perf_counter()
                act()
                times.append(1e3 * (time.perf_counter() - began))
            return round(min(times), 1)

        return {
            "rows": one[0],
            "table_bytes_a_row": one[1] / one[0],
            "index_bytes_a_row": one[2] / one[0],
            "client_cpu_ms_to_add": 1e3 * added / len(some),
            "least_wall_ms": {
                "newest_hundred_of_a_scenario": wall(lambda: list(ledger.rows(scenario="null"))),
                "newest_hundred_of_a_person": wall(lambda: list(ledger.rows(by=getpass.getuser()))),
                "words_that_stand_nowhere": wall(lambda: list(ledger.rows(words="unheard of"))),
            },
        }


def a_million(size: dict[str, Any]) -> dict[str, Any]:
    """Multiply."""
    hours = {k: round(v * MILLION / 3.6e6, 2) for k, v in size["cpu_ms_a_run"].items()}
    return {
        "GB": round(size["bytes_a_run"] * MILLION / 1e9, 1),
        "million_files": round(size["files_a_run"] * MILLION / 1e6, 1),
        "index_GB": round(size["index_bytes_a_run"] * MILLION / 1e9, 2),
        "cpu_hours": hours,
    }


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--runs", default="500,2000")
    parser.add_argument("--rows", type=int, default=MILLION)
    asked = parser.parse_args()
    sizes: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as scratch:
        home, base = Path(scratch) / "runs", Path(scratch) / "made"
        cost = made(base)
        for runs in map(int, asked.runs.split(",")):
            shutil.rmtree(home, ignore_errors=True)
            home.mkdir()
            sizes.append(of_size(runs, base, home))
        index = in_postgres(home, asked.rows)
    found = {
        "benchmark": "scale",
        "a_run": cost,
        "sizes": sizes,
        "postgres": index,
        "a_million": a_million(sizes[-1]),
        "load_average": round(os.getloadavg()[0], 1),
        "python": platform.python_version(),
        "machine": platform.machine(),
    }
    print(json.dumps(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
