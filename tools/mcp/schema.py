"""Schemas of strangers, cut to what can be shown and checked without harm.

A schema of another server is hostile until it is read: a reference may lead to itself or to the
network, a pattern may take for ever to match, and shared definitions may unfold without end. What is
kept is unfolded, of bounded size, and made of keywords whose check takes time in proportion to the
value; a keyword that is left out is one that is not checked.
"""

from collections.abc import Mapping
from typing import Any, cast

LARGEST = 4000
"""Parts of a schema, once its references are unfolded."""
LARGEST_BYTES = 64 * 1024
DEEPEST = 40
LONGEST_TEXT = 400
"""Characters of a description."""

CHECKS = 4_000_000
"""Parts of a value times parts of its schema: what a check may take at worst."""

_ONE = ("additionalProperties", "items", "not")
_MANY = ("anyOf", "oneOf", "allOf", "prefixItems")
_NUMBERS = (
    "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength",
    "maxLength", "minItems", "maxItems", "minProperties", "maxProperties",
)  # fmt: skip
_TEXTS = ("title", "description", "unit")
_PLAIN = ("enum", "const", "default")
_TYPES = ("null", "boolean", "integer", "number", "string", "array", "object")


class Unusable(ValueError):
    """A schema that cannot be used, and why."""


def plain(schema: Any) -> dict[str, Any]:
    """Return a schema without references, of the keywords that are shown and checked.

    Args:
        schema: of another server, as it came.

    Raises:
        Unusable: it refers to itself or elsewhere, unfolds to too much, or is no schema.
    """
    import orjson

    made = _Unfolding(schema).part(schema, (), 0)
    try:
        size = len(orjson.dumps(made))
    except TypeError as error:
        raise Unusable(f"its schema is not plain JSON: {error}") from None
    if size > LARGEST_BYTES:
        raise Unusable(f"its schema has {size} bytes, at most {LARGEST_BYTES} are taken")
    return made


def printable(text: str, longest: int = LONGEST_TEXT) -> str:
    """Return a stranger's text in one line, without characters that no eye sees.

    Args:
        text: as it came.
        longest: characters that are kept.
    """
    flat = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return flat if len(flat) <= longest else f"{flat[: longest - 3]}..."


def parts(value: Any) -> int:
    """Return how many parts a value has: itself, and those of what it holds."""
    match value:
        case dict():
            return 1 + sum(parts(inner) for inner in cast("dict[str, Any]", value).values())
        case list():
            return 1 + sum(parts(inner) for inner in cast("list[Any]", value))
        case _:
            return 1


def differs(value: Any, schema: Mapping[str, Any]) -> str | None:
    """Say where a value is not what a plain schema says; None where it is.

    Args:
        value: plain JSON.
        schema: as `plain` returns it.
    """
    from jsonschema import Draft202012Validator

    found = next(Draft202012Validator(schema).iter_errors(value), None)
    if found is None:
        return None
    place = "".join(f"[{step!r}]" for step in found.absolute_path)
    return printable(f"{place or 'it'}: {found.message}", 300)


class _Unfolding:
    """Copies a schema part by part and counts what comes of it."""

    def __init__(self, root: Any) -> None:
        self._root: Mapping[str, Any] = root if isinstance(root, dict) else {}
        self._size = 0

    def part(self, at: Any, through: tuple[str, ...], depth: int) -> dict[str, Any]:
        """Return one part, unfolded.

        Args:
            at: the part.
            through: the references that led here.
            depth: of the part.
        """
        self._size += 1
        if self._size > LARGEST:
            raise Unusable(f"its schema unfolds to more than {LARGEST} parts")
        if depth > DEEPEST:
            raise Unusable("its schema is nested too deeply")
        if isinstance(at, bool):
            return {} if at else {"not": {}}
        if not isinstance(at, dict):
            raise Unusable(f"its schema has {type(at).__name__} where a schema is due")
        node = cast("dict[str, Any]", at)
        if "$ref" in node:
            return self._referred(node, through, depth)
        if "$dynamicRef" in node or "$recursiveRef" in node:
            raise Unusable("its schema refers to itself")
        made = _simple(node)
        for key in _ONE:
            if key in node and not (key == "additionalProperties" and "patternProperties" in node):
                made[key] = self.part(node[key], through, depth + 1)
        for key in _MANY:
            if key in node and not node[key]:
                raise Unusable(f"its schema has no choice under {key}")
            if key in node:
                made[key] = [self.part(one, through, depth + 1) for one in _listed(node[key])]
        if "properties" in node:
            made["properties"] = self._properties(node["properties"], through, depth)
        return made

    def _properties(self, at: Any, through: tuple[str, ...], depth: int) -> dict[str, Any]:
        if not isinstance(at, dict):
            raise Unusable("its schema has properties that are no mapping")
        made: dict[str, Any] = {}
        for name, inner in cast("dict[str, Any]", at).items():
            if name != printable(name, 128):
                raise Unusable(
                    f"its schema has a property {printable(name, 40)!r} of hidden letters"
                )
            made[name] = self.part(inner, through, depth + 1)
        return made

    def _referred(
        self, node: Mapping[str, Any], through: tuple[str, ...], depth: int
    ) -> dict[str, Any]:
        reference = node["$ref"]
        if not isinstance(reference, str) or not reference.startswith("#"):
            raise Unusable(f"its schema refers elsewhere: {printable(str(reference), 80)}")
        if reference in through:
            raise Unusable(f"its schema refers to itself: {printable(reference, 80)}")
        target: Any = self._root
        for step in reference.removeprefix("#").split("/")[1:]:
            name = step.replace("~1", "/").replace("~0", "~")
            if not isinstance(target, dict) or name not in target:
                raise Unusable(
                    f"its schema refers to what is not there: {printable(reference, 80)}"
                )
            target = cast("dict[str, Any]", target)[name]
        beside = {key: value for key, value in node.items() if key != "$ref"}
        inner = self.part(target, (*through, reference), depth + 1)
        return {**inner, **self.part(beside, through, depth + 1)} if beside else inner


def _simple(node: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a part says of itself, without the parts inside it."""
    made: dict[str, Any] = {}
    kinds = node.get("type")
    listed = [kinds] if isinstance(kinds, str) else kinds
    if listed is not None:
        if not isinstance(listed, list) or not listed or any(k not in _TYPES for k in listed):
            raise Unusable(f"its schema has the type {printable(str(kinds), 40)!r}")
        made["type"] = kinds if isinstance(kinds, str) else list(dict.fromkeys(listed))
    for key in _NUMBERS:
        value = node.get(key)
        if isinstance(value, int | float) and not isinstance(value, bool):
            if key == "multipleOf" and value <= 0:
                raise Unusable("its schema wants multiples of nothing")
            if key.startswith(("min", "max")) and key[3:] != "imum" and (value < 0 or value % 1):
                raise Unusable(f"its schema wants {key} of {value}")
            made[key] = value
    made |= {k: printable(node[k]) for k in _TEXTS if isinstance(node.get(k), str)}
    made |= {k: node[k] for k in _PLAIN if k in node}
    if "enum" in made and not isinstance(made["enum"], list):
        raise Unusable("its schema has choices that are no list")
    if "required" in node:
        wanted = [name for name in _listed(node["required"]) if isinstance(name, str)]
        made["required"] = list(dict.fromkeys(wanted))
    return made


def _listed(at: Any) -> list[Any]:
    if not isinstance(at, list):
        raise Unusable("its schema has something else where a list is due")
    return cast("list[Any]", at)
