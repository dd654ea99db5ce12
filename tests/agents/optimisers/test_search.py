from collections.abc import Callable

import numpy as np
import pytest

from gaseol.agents.optimisers.genetic_search import GeneticSearch
from gaseol.agents.optimisers.list_search import ListSearch
from gaseol.agents.optimisers.optimiser import Optimiser, RandomSearch, search
from gaseol.agents.optimisers.surrogate import Surrogate, warp
from gaseol.tools.space import Features, SpaceError
from gaseol.tools.table_space import Column, Conditions, Table


def grid(side: int = 15) -> Table:
    cells = [{"x": float(i), "y": float(j)} for i in range(side) for j in range(side)]
    columns = tuple(Column.of(name, [row[name] for row in cells]) for name in "xy")
    return Table(tuple(f"{r['x']:g},{r['y']:g}" for r in cells), tuple(cells), columns)


def peak(point: str) -> float:
    x, y = map(float, point.split(","))
    return -((x - 11) ** 2) - 2 * (y - 3) ** 2


def campaign(
    optimiser: Optimiser, value: Callable[[str], float | None], batches: int, batch: int
) -> list[str]:
    asked: list[str] = []
    for _ in range(batches):
        points = optimiser.ask(batch)
        asked += points
        optimiser.tell(points, [value(p) for p in points])
    return asked


def best(asked: list[str], value: Callable[[str], float]) -> float:
    return max(map(value, asked))


def test_a_model_finds_the_peak_that_chance_misses() -> None:
    guided = [best(campaign(ListSearch(grid(), s), peak, 5, 4), peak) for s in range(2)]
    blind = [best(campaign(RandomSearch(grid(), s), peak, 5, 4), peak) for s in range(8)]
    assert min(guided) > -2
    assert np.mean(guided) > np.mean(blind) + 2


def test_the_same_seed_asks_the_same() -> None:
    first, second, other = (campaign(ListSearch(grid(), s), peak, 3, 4) for s in (1, 1, 2))
    assert first == second
    assert first != other


def test_no_point_is_asked_twice_and_a_list_runs_out() -> None:
    asked = campaign(ListSearch(grid(4), 0), peak, 6, 5)
    assert sorted(asked) == sorted(grid(4).enumerate())


def test_a_failure_is_no_value_and_not_asked_again() -> None:
    optimiser = ListSearch(grid(), 0)
    asked = campaign(optimiser, lambda p: None if p.startswith("11") else peak(p), 6, 4)
    assert len(set(asked)) == 24
    assert best([p for p in asked if not p.startswith("11")], peak) > -4


def test_equal_values_teach_nothing_and_break_nothing() -> None:
    asked = campaign(ListSearch(grid(), 0), lambda _: 1.0, 4, 3)
    assert len(set(asked)) == 12


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_what_is_no_number_is_refused_not_learnt(value: float) -> None:
    for optimiser in (ListSearch(grid(), 0), GeneticSearch(Conditions((Column("a"),)), 0)):
        points = optimiser.ask(3)
        with pytest.raises(ValueError, match=r"tell None where measuring failed"):
            optimiser.tell(points, [1.0, value, 2.0])


def test_a_point_of_another_list_is_refused() -> None:
    with pytest.raises(SpaceError, match="'99,99' is not of the list"):
        ListSearch(grid(), 0).tell(["99,99"], [1.0])


def test_nothing_is_asked_for_nothing() -> None:
    assert ListSearch(grid(), 0).ask(0) == ListSearch(grid(), 0).ask(-1) == []


@pytest.mark.parametrize("scale", [2.0**900, 2.0**-900])
def test_a_campaign_is_the_same_in_any_unit(scale: float) -> None:
    asked = campaign(ListSearch(grid(), 0), peak, 4, 4)
    scaled = ListSearch(grid(), 0)
    assert campaign(scaled, lambda p: scale * peak(p), 4, 4) == asked
    gains = scaled.gains(asked)
    assert gains is not None
    assert gains.max() > 0


def test_one_value_copies_and_constants_break_nothing() -> None:
    surrogate = Surrogate(np.random.default_rng(0))
    surrogate.learn(Features(np.zeros((1, 2)), (0, 1)), np.array([3.0]))
    copies = Features(np.repeat(np.array([[0.2, 1.0], [0.8, 1.0]]), 30, axis=0), (0, 1))
    surrogate.learn(copies, np.repeat([0.0, 1.0], 30))
    mean, spread = surrogate.predict(copies.take([0, 59]))
    assert mean[0] < mean[1]
    assert np.isfinite(spread).all()


