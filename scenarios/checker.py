"""Does a scenario fit the tools that are here?"""

import difflib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from gaseol.scenarios.cases import ToolCall
from gaseol.scenarios.figure import LIMIT_BYTES
from gaseol.scenarios.loader import Flaw, ScenarioError
from gaseol.scenarios.measurement import Measurement
from gaseol.scenarios.reading import CORPUS, Search
from gaseol.scenarios.scenario import Scenario
from gaseol.scenarios.table import read_table
from gaseol.scenarios.template import TemplateError, file_bytes, files, fill, places, unit_at
from gaseol.tools.contract.requirement import how_to_get
from gaseol.tools.registry import Registry, UnknownToolError
from gaseol.tools.site import site
from gaseol.tools.units import UnitError, check_unit, same_dimension

_OWN = frozenset({"seed", "reading", "lot"})
"""Places of a measurement that no column fills."""


def check(scenario: Scenario, registry: Registry) -> None:
    """Check tools, their arguments, places, units and requirements before anything is run.

    Raises:
        ScenarioError: with every flaw found.
    """
    here = str(scenario.folder.resolve()) if scenario.folder else None
    broken = [Flaw("tools", p.reason) for p in registry.problems if p.plugin == here]
    flaws = broken or [
        *_tools(scenario, registry),
        *_units(scenario, registry),
        *_table(scenario),
        *_searches(scenario),
        *_readings(scenario),
        *_remedies(scenario, registry),
        *_figures(scenario),
        *beyond_site(scenario),
    ]
    if flaws:
        raise ScenarioError(flaws)


def beyond_site(scenario: Scenario) -> Iterator[Flaw]:
    """Yield what the policy asks for beyond the site's ceiling.

    Raises:
        SiteError: the site file cannot be used.
    """
    here = site()
    if here is not None:
        for field, why in here.policy.excess(scenario.policy):
            yield Flaw(f"policy.{field}", f"{why} ({here.name})")


def _searches(scenario: Scenario) -> Iterator[Flaw]:
    """Yield the sources that are not known, and those that the policy does not let be asked."""
    if not scenario.literature:
        return
    from gaseol.tools.egress.reach import Host, Reach
    from gaseol.tools.sources.connector import UnknownConnector, connector

    reach = Reach(scenario.policy.hosts)
    for i, search in enumerate(scenario.literature):
        where = f"literature.{i}.source"
        if search.source == CORPUS:
            yield from _corpus(scenario, search, f"literature.{i}")
            continue
        try:
            source = connector(search.source)
        except UnknownConnector as error:
            yield Flaw(where, str(error))
            continue
        closed = [host for host in source.hosts if Host.parse(host) not in reach.hosts]
        if closed:
            yield Flaw(where, f"{source.name} asks {closed[0]}: name it in policy.network")


def _corpus(scenario: Scenario, search: Search, where: str) -> Iterator[Flaw]:
    """Yield why a corpus, or texts in the scenario's folder, cannot be searched."""
    if search.file is not None:
        try:
            fill({"file": search.file}, {}, scenario.folder)
        except TemplateError as error:
            yield Flaw(f"{where}.file", str(error))
        return
    from gaseol.tools.corpus.index import CorpusError, Index, readable
    from gaseol.tools.corpus.vectors import model_of

    try:
        with Index(readable(search.corpus or "default")) as index:
            if search.by_meaning:
                model_of(index)
    except CorpusError as error:
        yield Flaw(f"{where}.corpus", str(error))


def _calls(
    scenario: Scenario,
) -> Iterator[tuple[str, ToolCall | Measurement, set[str] | None]]:
    """Yield every tool call, where it stands, and what may fill its places (None: not known)."""
    if not scenario.measures:
        return
    columns = {*scenario.variables, scenario.cases.key}
    if scenario.cases.tool:
        yield "cases.tool", scenario.cases.tool, {"seed"}
    for i, call in enumerate(scenario.features):
        yield f"features.{i}", call, None
    if scenario.pairs:
        yield "pairs", scenario.pairs, columns | {"seed"}
    yield "measurement", scenario.measurement, columns | _OWN
    for figure in scenario.figures:
        yield f"figures.{figure.name}.confirm", figure.confirm, {"value", "seed"}
    if scenario.check:
        yield "check", scenario.check, columns | _OWN
    for where, method in _outcomes(scenario):
        yield where, method, columns | _OWN
    rivals = scenario.hypotheses.rivals
    if rivals is None:
        return
    for name, own in rivals.each.items():
        whole = ToolCall(tool=rivals.tool, arguments={**rivals.arguments, **own})
        yield f"hypotheses.rivals.each.{name}", whole, columns | {"seed", "rival"}
    for name, other in rivals.others.items():
        yield f"hypotheses.rivals.others.{name}", other, columns | {"seed"}


def _outcomes(scenario: Scenario) -> list[tuple[str, Measurement]]:
    """Return how a campaign's other quantities are measured, and where each stands."""
    given = (scenario.campaign.outcomes if scenario.campaign else None) or {}
    beside = scenario.measurement
    return [
        (f"campaign.outcomes.{name}", outcome.method(name, beside))
        for name, outcome in given.items()
    ]


