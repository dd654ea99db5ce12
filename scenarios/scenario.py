"""The question: its cases, variables, measurement, hypotheses, budget and policy.

What a scientist writes as `scenario.yaml` is this model, field by field.
"""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, JsonValue, PrivateAttr, model_validator

from gaseol.tools.mcp.configuration import Server, ServerName
from gaseol.tools.reach import Reach
from gaseol.traces.hypothesis import Cell, Condition, Direction, Match, Relation
from gaseol.traces.process import BoundedMean, Census, GaussianMean, Sign

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]


_LIMIT_GRID = 100_000


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class File(_Part):
    """An argument that is the text of a file beside the scenario."""

    file: str


class ToolCall(_Part):
    """A tool and its arguments, with places `{column}` that are filled in from the cases.

    Where a call describes all cases at once a place becomes the list of all cells; in a
    measurement it becomes the cell of the case measured. `{seed}` is the run's seed and
    `{reading}` the number of the reading.
    """

    tool: str
    arguments: dict[str, Any] = Field(default_factory=dict)


class Grid(_Part):
    """Evenly spaced values of one variable."""

    start: float
    stop: float
    step: float = Field(gt=0)

    @property
    def values(self) -> list[float]:
        """The values, both ends included, rounded to the step's precision."""
        digits = max(0, 2 - math.floor(math.log10(self.step)))
        count = math.floor(self._steps + 1e-9) + 1
        return [round(self.start + i * self.step, digits) for i in range(count)]

    @property
    def _steps(self) -> float:
        return (self.stop - self.start) / self.step

    @model_validator(mode="after")
    def _countable(self) -> Self:
        if self.stop < self.start:
            raise ValueError(f"stop ({self.stop:g}) must not be below start ({self.start:g})")
        if self._steps >= _LIMIT_GRID:
            raise ValueError(f"more than {_LIMIT_GRID} values; take a larger step")
        return self


class Cases(_Part):
    """Where the cases come from: a tool, a CSV file, a list, or a grid over one variable."""

    key: str
    """The column that names a case."""
    label: str | None = None
    """The column to show to people; the key by default."""
    tool: ToolCall | None = None
    file: str | None = None
    rows: tuple[dict[str, Cell], ...] | None = None
    grid: Grid | None = None
    where: tuple[Condition, ...] = ()
    sample: int | None = Field(default=None, ge=2)
    """Keep this many, drawn by the run's seed."""
    population: str = ""
    """The population in words, for the sentence that the null speaks of."""

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        given = [n for n in ("tool", "file", "rows", "grid") if getattr(self, n) is not None]
        if len(given) != 1:
            said = " and ".join(given) or "nothing"
            raise ValueError(f"give one of tool, file, rows or grid; here stands {said}")
        if self.rows is not None and not self.rows:
            raise ValueError("the list of cases is empty")
        return self


class Variable(_Part):
    """What a scientist may know of a case before measuring it."""

    unit: str = "1"
    description: str = ""
    low: float | None = None
    high: float | None = None
    among: tuple[str | int | bool, ...] | None = None
    explore: bool = False
    """The scientist may make hypotheses of its own about it."""

    @model_validator(mode="after")
    def _range(self) -> Self:
        if self.low is not None and self.high is not None and self.low >= self.high:
            raise ValueError(f"low ({self.low:g}) must be below high ({self.high:g})")
        return self

    def admits(self, cell: Cell) -> bool:
        """Tell whether a cell is within range and labels; a missing one is."""
        if cell is None:
            return True
        if self.among is not None and cell not in self.among:
            return False
        if self.low is None and self.high is None:
            return True
        if isinstance(cell, str):
            return False
        return (self.low is None or cell >= self.low) and (self.high is None or cell <= self.high)


class Pairs(ToolCall):
    """A tool that lists pairs of cases which differ by one change."""

    first: str = "right"
    """Key of the changed case in each row that the tool gives."""
    second: str = "left"
    change: str = "change"


PERSON = "person"
"""Stands where a tool does when a person measures."""


