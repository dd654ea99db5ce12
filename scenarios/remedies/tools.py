"""An assay of the invented world: how far an extract of a herb inhibits a target.

An extract holds what the herb holds. Each compound takes away its share of the target's activity,
independently of the others, so that the inhibition is 100 (1 - exp(-sum of content times potency)) percent;
the reading has Gaussian noise. What the herbs hold and what it does stands in `hidden/world.yaml`.
"""

import functools
import hashlib
import math
import random
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import yaml
from annotated_types import Ge, Le

from gaseol.tools import Refuse, Unit, tool
from gaseol.traces.nouns.failure import FailureKind

_WORLD = Path(__file__).parent / "hidden" / "world.yaml"


@tool(seconds=0.002, tags=("pharmacology",))
def assay(
    herb: str, target: str, seed: Annotated[int, Ge(0)] = 0
) -> Annotated[float, Unit("percent"), Ge(-100), Le(200)]:
    """Measure how far an extract of a herb inhibits a target, once.

    Args:
        herb: its name.
        target: its name.
        seed: fixes the noise of the reading.

    Raises:
        Refuse: with kind `out_of_domain`, the world has no such herb or target.
    """
    world = _world()
    contents, potencies = world["contents"], world["potencies"]
    targets = {name for effects in potencies.values() for name in effects}
    if herb not in contents or target not in targets:
        reason = f"the stock has no {herb!r}, or nobody makes {target!r}"
        raise Refuse(reason, kind=FailureKind.OUT_OF_DOMAIN)
    dose = sum(
        content * potencies.get(compound, {}).get(target, 0.0)
        for compound, content in contents[herb].items()
    )
    text = f"{seed}:{herb}:{target}".encode()
    noise = random.Random(hashlib.sha256(text).digest()).gauss(0.0, world["noise"])  # noqa: S311
    return round(100 * (1 - math.exp(-dose)) + noise, 3)


@functools.cache
def _world() -> Mapping[str, Any]:
    return yaml.safe_load(_WORLD.read_text(encoding="utf-8"))
