"""Conformance of graphs and scientists: they run a small question, and their record holds."""

import inspect
import tempfile
from collections.abc import Iterator
from pathlib import Path

from gaseol.agents import roles
from gaseol.agents.roles import Scientist
from gaseol.graphs.catalogue import Graph, graphs
from gaseol.graphs.replay.replaying import replay
from gaseol.graphs.running.launch import run
from gaseol.scenarios.loader import load
from gaseol.scenarios.scenario import Scenario
from gaseol.tools.conformance import Finding, Report
from gaseol.tools.conformance.finding import flaw, ok
from gaseol.traces import verify

_ROLES = {
    "theorist": roles.Theorist,
    "sceptic": roles.Sceptic,
    "designer": roles.Designer,
    "interpreter": roles.Interpreter,
    "writer": roles.Writer,
}
_OPTIONAL = {
    "referee": roles.Referee,
    "reviser": roles.Reviser,
    "reviewer": roles.Reviewer,
    "experimentalist": roles.Experimentalist,
    "suggester": roles.Suggester,
    "observer": roles.Observer,
}
"""Roles that a scientist may leave to the embedded one, or to nobody."""


def check_scientist(scientist: Scientist) -> Report:
    """Check that a scientist has every role, and that a run by it can be verified and replayed.

    Args:
        scientist: found or made.
    """
    return Report(f"scientist {scientist.name}", tuple(_of_scientist(scientist)))


def check_graph(graph: Graph) -> Report:
    """Check that a run of a graph can be verified and replayed.

    Args:
        graph: of an installed plug-in, or `discover`.
    """
    return Report(f"graph {graph.name}", tuple(_of_graph(graph)))


def _of_scientist(scientist: Scientist) -> Iterator[Finding]:
    for role, protocol in (_ROLES | _OPTIONAL).items():
        own = getattr(scientist, role)
        wrong = "" if own is None and role in _OPTIONAL else _unlike(own, protocol)
        if wrong:
            yield flaw(role, wrong)
            return
    yield ok("roles", ", ".join(_ROLES))
    yield from _rehearsed(_question("discover"), scientist)


def _of_graph(graph: Graph) -> Iterator[Finding]:
    if graphs().get(graph.name) != graph:
        yield flaw("name", f"another graph is named {graph.name!r}; rename this one")
        return
    yield ok("name", graph.summary or graph.name)
    from gaseol.agents.embedded import embedded

    yield from _rehearsed(_question(graph.name), embedded())


def _rehearsed(question: Scenario, scientist: Scientist) -> Iterator[Finding]:
    """Run a small question in a scratch folder, verify its record and replay it strictly."""
    with tempfile.TemporaryDirectory(prefix="gaseol-rehearsal-") as scratch:
        folder = Path(scratch) / "run"
        try:
            made = run(question, scientist=scientist, out=folder, jobs=1, report=False)
        except Exception as error:  # noqa: BLE001 (whatever a plug-in raises is what is wrong)
            yield flaw("run", f"a small question fails: {type(error).__name__}: {error}")
            return
        yield ok("run", f"a small question ended as {made.status}, "
                        f"{len(made.summary()['hypotheses'])} hypotheses")  # fmt: skip
        verified = verify(folder)
        if not verified.holds:
            yield flaw("record", f"does not verify: {verified.problems[0]}")
            return
        yield ok("record", "verified")
        again = replay(folder, scientist=scientist)
        if again.holds:
            yield ok("replay", "driven by its record, it does the same")
        else:
            why = str(again.divergence or "; ".join(again.problems))
            yield flaw("replay", f"driven by its own record, it does something else: {why}; it must "
                                 "be deterministic given the answers")  # fmt: skip


def _question(graph: str) -> Scenario:
    """Return the built-in question `null`, made small."""
    question = load("null")
    asked = question.model_dump(mode="json", exclude_none=True)
    asked["graph"] = graph
    asked["cases"]["tool"]["arguments"]["count"] = 60
    asked["hypotheses"] |= {"maximum": 2, "draws": 20, "pilot": 10}
    asked["budget"] |= {"experiments": 60}
    assert question.folder is not None
    return Scenario.model_validate(asked).placed(question.folder)


def _unlike(role: object, protocol: type) -> str:
    """Say what a role lacks of its protocol; empty when it lacks nothing."""
    for name, wanted in inspect.getmembers(protocol, inspect.isfunction):
        if name.startswith("_"):
            continue
        found = getattr(role, name, None)
        takes = list(inspect.signature(wanted).parameters)[1:]
        if not callable(found):
            return f"{type(role).__name__} has no method {name}({', '.join(takes)})"
        try:
            inspect.signature(found).bind(*takes)
        except TypeError as error:
            return f"{type(role).__name__}.{name} must take ({', '.join(takes)}): {error}"
    return ""
