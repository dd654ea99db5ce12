"""What a replay found out of each step: taken from the record, or done again and compared."""

from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from gaseol.traces.nouns.value import Value

PLACE = ("replays", "latest.json")
"""Beside the record, never part of it."""

Label = Literal["recorded", "recomputed-equal", "recomputed-different", "live"]


class Span(Value):
    """A row of events with one label."""

    first: int
    last: int
    label: Label


class Labels(Value):
    """What the last replay of a run said of each of its events."""

    mode: Literal["strict", "rerun"]
    head: str
    """Of the record that was replayed."""
    at: str
    holds: bool
    spans: tuple[Span, ...]
    divergence: str = ""
    """The first difference, in a sentence."""

    def of(self, seq: int) -> Label:
        """Return the label of an event; what no replay reached is `recorded`."""
        for span in self.spans:
            if span.first <= seq <= span.last:
                return span.label
        return "recorded"


def spans(labels: list[Label]) -> tuple[Span, ...]:
    """Return the labels of all events, in order, as rows of equal ones."""
    found: list[Span] = []
    for seq, label in enumerate(labels):
        if found and found[-1].label == label:
            found[-1] = Span(first=found[-1].first, last=seq, label=label)
        else:
            found.append(Span(first=seq, last=seq, label=label))
    return tuple(found)


def load(folder: Path) -> Labels | None:
    """Return what the last replay of a run said; None where nobody has replayed it."""
    try:
        return Labels.model_validate_json(folder.joinpath(*PLACE).read_bytes())
    except (FileNotFoundError, ValidationError):
        return None


def save(folder: Path, labels: Labels) -> None:
    """Keep what a replay said beside the record."""
    path = folder.joinpath(*PLACE)
    path.parent.mkdir(exist_ok=True)
    temporary = path.with_name(".latest.json.new")
    temporary.write_text(labels.model_dump_json(indent=1), encoding="utf-8")
    temporary.replace(path)