class Bench(_Part):
    """What a person who measures a case is told, and what they may hand in."""

    protocol: str = Field(min_length=10)
    """How to measure, so that two people would do the same; `{column}` is filled in."""
    due_days: float | None = Field(default=None, gt=0)
    """How many days after it was asked for a value is wanted."""
    low: float | None = None
    """A smaller value is not taken, in the measurement's unit."""
    high: float | None = None

    @model_validator(mode="after")
    def _range(self) -> Self:
        if self.low is not None and self.high is not None and self.low >= self.high:
            raise ValueError(f"low ({self.low:g}) must be below high ({self.high:g})")
        return self


class Measurement(_Part):
    """How the outcome of a case is measured: by a tool, or by a person at the bench."""

    name: str
    """What is measured, in words: it becomes part of every statement."""
    tool: str = PERSON
    bench: Bench | None = None
    """Given instead of a tool; the run then pauses until the values are handed in."""
    arguments: dict[str, Any] = Field(default_factory=dict)
    value: str = ""
    """Path of the value in the tool's result, as `energy` or `result.energy`; empty: all of it."""
    unit: str = "1"
    uncertainty: str | None = None
    """Path of one standard deviation in the result, if the tool states it."""
    cost: str | None = None
    """Path of the instrument's seconds in the result, if it is not the wall time that counts."""
    drawing: str | None = None
    """Path of a drawing (SVG) in the result."""
    readings: int = Field(default=1, ge=1)
    """How often a design may be read; more than once only where readings are noisy."""
    preset_counts: float | None = Field(default=None, gt=0)
    """The instrument counts to this number, so that a reading takes counts / outcome seconds."""

    @model_validator(mode="after")
    def _tool_or_bench(self) -> Self:
        if (self.tool == PERSON) is not (self.bench is not None):
            raise ValueError("give either a tool, or bench with the protocol of a person")
        taken = [n for n in ("value", "uncertainty", "cost", "drawing") if getattr(self, n)]
        if self.bench is not None and taken:
            raise ValueError(f"a person hands in a value and its uncertainty: leave out {taken[0]}")
        return self


class Check(Measurement):
    """An independent method for some of the cases, to compare the measurement with."""

    cases: int = Field(default=60, ge=2)


class Belief(_Part):
    """A hypothesis that the asker wants tested, popular or not."""

    statement: str = Field(min_length=3)
    relation: Relation
    mechanism: str = ""


class Explore(_Part):
    """What the embedded scientist may combine into hypotheses of its own."""

    matching: tuple[Match, ...] = ()
    where: tuple[Condition, ...] = ()
    direction: Direction = "raises"
    """What to believe of a variable or a change where the pilot suggests nothing."""
    changes: int = Field(default=0, ge=0)
    """How many of the most frequent structural changes it may try, besides the beliefs'."""


class Laws(_Part):
    """The grammar of laws: products of powers, or sums of slopes."""

    link: Literal["log", "identity"] = "log"
    variables: tuple[str, ...] = ()
    exponents: tuple[float, ...] = (-2, -1, -0.5, 0.5, 1, 2)
    terms: int = Field(default=2, ge=1, le=3)
    """At most this many variables in a law."""
    factors: tuple[Literal["sum", "difference", "sin", "cos", "exp"], ...] = ()
    """Forms of which a law may have one besides its powers; for `log` laws, suggested by a pilot."""
    propose: int = Field(default=3, ge=0)
    """Laws that the scientist may add to the beliefs; near twins would block each other."""
    judged_by: Literal["contest", "paired_loss"] = "contest"
    """`contest` weighs laws against each other under a model of the noise; `paired_loss` asks,
    without one, which of two laws predicts the next case better, constants frozen on the pilot."""
    flexible: bool = True
    """Weigh every law also against a regression over all variables."""


class Rivals(ToolCall):
    """Rivals whose predictions a tool computes for all designs at once."""

    each: dict[str, dict[str, Any]] = Field(min_length=1)
    """Rival's name to the arguments that are its own."""
    value: str = ""
    """Path of the list of predictions in the tool's result."""
    drawing: str | None = None
    """Path of a drawing (SVG) of the rival in the result."""
    others: dict[str, ToolCall] = Field(default_factory=dict)
    """What else it might be: weighed against every rival, but no hypothesis of its own."""
    mixtures: bool = False
    """Also weigh against half-and-half mixtures of every two rivals."""
    link: Literal["log", "identity"] = "log"
    statement: str = "{rival} explains the measurements"

    @model_validator(mode="after")
    def _statement_names_the_rival(self) -> Self:
        if "{rival}" not in self.statement:
            raise ValueError("the statement must name its {rival}, or all would say the same")
        return self


