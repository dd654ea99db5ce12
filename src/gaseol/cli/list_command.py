"""`gaseol list`."""

from collections.abc import Iterator
from typing import Any

import click

_KINDS = ("scenarios", "tools", "runs", "graphs", "scientists")


@click.command("list")
@click.argument("kind", type=click.Choice(_KINDS))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def command(kind: str, as_json: bool) -> None:
    """List what there is of KIND: scenarios, tools, runs, graphs or scientists."""
    rows = list({"scenarios": _scenarios, "tools": _tools, "runs": _runs, "graphs": _graphs,
                 "scientists": _scientists}[kind]())  # fmt: skip
    if as_json:
        import orjson

        click.echo(orjson.dumps(rows, option=orjson.OPT_INDENT_2))
        return
    width = max((len(row["name"]) for row in rows), default=0)
    for row in rows:
        click.echo(f"{row['name']:<{width}}  {row['summary']}")


def _scenarios() -> Iterator[dict[str, Any]]:
    from gaseol.scenarios.catalogue import builtin
    from gaseol.scenarios.loader import load

    for name, path in builtin().items():
        scenario = load(path)
        yield {"name": name, "summary": scenario.title, "field": scenario.field, "path": str(path)}


def _tools() -> Iterator[dict[str, Any]]:
    from gaseol.tools.registry import Registry

    registry = Registry.load()
    for tool in registry:
        missing = tool.missing()
        lacking = f" (not available: {', '.join(missing)} not installed)" if missing else ""
        yield {
            "name": tool.name,
            "summary": tool.summary + lacking,
            "tags": tool.tags,
            "seconds": tool.seconds,
            "missing": missing,
        }
    for problem in registry.problems:
        yield {"name": problem.plugin, "summary": f"BROKEN plug-in: {problem.reason}"}


def _runs() -> Iterator[dict[str, Any]]:
    from gaseol.cli.errors import said
    from gaseol.traces.docket import Docket
    from gaseol.traces.shelf import runs
    from gaseol.traces.trace import Trace

    for path in runs():
        try:
            trace = Trace(path)
            status = trace.status
            verdicts = [v.ruling.value for v in Docket.of(trace).verdicts.values()]
        except (ValueError, OSError) as error:
            what = said(error) or str(error)
            yield {"name": path.name, "summary": f"BROKEN: {what}", "path": str(path)}
            continue
        counts = [f"{verdicts.count(r)} {r}" for r in ("supported", "refuted", "undecided", "invalid")
                  if r in verdicts]  # fmt: skip
        yield {"name": path.name, "summary": ", ".join([status, *counts]), "path": str(path)}


def _graphs() -> Iterator[dict[str, Any]]:
    from gaseol.graphs.catalogue import graphs

    for graph in graphs().values():
        yield {"name": graph.name, "summary": graph.summary}


def _scientists() -> Iterator[dict[str, Any]]:
    yield {"name": "embedded", "summary": "no language model; deterministic; the control arm"}
