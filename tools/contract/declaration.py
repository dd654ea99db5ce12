"""A declaration: what must be said of a function before it is a tool."""

import inspect
import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gaseol.tools.contract.definition import Tool


class DeclarationError(TypeError):
    """A tool whose declaration breaks the contract."""


def check_declaration(tool: "Tool[Any, Any]") -> None:
    """Hold a tool's function and terms against the contract.

    Args:
        tool: just made.

    Raises:
        DeclarationError: the first thing that is wrong.
    """
    wrong = _signature_flaw(tool) or _terms_flaw(tool) or _examples_flaw(tool)
    if wrong:
        raise DeclarationError(f"tool {tool.module}.{tool.name}: {wrong}")


def _signature_flaw(tool: "Tool[Any, Any]") -> str:
    if inspect.iscoroutinefunction(tool.function):
        return "is async; write a plain function, it runs in a process of its own"
    if not tool.summary:
        return "has no docstring"
    if tool.signature.return_annotation is inspect.Signature.empty:
        return "declares no return type"
    for name, parameter in tool.signature.parameters.items():
        if parameter.kind not in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY):
            return f"parameter {parameter} cannot be given by name"
        if parameter.annotation is parameter.empty:
            return f"parameter {name!r} has no type"
        if name not in tool.documented:
            return f"parameter {name!r} is not described under `Args:`"
    unknown = sorted(set(tool.documented) - set(tool.signature.parameters))
    return f"`Args:` describes {unknown[0]!r}, which is no parameter" if unknown else ""


def _terms_flaw(tool: "Tool[Any, Any]") -> str:
    for what in ("seconds", "limit_seconds", "cpu_seconds", "memory_mb"):
        if not 0 < getattr(tool, what) < math.inf:
            return f"{what} must be a positive number, not {getattr(tool, what)!r}"
    if not 0 <= tool.tolerance < 1:
        return f"tolerance must be in [0, 1), not {tool.tolerance!r}"
    if isinstance(tool.network, str) and tool.network != "none":
        return f'network must be "none" or a tuple of host names, not {tool.network!r}'
    return ""


def _examples_flaw(tool: "Tool[Any, Any]") -> str:
    for number, example in enumerate(tool.examples, 1):
        for name in example.arguments:
            if name not in tool.signature.parameters:
                return f"example {number} gives {name!r}, which is no parameter"
        for name in example.files:
            if name in (".", "..") or "/" in name or "\\" in name or "\0" in name:
                return f"example {number} has a file {name!r}; give a plain name, without folders"
            if name not in example.arguments.values():
                return f"example {number} has a file {name!r}, and no argument is that name"
    return ""
