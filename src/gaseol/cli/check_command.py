"""`gaseol check`."""

import click


@click.command("check")
@click.argument("thing")
def command(thing: str) -> None:
    """Check THING, a scenario's folder, file or name, against the tools that are here.

    Exits with 2 and a line for every flaw.
    """
    from gaseol.graphs.catalogue import graph
    from gaseol.scenarios.checker import check
    from gaseol.scenarios.loader import load, load_answer
    from gaseol.tools.registry import Registry

    scenario = load(thing)
    folder = scenario.folder
    if folder is not None:
        load_answer(folder)
    check(scenario, Registry.load([folder] if folder else []))
    graph(scenario.graph)
    settings = scenario.hypotheses
    click.echo(
        f"{scenario.name}: holds. At most {settings.maximum} hypotheses at alpha = "
        f"{settings.alpha:g}, {scenario.budget.experiments} experiments, "
        f"measured by {scenario.measurement.tool}."
    )
