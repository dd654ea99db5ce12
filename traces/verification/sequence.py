"""What the events say, in their order: requests and answers, what was proposed, sealed, measured."""

import hashlib
from array import array
from collections import OrderedDict
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, cast

import msgspec
import orjson
from pydantic import ValidationError
from pydantic.fields import FieldInfo

from gaseol.traces.evidence.judge import close
from gaseol.traces.nouns.measurement import Measurement
from gaseol.traces.nouns.registration import stored_digest
from gaseol.traces.record.blob import AlteredBlob, Blob, BlobStore, MissingBlob, WithheldBlob
from gaseol.traces.record.docket import FOLDED, Docket
from gaseol.traces.record.event import BLOBS, KINDS, HypothesisRanked, Measured, references
from gaseol.traces.verification.labels import Labels
from gaseol.traces.verification.linkage import UNREADABLE, open_envelope, request_key
from gaseol.traces.verification.problem import Flaw, Problem

_MOST = 20
_RECENT = 1024
"""Answers kept in memory for the measurements that follow; others are read again."""
_LAST_DIGIT = 2e-6
"""Strengths are rounded to six digits; another processor may round another way."""
_KEPT = 64
"""Payloads kept in the same way."""

_SAID_ONCE = {
    "hypothesis.proposed": ("hypothesis", "id"),
    "experiment.designed": ("experiment", "id"),
    "crossing": ("crossing", "hypothesis"),
    "verdict": ("verdict", "hypothesis"),
    "claim": ("claim", "id"),
}
"""Nouns that a record states once: a second would stand before the first, unseen."""

_FOLDED = frozenset(FOLDED)
_ANSWERS = frozenset(("effect.completed", "effect.failed"))
_REFERS = (b'"sha256"', b"\\")
"""What stands in a line that names a payload; a name can be written with escapes."""
_NOTHING, _ASKED, _ANSWERED = 0, 1, 2

Json = dict[str, Any]


def _bounded(info: FieldInfo) -> Any:
    """Return the type of a field, with the least that a number may be."""
    kind: Any = info.annotation
    for bound in info.metadata:  # another kind of limit has no `ge`, and must be put in here too
        least = msgspec.Meta(ge=bound.ge)
        number: Any = Annotated[float if kind == float | None else kind, least]
        kind = number | None if kind == float | None else number
    return kind


def _plain(model: type[Measurement]) -> type[msgspec.Struct]:
    """Return the shape of a measurement that refers to nothing and did not fail.

    Most are such, and are read six times as fast as by the model, which is asked about the others.
    """
    absent = {"drawing": type(None), "failure": type(None), "label": type(None), "value": float}
    fields = [
        (
            name,
            absent.get(name, _bounded(info)),
            msgspec.NODEFAULT if info.is_required() or name == "value" else info.default,
        )
        for name, info in model.model_fields.items()
    ]
    return msgspec.defstruct("Plain", fields, kw_only=True, forbid_unknown_fields=True, gc=False)


def _line(kind: str, *fields: tuple[str, Any], strict: bool = False) -> Any:
    """Return the shape of an event of a kind, of whose data no more than these fields is read."""
    data = msgspec.defstruct("Data", fields, forbid_unknown_fields=strict, gc=False)
    return msgspec.defstruct(kind, [("data", data)], tag_field="kind", tag=kind, gc=False)


_Asked = _line("effect.requested", ("effect", str), ("name", str))
_Plain = _line("measurement", ("measurement", _plain(Measurement)), strict=True)
_Swift = _Asked | _Plain | _line("effect.completed", ("request", int)) | _line(
    "effect.failed", ("request", int)
)  # fmt: skip
"""Most events are requests, answers and measurements; others are read with more care."""

_read = cast("Callable[[bytes], Any]", msgspec.json.Decoder(_Swift).decode)


class _Answer(msgspec.Struct, gc=False):
    value: msgspec.Raw = msgspec.Raw(b"null")
    blob: dict[str, Any] | None = None
    failure: dict[str, Any] | None = None


class _Answered(msgspec.Struct, gc=False):
    data: _Answer


_answer = msgspec.json.Decoder(_Answered).decode
_members = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


