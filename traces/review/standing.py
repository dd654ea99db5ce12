"""How a review stands: what is open, who judges what, who signed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from gaseol.traces.review.entry import Entry
from gaseol.traces.review.target import AtClaim, AtHypothesis

SEVERITIES = ("blocking", "major", "minor", "info")
"""The gravest first."""


@dataclass
class Standing:
    """What all entries together come to."""

    open: list[Entry] = field(default_factory=list[Entry])
    """Notes and questions that nobody resolved, the gravest first."""
    resolved: list[Entry] = field(default_factory=list[Entry])
    replies: dict[str, list[Entry]] = field(default_factory=dict[str, list[Entry]])
    """Replies and resolutions by the digest of the entry they are about."""
    judgements: dict[str, dict[str, Entry]] = field(default_factory=dict[str, dict[str, Entry]])
    """Claim or hypothesis to reviewer to their latest judgement."""
    signoffs: list[Entry] = field(default_factory=list[Entry])

    @classmethod
    def of(cls, entries: Sequence[Entry]) -> "Standing":
        """Fold entries, in their order, as `reviews` returns them."""
        by_digest = {entry.digest: entry for entry in entries}
        withdrawn = {
            e.about
            for e in entries
            if e.kind == "withdraw" and e.about in by_digest and by_digest[e.about].by == e.by
        }
        said = [e for e in entries if e.kind != "withdraw" and e.digest not in withdrawn]
        settled = {e.about for e in said if e.kind == "resolve"}
        found = cls()
        for entry in said:
            match entry.kind:
                case "note" | "question":
                    (found.resolved if entry.digest in settled else found.open).append(entry)
                case "reply" | "resolve":
                    found.replies.setdefault(entry.about or "", []).append(entry)
                case "judgement":
                    found.judgements.setdefault(_judged(entry), {})[entry.by] = entry
                case "signoff":
                    found.signoffs.append(entry)
                case _:
                    pass
        found.open.sort(key=lambda e: SEVERITIES.index(e.severity or "info"))
        return found

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {
            "open": [e.to_json() for e in self.open],
            "resolved": [e.to_json() for e in self.resolved],
            "replies": {k: [e.to_json() for e in v] for k, v in self.replies.items()},
            "judgements": {
                k: {by: e.to_json() for by, e in v.items()} for k, v in self.judgements.items()
            },
            "signoffs": [e.to_json() for e in self.signoffs],
        }


def _judged(entry: Entry) -> str:
    match entry.target:
        case AtClaim(claim=name) | AtHypothesis(hypothesis=name):
            return name
        case _:
            return ""