def _readings(scenario: Scenario) -> Iterator[Flaw]:
    """Yield the measurements of a campaign whose second reading would be the first again."""
    if scenario.campaign is None or scenario.measurement.readings == 1:
        return
    for where, method in [("measurement", scenario.measurement), *_outcomes(scenario)]:
        if method.bench is None and not {"reading", "lot"} & places(method.arguments):
            yield Flaw(
                f"{where}.arguments",
                f"a case may be read {method.readings} times, and nothing tells one reading from "
                "the next: give {lot} or {reading} to an argument (a seed, say), or leave out "
                "`readings`",
            )


def _tools(scenario: Scenario, registry: Registry) -> Iterator[Flaw]:
    for where, call, cells in _calls(scenario):
        yield from _places(where, call, cells, scenario.folder)
        if isinstance(call, Measurement) and call.bench is not None:
            for name in sorted(places(call.bench.protocol) - (cells or set())):
                yield Flaw(f"{where}.bench.protocol", f"nothing fills the place {{{name}}}")
            continue
        try:
            tool = registry.get(call.tool)
        except UnknownToolError as error:
            yield Flaw(f"{where}.tool", str(error))
            continue
        missing = tool.missing()
        if missing:
            yield Flaw(
                f"{where}.tool",
                f"{call.tool} needs {' and '.join(map(how_to_get, missing))}",
            )
        yield from _arguments(where, call, tool.input_schema)


def _places(
    where: str, call: ToolCall | Measurement, cells: set[str] | None, folder: Path | None
) -> Iterator[Flaw]:
    """Yield the places that nothing fills and the files that cannot be read."""
    for name in sorted(places(call.arguments) - cells) if cells is not None else ():
        near = difflib.get_close_matches(name, cells or (), n=1)
        hint = (
            f"did you mean {{{near[0]}}}?"
            if near
            else f"there are {', '.join(sorted(cells or ()))}"
        )
        yield Flaw(f"{where}.arguments", f"nothing fills the place {{{name}}}; {hint}")
    for name in files(call.arguments):
        try:
            fill({"file": name}, {}, folder)
        except TemplateError as error:
            yield Flaw(f"{where}.arguments", str(error))


def _arguments(
    where: str, call: ToolCall | Measurement, schema: Mapping[str, Any]
) -> Iterator[Flaw]:
    accepted = schema.get("properties", {})
    for name in sorted(set(call.arguments) - set(accepted)):
        near = difflib.get_close_matches(name, accepted, n=1)
        hint = f"did you mean '{near[0]}'?" if near else f"it takes {', '.join(accepted)}"
        yield Flaw(f"{where}.arguments.{name}", f"is no argument of {call.tool}; {hint}")
    for name in schema.get("required", ()):
        if name not in call.arguments:
            yield Flaw(f"{where}.arguments", f"{call.tool} needs the argument '{name}'")


def _remedies(scenario: Scenario, registry: Registry) -> Iterator[Flaw]:
    """Yield the remedies that a tool does not take."""
    methods = {"measurement": scenario.measurement, "check": scenario.check}
    for where, method in methods.items():
        if method is None or method.tool not in registry:
            continue
        accepted = registry.get(method.tool).input_schema.get("properties", {})
        for i, remedy in enumerate(method.remedies):
            for name in sorted(set(remedy) - set(accepted)):
                what = f"is no argument of {method.tool}; it takes {', '.join(accepted)}"
                yield Flaw(f"{where}.remedies.{i}.{name}", what)


def _figures(scenario: Scenario) -> Iterator[Flaw]:
    """Yield the pictures that cannot be read, or are none."""
    for figure in scenario.figures:
        where = f"figures.{figure.name}.file"
        try:
            content = file_bytes(figure.file, scenario.folder, LIMIT_BYTES)
        except TemplateError as error:
            yield Flaw(where, str(error))
            continue
        if not figure.depicts(content):
            yield Flaw(where, f"'{figure.file}' is no {figure.media}")


def _table(scenario: Scenario) -> Iterator[Flaw]:
    if not scenario.measures:
        return
    known = scenario.campaign.known if scenario.campaign else None
    for file in (scenario.cases.file, known.file if known else None):
        if file is not None:
            try:
                read_table(scenario.folder or Path(), file)
            except ScenarioError as error:
                yield from error.flaws


def _units(scenario: Scenario, registry: Registry) -> Iterator[Flaw]:
    for name, variable in scenario.variables.items():
        try:
            check_unit(variable.unit)
        except UnitError as error:
            yield Flaw(f"variables.{name}.unit", str(error))
    if not scenario.measures:
        return
    methods = [("measurement", scenario.measurement), *_outcomes(scenario)]
    if scenario.check:
        methods.append(("check", scenario.check))
    for where, method in methods:
        if method.bench is not None:
            try:
                check_unit(method.unit)
            except UnitError as error:
                yield Flaw(f"{where}.unit", str(error))
        if method.tool not in registry:
            continue
        try:
            declared = unit_at(registry.get(method.tool).output_schema, method.value)
        except KeyError:
            yield Flaw(f"{where}.value", f"the result of {method.tool} has no '{method.value}'")
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
