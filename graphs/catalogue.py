"""Graphs by name: the built-in ones, and those that plug-ins bring."""

import difflib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from gaseol.tools.registry import plugin_objects


class UnknownGraph(LookupError):
    """No graph has the name asked for."""


@dataclass(frozen=True)
class Graph:
    """A named state machine."""

    name: str
    summary: str
    build: Callable[[Callable[..., Any]], Any]
    """Takes the recorder of nodes, gives a LangGraph `StateGraph` over a `Laboratory`."""


def graphs() -> dict[str, Graph]:
    """Return every graph by name."""
    from gaseol.graphs import discover, optimise, survey, tournament

    summary = "rival hypotheses, registered, measured and judged"
    best = "the best case in the fewest experiments, and tested hypotheses on what makes it good"
    read = "what others have written, read through a closed schema and cited; nothing is measured"
    judged = "hypotheses compete in pairs for the slots, and the winners are tested as in discover"
    found = {
        "discover": Graph("discover", summary, discover.build),
        "optimise": Graph("optimise", best, optimise.build),
        "survey": Graph("survey", read, survey.build),
        "tournament": Graph("tournament", judged, tournament.build),
    }
    for _, _, thing in plugin_objects():
        if isinstance(thing, Graph):
            found.setdefault(thing.name, thing)
    return found


def graph(name: str) -> Graph:
    """Return a graph.

    Raises:
        UnknownGraph: there is none of this name; the message offers the nearest.
    """
    known = graphs()
    if name not in known:
        near = difflib.get_close_matches(name, known, n=1)
        hint = f"did you mean '{near[0]}'?" if near else f"there are {', '.join(sorted(known))}"
        raise UnknownGraph(f"there is no graph '{name}'; {hint}")
    return known[name]
