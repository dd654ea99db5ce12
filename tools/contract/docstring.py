"""Docstrings in the style of Google, split into what a schema holds."""

import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Docstring:
    """What a function says of itself."""

    summary: str
    """The first line."""
    description: str
    """All of it but the section on arguments."""
    arguments: Mapping[str, str]
    """What each argument is, in one line."""


def read(function: Callable[..., Any]) -> Docstring:
    """Split a function's docstring into its summary, its prose, and a line for each argument.

    Args:
        function: documented or not.
    """
    text = inspect.cleandoc(function.__doc__ or "")
    found = re.search(r"^Args:\n((?:[ \t]+.*\n?|\n)*)", text + "\n", re.MULTILINE)
    arguments: dict[str, str] = {}
    if found:
        text = (text[: found.start()].rstrip() + "\n\n" + text[found.end() :].lstrip()).strip()
        for entry in re.split(r"\n(?=\S)", inspect.cleandoc("\n" + found.group(1))):
            name, _, prose = entry.partition(":")
            arguments[name.split("(")[0].strip()] = " ".join(prose.split())
        arguments.pop("", None)
    return Docstring(text.partition("\n")[0].strip(), text, arguments)
