"""Schemas in the subset that every server's grammar understands."""

from typing import Annotated, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, Field, ValidationError

from gaseol.agents.driven.form import Idea, Ideas, Outline
from gaseol.agents.models.reply import parse
from gaseol.agents.models.schema import explain, schema_of


class Inner(BaseModel):
    n: int = Field(ge=0, le=5, description="bounded")


class Outer(BaseModel):
    a: Literal["x", "y"]
    b: Annotated[list[Inner], Field(max_length=2)]
    c: Inner | None = None


def _parts(schema):
    yield schema
    for inner in (*schema.get("properties", {}).values(), *schema.get("anyOf", ())):
        yield from _parts(inner)
    if isinstance(schema.get("items"), dict):
        yield from _parts(schema["items"])


ALL = {
    "variable": ["v"], "at_equal": ["v", "w"], "labelled": ["l"], "label": ["red"],
    "change": ["c"], "quantity": ["q"],
}  # fmt: skip


@pytest.mark.parametrize("form", [Outer, Outline])
def test_nothing_but_the_common_subset(form):
    kept = {"type", "enum", "properties", "required", "additionalProperties", "items", "anyOf",
            "maxItems", "minItems", "maxLength"}  # fmt: skip
    for part in _parts(schema_of(form)):
        assert set(part) <= kept
        if part.get("type") == "object":
            assert part["additionalProperties"] is False
            assert part["required"] == list(part["properties"])


def test_fields_take_what_there_is_to_choose_from():
    text = str(schema_of(Ideas, ALL))
    for word in ("'v'", "'w'", "'red'", "'q'", "'trend'", "'law'", "'group'", "'change'"):
        assert word in text


def test_a_kind_whose_field_may_say_nothing_falls_away():
    ideas = schema_of(Ideas, {**ALL, "quantity": [], "labelled": [], "label": [], "change": []})
    text = str(ideas)
    assert "'law'" not in text
    assert "'label'" not in text
    assert "'trend'" in text


def test_a_list_that_may_hold_nothing_is_empty():
    found = schema_of(Ideas, {**ALL, "at_equal": []})
    part = next(p for p in _parts(found) if "at_equal" in p.get("properties", {}))
    assert part["properties"]["at_equal"]["maxItems"] == 0


def test_a_form_that_cannot_be_answered_is_an_error():
    with pytest.raises(ValueError, match="nothing can be answered"):
        schema_of(Ideas, {k: [] for k in ALL})


def test_what_is_wrong_is_said_by_field():
    with pytest.raises(ValidationError) as caught:
        Ideas.model_validate({"ideas": [{"kind": "trend", "variable": 3}]})
    said = explain(caught.value)
    assert "ideas.0.trend.variable" in said
    assert "more" in said


@settings(deadline=None)
@given(st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.text()
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20,
))  # fmt: skip
def test_json_is_read_as_it_is_written(value):
    import json

    assert parse(json.dumps({"v": value})) == ({"v": value}, "")


@settings(deadline=None)
@given(st.text(max_size=200))
def test_no_text_breaks_the_reader(text):
    found, problem = parse(text)
    assert (found is None) or not problem


def test_every_idea_has_a_form():
    assert len(Idea.__args__) == 5
