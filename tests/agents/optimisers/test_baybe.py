"""BayBE behind our protocol: seen with the real library, where it is installed."""

import importlib.util
import random

import numpy as np
import pytest

from gaseol.agents.optimisers.baybe_search import BaybeSearch
from gaseol.agents.optimisers.optimiser import Optimiser, RandomSearch
from gaseol.tools.space import SpaceError
from gaseol.tools.table_space import Column, Conditions, Table

needs_baybe = pytest.mark.skipif(
    importlib.util.find_spec("baybe") is None,
    reason="NOT TESTED: baybe is not installed (pip install 'gaseol[baybe]')",
)


def grid(side: int = 12) -> Table:
    cells = [{"x": float(i), "y": float(j)} for i in range(side) for j in range(side)]
    columns = tuple(Column.of(name, [row[name] for row in cells]) for name in "xy")
    return Table(tuple(f"{r['x']:g},{r['y']:g}" for r in cells), tuple(cells), columns)


def peak(point: str) -> float:
    x, y = map(float, point.split(","))
    return -((x - 9) ** 2) - 2 * (y - 3) ** 2


def campaign(optimiser: Optimiser, batches: int, batch: int) -> list[str]:
    asked: list[str] = []
    for _ in range(batches):
        points = optimiser.ask(batch)
        asked += points
        optimiser.tell(points, [peak(p) for p in points])
    return asked


@needs_baybe
def test_it_finds_the_peak_that_chance_misses_and_the_seed_decides() -> None:
    first, again, other = (campaign(BaybeSearch(grid(), seed), 5, 3) for seed in (1, 1, 2))
    assert first == again
    assert first != other
    assert len(set(first)) == 15
    blind = [max(map(peak, campaign(RandomSearch(grid(), s), 5, 3))) for s in range(8)]
    assert max(map(peak, first)) > np.mean(blind)


@needs_baybe
def test_it_leaves_the_chance_of_the_process_alone() -> None:
    random.seed(4)
    np.random.seed(4)
    expected = (random.random(), np.random.rand())
    random.seed(4)
    np.random.seed(4)
    campaign(BaybeSearch(grid(4), 0), 2, 2)
    assert (random.random(), np.random.rand()) == expected


@needs_baybe
def test_failures_and_points_of_others_are_not_asked_and_the_list_runs_out() -> None:
    search = BaybeSearch(grid(3), 0)
    search.tell(["0,0", "1,1"], [1.0, None])
    asked = [p for _ in range(3) for p in search.ask(4)]
    assert sorted([*asked, "0,0", "1,1"]) == sorted(grid(3).enumerate())
    assert search.ask(1) == []
    with pytest.raises(SpaceError, match="'7,7' is not of the list"):
        search.tell(["7,7"], [1.0])
    with pytest.raises(ValueError, match="tell None where measuring failed"):
        search.tell(["0,1"], [float("nan")])


@needs_baybe
def test_gains_are_in_the_unit_of_what_is_measured() -> None:
    search, scaled = BaybeSearch(grid(), 3), BaybeSearch(grid(), 3)
    assert search.gains(["0,0"]) is None
    told = grid().sample(20, np.random.default_rng(0))
    search.tell(told, [peak(p) for p in told])
    scaled.tell(told, [1000 * peak(p) for p in told])
    points = ["9,3", "0,11"]
    small, large = search.gains(points), scaled.gains(points)
    assert small is not None
    assert large is not None
    assert small[0] > small[1] >= 0
    assert large == pytest.approx(1000 * small, rel=1e-3)


@needs_baybe
def test_points_described_alike_are_one_to_it_and_each_asked_once() -> None:
    cells = tuple({"x": float(i // 2)} for i in range(8))
    space = Table(tuple("abcdefgh"), cells, (Column.of("x", [c["x"] for c in cells]),))
    search = BaybeSearch(space, 0)
    asked = search.ask(6)
    search.tell(asked, [float(ord(p)) for p in asked])
    assert sorted([*asked, *search.ask(6)]) == list("abcdefgh")


def test_what_it_cannot_search_is_refused() -> None:
    with pytest.raises(SpaceError, match="can be listed"):
        BaybeSearch(Conditions((Column("a"),)), 0)


def test_without_the_library_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(SpaceError, match=r"pip install 'gaseol\[baybe\]'"):
        BaybeSearch(grid(3), 0)


@needs_baybe
def test_a_table_in_which_all_rows_read_alike_is_refused() -> None:
    space = Table(("a", "b"), ({"x": 1.0}, {"x": 1.0}), (Column.of("x", [1.0, 1.0]),))
    with pytest.raises(SpaceError, match="nothing that BayBE may know"):
        BaybeSearch(space, 0)
