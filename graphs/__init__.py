"""How a question becomes a verdict: LangGraph state machines, and the runner."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gaseol.graphs.catalogue import Graph
    from gaseol.graphs.handle import Run
    from gaseol.graphs.launch import run, start
    from gaseol.graphs.resuming import resume, start_again

__all__ = ["Graph", "Run", "resume", "run", "start", "start_again"]

_HOMES = {
    "Graph": "gaseol.graphs.catalogue",
    "Run": "gaseol.graphs.handle",
    "resume": "gaseol.graphs.resuming",
    "run": "gaseol.graphs.launch",
    "start": "gaseol.graphs.launch",
    "start_again": "gaseol.graphs.resuming",
}


def __getattr__(name: str) -> Any:
    # the graph library takes over a second to import: only who runs something pays for it
    if name in _HOMES:
        from importlib import import_module

        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
