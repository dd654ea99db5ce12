"""The interop environment: standards' own validators, whose versions do not fit beside gaseol's."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="session")
def interop() -> Callable[..., str]:
    """Run something with the interpreter of `.venv/interop` and return what it printed."""
    python = Path(os.environ.get("GASEOL_INTEROP", ROOT / ".venv" / "interop")) / "bin" / "python"
    if not python.is_file():
        pytest.skip(f"there is no {python}: NOT validated by Inspect AI and roc-validator; "
                    "make it with: make .venv/.interop")  # fmt: skip

    def run(*words: object, code: int = 0) -> str:
        said = subprocess.run(
            [str(python), *map(str, words)],
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
            env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        )
        assert said.returncode == code, said.stderr[-3000:]
        return said.stdout

    return run


@pytest.fixture
def broken_step(ledger, run):
    """A run that stopped inside a step, and went on later."""

    def change(events):
        end = next(e for e in events if e["kind"] == "step.ended")
        end |= {"kind": "budget.spent", "data": {"spent": {}}}

    ledger.rewrite(run, change)
    return run
