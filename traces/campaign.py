"""What a campaign has found, folded from its record: a result for every case, and the front."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np

from gaseol.traces.front import nondominated
from gaseol.traces.nouns.goal import Goal
from gaseol.traces.record.docket import Docket


@dataclass(frozen=True, slots=True)
class Result:
    """What was measured of a case, goal by goal."""

    case: str
    purpose: str
    """What it was first measured for."""
    readings: tuple[tuple[int, ...], ...]
    """For each goal the positions of its measurements that have a value."""
    values: tuple[float | None, ...]
    """For each goal the mean of its readings."""
    acceptable: bool
    """All objectives and limited quantities have a value, and no limit is broken."""


def results(docket: Docket, goals: Sequence[Goal]) -> list[Result]:
    """Return what was measured of each case, in the order in which cases were first measured.

    Without goals, that is without a campaign, nothing.
    """
    if not goals:
        return []
    purposes: dict[str, str] = {}
    numbers: dict[str, dict[int, int]] = {}
    for (case, reading, purpose), position in docket.readings.items():
        if purpose != "check":
            purposes.setdefault(case, purpose)
            numbers.setdefault(case, {}).setdefault(reading, position)
    found: list[Result] = []
    for case, own in numbers.items():
        places = [list(own.values())]
        for goal in goals[1:]:
            beside = (docket.beside.get((case, reading, goal.name)) for reading in own)
            places.append([at for at in beside if at is not None])
        valued = tuple(
            tuple(at for at in each if docket.measurements[at].value is not None) for each in places
        )
        values = tuple(_mean(docket, each) for each in valued)
        good = all(
            (value is not None or not (goal.sign or goal.limited))
            and (value is None or goal.accepts(value))
            for goal, value in zip(goals, values, strict=True)
        )
        found.append(Result(case, purposes[case], valued, values, good))
    return found


def _mean(docket: Docket, positions: Sequence[int]) -> float | None:
    values = [v for at in positions if (v := docket.measurements[at].value) is not None]
    return float(np.mean(values)) if values else None


def objectives(goals: Sequence[Goal]) -> list[int]:
    """Return the places of the goals that are objectives."""
    return [i for i, goal in enumerate(goals) if goal.sign]


def front(found: Sequence[Result], goals: Sequence[Goal]) -> list[Result]:
    """Return the acceptable results that no other beats, the best of the first objective first."""
    good = [result for result in found if result.acceptable]
    if not good:
        return []
    kept = nondominated(heights(good, goals))
    best = [result for result, on in zip(good, kept, strict=True) if on]
    return sorted(best, key=lambda result: -goals[0].sign * (result.values[0] or 0.0))


def chosen(docket: Docket, found: Sequence[Result]) -> list[Result]:
    """Return the cases that the search last held for the front, or the front of what was measured.

    With one objective that is one case.
    """
    goals, by_case = docket.goals, {result.case: result for result in found}
    names = listed(docket.learnt.get("front"))
    best = [by_case[c] for c in names if c in by_case and by_case[c].readings[0]]
    best = best or front(found, goals)
    return best[:1] if len(objectives(goals)) == 1 else best


def listed(said: object) -> list[str]:
    """Return the words of a list on a record; none where it is no list."""
    if not isinstance(said, list | tuple):
        return []
    return [one for one in cast("Sequence[object]", said) if isinstance(one, str)]


def heights(found: Sequence[Result], goals: Sequence[Goal]) -> np.ndarray:
    """Return the objectives of acceptable results, turned so that more is better."""
    places = objectives(goals)
    rows = [[goals[i].sign * (result.values[i] or 0.0) for i in places] for result in found]
    return np.array(rows, dtype=np.float64).reshape(len(found), len(places))
