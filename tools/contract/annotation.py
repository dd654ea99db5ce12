"""Annotations that stand beside a type and go into the JSON schema: units, media types, labels."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pydantic import GetJsonSchemaHandler
    from pydantic_core import CoreSchema


@dataclass(frozen=True)
class Unit:
    """The unit of a number, written beside its type: `Annotated[float, Unit("kcal/mol")]`."""

    symbol: str
    """As in `gaseol.tools.units`; `"1"` for a pure number."""

    def __get_pydantic_json_schema__(
        self, core_schema: "CoreSchema", handler: "GetJsonSchemaHandler"
    ) -> dict[str, Any]:
        """Write the symbol into the JSON schema, at its place."""
        return {**handler(core_schema), "unit": self.symbol}


@dataclass(frozen=True)
class Media:
    """The media type of a text, written beside its type: `Annotated[str, Media("image/svg+xml")]`."""

    type: str

    def __get_pydantic_json_schema__(
        self, core_schema: "CoreSchema", handler: "GetJsonSchemaHandler"
    ) -> dict[str, Any]:
        """Write the media type into the JSON schema, at its place."""
        return {**handler(core_schema), "contentMediaType": self.type}


@dataclass(frozen=True)
class States:
    """What a field of a result says of the whole of it: `Annotated[Confidentiality, States()]`."""

    what: str = "confidentiality"
    """The label of the result is at least what the field says."""

    def __get_pydantic_json_schema__(
        self, core_schema: "CoreSchema", handler: "GetJsonSchemaHandler"
    ) -> dict[str, Any]:
        """Write what is stated into the JSON schema, at its place."""
        return {**handler(core_schema), "states": self.what}
