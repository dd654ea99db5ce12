"""A planted world: samples whose features have nothing to do with their signal."""

import hashlib
import random
from typing import Annotated

from gaseol.tools import Unit, tool

FEATURES = ("acidity", "density", "hardness", "porosity", "viscosity", "lustre")


def _noise(*parts: object) -> float:
    """Return a standard normal number that depends on the parts alone."""
    text = ":".join(map(str, parts))
    return random.Random(hashlib.sha256(text.encode()).digest()).gauss(0.0, 1.0)  # noqa: S311


@tool(seconds=0.01, tags=("statistics",))
def planted_samples(count: int, seed: int) -> list[dict[str, str | float]]:
    """List samples with random features.

    Args:
        count: how many.
        seed: the world they belong to.
    """
    return [
        {"sample": f"s{i}", **{f: round(_noise(seed, i, f), 6) for f in FEATURES}}
        for i in range(count)
    ]


@tool(seconds=0.001, tags=("statistics",))
def planted_signal(sample: str, seed: int) -> Annotated[float, Unit("1")]:
    """Measure a sample's signal, which is noise and nothing else.

    Args:
        sample: its name.
        seed: the world it belongs to.
    """
    return _noise(seed, sample, "signal")
