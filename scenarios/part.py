"""What the parts of a question have in common: they are values, and take nothing unknown."""

from pydantic import BaseModel, ConfigDict


class Part(BaseModel):
    """A part of a question."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
