"""Pictures read by an observer, and measured by tools: what no tool confirms is no measurement."""

import base64
import math

from gaseol.agents.roles import Picture
from gaseol.graphs.laboratory import Laboratory
from gaseol.graphs.measuring import converting
from gaseol.scenarios.figure import LIMIT_BYTES, Figure
from gaseol.scenarios.loader import Flaw, ScenarioError
from gaseol.scenarios.template import TemplateError, file_bytes, fill, pick, steps, unit_at
from gaseol.tools.units import UnitError
from gaseol.traces.nouns.failure import Failure, FailureKind
from gaseol.traces.nouns.measurement import Measurement
from gaseol.traces.record.effects import Request, Response
from gaseol.traces.record.event import Measured, PolicyDecided

PURPOSE = "observation"


def observe(laboratory: Laboratory) -> None:
    """Have the scenario's pictures read, and each reading measured by the tool that confirms it.

    A reading that no tool confirms is on record, and is no measurement; without anybody who reads
    pictures that is said, and the run goes on without them.

    Raises:
        ScenarioError: a picture cannot be read from its file, or is none.
    """
    figures = laboratory.scenario.figures
    if not figures:
        return
    pictures = [_picture(figure, laboratory) for figure in figures]
    observer = laboratory.scientist.observer
    if observer is None:
        why = "nobody here reads pictures; name a model that does: --scientist observer=PROFILE"
        for figure in figures:
            _say(laboratory, figure, why)
        return
    wanted: list[tuple[Figure, float, Request]] = []
    for figure, found in zip(figures, observer.observe(pictures), strict=True):
        if found.value is None:
            _say(laboratory, figure, f"{observer.name}: {found.reason}")
            continue
        cells = {"value": found.value, "seed": laboratory.seed}
        given = fill(figure.confirm.arguments, cells, laboratory.scenario.folder)
        request = Request("tool", figure.confirm.tool, given, "observer")
        wanted.append((figure, found.value, request))
    responses = laboratory.effects.perform([request for *_, request in wanted])
    for (figure, read, _), response in zip(wanted, responses, strict=True):
        measurement = _measurement(laboratory, figure, read, response)
        laboratory.effects.record(Measured(measurement=measurement), response.request)


def _say(laboratory: Laboratory, figure: Figure, why: str) -> None:
    subject = f"reading the figure {figure.name}"
    laboratory.effects.record(PolicyDecided(subject=subject, allowed=False, reason=why[:500]))


def _picture(figure: Figure, laboratory: Laboratory) -> Picture:
    try:
        content = file_bytes(figure.file, laboratory.scenario.folder, LIMIT_BYTES)
    except TemplateError as error:
        raise ScenarioError([Flaw(f"figures.{figure.name}", str(error))]) from None
    if not figure.depicts(content):
        what = f"the file '{figure.file}' is no {figure.media}"
        raise ScenarioError([Flaw(f"figures.{figure.name}", what)])
    url = f"data:{figure.media};base64,{base64.b64encode(content).decode()}"
    return Picture(url, figure.shows, figure.read, figure.unit, figure.low, figure.high)


def _measurement(
    laboratory: Laboratory, figure: Figure, read: float, response: Response
) -> Measurement:
    """Return what the tool measured; a failure where it did not find what was read."""
    about = {
        "case": figure.case or figure.name,
        "reading": 0,
        "quantity": figure.read,
        "tool": figure.confirm.tool,
        "request": response.request,
        "purpose": PURPOSE,
        "seed": laboratory.seed if "{seed}" in str(figure.confirm.arguments) else None,
        "fingerprint": response.fingerprint,
        "unit": figure.unit,
        "label": response.label.beyond(laboratory.scenario.policy.label),
    }
    if response.failure is not None:
        return Measurement(**about, failure=response.failure)
    wrong = Failure(kind=FailureKind.WRONG_SHAPE, reason="the tool that confirms gave no number")
    try:
        raw = pick(response.value, figure.value)
    except (KeyError, TypeError, IndexError):
        return Measurement(**about, failure=wrong)
    if isinstance(raw, bool) or not isinstance(raw, int | float) or not math.isfinite(raw):
        return Measurement(**about, failure=wrong)
    declared = unit_at(laboratory.registry.get(figure.confirm.tool).output_schema, figure.value)
    try:
        unit, factor, offset = converting(declared or figure.unit, figure.unit)
    except UnitError as error:
        return Measurement(
            **about, failure=Failure(kind=FailureKind.WRONG_SHAPE, reason=str(error))
        )
    value = raw * factor + offset
    if abs(value - read) > figure.within * abs(value):
        reason = f"{read:g} {figure.unit} was read off the picture, the tool finds {value:g}"
        return Measurement(**about, failure=Failure(kind=FailureKind.OUT_OF_DOMAIN, reason=reason))
    return Measurement(
        **about,
        path=steps(figure.value),
        raw=float(raw),
        raw_unit=unit,
        factor=factor,
        offset=offset,
        value=value,
    )
