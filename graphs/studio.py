"""The graphs as LangGraph's own tools open them: `langgraph.json` names what stands here.

To be looked at. What drives a graph is a laboratory (question, scientist, record, instruments), and a
run begins one, so that nothing is measured off the record.
"""

from collections.abc import Callable
from typing import Any

from gaseol.graphs.catalogue import graph


class NoLaboratory(RuntimeError):
    """A graph was started by itself, where nothing could be recorded."""


def opened(name: str) -> Any:
    """Return a graph, compiled, that can be looked at from end to end.

    Raises:
        UnknownGraph: there is none of this name.
    """

    def guarded(step: str, node: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
        def run(state: Any, runtime: Any) -> dict[str, Any]:
            if getattr(runtime, "context", None) is None:
                raise NoLaboratory(
                    f"'{step}' of '{name}' needs a laboratory; begin a run, which has one: gaseol run "
                    "SCENARIO, or gaseol.graphs.start in Python"
                )
            return node(state, runtime)

        return run

    return graph(name).build(guarded).compile(name=name)


discover = opened("discover")
optimise = opened("optimise")
survey = opened("survey")
tournament = opened("tournament")
