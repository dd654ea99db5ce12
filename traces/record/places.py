"""Positions in a record as if the events that tell how its run went were not there.

That a run was branched off, killed and resumed, or waited for a person, is no difference in what it
did; but every such event moves those behind it.
"""

from bisect import bisect_left
from typing import Any, cast

BESIDE = ("run.forked", "run.interrupted", "run.resumed", "effect.ambiguous")
"""How a run came about and went, beside what it did."""

POSITIONS = {
    "effect.completed": (("request",),),
    "effect.failed": (("request",),),
    "measurement": (("measurement", "request"),),
    "evidence": (("evidence", "measurements", "*"),),
    "hypothesis.proposed": (("hypothesis", "seen", "*"),),
    "claim": (
        ("claim", "figures", "*", "measurements", "*"),
        ("claim", "figures", "*", "against", "*"),
    ),
    "literature.found": (("works", "*", "request"),),
}
"""Where data says the position of another event."""


class Places:
    """Counts positions without the events beside, which it is told of in their order."""

    def __init__(self) -> None:
        self._beside: list[int] = []

    def skip(self, seq: int) -> None:
        """Leave an event out of the count."""
        self._beside.append(seq)

    def of(self, position: Any) -> Any:
        """Return a position as if the events beside were not there; anything else as it is."""
        if not isinstance(position, int) or isinstance(position, bool):
            return position
        return position - bisect_left(self._beside, position)

    def within(self, kind: str, data: dict[str, Any]) -> dict[str, Any]:
        """Return an event's data with all its positions counted so."""
        if self._beside:
            for path in POSITIONS.get(kind, ()):
                data = self._placed(data, path)
        return data

    def _placed(self, value: Any, path: tuple[str, ...]) -> Any:
        if not path:
            return self.of(value)
        key, rest = path[0], path[1:]
        if isinstance(value, dict):
            members = cast("dict[str, Any]", value)
            chosen = members if key == "*" else [key]
            return {k: self._placed(v, rest) if k in chosen else v for k, v in members.items()}
        if isinstance(value, list) and key == "*":
            return [self._placed(v, rest) for v in cast("list[Any]", value)]
        return cast("Any", value)
