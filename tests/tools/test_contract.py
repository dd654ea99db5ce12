"""The contract: what a tool says of itself, takes, and gives."""

import pickle
from dataclasses import dataclass
from enum import Enum
from typing import Annotated, Any, Literal

import numpy as np
import pytest
from annotated_types import Ge, Lt
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field

from gaseol.tools import Answer, Media, Refuse, Retry, Tool, Unit, tool
from gaseol.tools.arguments import parse
from gaseol.tools.contract import DeclarationError, ToolCard
from gaseol.traces.nouns.failure import FailureKind


class Solvent(Enum):
    WATER = "water"
    HEXANE = "hexane"


@dataclass(frozen=True)
class Reading:
    """A number that pydantic does not look into."""

    value: float


class Frontier(BaseModel):
    """Two orbital energies."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)

    homo: Annotated[float, Unit("eV")]
    """The highest occupied one."""
    gap: Annotated[float, Unit("eV"), Ge(0)]
    drawing: Annotated[str, Media("image/svg+xml")] = ""


@tool(seconds=0.5, tags=("test",))
def frontier(
    smiles: str,
    temperature: Annotated[float, Unit("K"), Ge(0), Lt(1e4)] = 298.15,
    solvent: Literal["water", "hexane"] | None = None,
    sites: list[int] = [],  # noqa: B006 (read, never changed)
) -> list[Frontier]:
    """Return orbital energies.

    They are made up.

    Args:
        smiles: the molecule,
            neutral.
        temperature: of the bath.
        solvent: around it.
        sites (list): to look at.
    """
    return [Frontier(homo=-temperature, gap=float(smiles.count("C")))]


def given_back(annotation: Any, value: Any) -> Tool[[], Any]:
    def give():
        """Give back a value."""
        return value

    give.__annotations__["return"] = annotation
    return tool(give)


def declare(function: Any, **terms: Any) -> Tool[..., Any]:
    return tool(**terms)(function)


def refusal(action, *args, **kwargs) -> Refuse:
    with pytest.raises(Refuse) as caught:
        action(*args, **kwargs)
    return caught.value


def test_the_docstring_is_split():
    assert frontier.name == "frontier"
    assert frontier.summary == "Return orbital energies."
    assert frontier.description == "Return orbital energies.\n\nThey are made up."
    entries = frontier.input_schema["properties"]
    assert entries["smiles"]["description"] == "the molecule, neutral."
    assert entries["sites"]["description"] == "to look at."


def test_the_schemas_carry_units_media_and_defaults():
    temperature = frontier.input_schema["properties"]["temperature"]
    assert temperature["unit"] == "K"
    assert temperature["default"] == 298.15
    assert frontier.input_schema["required"] == ["smiles"]
    assert frontier.input_schema["additionalProperties"] is False
    fields = frontier.output_schema["$defs"]["Frontier"]["properties"]
    assert fields["gap"]["unit"] == "eV"
    assert fields["homo"]["description"] == "The highest occupied one."
    assert fields["drawing"]["contentMediaType"] == "image/svg+xml"


def test_a_unit_stands_at_its_place_within():
    nested = given_back(dict[str, list[Annotated[float, Unit("GPa")]] | None], {})
    (inner, _) = nested.output_schema["additionalProperties"]["anyOf"]
    assert inner["items"] == {"type": "number", "unit": "GPa"}


def test_the_limits_follow_from_the_typical_time():
    assert frontier.limit_seconds == 25
    assert frontier.cpu_seconds == 25
    assert given_back(int, 1).limit_seconds == 50
    assert tool(seconds=0.01)(frontier.function).limit_seconds == 10


def test_a_tool_is_still_its_function():
    (result,) = frontier("CCO", temperature=300)
    assert result == Frontier(homo=-300, gap=2)
    assert frontier.__doc__ == frontier.function.__doc__
    assert pickle.loads(pickle.dumps(frontier)) is frontier


def test_the_card_says_the_same():
    card = ToolCard.model_validate_json(frontier.card.model_dump_json())
    assert card == frontier.card
    for field in ToolCard.model_fields:
        assert getattr(card, field) == getattr(frontier, field)


def test_the_digest_is_of_the_module_and_the_name():
    assert len(frontier.digest) == 64
    assert frontier.digest != given_back(int, 1).digest


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"smile": "C"}, "there is no argument 'smile', did you mean 'smiles'?"),
        ({}, "argument 'smiles' is missing (accepted: string)"),
        ({"smiles": 3}, "argument 'smiles' = 3:"),
        (
            {"smiles": "C", "temperature": -5},
            "argument 'temperature' = -5: Input should be greater than or equal to 0 "
            "(accepted: number in K, at least 0, less than 10000.0)",
        ),
        ({"smiles": "C", "temperature": float("nan")}, "finite"),
        ({"smiles": "C", "solvent": "ether"}, "one of 'water', 'hexane' or null"),
        ({"smiles": "C", "solvent": "watr"}, "did you mean 'water'?"),
        ({"smiles": "C", "sites": [1, "x"]}, "argument 'sites[1]' = 'x':"),
        ({"smiles": "C" * 500, "temperature": "C" * 500}, "CCC...:"),
    ],
)
def test_bad_arguments_are_named(arguments, said):
    stop = refusal(frontier.invoke, arguments)
    assert stop.kind is FailureKind.BAD_ARGUMENTS
    assert said in stop.reason


def test_a_direct_call_is_checked_alike():
    assert refusal(frontier, "C", temperature=-1).kind is FailureKind.BAD_ARGUMENTS
    assert "given twice" in refusal(frontier, "C", smiles="C").reason
    assert "4 arguments" in refusal(frontier, "C", 1, None, [], 5).reason


@pytest.mark.parametrize(
    ("annotation", "value", "expected"),
    [
        (float, float("nan"), FailureKind.IMPOSSIBLE),
        (float, float("inf"), FailureKind.IMPOSSIBLE),
        (Any, {"a": [float("nan")]}, FailureKind.IMPOSSIBLE),
        (Annotated[float, Ge(0)], -1.0, FailureKind.IMPOSSIBLE),
        (Annotated[float, Field(lt=0)], 1.0, FailureKind.IMPOSSIBLE),
        (list[Annotated[float, Ge(0)]], [1.0, -1.0], FailureKind.IMPOSSIBLE),
        (float, "1", FailureKind.WRONG_SHAPE),
        (float, None, FailureKind.WRONG_SHAPE),
        (float, True, FailureKind.WRONG_SHAPE),
        (list[float], (1.0,), FailureKind.WRONG_SHAPE),
        (Frontier, {"homo": 1.0, "gap": 1.0}, FailureKind.WRONG_SHAPE),
        (Any, object(), FailureKind.WRONG_SHAPE),
        (float, np.float32(1), FailureKind.WRONG_SHAPE),
        (Frontier, Frontier.model_construct(homo="x", gap=1.0), FailureKind.WRONG_SHAPE),
        (Frontier, Frontier(homo=float("nan"), gap=1.0), FailureKind.IMPOSSIBLE),
        (Reading, Reading(float("nan")), FailureKind.IMPOSSIBLE),
        (list[Reading], [Reading(1.0), Reading(float("inf"))], FailureKind.IMPOSSIBLE),
    ],
)
def test_a_result_that_breaks_the_declaration(annotation, value, expected):
    measured = given_back(annotation, value)
    assert refusal(measured.invoke, {}).kind is expected


@pytest.mark.parametrize(
    ("annotation", "value", "json"),
    [
        (float, 1, 1.0),
        (float, np.float64(2), 2.0),
        (Solvent, Solvent.WATER, "water"),
        (tuple[float, str], (1.0, "a"), [1.0, "a"]),
        (dict[int, float], {1: 2.0}, {"1": 2.0}),
        (Frontier, Frontier(homo=1, gap=2), {"homo": 1.0, "gap": 2.0, "drawing": ""}),
        (float | None, None, None),
    ],
)
def test_a_result_becomes_json(annotation, value, json):
    assert given_back(annotation, value).invoke({}) == json


def test_a_bound_of_a_result_model_is_a_bound_of_the_tool():
    @tool
    def build(gap: float) -> Frontier:
        """Build a result.

        Args:
            gap: of it.
        """
        return Frontier(homo=0, gap=gap)

    assert refusal(build, -1.0).kind is FailureKind.IMPOSSIBLE
    assert "gap" in refusal(build, -1.0).reason


def test_the_authors_own_words_pass():
    @tool
    def again() -> float:
        """Ask."""
        raise Retry("a smaller one")

    with pytest.raises(Retry) as caught:
        again()
    assert caught.value.failure.kind is FailureKind.RETRY
    assert Refuse("no").failure.kind is FailureKind.OUT_OF_DOMAIN
    assert Refuse("no", kind=FailureKind.EMPTY).failure.reason == "no"


def test_what_is_missing_is_named_with_the_way_to_get_it():
    needy = tool(needs=("no_such_thing", "chgnet", "pydantic", "PyYAML"))(frontier.function)
    stop = refusal(needy, "C")
    assert stop.kind is FailureKind.UNAVAILABLE
    assert "no_such_thing, which is not installed here" in stop.reason
    assert "PyYAML" not in stop.reason
    assert needy.missing()[0] == "no_such_thing"
    assert needy.card.missing() == needy.missing()


def test_a_wrong_declaration_is_refused_where_it_stands():
    def bare(x: int) -> int:
        return x

    def untyped(x) -> int:
        """Do.

        Args:
            x: it.
        """
        return x

    def undescribed(x: int) -> int:
        """Do."""
        return x

    def overdescribed() -> int:
        """Do.

        Args:
            x: it.
        """
        return 1

    def endless(x: int):
        """Do.

        Args:
            x: it.
        """

    def starred(*x: int) -> int:
        """Do.

        Args:
            x: it.
        """
        return 1

    async def later() -> int:
        """Do."""
        return 1

    wrong = (
        (bare, "no docstring"),
        (untyped, "'x' has no type"),
        (undescribed, "'x' is not described"),
        (overdescribed, "describes 'x', which is no parameter"),
        (endless, "no return type"),
        (starred, "cannot be given by name"),
        (later, "async"),
    )
    for function, said in wrong:
        with pytest.raises(DeclarationError, match=said):
            declare(function)
    terms_of = (
        ({"seconds": 0}, "seconds"),
        ({"memory_mb": -1}, "memory_mb"),
        ({"tolerance": 2}, "tolerance"),
        ({"network": "all"}, "network"),
    )
    for terms, said in terms_of:
        with pytest.raises(DeclarationError, match=said):
            declare(frontier.function, **terms)


def test_argument_names_may_be_any():
    @tool
    def copy(json: int, schema: str, model_config: float = 1.0) -> float:
        """Add.

        Args:
            json: one.
            schema: two.
            model_config: three.
        """
        return json + float(schema) + model_config

    assert copy.invoke({"json": 1, "schema": "2"}) == 4


class TestWords:
    @dataclass
    class Point:
        x: float
        y: float

    schema = frontier.input_schema

    def test_each_is_read_as_its_type(self):
        words = ["smiles=C=O", "temperature=3e2", "sites=[1, 2]", "solvent=water"]
        assert parse(words, self.schema) == {
            "smiles": "C=O",
            "temperature": 300.0,
            "sites": [1, 2],
            "solvent": "water",
        }

    def test_text_stays_text(self):
        assert parse(["smiles=123"], self.schema) == {"smiles": "123"}
        assert parse(["smiles=null"], self.schema) == {"smiles": "null"}
        assert parse(["smiles="], self.schema) == {"smiles": ""}
        assert parse(["solvent=null"], self.schema) == {"solvent": "null"}

    def test_booleans_objects_and_unions(self):
        @tool
        def many(flag: bool, point: TestWords.Point, either: int | str, maybe: float | None) -> int:
            """Take many.

            Args:
                flag: one.
                point: two.
                either: three.
                maybe: four.
            """
            return 1

        words = ["flag=true", 'point={"x": 1, "y": 2}', "either=12", "maybe=null"]
        expected = {"flag": True, "point": {"x": 1, "y": 2}, "either": 12, "maybe": None}
        assert parse(words, many.input_schema) == expected
        assert parse(["either=a12"], many.input_schema) == {"either": "a12"}
        assert many.invoke(expected) == 1

    def test_what_does_not_read_is_left_to_validation(self):
        words = parse(["smiles=C", "temperature=NaN", "colour=red"], self.schema)
        reason = refusal(frontier.invoke, words).reason
        assert "argument 'temperature' = 'NaN'" in reason
        assert "no argument 'colour'" in reason

    @pytest.mark.parametrize("words", [["smiles"], ["=C"], ["smiles=C", "smiles=N"]])
    def test_malformed_words(self, words):
        assert refusal(parse, words, self.schema).kind is FailureKind.BAD_ARGUMENTS

    @given(st.text(), st.floats(allow_nan=False, allow_infinity=False), st.lists(st.integers()))
    def test_what_is_written_is_read(self, smiles, temperature, sites):
        words = [f"smiles={smiles}", f"temperature={temperature!r}", f"sites={sites}"]
        expected = {"smiles": smiles, "temperature": temperature, "sites": sites}
        assert parse(words, self.schema) == expected


def test_an_answer_is_frozen_and_closed():
    answer = Answer(value=1, seconds=0.0, cpu_seconds=0.0, isolation="weak")
    with pytest.raises(ValueError, match="frozen"):
        answer.value = 2  # type: ignore[misc]
