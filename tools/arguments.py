"""Arguments: read from `key=value` words, and explained when they do not fit."""

import difflib
import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from gaseol.tools.contract import Refuse
from gaseol.traces.nouns.failure import FailureKind

if TYPE_CHECKING:
    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

Schema = Mapping[str, Any]


def parse(words: Iterable[str], schema: Schema) -> dict[str, Any]:
    """Read `key=value` words as a tool's schema types them.

    A word is split at its first `=`, so that values may hold more (`smiles=C=O`). Lists and
    objects are JSON; numbers and booleans (`true`, `false`) are read as such; text is taken as it
    is, without quotes. What cannot be read as its type stays text, for the tool's own validation
    to explain.

    Args:
        words: as typed after `gaseol tool NAME`.
        schema: the tool's `input_schema`.

    Raises:
        Refuse: with kind `bad_arguments`; a word has no `=`, or a key comes twice.
    """
    arguments: dict[str, Any] = {}
    for word in words:
        key, equals, text = word.partition("=")
        if not equals or not key:
            reason = f"{word!r} is not of the form key=value"
            raise Refuse(reason, kind=FailureKind.BAD_ARGUMENTS)
        if key in arguments:
            raise Refuse(f"argument {key!r} is given twice", kind=FailureKind.BAD_ARGUMENTS)
        entry = schema.get("properties", {}).get(key, {"type": "string"})
        arguments[key] = _read(text, json_types(entry, schema))
    return arguments


def explain(error: "ValidationError", schema: Schema) -> str:
    """Say for each argument that does not fit what was given and what is accepted.

    Args:
        error: from validating the arguments.
        schema: the tool's `input_schema`.
    """
    said: dict[str, str] = {}
    for detail in error.errors(include_url=False, include_context=False):
        name = str(detail["loc"][0]) if detail["loc"] else ""
        # Alternatives of a union each complain; the first says enough beside what is accepted.
        said.setdefault(name, _explain_one(name, detail, schema))
    return "; ".join(said.values())


def accepted(entry: Schema, root: Schema) -> str:
    """Say in words what a JSON schema accepts, with unit and bounds.

    Args:
        entry: the schema of one argument.
        root: the schema that holds its `$defs`.
    """
    entry = resolve(entry, root)
    if "enum" in entry or "const" in entry:
        said = "one of " + ", ".join(map(repr, entry.get("enum", [entry.get("const")])))
    elif alternatives := entry.get("anyOf") or entry.get("oneOf"):
        said = " or ".join(accepted(one, root) for one in alternatives)
    elif entry.get("type") == "array":
        said = f"list of {accepted(entry.get('items', {}), root)}"
    elif entry.get("type") == "object":
        said = "object"
        if fields := ", ".join(entry.get("properties", {})):
            said += f" with {fields}"
    else:
        said = str(entry.get("type", "anything"))
    if "unit" in entry and entry["unit"] not in ("", "1"):
        said += f" in {entry['unit']}"
    for key, words in _BOUNDS.items():
        if key in entry:
            said += f", {words} {entry[key]}"
    return said


_BOUNDS = {
    "minimum": "at least",
    "exclusiveMinimum": "more than",
    "maximum": "at most",
    "exclusiveMaximum": "less than",
    "minLength": "of length at least",
    "maxLength": "of length at most",
    "minItems": "of length at least",
    "maxItems": "of length at most",
    "pattern": "of the form",
}


def _explain_one(name: str, detail: "ErrorDetails", schema: Schema) -> str:
    entries: Schema = schema.get("properties", {})
    match detail["type"]:
        case "extra_forbidden" if len(detail["loc"]) == 1:
            guess = _near(name, entries)
            accepts = ", ".join(entries) or "none"
            return f"there is no argument {name!r}{guess} (accepted: {accepts})"
        case "missing" if len(detail["loc"]) == 1:
            return f"argument {name!r} is missing (accepted: {accepted(entries[name], schema)})"
    entry = entries.get(name, {})
    place = name + "".join(
        f"[{step}]" if isinstance(step, int) else f".{step}" for step in detail["loc"][1:]
    )
    given = detail["input"]
    guess = _near(given, _options(entry, schema)) if isinstance(given, str) else ""
    return (
        f"argument {place!r} = {_short(given)}{guess}: {detail['msg']} "
        f"(accepted: {accepted(entry, schema)})"
    )


def _near(word: str, known: Iterable[Any]) -> str:
    close = difflib.get_close_matches(word, [one for one in known if isinstance(one, str)], n=1)
    return f", did you mean {close[0]!r}?" if close else ""


def _options(entry: Schema, root: Schema) -> list[Any]:
    entry = resolve(entry, root)
    alternatives = entry.get("anyOf") or entry.get("oneOf") or ()
    return [*entry.get("enum", ()), *(o for one in alternatives for o in _options(one, root))]


def _short(value: Any) -> str:
    said = repr(value)
    return said if len(said) <= 80 else said[:77] + "..."


def resolve(entry: Schema, root: Schema) -> Schema:
    """Return a schema with its reference followed.

    Args:
        entry: perhaps a `$ref`.
        root: the schema that holds its `$defs`.
    """
    reference = entry.get("$ref", "")
    if not reference.startswith("#/$defs/"):
        return entry
    target = root.get("$defs", {}).get(reference.removeprefix("#/$defs/"), {})
    return {**target, **{key: value for key, value in entry.items() if key != "$ref"}}


def json_types(entry: Schema, root: Schema) -> frozenset[str]:
    """Return the JSON types that a schema accepts; none when it accepts anything.

    Args:
        entry: the schema of one argument.
        root: the schema that holds its `$defs`.
    """
    entry = resolve(entry, root)
    alternatives = entry.get("anyOf") or entry.get("oneOf")
    if alternatives:
        return frozenset().union(*(json_types(one, root) for one in alternatives))
    if "enum" in entry or "const" in entry:
        return frozenset(_type(one) for one in entry.get("enum", [entry.get("const")]))
    kind = entry.get("type", ())
    return frozenset([kind] if isinstance(kind, str) else kind)


def _type(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            return "number"
        case list():
            return "array"
        case dict():
            return "object"
        case _:
            return "string"


def _read(text: str, types: frozenset[str]) -> Any:
    if types == {"string"}:
        return text
    try:
        value = json.loads(text, parse_constant=_no_constant)
    except ValueError:
        return text
    kind = _type(value)
    # `null` and quoted words are text wherever text is accepted.
    if "string" in types and kind in ("null", "string"):
        return text
    fits = not types or kind in types or (kind == "integer" and "number" in types)
    return value if fits else text


def _no_constant(word: str) -> Any:
    msg = f"{word} is not JSON"
    raise ValueError(msg)
