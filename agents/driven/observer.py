"""An observer that has a model read pictures; what it read is a suggestion until a tool confirms it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from gaseol.agents.driven.form import Sighting
from gaseol.agents.models.prompt import prompt
from gaseol.agents.models.schema import schema_of
from gaseol.agents.models.session import Found, Question, Session
from gaseol.agents.models.transcript import Transcript, part
from gaseol.agents.roles import Observation, Picture
from gaseol.tools.units import UnitError, convert


@dataclass(frozen=True)
class ModelObserver:
    """Reads by a model that takes pictures."""

    session: Session

    @property
    def name(self) -> str:
        """The model's."""
        return self.session.profile.name

    def observe(self, pictures: Sequence[Picture]) -> Sequence[Observation]:
        """Return what was read off each picture, in its unit; or why nothing was."""
        questions = [
            Question("observer", prompt("observer"), _shown(p), Sighting, schema_of(Sighting))
            for p in pictures
        ]
        found = self.session.ask_all(questions)
        return [_read(p, f) for p, f in zip(pictures, found, strict=True)]


def _shown(picture: Picture) -> Transcript:
    wanted = f"{picture.read}, in {picture.unit}"
    if picture.low is not None or picture.high is not None:
        low = "" if picture.low is None else f" from {picture.low:g}"
        wanted += low + ("" if picture.high is None else f" to {picture.high:g}")
    parts = (part("Picture", [picture.shows], kept=True), part("Read", [wanted], kept=True))
    return Transcript(parts, images=(picture.url,))


def _read(picture: Picture, found: Found[Sighting]) -> Observation:
    if found.answer is None:
        return Observation(None, f"no answer that can be used: {found.reason}")
    if found.answer.readable == "no":
        return Observation(None, "the picture does not show it clearly")
    said = found.answer.quantity
    unit = said.unit.strip() or "1"
    try:
        value = said.value if unit == picture.unit else convert(said.value, unit, picture.unit)
    except UnitError as error:
        return Observation(None, f"it was read in '{unit}', not in {picture.unit}: {error}")
    if not math.isfinite(value):
        return Observation(None, f"{said.value:g} {unit} is no number of {picture.unit}")
    low = -math.inf if picture.low is None else picture.low
    high = math.inf if picture.high is None else picture.high
    if not low <= value <= high:
        return Observation(None, f"{value:g} {picture.unit} lies outside {low:g} to {high:g}")
    return Observation(value)
