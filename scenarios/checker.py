"""Does a scenario fit the tools that are here?"""

from collections.abc import Iterator, Mapping
from typing import Any

from gaseol.scenarios.loader import Flaw, ScenarioError
from gaseol.scenarios.scenario import Measurement, Scenario, ToolCall
from gaseol.scenarios.template import places, unit_at
from gaseol.tools.registry import Registry, UnknownToolError
from gaseol.tools.units import UnitError, check_unit, same_dimension


def check(scenario: Scenario, registry: Registry) -> None:
    """Check tools, their arguments, places, units and requirements before anything is run.

    Raises:
        ScenarioError: with every flaw found.
    """
    flaws = [*_tools(scenario, registry), *_units(scenario, registry)]
    if flaws:
        raise ScenarioError(flaws)


def _calls(scenario: Scenario) -> Iterator[tuple[str, ToolCall | Measurement, set[str]]]:
    """Yield every tool call, where it stands, and the arguments that are added later."""
    if scenario.cases.tool:
        yield "cases.tool", scenario.cases.tool, set()
    for i, call in enumerate(scenario.features):
        yield f"features.{i}", call, set()
    if scenario.pairs:
        yield "pairs", scenario.pairs, set()
    yield "measurement", scenario.measurement, set()
    if scenario.check:
        yield "check", scenario.check, set()
    rivals = scenario.hypotheses.rivals
    if rivals:
        yield "hypotheses.rivals", rivals, {key for own in rivals.each.values() for key in own}


def _tools(scenario: Scenario, registry: Registry) -> Iterator[Flaw]:
    for where, call, later in _calls(scenario):
        try:
            tool = registry.get(call.tool)
        except UnknownToolError as error:
            yield Flaw(f"{where}.tool", str(error))
            continue
        missing = tool.missing()
        if missing:
            yield Flaw(
                f"{where}.tool",
                f"{call.tool} needs {', '.join(missing)}, which is not installed on this machine",
            )
        yield from _arguments(where, call.arguments, later, tool.input_schema)
        if isinstance(call, Measurement):
            known = {*scenario.variables, scenario.cases.key, "seed", "reading"}
            for name in sorted(places(call.arguments) - known):
                yield Flaw(
                    f"{where}.arguments",
                    f"nothing fills the place {{{name}}}; there are {', '.join(sorted(known))}",
                )


def _arguments(
    where: str, given: Mapping[str, Any], later: set[str], schema: Mapping[str, Any]
) -> Iterator[Flaw]:
    import difflib

    accepted = schema.get("properties", {})
    for name in sorted((set(given) | later) - set(accepted)):
        near = difflib.get_close_matches(name, accepted, n=1)
        hint = f"did you mean '{near[0]}'?" if near else f"it takes {', '.join(accepted)}"
        yield Flaw(f"{where}.arguments.{name}", f"is no argument of the tool; {hint}")
    for name in schema.get("required", ()):
        if name not in given and name not in later:
            yield Flaw(f"{where}.arguments", f"the argument '{name}' is missing")


def _units(scenario: Scenario, registry: Registry) -> Iterator[Flaw]:
    for name, variable in scenario.variables.items():
        try:
            check_unit(variable.unit)
        except UnitError as error:
            yield Flaw(f"variables.{name}.unit", str(error))
    methods = [("measurement", scenario.measurement)]
    if scenario.check:
        methods.append(("check", scenario.check))
    for where, method in methods:
        if method.tool not in registry:
            continue
        try:
            declared = unit_at(registry.get(method.tool).output_schema, method.value)
        except KeyError as error:
            yield Flaw(f"{where}.value", f"the result of {method.tool} has no {error}")
            continue
        try:
            if declared is not None and not same_dimension(declared, method.unit):
                yield Flaw(
                    f"{where}.unit",
                    f"{method.tool} gives {declared}, which cannot be told in {method.unit}",
                )
            elif declared is None:
                check_unit(method.unit)
        except UnitError as error:
            yield Flaw(f"{where}.unit", str(error))
    check_method = scenario.check
    if check_method and check_method.unit != scenario.measurement.unit:
        yield Flaw("check.unit", f"must be the measurement's, {scenario.measurement.unit}")
