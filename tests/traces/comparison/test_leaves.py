"""Two JSON values walked side by side."""

import copy
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaseol.traces.comparison.leaves import partings

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.floats(allow_nan=False).map(lambda x: x + 0.0)
    | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(JSON, JSON)
def test_values_part_where_their_texts_do(a, b):
    same = json.dumps(a, sort_keys=True) == json.dumps(b, sort_keys=True)
    assert (not list(partings(a, b))) == same


@given(JSON)
def test_a_copy_parts_nowhere(value):
    assert list(partings(value, copy.deepcopy(value))) == []


@pytest.mark.parametrize(
    ("a", "b", "found"),
    [
        (1, 1.0, [("", 1, 1.0)]),
        (1, True, [("", 1, True)]),
        ({"a": {"b": [1, 2]}}, {"a": {"b": [1, 3]}}, [("a.b.1", 2, 3)]),
        ({"a": 1}, {"b": 1}, [("a", 1, "absent"), ("b", "absent", 1)]),
        ([1], [1, 2], [("", "1 entries", "2 entries")]),
        ({"a": [1]}, {"a": {}}, [("a", [1], {})]),
    ],
)
def test_each_place_is_named(a, b, found):
    assert list(partings(a, b)) == found


def test_a_path_begins_where_it_is_told_to():
    assert list(partings({"x": 1}, {"x": 2}, "data")) == [("data.x", 1, 2)]
