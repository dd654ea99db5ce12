"""The chosen design, why it was chosen, and what was passed over."""

from pydantic import Field

from gaseol.traces.nouns.value import Value


class Alternative(Value):
    """A design that was considered and not chosen."""

    design: str
    expected_information: float
    """Nats."""
    cost: float
    """Seconds."""


class Experiment(Value):
    """One draw of a registered frame, to be measured for the hypotheses named."""

    id: str
    hypotheses: tuple[str, ...] = Field(min_length=1)
    draw: int = Field(ge=0)
    """Position in the sealed order; for informative designs, in the order carried out."""
    cases: tuple[str, ...] = Field(min_length=1, max_length=2)
    """A pair (first, second) or one design."""
    reading: int = 0
    expected_information: float = 0.0
    """Nats."""
    cost: float = 0.0
    """Expected seconds."""
    alternatives: tuple[Alternative, ...] = ()
