"""Two JSON values walked side by side, down to where they part."""

from collections.abc import Iterator
from typing import Any, cast

Parting = tuple[str, Any, Any]
"""Where two values part: the path, what stands in the one, what stands in the other."""

ABSENT = "absent"
"""What is said of a member that one of two objects does not have."""


def partings(a: Any, b: Any, path: str = "") -> Iterator[Parting]:
    """Yield every place where two values are not the same: `1`, `1.0` and `true` are three things.

    Lists of unequal length part at their lengths too.
    """
    if isinstance(a, dict) and isinstance(b, dict):
        left, right = cast("dict[str, Any]", a), cast("dict[str, Any]", b)
        for key in {**left, **right}:
            at = f"{path}.{key}" if path else key
            if key in left and key in right:
                yield from partings(left[key], right[key], at)
            else:
                yield at, left.get(key, ABSENT), right.get(key, ABSENT)
    elif isinstance(a, list) and isinstance(b, list):
        rows, others = cast("list[Any]", a), cast("list[Any]", b)
        for number, (x, y) in enumerate(zip(rows, others, strict=False)):
            yield from partings(x, y, f"{path}.{number}" if path else str(number))
        if len(rows) != len(others):
            yield path, f"{len(rows)} entries", f"{len(others)} entries"
    elif not _same(a, b):
        yield path, a, b


def _same(a: Any, b: Any) -> bool:
    return type(a) is type(b) and a == b
