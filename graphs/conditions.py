"""Conditions that may be combined: the space that the ranges and labels of variables span."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

from gaseol.scenarios.loader import Flaw, ScenarioError
from gaseol.scenarios.scenario import Scenario
from gaseol.tools.space import Cell, SpaceError

if TYPE_CHECKING:
    from gaseol.tools.table_space import Conditions


def conditions(scenario: Scenario) -> "Conditions":
    """Return the space of a scenario whose cases are conditions.

    Raises:
        ScenarioError: a variable has neither a range nor labels, or all combinations are excluded.
    """
    from gaseol.tools.table_space import Column, Conditions

    asked = scenario.cases.conditions
    if asked is None:
        raise ScenarioError([Flaw("cases.conditions", "is missing")])
    columns: list[Column] = []
    thought: Mapping[str, Literal["high", "low"]] = (
        scenario.campaign.prefers if scenario.campaign else {}
    )
    try:
        for name, variable in scenario.variables.items():
            prefers: Literal["high", "low", ""] = thought.get(name, "")
            cells: list[Cell] = [*(variable.among or ())]
            if cells:
                columns.append(Column.of(name, cells, prefers=prefers))
            elif variable.low is not None and variable.high is not None:
                low, high = variable.low, variable.high
                columns.append(Column(name, low=low, high=high, prefers=prefers))
            else:
                what = "has neither `low` and `high` nor `among`, between which to choose"
                raise ScenarioError([Flaw(f"variables.{name}", what)])
        return Conditions(tuple(columns), asked.excluded)
    except SpaceError as error:
        raise ScenarioError([Flaw("cases.conditions", str(error))]) from None
