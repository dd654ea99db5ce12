"""Flip bytes of a sealed run, one at a time: is each flip found, and is it located?

    python tests/attacks/flip_bytes.py            # every byte, some minutes
    python tests/attacks/flip_bytes.py --sample 2000 --seed 1
    python tests/attacks/flip_bytes.py --run runs/some-run --sample 500

Prints one JSON object with the counts; exits with 1 if a flip was missed or not located.
"""

import argparse
import importlib.util
import json
import random
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from gaseol.traces import verify
from gaseol.traces.verification.verifier import Integrity, Verification

Position = tuple[Path, int]
"""A file of the run, and the offset of a byte in it."""


def attacked(run: Path) -> list[Path]:
    """Return the files that make up a record, all of which a flip must be found in."""
    beside = sorted(p for p in run.iterdir() if p.is_file())
    return [*beside, *sorted((run / "blobs" / "sha256").iterdir())]


def sample(run: Path, size: int | None, seed: int) -> list[Position]:
    """Return every position, or as many drawn at random; every file is drawn at least once."""
    every = [(path, at) for path in attacked(run) for at in range(path.stat().st_size)]
    if size is None or size >= len(every):
        return every
    rng = random.Random(seed)
    ends = {(p, 0) for p in attacked(run)} | {(p, p.stat().st_size - 1) for p in attacked(run)}
    return sorted(ends | set(rng.sample(every, size)))


def located(found: Verification, run: Path, position: Position, lines: list[int]) -> bool:
    """Tell whether a problem names the file or the event that was altered."""
    path, at = position
    said = [str(problem) for problem in found.problems]
    if path.name == "events.jsonl":
        number = next(i for i, end in enumerate(lines) if at < end)
        # a link breaks between two events, and either may be the one that was altered
        names = {f"event {n}" for n in (number, number + 1)} | {f"line {number + 1} "}
        names |= {f"line {number + 1}:"}
    else:
        names = {path.name}
    return any(any(name in f"{text} " for name in names) for text in said)


def flip(run: Path, positions: list[Position], seed: int) -> Iterator[tuple[Position, str]]:
    """Flip each byte, verify, put it back; yield the position and `missed`, `adrift` or `found`."""
    rng = random.Random(seed)
    ends = [0]
    for line in (run / "events.jsonl").read_bytes().splitlines(keepends=True):
        ends.append(ends[-1] + len(line))
    for path, at in positions:
        whole = path.read_bytes()
        altered = bytearray(whole)
        altered[at] ^= rng.randrange(1, 256)
        path.write_bytes(altered)
        try:
            found = verify(run)
        finally:
            path.write_bytes(whole)
        if found.holds:
            yield (path, at), "missed"
        elif not located(found, run, (path, at), ends[1:]):
            yield (path, at), "adrift"
        else:
            yield (path, at), "found"


def made(folder: Path) -> Path:
    ledger = Path(__file__).parents[1] / "traces" / "ledger.py"
    spec = importlib.util.spec_from_file_location("gaseol_tests_ledger", ledger)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module.write(folder)


def main() -> int:
    """Attack a copy of a run and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--run", type=Path, help="a sealed run; by default a small one is made")
    parser.add_argument("--sample", type=int, help="flip so many bytes; by default all")
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        run = Path(scratch) / "run"
        if asked.run:
            shutil.copytree(asked.run, run)
        else:
            made(run)
        before = verify(run)
        if before.integrity is not Integrity.INTACT:
            print(f"the run is {before.integrity} to begin with", file=sys.stderr)
            return 2
        files: dict[str, dict[str, int]] = {}
        worst: list[str] = []
        for (path, at), outcome in flip(run, sample(run, asked.sample, asked.seed), asked.seed):
            name = "blobs" if path.parent.name == "sha256" else path.name
            counts = files.setdefault(name, {"flipped": 0, "missed": 0, "adrift": 0})
            counts["flipped"] += 1
            if outcome != "found":
                counts[outcome] += 1
                worst.append(f"{path.name}:{at} {outcome}")
        total = {k: sum(c[k] for c in files.values()) for k in ("flipped", "missed", "adrift")}
        print(json.dumps({**total, "files": files, "examples": worst[:10]}, indent=2))
        return 1 if worst else 0


if __name__ == "__main__":
    raise SystemExit(main())
