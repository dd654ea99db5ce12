"""The record: what was asked, believed, promised, measured, concluded, and how to check it.

Knows nothing of molecules, models or graph libraries.
"""

from gaseol.traces.docket import Docket
from gaseol.traces.projection import project
from gaseol.traces.recorder import Recorder
from gaseol.traces.trace import Trace
from gaseol.traces.verifier import verify

__all__ = ["Docket", "Recorder", "Trace", "project", "verify"]
