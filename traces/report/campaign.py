"""A campaign as its report shows it: what was wanted, how it went, what was found, what is next."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from gaseol.traces.campaign import Result, chosen, listed, objectives, results
from gaseol.traces.language import Words
from gaseol.traces.nouns.goal import Goal
from gaseol.traces.record.cases import mapping
from gaseol.traces.report.record import Record
from gaseol.traces.report.text import MEASURED, NAME, REASON, UNIT, cut, number

_ROWS = 25
"""Cases of a front that are shown."""
_PLANES = 3
"""Pairs of objectives that are drawn."""


@dataclass(frozen=True, slots=True)
class Course:
    """How the best grew, measurement by measurement."""

    quantity: str
    unit: str
    points: tuple[tuple[int, float, str], ...]
    """Number, value and `search`, `random` or `unacceptable`."""
    best: tuple[tuple[int, float], ...]
    """The best acceptable value after so many."""
    chance: tuple[tuple[int, float], ...]
    """The same of what was drawn at random, where something was."""


@dataclass(frozen=True, slots=True)
class Plane:
    """Two objectives against each other."""

    x: str
    x_unit: str
    y: str
    y_unit: str
    points: tuple[tuple[float, float, str], ...]
    """Both values and `front`, `beaten` or `unacceptable`."""


@dataclass(frozen=True, slots=True)
class Best:
    """A case that no other beats."""

    case: str
    label: str
    at: int
    values: tuple[str, ...]
    """Of each goal, with its unit."""
    readings: int
    estimate: str
    """What the model believes of it, where it may be read again."""


@dataclass(frozen=True, slots=True)
class Campaign:
    """A campaign."""

    goals: tuple[str, ...]
    quantities: tuple[str, ...]
    course: Course | None
    planes: tuple[Plane, ...]
    best: tuple[Best, ...]
    left_out: int
    """Cases of the front that are not shown."""
    single: bool
    """One objective: the front is the best case."""
    measured: int
    acceptable: int
    limited: bool
    stopped: str
    next: tuple[str, ...]
    gain: str
    """What the best of the next batch is expected to gain, in words; empty where nobody can tell."""
    learnt_at: int | None
    known: tuple[tuple[str, str, int], ...]
    """What was given beforehand: source, what, and where it stands on the record."""


def campaign(record: Record, t: Words) -> Campaign | None:
    """Return the campaign of a record in a language; None where there is none."""
    docket, goals = record.docket, record.docket.goals
    if not goals:
        return None
    found = results(docket, goals)
    best, single = chosen(docket, found), len(objectives(goals)) == 1
    ended = docket.ended
    return Campaign(
        goals=tuple(cut(_wanted(goal, t), REASON) for goal in goals),
        quantities=tuple(cut(goal.name, NAME) for goal in goals),
        course=_course(found, goals),
        planes=tuple(_planes(found, best, goals)),
        best=tuple(_best(record, result, goals, t) for result in best[:_ROWS]),
        left_out=max(0, len(best) - _ROWS),
        single=single,
        measured=len(found),
        acceptable=sum(result.acceptable for result in found),
        limited=any(goal.limited for goal in goals),
        stopped=cut(ended.reason, REASON) if ended else "",
        next=tuple(_next(record, t)),
        gain=_gain(docket.learnt.get("gain"), goals, single, t),
        learnt_at=docket.positions.get("learn"),
        known=tuple(record.prior),
    )


def _wanted(goal: Goal, t: Words) -> str:
    wanted: list[str] = []
    if goal.sign:
        wanted.append(t("as high as can be") if goal.sign > 0 else t("as low as can be"))
    if goal.low is not None:
        wanted.append(t("at least {floor}", floor=_quantity(goal.low, goal)))
    if goal.high is not None:
        wanted.append(t("at most {ceiling}", ceiling=_quantity(goal.high, goal)))
    return f"{goal.name}: {', '.join(wanted)}"


def _course(found: Sequence[Result], goals: Sequence[Goal]) -> Course | None:
    goal = goals[0]
    points: list[tuple[int, float, str]] = []
    tops: dict[str, list[tuple[int, float]]] = {"search": [], "random": []}
    for i, result in enumerate(found, start=1):
        value = result.values[0]
        if value is None:
            continue
        by = "search" if result.purpose == "search" else "random"
        points.append((i, value, by if result.acceptable else "unacceptable"))
        if result.acceptable:
            for line in ("search", by) if by == "random" else ("search",):
                steps = tops[line]
                if not steps or goal.sign * value > goal.sign * steps[-1][1]:
                    steps.append((i, value))
    if not points:
        return None
    lines = {k: tuple(_held(v, len(found))) for k, v in tops.items()}
    return Course(cut(goal.name, NAME), cut(goal.unit, UNIT), tuple(points),
                  lines["search"], lines["random"])  # fmt: skip


def _held(steps: Sequence[tuple[int, float]], last: int) -> Iterator[tuple[int, float]]:
    yield from steps
    if steps:
        yield last, steps[-1][1]


def _planes(
    found: Sequence[Result], best: Sequence[Result], goals: Sequence[Goal]
) -> Iterator[Plane]:
    places = objectives(goals)
    on = {result.case for result in best}
    for i in places[1 : 1 + _PLANES]:
        x, y = goals[places[0]], goals[i]
        yield Plane(
            cut(x.name, NAME),
            cut(x.unit, UNIT),
            cut(y.name, NAME),
            cut(y.unit, UNIT),
            tuple(
                (a, b, "front" if r.case in on else "beaten" if r.acceptable else "unacceptable")
                for r in found
                if (a := r.values[places[0]]) is not None and (b := r.values[i]) is not None
            ),
        )


def _best(record: Record, result: Result, goals: Sequence[Goal], t: Words) -> Best:
    label = record.label(result.case)
    return Best(
        case=cut(result.case, NAME),
        label=cut(label, NAME) if label != result.case else "",
        at=result.readings[0][0],
        values=tuple(
            "" if value is None else _quantity(value, goal)
            for goal, value in zip(goals, result.values, strict=True)
        ),
        readings=len(result.readings[0]),
        estimate=_estimate(record.docket.learnt.get("estimates"), result.case, goals[0], t),
    )


def _quantity(value: float, goal: Goal) -> str:
    unit = f" {cut(goal.unit, UNIT)}" if goal.unit not in ("", "1") else ""
    return f"{number(value, MEASURED)}{unit}"


def _estimate(said: object, case: str, goal: Goal, t: Words) -> str:
    found: Any = mapping(said).get(case)
    try:
        mean, low, high = (number(float(v), 4) for v in found)
    except (TypeError, ValueError):
        return ""
    unit = f" {cut(goal.unit, UNIT)}" if goal.unit not in ("", "1") else ""
    return t("{mean} ({low} to {high})", mean=mean, low=low, high=high) + unit


def _next(record: Record, t: Words) -> Iterator[str]:
    said = record.docket.ended.would if record.docket.ended else ()
    for point in said or listed(record.docket.learnt.get("points")):
        yield cut(t.retold(point), REASON)


def _gain(gain: object, goals: Sequence[Goal], single: bool, t: Words) -> str:
    if not isinstance(gain, int | float):
        return ""
    if single:
        return _quantity(float(f"{gain:.3g}"), goals[0])
    return t("{share} % of the front's hypervolume", share=number(100 * gain, 2))
