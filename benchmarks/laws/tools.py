"""The instrument of `law_discovery.py`: reads a planted law, with noise that belongs to the case."""

import hashlib
import math
import random
from typing import Any

from gaseol.tools import tool
from gaseol.traces.nouns.hypothesis import Law


@tool(seconds=0.001)
def law_reading(
    case: str, at: dict[str, float], law: dict[str, Any], constant: float, noise: float, seed: int
) -> float:
    """Read the outcome of a case.

    Args:
        case: its name.
        at: its variables.
        law: the planted law; no scientist is told what an instrument is set to.
        constant: added to the law's term, on the scale of ln y.
        noise: standard deviation of ln y.
        seed: of the task.
    """
    digest = hashlib.sha256(f"{seed}:{case}".encode()).digest()
    error = random.Random(digest).gauss(0.0, 1.0)
    return math.exp(constant + Law.model_validate(law).term(at) + noise * error)
