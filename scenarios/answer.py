"""The hidden answer: what is known to be true, with its sources; for scoring only.

No scientist is ever given it: it is opened after the last verdict.
"""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from gaseol.traces.nouns.hypothesis import Hypothesis
from gaseol.traces.nouns.verdict import Ruling
from gaseol.traces.record.docket import Docket

_OPPOSITE = {"raises": "lowers", "lowers": "raises"}


class Entry(BaseModel):
    """One thing that is known."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    relation: dict[str, Any]
    """The part of a hypothesis' relation that this entry speaks of."""
    ruling: Ruling
    source: str = Field(min_length=8)
    note: str = ""


class Answer(BaseModel):
    """What `answer.yaml` says."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    nothing_is_true: bool = False
    """A planted null: no hypothesis may be supported."""
    entries: tuple[Entry, ...] = ()

    def expected(self, hypothesis: Hypothesis) -> Ruling | None:
        """Return the right ruling on a hypothesis; None where nothing is known of it."""
        relation = hypothesis.relation.model_dump(mode="json")
        for entry in self.entries:
            if _within(entry.relation, relation):
                return entry.ruling
            turned = {**relation, "direction": _OPPOSITE.get(relation.get("direction", ""))}
            if "direction" in entry.relation and _within(entry.relation, turned):
                # what raises does not lower; that something fails to raise says less
                return Ruling.REFUTED if entry.ruling is Ruling.SUPPORTED else None
        return None

    def score(self, docket: Docket) -> dict[str, str]:
        """Compare verdicts with what is known: `agrees`, `disagrees` or `not decided`."""
        found: dict[str, str] = {}
        for name, verdict in docket.verdicts.items():
            decided = verdict.ruling in (Ruling.SUPPORTED, Ruling.REFUTED)
            if self.nothing_is_true:
                false = verdict.ruling is Ruling.SUPPORTED
                found[name] = "disagrees" if false else "agrees"
                continue
            expected = self.expected(docket.hypotheses[name])
            if expected is None:
                continue
            if not decided:
                found[name] = "not decided"
            else:
                found[name] = "agrees" if verdict.ruling is expected else "disagrees"
        return found


def _within(part: Any, whole: Any) -> bool:
    """Tell whether everything that `part` says is said by `whole` too."""
    if isinstance(part, dict):
        return isinstance(whole, dict) and all(
            key in whole
            and (value == whole[key] if key == "weights" else _within(value, whole[key]))
            for key, value in part.items()
        )
    if isinstance(part, list):
        return (
            isinstance(whole, list)
            and len(part) == len(whole)
            and all(_within(a, b) for a, b in zip(part, whole, strict=True))
        )
    return part == whole
