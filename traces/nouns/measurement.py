"""What was measured, and where the number came from."""

import hashlib
from typing import Self

from pydantic import Field, model_validator

from gaseol.traces.nouns.failure import Failure
from gaseol.traces.nouns.label import Label
from gaseol.traces.nouns.value import Value
from gaseol.traces.record.blob import Blob


def lot(seed: int, case: str, reading: int) -> int:
    """Return what fills the place `{lot}`: a number below 2^31, another for each case and reading."""
    text = f"{seed}:{reading}:{case}"
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4]) >> 1


class Measurement(Value):
    """One value of one case, or a typed failure.

    `value = raw * factor + offset`, where `raw` stands in the recorded answer of the effect
    that `request` points to, under the keys of `path`.
    """

    case: str
    reading: int = Field(default=0, ge=0)
    """Repeated readings of a noisy instrument; always 0 for a deterministic tool."""
    quantity: str
    tool: str
    request: int
    """Position of the effect's request in the record."""
    row: int | None = None
    """For a tool that answers for many cases at once: which answer is this case's."""
    path: tuple[str, ...] = ()
    raw: float | None = None
    raw_unit: str = ""
    factor: float = 1.0
    offset: float = 0.0
    value: float | None = None
    unit: str = ""
    uncertainty: float | None = Field(default=None, ge=0)
    """One standard deviation, in `unit`; None where the tool states none."""
    seed: int | None = None
    fingerprint: str = ""
    """SHA-256 of the tool's version and arguments: what exactly was asked."""
    purpose: str = "test"
    """`pilot` (not evidence), `test`, `search` (chosen to be good, and so no evidence), `beside`
    (another quantity of a campaign's case, and so no evidence), `observation` (read off a picture and
    confirmed by a tool, no evidence), or `check` (an independent method, for comparison)."""
    drawing: Blob | None = None
    failure: Failure | None = None
    label: Label | None = Field(default=None, exclude_if=lambda label: label is None)
    """Of the answer that it was taken from, where it is more than the question's own."""

    @model_validator(mode="after")
    def _value_or_failure(self) -> Self:
        if (self.value is None) == (self.failure is None):
            raise ValueError("a measurement has either a value or a failure")
        return self
