"""Results that a tool's declaration turns away: what is not finite, and what breaks a bound."""

import dataclasses
import math
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from gaseol.tools.contract.refusal import Refuse
from gaseol.traces.nouns.failure import FailureKind

_BOUND_ERRORS = frozenset(
    {
        "finite_number",
        "greater_than",
        "greater_than_equal",
        "less_than",
        "less_than_equal",
        "multiple_of",
    }
)


def rejection(tool: str, error: ValidationError) -> Refuse:
    """Return what to raise: bounds are physics (`impossible`), types are the author's fault.

    Args:
        tool: its name.
        error: from validating its result.
    """
    details = error.errors(include_url=False, include_context=False)
    broken = [d for d in details if d["type"] in _BOUND_ERRORS]
    first = (broken or details)[0]
    place = "".join(f"[{step!r}]" for step in first["loc"])
    said = f"result{place} = {_short(first['input'])}: {first['msg']}"
    if broken and len(broken) == len(details):
        return Refuse(f"{tool}: {said}", kind=FailureKind.IMPOSSIBLE)
    return misshapen(tool, said)


def misshapen(tool: str, reason: str) -> Refuse:
    """Return what to raise for a result of another type than declared.

    Args:
        tool: its name.
        reason: what is wrong with the result.
    """
    return Refuse(f"{tool}: {reason}", kind=FailureKind.WRONG_SHAPE)


def not_finite(value: Any, place: str) -> str | None:
    """Return the place of the first NaN or infinity in a result; None where all are finite.

    Args:
        value: the result, or a part of it.
        place: of the part, in words.
    """
    match value:
        case float():
            return None if math.isfinite(value) else f"{place} = {value}"
        case Mapping():
            inner = ((item, f"{place}[{key!r}]") for key, item in value.items())
        case list() | tuple() | set() | frozenset():
            inner = ((item, f"{place}[{i}]") for i, item in enumerate(value))
        case BaseModel():
            inner = ((item, f"{place}.{name}") for name, item in value)
        case _ if dataclasses.is_dataclass(value):
            names = (field.name for field in dataclasses.fields(value))
            inner = ((getattr(value, name), f"{place}.{name}") for name in names)
        case _:
            return None
    return next((found for item, at in inner if (found := not_finite(item, at))), None)


def _short(value: Any) -> str:
    said = repr(value)
    return said if len(said) <= 80 else said[:77] + "..."