class Hypotheses(_Part):
    """What may be believed, and how it will be judged."""

    maximum: int = Field(default=8, ge=1, le=100)
    """m: the run registers no more hypotheses than this."""
    alpha: float = Field(default=0.05, gt=0, lt=0.5)
    delta: float = Field(default=0.1, gt=0)
    """Smallest effect of interest, on the scale of the process."""
    theta0: float | None = None
    """The null value: by default 0.5 for shares of pairs, 0 for means of differences."""
    process: Literal["sign", "bounded_mean", "gaussian_mean", "census"] = "sign"
    bounds: tuple[float, float] | None = None
    """For bounded_mean: least and largest difference of a pair; by default from the pilot."""
    replacement: bool = False
    """A pair may be drawn again: the verdict then speaks of this finite frame alone."""
    sigma: float | None = Field(default=None, gt=0)
    """For gaussian_mean: the known noise of a difference."""
    draws: int = Field(default=150, ge=1, le=100_000)
    """Stop a hypothesis after this many draws."""
    tie: float = Field(default=0.0, ge=0)
    failure_rate: float = Field(default=0.2, ge=0, le=1)
    batch: int = Field(default=8, ge=1, le=1000)
    """Experiments designed at a time; fixed here, so that no run depends on its machine."""
    pilot: int = Field(default=0, ge=0)
    """Cases measured first to suggest directions and laws; they leave every frame."""
    beliefs: tuple[Belief, ...] = ()
    explore: Explore | None = None
    laws: Laws | None = None
    rivals: Rivals | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.process == "bounded_mean" and self.bounds is None and self.pilot < 5:
            raise ValueError("bounded_mean needs bounds: [least, largest], or a pilot of 5 cases")
        if self.laws and self.laws.judged_by == "paired_loss" and self.pilot < 5:
            raise ValueError("paired_loss freezes the laws' constants on a pilot of at least 5")
        if self.process == "gaussian_mean" and self.sigma is None:
            raise ValueError("gaussian_mean needs sigma")
        if self.process in ("sign", "census") and not 0 < self.null < self.null + self.delta < 1:
            raise ValueError(
                "theta0 must lie above 0 and theta0 + delta below 1: they are shares of pairs"
            )
        if self.process == "bounded_mean" and self.bounds is not None:
            low, high = self.bounds
            if not low < self.null < self.null + self.delta < high:
                raise ValueError("theta0 and theta0 + delta must lie within the bounds")
        if len({b.statement for b in self.beliefs}) < len(self.beliefs):
            raise ValueError("two beliefs have the same statement")
        for i, belief in enumerate(self.beliefs):
            for other in self.beliefs[:i]:
                if belief.relation == other.relation:
                    raise ValueError(f"'{belief.statement}' says the same as '{other.statement}'")
        if not (self.beliefs or self.explore or self.laws or self.rivals):
            raise ValueError("nothing to believe: give beliefs, explore, laws or rivals")
        return self

    @property
    def null(self) -> float:
        """theta0: a half for shares of pairs, zero for means of differences, unless given."""
        if self.theta0 is not None:
            return self.theta0
        return 0.5 if self.process in ("sign", "census") else 0.0

    def effect_process(
        self, frame_size: int, pilot: Sequence[float]
    ) -> Sign | BoundedMean | GaussianMean | Census:
        """Return the process that judges an effect over a frame of this many pairs.

        Args:
            frame_size: pairs in the frame.
            pilot: the pilot's values, whose range bounds differences where no bounds are given.
        """
        match self.process:
            case "sign":
                return Sign(theta0=self.null, delta=self.delta)
            case "census":
                return Census(size=frame_size, theta0=self.null, delta=self.delta)
            case "bounded_mean":
                spread = max(pilot) - min(pilot) if pilot else 1.0
                low, high = self.bounds or (-spread, spread)
                return BoundedMean(low=low, high=high, theta0=self.null, delta=self.delta)
            case "gaussian_mean":
                return GaussianMean(
                    sigma=self.sigma or 1.0, theta0=self.null, delta=self.delta, tau=self.delta
                )

    @property
    def draw_rule(self) -> Literal["disjoint", "replacement", "without_replacement"]:
        """How pairs are drawn: disjoint, unless the process speaks of a finite frame."""
        if self.process == "census":
            return "without_replacement"
        return "replacement" if self.replacement else "disjoint"


