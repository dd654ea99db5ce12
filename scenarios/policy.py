"""What a run may spend, may do and must ask for."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from gaseol.scenarios.part import Part
from gaseol.tools.egress.reach import Reach
from gaseol.traces.nouns.label import Confidentiality, Label


class Allowance(Part):
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


class Budget(Part):
    """Hard limits, checked before an effect; the run ends with status `budget`."""

    experiments: int = Field(default=500, gt=0)
    seconds: float = Field(default=3600, gt=0)
    """Wall time; while a run is interrupted or waits for a person none passes."""
    cpu_seconds: float | None = Field(default=None, gt=0)
    """Processor time of tools."""
    instrument_seconds: float | None = Field(default=None, gt=0)
    """Time of the instrument, where the measurement states its cost."""
    cost: float | None = Field(default=None, gt=0)
    """Of a campaign's experiments, in the unit of `campaign.cost`."""
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


class Approvals(Part):
    """What a person has to allow before it happens; the run pauses until they have."""

    registrations: bool = False
    """Every hypothesis before it is registered."""
    tools: tuple[str, ...] = ()
    """Every batch of calls of these tools: what they do cannot be taken back, or costs."""
    spending: dict[Literal["experiments", "instrument_seconds", "cpu_seconds", "tokens", "money"],
                   Annotated[float, Field(gt=0)]] = Field(default_factory=dict)  # fmt: skip
    """By limit: each time that so much more was spent."""


CONFIDENTIALITY = ("public", "institute", "project", "secret")
"""From the least to the most."""


class Policy(Part):
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
    confidentiality: Confidentiality = "institute"
    """How confidential the question is: a model that is not cleared for it is not asked."""
    low_integrity: tuple[str, ...] = Field(default=(), exclude_if=lambda names: not names)
    """Sources, and tools with consequences, that may be given what a model or a stranger wrote."""
    lessons: Literal["off", "asked", "home"] | None = None
    """Whether a run may be told what earlier runs found: `asked` where it is started with `--lessons`,
    `home` of every run of the same scenario that is kept here. By default `off` where the question is
    confidential to a project or secret, else `asked`."""
    approve: Approvals = Approvals()

    @property
    def hosts(self) -> tuple[str, ...]:
        """The hosts that the run may ask; none by default."""
        return () if self.network == "deny" else self.network

    @property
    def label(self) -> Label:
        """The label of the question and of the data that come with it."""
        return Label(confidentiality=self.confidentiality)

    @property
    def lessons_allowed(self) -> Literal["off", "asked", "home"]:
        """Whether lessons of earlier runs may be used."""
        closed = self.confidentiality in ("project", "secret")
        return self.lessons or ("off" if closed else "asked")

    @model_validator(mode="after")
    def _hosts_are_hosts(self) -> Self:
        Reach(self.hosts, self.private)
        return self
