"""Filling the places `{column}` of a tool call."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_PLACE = re.compile(r"\{([^\W\d]\w*)\}")
_TEXT_LIMIT = 10_000_000


class TemplateError(ValueError):
    """A place that nothing fills, or a file that cannot be read."""


def places(template: Any) -> set[str]:
    """Return the names of all places in a template."""
    if isinstance(template, str):
        return set(_PLACE.findall(template))
    if isinstance(template, Mapping):
        return set().union(*(places(v) for v in template.values()))
    if isinstance(template, list | tuple):
        return set().union(*(places(v) for v in template))
    return set()


def files(template: Any) -> list[str]:
    """Return the names of all files whose text a template takes in."""
    if isinstance(template, Mapping):
        if set(template) == {"file"}:
            return [str(template["file"])]
        template = list(template.values())
    if isinstance(template, list | tuple):
        return [name for part in template for name in files(part)]
    return []


def fill(template: Any, cells: Mapping[str, Any], folder: Path | None = None) -> Any:
    """Return a template with its places filled.

    A string that is one place becomes the cell itself, with its type; `{file: name}` becomes
    the text of a file in the scenario's folder.

    Raises:
        TemplateError: a place has no cell, or the file is not in the folder.
    """
    if isinstance(template, str):
        whole = _PLACE.fullmatch(template)
        if whole:
            return _cell(whole[1], cells)
        return _PLACE.sub(lambda found: str(_cell(found[1], cells)), template)
    if isinstance(template, Mapping):
        if set(template) == {"file"}:
            return _text(str(template["file"]), folder)
        return {key: fill(value, cells, folder) for key, value in template.items()}
    if isinstance(template, list | tuple):
        return [fill(value, cells, folder) for value in template]
    return template


def pick(value: Any, path: str) -> Any:
    """Return what stands at a dotted path in a tool's result; KeyError where nothing does."""
    for key in steps(path):
        value = value[key]
    return value


def steps(path: str) -> tuple[str, ...]:
    """Return the keys of a dotted path."""
    return tuple(path.split(".")) if path else ()


def unit_at(schema: Mapping[str, Any], path: str) -> str | None:
    """Return the unit that a tool's output schema declares at a path, None if it declares none.

    Raises:
        KeyError: the schema has nothing at this path.
    """
    at = _resolve(schema, schema)
    for key in steps(path):
        at = _resolve(at["properties"][key], schema)
    for option in (at, *at.get("anyOf", ())):
        unit = _resolve(option, schema).get("unit")
        if unit is not None:
            return str(unit)
    return None


def _resolve(at: Mapping[str, Any], root: Mapping[str, Any]) -> Mapping[str, Any]:
    while "$ref" in at:
        siblings = {k: v for k, v in at.items() if k != "$ref"}
        at = {**root["$defs"][at["$ref"].rsplit("/", 1)[1]], **siblings}
    return at


def _cell(name: str, cells: Mapping[str, Any]) -> Any:
    if name not in cells:
        there = ", ".join(sorted(cells))
        raise TemplateError(f"nothing fills the place {{{name}}}; there are {there}")
    return cells[name]


def _is_hidden(path: Path) -> bool:
    """Tell whether a file holds the answer, which no argument may carry to a scientist."""
    return path.parts[0] == "hidden" or path.name == "answer.yaml"


def file_bytes(name: str, folder: Path | None, limit: int = _TEXT_LIMIT) -> bytes:
    """Return what a file in the scenario's folder holds.

    Raises:
        TemplateError: it is not there, outside the folder, hidden or too large.
    """
    path = (folder or Path()) / name
    if "\0" in name:
        raise TemplateError(f"{name!r} is no file name")
    try:
        if folder is not None and not path.resolve().is_relative_to(folder.resolve()):
            raise TemplateError(f"the file '{name}' is outside the scenario's folder")
        if folder is not None and _is_hidden(path.resolve().relative_to(folder.resolve())):
            raise TemplateError(f"the file '{name}' is hidden from scientists")
        if path.stat().st_size > limit:
            raise TemplateError(f"the file '{name}' is larger than {limit} bytes")
        return path.read_bytes()
    except OSError as error:
        raise TemplateError(f"the file '{name}' cannot be read: {error.strerror}") from None


def _text(name: str, folder: Path | None) -> str:
    try:
        text = file_bytes(name, folder).decode("utf-8")
    except UnicodeDecodeError:
        raise TemplateError(f"the file '{name}' is not UTF-8") from None
    return text.replace("\r\n", "\n").replace("\r", "\n")
