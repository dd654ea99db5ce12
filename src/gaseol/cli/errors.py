"""Which errors are the asker's to mend: a message and exit code 2, not a traceback."""

from pydantic import ValidationError

from gaseol.scenarios.loader import ScenarioError
from gaseol.tools.contract import Refuse, Retry
from gaseol.tools.corpus.index import CorpusError
from gaseol.tools.egress.credentials import BadCredentials
from gaseol.tools.registry import RegistryError
from gaseol.tools.site import SiteError
from gaseol.tools.units import UnitError
from gaseol.traces.record.event import KINDS
from gaseol.traces.record.inbox import BrokenInbox
from gaseol.traces.record.recorder import RecordExists, RecordInUse, RunSealed
from gaseol.traces.record.remains import BrokenRecord
from gaseol.traces.record.seal import NotSealed
from gaseol.traces.record.trace import BrokenLine, NotARun
from gaseol.traces.signatures.keys import KeyProblem
from gaseol.traces.signatures.signing import SignatureError

_OURS = (
    "UnknownScientist", "UnknownGraph", "UnknownSubject", "BadName", "Unreplayable", "Unresumable", "BrokenSetup",
    "BadBranch", "BadLesson", "BadAnswer", "BadSweep", "ClusterError", "StoreError", "PeopleError", "OtherRun", "ProfileProblem", "NotCleared", "ModelSilent",
)  # fmt: skip
"""Of modules that are not worth importing to name their errors."""
_ON_RECORD = {*(fact.__name__ for fact in KINDS.values()), "Seal"}


def said(error: Exception) -> str | None:
    """Return the message of an error in what was asked; None for a fault of ours."""
    if isinstance(error, ScenarioError):
        lines = [str(flaw) for flaw in error.flaws]
        return "\n        ".join(lines)
    mendable = (
        BadCredentials,
        CorpusError,
        NotARun,
        NotSealed,
        BrokenInbox,
        BrokenLine,
        BrokenRecord,
        KeyProblem,
        SignatureError,
        RecordExists,
        RecordInUse,
        RunSealed,
        RegistryError,
        SiteError,
        UnitError,
        Refuse,
        Retry,
    )
    if isinstance(error, mendable):
        return str(error)
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    if isinstance(error, ValidationError) and error.title in _ON_RECORD:
        return f"the record holds a broken {error.title}; see: gaseol verify"
    if type(error).__name__ in _OURS:
        return str(error)
    return None
