"""How long does a page of a long record take, and how large is its index?

    python benchmarks/index_page.py [--events 1000000] [--padding 1700]

Writes a record (see `verify_throughput.py`), builds its index and reads pages of 100 events at
places drawn by a fixed seed, beside reading the whole file up to the same place. Prints one JSON
object.
"""

import argparse
import json
import os
import platform
import random
import statistics
import tempfile
import time
from pathlib import Path

from verify_throughput import write

from gaseol.traces.record.index import NAME, Index

PAGE = 100


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Pages of a long record")
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--padding", type=int, default=1700, help="bytes added to each answer")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "run"
        write(folder, asked.events, asked.padding)
        size = (folder / "events.jsonl").stat().st_size
        began = time.perf_counter()
        Index(folder).close()
        building = time.perf_counter() - began
        rng, pages = random.Random(0), []
        with Index(folder) as index:
            count = len(index)
            for _ in range(200):
                start = rng.randrange(count - PAGE)
                began = time.perf_counter()
                if len(list(index.events(start, PAGE))) != PAGE:
                    raise SystemExit("a page is short")
                pages.append(time.perf_counter() - began)
        began = time.perf_counter()
        with (folder / "events.jsonl").open("rb") as file:
            for number, _ in enumerate(file):
                if number == count // 2:
                    break
        scanning = time.perf_counter() - began
        index_size = (folder / NAME).stat().st_size
    page = statistics.median(pages)
    print(
        json.dumps(
            {
                "benchmark": "index_page",
                "events": count,
                "bytes_per_event": round(size / count),
                "page_milliseconds": round(1e3 * page, 2),
                "page_milliseconds_worst": round(1e3 * max(pages), 2),
                "ratio_to_scanning_half": round(page / scanning, 5),
                "index_to_log": round(index_size / size, 3),
                "build_seconds": round(building, 2),
                "python": platform.python_version(),
                "machine": platform.machine(),
                "cores": os.cpu_count(),
            }
        )
    )


if __name__ == "__main__":
    main()
