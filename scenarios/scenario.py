"""The question: its cases, variables, measurement, hypotheses, budget and policy.

What a scientist writes as `scenario.yaml` is this model, field by field.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import ConfigDict, Field, PrivateAttr, WrapValidator, model_validator

from gaseol.scenarios import formula
from gaseol.scenarios.campaign import Campaign
from gaseol.scenarios.cases import Cases, Pairs, ToolCall, Variable
from gaseol.scenarios.figure import Figure
from gaseol.scenarios.hypotheses import Hypotheses, Laws
from gaseol.scenarios.measurement import Check, Measurement
from gaseol.scenarios.part import Part
from gaseol.scenarios.policy import Budget, Policy
from gaseol.scenarios.reading import Reading, Search
from gaseol.scenarios.tournament import Tournament
from gaseol.tools.mcp.configuration import Server, ServerName
from gaseol.traces.language import Language

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
SURVEY = "survey"
"""The graph that reads and measures nothing."""


_MEASURED = ("cases", "measurement", "hypotheses")
_ABSENT = WrapValidator(lambda part, read: None if part is None else read(part))
"""Nothing, in a survey; everywhere else a part is missing that is not there."""


def _optional(schema: dict[str, Any]) -> None:
    """Let editors take a survey without what it does not have."""
    schema["required"] = [name for name in schema["required"] if name not in _MEASURED]


class Scenario(Part):
    """A question that can be run."""

    model_config = ConfigDict(json_schema_extra=_optional)

    name: Name
    title: str
    question: str
    field: str = ""
    graph: str = "discover"
    cases: Annotated[Cases, _ABSENT]
    """Left out, like `measurement` and `hypotheses`, where the graph is `survey`: it measures nothing."""
    features: tuple[ToolCall, ...] = ()
    """Tools that describe all cases at once; they give a row a case."""
    variables: dict[str, Variable] = Field(default_factory=dict)
    pairs: Pairs | None = None
    measurement: Annotated[Measurement, _ABSENT]
    check: Check | None = None
    hypotheses: Annotated[Hypotheses, _ABSENT]
    campaign: Campaign | None = None
    """What to find, for the graph `optimise`."""
    tournament: Tournament | None = None
    """How hypotheses compete, for the graph `tournament`; by default as the fields say."""
    figures: tuple[Figure, ...] = Field(default=(), max_length=64)
    """Pictures that an observer reads; what a tool confirms is told to the scientist."""
    literature: tuple[Search, ...] = ()
    """What is looked up first; what is found can be cited, and is no evidence."""
    reading: Reading = Reading()
    """What is read out of what is found."""
    budget: Budget = Budget()
    policy: Policy = Policy()
    language: Language | None = None
    """Of the question, and so of hypotheses, claims and the report: `en` (by default) or `ko`."""
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

    @property
    def measures(self) -> bool:
        """Whether anything is measured: a survey only reads."""
        return self.graph != SURVEY

    @model_validator(mode="before")
    @classmethod
    def _survey(cls, said: Any) -> Any:
        if isinstance(said, Mapping) and said.get("graph") == SURVEY:
            return {**dict.fromkeys(_MEASURED), **said}
        return said

    @model_validator(mode="after")
    def _whole(self) -> Self:
        parts = {name: getattr(self, name) for name in _MEASURED}
        if self.measures:
            lacking = [name for name, part in parts.items() if part is None]
            if lacking:
                raise ValueError(f"'{lacking[0]}' is missing; only the graph `survey` has none")
            return self
        more = {"features": self.features, "variables": self.variables, "pairs": self.pairs}
        given = [n for n, part in {**parts, **more, "check": self.check}.items() if part]
        if given:
            raise ValueError(f"the graph `survey` measures nothing: leave out {given[0]}")
        if not self.literature or not self.reading.sought:
            raise ValueError(
                "the graph `survey` needs `literature`, and `reading` with what is sought"
            )
        return self

    @model_validator(mode="after")
    def _figures_have_names(self) -> Self:
        names = [figure.name for figure in self.figures]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise ValueError(f"two figures are named '{twice}'")
        return self

    @model_validator(mode="after")
    def _tournament_fits(self) -> Self:
        if self.tournament is not None and self.graph != "tournament":
            raise ValueError(f"a `tournament` is for that graph; this one is `{self.graph}`")
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
        benches = [o.bench for o in (campaign.outcomes or {}).values()]
        if campaign.pending and (self.measurement.bench is None or any(benches)):
            raise ValueError("campaign.pending is for a measurement at the bench, and for it alone")
        if campaign.cost is not None:
            for name in sorted(formula.variables(campaign.cost) - known):
                raise ValueError(
                    f"campaign.cost speaks of '{name}', which is no variable{_meant(name, known)}"
                )
        if self.measurement.name in (campaign.outcomes or {}):
            raise ValueError(f"campaign.outcomes has '{self.measurement.name}', which is the "
                             "measurement itself: give the other quantity another name")  # fmt: skip
        if campaign.space == "cases" and campaign.options:
            raise ValueError("campaign.options belong to a kind of space; `cases` takes none")
        return self

    @model_validator(mode="after")
    def _cost_is_counted(self) -> Self:
        if self.budget.cost is not None and (self.campaign is None or self.campaign.cost is None):
            raise ValueError("budget.cost limits what `campaign.cost` counts, and there is none")
        return self

    @model_validator(mode="after")
    def _variables_exist(self) -> Self:
        if not self.measures:
            return self
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
