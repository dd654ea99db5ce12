"""A campaign's prospect: the space that a scenario names, the search through it, what it is worth."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gaseol.agents.optimisers.genetic_search import GeneticSearch
from gaseol.agents.optimisers.list_search import ListSearch
from gaseol.graphs.gathering import described
from gaseol.graphs.laboratory import Laboratory
from gaseol.scenarios.campaign import Campaign
from gaseol.scenarios.loader import Flaw, ScenarioError
from gaseol.scenarios.population import Population
from gaseol.tools.space import Cell, Space, SpaceError, describer, space_kinds
from gaseol.tools.table_space import Column, Table


@dataclass
class Prospect:
    """Where a campaign looks, and what it has learnt there."""

    campaign: Campaign
    space: Space
    search: ListSearch | GeneticSearch
    told: int = 0
    """Measurements that the search has been told, in the order of the record."""

    def tell(self, laboratory: Laboratory) -> None:
        """Tell the search what was measured since it was last told, whatever it was measured for."""
        readings = [
            (case, position)
            for (case, reading, purpose), position in laboratory.docket.readings.items()
            if purpose != "check" and reading == 0
        ]
        fresh = readings[self.told :]
        self.told = len(readings)
        seen = {case for case, _ in readings[: self.told - len(fresh)]}
        once = {case: position for case, position in fresh if case not in seen}
        values = [laboratory.docket.measurements[position].value for position in once.values()]
        sign = self.campaign.sign
        self.search.tell(list(once), [None if v is None else sign * v for v in values])


def prospect(laboratory: Laboratory) -> Prospect:
    """Return the prospect of the scenario's campaign.

    Raises:
        ScenarioError: the space that it names cannot be made of these cases.
    """
    campaign = laboratory.scenario.campaign
    if campaign is None:
        raise ScenarioError([Flaw("campaign", "is missing; the graph `optimise` needs one")])
    population = laboratory.surveyed.population
    try:
        if campaign.space == "cases":
            table = _table(campaign, population, laboratory)
            merit = table.merit() if campaign.prefers else None
            search = ListSearch(table, laboratory.seed, appetite=campaign.appetite, merit=merit)
            return Prospect(campaign, table, search)
        space = _space(campaign, population)
    except SpaceError as error:
        raise ScenarioError([Flaw("campaign", str(error))]) from None
    kind = GeneticSearch if space.size is None else ListSearch
    return Prospect(campaign, space, kind(space, laboratory.seed, appetite=campaign.appetite))


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


def _space(campaign: Campaign, population: Population) -> Space:
    known = space_kinds()
    if campaign.space not in known:
        there = ", ".join(["cases", *sorted(known)])
        raise SpaceError(f"there is no kind of space '{campaign.space}'; there are {there}")
    rows = [population.row(case) for case in population.cases]
    return known[campaign.space].make(rows, campaign.options)


def admit(laboratory: Laboratory, points: Sequence[str]) -> None:
    """Make cases of points that are not among the cases yet, described as those are.

    Raises:
        ScenarioError: a tool that describes cases failed, or the points have no cell for the key.
    """
    findings, held = laboratory.surveyed, laboratory.prospect
    assert held is not None
    fresh = [point for point in points if point not in set(findings.population.cases)]
    if not fresh:
        return
    key = laboratory.scenario.cases.key
    rows: list[Mapping[str, Cell]] = [*held.space.rows(fresh)]
    lacking = next((row for row in rows if key not in row), None)
    if lacking is not None:
        what = f"the space gives {', '.join(lacking)}, and no '{key}', which names a case"
        raise ScenarioError([Flaw("cases.key", what)])
    rows = described(laboratory, rows)
    findings.population = findings.population.grown(fresh, rows)
