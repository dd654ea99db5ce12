"""JSON schemas in the subset that every server's grammar understands.

Objects with all fields required and no others, enumerations, strings, numbers, booleans, arrays and
alternatives. Bounds on numbers are left out, for servers pass them over: they are checked here.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ValidationError

_KEPT = ("type", "enum", "maxItems", "minItems", "maxLength")


def schema_of(
    form: type[BaseModel], choices: Mapping[str, Sequence[Any]] | None = None
) -> dict[str, Any]:
    """Return the schema of a form.

    Args:
        form: what the answer is read into.
        choices: fields, wherever they stand, that take one of these values; a field whose list is
            empty cannot be answered, so that alternatives that need it are left out.
    """
    raw = form.model_json_schema()
    found = _plain(raw, raw.get("$defs", {}), choices or {})
    if found is None:
        raise ValueError(f"nothing can be answered in {form.__name__}")
    return found


def _plain(
    part: Mapping[str, Any], defs: Mapping[str, Any], choices: Mapping[str, Sequence[Any]]
) -> dict[str, Any] | None:
    if "$ref" in part:
        return _plain(defs[part["$ref"].rpartition("/")[2]], defs, choices)
    options = part.get("anyOf") or part.get("oneOf")
    if options:
        plain = [p for o in options if (p := _plain(o, defs, choices)) is not None]
        if len(plain) == 1:
            return plain[0]
        return {"anyOf": plain} if plain else None
    found = {key: part[key] for key in _KEPT if key in part}
    if "const" in part:
        found |= {"type": "string", "enum": [part["const"]]}
    if part.get("type") == "object":
        return _object(part, defs, choices)
    if part.get("type") == "array":
        items = _plain(part["items"], defs, choices)
        if items is None:
            return _nothing(found)
        found["items"] = items
    return found


def _object(
    part: Mapping[str, Any], defs: Mapping[str, Any], choices: Mapping[str, Sequence[Any]]
) -> dict[str, Any] | None:
    properties: dict[str, Any] = {}
    for name, inner in part.get("properties", {}).items():
        plain = _plain(inner, defs, choices)
        if name in choices and plain is not None:
            if choices[name]:
                plain = _chosen(plain, choices[name])
            else:
                plain = None if plain.get("type") != "array" else _nothing(plain)
        if plain is None:
            return None
        properties[name] = plain
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _nothing(part: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return a list that holds nothing, where it may."""
    if part.get("minItems"):
        return None
    return {"type": "array", "items": {"type": "string", "enum": ["none"]}, "maxItems": 0}


def _chosen(plain: dict[str, Any], values: Sequence[Any]) -> dict[str, Any]:
    """Return a field, or the items of a list, as one of some values."""
    if plain.get("type") == "array":
        return {**plain, "items": _chosen(plain["items"], values)}
    kinds = {"string" if isinstance(v, str) else "number" for v in values}
    chosen: dict[str, Any] = {"enum": list(values)}
    if len(kinds) == 1:
        chosen = {"type": kinds.pop(), **chosen}
    return chosen


def explain(error: ValidationError, most: int = 5) -> str:
    """Return what is wrong with an answer, for whoever is to mend it."""
    lines = [
        f"{'.'.join(map(str, e['loc'])) or 'the answer'}: {e['msg']}"
        for e in error.errors(include_url=False, include_context=False, include_input=False)
    ]
    return "; ".join(lines[:most]) + (
        f"; and {len(lines) - most} more" if len(lines) > most else ""
    )
