import numpy as np
import pytest

from gaseol.agents.optimisers.belief import Belief
from gaseol.agents.optimisers.multiobjective_search import MultiobjectiveSearch, nondominated
from gaseol.tools.table_space import Column, Table
from gaseol.traces.nouns.goal import Goal


def long_list() -> Table:
    x = np.random.default_rng(3).random((2000, 3)).tolist()
    cells = tuple({"a": a, "b": b, "c": c} for a, b, c in x)
    columns = tuple(Column.of(name, [row[name] for row in cells]) for name in "abc")
    return Table(tuple(map(str, range(len(cells)))), cells, columns)


def values(space: Table, points: list[str]) -> list[list[float | None]]:
    """Two objectives that compete over `a`; both want `b` and `c` in the middle."""
    found: list[list[float | None]] = []
    for row in space.rows(points):
        a, b, c = (float(row[name] or 0) for name in "abc")
        off = (b - 0.5) ** 2 + (c - 0.5) ** 2
        found.append([a - 2 * off, (a - 1) ** 2 - 2 * off])
    return found


def campaign(space: Table, batches: int) -> list[str]:
    search = MultiobjectiveSearch(space, 0, (Goal(name="one", sign=1), Goal(name="two", sign=1)))
    asked: list[str] = []
    for _ in range(batches):
        points = search.ask(4)
        asked += points
        search.tell(points, values(space, points))
    return asked


def front(space: Table, points: list[str]) -> int:
    """Return how many of the points no point of the whole list dominates by more than a little."""
    everything = np.array(values(space, list(space.enumerate())), dtype=float)
    best = everything[nondominated(everything)]
    each = np.array(values(space, points), dtype=float)
    return int(sum(not (best > one + 0.05).all(axis=1).any() for one in each))


def test_a_long_list_is_looked_through_and_what_is_kept_at_hand_changes_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    space = long_list()
    asked = campaign(space, 6)
    assert len(set(asked)) == 24
    chance = [str(i) for i in np.random.default_rng(0).permutation(2000)[:24]]
    assert front(space, asked) > front(space, chance) + 5
    monkeypatch.setattr(Belief, "watch", lambda *_: None)
    assert campaign(space, 6) == asked
