"""Units: converted by pint, refused where they do not fit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaseol.tools.units import UnitError, check_unit, convert, same_dimension


@pytest.mark.parametrize(
    "symbol",
    [
        "kcal/mol",
        "K",
        "degC",
        "1",
        "",
        "g/mol",
        "GPa",
        "angstrom**2",
        "eV",
        "V",
        "%",
        "m/s",
        "kg/m**3",
        "J/(mol*K)",
        "1/K",
        "m^-1",
        "W/m/K",
    ],
)
def test_units_of_the_field(symbol):
    check_unit(symbol)
    assert convert(2.5, symbol, symbol) == 2.5


@pytest.mark.parametrize(
    "symbol",
    [
        "no_such_unit",
        "kcal//mol",
        "5 m",
        "m**",
        "(",
        "m" * 1000,
        "__import__('os')",
        "K;K",
        "J/(mol",
        "K K",
        "2*m",
    ],
)
def test_what_is_no_unit(symbol):
    with pytest.raises(UnitError):
        check_unit(symbol)


@pytest.mark.parametrize(
    ("value", "source", "target", "expected"),
    [
        (25, "degC", "K", 298.15),
        (0, "K", "degC", -273.15),
        (1, "kcal/mol", "kJ/mol", 4.184),  # the thermochemical calorie, by definition
        (1, "atm", "Pa", 101325),
        (1, "GPa", "Pa", 1e9),
        (1, "angstrom**2", "nm**2", 0.01),
        (50, "%", "1", 0.5),
    ],
)
def test_conversion(value, source, target, expected):
    assert convert(value, source, target) == pytest.approx(expected, rel=1e-12)


def test_dimensions():
    assert same_dimension("kcal/mol", "J/mol")
    assert same_dimension("", "1")
    assert not same_dimension("eV", "kcal/mol")
    with pytest.raises(UnitError, match="cannot be told in"):
        convert(1, "eV", "K")


@given(st.floats(-1e6, 1e6), st.sampled_from([("degC", "K"), ("kcal/mol", "kJ/mol"), ("m", "ft")]))
def test_there_and_back(value, pair):
    assert convert(convert(value, *pair), *reversed(pair)) == pytest.approx(value, abs=1e-6)
