"""The offer: a tool of the registry as a client is told of it, and found again by its name."""

import hashlib
import re
from collections.abc import Mapping
from typing import Any

import mcp_types as types

from gaseol.tools.contract import Tool, ToolCard
from gaseol.tools.registry import Registry

LONGEST_NAME = 64
"""Clients refuse longer names."""

WRAPPED = "result"
"""The field that holds a result which is no object; structured content always is one."""

_PATHS = ("path", "file-path", "directory-path")
"""What pydantic calls the types of paths."""

_PLAIN = re.compile(rf"[A-Za-z0-9_-]{{1,{LONGEST_NAME}}}")


def card_of(tool: Tool[..., Any] | ToolCard) -> ToolCard:
    """Return a tool's description without its function."""
    return tool.card if isinstance(tool, Tool) else tool


def offered_name(name: str) -> str:
    """Return the name that clients call a tool by: at most 64 letters, digits, `_` and `-`.

    Args:
        name: of the tool; one that clients take is left as it is.
    """
    if _PLAIN.fullmatch(name) and not name.startswith("gaseol_"):
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:8]
    return f"{re.sub('[^A-Za-z0-9_-]', '_', name)[: LONGEST_NAME - 14]}-tool-{digest}"


def offers(registry: Registry) -> dict[str, str]:
    """Return the tools of a registry by the names that clients call them by.

    What reads a file by its path is left out: a client would read whatever the operator may.
    """
    cards = map(card_of, registry)
    return {offered_name(card.name): card.name for card in cards if not _opens(card.input_schema)}


def _opens(schema: Any) -> bool:
    """Tell whether an argument, at any depth of a schema, is the path of a file or folder."""
    if isinstance(schema, Mapping):
        return schema.get("format") in _PATHS or any(map(_opens, schema.values()))
    return isinstance(schema, list) and any(map(_opens, schema))


def definition(card: ToolCard) -> types.Tool:
    """Return what a client is told of a tool."""
    said = card.description
    if lacking := card.missing():
        said += f"\n\nNot available here: {', '.join(lacking)} is not installed."
    return types.Tool(
        name=offered_name(card.name),
        description=said,
        input_schema=card.input_schema,
        output_schema=output_schema(card),
        annotations=annotations(card),
    )


def annotations(card: ToolCard) -> types.ToolAnnotations:
    """Return what the contract says of a tool's effects; its workers hold it to that."""
    closed = card.network == "none"
    return types.ToolAnnotations(
        read_only_hint=closed and not card.consequential,
        destructive_hint=card.consequential,
        idempotent_hint=card.idempotent,
        open_world_hint=not closed,
    )


def output_schema(card: ToolCard) -> dict[str, Any]:
    """Return the schema of structured content: the result itself, or the object that holds it."""
    schema = card.output_schema
    if is_object(schema):
        return {"type": "object", **schema} if "type" not in schema else schema
    inner = {key: value for key, value in schema.items() if key != "$defs"}
    wrapped: dict[str, Any] = {
        "type": "object",
        "properties": {WRAPPED: inner},
        "required": [WRAPPED],
    }
    if "$defs" in schema:
        wrapped["$defs"] = schema["$defs"]
    return wrapped


def structured(card: ToolCard, value: Any) -> dict[str, Any]:
    """Return a result as its output schema says."""
    return value if is_object(card.output_schema) else {WRAPPED: value}


def is_object(schema: Mapping[str, Any]) -> bool:
    """Tell whether every result of this schema is an object."""
    target: Mapping[str, Any] = schema
    seen: set[str] = set()
    while (reference := str(target.get("$ref", ""))).startswith("#/$defs/"):
        if reference in seen:
            return False
        seen.add(reference)
        target = schema.get("$defs", {}).get(reference.removeprefix("#/$defs/"), {})
    return target.get("type") == "object"
