"""The record: what was asked, believed, promised, measured, concluded, and how to check it.

Knows nothing of molecules, models or graph libraries.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gaseol.traces.record.docket import Docket
    from gaseol.traces.record.projection import project
    from gaseol.traces.record.recorder import Recorder
    from gaseol.traces.record.trace import Trace
    from gaseol.traces.verification.verifier import verify

__all__ = ["Docket", "Recorder", "Trace", "project", "verify"]

_HOMES = {
    "Docket": "record.docket",
    "Recorder": "record.recorder",
    "Trace": "record.trace",
    "project": "record.projection",
    "verify": "verification.verifier",
}


def __getattr__(name: str) -> Any:
    # a tool's worker needs a failure's type only: what weighs and verifies loads when it is used
    if name in _HOMES:
        from importlib import import_module

        return getattr(import_module(f"gaseol.traces.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
