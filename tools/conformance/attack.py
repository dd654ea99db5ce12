"""Attacks: hostile arguments made from a tool's input schema."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gaseol.tools.arguments import json_types, resolve

Schema = Mapping[str, Any]

LONG = 300_000
"""Characters of a long text."""


@dataclass(frozen=True)
class Attack:
    """Arguments that are wrong or strange, and whether the schema itself turns them away."""

    name: str
    arguments: dict[str, Any]
    forbidden: bool
    """The answer must be `bad_arguments`; else a value or any other typed failure will do."""


def attacks(schema: Schema, good: Mapping[str, Any]) -> Iterator[Attack]:
    """Yield hostile arguments: each spoils one argument of a call that works.

    Args:
        schema: the tool's `input_schema`.
        good: arguments that the tool takes.
    """
    entries: Schema = schema.get("properties", {})
    yield Attack("an unknown argument", {**good, "no_such_argument": 1}, forbidden=True)
    for name in schema.get("required", ()):
        rest = {key: value for key, value in good.items() if key != name}
        yield Attack(f"{name} missing", rest, forbidden=True)
    for name, entry in entries.items():
        for what, value, forbidden in _spoiled(entry, schema):
            yield Attack(f"{name} = {what}", {**good, name: value}, forbidden)


Spoiled = tuple[str, Any, bool]


def _spoiled(entry: Schema, root: Schema) -> Iterator[Spoiled]:
    entry = resolve(entry, root)
    kinds = json_types(entry, root)
    if kinds:
        yield from _mistyped(kinds, dated="format" in entry)
    if "enum" in entry or "const" in entry:
        if "string" in kinds:
            yield "no such option", "no such option", True
        return
    alternatives = entry.get("anyOf") or entry.get("oneOf") or [entry]
    for one in alternatives:
        yield from _strange(resolve(one, root), root, alone=len(alternatives) == 1)


def _mistyped(kinds: frozenset[str], *, dated: bool) -> Iterator[Spoiled]:
    """Yield values that no type of the schema takes, not even when read leniently."""
    # A number is a date to whoever reads leniently.
    numbers = {"number", "integer", "boolean"}
    if "null" not in kinds:
        yield "null", None, True
    if "array" not in kinds:
        yield "a list", [[]], True
    if "object" not in kinds:
        yield "an object", {"a": {}}, True
    if not kinds & {*numbers, "array", "object"} and not dated:
        yield "a number", 7.5, True
    if not kinds & {"string", "array"}:
        yield "text", "no such thing", True


def _strange(entry: Schema, root: Schema, *, alone: bool) -> Iterator[Spoiled]:
    match entry.get("type"):
        case "number":
            for word in ("nan", "inf", "-inf"):
                yield word, word, alone
            for value in (0.0, -1.0, 1e308, -1e308, 5e-324):
                yield f"{value:g}", value, alone and _breaks(value, entry)
        case "integer":
            yield "1.5", 1.5, alone
            for value in (0, -1, 2**31, 2**63 - 1, -(2**63)):
                yield str(value), value, alone and _breaks(value, entry)
        case "string":
            yield from _texts(entry, alone=alone)
        case "array":
            yield from _lists(entry, root, alone=alone)
        case "object":
            yield "an empty object", {}, False
        case _:
            return


def _breaks(value: float, entry: Schema) -> bool:
    return (
        value < entry.get("minimum", value)
        or value > entry.get("maximum", value)
        or ("exclusiveMinimum" in entry and value <= entry["exclusiveMinimum"])
        or ("exclusiveMaximum" in entry and value >= entry["exclusiveMaximum"])
    )


_TEXTS = {
    "empty": "",
    "a blank": " ",
    "a newline": "\n",
    "a zero byte": "C\0C",
    "a control character": "\x1b[2J",
    "unicode": "물 H₂O é 𝒳 \u202e",
    "a path": "../../../../etc/passwd",
    "a format": "%s%n{0}{x!r}",
    "a query": "'; DROP TABLE molecules; --",
    "nonsense": "this is not what was asked for",
    "deep brackets": "(" * 5000,
    "deep lists": "[" * 5000,
    "long": "C" * LONG,
    "a long number": "9" * 5000,
}


def _texts(entry: Schema, *, alone: bool) -> Iterator[Spoiled]:
    least, most = entry.get("minLength", 0), entry.get("maxLength", float("inf"))
    for name, text in _TEXTS.items():
        yield name, text, alone and not least <= len(text) <= most


def _lists(entry: Schema, root: Schema, *, alone: bool) -> Iterator[Spoiled]:
    least, most = entry.get("minItems", 0), entry.get("maxItems", float("inf"))
    yield "an empty list", [], alone and least > 0
    inner = resolve(entry.get("items", {}), root)
    for name, item, forbidden in _spoiled(inner, root):
        if least <= 1 <= most:
            yield f"a list with {name}", [item], alone and forbidden
    if inner.get("type") in ("number", "integer"):
        yield "a long list", [1] * 100_000, alone and most < 100_000