class Campaign(_Part):
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


class Allowance(_Part):
    """What one role or one tool may spend of the run's budget."""

    calls: int | None = Field(default=None, ge=0)
    cpu_seconds: float | None = Field(default=None, gt=0)
    tokens: int | None = Field(default=None, ge=0)
    money: float | None = Field(default=None, ge=0)

    @model_validator(mode="after")
    def _something(self) -> Self:
        if all(v is None for v in self.model_dump().values()):
            raise ValueError("give at least one of calls, cpu_seconds, tokens, money")
        return self


class Budget(_Part):
    """Hard limits, checked before an effect; the run ends with status `budget`."""

    experiments: int = Field(default=500, gt=0)
    seconds: float = Field(default=3600, gt=0)
    """Wall time; while a run is interrupted or waits for a person none passes."""
    cpu_seconds: float | None = Field(default=None, gt=0)
    """Processor time of tools."""
    instrument_seconds: float | None = Field(default=None, gt=0)
    """Time of the instrument, where the measurement states its cost."""
    tokens: int = Field(default=200_000, ge=0)
    """Read and written by models together; what is left is counted before every request."""
    money: float = Field(default=0, ge=0)
    """What models may cost; a model that has a price is not asked without it."""
    tools: dict[str, Allowance] = Field(default_factory=dict)
    """By the tool's name."""
    roles: dict[str, Allowance] = Field(default_factory=dict)
    """By who asks: theorist, designer, experimentalist, survey, pilot, check, ..."""

    @property
    def limits(self) -> dict[str, float]:
        """The limits that are set, by name: `experiments`, `tool.NAME.calls`, `role.NAME.tokens`."""
        own = self.model_dump(exclude={"tools", "roles"}).items()
        found = {k: float(v) for k, v in own if v is not None}
        for kind, each in (("tool", self.tools), ("role", self.roles)):
            for name, allowance in each.items():
                said = allowance.model_dump().items()
                found |= {f"{kind}.{name}.{k}": float(v) for k, v in said if v is not None}
        return found


class Search(_Part):
    """A search of what others have written, before anything is proposed."""

    source: Name
    """A connector, as `openalex`."""
    query: str = Field(min_length=1, max_length=2000)
    """As the source takes it."""
    count: int = Field(default=25, ge=1, le=200)
    """Records, at most."""


class Approvals(_Part):
    """What a person has to allow before it happens; the run pauses until they have."""

    registrations: bool = False
    """Every hypothesis before it is registered."""
    tools: tuple[str, ...] = ()
    """Every batch of calls of these tools: what they do cannot be taken back, or costs."""
    spending: dict[Literal["experiments", "instrument_seconds", "cpu_seconds", "tokens", "money"],
                   Annotated[float, Field(gt=0)]] = Field(default_factory=dict)  # fmt: skip
    """By limit: each time that so much more was spent."""


class Policy(_Part):
    """What may leave, and what may be kept; nothing leaves unless it is named here."""

    network: Literal["deny"] | tuple[str, ...] = "deny"
    """The hosts that the run may ask, as `api.openalex.org`, `host:port` or `http://host:port`."""
    private: tuple[str, ...] = ()
    """Those of them that are inside the institute: their names may resolve to private addresses."""
    cache: Literal["run", "shared"] = "run"
    """`shared` serves deterministic answers of earlier runs; `gaseol run --no-cache` goes past it."""
    payloads: Literal["inline", "apart"] = "inline"
    """`apart` keeps what tools are asked and answer out of the events, so that a copy of the run
    can be handed out without it."""
    use: Literal["research", "teaching", "commercial"] = "research"
    """What the run is for: a model whose licence forbids it is not asked."""
    confidentiality: Literal["public", "institute", "project", "secret"] = "institute"
    """How confidential the question is: a model that is not cleared for it is not asked."""
    approve: Approvals = Approvals()

    @property
    def hosts(self) -> tuple[str, ...]:
        """The hosts that the run may ask; none by default."""
        return () if self.network == "deny" else self.network

    @model_validator(mode="after")
    def _hosts_are_hosts(self) -> Self:
        Reach(self.hosts, self.private)
        return self


