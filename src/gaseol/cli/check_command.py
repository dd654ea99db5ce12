"""`gaseol check`."""

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from gaseol.cli.permission import allow_weak

if TYPE_CHECKING:
    from gaseol.scenarios.scenario import Scenario
    from gaseol.subject import Subject
    from gaseol.tools.conformance import Report


@click.command("check")
@click.argument("thing")
@allow_weak
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def command(thing: str, allow_weak: bool, as_json: bool) -> None:
    """Check THING: a scenario, or a plug-in and what it brings.

    A scenario is a folder, a file or a name, and is held against the tools that are here. A
    plug-in is a tool's name, a file or a folder of tools, an installed package or a module: its
    tools are called in isolated workers, compared, cut off and attacked; its graphs and
    scientists run a small question.

    Exits with 1 when a plug-in does not hold, with 2 when a scenario cannot be run or there is
    no such thing.
    """
    from gaseol.subject import subject
    from gaseol.tools.site import allow_weak_isolation

    if allow_weak:
        allow_weak_isolation()
    found = subject(thing, allow_weak=allow_weak)
    if found is not None:
        sys.exit(_tell(_reports(found, allow_weak=allow_weak), as_json=as_json))
    scenario = _checked(thing, allow_weak=allow_weak)
    if as_json:
        from gaseol.tools.conformance import Report

        sys.exit(_tell(iter([Report(scenario.name, ())]), as_json=True))
    click.echo(_said(scenario))


def _reports(found: "Subject", *, allow_weak: bool) -> "Iterator[Report]":
    from gaseol.agents.roles import Scientist
    from gaseol.graphs.catalogue import Graph
    from gaseol.graphs.conformance import check_graph, check_scientist
    from gaseol.scenarios.scenario import Scenario
    from gaseol.subject import unique
    from gaseol.tools.conformance import Report, check_entry
    from gaseol.tools.conformance.finding import flaw

    count = 0
    for problem in found.problems:
        count += 1
        yield Report(problem.plugin, (flaw("import", problem.reason),))
    for entry in found.entries:
        count += 1
        yield check_entry(entry, allow_weak=allow_weak)
    for kind, check in ((Graph, check_graph), (Scientist, check_scientist)):
        for thing in unique(found.things, kind):
            count += 1
            yield check(thing)  # pyright: ignore[reportArgumentType] (of the type it was found by)
    for thing in unique(found.things, Scenario):
        count += 1
        yield _of_scenario(thing, allow_weak=allow_weak)  # pyright: ignore[reportArgumentType]
    if not count:
        yield Report(found.name, (flaw("content", "brings no tool, graph, scientist or scenario"),))


def _of_scenario(scenario: "Scenario", *, allow_weak: bool) -> "Report":
    from gaseol.scenarios.loader import ScenarioError
    from gaseol.tools.conformance import Report
    from gaseol.tools.conformance.finding import flaw, ok

    name = f"scenario {scenario.name}"
    if scenario.folder is None:
        return Report(
            name, (flaw("folder", "knows no folder; make it with gaseol.scenarios.load"),)
        )
    try:
        _checked(str(scenario.folder), allow_weak=allow_weak)
    except ScenarioError as error:
        return Report(name, tuple(flaw(one.where, one.what) for one in error.flaws))
    return Report(name, (ok("question", scenario.question.strip()),))


def _checked(thing: str, *, allow_weak: bool) -> "Scenario":
    from gaseol.graphs.catalogue import graph
    from gaseol.graphs.running.servers import with_servers
    from gaseol.scenarios.checker import check
    from gaseol.scenarios.loader import load, load_answer
    from gaseol.tools.registry import Registry
    from gaseol.tools.workers.pool import Pool

    scenario = load(thing)
    folder = scenario.folder
    if folder is not None:
        load_answer(folder)
    # workers start when something is called: here nothing is but the servers that are named
    registry = Registry.load([folder] if folder else [], trust=allow_weak)
    with Pool(registry, jobs=1) as pool, with_servers(scenario, pool, trust=allow_weak) as ready:
        check(scenario, ready.registry)
    graph(scenario.graph)
    return scenario


def _said(scenario: "Scenario") -> str:
    if not scenario.measures:
        return (
            f"{scenario.name}: holds. {len(scenario.literature)} searches, at most "
            f"{scenario.reading.most} texts read for {', '.join(scenario.reading.sought)}; "
            "nothing is measured."
        )
    settings = scenario.hypotheses
    return (
        f"{scenario.name}: holds. At most {settings.maximum} hypotheses at alpha = "
        f"{settings.alpha:g}, {scenario.budget.experiments} experiments, "
        f"measured by {scenario.measurement.tool}."
    )


def _tell(reports: "Iterator[Report]", *, as_json: bool) -> int:
    told: list[dict[str, Any]] = []
    holds = True
    for report in reports:
        holds = holds and report.holds
        told.append(report.to_json())
        if not as_json:
            click.echo(str(report))
    if as_json:
        import orjson

        click.echo(orjson.dumps({"holds": holds, "reports": told}, option=orjson.OPT_INDENT_2))
    return 0 if holds else 1
