"""How a question becomes a verdict: LangGraph state machines, and the runner."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gaseol.graphs.catalogue import Graph
    from gaseol.graphs.replay.resuming import resume, start_again
    from gaseol.graphs.running.handle import Run
    from gaseol.graphs.running.launch import run, start

__all__ = ["Graph", "Run", "resume", "run", "start", "start_again"]

_HOMES = {
    "Graph": "gaseol.graphs.catalogue",
    "Run": "gaseol.graphs.running.handle",
    "resume": "gaseol.graphs.replay.resuming",
    "run": "gaseol.graphs.running.launch",
    "start": "gaseol.graphs.running.launch",
    "start_again": "gaseol.graphs.replay.resuming",
}


def __getattr__(name: str) -> Any:
    # the graph library takes over a second to import: only who runs something pays for it
    if name in _HOMES:
        from importlib import import_module

        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
