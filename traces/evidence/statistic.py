"""The numbers that a claim may hold, computed from the record."""

from collections.abc import Sequence

import numpy as np

from gaseol.traces.nouns.claim import Figure, Statistic
from gaseol.traces.record.docket import Docket


class NoOrigin(ValueError):
    """The record does not hold what a figure cites."""


def figure(
    docket: Docket,
    statistic: Statistic,
    measurements: Sequence[int] = (),
    against: Sequence[int] = (),
    hypothesis: str | None = None,
    digits: int = 3,
) -> Figure:
    """Return a figure computed from the record.

    Raises:
        NoOrigin: something cited is not on the record.
    """
    value = compute(docket, statistic, measurements, against, hypothesis)
    unit = ""
    if statistic in ("value", "mean", "minimum", "maximum", "mean_absolute_error", "uncertainty",
                     "standard_error"):  # fmt: skip
        units = {docket.measurements[p].unit for p in (*measurements, *against)}
        if len(units) > 1:
            raise NoOrigin(f"'{statistic}' mixes the units {', '.join(sorted(units))}")
        unit = units.pop()
    return Figure(
        statistic=statistic,
        measurements=tuple(measurements),
        against=tuple(against),
        hypothesis=hypothesis,
        value=value,
        unit=unit,
        digits=digits,
    )


def compute(
    docket: Docket,
    statistic: Statistic,
    measurements: Sequence[int] = (),
    against: Sequence[int] = (),
    hypothesis: str | None = None,
) -> float | str:
    """Compute a statistic from what it cites.

    Raises:
        NoOrigin: something cited is not on the record, or has no value.
    """
    if statistic in ("hits", "draws", "log_e_for", "log_e_against", "ruling", "statement"):
        return _of_hypothesis(docket, statistic, hypothesis)
    x, y = _values(docket, measurements), _values(docket, against)
    if statistic in ("case", "uncertainty"):
        return _of_measurement(docket, statistic, measurements)
    if statistic == "count":
        return float(len(x))
    if not len(x):
        raise NoOrigin(f"'{statistic}' cites no measurement")
    match statistic:
        case "value":
            if len(x) != 1:
                raise NoOrigin(f"'value' cites {len(x)} measurements, not one")
            return float(x[0])
        case "mean":
            return float(np.mean(x))
        case "standard_error":
            if len(x) < 2:
                raise NoOrigin("'standard_error' needs two measurements at least")
            return float(np.std(x, ddof=1) / np.sqrt(len(x)))
        case "minimum":
            return float(np.min(x))
        case "maximum":
            return float(np.max(x))
        case "mean_absolute_error" | "rank_correlation":
            if len(x) != len(y) or len(x) < 2:
                raise NoOrigin(f"'{statistic}' compares {len(x)} measurements with {len(y)}")
            if statistic == "mean_absolute_error":
                return float(np.mean(np.abs(x - y)))
            return _spearman(x, y)
    raise NoOrigin(f"unknown statistic '{statistic}'")


def _spearman(x: np.ndarray, y: np.ndarray) -> float:
    """Return Spearman's rank correlation, ties given their mean rank."""
    a, b = _ranks(x), _ranks(y)
    if not a.std() or not b.std():
        raise NoOrigin("'rank_correlation' of values that are all the same")
    return float(np.corrcoef(a, b)[0, 1])


def _ranks(x: np.ndarray) -> np.ndarray:
    _, place, count = np.unique(x, return_inverse=True, return_counts=True)
    last = np.cumsum(count)
    return (last - (count - 1) / 2)[place]


def _values(docket: Docket, positions: Sequence[int]) -> np.ndarray:
    found: list[float] = []
    for position in positions:
        measurement = docket.measurements.get(position)
        if measurement is None:
            raise NoOrigin(f"event {position} is no measurement")
        if measurement.value is None:
            raise NoOrigin(f"measurement {position} failed and has no value")
        found.append(measurement.value)
    return np.array(found, dtype=float)


def _of_measurement(docket: Docket, statistic: Statistic, positions: Sequence[int]) -> float | str:
    """Return what one measurement says besides its value."""
    if len(positions) != 1:
        raise NoOrigin(f"'{statistic}' cites {len(positions)} measurements, not one")
    measurement = docket.measurements[positions[0]]
    if statistic == "case":
        return measurement.case
    if measurement.uncertainty is None:
        raise NoOrigin(f"measurement {positions[0]} states no uncertainty")
    return measurement.uncertainty


def _of_hypothesis(docket: Docket, statistic: Statistic, hypothesis: str | None) -> float | str:
    if hypothesis is None or hypothesis not in docket.hypotheses:
        raise NoOrigin(f"'{statistic}' cites the hypothesis {hypothesis!r}, which is not there")
    if statistic == "statement":
        return docket.hypotheses[hypothesis].statement
    verdict = docket.verdicts.get(hypothesis)
    if verdict is None:
        raise NoOrigin(f"hypothesis {hypothesis} has no verdict")
    match statistic:
        case "hits":
            counted = [e for e in docket.evidence.get(hypothesis, ()) if e.admissible]
            return float(sum(1 for e in counted if e.outcome is not None and e.outcome > 0))
        case "draws":
            return float(verdict.draws)
        case "log_e_for":
            return verdict.log_e_for
        case "log_e_against":
            return verdict.log_e_against
        case _:
            return verdict.ruling.value