class Scenario(_Part):
    """A question that can be run."""

    name: Name
    title: str
    question: str
    field: str = ""
    graph: str = "discover"
    cases: Cases
    features: tuple[ToolCall, ...] = ()
    """Tools that describe all cases at once; they give a row a case."""
    variables: dict[str, Variable] = Field(default_factory=dict)
    pairs: Pairs | None = None
    measurement: Measurement
    check: Check | None = None
    hypotheses: Hypotheses
    campaign: Campaign | None = None
    """What to find, for the graph `optimise`."""
    literature: tuple[Search, ...] = ()
    """What is looked up first; what is found can be cited, and is no evidence."""
    budget: Budget = Budget()
    policy: Policy = Policy()
    servers: dict[ServerName, Server] = Field(default_factory=dict)
    """Servers of the Model Context Protocol, whose pinned tools are called `SERVER__TOOL`."""

    _folder: Path | None = PrivateAttr(default=None)

    @property
    def folder(self) -> Path | None:
        """Where it was loaded from; None for a scenario made in Python."""
        return self._folder

    def placed(self, folder: Path) -> Self:
        """Return the scenario, knowing the folder its files are in."""
        self._folder = folder
        return self

    @model_validator(mode="after")
    def _campaign_fits(self) -> Self:
        campaign = self.campaign
        if (campaign is None) == (self.graph == "optimise"):
            raise ValueError("the graph `optimise` needs a `campaign`, and only it has one")
        if campaign is None:
            return self
        known = set(self.variables)
        for field in ("columns", "structures", "prefers"):
            for name in getattr(campaign, field):
                if name not in known:
                    raise ValueError(
                        f"campaign.{field} speaks of '{name}', which is no variable"
                        f"{_meant(name, known)}"
                    )
        if campaign.space == "cases" and not known:
            raise ValueError("a search among cases needs variables that describe them")
        if campaign.space == "cases" and campaign.options:
            raise ValueError("campaign.options belong to a kind of space; `cases` takes none")
        return self

    @model_validator(mode="after")
    def _variables_exist(self) -> Self:
        h = self.hypotheses
        known = set(self.variables) | {self.cases.key}
        for where, relation in (
            *((f"the belief '{b.statement}'", b.relation) for b in h.beliefs),
            *((("laws"), law) for law in ([h.laws] if h.laws else [])),
        ):
            for name in _mentioned(relation):
                if name not in known:
                    raise ValueError(f"{where} speaks of '{name}', which is no variable"
                                     f"{_meant(name, known)}")  # fmt: skip
        if h.explore:
            for match in h.explore.matching:
                if match.variable not in known:
                    raise ValueError(f"explore matches '{match.variable}', which is no variable"
                                     f"{_meant(match.variable, known)}")  # fmt: skip
        changes = [b for b in h.beliefs if b.relation.kind == "change"]
        if (changes or (h.explore and h.explore.changes)) and not self.pairs:
            raise ValueError("a structural change is believed, but no `pairs` tool lists pairs")
        return self


def _mentioned(relation: Any) -> set[str]:
    """Return the variables that a relation or a grammar speaks of."""
    names: set[str] = set()
    for part in ("variable",):
        if isinstance(getattr(relation, part, None), str):
            names.add(relation.variable)
    for part in ("matching", "where", "inside", "against"):
        names |= {item.variable for item in getattr(relation, part, ())}
    if isinstance(relation, Laws) or getattr(relation, "kind", "") == "law":
        names |= set(relation.variables)
    return names


def _meant(name: str, known: set[str]) -> str:
    import difflib

    near = difflib.get_close_matches(name, known, n=1)
    return f"; did you mean '{near[0]}'?" if near else f"; there are {', '.join(sorted(known))}"
