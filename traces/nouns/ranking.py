"""How hypotheses stand against each other in somebody's eyes: judged in pairs, never evidence."""

from typing import Literal

from pydantic import Field

from gaseol.traces.nouns.value import Value

Outcome = Literal["first", "second", "draw", "discarded"]


class Pairing(Value):
    """Two hypotheses that were judged against each other in both orders."""

    first: str
    second: str
    outcome: Outcome
    """Who is preferred; a `draw` where the order they were shown in decided, or nothing did;
    `discarded` where a judgement could not be used."""
    because: str = ""
    """The criterion that decided, of a closed list; or why the pairing is discarded."""
    judgements: tuple[int, ...] = ()
    """Positions of the requests to the model that judged; none where a rule did."""


class Strength(Value):
    """Where a hypothesis stands: its Bradley-Terry strength, with a 95% interval.

    Natural logarithms, their mean over the hypotheses of one league being nothing.
    """

    hypothesis: str
    value: float
    low: float
    high: float
    pairings: int = Field(ge=0)
    """How many counted."""
    league: int = Field(default=0, ge=0)
    """Hypotheses of a later league come after all of an earlier one, whatever their strength."""
