"""Laws set against what was measured, each with its one constant fitted."""

import math
from collections.abc import Mapping, Sequence
from typing import cast

from gaseol.traces.evidence.process import LawContest
from gaseol.traces.record.cases import mapping
from gaseol.traces.report.document import Contest, Draw, Fit
from gaseol.traces.report.record import Record, Unreadable
from gaseol.traces.report.text import NAME, STATEMENT, UNIT, cut

SHOWN = 12
"""Laws side by side."""
LINE = 2_000
"""Points of a predicted line."""

Point = tuple[str, float]
"""A design and the transformed outcome there."""


def fit(record: Record, name: str, draws: Sequence[Draw]) -> Contest | None:
    """Return one law against the measurements made for it; None without any.

    Raises:
        Unreadable: its table of predictions is missing or is none.
    """
    points = _points(record, draws)
    return _contest(record, [name], points) if points else None


def contests(
    record: Record, draws: Mapping[str, Sequence[Draw]], anchors: Mapping[str, str]
) -> list[Contest]:
    """Return the laws that were weighed against each other, on all their measurements."""
    groups: dict[str, list[str]] = {}
    for name, registration in record.docket.registrations.items():
        if isinstance(registration.criterion.process, LawContest):
            groups.setdefault(registration.frame.draws.sha256, []).append(name)
    found: list[Contest] = []
    for names in groups.values():
        points: dict[int, Point] = {}
        for name in names:
            counted = [d for d in draws[name] if d.readings and d.transformed is not None]
            points |= {
                d.readings[0].at: p for d, p in zip(counted, _points(record, counted), strict=True)
            }
        readable = [n for n in names if _table(record, n) is not None]
        if len(readable) > 1 and points:
            found.append(_contest(record, readable, list(points.values()), anchors))
    return found


def _points(record: Record, draws: Sequence[Draw]) -> list[Point]:
    return [
        (record.docket.measurements[d.readings[0].at].case, d.transformed)
        for d in draws
        if d.readings and d.transformed is not None
    ]


def _table(record: Record, name: str) -> Mapping[str, float] | None:
    """Return a law's registered predictions, None where they cannot be read."""
    try:
        return _read(record, name)
    except Unreadable:
        return None


def _read(record: Record, name: str) -> Mapping[str, float]:
    blob = record.docket.registrations[name].prediction.table
    if blob is None:
        raise Unreadable("no table of predictions was registered")
    table = mapping(record.load(blob))
    if not table or not all(isinstance(v, int | float) for v in table.values()):
        raise Unreadable("the registered predictions are no table of numbers")
    return cast(Mapping[str, float], table)


def _contest(
    record: Record,
    names: Sequence[str],
    points: Sequence[Point],
    anchors: Mapping[str, str] | None = None,
) -> Contest:
    registration = record.docket.registrations[names[0]]
    process = registration.criterion.process
    assert isinstance(process, LawContest)
    logarithmic = process.link == "log"
    positions = _numbers([design for design, _ in points])
    over_designs = positions is not None and len(set(positions)) >= 3
    fits = [
        _fit(record, name, points, logarithmic, over_designs, (anchors or {}).get(name, ""))
        for name in names
    ]
    if len(fits) > 1:
        fits.sort(key=lambda f: f.spread)
    cases = mapping(record.scenario.get("cases"))
    return Contest(
        outcome=cut(registration.prediction.outcome, NAME),
        unit=cut(registration.prediction.unit, UNIT),
        logarithmic=logarithmic,
        over_designs=over_designs,
        design=cut(str(cases.get("label") or cases.get("key") or "design"), NAME),
        fits=tuple(fits[:SHOWN]),
        passed_over=max(0, len(fits) - SHOWN),
    )


def _fit(
    record: Record,
    name: str,
    points: Sequence[Point],
    logarithmic: bool,
    over_designs: bool,
    anchor: str,
) -> Fit:
    table = _read(record, name)
    known = [(d, y) for d, y in points if d in table]
    constant = sum(y - table[d] for d, y in known) / len(known) if known else 0.0
    residuals = [y - table[d] - constant for d, y in known]
    freedom = max(1, len(known) - 1)

    def back(g: float) -> float:
        return math.exp(min(g, 700.0)) if logarithmic else g

    shown: list[tuple[float, float, float]] = []
    for design, y in known:
        predicted = back(table[design] + constant)
        shown.append((float(design) if over_designs else predicted, predicted, back(y)))
    line: list[tuple[float, float]] = []
    if over_designs:
        designs = sorted((x, d) for d in table if (x := _number(d)) is not None)
        step = max(1, math.ceil(len(designs) / LINE))
        line = [(x, back(table[d] + constant)) for x, d in designs[::step]]
    hypothesis = record.docket.hypotheses.get(name)
    return Fit(
        name=cut(name, NAME),
        statement=cut(hypothesis.statement, STATEMENT) if hypothesis else cut(name, NAME),
        points=tuple(shown),
        line=tuple(line),
        spread=math.sqrt(sum(r * r for r in residuals) / freedom),
        anchor=anchor,
    )


def _numbers(designs: Sequence[str]) -> list[float] | None:
    found = [_number(d) for d in designs]
    return [x for x in found if x is not None] if None not in found else None


def _number(design: str) -> float | None:
    try:
        x = float(design)
    except ValueError:
        return None
    return x if math.isfinite(x) else None
