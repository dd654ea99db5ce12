"""The instrument of `law_discovery.py`: reads a planted law, with noise that belongs to the case."""

import hashlib
import math
import random

from gaseol.tools import tool

_KNOWN = {n: getattr(math, n) for n in ("exp", "log", "sin", "cos", "atan", "cosh")}
_KNOWN |= {"abs": abs, "max": max}


@tool(seconds=0.001)
def law_reading(case: str, at: dict[str, float], law: str, noise: float, seed: int) -> float:
    """Read the outcome of a case.

    Args:
        case: its name.
        at: its variables.
        law: the planted law; no scientist is told what an instrument is set to.
        noise: standard deviation of ln y.
        seed: of the task.
    """
    digest = hashlib.sha256(f"{seed}:{case}".encode()).digest()
    error = random.Random(digest).gauss(0.0, 1.0)
    clean = eval(law, {"__builtins__": {}}, _KNOWN | at)
    return float(clean) * math.exp(noise * error)
