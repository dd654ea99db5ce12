"""Schemas of strangers: whatever they are, cutting them ends soon and the rest can be checked."""

from typing import Any

import pytest

pytest.importorskip("jsonschema", reason="needs the extra mcp")

import orjson
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from gaseol.tools.mcp.schema import LARGEST_BYTES, Unusable, differs, parts, plain, printable

KEYWORDS = (
    "type", "properties", "items", "anyOf", "allOf", "oneOf", "not", "$ref", "$defs", "required",
    "enum", "const", "pattern", "minimum", "multipleOf", "additionalProperties", "patternProperties",
    "prefixItems", "$dynamicRef", "uniqueItems", "description", "if", "then",
)  # fmt: skip
leaves = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8),
    st.sampled_from(("object", "array", "#", "#/$defs/a", "http://a", "(a+)+$", "string")),
)  # fmt: skip
anything = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.sampled_from(KEYWORDS), inner, max_size=5)
    ),
    max_leaves=25,
)


@given(anything, anything)
def test_whatever_comes_is_cut_to_a_schema_or_turned_away(schema: Any, value: Any) -> None:
    try:
        made = plain(schema)
    except Unusable:
        return
    Draft202012Validator.check_schema(made)
    assert len(orjson.dumps(made)) <= LARGEST_BYTES
    assert plain(made) == made
    said = differs(value, made)
    assert said is None or said.isprintable()


@pytest.mark.parametrize(
    ("schema", "why"),
    [
        ({"$ref": "#"}, "refers to itself"),
        ({"$defs": {"a": {"$ref": "#/$defs/a"}}, "$ref": "#/$defs/a"}, "refers to itself"),
        ({"properties": {"a": {"$ref": "#"}}}, "refers to itself"),
        ({"$ref": "http://evil.example/schema"}, "refers elsewhere"),
        ({"$ref": "other.json"}, "refers elsewhere"),
        ({"$ref": "#/$defs/none"}, "not there"),
        ({"$dynamicRef": "#x"}, "refers to itself"),
        ({"type": "everything"}, "has the type"),
        ({"items": [1]}, "where a schema is due"),
        ({"properties": {"a\x00": {}}}, "hidden letters"),
        ({"multipleOf": 0}, "multiples of nothing"),
        ({"anyOf": []}, "no choice under anyOf"),
        ({"minItems": -1}, "wants minItems of -1"),
        ({"maxLength": 1.5}, "wants maxLength of 1.5"),
        ({"const": 10**30}, "not plain JSON"),
        ({"enum": ["x" * 100_000]}, "bytes"),
        ("text", "where a schema is due"),
    ],
)
def test_what_cannot_be_used_is_said(schema: Any, why: str) -> None:
    with pytest.raises(Unusable, match=why):
        plain(schema)


def test_a_schema_that_unfolds_without_end_is_turned_away() -> None:
    doubled = {f"a{i}": {"anyOf": [{"$ref": f"#/$defs/a{i + 1}"}] * 2} for i in range(15)}
    with pytest.raises(Unusable, match="unfolds to more than"):
        plain({"$defs": {**doubled, "a15": {"type": "null"}}, "$ref": "#/$defs/a0"})
    deep: dict[str, Any] = {}
    for _ in range(3000):
        deep = {"items": deep}
    with pytest.raises(Unusable, match="nested too deeply"):
        plain(deep)


def test_references_are_unfolded_and_what_is_slow_is_left_out() -> None:
    made = plain(
        {
            "$defs": {"T": {"type": "number", "minimum": 0, "unit": "K"}},
            "type": "object",
            "properties": {"t": {"$ref": "#/$defs/T", "description": "warm\x1b[0m"}},
            "required": ["t"],
            "pattern": "(a+)+$",
            "patternProperties": {"(a+)+$": {}},
            "additionalProperties": False,
            "uniqueItems": True,
        }
    )
    warm = {"type": "number", "minimum": 0, "unit": "K", "description": "warm [0m"}
    assert made == {"type": "object", "properties": {"t": warm}, "required": ["t"]}
    assert differs({"t": 1}, made) is None
    assert differs({"t": -1, "aaa": 2}, made) == "['t']: -1 is less than the minimum of 0"


@given(st.text(), st.integers(min_value=4, max_value=50))
def test_what_is_printed_is_one_line_of_visible_letters(text: str, longest: int) -> None:
    said = printable(text, longest)
    assert said.isprintable()
    assert len(said) <= longest


def test_parts_are_counted() -> None:
    assert parts({"a": [1, 2, {"b": None}]}) == 6
