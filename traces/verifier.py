"""Is this record intact, in order, and does it say what it concludes?

Needs nothing but the folder: no model, no tool, no network, no graph library.
"""

import hashlib
import math
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, cast

import orjson
from pydantic import ValidationError

from gaseol.traces import chain
from gaseol.traces.auditor import audit
from gaseol.traces.blob import BlobStore
from gaseol.traces.docket import FOLDED, Docket
from gaseol.traces.event import FORMAT, KINDS, references
from gaseol.traces.judge import Judge, first_crossing
from gaseol.traces.process import LawContest
from gaseol.traces.registration import RULE, Registration, stored_digest
from gaseol.traces.seal import SEAL_FORMAT, Seal
from gaseol.traces.trace import NotARun
from gaseol.traces.verdict import Crossing, Evidence, Verdict


class Integrity(StrEnum):
    """What can be said of a record as a whole."""

    INTACT = "intact"
    """Sealed, and nothing differs from what was sealed."""
    UNSEALED = "unsealed"
    """Consistent so far as it goes; a missing end would not be noticed."""
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that does not hold, and where."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


@dataclass
class Verification:
    """What was found."""

    integrity: Integrity
    events: int
    head: str
    problems: list[Problem] = field(default_factory=list[Problem])
    notes: list[str] = field(default_factory=list[str])
    checked: dict[str, int] = field(default_factory=dict[str, int])
    """How many verdicts, evidences, claims, blobs, ... were derived anew and compared."""

    @property
    def holds(self) -> bool:
        """True when nothing is wrong."""
        return not self.problems


_SAID_ONCE = {
    "hypothesis.proposed": ("hypothesis", "id"),
    "experiment.designed": ("experiment", "id"),
    "crossing": ("crossing", "hypothesis"),
    "verdict": ("verdict", "hypothesis"),
    "claim": ("claim", "id"),
}
"""Nouns that a record states once: a second would stand before the first, unseen."""

_TOLERANCE = 1e-9
"""Relative, for numbers derived anew: numerical libraries differ in the last bits."""


def verify(folder: Path | str) -> Verification:
    """Verify a run.

    Raises:
        NotARun: the folder holds no `run.json` or no `events.jsonl`.
    """
    return _Verifier(Path(folder)).verify()


