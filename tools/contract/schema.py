"""JSON schemas of what a tool takes and gives, without titles that only repeat a name."""

from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from pydantic import TypeAdapter


def json_schema(
    adapter: "TypeAdapter[Any]", mode: Literal["validation", "serialization"]
) -> dict[str, Any]:
    """Return the JSON Schema 2020-12 of a type.

    Args:
        adapter: of the type.
        mode: what is taken, or what is given.
    """
    from pydantic.json_schema import GenerateJsonSchema

    class Untitled(GenerateJsonSchema):
        """Leave out the titles that only repeat a field's name."""

        def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002
            return False

    return adapter.json_schema(mode=mode, schema_generator=Untitled)
