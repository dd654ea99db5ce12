"""What is known or thought before a campaign's first experiment; never evidence, always on record."""

import hashlib
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from gaseol.agents.roles import Suggested, Territory
from gaseol.graphs.laboratory import Laboratory
from gaseol.graphs.running.checkpoint import target_of
from gaseol.scenarios.loader import Flaw, ScenarioError
from gaseol.scenarios.table import read_table
from gaseol.scenarios.template import file_bytes
from gaseol.tools.space import Cell, Space, SpaceError, Written
from gaseol.tools.table_space import Conditions
from gaseol.traces.nouns.goal import Goal
from gaseol.traces.nouns.label import PUBLIC, Label
from gaseol.traces.record.effects import Request
from gaseol.traces.record.event import CaseSuggested, DataKnown, PolicyDecided

if TYPE_CHECKING:
    from gaseol.graphs.campaigning import Search

_OFFERED = 40
"""Points that whoever suggests cases is shown."""
_SHARE = 4
"""One suggestion for so many points of a batch, and one at least: most of it is the search's."""


def known(laboratory: Laboratory, space: Space, goals: Sequence[Goal], search: "Search") -> None:
    """Tell a search what others have measured, and put on record where it is from.

    Raises:
        ScenarioError: the table cannot be read, lacks a column, or names what is not searched.
    """
    from gaseol.agents.optimisers.multiobjective_search import MultiobjectiveSearch

    campaign = laboratory.scenario.campaign
    if campaign is None or campaign.known is None:
        return
    given, folder = campaign.known, laboratory.scenario.folder or Path()
    rows = read_table(folder, given.file)
    columns = set(rows[0]) if rows else set[str]()
    if goals[0].name not in columns:
        there = ", ".join(sorted(columns)) or "none"
        what = f"{given.file} has no column '{goals[0].name}', which is measured; there are {there}"
        raise ScenarioError([Flaw("campaign.known", what)])
    rows_of: dict[str, list[list[float | None]]] = {}
    strange = 0
    for number, row in enumerate(rows, start=2):
        found = [_number(given.file, number, goal.name, row) for goal in goals]
        point = _point(laboratory, space, row)
        if point is None:
            strange += 1
        elif any(value is not None for value in found):
            rows_of.setdefault(point, []).append(found)
    values = {
        point: [_mean(each) for each in zip(*found, strict=True)]
        for point, found in rows_of.items()
    }
    if not values:
        what = f"none of the {len(rows)} rows of {given.file} is a case that is searched, by the "\
               f"column '{laboratory.scenario.cases.key}'"  # fmt: skip
        raise ScenarioError([Flaw("campaign.known", what)])
    if isinstance(search, MultiobjectiveSearch):
        search.tell(list(values), list(values.values()))
    else:
        sign = campaign.sign
        firsts = [found[0] for found in values.values()]
        search.tell(list(values), [None if v is None else sign * v for v in firsts])
    digest = hashlib.sha256(file_bytes(given.file, folder)).hexdigest()
    laboratory.effects.record(
        DataKnown(
            source=given.source,
            file=given.file,
            sha256=digest,
            cases=len(values),
            passed_over=strange,
        )
    )


def _mean(values: Sequence[float | None]) -> float | None:
    there = [value for value in values if value is not None]
    return sum(there) / len(there) if there else None


def _number(file: str, line: int, name: str, row: Mapping[str, Cell]) -> float | None:
    cell = row.get(name)
    if cell is None:
        return None
    if isinstance(cell, str | bool) or not math.isfinite(cell):
        what = f"{file}:{line} has {cell!r} in the column '{name}', which is no number"
        raise ScenarioError([Flaw("campaign.known", what)])
    return float(cell)


def _point(laboratory: Laboratory, space: Space, row: Mapping[str, Any]) -> str | None:
    """Return the point that a row speaks of; None where it is not in the space."""
    if isinstance(space, Conditions):
        return space.named(row)
    cell = row.get(laboratory.scenario.cases.key)
    name = f"{cell:.12g}" if isinstance(cell, float) else str(cell)
    try:
        space.featurise([name])
    except SpaceError:
        return None
    return name