class _Verifier:
    def __init__(self, folder: Path) -> None:
        for name in ("run.json", "events.jsonl"):
            if not (folder / name).is_file():
                raise NotARun(f"{folder} is not a run: it has no {name}")
        self.folder = folder
        self.problems: list[Problem] = []
        self.notes: list[str] = []
        self.checked: dict[str, int] = {}
        self.docket = Docket()
        self.blobs = BlobStore(folder / "blobs" / "sha256")
        self.requests: set[int] = set()
        self.answers: dict[int, Any] = {}
        self.proposed: dict[str, Any] = {}
        self.references: dict[str, int] = {}
        self.payloads: dict[str, Any] = {}
        self.ended = False

    def wrong(self, where: str, what: str) -> None:
        self.problems.append(Problem(where, what))

    def count(self, what: str, number: int = 1) -> None:
        self.checked[what] = self.checked.get(what, 0) + number

    def verify(self) -> Verification:
        run_json = (self.folder / "run.json").read_bytes()
        self._run(run_json)
        events, head, merkle = self._events(run_json)
        sealed = self._seal(events, head, merkle.root())
        self._blobs()
        if not self.problems:
            # what a broken chain says is not worth judging anew
            self._effects()
            self._conclusions()
        if self.problems:
            integrity = Integrity.BROKEN
        else:
            integrity = Integrity.INTACT if sealed else Integrity.UNSEALED
        return Verification(integrity, events, head.hex(), self.problems, self.notes, self.checked)

    def _run(self, content: bytes) -> None:
        try:
            run = orjson.loads(content)
        except ValueError as error:
            self.wrong("run.json", f"is not JSON: {error}")
            return
        if not isinstance(run, dict) or cast("dict[str, Any]", run).get("format") != FORMAT:
            self.wrong("run.json", f"is not of the format {FORMAT}")

    def _events(self, run_json: bytes) -> tuple[int, bytes, chain.Merkle]:
        head, merkle, number = chain.start(run_json), chain.Merkle(), 0
        with (self.folder / "events.jsonl").open("rb") as file:
            for raw in file:
                if not raw.endswith(b"\n"):
                    self.wrong(f"events.jsonl, line {number + 1}", "is torn: it has no line end")
                    break
                line = raw[:-1]
                self._event(number, line, head)
                head = chain.link(head, line)
                merkle.add(head)
                number += 1
                if len(self.problems) > 20:
                    self.wrong("events.jsonl", "too many problems, stopped reading")
                    break
        if not number:
            self.wrong("events.jsonl", "holds no event")
        self.count("events", number)
        return number, head, merkle

    def _event(self, number: int, line: bytes, head: bytes) -> None:
        where = f"event {number}"
        try:
            event = orjson.loads(line)
            seq, prev, kind, data = event["seq"], event["prev"], event["kind"], event["data"]
            if not isinstance(kind, str) or not isinstance(data, dict):
                raise TypeError("its kind is no text or its data no object")
        except (ValueError, KeyError, TypeError) as error:
            self.wrong(where, f"line {number + 1} of events.jsonl is no event: {error}")
            return
        if prev != head.hex():
            before = "run.json" if number == 0 else f"event {number - 1}"
            self.wrong(where, f"does not follow from {before}: one of the two was altered")
        if seq != number:
            self.wrong(where, f"calls itself event {seq}")
        if (number == 0) != (kind == "run.started"):
            self.wrong(where, f"a record begins with one run.started, here it has {kind}")
        if self.ended:
            self.wrong(where, f"{kind} after the run had ended")
        if not self.problems:
            self._fold(where, number, kind, data)

    def _fold(self, where: str, seq: int, kind: str, data: Any) -> None:
        for name in references(kind, data):
            self.references.setdefault(name, seq)
        if kind == "effect.requested":
            self.requests.add(seq)
        elif kind in ("effect.completed", "effect.failed"):
            self._answer(where, kind, data)
        elif kind in FOLDED:
            try:
                fact = KINDS[kind].model_validate(data)
            except ValidationError as error:
                first = error.errors()[0]
                at = ".".join(map(str, first["loc"]))
                self.wrong(where, f"is no {kind}: {at}: {first['msg']}")
                return
            self._in_order(where, kind, data)
            if not self.problems:
                self.docket.add(seq, fact)
            self.ended = kind == "run.ended"
        elif kind not in KINDS:
            self.notes.append(
                f"{where}: kind '{kind}' is unknown here, only its bytes were verified"
            )

    def _answer(self, where: str, kind: str, data: Any) -> None:
        request = data.get("request")
        if not isinstance(request, int) or request not in self.requests:
            self.wrong(where, f"{kind} answers event {request}, which requested nothing")
        elif request in self.answers:
            self.wrong(where, f"event {request} is answered twice")
        else:
            self.answers[request] = data

    def _in_order(self, where: str, kind: str, data: Any) -> None:
        docket = self.docket
        match kind:
            case "registration":
                registration = data["registration"]
                name = registration["hypothesis"]
                if name not in docket.hypotheses:
                    self.wrong(where, f"registers {name}, which nobody proposed")
                elif name in docket.registrations:
                    self.wrong(where, f"registers {name} a second time")
                elif registration["digest"] != stored_digest(self.proposed[name], registration):
                    self.wrong(where, "its digest is not that of what it registers")
                if docket.started and (
                    registration["criterion"]["hypotheses"] != docket.started.hypotheses
                    or registration["criterion"]["alpha"] != docket.started.alpha
                ):
                    self.wrong(where, "its m or alpha is not what the run registered at its start")
                if docket.started and len(docket.registrations) >= docket.started.hypotheses:
                    self.wrong(where, f"exceeds the {docket.started.hypotheses} hypotheses")
            case "experiment.designed":
                for name in data["experiment"]["hypotheses"]:
                    if name not in docket.registrations:
                        self.wrong(where, f"is for {name}, which is not registered")
            case "measurement":
                if data["measurement"]["request"] not in self.requests:
                    self.wrong(where, "comes from no request")
            case "hypothesis.proposed":
                self.proposed[data["hypothesis"]["id"]] = data["hypothesis"]
                for position in data["hypothesis"].get("seen", ()):
                    if position not in docket.measurements:
                        self.wrong(where, f"its proposer saw event {position}, no measurement")
            case _:
                pass
        noun, key = _SAID_ONCE.get(kind, ("", ""))
        if noun and f"{noun}:{data[noun][key]}" in docket.positions:
            self.wrong(where, f"is the second {noun} of {data[noun][key]}")

    def _seal(self, events: int, head: bytes, root: bytes) -> bool:
        path = self.folder / "seal.json"
        if not path.is_file():
            self.notes.append("not sealed: a missing end would not be noticed")
            return False
        content = path.read_bytes()
        try:
            seal = Seal.model_validate_json(content)
        except ValidationError as error:
            self.wrong("seal.json", f"is no seal: {error.errors()[0]['msg']}")
            return False
        if seal.format != SEAL_FORMAT:
            self.wrong("seal.json", f"is of the format {seal.format}, not {SEAL_FORMAT}")
        elif content != seal.to_bytes():
            self.wrong("seal.json", "its bytes are not those of a seal with this content")
        alike = (seal.events == events, seal.head == head.hex(), seal.root == root.hex())
        if sum(alike) == 2:
            # a record that was changed has another head and another root
            odd = ("count", "head", "Merkle root")[alike.index(False)]
            self.wrong("seal.json", f"its {odd} is not that of the events")
        elif seal.events > events:
            self.wrong("events.jsonl", f"is truncated: {events} of {seal.events} events are left")
        elif seal.events < events:
            self.wrong("events.jsonl", f"has {events - seal.events} events more than were sealed")
        elif not all(alike):
            self.wrong(f"event {events - 1}", "the last event is not the one that was sealed")
        for name, expected in seal.files.items():
            beside = self.folder / name
            if Path(name).name != name or not beside.is_file():
                self.wrong(name, "is missing, and seal.json names it")
            elif hashlib.sha256(beside.read_bytes()).hexdigest() != expected:
                self.wrong(name, "is not the file that seal.json names")
        self.notes.append(
            "the seal is not signed: keep its digest elsewhere to notice a record rewritten whole"
        )
        return True

    def _blobs(self) -> None:
        folder = self.blobs.folder
        stored = {p.name: p for p in folder.iterdir() if p.is_file()} if folder.is_dir() else {}
        for name, seq in self.references.items():
            if name not in stored:
                self.wrong(f"event {seq}", f"its blob {name} is missing")
        for name, path in stored.items():
            if name.startswith(".new-"):
                self.notes.append(f"blobs: {name} was never finished")
            elif hashlib.sha256(path.read_bytes()).hexdigest() != name:
                seq = self.references.get(name)
                where = f"event {seq}" if seq is not None else "blobs"
                self.wrong(where, f"blob {name} has been altered")
            elif name not in self.references:
                self.notes.append(f"blobs: no event refers to {name}")
        self.count("blobs", len(stored))

    def _effects(self) -> None:
        for seq in self.requests:
            if seq not in self.answers:
                self.notes.append(f"event {seq}: an effect whose answer is not known (ambiguous)")
        self.count("effects", len(self.answers))
        for seq, measurement in self.docket.measurements.items():
            answer = self.answers.get(measurement.request)
            where = f"event {seq}"
            if answer is None:
                self.wrong(where, f"event {measurement.request} was never answered")
                continue
            if measurement.value is None:
                failure = answer.get("failure")
                if failure and failure != measurement.model_dump(mode="json")["failure"]:
                    self.wrong(where, f"event {measurement.request} failed in another way")
                continue
            if measurement.raw is None:
                self.wrong(where, "its value stands in no answer")
                continue
            found = self._look_up(answer, measurement.row, measurement.path)
            if found != measurement.raw:
                self.wrong(
                    where,
                    f"says {measurement.raw}, but event {measurement.request} was answered {found}",
                )
            if not _close(
                measurement.value, measurement.raw * measurement.factor + measurement.offset
            ):
                self.wrong(where, "its value is not its raw value converted")
        self.count("measurements", len(self.docket.measurements))

    def _look_up(self, answer: Any, row: int | None, path: tuple[str, ...]) -> Any:
        try:
            value = answer.get("value")
            if answer.get("blob"):
                value = self._stored(answer["blob"]["sha256"])
            if row is not None:
                value = value[row]
            for key in path:
                value = value[key]
        except (KeyError, IndexError, TypeError, ValueError):
            return None
        return value

    def _stored(self, name: str) -> Any:
        if name not in self.payloads:
            self.payloads[name] = orjson.loads((self.blobs.folder / name).read_bytes())
        return self.payloads[name]

    def _conclusions(self) -> None:
        docket = self.docket
        judge = Judge(docket, self.blobs)
        for name, registration in docket.registrations.items():
            where = f"event {docket.positions[f'registration:{name}']}"
            if registration.criterion.rule != RULE:
                self.wrong(
                    where, f"names the judging rule {registration.criterion.rule}, unknown here"
                )
            if isinstance(registration.criterion.process, LawContest):
                self._rivals(where, name)
            self._sealed_draws(where, judge, registration)
        if self.problems:
            return
        try:
            for name, registration in docket.registrations.items():
                path = judge.path(name)
                self._evidence(name, path)
                self._crossing(name, first_crossing(registration, path))
            derived = judge.verdicts()
        except (LookupError, TypeError, ValueError) as error:
            self.wrong("registrations", f"cannot be judged by what is on record: {error!r}")
            return
        ended = docket.ended is not None and docket.ended.status in ("done", "budget")
        if ended:
            for name in docket.registrations:
                if name not in docket.verdicts:
                    self.wrong(f"hypothesis {name}", "is registered and has no verdict")
        for name, verdict in docket.verdicts.items():
            where = f"event {docket.positions[f'verdict:{name}']}"
            if name not in derived:
                self.wrong(where, f"judges {name}, which is not registered")
            elif not _same_verdict(verdict, derived[name]):
                self.wrong(where, f"says {verdict.ruling} of {name}; the record gives "
                                  f"{derived[name].ruling} ({derived[name].reason})")  # fmt: skip
        self.count("verdicts", len(docket.verdicts))
        for name, claim in docket.claims.items():
            where = f"event {docket.positions[f'claim:{name}']}"
            found, said = audit(claim, docket), docket.audits.get(name)
            if said is None:
                if ended:
                    self.wrong(where, "the claim was never audited")
            elif said.supported != found.supported:
                self.wrong(where, f"the audit says {_word(said.supported)}, "
                                  f"the record says {_word(found.supported)}")  # fmt: skip
        self.count("claims", len(docket.claims))

    def _sealed_draws(self, where: str, judge: Judge, registration: Registration) -> None:
        """Check that the sealed order is what its rule says it is."""
        frame = registration.frame
        if frame.draw_rule == "informative":
            return
        draws = [tuple(draw) for draw in judge.sealed_draws(registration)]
        if len(draws) != frame.planned:
            self.wrong(where, f"plans {frame.planned} draws, its sealed order holds {len(draws)}")
        cases = [case for draw in draws for case in draw]
        if frame.draw_rule == "disjoint" and len(set(cases)) < len(cases):
            self.wrong(where, "its draws are called disjoint, but a case stands in two of them")
        if frame.draw_rule == "without_replacement" and len(set(draws)) < len(draws):
            self.wrong(where, "its draws are without replacement, but a pair stands there twice")

    def _rivals(self, where: str, name: str) -> None:
        docket = self.docket
        trials = docket.trials.get(name, ())
        first = min((docket.positions[f"experiment:{x}"] for x in trials), default=math.inf)
        for rival in docket.registrations[name].criterion.rivals:
            if docket.positions.get(f"registration:{rival}", math.inf) > first:
                self.wrong(where, f"its rival {rival} was not registered before measuring")

    def _evidence(self, name: str, derived: list[Evidence]) -> None:
        recorded = self.docket.evidence.get(name, [])
        for said, found in zip(recorded, derived, strict=False):
            same = (
                said.experiment == found.experiment
                and said.draw == found.draw
                and said.admissible == found.admissible
                and said.measurements == found.measurements
                and _same_outcome(said.outcome, found.outcome)
                and _close(said.log_e_for, found.log_e_for)
                and _close(said.log_e_against, found.log_e_against)
            )
            if not same:
                self.wrong(
                    f"evidence on {name} at draw {said.draw}",
                    f"says ln E {said.log_e_for:.4g} for, {said.log_e_against:.4g} against; "
                    f"the measurements give {found.log_e_for:.4g}, {found.log_e_against:.4g}",
                )
                return
        if len(recorded) > len(derived):
            self.wrong(f"hypothesis {name}", "has evidence that no measurement gives")
        elif len(recorded) < len(derived) and self.docket.verdicts:
            self.wrong(
                f"hypothesis {name}", f"{len(derived) - len(recorded)} draws left no evidence"
            )
        self.count("evidences", len(recorded))

    def _crossing(self, name: str, derived: Crossing | None) -> None:
        said = self.docket.crossings.get(name)
        if said is None:
            return
        where = f"event {self.docket.positions[f'crossing:{name}']}"
        if derived is None:
            self.wrong(where, f"the evidence on {name} never reached the threshold")
        elif (
            (said.ruling, said.draw) != (derived.ruling, derived.draw)
            or not _close(said.log_threshold, derived.log_threshold)
        ):  # fmt: skip
            self.wrong(where, f"says {name} is {said.ruling.value} at draw {said.draw}; the "
                              f"evidence gives {derived.ruling.value} at {derived.draw}")  # fmt: skip


def _close(a: float, b: float) -> bool:
    return math.isclose(a, b, rel_tol=_TOLERANCE, abs_tol=_TOLERANCE)


def _same_outcome(a: float | None, b: float | None) -> bool:
    return a is b if a is None or b is None else _close(a, b)


def _same_verdict(a: Verdict, b: Verdict) -> bool:
    return (
        (a.ruling, a.draws, a.failures, a.basis, a.rule)
        == (b.ruling, b.draws, b.failures, b.basis, b.rule)
        and _close(a.log_e_for, b.log_e_for)
        and _close(a.log_e_against, b.log_e_against)
    )


def _word(supported: bool) -> str:
    return "supported" if supported else "unsupported"