class Sequence:
    """Reads a record from its first line to its last; afterwards it knows what was said."""

    def __init__(self, folder: Path, blobs: BlobStore, run: Mapping[str, Any]) -> None:
        self.problems: list[Problem] = []
        self.notes: list[str] = []
        self.docket = Docket()
        self.references: dict[str, tuple[int, int]] = {}
        """Of payloads: the first event that names one, and its size."""
        self.effects = 0
        self.unchecked = 0
        """Measurements whose answers were withheld."""
        self._path = folder / "events.jsonl"
        self._blobs = blobs
        self._run = run
        self._labels = Labels(run)
        self._state = bytearray()
        self._places = array("q")
        self._recent: dict[int, bytes] = {}
        self._payloads: OrderedDict[str, Any] = OrderedDict()
        self._proposed: dict[str, Any] = {}
        self._ended = False

    def wrong(self, seq: int, what: str, flaw: Flaw = Flaw.DISORDER) -> None:
        """Note that something does not hold at an event."""
        self.problems.append(Problem(f"event {seq}", what, flaw))

    def read(self) -> None:
        """Read all events, up to the twentieth problem.

        Most lines are requests and answers, of which only their beginning is read here: whether
        they are events at all is for the chain's follower to say.
        """
        place, state, places, problems = 0, self._state, self._places, self.problems
        with self._path.open("rb") as file, self._path.open("rb") as self._again:
            for number, line in enumerate(file):
                if not line.endswith(b"\n") or len(problems) > _MOST:
                    break  # torn: the chain says so
                places.append(place)
                state.append(_NOTHING)
                place += len(line)
                try:
                    event = _read(line)
                except UNREADABLE:
                    self._event(number, line)
                    continue
                shape: Any = event.__class__
                if self._ended or not number:
                    self._event(number, line)
                elif shape is _Asked:
                    state[number] = _ASKED
                    self._labelled(
                        number,
                        self._labels.asked(number, event.data.effect, event.data.name, line),
                    )
                    if _refers(line):
                        self._requested(number, _json(line))
                elif shape is _Plain:
                    self._origin(number, event.data.measurement)
                else:
                    self._answered(number, shape.__name__, event.data.request, line)
        for seq, state in enumerate(self._state):
            if state == _ASKED:
                self.notes.append(f"event {seq}: an effect whose answer is not known (ambiguous)")

    def _event(self, seq: int, line: bytes) -> None:
        """Read an event of which there are few, or that is not as the others."""
        try:
            kind = open_envelope(line).kind
        except UNREADABLE:
            return  # the chain's follower says so
        data = _json(line)
        if (seq == 0) is not (kind == "run.started"):
            self.wrong(seq, f"a record begins with one run.started, here it has {kind}")
        if self._ended:
            self.wrong(seq, f"{kind} after the run had ended")
        if kind in _ANSWERS:
            request = data.get("request")
            self._answered(seq, kind, request if type(request) is int else -1, line)
        elif kind == "effect.requested":
            self._state[seq] = _ASKED
            about = str(data.get("effect")), str(data.get("name"))
            self._labelled(seq, self._labels.asked(seq, *about, line))
            if _refers(line):
                self._requested(seq, data)
        elif kind == "measurement":
            self._measured(seq, data)
        else:
            self._other(seq, kind, data)

    def _labelled(self, seq: int, what: str) -> None:
        if what:
            self.wrong(seq, what, Flaw.CONTRADICTED)

    # -- effects ---------------------------------------------------------------------------

    def _requested(self, seq: int, data: Json) -> None:
        """Check the key of a request whose arguments are a payload."""
        self._refers(seq, "effect.requested", data)
        try:
            arguments = self._payload(data["blob"])
            key = request_key(data["effect"], data["name"], data["version"], arguments)
            if key != data["key"]:
                self.wrong(seq, "its key is not that of what it asks", Flaw.CONTRADICTED)
        except (LookupError, ValueError, TypeError):
            return  # no reference after all; withheld; or said where the payloads are checked

    def _answered(self, seq: int, kind: str, request: int, line: bytes) -> None:
        state = self._state[request] if 0 <= request < seq else _NOTHING
        if state == _NOTHING:
            said = _json(line).get("request")
            self.wrong(seq, f"{kind} answers event {said}, which requested nothing")
        elif state == _ANSWERED:
            self.wrong(seq, f"event {request} is answered twice")
        else:
            self._state[request] = _ANSWERED
            failed = kind == "effect.failed"
            self._labelled(seq, self._labels.answered(request, line, failed=failed))
            self.effects += 1
            self._places[request] = self._places[seq]
            if len(self._recent) == _RECENT:
                self._recent.clear()
            self._recent[request] = line
            if _refers(line):
                self._refers(seq, kind, _json(line))

    def _ambiguous(self, seq: int, request: Any) -> None:
        if type(request) is not int or not 0 <= request < seq or self._state[request] == _NOTHING:
            self.wrong(seq, f"effect.ambiguous speaks of event {request}, which requested nothing")

    def _answer(self, request: int) -> _Answer:
        """Return the answer to a request, from memory or read again from the file."""
        line = self._recent.get(request)
        if line is None:
            self._again.seek(self._places[request])
            line = self._again.readline()
        try:
            return _answer(line).data
        except UNREADABLE:
            return _Answer()  # no answer that any measurement could be of

    def _payload(self, blob: Any) -> Any:
        name = blob["sha256"]
        if name not in self._payloads:
            self._payloads[name] = self._blobs.get_json(Blob.model_validate(blob))
            if len(self._payloads) > _KEPT:
                self._payloads.popitem(last=False)
        return self._payloads[name]

    def _refers(self, seq: int, kind: str, data: Json) -> None:
        for name, size in references(kind, data):
            if isinstance(cast("Any", name), str):
                self.references.setdefault(name, (seq, size))
            else:
                self.wrong(seq, "names a payload by what is no digest")

    # -- nouns -----------------------------------------------------------------------------

    def _other(self, seq: int, kind: str, data: Json) -> None:
        shape = KINDS.get(kind)
        if shape is None:
            self.notes.append(
                f"event {seq}: kind '{kind}' is unknown here, only its bytes were verified"
            )
            return
        try:
            fact = shape.model_validate(data)
        except ValidationError as error:
            self._no(seq, kind, error)
            return
        if kind in BLOBS:
            self._refers(seq, kind, data)
        if kind == "effect.ambiguous":
            self._ambiguous(seq, data["request"])
        if kind not in _FOLDED:
            return
        before = len(self.problems)
        self._in_order(seq, kind, data)
        if len(self.problems) == before:
            self.docket.add(seq, fact)
        self._ended = kind == "run.ended"

    def _no(self, seq: int, kind: str, error: ValidationError) -> None:
        first = error.errors()[0]
        at = ".".join(map(str, first["loc"]))
        self.wrong(seq, f"is no {kind}: {at}: {first['msg']}")

    def _measured(self, seq: int, data: Json) -> None:
        try:
            measurement = Measured.model_validate(data).measurement
        except ValidationError as error:
            self._no(seq, "measurement", error)
            return
        self._refers(seq, "measurement", data)
        self._origin(seq, measurement)

    def _origin(self, seq: int, measurement: Measurement) -> None:
        """Check that a measurement is what the tool answered, and fold it in."""
        request = measurement.request
        state = self._state[request] if 0 <= request < seq else _NOTHING
        if state == _NOTHING:
            self.wrong(seq, "comes from no request")
            return
        if state != _ANSWERED:
            self.wrong(seq, f"event {request} was never answered", Flaw.CONTRADICTED)
            return
        self.docket.measured(seq, measurement)
        self._labelled(seq, self._labels.measured(request, measurement.label))
        answer = self._answer(request)
        if measurement.value is None:
            said = measurement.failure.model_dump(mode="json") if measurement.failure else None
            if answer.failure and answer.failure != said:
                self.wrong(seq, f"event {request} failed in another way", Flaw.CONTRADICTED)
            return
        if measurement.raw is None:
            self.wrong(seq, "its value stands in no answer", Flaw.CONTRADICTED)
            return
        try:
            found = self._look_up(answer, measurement.row, measurement.path)
        except WithheldBlob:
            self.unchecked += 1
            found = measurement.raw
        except (MissingBlob, AlteredBlob):
            return  # said where the payloads are checked
        if found != measurement.raw:
            what = f"says {measurement.raw}, but event {request} was answered {found}"
            self.wrong(seq, what, Flaw.CONTRADICTED)
        if not close(measurement.value, measurement.raw * measurement.factor + measurement.offset):
            self.wrong(seq, "its value is not its raw value converted", Flaw.CONTRADICTED)

    def _look_up(self, answer: _Answer, row: int | None, path: tuple[str, ...]) -> Any:
        """Return what stands at a place of an answer, of which no more is read than that."""
        try:
            if answer.blob is not None:
                value: Any = self._payload(answer.blob)
            elif row is None and len(path) == 1:
                return orjson.loads(bytes(_members(answer.value)[path[0]]))
            else:
                value = orjson.loads(bytes(answer.value))
            if row is not None:
                value = value[row]
            for key in path:
                value = value[key]
        except (MissingBlob, AlteredBlob):
            raise
        except (LookupError, TypeError, *UNREADABLE):
            return None
        return value

    def _in_order(self, seq: int, kind: str, data: Json) -> None:
        docket = self.docket
        match kind:
            case "run.started":
                self._as_asked(seq, data)
            case "registration":
                self._registered(seq, data["registration"])
            case "experiment.designed":
                for name in data["experiment"]["hypotheses"]:
                    if name not in docket.registrations:
                        self.wrong(seq, f"is for {name}, which is not registered")
            case "hypothesis.proposed":
                self._proposed[data["hypothesis"]["id"]] = data["hypothesis"]
                for position in data["hypothesis"].get("seen", ()):
                    if position not in docket.measurements:
                        self.wrong(seq, f"its proposer saw event {position}, no measurement")
            case "hypothesis.ranked" if data.get("strengths") or data.get("pairings"):
                self._ranked(seq, HypothesisRanked.model_validate(data))
            case _:
                pass
        noun, key = _SAID_ONCE.get(kind, ("", ""))
        if noun and f"{noun}:{data[noun][key]}" in docket.positions:
            self.wrong(seq, f"is the second {noun} of {data[noun][key]}")

    def _ranked(self, seq: int, ranked: HypothesisRanked) -> None:
        """Check that strengths follow from pairings, and these from answers of models."""
        from gaseol.traces.strengths import strengths

        for name in dict.fromkeys(n for p in ranked.pairings for n in (p.first, p.second)):
            if name not in self.docket.hypotheses:
                self.wrong(seq, f"pairs {name}, which nobody proposed")
        for position in (at for p in ranked.pairings for at in p.judgements):
            if not 0 <= position < seq or self._state[position] != _ANSWERED:
                self.wrong(seq, f"was judged by event {position}, which nobody answered")
        said = {s.hypothesis: s for s in ranked.strengths}
        now = strengths({s.hypothesis: s.league for s in ranked.strengths}, ranked.pairings)
        for found in now:
            then = said[found.hypothesis]
            numbers = ("value", "low", "high", "pairings")
            if any(abs(getattr(then, n) - getattr(found, n)) > _LAST_DIGIT for n in numbers):
                what = f"the strength of {found.hypothesis} does not follow from the pairings"
                self.wrong(seq, what, Flaw.CONTRADICTED)
        places = list(ranked.order)
        if [n for n in places if n in said] != [s.hypothesis for s in ranked.strengths]:
            self.wrong(seq, "the order is not that of the strengths", Flaw.CONTRADICTED)

    def _as_asked(self, seq: int, data: Json) -> None:
        """Check that the run started with what `run.json` asks."""
        run = self._run
        for name in ("scientist", "seed", "code"):
            if name in run and name in data and run[name] != data[name]:
                what = f"its {name} is {data[name]}, run.json says {run[name]}"
                self.wrong(seq, what, Flaw.CONTRADICTED)
        said = data.get("scenario_sha256")
        if said:
            content = orjson.dumps(run.get("scenario"), option=orjson.OPT_SORT_KEYS)
            if hashlib.sha256(content).hexdigest() != said:
                self.wrong(seq, "the scenario is not the one in run.json", Flaw.CONTRADICTED)

    def _registered(self, seq: int, registration: Json) -> None:
        docket = self.docket
        name = registration["hypothesis"]
        if name not in docket.hypotheses:
            self.wrong(seq, f"registers {name}, which nobody proposed")
        elif name in docket.registrations:
            self.wrong(seq, f"registers {name} a second time")
        elif registration["digest"] != stored_digest(self._proposed[name], registration):
            self.wrong(seq, "its digest is not that of what it registers", Flaw.CONTRADICTED)
        if docket.started and (
            registration["criterion"]["hypotheses"] != docket.started.hypotheses
            or registration["criterion"]["alpha"] != docket.started.alpha
        ):
            self.wrong(seq, "its m or alpha is not what the run registered at its start")
        if docket.started and len(docket.registrations) >= docket.started.hypotheses:
            self.wrong(seq, f"exceeds the {docket.started.hypotheses} hypotheses")


def _refers(line: bytes) -> bool:
    """Tell whether a line may name a payload."""
    return any(sign in line for sign in _REFERS)


def _json(line: bytes) -> Json:
    """Return an event's data; nothing where they are no object, which the follower says."""
    try:
        data = orjson.loads(line)["data"]
    except (ValueError, KeyError, TypeError):
        return {}
    return cast("Json", data) if isinstance(data, dict) else {}
