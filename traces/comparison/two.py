"""Two runs side by side: where they part, and what differs, noun by noun."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from gaseol.traces.comparison.difference import Differences
from gaseol.traces.comparison.divergence import Divergence, divergence
from gaseol.traces.comparison.outline import Outline
from gaseol.traces.comparison.pairing import Difference, plural
from gaseol.traces.comparison.payload import Contrast
from gaseol.traces.record.trace import Trace

NOUNS = (
    "question", "hypotheses", "registrations", "experiments", "measurements", "verdicts",
    "claims", "cost", "versions",
)  # fmt: skip

_LONGEST = 100
"""Differences told of one noun; more are counted."""


@dataclass
class Comparison:
    """What two runs share and what they do not."""

    a: dict[str, Any]
    b: dict[str, Any]
    divergence: Divergence | None
    """The first event they do not share; None where they say the same to the end."""
    differences: dict[str, list[Difference]]
    notes: list[str] = field(default_factory=list[str])
    """What could not be compared."""

    @property
    def same(self) -> bool:
        """True when no difference was found."""
        return self.divergence is None and not any(self.differences.values())

    def to_json(self) -> dict[str, Any]:
        """Return it as one JSON document."""
        return {
            "same": self.same,
            "a": self.a,
            "b": self.b,
            "divergence": self.divergence.to_json() if self.divergence else None,
            "differences": {
                noun: [d.to_json() for d in found] for noun, found in self.differences.items()
            },
            "notes": self.notes,
        }


def compare(a: Trace, b: Trace) -> Comparison:
    """Compare two records, of one scenario or not.

    Raises:
        BrokenLine: a line of one of them is no event.
        ValidationError: an event is not of its kind.
    """
    contrast = Contrast(a, b)
    x, y = Outline.begun(a), Outline.begun(b)
    parting = divergence(contrast, x.add, y.add)
    finder = Differences(contrast, x, y)
    differences = {noun: _told(finder, noun) for noun in NOUNS}
    notes = [
        f"{plural(count, 'payload', 'payloads')} could not be compared: {why} in one of the runs"
        for why, count in contrast.unread.items()
    ]
    return Comparison(_about(a, x), _about(b, y), parting, differences, notes)


def _told(finder: Differences, noun: str) -> list[Difference]:
    found: Iterator[Difference] = getattr(finder, noun)()
    told = list(islice(found, _LONGEST))
    more = sum(1 for _ in found)
    return [*told, Difference(f"and {more} more differences")] if more else told


def _about(trace: Trace, outline: Outline) -> dict[str, Any]:
    """Return what names a run and its size."""
    started, ended = outline.started, outline.ended
    return {
        "run": outline.run.get("id") or trace.folder.name,
        "path": str(trace.folder),
        "scenario": started.scenario if started else None,
        "seed": started.seed if started else None,
        "scientist": started.scientist if started else None,
        "status": outline.status,
        "events": outline.events,
        "hypotheses": len(outline.registrations),
        "measurements": len(outline.measurements),
        "cost": dict(ended.cost) if ended else {},
    }
