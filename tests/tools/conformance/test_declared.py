from pydantic import BaseModel

from gaseol.tools import tool
from gaseol.tools.conformance.declared import units


class Looked(BaseModel):
    value: float
    unit: str


class Silent(BaseModel):
    value: float
    unit: str = ""


class Other(BaseModel):
    height: float
    unit: str


def finding(result):
    def look() -> result:
        """Look something up."""

    return units(tool(tags=("test",))(look))


def test_a_value_may_tell_its_unit_beside_it():
    assert finding(Looked).outcome == "ok"


def test_only_where_it_always_does_and_says_of_what():
    assert "value is a number without a unit" in finding(Silent).said
    assert "height is a number without a unit" in finding(Other).said
