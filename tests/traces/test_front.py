"""Fronts and the room they cover, held against definitions and against sampling."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from gaseol.traces.front import hypervolume, nondominated

POINTS = st.integers(1, 3).flatmap(
    lambda k: arrays(
        np.float64, st.tuples(st.integers(1, 12), st.just(k)), elements=st.integers(0, 6).map(float)
    )
)


def test_what_is_beaten_in_all_objectives_is_off_the_front():
    values = np.array([[1.0, 3.0], [2.0, 2.0], [1.0, 2.0], [2.0, 2.0]])
    assert nondominated(values).tolist() == [True, True, False, True]


def test_the_volume_of_a_staircase():
    assert hypervolume(np.array([[1.0, 3.0], [2.0, 2.0], [3.0, 1.0]]), [0, 0]) == 6.0
    assert hypervolume(np.array([[2.0, 3.0, 4.0]]), [1, 1, 1]) == 6.0
    assert hypervolume(np.array([[1.0, 1.0]]), [1, 0]) == 0.0


@given(POINTS)
def test_a_front_covers_what_all_points_cover_and_none_of_it_is_beaten(values):
    front = values[nondominated(values)]
    floor = [-1.0] * values.shape[1]
    assert hypervolume(front, floor) == pytest.approx(hypervolume(values, floor))
    for row in front:
        assert not ((values >= row).all(axis=1) & (values > row).any(axis=1)).any()


@given(POINTS)
def test_volume_is_the_share_of_a_grid_that_is_dominated(values):
    k = values.shape[1]
    cells = np.stack(np.meshgrid(*[np.arange(7) + 0.5] * k), axis=-1).reshape(-1, k) - 1
    covered = (values[:, None, :] >= cells[None] + 0.5).all(axis=2).any(axis=0).sum()
    assert hypervolume(values, [-1.0] * k) == covered
