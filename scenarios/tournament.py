"""A tournament: how hypotheses compete for the slots that there are."""

from pydantic import Field

from gaseol.scenarios.part import Part


class Tournament(Part):
    """How hypotheses compete, for the graph `tournament`. A rank is never a verdict."""

    rounds: int = Field(default=1, ge=0, le=8)
    """How often the strongest are revised into new ones, which compete too."""
    opponents: int = Field(default=4, ge=1, le=24)
    """How many each is judged against, where there are so many."""
    children: int = Field(default=4, ge=1, le=24)
    """New hypotheses a round, at most."""
    twin: float = Field(default=0.95, gt=0, le=1)
    """Of two that are this near each other only the stronger is registered."""
