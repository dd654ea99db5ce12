"""What the events say, in their order: requests and answers, what was proposed, sealed, measured."""

import hashlib
from array import array
from collections import OrderedDict
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, cast

import orjson
from pydantic import ValidationError

from gaseol.traces.blob import Blob, BlobStore, MissingBlob, WithheldBlob
from gaseol.traces.docket import FOLDED, Docket
from gaseol.traces.event import BLOBS, KINDS, Measured, references
from gaseol.traces.failure import Failure
from gaseol.traces.judge import close
from gaseol.traces.measurement import Measurement
from gaseol.traces.problem import Flaw, Problem
from gaseol.traces.registration import stored_digest

_MOST = 20
_KEPT = 512
"""Answers kept in memory for the measurements that follow; others are read again."""

_SAID_ONCE = {
    "hypothesis.proposed": ("hypothesis", "id"),
    "experiment.designed": ("experiment", "id"),
    "crossing": ("crossing", "hypothesis"),
    "verdict": ("verdict", "hypothesis"),
    "claim": ("claim", "id"),
}
"""Nouns that a record states once: a second would stand before the first, unseen."""

_FOLDED = frozenset(FOLDED)
_NOTHING, _ASKED, _ANSWERED = 0, 1, 2

Json = dict[str, Any]


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
        self._state = bytearray()
        self._places = array("q")
        self._recent: OrderedDict[int, Json] = OrderedDict()
        self._payloads: OrderedDict[str, Any] = OrderedDict()
        self._proposed: dict[str, Any] = {}
        self._ended = False
        self._handlers: dict[str, Callable[[int, Json], None]] = {
            "effect.requested": self._requested,
            "effect.completed": self._completed,
            "effect.failed": self._failed,
            "effect.ambiguous": self._ambiguous,
            "measurement": self._measured,
        }

    def wrong(self, seq: int, what: str, flaw: Flaw = Flaw.DISORDER) -> None:
        """Note that something does not hold at an event."""
        self.problems.append(Problem(f"event {seq}", what, flaw))

    def read(self) -> None:
        """Read all events, up to the twentieth problem."""
        handlers, loads, get = self._handlers, orjson.loads, self._handlers.get
        place = 0
        with self._path.open("rb") as file, self._path.open("rb") as again:
            self._again = again
            for number, raw in enumerate(file):
                if not raw.endswith(b"\n"):
                    break  # torn: the chain says so
                self._places.append(place)
                self._state.append(_NOTHING)
                place += len(raw)
                try:
                    event = loads(raw)
                    kind, data, cause = event["kind"], event["data"], event["cause"]
                    if type(kind) is not str or type(data) is not dict:
                        raise TypeError("its kind is no text or its data no object")
                    if cause is not None and not (type(cause) is int and 0 <= cause < number):
                        raise TypeError("its cause is no earlier event")
                except (ValueError, KeyError, TypeError) as error:
                    self.wrong(number, f"line {number + 1} of events.jsonl is no event: {error}")
                    continue
                finally:
                    if len(self.problems) > _MOST:
                        break
                if (number == 0) is not (kind == "run.started"):
                    self.wrong(number, f"a record begins with one run.started, here it has {kind}")
                if self._ended:
                    self.wrong(number, f"{kind} after the run had ended")
                handler = get(kind)
                if handler is not None:
                    handler(number, data)
                else:
                    self._other(number, kind, data)
        for seq, state in enumerate(self._state):
            if state == _ASKED:
                self.notes.append(f"event {seq}: an effect whose answer is not known (ambiguous)")
        del handlers

    # -- effects ---------------------------------------------------------------------------

    def _requested(self, seq: int, data: Json) -> None:
        self._state[seq] = _ASKED
        blob = data.get("blob")
        arguments = data.get("arguments")
        if blob is not None:
            self._refers(seq, "effect.requested", data)
            try:
                arguments = self._payload(blob)
            except WithheldBlob:
                return
            except (LookupError, ValueError, TypeError):
                return  # said where the payloads are checked
        try:
            parts = [data["effect"], data["name"], data["version"], arguments]
            key = hashlib.sha256(orjson.dumps(parts, option=orjson.OPT_SORT_KEYS)).hexdigest()
            if key != data["key"]:
                self.wrong(seq, "its key is not that of what it asks", Flaw.CONTRADICTED)
        except (KeyError, TypeError) as error:
            self.wrong(seq, f"is no effect.requested: {error}")

    def _completed(self, seq: int, data: Json) -> None:
        if self._answers(seq, "effect.completed", data):
            if data.get("blob") is not None or data.get("media"):
                self._refers(seq, "effect.completed", data)
            self._remember(data["request"], data)

    def _failed(self, seq: int, data: Json) -> None:
        if self._answers(seq, "effect.failed", data):
            self._remember(data["request"], data)

    def _answers(self, seq: int, kind: str, data: Json) -> bool:
        request = data.get("request")
        state = self._state[request] if type(request) is int and 0 <= request < seq else _NOTHING
        if state == _NOTHING or request is None:
            self.wrong(seq, f"{kind} answers event {request}, which requested nothing")
            return False
        if state == _ANSWERED:
            self.wrong(seq, f"event {request} is answered twice")
            return False
        self._state[request] = _ANSWERED
        self.effects += 1
        self._places[request] = self._places[seq]
        return True

    def _ambiguous(self, seq: int, data: Json) -> None:
        request = data.get("request")
        if type(request) is not int or not 0 <= request < seq or self._state[request] == _NOTHING:
            self.wrong(seq, f"effect.ambiguous speaks of event {request}, which requested nothing")

    def _remember(self, request: int, data: Json) -> None:
        recent = self._recent
        recent[request] = data
        if len(recent) > _KEPT:
            recent.popitem(last=False)

    def _answer(self, request: int) -> Json:
        """Return the answer to a request, from memory or from the file."""
        found = self._recent.get(request)
        if found is None:
            self._again.seek(self._places[request])
            found = cast("Json", orjson.loads(self._again.readline())["data"])
            self._remember(request, found)
        return found

    def _payload(self, blob: Any) -> Any:
        name = blob["sha256"]
        if name not in self._payloads:
            self._payloads[name] = self._blobs.get_json(Blob.model_validate(blob))
            if len(self._payloads) > _KEPT:
                self._payloads.popitem(last=False)
        return self._payloads[name]

    def _refers(self, seq: int, kind: str, data: Json) -> None:
        for name, size in references(kind, data):
            self.references.setdefault(name, (seq, size))

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
            fact = Measured.model_validate(data)
        except ValidationError as error:
            self._no(seq, "measurement", error)
            return
        measurement = fact.measurement
        if measurement.drawing is not None:
            self._refers(seq, "measurement", data)
        request = measurement.request
        if not 0 <= request < seq or self._state[request] == _NOTHING:
            self.wrong(seq, "comes from no request")
        elif self._state[request] != _ANSWERED:
            self.wrong(seq, f"event {request} was never answered", Flaw.CONTRADICTED)
        else:
            self._origin(seq, measurement)
            self.docket.add(seq, fact)

    def _origin(self, seq: int, measurement: Measurement) -> None:
        """Check that a measurement is what the tool answered."""
        request = measurement.request
        answer = self._answer(request)
        if measurement.value is None:
            failure = answer.get("failure")
            if failure and Failure.model_validate(failure) != measurement.failure:
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
        except MissingBlob:
            return  # said where the payloads are checked
        if found != measurement.raw:
            what = f"says {measurement.raw}, but event {request} was answered {found}"
            self.wrong(seq, what, Flaw.CONTRADICTED)
        if not close(measurement.value, measurement.raw * measurement.factor + measurement.offset):
            self.wrong(seq, "its value is not its raw value converted", Flaw.CONTRADICTED)

    def _look_up(self, answer: Json, row: int | None, path: tuple[str, ...]) -> Any:
        try:
            value = answer.get("value")
            if answer.get("blob"):
                value = self._payload(answer["blob"])
            if row is not None:
                value = value[row]
            for key in path:
                value = value[key]
        except MissingBlob:
            raise
        except (KeyError, IndexError, TypeError, ValueError):
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
            case _:
                pass
        noun, key = _SAID_ONCE.get(kind, ("", ""))
        if noun and f"{noun}:{data[noun][key]}" in docket.positions:
            self.wrong(seq, f"is the second {noun} of {data[noun][key]}")

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
