"""Units: converted and compared by pint, which is imported when first needed.

A symbol is written as in `kcal/mol`, `g/mol`, `K`, `degC`, `GPa`, `angstrom**2`; `1` or nothing is
a pure number.
"""

import functools
import re
from typing import Any

_LONGEST = 80
_FACTOR = r"\s*(?:1|%|°?[^\W\d]\w*)(?:\s*(?:\*\*|\^)\s*-?\d+(?:\.\d+)?)?\s*"
_PRODUCT = rf"{_FACTOR}(?:[*/]{_FACTOR})*"


class UnitError(ValueError):
    """A symbol that is no unit, or two units of different dimensions."""


def check_unit(symbol: str) -> None:
    """Check that a symbol is a unit.

    Raises:
        UnitError: it is not.
    """
    _unit(symbol)


def same_dimension(first: str, second: str) -> bool:
    """Say whether a value in one unit can be told in the other.

    Raises:
        UnitError: one of them is no unit.
    """
    return _unit(first).dimensionality == _unit(second).dimensionality


def convert(value: float, from_unit: str, to_unit: str) -> float:
    """Return a value told in another unit; temperatures as points on their scale.

    Args:
        value: in `from_unit`.
        from_unit: as in `kcal/mol`.
        to_unit: of the same dimension.

    Raises:
        UnitError: one of them is no unit, or their dimensions differ.
    """
    source, target = _unit(from_unit), _unit(to_unit)
    if source == target:
        return value
    if source.dimensionality != target.dimensionality:
        msg = (
            f"{from_unit!r} ({source.dimensionality}) cannot be told in "
            f"{to_unit!r} ({target.dimensionality})"
        )
        raise UnitError(msg)
    return float(_registry().Quantity(value, source).to(target).magnitude)


@functools.cache
def _registry() -> Any:
    import pint

    return pint.UnitRegistry()


@functools.cache
def _unit(symbol: str) -> Any:
    if symbol.strip() in ("", "1"):
        return _registry().dimensionless
    if len(symbol) > _LONGEST:
        msg = f"a unit of {len(symbol)} characters: {symbol[:20]!r}..."
        raise UnitError(msg)
    if not _is_product(symbol):
        msg = f"{symbol!r} is no unit: write one as in kcal/mol, J/(mol*K), angstrom**2"
        raise UnitError(msg)
    import pint

    try:
        return _registry().parse_units(symbol)
    except (pint.PintError, ArithmeticError, ValueError, TypeError) as error:
        msg = f"{symbol!r} is no unit: {error}"
        raise UnitError(msg) from error


def _is_product(symbol: str) -> bool:
    """Say whether a symbol is well-formed: pint passes over what it does not understand."""
    before = ""
    while before != symbol:
        before, symbol = symbol, re.sub(rf"\({_PRODUCT}\)", "x", symbol)
    return re.fullmatch(_PRODUCT, symbol) is not None
