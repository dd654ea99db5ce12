"""Formulas: what they may hold, what they give, and that nothing else is carried out."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaseol.scenarios.formula import FormulaError, value, variables

ROW = {"heat": 300.0, "mass": 2, "name": "glue", "flag": True, "none": None}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2 + 0.1 * heat", 32.0),
        ("-mass ** 2 / 4", -1.0),
        ("max(heat, 400) - min(1, mass)", 399.0),
        ("mass", 2.0),
    ],
)
def test_values(text, expected):
    assert value(text, ROW) == expected


def test_variables_are_named_and_functions_are_not():
    assert variables("2 + sqrt(heat) * mass") == {"heat", "mass"}


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').getcwd()", "heat.real", "[heat][0]", "lambda: 1", "heat if 1 else 2",
        "heat < 2", "'a'", "True", "", "2 +", "open('x')", "max(heat, key=abs)", "x" * 600,
        "(" * 400, "1_0j",
    ],
)  # fmt: skip
def test_anything_else_is_no_formula(text):
    with pytest.raises(FormulaError):
        value(text, ROW)


@pytest.mark.parametrize(
    "text", ["heat / 0", "name + 1", "none", "missing", "heat ** 9999", "log(0)", "max()"]
)
def test_what_has_no_value_says_so(text):
    with pytest.raises(FormulaError):
        value(text, ROW)


@given(st.text(max_size=40))
def test_no_text_does_more_than_fail(text):
    with contextlib.suppress(FormulaError):
        value(text, ROW)
