"""The shape of a record, published: a JSON Schema of its events and the tables of its manual.

Both are made from the models that write the record, so neither can say anything else. The
meaning of a field is the docstring under it, read from the source: having the models carry
it at run time would make every import parse its own source.
"""

import ast
import inspect
import itertools
import json
import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue, models_json_schema
from pydantic_core.core_schema import ModelSchema

from gaseol.traces.nouns.failure import FailureKind
from gaseol.traces.record.event import BLOBS, FORMAT, KINDS

Schema = dict[str, Any]

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_DIGEST = "^[0-9a-f]{64}$"


def event_schema() -> Schema:
    """Return the JSON Schema (2020-12) of one line of `events.jsonl`.

    It says what a reader must accept: a field with a default may be missing, for a record may
    be older than the field. A kind that it does not list is no error of a record; its bytes
    are chained like all others.
    """
    definitions = _definitions()
    return {
        "$schema": _DIALECT,
        "title": f"An event of {FORMAT}",
        "description": "One line of events.jsonl. Kinds of later versions are not listed.",
        "type": "object",
        "properties": {
            "seq": {"type": "integer", "minimum": 0},
            "prev": {"type": "string", "pattern": _DIGEST},
            "at": {"type": "string", "format": "date-time"},
            "cause": {"anyOf": [{"type": "integer", "minimum": 0}, {"type": "null"}]},
            "kind": {"enum": list(KINDS)},
            "data": {"type": "object"},
        },
        "required": ["seq", "prev", "at", "cause", "kind", "data"],
        "additionalProperties": False,
        "oneOf": [
            {"properties": {"kind": {"const": kind}, "data": {"$ref": f"#/$defs/{fact.__name__}"}}}
            for kind, fact in KINDS.items()
        ],
        "$defs": definitions,
    }


def tables() -> dict[str, str]:
    """Return the tables of `docs/record.md` in Markdown, by the name of their place there."""
    definitions = _definitions()
    facts = {fact.__name__: kind for kind, fact in KINDS.items()}
    return {
        "kinds": _table(
            ("kind", "what it says", "`data`"),
            (
                (f"`{kind}`", _summary(definitions[name]), _members_of(definitions[name]))
                for name, kind in facts.items()
            ),
        ),
        "data": "\n\n".join(
            f"#### `{kind}`\n\n{_fields(definitions[name])}"
            for name, kind in facts.items()
            if _noun(definitions[name]) is None
        ),
        "nouns": "\n\n".join(
            f"#### {name}\n\n{_summary(shape)}\n\n{_fields(shape)}"
            for name, shape in definitions.items()
            if "properties" in shape and name not in facts
        ),
        "blobs": _table(
            ("kind", "place in `data`"),
            (
                (f"`{kind}`", f"`{'.'.join(path)}`")
                for kind, paths in BLOBS.items()
                for path in paths
            ),
        ),
        "failures": _table(
            ("kind", "meaning"),
            ((f"`{kind}`", _docstrings(FailureKind)[kind.name]) for kind in FailureKind),
        ),
    }


class Described(GenerateJsonSchema):
    """Pydantic's generator, with field docstrings and without titles that repeat names."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 (not ours)
        """Give no field a title."""
        return False

    def model_schema(self, schema: ModelSchema) -> JsonSchemaValue:
        """Describe a model and each of its fields."""
        found = super().model_schema(schema)
        for name, text in _docstrings(schema["cls"]).items():
            found.get("properties", {}).get(name, {}).setdefault("description", text)
        return found


def _definitions() -> dict[str, Schema]:
    _, schema = models_json_schema(
        [(fact, "validation") for fact in KINDS.values()], schema_generator=Described
    )
    return dict(sorted(schema["$defs"].items()))


def _docstrings(of: type) -> dict[str, str]:
    """Return the docstring under each field or member of a class, on one line."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(of)))
    found: dict[str, str] = {}
    body = tree.body[0].body if isinstance(tree.body[0], ast.ClassDef) else []
    for field, said in itertools.pairwise(body):
        match field, said:
            case (
                ast.AnnAssign(target=ast.Name(id=name)) | ast.Assign(targets=[ast.Name(id=name)]),
                ast.Expr(value=ast.Constant(value=str(text))),
            ):
                found[name] = " ".join(text.split())
            case _:
                pass
    return found


def _table(head: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(cell or " " for cell in line) + " |" for line in lines)


def _summary(schema: Schema) -> str:
    """Return the first paragraph of a description, on one line."""
    return " ".join(schema.get("description", "").split("\n\n")[0].split())


def _noun(schema: Schema) -> str | None:
    """Return the noun that a kind carries under its own name, and nothing else."""
    fields: Mapping[str, Schema] = schema["properties"]
    only = next(iter(fields.values())) if len(fields) == 1 else {}
    return only["$ref"].rpartition("/")[2] if "$ref" in only else None


def _members_of(schema: Schema) -> str:
    names = ", ".join(f"`{name}`" for name in schema["properties"])
    noun = _noun(schema)
    return f"{names}: [{noun}](#{noun.lower()})" if noun else names


def _fields(schema: Schema) -> str:
    fields: Mapping[str, Schema] = schema["properties"]
    required = schema.get("required", ())
    return _table(
        ("field", "type", "if missing", "meaning"),
        (
            (
                f"`{name}`",
                _type(field),
                "required"
                if name in required
                else f"`{json.dumps(field['default'])}`"
                if "default" in field
                else "empty",
                _summary(field),
            )
            for name, field in fields.items()
        ),
    )


def _type(schema: Schema) -> str:
    """Return a JSON Schema in words."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "const" in schema:
        return f"`{schema['const']}`"
    if "enum" in schema:
        return " or ".join(f"`{value}`" for value in schema["enum"])
    for union in ("anyOf", "oneOf"):
        if union in schema:
            return " or ".join(_type(one) for one in schema[union])
    match schema.get("type"):
        case "array":
            return f"list of {_inner(schema['items'])}{_bounds(schema)}"
        case "object":
            inner: Schema | bool = schema.get("additionalProperties", True)
            return f"map to {_inner(inner)}" if isinstance(inner, dict) else "object"
        case None:
            return "any"
        case plain:
            pattern = f" matching `{schema['pattern']}`" if "pattern" in schema else ""
            return f"{plain}{_bounds(schema)}{pattern}"


def _inner(schema: Schema) -> str:
    said = _type(schema)
    return f"({said})" if " or " in said else said


def _bounds(schema: Schema) -> str:
    signs = {
        "minimum": ">=", "exclusiveMinimum": ">", "minItems": "at least", "minLength": "at least",
        "maximum": "<=", "exclusiveMaximum": "<", "maxItems": "at most", "maxLength": "at most",
    }  # fmt: skip
    said = [f"{sign} {schema[key]}" for key, sign in signs.items() if key in schema]
    return f", {', '.join(said)}" if said else ""
