"""A campaign: what to find, and where it is looked for."""

from typing import Literal

from pydantic import Field, JsonValue

from gaseol.scenarios.part import Part


class Campaign(Part):
    """What to find, and where: for the graph `optimise`."""

    direction: Literal["maximise", "minimise"] = "maximise"
    target: float | None = None
    """Stop when a value as good as this is found; in the measurement's unit."""
    space: str = "cases"
    """`cases` looks among the cases; or a kind of space of a plug-in, grown out of them:
    `molecules`, `molecule_list`, `compositions`."""
    options: dict[str, JsonValue] = Field(default_factory=dict)
    """Of the kind of space, as `heavy_atoms` of `molecules`."""
    columns: tuple[str, ...] = ()
    """For `cases`: the variables that the search knows; all by default."""
    structures: tuple[str, ...] = ()
    """Variables whose labels are SMILES: alike structures are expected to do alike."""
    prefers: dict[str, Literal["high", "low"]] = Field(default_factory=dict)
    """What is thought of a variable before anything is measured; it orders the first batch alone,
    and is always measured, never trusted."""
    batch: int = Field(default=5, ge=1, le=1000)
    """Points searched at a time."""
    appetite: float | None = Field(default=None, ge=0)
    """Standard deviations by which an uncertain point is preferred; by default 2 for batches of a
    list, 0.5 for single points of it, 1 where points are bred."""
    evidence: float = Field(default=0.2, ge=0, le=0.9)
    """The share of experiments that are random matched pairs, in an order sealed beforehand: what
    was chosen to be good is no evidence of what makes it good."""
    worth: float = Field(default=0.0, ge=0)
    """Stop when the best of the next batch is expected to gain less than this, in the
    measurement's unit."""

    @property
    def sign(self) -> int:
        """1 where more is better, -1 where less is."""
        return 1 if self.direction == "maximise" else -1

    def reached(self, value: float) -> bool:
        """Tell whether a value is as good as the target; never, where there is none."""
        return self.target is not None and self.sign * value >= self.sign * self.target
