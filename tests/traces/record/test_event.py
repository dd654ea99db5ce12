"""Every kind goes to bytes and comes back the same, whatever it holds."""

import math
import types
from enum import Enum
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import annotated_types
import orjson
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from gaseol.traces.nouns.failure import Failure
from gaseol.traces.nouns.value import Value
from gaseol.traces.record.event import BLOBS, KINDS, Event, Fact, HypothesisRanked, references

words = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
floats = st.floats(allow_nan=False, allow_infinity=False)
payloads = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | floats | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=6,
)


def strategy(kind: Any, metadata: tuple[Any, ...] = ()) -> st.SearchStrategy[Any]:
    """Return what an annotation of the record's models allows."""
    bounds = {type(m): m for m in metadata}

    def limit(bound: type, name: str) -> Any:
        return getattr(bounds[bound], name) if bound in bounds else None

    ge, le = limit(annotated_types.Ge, "ge"), limit(annotated_types.Le, "le")
    gt, lt = limit(annotated_types.Gt, "gt"), limit(annotated_types.Lt, "lt")
    least = limit(annotated_types.MinLen, "min_length") or 0
    most = limit(annotated_types.MaxLen, "max_length")
    pattern = next((m.pattern for m in metadata if getattr(m, "pattern", None)), None)
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return strategy(arguments[0], (*metadata, *arguments[1:]))
    if origin in (Union, types.UnionType):
        return st.one_of([strategy(a) for a in arguments])
    if origin is Literal:
        return st.sampled_from(arguments)
    if origin is tuple:
        inner = strategy(arguments[0])
        return st.lists(inner, min_size=least, max_size=most or least + 2).map(tuple)
    if origin is dict:
        return st.dictionaries(words, strategy(arguments[1]), max_size=3)
    if kind is Any:
        return payloads
    if kind is type(None):
        return st.none()
    if kind is bool:
        return st.booleans()
    if kind is str:
        return st.from_regex(pattern, fullmatch=True) if pattern else words.map(
            lambda w: w.ljust(least, "x"))  # fmt: skip
    if kind is int:
        return st.integers(ge if ge is not None else -(2**53), le if le is not None else 2**53)
    if kind is float:
        low, high = ge if ge is not None else gt, le if le is not None else lt
        return st.floats(
            low, high, exclude_min=gt is not None, exclude_max=lt is not None,
            allow_nan=False, allow_infinity=False,
        )  # fmt: skip
    if isinstance(kind, type) and issubclass(kind, Enum):
        return st.sampled_from(list(kind))
    assert issubclass(kind, BaseModel), kind
    return model(kind)


def model(shape: type[BaseModel]) -> st.SearchStrategy[Any]:
    """Return instances of a model; those that its own validators refuse are passed over."""

    @st.composite
    def build(draw: Any) -> Any:
        fields = {
            name: draw(strategy(field.annotation, tuple(field.metadata)))
            for name, field in shape.model_fields.items()
        }
        if shape.__name__ == "Measurement":
            fields["failure" if fields["value"] is not None else "value"] = None
            if fields["value"] is None and fields["failure"] is None:
                fields["value"] = 1.5
        if shape is HypothesisRanked:
            fields["priors"] = tuple(1.0 for _ in fields["order"])
        if shape.__name__ == "Sign":
            fields["delta"] = min(fields["delta"], 0.999 - fields["theta0"])
        if shape.__name__ == "BoundedMean":
            fields.update(low=-1.0, high=1.0, theta0=0.0, delta=min(fields["delta"], 0.5))
        try:
            return shape(**fields)
        except ValidationError:
            assume(condition=False)

    return build()


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
@settings(
    max_examples=12, deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)  # fmt: skip
def test_every_kind_comes_back_as_it_went(kind, data):
    fact = data.draw(model(KINDS[kind]))
    stored = fact.__pydantic_serializer__.to_json(fact)
    assert b"\n" not in stored
    raw = orjson.loads(stored)
    assert KINDS[kind].model_validate(raw) == fact
    assert KINDS[kind].model_validate_json(stored) == fact
    again = KINDS[kind].model_validate(raw)
    assert again.__pydantic_serializer__.to_json(again) == stored


def test_kinds_are_named_once():
    assert len(KINDS) == len(Fact.__subclasses__())
    assert all(fact.kind == kind for kind, fact in KINDS.items())


def test_facts_are_frozen_closed_and_finite(sealed):
    from gaseol.traces.record.trace import Trace

    seen = {}
    for event in Trace(sealed):
        seen.setdefault(event.kind, event)
    for kind, event in seen.items():
        fact = event.fact
        assert type(fact) is KINDS[kind]
        with pytest.raises(ValidationError):
            KINDS[kind].model_validate({**event.data, "more": 1})
        with pytest.raises(ValidationError, match="frozen"):
            setattr(fact, next(iter(type(fact).model_fields)), None)
    for bad in (math.nan, math.inf):
        with pytest.raises(ValidationError):
            KINDS["budget.spent"].model_validate({"spent": {"seconds": bad}})


def test_ranks_need_a_prior_each():
    with pytest.raises(ValidationError, match="2 hypotheses with 1 priors"):
        HypothesisRanked(order=("a", "b"), priors=(1.0,))


def test_a_kind_of_a_later_version_has_no_fact(sealed):
    from gaseol.traces.record.trace import Trace

    event = next(iter(Trace(sealed)))
    later = Event(0, event.at, None, "dream.dreamt", {"of": "sheep"}, event.digest)
    assert later.fact is None


def blobs_in(value: object, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    if isinstance(value, dict):
        if set(value) == {"sha256", "bytes", "media"}:
            return [path]
        return [p for k, v in value.items() for p in blobs_in(v, (*path, k))]
    return []


def annotated_blobs(shape: type[BaseModel], path: tuple[str, ...] = ()) -> set[tuple[str, ...]]:
    """The places of a model where a blob may stand, read off its annotations."""
    found = set()
    for name, field in shape.model_fields.items():
        parts = [field.annotation, *get_args(field.annotation)]
        star = ("*",) if get_origin(field.annotation) is dict else ()
        for part in parts:
            if isinstance(part, type) and issubclass(part, BaseModel):
                if part.__name__ == "Blob":
                    found.add((*path, name, *star))
                elif issubclass(part, Value | Failure):
                    found |= annotated_blobs(part, (*path, name, *star))
    return found


def test_every_place_for_a_blob_is_listed():
    """A blob that BLOBS does not know would be neither checked nor missed."""
    found = {kind: annotated_blobs(fact) for kind, fact in KINDS.items()}
    assert {k: v for k, v in found.items() if v} == {k: set(v) for k, v in BLOBS.items()}


def test_references_are_those_in_the_data(sealed):
    from gaseol.traces.record.trace import Trace

    seen = set()
    for event in Trace(sealed):
        expected = sorted(_at(event.data, p)["sha256"] for p in blobs_in(event.data))
        assert sorted(n for n, _ in references(event.kind, event.data)) == expected
        seen |= set(expected)
    assert seen == {p.name for p in (sealed / "blobs" / "sha256").iterdir()}
    assert list(references("claim", {"blob": {"sha256": "x"}})) == []


def _at(data, path):
    for key in path:
        data = data[key]
    return data
