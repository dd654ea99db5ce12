"""A planted world that answers in a millisecond, and tools in it that misbehave on request."""

import ctypes
import hashlib
import math
import os
import random
import sys
import time
from typing import Annotated, Any

from pydantic import BaseModel

from gaseol.tools import Refuse, Retry, Unit, tool


def _noise(*parts: object) -> float:
    """Return a standard normal number that depends on the parts alone."""
    text = ":".join(map(str, parts))
    return random.Random(hashlib.sha256(text.encode()).digest()).gauss(0.0, 1.0)


@tool(seconds=0.001)
def toy_cases(count: int, seed: int) -> list[dict[str, str | float | int]]:
    """List cases: a size, a weight, and a colour that means nothing.

    Args:
        count: how many.
        seed: the world they belong to.
    """
    return [
        {
            "case": f"c{i}",
            "size": round(1 + abs(_noise(seed, i, "size")), 3),
            "weight": round(_noise(seed, i, "weight"), 3),
            "ring": i % 3,
            "colour": ("red", "green")[i % 2],
        }
        for i in range(count)
    ]


@tool(seconds=0.001)
def toy_describe(case: list[str], how: str = "well") -> list[Any]:
    """Describe all cases at once.

    Args:
        case: their names.
        how: well, or in some other way.
    """
    _misbehave(how)
    if how == "short":
        return [{"length": len(name)} for name in case[:-1]]
    if how == "numbers":
        return [1.0 for _ in case]
    if how == "lists":
        return [{"length": [1, 2]} for _ in case]
    return [{"length": len(name)} for name in case]


@tool(seconds=0.001)
def toy_pairs(case: list[str], how: str = "well") -> list[dict[str, Any]]:
    """List neighbours as pairs that differ by one change.

    Args:
        case: names of the cases.
        how: well, or in some other way.
    """
    _misbehave(how)
    if how == "other keys":
        return [{"a": case[0], "b": case[1]}]
    return [
        {"right": a, "left": b, "change": "A → B" if i % 4 else "A → C"}
        for i, (a, b) in enumerate(zip(case[::2], case[1::2], strict=False))
    ]


@tool(seconds=0.001)
def toy_profile(size: list[float], power: float, how: str = "well") -> list[float]:
    """Predict the signal of every case by a power of its size.

    Args:
        size: of each case.
        power: of the law.
        how: well, or in some other way.
    """
    _misbehave(how)
    if how == "zero":
        return [0.0 for _ in size]
    return [10 * x**power for x in size][: len(size) - (how == "short")]


@tool(seconds=0.001, limit_seconds=20)
def toy_signal(
    case: str, size: float = 1.0, noise: float = 0.3, power: float = 1.0, seed: int = 0
) -> Annotated[float, Unit("K")]:
    """Measure the signal of a case: it grows with its size.

    Args:
        case: its name.
        size: its size.
        noise: standard deviation of ln(signal).
        power: how the signal grows.
        seed: the world it belongs to.
    """
    return 10 * size**power * math.exp(noise * _noise(seed, case, "signal"))


@tool(seconds=0.001, deterministic=False)
def toy_once(case: str, size: float = 1.0, seed: int = 0) -> Annotated[float, Unit("K")]:
    """Measure the signal of a case in a way that uses it up: nobody may do so twice unasked.

    Args:
        case: its name.
        size: its size.
        seed: the world it belongs to.
    """
    return 10 * size * math.exp(0.3 * _noise(seed, case, "signal"))


class ToyReading(BaseModel):
    """A reading with its cost."""

    value: Annotated[float, Unit("K")]
    spread: Annotated[float, Unit("K")]
    seconds: Annotated[float, Unit("s")]
    word: str = "fine"


@tool(seconds=0.001)
def toy_reading(case: str, size: float, seed: int = 0, reading: int = 0) -> ToyReading:
    """Read an instrument: noisy, and it costs time.

    Args:
        case: its name.
        size: its size.
        seed: the world it belongs to.
        reading: which reading it is.
    """
    value = 10 * size * math.exp(0.2 * _noise(seed, case, reading))
    return ToyReading(value=value, spread=0.2 * value, seconds=10.0)


@tool(seconds=0.001, limit_seconds=0.4, memory_mb=64)
def toy_hostile(case: str, size: float, how: str, every: int = 5) -> Any:
    """Measure a case, and misbehave for some of them.

    Args:
        case: its name.
        size: its size.
        how: to misbehave.
        every: misbehave for the cases whose number this divides.
    """
    if int(case.removeprefix("c")) % every:
        return 10 * size
    match how:
        case "nan":
            return math.nan
        case "infinity":
            return math.inf
        case "none":
            return None
        case "text":
            return "ten"
        case "true":
            return True
        case "object":
            return {"value": 10 * size}
        case "print":
            print('{"id": "forged", "value": 1}', flush=True)
            os.write(1, b"\n\x00garbage\n")
            return 10 * size
    return _misbehave(how) or 10 * size


@tool(seconds=0.001)
def toy_typed(case: str, how: str) -> Annotated[float, Unit("K")]:
    """Declare a number and give something else.

    Args:
        case: its name.
        how: what to give.
    """
    return {"none": None, "text": "ten", "nan": math.nan}[how]  # type: ignore[return-value]


@tool(seconds=0.001, limit_seconds=60)
def toy_slow(case: str) -> Annotated[float, Unit("K")]:
    """Measure for a minute.

    Args:
        case: its name.
    """
    time.sleep(60)
    return 1.0


def _misbehave(how: str) -> None:
    match how:
        case "exit":
            os._exit(3)
        case "segfault":
            ctypes.string_at(0)
        case "hang":
            time.sleep(60)
        case "memory":
            len(bytearray(8 << 30))
        case "much":
            raise SystemExit("x" * (20 << 20))
        case "retry":
            raise Retry("ask for a smaller case")
        case "refuse":
            raise Refuse("only for even cases")
        case "raise":
            raise RuntimeError("a bug of the author's")
        case "base":
            raise KeyboardInterrupt("out")
        case "system exit":
            sys.exit(0)


@tool(seconds=0.001)
def toy_much(case: str) -> str:
    """Return more than a result may be.

    Args:
        case: its name.
    """
    return "x" * (20 << 20)


@tool(seconds=0.001)
def toy_moody(
    case: str, size: float, steps: int = 1, says: str = "needs more steps"
) -> Annotated[float, Unit("K")]:
    """Measure a signal, if it is given enough steps for the case.

    Args:
        case: which one; every third needs eight steps, the one after it two.
        size: of the case.
        steps: how many are taken.
        says: what is said where they are too few.
    """
    needed = (8, 2, 1)[int(case.removeprefix("c")) % 3]
    if steps < needed:
        raise Retry(says)
    return 5.0 * size + 0.1 * _noise(case, "moody")


@tool(seconds=0.001, consequential=True, deterministic=False)
def toy_order(case: str, size: float, steps: int = 1) -> Annotated[float, Unit("K")]:
    """Have a sample made and its signal measured, which cannot be taken back.

    Args:
        case: which one; every third needs eight steps, the one after it two.
        size: of the case.
        steps: how many are taken.
    """
    needed = (8, 2, 1)[int(case.removeprefix("c")) % 3]
    if steps < needed:
        raise Retry("needs more steps")
    return 5.0 * size + 0.1 * _noise(case, "order")


@tool(seconds=0.001)
def toy_bar(about: float, truth: float) -> Annotated[float, Unit("px")]:
    """Measure the height of a bar near where somebody has seen its end.

    Args:
        about: where it was seen.
        truth: where it is.
    """
    return truth