def test_a_shortlist_that_was_measured_elsewhere_is_made_anew() -> None:
    x = np.random.default_rng(0).random(6000).tolist()
    keys = tuple(map(str, range(len(x))))
    table = Table(keys, tuple({"x": v} for v in x), (Column.of("x", x),))
    optimiser = ListSearch(table, 0)
    optimiser.surrogate = Surrogate(np.random.default_rng(0), capacity=200, sample=60)
    optimiser.tell(keys[:3200], x[:3200])
    optimiser.ask(5)
    # random pairs of a campaign may be any points: here all that looked promising, and too few of
    # them for the model to be fitted again
    best = [keys[i] for i in optimiser._short]
    optimiser.tell(best, [x[int(k)] for k in best])
    assert len(optimiser.ask(5)) == 5
    assert optimiser.surrogate.refits == 1


def long_list() -> Table:
    x = np.random.default_rng(3).random((4000, 3)).tolist()
    cells = tuple({"a": a, "b": b, "c": c} for a, b, c in x)
    columns = tuple(Column.of(name, [row[name] for row in cells]) for name in "abc")
    return Table(tuple(map(str, range(len(cells)))), cells, columns)


def test_a_long_list_is_looked_through_and_what_is_kept_at_hand_changes_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    space = long_list()

    def value(point: str) -> float:
        row = space.rows([point])[0]
        return -sum((float(row[name] or 0) - 0.3) ** 2 for name in "abc")

    asked = campaign(ListSearch(space, 0), value, 3, 14)
    ranked = sorted(space.enumerate(), key=value, reverse=True)
    assert len(set(asked)) == 42
    assert set(asked) & set(ranked[:4])  # of 4000, which chance finds in 1 of 24 campaigns
    monkeypatch.setattr(Surrogate, "watch", lambda *_: None)
    assert campaign(ListSearch(space, 0), value, 3, 14) == asked


def test_what_is_presumed_decides_the_first_batch_alone() -> None:
    space = grid()
    merit = [row["x"] for row in space.rows(space.enumerate())]
    first = ListSearch(space, 0, merit=merit).ask(4)  # type: ignore[arg-type]
    assert {p.split(",")[0] for p in first} == {"14"}


def test_a_space_that_cannot_be_listed_is_bred() -> None:
    space = Conditions((Column("a", low=0, high=1), Column("b", low=-5, high=5)))
    value = lambda p: -((space.rows([p])[0]["a"] - 0.7) ** 2) * 30 - space.rows([p])[0]["b"] ** 2  # noqa: E731
    optimiser = search(space, 0)
    assert isinstance(optimiser, GeneticSearch)
    asked = campaign(optimiser, value, 6, 5)
    assert len(set(asked)) == 30
    assert best(asked, value) > -0.1


def test_warping_keeps_the_order_and_tames_outliers() -> None:
    values = np.array([0.0, 1.0, 2.0, 3.0, 1e6])
    warped = warp(values)
    assert list(np.argsort(warped)) == [0, 1, 2, 3, 4]
    assert warped[3] - warped[0] > 0.3
    assert warp(np.ones(4)) == pytest.approx(0)


def test_memory_is_bounded() -> None:
    rng = np.random.default_rng(0)
    x = rng.random((900, 2))
    surrogate = Surrogate(np.random.default_rng(0), capacity=100, sample=60)
    surrogate.learn(Features(x, (0, 1)), x[:, 0])
    assert len(surrogate.members[0].values) == 100
    mean, _ = surrogate.predict(Features(np.array([[0.1, 0.5], [0.9, 0.5]]), (0, 1)))
    assert mean[1] > mean[0]


def test_a_search_remembers_the_best_and_costs_no_more_with_what_it_has_seen() -> None:
    space = Conditions((Column("a", low=0, high=1), Column("b", low=-5, high=5)))
    value = lambda p: -((space.rows([p])[0]["a"] - 0.7) ** 2) * 30 - space.rows([p])[0]["b"] ** 2  # noqa: E731
    optimiser = GeneticSearch(space, 0)
    asked = campaign(optimiser, value, 2, 10)
    points = space.sample(3000, np.random.default_rng(5))
    optimiser.tell(points, [value(p) for p in points])
    assert len(optimiser._values) == len(optimiser._points) == 2000
    assert optimiser._features is not None
    assert len(optimiser._features) == 2000
    assert max(optimiser._values) == max(map(value, [*asked, *points]))
    more = campaign(optimiser, value, 2, 10)
    assert len(optimiser.surrogate.members[0].values) <= 900
    assert not set(more) & {*asked, *points}
    assert optimiser._looked_at(10) < 100 < GeneticSearch(space, 0)._looked_at(10)


def test_points_told_after_a_fit_are_learnt_once() -> None:
    x = np.random.default_rng(0).random((400, 2))
    features = Features(x, (0, 1))
    surrogate = Surrogate(np.random.default_rng(0), capacity=100, sample=60)
    surrogate.learn(features.take(range(380)), x[:380, 0])
    assert len(surrogate.members[0].values) == 100
    surrogate.learn(features, x[:, 0])  # the last of the 380 may not have been among the hundred
    assert surrogate.refits == 1
    assert len(surrogate.members[0].values) == 120
