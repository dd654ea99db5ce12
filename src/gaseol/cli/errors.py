"""Which errors are the asker's to mend: a message and exit code 2, not a traceback."""

from gaseol.scenarios.loader import ScenarioError
from gaseol.tools.contract import Refuse, Retry
from gaseol.tools.registry import RegistryError
from gaseol.tools.units import UnitError
from gaseol.traces.recorder import RecordExists, RecordInUse
from gaseol.traces.trace import BrokenLine, NotARun


def said(error: Exception) -> str | None:
    """Return the message of an error in what was asked; None for a fault of ours."""
    if isinstance(error, ScenarioError):
        lines = [str(flaw) for flaw in error.flaws]
        return "\n        ".join(lines)
    mendable = (
        NotARun,
        BrokenLine,
        RecordExists,
        RecordInUse,
        RegistryError,
        UnitError,
        Refuse,
        Retry,
    )
    if isinstance(error, (*mendable, PermissionError)):
        return str(error)
    if type(error).__name__ in ("UnknownScientist", "UnknownGraph"):
        return str(error)
    return None
