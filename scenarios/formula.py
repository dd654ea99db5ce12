"""A formula of a case's variables: numbers, names, + - * / **, min and max, and nothing else."""

import ast
import math
import warnings
from collections.abc import Callable, Mapping
from typing import Any

from gaseol.traces.nouns.hypothesis import Cell

_LONGEST = 500
_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "min": min, "max": max, "abs": abs, "sqrt": math.sqrt, "exp": math.exp, "log": math.log,
}  # fmt: skip
_OPERATIONS: dict[type, Callable[[float, float], float]] = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
    ast.Div: lambda a, b: a / b,
    ast.Pow: lambda a, b: math.pow(a, b),
}


class FormulaError(ValueError):
    """A text that is no formula, or a formula that has no value for a case, and why."""


def variables(text: str) -> set[str]:
    """Return the names that a formula speaks of.

    Raises:
        FormulaError: it is none.
    """
    return {node.id for node in ast.walk(_parsed(text)) if isinstance(node, ast.Name)} - {
        *_FUNCTIONS
    }


def value(text: str, cells: Mapping[str, Cell]) -> float:
    """Return what a formula gives for a case.

    Raises:
        FormulaError: it is none, or has no finite value there.
    """
    try:
        found = _value(_parsed(text), cells)
    except (ArithmeticError, ValueError, TypeError) as error:
        if isinstance(error, FormulaError):
            raise
        raise FormulaError(f"'{text}' has no value there: {error}") from None
    if not math.isfinite(found):
        raise FormulaError(f"'{text}' is {found} there")
    return found


def _parsed(text: str) -> ast.expr:
    if len(text) > _LONGEST:
        raise FormulaError(f"a formula has at most {_LONGEST} characters")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of doubtful syntax, which is refused below
            tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise FormulaError(f"'{text}' is no formula; write it as 2 + 0.1 * temperature") from None
    _known(tree, text)
    return tree


def _known(node: ast.expr, text: str) -> None:
    match node:
        case ast.Constant(value=bool()):
            pass
        case ast.Constant(value=int() | float()) | ast.Name():
            return
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATIONS:
            _known(left, text)
            _known(right, text)
            return
        case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=inner):
            _known(inner, text)
            return
        case ast.Call(func=ast.Name(id=name), args=inner, keywords=[]) if name in _FUNCTIONS:
            for one in inner:
                _known(one, text)
            return
        case _:
            pass
    allowed = f"numbers, variables, + - * / ** and {', '.join(_FUNCTIONS)}"
    raise FormulaError(f"'{text}' holds more than {allowed}")


def _value(node: ast.expr, cells: Mapping[str, Cell]) -> float:
    match node:
        case ast.Constant(value=int() | float() as number):
            return float(number)
        case ast.Name(id=name):
            cell = cells.get(name)
            if not isinstance(cell, int | float):
                raise FormulaError(f"'{name}' is {cell!r} there, which is no number")
            return float(cell)
        case ast.BinOp(left=left, op=op, right=right):
            return _OPERATIONS[type(op)](_value(left, cells), _value(right, cells))
        case ast.UnaryOp(op=op, operand=inner):
            found = _value(inner, cells)
            return -found if isinstance(op, ast.USub) else found
        case ast.Call(func=ast.Name(id=name), args=inner):
            return float(_FUNCTIONS[name](*(_value(one, cells) for one in inner)))
        case _:
            raise FormulaError("no formula")
