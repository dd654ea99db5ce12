"""Is everything found that somebody changes in a record?

    python benchmarks/tampering.py [--flips 2000] [--mutations 400] [--seed 0]

Flips single bytes of a small sealed record of every kind of event, each of which `verify` must
find and locate, and changes a run of `stiffness` in every way it could have gone otherwise: half
of the changes leave chain and seal as they were, half are chained and sealed anew. What `verify`
does not find, strict replay must. Prints one JSON object; exits with 1 if anything was missed.
"""

import argparse
import importlib.util
import json
import os
import platform
import sys
import tempfile
import time
from pathlib import Path
from types import ModuleType
from typing import Any

ATTACKS = Path(__file__).parents[1] / "tests" / "attacks"


def attack(name: str) -> ModuleType:
    """Return one of the attacks of the tests, which are no package."""
    spec = importlib.util.spec_from_file_location(f"gaseol_{name}", ATTACKS / f"{name}.py")
    if spec is None or spec.loader is None:
        raise SystemExit(f"there is no attack {name} in {ATTACKS}")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def flipped(number: int, seed: int, scratch: Path) -> dict[str, Any]:
    """Flip bytes of a small record and count what came of it."""
    flips = attack("flip_bytes")
    run = flips.made(scratch / "small")
    began = time.perf_counter()
    outcomes = {"found": 0, "missed": 0, "adrift": 0}
    for _, outcome in flips.flip(run, flips.sample(run, number, seed), seed):
        outcomes[outcome] += 1
    return {**outcomes, "seconds": round(time.perf_counter() - began, 1)}


def mutated(number: int, seed: int, scratch: Path) -> dict[str, Any]:
    """Change a run and count who found it."""
    from gaseol.graphs import run

    folder = run("stiffness", seed=seed, out=scratch / "run", report=False).path
    began = time.perf_counter()
    found = attack("mutate").attack(folder, number, seed, scratch)
    return {**found, "seconds": round(time.perf_counter() - began, 1)}


def main() -> int:
    """Attack and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--flips", type=int, default=2000)
    parser.add_argument("--mutations", type=int, default=400)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        flips = flipped(asked.flips, asked.seed, Path(scratch))
        mutations = mutated(asked.mutations, asked.seed, Path(scratch))
    found = {
        "benchmark": "tampering",
        "flips": flips,
        "mutations": mutations,
        "python": platform.python_version(),
        "machine": platform.machine(),
        "cores": os.cpu_count(),
    }
    print(json.dumps(found))
    return 1 if flips["missed"] or flips["adrift"] or mutations["missed"] else 0


if __name__ == "__main__":
    raise SystemExit(main())
