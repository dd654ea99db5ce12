"""What a warm tool call costs: the pool, beside ProcessPoolExecutor and the bare function.

Prints one JSON document, times in milliseconds a call. Run: `python benchmarks/tool_call.py`.
"""

import argparse
import json
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

from gaseol.tools import Call, Pool, Registry, tool

SOURCE = '''
from gaseol.tools import tool

@tool(seconds=0.001)
def double(x: float) -> float:
    """Double a number.

    Args:
        x: the number.
    """
    return 2 * x
'''


def double(x: float) -> float:
    """Double a number.

    Args:
        x: the number.
    """
    return 2 * x


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=2000)
    calls = parser.parse_args().calls
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "tools.py").write_text(SOURCE)
        registry = Registry().extended([folder])
        with Pool(registry, jobs=1) as pool, ProcessPoolExecutor(1) as executor:
            # In turns, so that both meet the same weather on a machine that others use too.
            ours, theirs = alternate(
                lambda x: pool.submit(Call(tool="double", arguments={"x": x})).result().value,
                lambda x: executor.submit(double, x).result(),
                calls=calls,
            )
            isolation = pool.submit(Call(tool="double", arguments={"x": 1})).result().isolation
    (checked,) = alternate(tool(double), calls=calls)
    (bare,) = alternate(double, calls=calls)
    report = {
        "calls": calls,
        "isolation": isolation,
        "pool": ours,
        "process_pool_executor": theirs,
        "ratio_of_medians": round(ours["median_ms"] / theirs["median_ms"], 3),
        "checked_direct_call": checked,
        "bare_function": bare,
        "python": platform.python_version(),
        "machine": platform.machine(),
    }
    json.dump(report, sys.stdout, indent=2)
    print()


def alternate(*functions: Callable[[float], Any], calls: int) -> list[dict[str, float]]:
    """Time functions in turns, after warming them up.

    Args:
        functions: each must double its argument.
        calls: of each.
    """
    times: list[list[float]] = [[] for _ in functions]
    for x in range(-min(100, calls), calls):
        for function, taken in zip(functions, times, strict=True):
            began = time.perf_counter()
            result = function(float(x))
            ended = time.perf_counter()
            if result != 2 * x:
                msg = f"double({x}) gave {result}"
                raise RuntimeError(msg)
            if x >= 0:
                taken.append(1000 * (ended - began))
    return [
        {
            "median_ms": round(statistics.median(taken), 5),
            "p95_ms": round(statistics.quantiles(taken, n=20)[-1], 5),
        }
        for taken in times
    ]


if __name__ == "__main__":
    main()
