"""Imports: which libraries the source of a tool asks for, beside those that it declares."""

import ast
import functools
import importlib.metadata
import inspect
import re
import sys
from collections.abc import Iterator
from typing import Any

from gaseol.tools.contract import Tool
from gaseol.tools.contract.requirement import modules_of


def undeclared(tool: Tool[..., Any]) -> tuple[str, ...]:
    """Return the top-level modules that a tool imports and does not declare as needed.

    Its own function is read, and what its module imports for all; the standard library, its own
    package, and what every installation of gaseol brings are taken for granted.

    Args:
        tool: an imported one.
    """
    declared = frozenset().union(*(modules_of(need) for need in tool.needs))
    own = {tool.module.partition(".")[0], "gaseol"}
    known = sys.stdlib_module_names | declared | own
    asked = {name for name in _imported(tool) if name not in known}
    return tuple(sorted(name for name in asked if name not in _brought_along()))


def unused(tool: Tool[..., Any]) -> tuple[str, ...]:
    """Return those of a tool's needs of which nothing has been imported in this process.

    Args:
        tool: one that has been called.
    """
    return tuple(need for need in tool.needs if not modules_of(need) & sys.modules.keys())


def _imported(tool: Tool[..., Any]) -> Iterator[str]:
    module = sys.modules[tool.module]
    try:
        everything = ast.parse(inspect.getsource(module))
        function = ast.parse(inspect.cleandoc("\n" + inspect.getsource(tool.function)))
    except (OSError, TypeError, SyntaxError):
        return
    yield from _named(_at_import(everything.body))
    yield from _named(ast.walk(function))


def _at_import(body: list[ast.stmt]) -> Iterator[ast.AST]:
    """Yield the statements that run when a module is imported, `TYPE_CHECKING` apart."""
    for statement in body:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        if isinstance(statement, ast.If) and "TYPE_CHECKING" in ast.unparse(statement.test):
            continue
        yield from ast.walk(statement)


def _named(nodes: Iterator[ast.AST]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


@functools.cache
def _brought_along() -> frozenset[str]:
    """Return the modules of everything that gaseol itself requires, without its extras."""
    found: set[str] = set()
    waiting = ["gaseol"]
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found.add(name)
        try:
            lines = importlib.metadata.requires(name) or []
        except importlib.metadata.PackageNotFoundError:
            continue
        asked = (line for line in lines if "extra ==" not in line)
        named = (match.group() for line in asked if (match := re.match(r"[\w.-]+", line)))
        waiting += [re.sub(r"[-_.]+", "-", one).lower() for one in named]
    owners = importlib.metadata.packages_distributions()
    return frozenset(
        module
        for module, names in owners.items()
        if any(re.sub(r"[-_.]+", "-", name).lower() in found for name in names)
    )
