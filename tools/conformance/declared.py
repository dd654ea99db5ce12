"""What a tool declares: a complete description, and a unit beside every number."""

from collections.abc import Iterator, Mapping
from typing import Any

from gaseol.tools.arguments import resolve
from gaseol.tools.conformance.finding import Finding, flaw, ok
from gaseol.tools.contract import Tool, ToolCard
from gaseol.tools.units import UnitError, check_unit

LONGEST_SUMMARY = 120
"""Characters; lists and models show it whole."""

Schema = Mapping[str, Any]


def description(tool: Tool[..., Any] | ToolCard) -> Finding:
    """Check that a stranger can call the tool by what it says of itself.

    Args:
        tool: or its card.
    """
    check = "description"
    properties = tool.input_schema.get("properties", {})
    bare = [name for name, entry in properties.items() if not entry.get("description")]
    untyped = [name for name, entry in properties.items() if not _typed(entry, tool.input_schema)]
    if bare:
        return flaw(check, f"parameter {bare[0]!r} says nothing of itself under `Args:`")
    if untyped:
        return flaw(check, f"parameter {untyped[0]!r} takes anything; give it a type")
    if not _typed(tool.output_schema, tool.output_schema):
        return flaw(check, "the result may be anything; give it a type")
    if len(tool.summary) > LONGEST_SUMMARY:
        return flaw(check, f"the summary has {len(tool.summary)} characters, "
                           f"at most {LONGEST_SUMMARY} fit a list")  # fmt: skip
    if not tool.tags:
        return flaw(check, "has no tags: nobody finds it by its field")
    count = len(properties)
    return ok(check, f"{count} parameter{'' if count == 1 else 's'}, each typed and described")


def units(tool: Tool[..., Any] | ToolCard) -> Finding:
    """Check that every number has a unit, and one that can be converted.

    Integers may be counts and need none.

    Args:
        tool: or its card.
    """
    found = [
        *(("argument", *one) for one in _numbers(tool.input_schema, tool.input_schema)),
        *(("result", *one) for one in _numbers(tool.output_schema, tool.output_schema)),
    ]
    for side, place, unit in found:
        where = f"{side} {place}".strip()
        if unit is None:
            return flaw("units", f"{where} is a number without a unit; write "
                                 '`Annotated[float, Unit("kcal/mol")]`, or Unit("1")')  # fmt: skip
        try:
            check_unit(unit)
        except UnitError as error:
            return flaw("units", f"{where}: {error}")
    count = len(found)
    return ok("units", f"{count} number{'' if count == 1 else 's'}, each with its unit")


def _typed(entry: Schema, root: Schema) -> bool:
    entry = resolve(entry, root)
    return any(key in entry for key in ("type", "anyOf", "oneOf", "allOf", "enum", "const"))


def _numbers(
    entry: Schema, root: Schema, place: str = "", seen: frozenset[str] = frozenset()
) -> Iterator[tuple[str, str | None]]:
    """Yield place and unit of every number in a schema."""
    reference = entry.get("$ref", "")
    if reference in seen:
        return
    seen = seen | {reference} - {""}
    unit = entry.get("unit")
    entry = resolve(entry, root)
    if entry.get("type") == "number":
        yield place, entry.get("unit", unit)
    for one in (*entry.get("anyOf", ()), *entry.get("oneOf", ())):
        # A unit beside `float | None` stands beside the whole.
        yield from _numbers({**({"unit": entry["unit"]} if "unit" in entry else {}), **one},
                            root, place, seen)  # fmt: skip
    fields = entry.get("properties", {})
    beside = fields.get("unit", {})
    told = beside.get("type") == "string" and (
        "unit" in entry.get("required", ()) or "description" in beside
    )
    for name, field in fields.items():
        # What is looked up in a table, or bounded by who asks, has the unit that stands beside it.
        if told and name in ("value", "number", "low", "high"):
            continue
        yield from _numbers(field, root, f"{place}.{name}" if place else name, seen)
    for inner in (entry.get("items"), entry.get("additionalProperties"),
                  *entry.get("prefixItems", ())):  # fmt: skip
        if isinstance(inner, Mapping):
            known = {"unit": entry["unit"]} if "unit" in entry else {}
            yield from _numbers({**known, **inner}, root, f"{place}[]", seen)
