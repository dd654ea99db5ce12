"""What a record says of its cases before any was measured: what people call them, their variables."""

import csv
import io
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, cast

from gaseol.traces.nouns.hypothesis import (
    Cell,
    Change,
    Condition,
    Groups,
    Law,
    Match,
    Relation,
    Trend,
)
from gaseol.traces.nouns.value import Value
from gaseol.traces.record.blob import AlteredBlob, Blob, MissingBlob
from gaseol.traces.record.event import EffectCompleted, EffectRequested, Event, RunStarted
from gaseol.traces.record.trace import Trace

SURVEYED = ("run.started", "effect.requested", "effect.completed")
"""The kinds of event that `Survey.look` wants to see."""

Part = Literal["tested", "matched", "condition"]


class Column(Value):
    """A variable that a hypothesis speaks of, and as what."""

    variable: str
    part: Part
    """`tested`: what it is about; `matched`: alike in both cases of a pair; `condition`: what
    cases must be like to be drawn."""
    within: float = 0.0
    """For a matched number: the most by which two cases may differ."""
    unit: str = "1"
    description: str = ""

    @property
    def words(self) -> str:
        """What it is, for a person."""
        return self.description or self.variable


def columns(relation: Relation, variables: Mapping[str, Any]) -> tuple[Column, ...]:
    """Return the variables that a relation speaks of, what is tested first, each once.

    Args:
        relation: of a hypothesis.
        variables: the scenario's, by name, with unit and description.
    """
    found: dict[str, Column] = {}
    for variable, part, within in _spoken_of(relation):
        about = mapping(variables.get(variable))
        unit = str(about.get("unit", "1"))
        said = str(about.get("description", ""))
        column = Column(variable=variable, part=part, within=within, unit=unit, description=said)
        found.setdefault(variable, column)
    return tuple(found.values())


def _spoken_of(relation: Relation) -> Iterator[tuple[str, Part, float]]:
    matching, where = list[Match](), list[Condition]()
    match relation:
        case Trend():
            yield relation.variable, "tested", 0.0
            matching, where = [*relation.matching], [*relation.where]
        case Groups():
            for condition in (*relation.inside, *relation.against):
                yield condition.variable, "tested", 0.0
            matching, where = [*relation.matching], [*relation.where]
        case Change():
            where = [*relation.where]
        case Law():
            for variable in sorted(relation.variables):
                yield variable, "tested", 0.0
        case _:
            pass
    for match_ in matching:
        yield match_.variable, "matched", match_.within
    for condition in where:
        yield condition.variable, "condition", 0.0


class Cases:
    """The rows that the cases came with: columns by name, a label where the scenario has one."""

    def __init__(self, rows: Mapping[str, Mapping[str, Any]], label: str | None = None) -> None:
        self._rows = rows
        self.labels: dict[str, str] = {}
        """What people call the cases that have a name of their own."""
        if label:
            named = ((case, row.get(label)) for case, row in rows.items())
            self.labels = {case: str(name) for case, name in named if name is not None}

    def cell(self, case: str, variable: str) -> Cell:
        """Return what a case has in a variable; None where the record does not say."""
        found = self._rows.get(case, {}).get(variable)
        return found if isinstance(found, bool | int | float | str) else None

    def label(self, case: str) -> str:
        """Return what people call a case."""
        return self.labels.get(case, case)


class Survey:
    """Finds the rows of the cases: in `run.json`, in a file of the scenario's, in tools' answers."""

    def __init__(self, trace: Trace) -> None:
        self._trace = trace
        scenario = mapping(trace.run.get("scenario"))
        cases = mapping(scenario.get("cases"))
        self._key, self._label = str(cases.get("key")), cases.get("label")
        self._given = rows(cases.get("rows"))
        self._file = cases.get("file")
        self._files: Mapping[str, Blob] = {}
        self._listing = mapping(cases.get("tool")).get("tool")
        self._describing = [call.get("tool") for call in rows(scenario.get("features"))]
        self._asked: dict[int, str] = {}
        self._answers: dict[str, EffectCompleted] = {}

    def look(self, event: Event) -> None:
        """Keep the first answer of each tool that lists or describes the cases."""
        if event.kind == "run.started":
            fact = event.fact
            self._files = fact.files if isinstance(fact, RunStarted) else {}
        elif event.kind == "effect.requested":
            if event.data.get("role") != "survey":
                return
            fact = event.fact
            if isinstance(fact, EffectRequested):
                self._asked[event.seq] = fact.name
        elif event.kind == "effect.completed" and event.data.get("request") in self._asked:
            fact = event.fact
            if isinstance(fact, EffectCompleted):
                self._answers.setdefault(self._asked[fact.request], fact)

    def cases(self) -> Cases:
        """Return what was found; without rows where the record has none that can be read."""
        listed = self._given or self._filed() or self._rows(self._listing)
        found = list(listed)
        for tool in self._describing:
            extra = self._rows(tool)
            if len(extra) == len(found):
                found = [{**row, **more} for row, more in zip(found, extra, strict=True)]
        by_name = {_name(row[self._key]): row for row in found if self._key in row}
        return Cases(by_name, str(self._label) if self._label else None)

    def _rows(self, tool: object) -> Sequence[Mapping[str, Any]]:
        answer = self._answers.get(str(tool))
        if answer is None:
            return ()
        try:
            return rows(self._trace.payload(answer))
        except (MissingBlob, AlteredBlob, ValueError):
            return ()  # the cases keep their keys

    def _filed(self) -> Sequence[Mapping[str, Any]]:
        blob = self._files.get(str(self._file))
        if blob is None:
            return ()
        try:
            text = self._trace.blobs.get(blob).decode("utf-8-sig")
            read = csv.DictReader(io.StringIO(text))
            return [
                {k.strip(): cell(v or "") for k, v in row.items() if isinstance(k, str)}
                for row in read
            ]
        except (MissingBlob, AlteredBlob, ValueError, csv.Error):
            return ()  # as above


def cell(text: str) -> Cell:
    """Return a number where the text is one as people write it; "1_000" and "inf" are words."""
    text = text.strip()
    if not text or text.lower() == "nan":
        return None
    if not text.isascii() or "_" in text:
        return text
    for kind in (int, float):
        try:
            value = kind(text)
        except ValueError:
            continue
        return value if math.isfinite(value) else text
    return text


def mapping(value: object) -> Mapping[str, Any]:
    """Return the value if it is a mapping, else an empty one."""
    return cast("Mapping[str, Any]", value) if isinstance(value, Mapping) else {}


def rows(value: object) -> Sequence[Mapping[str, Any]]:
    """Return the value as rows of a table; what is no row becomes an empty one."""
    if not isinstance(value, list | tuple):
        return ()
    return [mapping(row) for row in cast("Sequence[object]", value)]


def _name(cell: Any) -> str:
    # as runs name their cases: twelve digits, fewer than a float's noise
    return f"{cell:.12g}" if isinstance(cell, float) else str(cell)
