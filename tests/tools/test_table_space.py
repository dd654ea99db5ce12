import numpy as np
import pytest

from gaseol.tools.space import Cell, SpaceError, describer, space_kinds
from gaseol.tools.table_space import Column, Conditions, Table, encode
from gaseol.traces.nouns.hypothesis import Condition

COLUMNS = (
    Column.of("solvent", ["water", "ethanol", "hexane"]),
    Column.of("temperature", [20, 40, 60], prefers="high"),
)


def test_numbers_are_scaled_and_labels_are_equally_far_apart() -> None:
    rows = [{"solvent": s, "temperature": t} for s, t in zip("abc", (20, 40, 100), strict=True)]
    columns = tuple(Column.of(n, [r[n] for r in rows]) for n in ("solvent", "temperature"))
    features = encode(columns, rows, ranked=True)
    assert features.numeric[:, -1].tolist() == [0.0, 0.25, 1.0]
    assert features.groups == (0, 0, 0, 1)
    labels = features.numeric[:, :3] / np.sqrt(3)
    assert np.linalg.norm(labels[0] - labels[1]) == pytest.approx(1)
    assert features.ranks is not None
    assert features.ranks[:, -1] == pytest.approx([1 / 6, 1 / 2, 5 / 6])


def test_a_missing_cell_is_refused_with_its_column() -> None:
    with pytest.raises(SpaceError, match="'yield' lacks a cell in row 2"):
        Column.of("yield", [1.0, None])


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ([], "'x' has no cells"),
        (["a", ""], "'x' lacks a cell in row 2"),
        ([1.0, float("nan")], "'x' holds no finite number in row 2"),
        ([-1e308, 1e308], "'x' holds what is no number, or too large a one"),
    ],
)
def test_a_column_that_cannot_be_compared_is_refused(cells: list[Cell], said: str) -> None:
    with pytest.raises(SpaceError, match=said):
        Column.of("x", cells)


@pytest.mark.parametrize("ends", [(1, 1), (2, 1), (0, float("nan")), (0, float("inf"))])
def test_a_range_that_is_none_is_refused(ends: tuple[float, float]) -> None:
    with pytest.raises(SpaceError, match="'x'"):
        Column("x", low=ends[0], high=ends[1])


@pytest.mark.parametrize("cell", ['"acid"', "null", '["water"]', "true", "19.99", "60.01", "1e999"])
def test_a_cell_out_of_its_column_is_no_point(cell: str) -> None:
    space = Conditions((COLUMNS[0], Column("t", low=20, high=60), COLUMNS[1]))
    for point in (f"[{cell},20,20]", f'["water",{cell},20]', f'["water",20,{cell}]'):
        for use in (
            space.rows,
            space.featurise,
            lambda p: space.mutate(p, np.random.default_rng()),
        ):
            with pytest.raises(SpaceError, match=r"is no value of|no JSON list"):
                use([point])


def test_rounding_does_not_lead_out_of_a_range() -> None:
    space = Conditions((Column("x", low=0.12344, high=1.12346),))
    points, rng = ["[0.12344]", "[1.12346]"] * 30, np.random.default_rng(0)
    for _ in range(8):
        points = space.mutate(points, rng)
        space.rows(points)


def test_an_unknown_label_is_refused() -> None:
    with pytest.raises(SpaceError, match="'acid' is no label of 'solvent': water"):
        encode(COLUMNS, [{"solvent": "acid", "temperature": 20}])


def test_a_table_names_its_rows_and_refuses_others() -> None:
    table = Table(("a", "b"), ({"x": 1}, {"x": 2}), (Column.of("x", [1, 2]),))
    assert table.size == 2
    assert table.rows(["b"]) == [{"x": 2}]
    with pytest.raises(SpaceError, match="no row 'c'"):
        table.featurise(["c"])
    with pytest.raises(SpaceError, match="two rows are named 'a'"):
        Table(("a", "a"), ({"x": 1}, {"x": 2}), ())
    with pytest.raises(SpaceError, match="needs a column"):
        Table(("a", "b"), ({"x": 1}, {"x": 2}), ())
    with pytest.raises(SpaceError, match="2 keys for 1 rows"):
        Table(("a", "b"), ({"x": 1},), (Column.of("x", [1]),))


def test_conditions_are_listed_but_for_what_is_excluded() -> None:
    hot = Condition(variable="temperature", at_least=50)
    ether = Condition(variable="solvent", among=("hexane",))
    space = Conditions(COLUMNS, ((hot, ether),))
    assert space.size == 8
    assert '["hexane",60.0]' not in space.enumerate()
    rng = np.random.default_rng(0)
    points = list(space.enumerate())
    for _ in range(30):
        for found in (space.mutate(points, rng), space.cross(points, points[::-1], rng)):
            assert set(found) <= set(points)


def test_what_is_presumed_orders_the_conditions() -> None:
    space = Conditions(COLUMNS)
    merit = dict(zip(space.enumerate(), space.merit(), strict=True))
    assert merit['["water",60.0]'] > merit['["water",20.0]']
    assert merit['["water",60.0]'] == merit['["hexane",60.0]']


def test_continuous_conditions_stay_in_their_range() -> None:
    space = Conditions((Column("x", low=2, high=3), COLUMNS[0]))
    assert space.size is None
    with pytest.raises(SpaceError, match="cannot be listed"):
        space.enumerate()
    rng = np.random.default_rng(0)
    points = space.sample(20, rng)
    for _ in range(20):
        points = space.mutate(points, rng)
        assert all(2 <= row["x"] <= 3 for row in space.rows(points))  # type: ignore[operator]


def test_a_point_of_another_space_is_refused() -> None:
    with pytest.raises(SpaceError, match="no JSON list of 2 cells"):
        Conditions(COLUMNS).featurise(["water"])


def test_plug_ins_bring_spaces_and_describers() -> None:
    assert {"molecules", "molecule_list", "compositions"} <= set(space_kinds())
    assert describer("structures").describe(["CCO", "CCC"]).shape[0] == 2
    with pytest.raises(SpaceError, match="there are structures"):
        describer("stars")
