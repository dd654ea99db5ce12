"""The record: what was asked, believed, promised, measured, concluded, and how to check it.

Knows nothing of molecules, models or graph libraries.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gaseol.traces.docket import Docket
    from gaseol.traces.projection import project
    from gaseol.traces.recorder import Recorder
    from gaseol.traces.trace import Trace
    from gaseol.traces.verifier import verify

__all__ = ["Docket", "Recorder", "Trace", "project", "verify"]

_HOMES = {
    "Docket": "docket",
    "Recorder": "recorder",
    "Trace": "trace",
    "project": "projection",
    "verify": "verifier",
}


def __getattr__(name: str) -> Any:
    # a tool's worker needs a failure's type only: what weighs and verifies loads when it is used
    if name in _HOMES:
        from importlib import import_module

        return getattr(import_module(f"gaseol.traces.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
