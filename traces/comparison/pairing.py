"""Two outlines side by side: what of the one is what of the other, and how to name it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from gaseol.traces.comparison.outline import Key, Outline
from gaseol.traces.comparison.payload import NOTHING, Contrast, Parting
from gaseol.traces.comparison.wording import jsonable, show

At = tuple[int | None, int | None]
"""The positions where a difference shows, in A and in B."""

_NOWHERE: At = (None, None)


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that differs."""

    what: str
    """In a sentence."""
    a: Any = None
    b: Any = None
    a_event: int | None = None
    b_event: int | None = None

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {
            "what": self.what, "a": jsonable(self.a), "b": jsonable(self.b),
            "a_event": self.a_event, "b_event": self.b_event,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shared:
    """What both runs may be compared in, and what is said of the rest."""

    keys: list[Any]
    rest: list[Difference]


class Pairing:
    """Matches two runs by content."""

    def __init__(self, contrast: Contrast, a: Outline, b: Outline) -> None:
        self.contrast, self.a, self.b = contrast, a, b

    def differs(self, name: str, x: Any, y: Any, at: At = _NOWHERE) -> Iterator[Difference]:
        """Yield the difference of two plain values; nothing where they are the same."""
        if x != y:
            what = f"{name}: {show(_said(x))} in A, {show(_said(y))} in B"
            yield Difference(what, x, y, *at)

    def grouped(self, x: Any, y: Any, depth: int, before: str, at: At) -> Iterator[Difference]:
        """Yield the differences of two values, those that share a beginning in one sentence."""
        groups: dict[str, list[Parting]] = {}
        for parting in self.contrast.all(x, y):
            groups.setdefault(".".join(parting[0].split(".")[:depth]), []).append(parting)
        for name, partings in groups.items():
            path, p, q = partings[0]
            said = f"{show(_said(p))} in A, {show(_said(q))} in B"
            if len(partings) == 1:
                what = f"{before}{_worded(path)}: {said}"
            else:
                what = f"{before}{_worded(name)} differs in {len(partings)} places, "
                what += f"first in {_worded(path)}: {said}"
            yield Difference(what, p, q, *at)

    def shared(self, noun: str, p: Mapping[Any, Any], q: Mapping[Any, Any]) -> Shared:
        """Set apart what is about hypotheses that one run alone proposed: that is said once."""
        common = self.a.hypotheses.keys() & self.b.hypotheses.keys()
        keys: list[Any] = []
        alone = {"A": 0, "B": 0}
        for key in union(p, q):
            about = cast("tuple[Key, ...]", key if isinstance(key, tuple) else (key,))
            if common.issuperset(about) or (key in p and key in q):
                keys.append(key)
            else:
                alone["A" if key in p else "B"] += 1
        rest = [
            Difference(
                f"{side} alone has {noun} for {plural(count, 'hypothesis', 'hypotheses')} "
                "that the other run did not propose",
                *((count, 0) if side == "A" else (0, count)),
            )
            for side, count in alone.items()
            if count
        ]
        return Shared(keys, rest)

    def called(self, key: Key) -> str:
        """Name a hypothesis for a person: its statement, and its ids."""
        x, y = self.a.hypotheses.get(key), self.b.hypotheses.get(key)
        hypothesis = x or y
        if hypothesis is None:
            return f"'{show(key)}'"
        ids = hypothesis.id
        if x and y and x.id != y.id:
            ids = f"{x.id} in A, {y.id} in B"
        return f"'{show(hypothesis.statement)}' ({ids})"

    def together(self, keys: tuple[Key, ...]) -> str:
        """Name one or several hypotheses."""
        if len(keys) == 1:
            return self.called(keys[0])
        owner = self.a if keys[0] in self.a.hypotheses else self.b
        return f"{len(keys)} hypotheses ({show(', '.join(map(owner.name, keys)))})"


def union(*several: Mapping[Any, Any]) -> list[Any]:
    """Return all keys, in the order first met."""
    return list(dict.fromkeys(key for each in several for key in each))


def one_sided(done: str, called: str, *, in_a: bool, at: At) -> Difference:
    """Return that something was done in one run only."""
    return Difference(f"{called} is {done} in {'A' if in_a else 'B'} only", in_a, not in_a, *at)


def plural(count: int, one: str, more: str) -> str:
    """Return a number with its noun."""
    return f"{count} {one if count == 1 else more}"


def _said(value: Any) -> Any:
    return "nothing" if value is NOTHING or value is None or value == "" else value


_WORDS = {
    "frame.draws": "the sealed order of draws",
    "frame.seed": "the seed of the draws",
    "prediction.table": "the table of predictions",
    "prediction.others": "the predictions of other rivals",
    "prediction.regressors": "the regressors",
    "criterion.rivals": "the rivals",
}


def _worded(path: str) -> str:
    for place, words in _WORDS.items():
        if path == place:
            return words
        if path.startswith(f"{place}."):
            return f"{words} ({path.removeprefix(place + '.')})"
    return path
