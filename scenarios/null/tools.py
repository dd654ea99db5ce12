"""A planted world: samples whose features have nothing to do with their signal."""

import hashlib
import math
import random
from typing import Annotated

from gaseol.tools import Retry, Unit, tool

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
def planted_signal(
    sample: str, seed: int, effects: dict[str, float] | None = None
) -> Annotated[float, Unit("1")]:
    """Measure a sample's signal: noise, and nothing else unless effects were planted.

    Args:
        sample: its name.
        seed: the world it belongs to.
        effects: for benchmarks, the correlation of features with the signal; none in the scenario.
    """
    planted = effects or {}
    if not set(planted) <= set(FEATURES) or sum(r * r for r in planted.values()) > 1:
        raise Retry(f"effects are correlations, squares up to one in all, of {', '.join(FEATURES)}")
    number = int(sample.removeprefix("s"))
    explained = sum(r * _noise(seed, number, feature) for feature, r in planted.items())
    rest = math.sqrt(1 - sum(r * r for r in planted.values()))
    return explained + rest * _noise(seed, sample, "signal")
