"""What every event is about: names, roles, hypotheses, durations, steps, curves and a sheet.

One pass over what the events carry, kept in columns. A record may say anything: what is not of
the shape it should have is left out here and stays to be seen in the event itself.
"""

from array import array
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import orjson

from gaseol.traces.record.blob import Blob
from gaseol.traces.view.skeleton import Skeleton, packed

SEVERAL = 0xFFFF
"""The code of an event that is about more than one hypothesis."""
_NAMES = 4_000
"""Names of tools, roles, cases that are told apart; the rest shares the last code."""
_SHOWN = 300
"""Characters of a name that are handed out."""
_CHANGE = 2_000
"""Bytes of a state's value that are handed out with the steps."""


@dataclass
class Codes:
    """Texts, each with a small number; 0 is no text."""

    most: int = _NAMES
    texts: list[str] = field(default_factory=lambda: [""])
    _codes: dict[str, int] = field(default_factory=lambda: {"": 0})

    def of(self, text: Any) -> int:
        """Return the code of a text, giving it one where it has none."""
        if not isinstance(text, str):
            return 0
        code = self._codes.get(text)
        if code is None:
            if len(self.texts) >= self.most:
                return len(self.texts) - 1
            code = self._codes[text] = len(self.texts)
            self.texts.append(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…")
        return code


@dataclass
class Curve:
    """The evidence on one hypothesis, draw by draw."""

    seq: list[int] = field(default_factory=list[int])
    draw: list[int] = field(default_factory=list[int])
    log_for: list[float] = field(default_factory=list[float])
    log_against: list[float] = field(default_factory=list[float])
    outcome: list[float | None] = field(default_factory=list[float | None])
    why_not: dict[int, str] = field(default_factory=dict[int, str])
    """By row: why a draw does not count."""
    measurements: list[list[int]] = field(default_factory=list[list[int]])

    def to_json(self) -> dict[str, Any]:
        """Return the curve as a page reads it."""
        return {
            "seq": self.seq,
            "draw": self.draw,
            "for": self.log_for,
            "against": self.log_against,
            "outcome": self.outcome,
            "why_not": {str(row): why for row, why in self.why_not.items()},
            "measurements": self.measurements,
        }


@dataclass
class Outline:
    """A record's contents in columns."""

    names: Codes = field(default_factory=Codes)
    roles: Codes = field(default_factory=lambda: Codes(250))
    hypotheses: Codes = field(default_factory=Codes)
    name: "array[int]" = field(default_factory=lambda: array("H"))
    role: bytearray = field(default_factory=bytearray)
    hypothesis: "array[int]" = field(default_factory=lambda: array("H"))
    several: dict[int, list[int]] = field(default_factory=dict[int, list[int]])
    """Codes of the hypotheses of an event that is about more than one."""
    seconds: "array[float]" = field(default_factory=lambda: array("f"))
    processor: "array[float]" = field(default_factory=lambda: array("f"))
    effects: Codes = field(default_factory=lambda: Codes(60))
    effect: bytearray = field(default_factory=bytearray)
    steps: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    curves: dict[str, Curve] = field(default_factory=dict[str, Curve])
    sheet: "Sheet" = field(default_factory=lambda: Sheet())
    blobs: dict[str, tuple[Blob, int]] = field(default_factory=dict[str, tuple[Blob, int]])
    """Every payload referred to, by digest, with the first event that refers to it."""
    models: list[list[int]] = field(default_factory=list[list[int]])
    """Requests to models with their answers, -1 for none."""
    unreadable: list[int] = field(default_factory=list[int])
    """Events whose contents are no JSON."""

    @classmethod
    def of(cls, skeleton: Skeleton) -> "Outline":
        """Read what the events carry."""
        return _Reader(skeleton).read()

    def facets(self) -> dict[str, Any]:
        """Return what events can be filtered by."""
        return {
            "names": self.names.texts,
            "name": packed(self.name),
            "roles": self.roles.texts,
            "role": packed(self.role),
            "effects": self.effects.texts,
            "effect": packed(self.effect),
            "hypotheses": self.hypotheses.texts,
            "hypothesis": packed(self.hypothesis),
            "several": [[seq, *codes] for seq, codes in self.several.items()],
            "seconds": packed(self.seconds),
            "processor": packed(self.processor),
            "steps": self.steps,
            "models": self.models,
        }


@dataclass
class Sheet:
    """The measurements, column by column."""

    texts: Codes = field(default_factory=lambda: Codes(1 << 20))
    seq: list[int] = field(default_factory=list[int])
    case: list[int] = field(default_factory=list[int])
    quantity: list[int] = field(default_factory=list[int])
    value: list[float | None] = field(default_factory=list[float | None])
    unit: list[int] = field(default_factory=list[int])
    uncertainty: list[float | None] = field(default_factory=list[float | None])
    tool: list[int] = field(default_factory=list[int])
    purpose: list[int] = field(default_factory=list[int])
    reading: list[int] = field(default_factory=list[int])
    request: list[int] = field(default_factory=list[int])
    failure: list[int] = field(default_factory=list[int])
    drawing: list[int] = field(default_factory=list[int])

    def add(self, seq: int, m: Mapping[str, Any]) -> None:
        """Append a measurement."""
        of = self.texts.of
        failure, drawing = _mapping(m.get("failure")), _mapping(m.get("drawing"))
        self.seq.append(seq)
        self.case.append(of(m.get("case")))
        self.quantity.append(of(m.get("quantity")))
        self.value.append(_number(m.get("value")))
        self.unit.append(of(m.get("unit")))
        self.uncertainty.append(_number(m.get("uncertainty")))
        self.tool.append(of(m.get("tool")))
        self.purpose.append(of(m.get("purpose")))
        self.reading.append(_whole(m.get("reading")))
        self.request.append(_whole(m.get("request"), -1))
        said = f"{failure.get('kind', 'failed')}: {failure.get('reason', '')}" if failure else ""
        self.failure.append(of(said))
        self.drawing.append(of(drawing.get("sha256")))

    def to_json(self) -> dict[str, Any]:
        """Return the sheet as a page reads it."""
        columns = ("seq", "case", "quantity", "value", "unit", "uncertainty", "tool", "purpose",
                   "reading", "request", "failure", "drawing")  # fmt: skip
        return {"texts": self.texts.texts, **{name: getattr(self, name) for name in columns}}


class _Reader:
    def __init__(self, skeleton: Skeleton) -> None:
        self.skeleton = skeleton
        self.found = Outline()
        self.about: dict[int, set[int]] = {}
        """Codes of the hypotheses of an event, where it does not say so itself."""
        self.asked: dict[int, tuple[int, int, int]] = {}
        """Name, role and effect of a request."""
        self.models: dict[int, int] = {}
        self.state: dict[str, Any] = {}
        self.open: dict[int, int] = {}
        """Row of a step by the position of its beginning."""
        self.row: tuple[int, int, int, float, float] = (0, 0, 0, 0.0, 0.0)
        """Name, role and effect of the event at hand, its seconds and processor seconds."""
        self.own: tuple[int, ...] = ()
        """Codes of the hypotheses that it names."""

    def read(self) -> Outline:
        found = self.found
        kinds, codes = self.skeleton.kinds, self.skeleton.kind
        about = list[tuple[int, ...]]()
        actions = {
            "step.started": self._begins,
            "step.ended": self._ends,
            "effect.requested": self._requested,
            "effect.completed": self._answered,
            "effect.failed": self._answered,
            "effect.ambiguous": self._answered,
            "hypothesis.proposed": self._proposed,
            "hypothesis.turned_away": self._turned_away,
            "registration": self._registered,
            "experiment.designed": self._designed,
            "measurement": self._measured,
            "evidence": self._weighed,
            "crossing": self._named("crossing"),
            "verdict": self._named("verdict"),
            "claim": self._claimed,
        }
        nothing = (0, 0, 0, 0.0, 0.0)
        for seq, line in self.skeleton.lines():
            self.row, self.own = nothing, ()
            act = actions.get(kinds[codes[seq]])
            if act is not None:
                try:
                    act(seq, _mapping(orjson.loads(line)["data"]))
                except (ValueError, LookupError, TypeError):
                    found.unreadable.append(seq)
            name, role, effect, seconds, processor = self.row
            found.name.append(name)
            found.role.append(role)
            found.effect.append(effect)
            found.seconds.append(seconds)
            found.processor.append(processor)
            about.append(self.own)
        for seq, own in enumerate(about):
            codes_of = tuple(sorted({*own, *self.about.get(seq, ())}))
            if len(codes_of) > 1:
                found.several[seq] = list(codes_of)
            found.hypothesis.append(SEVERAL if len(codes_of) > 1 else (*codes_of, 0)[0])
        found.models = [[request, answer] for request, answer in self.models.items()]
        return found

    def _code(self, name: Any) -> int:
        return self.found.hypotheses.of(name)

    def _begins(self, seq: int, data: Mapping[str, Any]) -> None:
        name = data.get("step")
        self.open[seq] = len(self.found.steps)
        self.found.steps.append(
            {
                "seq": seq,
                "end": -1,
                "step": name[:_SHOWN] if isinstance(name, str) else "",
                "number": _whole(data.get("number")),
                "seconds": None,
                "change": {},
            }
        )
        self.row = (self.found.names.of(name), 0, 0, 0.0, 0.0)

    def _ends(self, seq: int, data: Mapping[str, Any]) -> None:
        seconds = _number(data.get("seconds"))
        self.row = (self.found.names.of(data.get("step")), 0, 0, seconds or 0.0, 0.0)
        row = self.open.get(self.skeleton.cause[seq])
        if row is None:
            return
        change: dict[str, Any] = {}
        for key, after in _mapping(data.get("change")).items():
            change[key[:_SHOWN]] = [_small(self.state.get(key)), _small(after)]
            self.state[key] = after
        self.found.steps[row].update(end=seq, seconds=seconds, change=change)

    def _requested(self, seq: int, data: Mapping[str, Any]) -> None:
        found = self.found
        asked = (
            found.names.of(data.get("name")),
            found.roles.of(data.get("role")),
            found.effects.of(data.get("effect")),
        )
        self.asked[seq] = asked
        if data.get("effect") == "model":
            self.models[seq] = -1
        self._refers(seq, data.get("blob"))
        self.row = (*asked, 0.0, 0.0)

    def _answered(self, seq: int, data: Mapping[str, Any]) -> None:
        request = _whole(data.get("request"), -1)
        if request in self.models:
            self.models[request] = seq
        self._refers(seq, data.get("blob"))
        for blob in _mapping(data.get("media")).values():
            self._refers(seq, blob)
        seconds, processor = _number(data.get("seconds")), _number(data.get("cpu_seconds"))
        self.row = (*self.asked.get(request, (0, 0, 0)), seconds or 0.0, processor or 0.0)

    def _proposed(self, _: int, data: Mapping[str, Any]) -> None:
        hypothesis = _mapping(data.get("hypothesis"))
        self.own = (self._code(hypothesis.get("id")),)
        self.row = (0, self.found.roles.of(hypothesis.get("proposed_by")), 0, 0.0, 0.0)

    def _turned_away(self, _: int, data: Mapping[str, Any]) -> None:
        self.own = (self._code(data.get("hypothesis")),)

    def _registered(self, seq: int, data: Mapping[str, Any]) -> None:
        registration = _mapping(data.get("registration"))
        self.own = (self._code(registration.get("hypothesis")),)
        frame, prediction = _mapping(registration.get("frame")), registration.get("prediction")
        self._refers(seq, frame.get("draws"))
        for key in ("table", "others", "drawing", "regressors"):
            self._refers(seq, _mapping(prediction).get(key))

    def _designed(self, _: int, data: Mapping[str, Any]) -> None:
        experiment = _mapping(data.get("experiment"))
        named = experiment.get("hypotheses")
        listed = cast("list[Any]", named) if isinstance(named, list) else []
        self.own = tuple(self._code(name) for name in listed[:1000])

    def _measured(self, seq: int, data: Mapping[str, Any]) -> None:
        measurement = _mapping(data.get("measurement"))
        self.found.sheet.add(seq, measurement)
        self._refers(seq, measurement.get("drawing"))
        self.row = (self.found.names.of(measurement.get("tool")), 0, 0, 0.0, 0.0)

    def _weighed(self, seq: int, data: Mapping[str, Any]) -> None:
        evidence = _mapping(data.get("evidence"))
        name = evidence.get("hypothesis")
        if not isinstance(name, str):
            return
        code = self._code(name)
        self.own = (code,)
        curve = self.found.curves.setdefault(name, Curve())
        cited = evidence.get("measurements")
        listed = cast("list[Any]", cited) if isinstance(cited, list) else []
        measured = [m for m in listed[:1000] if isinstance(m, int)]
        if evidence.get("admissible") is False:
            curve.why_not[len(curve.seq)] = str(evidence.get("why_not"))[:_SHOWN]
        curve.seq.append(seq)
        curve.draw.append(_whole(evidence.get("draw")))
        curve.log_for.append(_number(evidence.get("log_e_for")) or 0.0)
        curve.log_against.append(_number(evidence.get("log_e_against")) or 0.0)
        curve.outcome.append(_number(evidence.get("outcome")))
        curve.measurements.append(measured)
        for position in measured:
            if 0 <= position < seq:
                self.about.setdefault(position, set()).add(code)
                asked = self.skeleton.cause[position]
                if asked >= 0:
                    self.about.setdefault(asked, set()).add(code)

    def _named(self, noun: str) -> Any:
        def act(_: int, data: Mapping[str, Any]) -> None:
            self.own = (self._code(_mapping(data.get(noun)).get("hypothesis")),)

        return act

    def _claimed(self, _: int, data: Mapping[str, Any]) -> None:
        named = _mapping(data.get("claim")).get("hypotheses")
        listed = cast("list[Any]", named) if isinstance(named, list) else []
        self.own = tuple(self._code(name) for name in listed[:1000])

    def _refers(self, seq: int, reference: Any) -> None:
        if not isinstance(reference, dict):
            return
        try:
            blob = Blob.model_validate(reference)
        except ValueError:
            return
        self.found.blobs.setdefault(blob.sha256, (blob, seq))


def curves(outline: Outline) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the evidence on each hypothesis."""
    for name, curve in outline.curves.items():
        yield name, curve.to_json()


def _mapping(value: Any) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", value) if isinstance(value, dict) else {}


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if abs(value) < 1e300 else None


def _whole(value: Any, otherwise: int = 0) -> int:
    small = isinstance(value, int) and not isinstance(value, bool) and abs(value) < 1 << 31
    return value if small else otherwise


def _small(value: Any) -> Any:
    """Return a value of the state, or how large it is where it is large."""
    size = len(orjson.dumps(value))
    return {"…": f"{size:,} bytes"} if size > _CHANGE else value
