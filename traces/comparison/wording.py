"""Values of a record in one short line, and in characters that a terminal cannot obey."""

import unicodedata
from typing import Any, cast

from gaseol.traces.comparison.payload import NOTHING

_LONGEST = 120


_TURNING = frozenset(
    "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"
)
"""Characters that turn the direction of a text."""


def safe(text: str) -> str:
    """Return a text without escapes for a terminal and without turns of its direction.

    Line ends and tabs stay.
    """
    return "".join("\ufffd" if _commands(c) else c for c in text)


def _commands(c: str) -> bool:
    return c in _TURNING or (c not in "\n\t" and unicodedata.category(c) in ("Cc", "Cs"))


def jsonable(value: Any, longest: int = 2000) -> Any:
    """Return a value as JSON can hold it; None for nothing, and a long one cut."""
    if value is NOTHING:
        return None
    if isinstance(value, dict | list):
        folded = cast("dict[str, Any] | list[Any]", value)
        said = show(folded, longest)
        return said if said.endswith("...") else folded
    if isinstance(value, str) and len(value) > longest:
        return f"{value[:longest]}..."
    return value


def show(value: Any, longest: int = _LONGEST) -> str:
    """Return a value in one short line."""
    if isinstance(value, float):
        return f"{value:.10g}"
    if isinstance(value, list):
        inner: list[str] = []
        for each in cast("list[Any]", value):
            inner.append(show(each, longest))
            if sum(map(len, inner)) > longest:
                break
        said = f"[{', '.join(inner)}]"
    elif isinstance(value, dict):
        members: list[str] = []
        for key, each in cast("dict[str, Any]", value).items():
            members.append(f"{key}={show(each, longest)}")
            if sum(map(len, members)) > longest:
                break
        said = f"{{{', '.join(members)}}}"
    else:
        said = " ".join(str(value)[: longest + 4].split())
    return said if len(said) <= longest else f"{said[: longest - 3]}..."
