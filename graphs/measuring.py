"""From cases to measurements: fill the call, perform it, convert, put it on record."""

import functools
import math
from collections.abc import Sequence
from typing import Any

from gaseol.graphs.laboratory import Laboratory
from gaseol.graphs.repairing import repaired
from gaseol.scenarios.measurement import Measurement as Method
from gaseol.scenarios.template import fill, pick, places, steps, unit_at
from gaseol.traces.nouns.failure import Failure, FailureKind
from gaseol.traces.nouns.label import PUBLIC, Label, joined
from gaseol.traces.nouns.measurement import Measurement, lot
from gaseol.traces.record.docket import BESIDE
from gaseol.traces.record.effects import BENCH, Request, Response
from gaseol.traces.record.event import Measured

Reading = tuple[str, int]
"""Case and number of the reading."""


class ToolChanged(RuntimeError):
    """A tool has become another one during a run: what it says is no measurement any more."""


def measure(
    laboratory: Laboratory,
    readings: Sequence[Reading],
    purpose: str = "test",
    method: Method | None = None,
    cause: int | None = None,
) -> None:
    """Measure cases and record a measurement, or a typed failure, for each.

    Cases that this run has measured for the same purpose are not measured again. The purpose
    `beside` is for other quantities than the scenario's.

    Raises:
        ToolChanged: a tool is not the one that was agreed on; that is on record first.
    """
    method = method or laboratory.scenario.measurement
    docket = laboratory.docket
    there = docket.beside if purpose == BESIDE else docket.readings
    last = method.name if purpose == BESIDE else purpose
    wanted = [r for r in dict.fromkeys(readings) if (*r, last) not in there]
    role = "experimentalist" if purpose == "test" else purpose
    requests = [_request(laboratory, method, case, reading, role) for case, reading in wanted]
    responses = laboratory.effects.perform(requests, cause)
    if method.remedies:
        responses = repaired(laboratory, method, requests, responses, cause)
    for reading, response in zip(wanted, responses, strict=True):
        _record(laboratory, method, reading, purpose, response)
    for response in responses:
        if response.failure is not None and response.failure.kind is FailureKind.CHANGED:
            raise ToolChanged(response.failure.reason)


def await_some(laboratory: Laboratory, readings: Sequence[Reading], *, need: bool) -> list[Reading]:
    """Have people measure cases for the search; record what they have handed in, return the rest.

    Args:
        laboratory: whose measurement is made at the bench.
        readings: those asked for now, and those still awaited.
        need: pause the run where none of them was handed in.
    """
    method = laboratory.scenario.measurement
    wanted = [
        r for r in dict.fromkeys(readings) if (*r, "search") not in laboratory.docket.readings
    ]
    requests = [_request(laboratory, method, case, at, "search") for case, at in wanted]
    left: list[Reading] = []
    responses = laboratory.effects.gather(requests, need=need) if requests else []
    for reading, response in zip(wanted, responses, strict=True):
        if response is None:
            left.append(reading)
        else:
            _record(laboratory, method, reading, "search", response)
    return left


def _record(
    laboratory: Laboratory, method: Method, reading: Reading, purpose: str, response: Response
) -> None:
    measurement = _measurement(laboratory, method, *reading, purpose, response)
    laboratory.effects.record(Measured(measurement=measurement), response.request)
    laboratory.meter.spend(measurements=1)


def label_of(laboratory: Laboratory, template: Any) -> Label:
    """Return the label of a call: of the columns whose cells fill its places, and no others."""
    return joined(laboratory.origins.get(name, PUBLIC) for name in places(template))


