"""Whatever is done to a scenario's file, it is a scenario or an error that says where."""

import copy
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gaseol.scenarios import Scenario, ScenarioError, load
from gaseol.scenarios.answer import Answer
from gaseol.scenarios.catalogue import builtin
from gaseol.scenarios.checker import check
from gaseol.scenarios.loader import Document, Flaw, load_answer, parse
from gaseol.tools import Registry

BUILTIN = {name: yaml.safe_load(path.read_text()) for name, path in builtin().items()}
SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
    | st.sampled_from(["{seed}", "{nothing}", "1e999", "log", "trend", "kcal/mol", "K", "{file: x}"])
)  # fmt: skip
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["file", "tool", "kind", "variable", "x"]), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip


def places(value: Any, here: tuple = ()) -> list[tuple]:
    """Return the path of every value inside a document."""
    found = [here] if here else []
    if isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            found += places(inner, (*here, key))
    return found


@st.composite
def mutated(draw: st.DrawFn) -> Any:
    """A built-in scenario with a few fields deleted, doubled, renamed or given other values."""
    document = copy.deepcopy(BUILTIN[draw(st.sampled_from(sorted(BUILTIN)))])
    for _ in range(draw(st.integers(1, 3))):
        paths = places(document)
        if not paths:
            break
        *parents, last = draw(st.sampled_from(paths))
        at: Any = document
        for key in parents:
            at = at[key]
        match draw(st.sampled_from(["delete", "replace", "rename", "double", "wrap"])):
            case "delete":
                del at[last]
            case "replace":
                at[last] = draw(VALUES)
            case "rename" if isinstance(at, dict):
                at[draw(st.text(max_size=8))] = at.pop(last)
            case "double" if isinstance(at, list):
                at.append(copy.deepcopy(at[last]))
            case _:
                at[last] = [at[last]]
    return document


def holds_or_says_why(attempt: Callable[[], Scenario | Answer | None]) -> Any:
    """Return what an attempt gives; None where it says what is wrong, and where."""
    flaws: list[Flaw] = []
    try:
        return attempt()
    except ScenarioError as error:
        flaws = error.flaws
    assert flaws
    assert all(flaw.where and flaw.what and len(str(flaw)) < 2000 for flaw in flaws)
    return None


@given(mutated())
@settings(max_examples=70, deadline=None, suppress_health_check=list(HealthCheck))
def test_mutations(registry: Registry, document: Any) -> None:
    made = holds_or_says_why(lambda: parse(Document("scenario.yaml", document, {})))
    if made is not None:
        assert Scenario.model_validate(made.model_dump(mode="json")) == made
        holds_or_says_why(lambda: check(made, registry))


@given(mutated())
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_mutations_as_files(tmp_path: Path, document: Any) -> None:
    text = yaml.safe_dump(document, allow_unicode=True)
    (tmp_path / "scenario.yaml").write_text(text, encoding="utf-8", errors="surrogatepass")
    from_file = holds_or_says_why(lambda: load(tmp_path))
    if from_file is not None:
        again = parse(Document("scenario.yaml", document, {}))
        assert from_file.model_dump() == again.model_dump()


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda s: s.encode("utf-8", "replace")))
@settings(max_examples=70, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_bytes(tmp_path: Path, content: bytes) -> None:
    for name in ("scenario.yaml", "answer.yaml"):
        (tmp_path / name).write_bytes(content)
    assert holds_or_says_why(lambda: load(tmp_path)) is None
    holds_or_says_why(lambda: load_answer(tmp_path))


@given(st.integers(0, 10_000), st.sampled_from(sorted(BUILTIN)), st.binary(min_size=1, max_size=3))
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_damaged_bytes(tmp_path: Path, at: int, name: str, damage: bytes) -> None:
    content = bytearray(builtin()[name].read_bytes())
    at %= len(content)
    content[at : at + len(damage)] = damage
    (tmp_path / "scenario.yaml").write_bytes(content)
    holds_or_says_why(lambda: load(tmp_path))


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("name", sorted(BUILTIN))
def test_no_number_of_a_scenario_may_be_infinite(name: str, value: float) -> None:
    for path in places(BUILTIN[name]):
        document = copy.deepcopy(BUILTIN[name])
        at = document
        for key in path[:-1]:
            at = at[key]
        if isinstance(at[path[-1]], bool) or not isinstance(at[path[-1]], int | float):
            continue
        if "arguments" in path:
            continue  # what a tool takes is for the tool to say
        at[path[-1]] = value
        with pytest.raises(ScenarioError) as caught:
            parse(Document("scenario.yaml", document, {}))
        assert ".".join(map(str, path[:2])) in str(caught.value)
