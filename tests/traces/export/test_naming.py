"""Names in identifiers."""

import re

from hypothesis import given
from hypothesis import strategies as st

from gaseol.traces.export.naming import slug


@given(st.text(), st.text())
def test_no_two_names_share_a_slug(a, b):
    assert (slug(a) == slug(b)) == (a == b)


@given(st.text())
def test_a_slug_is_safe(name):
    assert re.fullmatch(r"[A-Za-z0-9._-]*", slug(name))


def test_what_looks_escaped_is_escaped():
    assert slug("a b") == "a_20b"
    assert slug("a_20b") == "a_5F20b"
    assert slug("가") == "_EA_B0_80"