def _request(laboratory: Laboratory, method: Method, case: str, reading: int, role: str) -> Request:
    label = label_of(laboratory, method.arguments) | laboratory.chosen.get(case, PUBLIC)
    given = arguments(laboratory, method, case, reading)
    if method.bench is None:
        return Request("tool", method.tool, given, role, label)
    bench, population = method.bench, laboratory.surveyed.population
    cells = {**population.row(case), "reading": reading}
    told = {
        **given,
        "what": "measurement",
        "label": population.labels.get(case, case),
        "quantity": method.name,
        "unit": method.unit,
        "protocol": fill(bench.protocol, cells, laboratory.scenario.folder),
        "low": bench.low,
        "high": bench.high,
        "due_days": bench.due_days,
        "purpose": role,
    }
    return Request("person", BENCH, told, role, label)


def arguments(laboratory: Laboratory, method: Method, case: str, reading: int = 0) -> Any:
    """Return what is asked in order to measure a case: of a tool, or of a person."""
    population = laboratory.surveyed.population
    drawn = lot(laboratory.seed, case, reading)
    cells = {**population.row(case), "seed": laboratory.seed, "reading": reading, "lot": drawn}
    given = fill(method.arguments, cells, laboratory.scenario.folder)
    return given if method.bench is None else {"case": case, "reading": reading, **given}


def _measurement(
    laboratory: Laboratory,
    method: Method,
    case: str,
    reading: int,
    purpose: str,
    response: Response,
) -> Measurement:
    about = {
        "case": case,
        "reading": reading,
        "quantity": method.name,
        "tool": method.tool,
        "request": response.request,
        "purpose": purpose,
        "seed": laboratory.seed if "{seed}" in str(method.arguments) else None,
        "fingerprint": response.fingerprint,
        "unit": method.unit,
        "label": response.label.beyond(laboratory.scenario.policy.label),
    }
    if response.failure is not None:
        return Measurement(**about, failure=response.failure)
    where = method.value if method.bench is None else "value"
    spread_at = method.uncertainty if method.bench is None else "uncertainty"
    try:
        raw = pick(response.value, where)
        spread = pick(response.value, spread_at) if spread_at else None
        cost = pick(response.value, method.cost) if method.cost else None
        drawing = pick(response.value, method.drawing) if method.drawing else None
    except (KeyError, TypeError, IndexError):
        failure = Failure(
            kind=FailureKind.WRONG_SHAPE, reason=f"the result of {method.tool} has no such value"
        )
        return Measurement(**about, failure=failure)
    if isinstance(raw, bool) or not isinstance(raw, int | float) or not math.isfinite(raw):
        failure = Failure(
            kind=FailureKind.EMPTY if raw is None else FailureKind.WRONG_SHAPE,
            reason=f"{method.tool} gave {raw!r} where a number is due",
        )
        return Measurement(**about, failure=failure)
    if isinstance(cost, int | float):
        laboratory.meter.spend(instrument_seconds=float(cost))
    raw_unit, factor, offset = conversion(laboratory, method)
    return Measurement(
        **about,
        path=steps(where),
        raw=float(raw),
        raw_unit=raw_unit,
        factor=factor,
        offset=offset,
        value=raw * factor + offset,
        uncertainty=abs(float(spread) * factor) if isinstance(spread, int | float) else None,
        drawing=(
            laboratory.blobs.put(drawing.encode(), "image/svg+xml")
            if isinstance(drawing, str) and drawing
            else None
        ),
    )


def conversion(laboratory: Laboratory, method: Method) -> tuple[str, float, float]:
    """Return the tool's unit, and factor and offset to the scenario's unit.

    Raises:
        UnitError: the two units are not of one dimension.
    """
    if method.bench is not None:
        return method.unit, 1.0, 0.0  # told in it when it was handed in
    card = laboratory.registry.get(method.tool)
    declared = unit_at(card.output_schema, method.value)
    return converting(declared or method.unit, method.unit)


@functools.cache
def converting(have: str, want: str) -> tuple[str, float, float]:
    """Return the unit that one has, and factor and offset to the one that is wanted.

    Raises:
        UnitError: the two are not of one dimension.
    """
    if have == want:
        return have, 1.0, 0.0
    from gaseol.tools.units import convert

    offset = convert(0.0, have, want)
    return have, convert(1.0, have, want) - offset, offset
