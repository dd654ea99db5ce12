"""A picture that something can be read off: a figure, a spectrum, a micrograph."""

from typing import Self

from pydantic import Field, model_validator

from gaseol.scenarios.cases import ToolCall
from gaseol.scenarios.part import Part
from gaseol.scenarios.template import places

MEDIA = {".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".webp": "image/webp"}
"""Kinds of pictures by the ends of their names."""
_SIGNS = {"image/png": b"\x89PNG\r\n", "image/jpeg": b"\xff\xd8\xff", "image/webp": b"RIFF"}
LIMIT_BYTES = 8 << 20


class Figure(Part):
    """A picture beside the scenario, what is to be read off it, and the tool that confirms it."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")
    file: str
    """In the scenario's folder: PNG, JPEG or WebP."""
    shows: str = Field(min_length=3, max_length=1000)
    """What the picture is, in words."""
    read: str = Field(min_length=3, max_length=300)
    """What is to be read off it, in words."""
    unit: str = "1"
    low: float | None = None
    """A smaller reading is none, in the unit."""
    high: float | None = None
    case: str = ""
    """Which case it is of, where it is of one."""
    confirm: ToolCall
    """Measures it: `{value}` in its arguments is what was read."""
    value: str = ""
    """Path of the value in that tool's result."""
    within: float = Field(default=0.1, ge=0)
    """How far reading and tool may lie apart, as a share of the tool's value."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        end = "." + self.file.rpartition(".")[2].lower()
        if end not in MEDIA:
            raise ValueError(f"'{self.file}' is no picture: {', '.join(MEDIA)} are read")
        if "value" not in places(self.confirm.arguments):
            raise ValueError("the tool that confirms must be told what was read, as {value}")
        strange = places(self.confirm.arguments) - {"value", "seed"}
        if strange:
            raise ValueError(
                f"nothing fills the place {{{min(strange)}}} of the tool that confirms"
            )
        if self.low is not None and self.high is not None and self.low >= self.high:
            raise ValueError(f"low ({self.low:g}) must be below high ({self.high:g})")
        return self

    @property
    def media(self) -> str:
        """The kind of picture, by its name."""
        return MEDIA["." + self.file.rpartition(".")[2].lower()]

    def depicts(self, content: bytes) -> bool:
        """Tell whether a file begins as such a picture does."""
        return content.startswith(_SIGNS[self.media])
