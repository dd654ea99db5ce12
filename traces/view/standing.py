"""What can be said of a record as a whole: whether it is intact, and what replays found."""

import time
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import Any

from gaseol.traces.record.trace import BrokenLine, Trace
from gaseol.traces.verification.verifier import verify

_SHOWN = 200
"""Problems and notes that are handed out."""


def standing(folder: Path) -> dict[str, Any]:
    """Verify a record and return what was found, as a page shows it."""
    began = time.monotonic()
    try:
        found = verify(folder)
    except Exception as error:  # noqa: BLE001 (a record that breaks its verifier is shown broken)
        what = _here(f"it could not be verified: {type(error).__name__}: {error}", folder)
        return {"state": "done", "integrity": "broken", "holds": False, "events": 0, "head": "",
                "problems": [what], "notes": [], "checked": {}, "seconds": 0.0}  # fmt: skip
    return {
        "state": "done",
        "events": found.events,
        "head": found.head,
        "checked": found.checked,
        "withheld": found.withheld,
        "integrity": str(found.integrity.value),
        "signers": [asdict(s) for s in found.signers],
        "holds": bool(found.holds),
        "problems": [_here(p, folder) for p in found.problems[:_SHOWN]],
        "problem_count": len(found.problems),
        "notes": [_here(n, folder) for n in found.notes[:_SHOWN]],
        "seconds": time.monotonic() - began,
    }


def inspection(folder: Path) -> list[dict[str, Any]] | None:
    """Return the four checks of every claim; None where they cannot be made."""
    module = _optional("gaseol.traces.inspection.claims")
    if module is None:
        return None
    try:
        found = module.inspect(Trace(folder))
    except (BrokenLine, LookupError, ValueError, TypeError, OSError):
        return None
    return [
        {
            "claim": f.claim,
            "check": f.check,
            "holds": f.holds,
            "says": _here(f.says, folder),
            "events": list(f.events)[:5000],
        }
        for f in found
    ]


def replay(folder: Path, head: str) -> dict[str, Any] | None:
    """Return the labels that the last replay gave; None where nobody has replayed the run.

    They are stale where the record has another head than the one that was replayed.
    """
    module = _optional("gaseol.traces.record.labels")
    if module is None:
        return None
    try:
        found = module.load(folder)
    except (ValueError, OSError):
        return None
    if found is None:
        return None
    return {
        "mode": found.mode,
        "stale": found.head != head,
        "at": found.at,
        "holds": found.holds,
        "divergence": str(found.divergence)[:2000],
        "spans": [[s.first, s.last, s.label] for s in found.spans],
    }


def remarks(folder: Path) -> dict[str, Any]:
    """Return what reviewers wrote: every entry, and what does not hold of their chains."""
    module = _optional("gaseol.traces.review.book")
    if module is None:
        return {"available": False, "entries": [], "problems": []}
    problems: list[str] = []
    entries: list[dict[str, Any]] = []
    try:
        problems = [_here(p, folder) for p in module.check(folder)][:_SHOWN]
        entries = [_entry(e) for e in module.reviews(folder)]
    except (ValueError, LookupError, OSError, TypeError) as error:
        problems.append(_here(f"{type(error).__name__}: {error}", folder))
    return {"available": True, "entries": entries, "problems": problems}


def _entry(entry: Any) -> dict[str, Any]:
    said = entry.to_json() if hasattr(entry, "to_json") else entry.model_dump(mode="json")
    return {**said, "digest": entry.digest, "reviewer": getattr(entry, "reviewer", entry.by)}


def comparison(folder: Path, beside: Path) -> dict[str, Any] | None:
    """Return what differs between two runs; None where they cannot be compared."""
    module = _optional("gaseol.traces.comparison.two")
    if module is None:
        return None
    try:
        return module.compare(Trace(folder), Trace(beside)).to_json()
    except (BrokenLine, LookupError, ValueError, TypeError, OSError) as error:
        return {"failed": _here(f"{type(error).__name__}: {error}", folder, beside)}


def _here(said: object, *folders: Path) -> str:
    """Return words without the places of this machine: they may be handed on."""
    text = str(said)
    for folder in folders:
        for place in (str(folder.resolve()), str(folder)):
            text = text.replace(place, "the run") if len(place) > 1 else text
    return text[:2000]


def _optional(name: str) -> Any:
    try:
        return import_module(name)
    except ImportError:
        return None
