"""Attacks: made from the schema, and judged as the tool's own validation judges them."""

import inspect
from enum import Enum
from typing import Annotated, Any, Literal

import pytest
from annotated_types import Ge, Gt, Le, Len, Lt
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from gaseol.tools import Refuse, Tool, Unit, tool
from gaseol.tools.conformance.attack import attacks
from gaseol.traces.nouns.failure import FailureKind


class Phase(Enum):
    GAS = "gas"
    LIQUID = "liquid"


class Cell(BaseModel):
    """A cell."""

    a: float
    angles: list[float] = []


TYPES: dict[Any, Any] = {
    str: "C",
    Annotated[str, Len(1, 10)]: "C",
    float: 1.0,
    Annotated[float, Unit("K"), Gt(0), Le(100)]: 1.0,
    Annotated[float, Ge(0), Lt(1)]: 0.5,
    int: 1,
    Annotated[int, Ge(1), Le(10)]: 1,
    bool: True,
    float | None: 1.0,
    str | float: "C",
    Literal["water", "hexane"]: "water",
    Literal[1, 2]: 1,
    Phase: "gas",
    list[str]: ["C"],
    Annotated[list[float], Len(1, 100)]: [1.0],
    dict[str, float]: {"a": 1.0},
    Cell: {"a": 1.0},
    list[Cell]: [{"a": 1.0}],
    Any: 1,
}


def taking(*types: Any) -> Tool[..., Any]:
    def take(**_: Any) -> int:
        return 1

    names = [f"x{i}" for i in range(len(types))]
    take.__doc__ = "Take.\n\nArgs:\n" + "\n".join(f"    {name}: it." for name in names)
    keyword = inspect.Parameter.KEYWORD_ONLY
    take.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [inspect.Parameter(n, keyword, annotation=t) for n, t in zip(names, types, strict=True)],
        return_annotation=int,
    )
    take.__annotations__ = {**dict(zip(names, types, strict=True)), "return": int}
    return tool(take)


def refused(target: Tool[..., Any], arguments: dict[str, Any]) -> bool:
    try:
        target.validate(arguments)
    except Refuse as refusal:
        return refusal.kind is FailureKind.BAD_ARGUMENTS
    return False


@given(st.lists(st.sampled_from(list(TYPES)), min_size=1, max_size=3))
def test_what_is_called_forbidden_is_turned_away(types):
    target = taking(*types)
    good = {f"x{i}": TYPES[one] for i, one in enumerate(types)}
    assert not refused(target, good)
    made = list(attacks(target.input_schema, good))
    for attack in made:
        if attack.forbidden:
            assert refused(target, attack.arguments), attack.name
    assert {"an unknown argument", *(f"{name} missing" for name in good)} <= {a.name for a in made}


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        (str, ["empty", "a zero byte", "long", "null", "a number", "a list"]),
        (Annotated[float, Gt(0), Le(100)], ["nan", "inf", "0", "1e+308", "text"]),
        (int, ["1.5", str(2**63 - 1)]),
        (Literal["water", "hexane"], ["no such option"]),
        (list[str], ["an empty list", "a list with null", "a list with long"]),
    ],
)
def test_every_kind_of_argument_has_its_attacks(kind, names):
    made = {a.name for a in attacks(taking(kind).input_schema, {"x0": TYPES.get(kind, 1.0)})}
    assert {f"x0 = {name}" for name in names} <= made


def test_bounds_are_known():
    made = {
        a.name: a.forbidden
        for a in attacks(taking(Annotated[float, Gt(0), Le(100)]).input_schema, {"x0": 1.0})
    }
    assert made["x0 = 0"]
    assert made["x0 = 1e+308"]
    assert not made["x0 = 4.94066e-324"]