def suggested(laboratory: Laboratory, space: Space) -> tuple[str, ...]:
    """Return the points that somebody thinks good, and put on record who.

    Raises:
        ScenarioError: one is not in the space.
    """
    campaign = laboratory.scenario.campaign
    given = campaign.suggestions or () if campaign else ()
    for number, suggestion in enumerate(given):
        try:
            space.featurise([suggestion.case])
        except SpaceError as error:
            raise ScenarioError([Flaw(f"campaign.suggestions.{number}", str(error))]) from None
        laboratory.effects.record(CaseSuggested(case=suggestion.case, source=suggestion.source))
    return tuple(dict.fromkeys(s.case for s in given))


def thought_good(laboratory: Laboratory, space: Space, goals: Sequence[Goal]) -> tuple[str, ...]:
    """Return the points that the scientist thinks good, and put on record who and which.

    Each is held by the space, carries the label of whoever suggests it, and is measured before
    anything is believed of it. One that a tool may not be given is turned away, on record.
    """
    suggester, campaign = laboratory.scientist.suggester, laboratory.scenario.campaign
    if suggester is None or campaign is None:
        return ()
    there = {case for case, *_ in laboratory.docket.readings}
    drawn = space.sample(_OFFERED, np.random.default_rng([laboratory.seed, 22]))
    offered = [point for point in dict.fromkeys(drawn) if point not in there]
    territory = Territory(
        goals=tuple(goals),
        offered=dict(zip(offered, _shown(laboratory, space, offered), strict=True)),
        open=space.size is None and isinstance(space, Written),
        most=max(1, campaign.batch // _SHARE),
    )
    found: dict[str, Label] = {}
    for one in suggester.suggest(laboratory.briefed, laboratory.docket, territory):
        point, reason = _held(laboratory, space, one, territory)
        if not reason and point in there:
            reason = "it is measured already"
        if not reason and len(found) >= territory.most and point not in found:
            reason = f"{territory.most} suggestions are taken at most"
        if reason:
            subject = f"the suggestion of {one.case[:200]} by {one.source}"
            decision = PolicyDecided(subject=subject, allowed=False, reason=reason[:500])
            laboratory.effects.record(decision)
        elif point not in found:
            laboratory.effects.record(CaseSuggested(case=point, source=one.source))
            found[point] = one.label
    laboratory.chosen |= found
    if space.size is None:
        # what is bred of a point cannot be told from it
        for name in laboratory.surveyed.population.columns:
            for label in found.values():
                laboratory.origins[name] = laboratory.origins.get(name, PUBLIC) | label
    return tuple(found)


def _shown(laboratory: Laboratory, space: Space, points: Sequence[str]) -> list[Mapping[str, Cell]]:
    """Return of each point what is known of the variables before measuring."""
    names, population = laboratory.scenario.variables, laboratory.surveyed.population
    known = set(population.cases)
    rows = [
        population.row(point) if point in known else row
        for point, row in zip(points, space.rows(points), strict=True)
    ]
    return [{name: row[name] for name in names if name in row} for row in rows]


def _held(
    laboratory: Laboratory, space: Space, one: Suggested, territory: Territory
) -> tuple[str, str]:
    """Return the point that is suggested, or why it is none that may be measured."""
    point = one.case
    if point not in territory.offered:
        if not territory.open or not isinstance(space, Written):
            return point, "it was not offered, and none may be written here"
        try:
            point = space.read(point)
            space.featurise([point])
        except SpaceError as error:
            return point, str(error)
    scenario = laboratory.scenario
    calls = [call.tool for call in scenario.features]
    calls += [] if scenario.measurement.bench else [scenario.measurement.tool]
    outcomes = (scenario.campaign.outcomes if scenario.campaign else None) or {}
    methods = [each.method(name, scenario.measurement) for name, each in outcomes.items()]
    calls += [method.tool for method in methods if method.bench is None]
    for tool in dict.fromkeys(calls):
        target = target_of(Request("tool", tool, {}), scenario.policy, laboratory.registry)
        refusal = target.refusal(one.label | scenario.policy.label, scenario.policy.label)
        if refusal:
            return point, refusal
    return point, ""
