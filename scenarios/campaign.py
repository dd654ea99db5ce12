"""A campaign: what to find, and where it is looked for."""

from typing import Annotated, Literal, Self

from pydantic import Field, JsonValue, model_validator

from gaseol.scenarios import formula
from gaseol.scenarios.outcome import Outcome
from gaseol.scenarios.part import Part

Quantity = Annotated[str, Field(pattern=r"^\w[\w .,()/%-]{0,63}$")]


class Known(Part):
    """What others have measured before: the search learns from it; it is no measurement here."""

    file: str
    """A CSV file beside the scenario: the key, the variables, and the quantities by their names."""
    source: str = Field(min_length=3)
    """Where it is from: an earlier run, a notebook, a paper."""


class Suggestion(Part):
    """A case that somebody thinks good: it is measured first, and believed only then."""

    case: str
    source: str = Field(min_length=3)
    """Who suggests it: a paper, a colleague, a model."""


class Campaign(Part):
    """What to find, and where: for the graph `optimise`."""

    direction: Literal["maximise", "minimise"] = "maximise"
    target: float | None = None
    """Stop when a value as good as this is found; in the measurement's unit."""
    space: str = "cases"
    """`cases` looks among the cases; or a kind of space of a plug-in, grown out of them:
    `molecules`, `molecule_list`, `compositions`."""
    optimiser: str | None = None
    """Who searches: by default the search that fits the space; `baybe`, or a plug-in's, by its name,
    for one quantity that is read once a case and costs the same for every case."""
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
    measurement's unit; with several objectives, as a share of the front's hypervolume; with a
    `cost`, for each unit of it."""
    outcomes: dict[Quantity, Outcome] | None = None
    """What else is measured of every case, by its name: more objectives, and limits."""
    cost: str | None = None
    """What an experiment costs: a variable, or a formula of variables as `2 + 0.1 * heat`; by
    default all cost the same. `budget.cost` limits the sum."""
    cost_unit: str | None = None
    """As `EUR`."""
    known: Known | None = None
    pending: int | None = Field(default=None, ge=1)
    """With a bench: go on to the next batch while at most so many points are still being measured;
    by default a batch is waited for as a whole."""
    suggestions: tuple[Suggestion, ...] | None = None
    """Measured first, in this order."""

    @property
    def sign(self) -> int:
        """1 where more is better, -1 where less is."""
        return 1 if self.direction == "maximise" else -1

    @property
    def objectives(self) -> int:
        """How many quantities are to be as high or as low as can be."""
        return 1 + sum(outcome.sign != 0 for outcome in (self.outcomes or {}).values())

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.target is not None and self.objectives > 1:
            raise ValueError("a target is for one objective: with several, give the others limits")
        if self.cost is not None:
            formula.variables(self.cost)
        if self.cost_unit is not None and self.cost is None:
            raise ValueError("cost_unit is the unit of a cost: give `cost`")
        return self

    def reached(self, value: float) -> bool:
        """Tell whether a value is as good as the target; never, where there is none."""
        return self.target is not None and self.sign * value >= self.sign * self.target
