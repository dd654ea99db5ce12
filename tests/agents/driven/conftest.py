"""Runs of the toy world whose model says what a script says."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gaseol.agents.driven import driven
from gaseol.agents.models.scripted import ScriptedDoor
from gaseol.graphs import Run, run
from gaseol.scenarios import Scenario
from gaseol.tools import Pool
from gaseol.traces.verification.verifier import verify


@pytest.fixture
def think(world, pool: Pool, profile, tmp_path: Path) -> Callable[..., Run]:
    """Run a toy scenario with a scripted model; whatever came of it, the record must verify.

    A script maps roles to answers: an object, a text, or a function of the request's arguments.
    Roles that are not in it do not answer in JSON.
    """
    made = iter(range(1000))

    def go(
        script: Mapping[str, Any],
        base: str = "EFFECTS",
        *,
        spec: str = "home",
        seed: int = 0,
        model: Mapping[str, Any] | None = None,
        door: Any = None,
        **changes: Any,
    ) -> Run:
        scenario = Scenario.model_validate(world.changed(getattr(world, base), **changes))
        said = {"opening": {"ready": "yes"}, **script}

        def answer(arguments: Mapping[str, Any]) -> Any:
            found = said.get(arguments["prompt"]["name"], "I would rather not.")
            found = found(arguments) if callable(found) else found
            bare = isinstance(found, dict) and "choices" not in found
            return json.dumps(found) if bare else found

        home = profile(**{"context": 16_000, **(model or {})})
        who = driven(spec, profiles={"home": home})
        who = replace(who, opened=door or ScriptedDoor(home, answer))
        folder = tmp_path / f"run{next(made)}"
        try:
            return run(scenario, scientist=who, seed=seed, out=folder, pool=pool, report=False)
        finally:
            if folder.exists():
                found = verify(folder)
                assert found.holds, found.problems

    return go
