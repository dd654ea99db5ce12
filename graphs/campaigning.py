"""A campaign's prospect: the space that a scenario names, the search through it, what it is worth."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gaseol.agents.optimisers.catalogue import OptimiserKind, UnknownOptimiser, optimiser
from gaseol.agents.optimisers.genetic_search import GeneticSearch
from gaseol.agents.optimisers.list_search import ListSearch
from gaseol.agents.optimisers.multiobjective_search import MultiobjectiveSearch
from gaseol.agents.optimisers.optimiser import Optimiser, RandomSearch
from gaseol.graphs.conditions import conditions
from gaseol.graphs.gathering import described
from gaseol.graphs.laboratory import Laboratory
from gaseol.graphs.measuring import measure
from gaseol.graphs.prior import known, suggested
from gaseol.graphs.running.asked import scenario_json
from gaseol.scenarios import formula
from gaseol.scenarios.campaign import Campaign
from gaseol.scenarios.loader import Flaw, ScenarioError
from gaseol.scenarios.population import Population
from gaseol.tools.space import Cell, Space, SpaceError, describer, space_kinds
from gaseol.tools.table_space import Column, Conditions, Table
from gaseol.traces.nouns.goal import Goal, goals_of
from gaseol.traces.nouns.label import PUBLIC, joined
from gaseol.traces.record.docket import BESIDE

Search = MultiobjectiveSearch | Optimiser


@dataclass
class Prospect:
    """Where a campaign looks, and what it has learnt there."""

    campaign: Campaign
    goals: tuple[Goal, ...]
    space: Space
    search: Search
    queue: tuple[str, ...] = ()
    """Points that were suggested, to be measured first."""
    told: int = 0
    """Readings that the search has been told, in the order of the record."""

    @property
    def merges(self) -> bool:
        """Whether all quantities and every reading count, and not the first reading of one alone."""
        return isinstance(self.search, MultiobjectiveSearch)

    def tell(self, laboratory: Laboratory) -> None:
        """Tell the search what was measured since it was last told, whatever it was measured for."""
        docket = laboratory.docket
        readings: dict[tuple[str, int], int] = {}
        for (case, reading, purpose), position in docket.readings.items():
            if purpose != "check" and (reading == 0 or self.merges):
                readings.setdefault((case, reading), position)
        fresh = list(readings.items())[self.told :]
        self.told = len(readings)
        cases = [case for (case, _), _ in fresh]
        firsts = [docket.measurements[position].value for _, position in fresh]
        if isinstance(self.search, MultiobjectiveSearch):
            others = [[self._beside(laboratory, case, reading, goal) for goal in self.goals[1:]]
                      for (case, reading), _ in fresh]  # fmt: skip
            self.search.tell(cases, [[a, *b] for a, b in zip(firsts, others, strict=True)])
        else:
            sign = self.campaign.sign
            self.search.tell(cases, [None if v is None else sign * v for v in firsts])

    def _beside(self, laboratory: Laboratory, case: str, reading: int, goal: Goal) -> float | None:
        position = laboratory.docket.beside.get((case, reading, goal.name))
        return None if position is None else laboratory.docket.measurements[position].value

    def cost(self, laboratory: Laboratory, points: Sequence[str]) -> list[float]:
        """Return what it costs to measure points.

        Raises:
            ScenarioError: the formula has no positive value for one of them.
        """
        if self.campaign.cost is None:
            return [1.0] * len(points)
        return _costs(self.campaign.cost, self.space, laboratory, points)


def _costs(text: str, space: Space, laboratory: Laboratory, points: Sequence[str]) -> list[float]:
    population = laboratory.surveyed.population
    there = set(population.cases)
    fresh = [point for point in points if point not in there]
    rows: dict[str, Mapping[str, Cell]] = dict(zip(fresh, space.rows(fresh), strict=True))
    found: list[float] = []
    for point in points:
        row = rows[point] if point in rows else population.row(point)
        try:
            cost = formula.value(text, row)
        except formula.FormulaError as error:
            raise ScenarioError([Flaw("campaign.cost", f"{error} (the case {point})")]) from None
        if cost <= 0:
            what = f"'{text}' is {cost:g} for the case {point}; a cost is more than nothing"
            raise ScenarioError([Flaw("campaign.cost", what)])
        found.append(cost)
    return found


def prospect(laboratory: Laboratory) -> Prospect:
    """Return the prospect of the scenario's campaign, told what was known before.

    Raises:
        ScenarioError: the space that it names cannot be made of these cases, or what it was given
            to begin with does not fit them.
    """
    campaign = laboratory.scenario.campaign
    if campaign is None:
        raise ScenarioError([Flaw("campaign", "is missing; the graph `optimise` needs one")])
    goals = goals_of(scenario_json(laboratory.scenario))
    try:
        space = _space(campaign, laboratory)
        found = Prospect(campaign, goals, space, _search(campaign, goals, space, laboratory))
    except SpaceError as error:
        raise ScenarioError([Flaw("campaign", str(error))]) from None
    if campaign.cost is not None:
        found.cost(laboratory, laboratory.surveyed.population.cases)
    known(laboratory, found.space, goals, found.search)
    found.queue = suggested(laboratory, found.space)
    return found


def _search(
    campaign: Campaign, goals: tuple[Goal, ...], space: Space, laboratory: Laboratory
) -> Search:
    seed, appetite = laboratory.seed, campaign.appetite
    if laboratory.scientist.searches == "blind":
        return RandomSearch(space, seed)
    readings = laboratory.scenario.measurement.readings
    merit = space.merit if isinstance(space, Table | Conditions) and campaign.prefers else None
    kind = named_optimiser(laboratory)
    if kind is not None:
        return kind.make(space, seed)
    if len(goals) > 1 or campaign.cost is not None or readings > 1 or campaign.pending:
        text = campaign.cost
        return MultiobjectiveSearch(
            space,
            seed,
            goals,
            cost=None if text is None else lambda p: _costs(text, space, laboratory, p),
            readings=readings,
            merit=merit,
        )
    if space.size is None:
        return GeneticSearch(space, seed, appetite=appetite)
    return ListSearch(space, seed, appetite=appetite, merit=merit() if merit else None)


def named_optimiser(laboratory: Laboratory) -> OptimiserKind | None:
    """Return the optimiser that the campaign names, if it names one and something is searched by it.

    Raises:
        ScenarioError: there is none of this name, it is not installed, or the campaign asks for what
            only our own searches do.
    """
    campaign, measurement = laboratory.scenario.campaign, laboratory.scenario.measurement
    if campaign is None or not campaign.optimiser or laboratory.scientist.searches == "blind":
        return None
    asked = {
        "outcomes": campaign.outcomes,
        "cost": campaign.cost,
        "pending": campaign.pending,
        "appetite": campaign.appetite,
        "prefers": campaign.prefers or None,
        "measurement.readings": measurement.readings if measurement.readings > 1 else None,
    }
    beyond = ", ".join(field for field, value in asked.items() if value is not None)
    if beyond:
        what = f"'{campaign.optimiser}' searches by one value a case and knows no {beyond}"
        raise ScenarioError([Flaw("campaign.optimiser", f"{what}; leave out either")])
    try:
        kind = optimiser(campaign.optimiser)
        kind.require()
    except (UnknownOptimiser, SpaceError) as error:
        raise ScenarioError([Flaw("campaign.optimiser", str(error))]) from None
    return kind


def _space(campaign: Campaign, laboratory: Laboratory) -> Space:
    population = laboratory.surveyed.population
    if campaign.space == "conditions":
        return conditions(laboratory.scenario)
    if campaign.space == "cases":
        return _table(campaign, population, laboratory)
    kinds = space_kinds()
    if campaign.space not in kinds:
        there = ", ".join(["cases", *sorted([*kinds, "conditions"])])
        raise SpaceError(f"there is no kind of space '{campaign.space}'; there are {there}")
    rows = [population.row(case) for case in population.cases]
    return kinds[campaign.space].make(rows, campaign.options)


def _table(campaign: Campaign, population: Population, laboratory: Laboratory) -> Table:
    names = campaign.columns or tuple(laboratory.scenario.variables)
    columns: list[Column] = []
    for name in names:
        cells = population.columns[name]
        column = Column.of(name, cells, prefers=campaign.prefers.get(name, ""))
        if name in campaign.structures:
            vectors = describer("structures").describe(column.labels)
            column = Column.of(name, cells, vectors=vectors)
        columns.append(column)
    rows = tuple(population.row(case) for case in population.cases)
    return Table(population.cases, rows, tuple(columns))


def complete(laboratory: Laboratory) -> None:
    """Measure the other quantities of every case that the measurement was made of.

    Raises:
        OverBudget: a limit forbids it.
    """
    campaign = laboratory.scenario.campaign
    assert campaign is not None
    first = laboratory.scenario.measurement
    readings = dict.fromkeys(
        (case, reading) for case, reading, purpose in laboratory.docket.readings
        if purpose != "check"
    )  # fmt: skip
    for name, outcome in (campaign.outcomes or {}).items():
        measure(laboratory, list(readings), BESIDE, outcome.method(name, first))


def admit(laboratory: Laboratory, points: Sequence[str]) -> None:
    """Make cases of points that are not among the cases yet, described as those are.

    Raises:
        ScenarioError: a tool that describes cases failed, or the points have no cell for the key.
    """
    findings, held = laboratory.surveyed, laboratory.prospect
    assert held is not None
    there = set(findings.population.cases)
    fresh = [point for point in dict.fromkeys(points) if point not in there]
    if not fresh:
        return
    key = laboratory.scenario.cases.key
    rows: list[Mapping[str, Cell]] = [*held.space.rows(fresh)]
    if isinstance(held.space, Conditions):  # its points are named by their cells
        rows = [{key: point, **row} for point, row in zip(fresh, rows, strict=True)]
    lacking = next((row for row in rows if key not in row), None)
    if lacking is not None:
        what = f"the space gives {', '.join(lacking)}, and no '{key}', which names a case"
        raise ScenarioError([Flaw("cases.key", what)])
    whose = joined(laboratory.chosen.get(point, PUBLIC) for point in fresh)
    rows = described(laboratory, rows, whose)
    findings.population = findings.population.grown(fresh, rows)
