"""The questions that are attacked: a toy world under every graph, and every built-in one."""

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from gaseol.graphs.catalogue import graphs
from gaseol.scenarios import Scenario, load
from gaseol.scenarios.catalogue import builtin
from gaseol.tools import Registry

TOY = Path(__file__).parents[1] / "toy" / "world.py"

EXPERIMENTS = {"cathodes": 2, "diffraction": 2}
"""So many experiments a built-in question may make; four where nothing is said."""
GRAPHS: dict[str, dict[str, Any]] = {
    "optimise": {"campaign": {"batch": 3, "evidence": 0.4}},
}
"""What a graph needs beside what the toy world's question says anyway."""

ONCE = {
    "name": "signal",
    "tool": "toy_once",
    "arguments": {"case": "{case}", "size": "{size}", "seed": "{seed}"},
    "unit": "K",
}
"""A measurement that nobody may make twice unasked."""


def cases(scratch: Path) -> Iterator[tuple[str, Scenario | str]]:
    """Yield name and scenario, budgets cut so that a run takes seconds; or why there is none."""
    spec = importlib.util.spec_from_file_location("gaseol_kill_world", TOY)
    assert spec is not None
    assert spec.loader is not None
    world = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(world)
    small = {"budget__experiments": 6, "hypotheses__maximum": 2}
    toys = {base.lower(): (base, small) for base in ("EFFECTS", "LAWS", "CURVES")}
    toys["once"] = ("EFFECTS", {**small, "measurement": ONCE})
    for name in graphs():
        if name not in ("discover", "survey"):  # a built-in survey stands for that graph
            toys[f"graph-{name}"] = ("EFFECTS", {**small, "graph": name, **GRAPHS.get(name, {})})
    for name, (base, changes) in toys.items():
        yield (
            name,
            load(world.write(scratch / name, world.changed(getattr(world, base), **changes))),
        )
    for name in builtin():
        whole = load(name)
        assert whole.folder is not None
        if not whole.measures:
            yield name, whole
            continue
        tool = Registry.load([whole.folder]).get(whole.measurement.tool)
        if tool.missing():
            yield name, f"needs {', '.join(tool.missing())}, not installed here"
            continue
        limits = {"experiments": EXPERIMENTS.get(name, 4), "seconds": 600}
        budget = whole.budget.model_copy(update=limits)
        few = {"maximum": min(whole.hypotheses.maximum, 2)}
        hypotheses = whole.hypotheses.model_copy(update=few)
        cut = whole.model_copy(update={"budget": budget, "check": None, "hypotheses": hypotheses})
        yield name, cut.placed(whole.folder)
