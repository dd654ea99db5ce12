"""Runs of the toy world on the shared pool."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gaseol.graphs import Run, run
from gaseol.scenarios import Scenario
from gaseol.tools import Pool
from gaseol.traces.verification.verifier import verify


@pytest.fixture
def play(world, pool: Pool, tmp_path: Path) -> Callable[..., Run]:
    """Run a toy scenario with changes; whatever came of it, the record must verify."""
    made = iter(range(1000))

    def go(base: str = "EFFECTS", *, seed: int = 0, scientist: Any = "embedded", **changes) -> Run:
        scenario = Scenario.model_validate(world.changed(getattr(world, base), **changes))
        folder = tmp_path / f"run{next(made)}"
        try:
            return run(
                scenario, scientist=scientist, seed=seed, out=folder, pool=pool, report=False
            )
        finally:
            if folder.exists():
                found = verify(folder)
                assert found.holds, found.problems

    return go
