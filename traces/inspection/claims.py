"""Four questions to every claim, answered from the record alone.

- score: does every figure equal the measurements it cites, and these the recorded answers?
- reference: had a search on record found every reference that is cited?
- registered: was what was registered what was done?
- method: is the method that the scenario describes the one that was carried out?
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from gaseol.traces.inspection.citation import Found, Reference, references, searched
from gaseol.traces.inspection.conduct import Conducts
from gaseol.traces.inspection.method import Files, Method, Undescribed, Withheld
from gaseol.traces.nouns.claim import Claim
from gaseol.traces.nouns.measurement import Measurement
from gaseol.traces.record.blob import AlteredBlob, MissingBlob
from gaseol.traces.record.docket import Docket
from gaseol.traces.record.event import EffectCompleted, EffectFailed, EffectRequested
from gaseol.traces.record.trace import Trace
from gaseol.traces.verification.auditor import audit

Check = Literal["score", "reference", "registered", "method"]

_TOLD = 3
"""Problems told of one check; more are counted."""


@dataclass(frozen=True, slots=True)
class Finding:
    """The answer to one question to one claim."""

    claim: str
    check: Check
    holds: bool | None
    """None where the question does not apply, or this copy of the record cannot answer it."""
    says: str
    events: tuple[int, ...]
    """Where to look: the claim, what it rests on, or what is wrong."""

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {**asdict(self), "events": list(self.events)}


def inspect(trace: Trace) -> list[Finding]:
    """Ask all four questions of every claim, in the order of the claims.

    Raises:
        BrokenLine: a line of the record is no event.
        ValidationError: an event is not of its kind.
    """
    return _Inspection(trace).findings()


@dataclass
class _Carried:
    """What is known of how one measurement was carried out."""

    wrong: list[str] = field(default_factory=list[str])
    """In what it is not its answer."""
    deviations: list[str] = field(default_factory=list[str])
    """In what it is not the method's."""
    unread: str = ""
    """Why its answer cannot be compared."""
    undescribed: str = ""
    """Why its request cannot be compared."""
    origin: str = "unanswered"


class _Inspection:
    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self.docket = Docket.of(trace)
        self.behind = {name: self._behind(claim) for name, claim in self.docket.claims.items()}
        self.carried = self._carried({p for behind in self.behind.values() for p in behind})
        self.conducts = Conducts(trace, self.docket)
        self.cited = {name: self._cited(claim) for name, claim in self.docket.claims.items()}
        self.found = searched(trace) if any(self.cited.values()) else Found()

    def findings(self) -> list[Finding]:
        found: list[Finding] = []
        for name, claim in self.docket.claims.items():
            at = self.docket.positions[f"claim:{name}"]
            found += [
                self._score(claim, at),
                self._reference(claim, at),
                self._registered(claim, at),
                self._method(claim, at),
            ]
        return found

    def _behind(self, claim: Claim) -> list[int]:
        """Return the measurements that a claim rests on: cited, or drawn for its hypotheses."""
        cited = [
            p for figure in claim.figures.values() for p in (*figure.measurements, *figure.against)
        ]
        drawn = [
            p for h in claim.hypotheses for e in self.docket.evidence.get(h, ())
            for p in e.measurements
        ]  # fmt: skip
        return [p for p in dict.fromkeys(cited + drawn) if p in self.docket.measurements]

    def _score(self, claim: Claim, at: int) -> Finding:
        problems = list(audit(claim, self.docket).problems)
        behind = self.behind[claim.id]
        wrong = [(p, what) for p in behind for what in self.carried[p].wrong]
        problems += [f"measurement {p} {what}" for p, what in wrong]
        if problems:
            return Finding(
                claim.id, "score", False, _list(problems), _at(at, [p for p, _ in wrong])
            )
        unread = [p for p in behind if self.carried[p].unread]
        if unread:
            what = f"{len(unread)} of {len(behind)} answers are not in this copy: "
            return Finding(
                claim.id, "score", None, what + self.carried[unread[0]].unread, _at(at, unread)
            )
        count = len(claim.figures)
        says = f"all {count} figures equal the record" if count else "it states no figure"
        if behind:
            says += f"; the {len(behind)} measurements behind it are the recorded answers"
        return Finding(claim.id, "score", True, says, _at(at, behind))

    def _cited(self, claim: Claim) -> set[Reference]:
        texts = [claim.text, str(claim)]
        for name in claim.hypotheses:
            hypothesis = self.docket.hypotheses.get(name)
            if hypothesis is not None:
                texts += [hypothesis.statement, hypothesis.mechanism]
        return set[Reference]().union(*map(references, texts))

    def _reference(self, claim: Claim, at: int) -> Finding:
        cited = sorted(self.cited[claim.id])
        if not cited:
            return Finding(claim.id, "reference", None, "it cites nothing", (at,))
        places = self.found.places
        missing = [r for r in cited if r not in places]
        late = [r for r in cited if r in places and places[r] > at]
        held = [places[r] for r in cited if r in places]
        if missing or late:
            problems = [f"no search on record found {r}" for r in missing]
            problems += [f"{r} was found only afterwards, at event {places[r]}" for r in late]
            if missing and not late and self.found.unread:
                count = len(self.found.unread)
                says = f"{_list(problems)}; but {count} answers of searches are not in this copy"
                return Finding(claim.id, "reference", None, says, _at(at, self.found.unread))
            return Finding(claim.id, "reference", False, _list(problems), _at(at, held))
        says = f"all {len(cited)} references stand in answers of recorded searches"
        return Finding(claim.id, "reference", True, says, _at(at, held))

    def _registered(self, claim: Claim, at: int) -> Finding:
        if not claim.hypotheses:
            return Finding(claim.id, "registered", None, "it is about no hypothesis", (at,))
        conducts = [self.conducts.of(name) for name in claim.hypotheses]
        asides = [said for c in conducts for said in c.asides]
        events = [p for c in conducts for p in c.events]
        deviations = [said for c in conducts for said in c.deviations]
        if deviations:
            says = _list([*deviations, *asides])
            return Finding(claim.id, "registered", False, says, _at(at, events))
        undecided = [c.undecided for c in conducts if c.undecided]
        if undecided:
            return Finding(claim.id, "registered", None, _list(undecided), _at(at, events))
        draws = sum(c.draws for c in conducts)
        says = (
            f"registered first; its {draws} draws are in the registered order and within the plan"
        )
        says = "; ".join([says, *asides])
        return Finding(claim.id, "registered", True, says, _at(at, events))

    def _method(self, claim: Claim, at: int) -> Finding:
        behind = self.behind[claim.id]
        if not behind:
            return Finding(claim.id, "method", None, "it rests on no measurement", (at,))
        wrong = [(p, what) for p in behind for what in self.carried[p].deviations]
        wrong += self._conversions(behind)
        if wrong:
            says = _list([f"measurement {p} {what}" for p, what in wrong])
            return Finding(claim.id, "method", False, says, _at(at, [p for p, _ in wrong]))
        unread = [p for p in behind if self.carried[p].undescribed]
        if unread:
            what = f"{len(unread)} of {len(behind)} measurements cannot be compared: "
            says = what + self.carried[unread[0]].undescribed
            return Finding(claim.id, "method", None, says, _at(at, unread))
        tools = sorted({self.docket.measurements[p].tool for p in behind})
        origins = Counter(self.carried[p].origin for p in behind)
        told = ", ".join(f"{count} {origin}" for origin, count in sorted(origins.items()))
        says = f"all {len(behind)} measurements asked {' and '.join(tools)} as the scenario says, "
        says += f"in the versions of the start; answers: {told}"
        return Finding(claim.id, "method", True, says, _at(at, behind))

    def _conversions(self, behind: Iterable[int]) -> list[tuple[int, str]]:
        """Find measurements of one quantity that were converted in another way than the first."""
        first: dict[str, tuple[Any, ...]] = {}
        found: list[tuple[int, str]] = []
        for position in behind:
            m = self.docket.measurements[position]
            if m.value is None:
                continue
            rule = (m.raw_unit, m.factor, m.offset)
            if first.setdefault(m.quantity, rule) != rule:
                found.append((position, f"was converted by {rule}, others by {first[m.quantity]}"))
        return found

    def _carried(self, wanted: set[int]) -> dict[int, _Carried]:
        """Compare measurements with their requests and answers, reading the record once."""
        found = {p: _Carried() for p in wanted}
        of_request: dict[int, list[int]] = {}
        for position in sorted(wanted):
            request = self.docket.measurements[position].request
            of_request.setdefault(request, []).append(position)
        started = self.docket.started
        files = Files(self.trace, started.files if started else {})
        asked: set[int] = set()
        for event in self.trace.events("effect.requested", "effect.completed", "effect.failed"):
            seq = event.data.get("request") if event.kind != "effect.requested" else event.seq
            if not isinstance(seq, int) or seq not in of_request:
                continue
            fact = event.fact
            for position in of_request[seq]:
                measurement, carried = self.docket.measurements[position], found[position]
                if isinstance(fact, EffectRequested):
                    asked.add(event.seq)
                    self._asked(carried, measurement, fact, files)
                elif isinstance(fact, EffectCompleted):
                    carried.origin = fact.origin
                    self._answered(carried, measurement, fact)
                elif isinstance(fact, EffectFailed):
                    carried.origin = "failed"
                    if measurement.value is not None:
                        carried.wrong.append(f"has a value, but event {seq} failed")
        for request, positions in of_request.items():
            for position in positions:
                if request not in asked:
                    found[position].deviations.append(f"event {request} is no request")
                if found[position].origin == "unanswered":
                    found[position].wrong.append(f"event {request} was never answered")
        return found

    def _asked(
        self, carried: _Carried, measurement: Measurement, fact: EffectRequested, files: Files
    ) -> None:
        try:
            method = Method.of(self.trace.run, measurement.purpose, measurement.quantity)
            arguments = self.trace.payload(fact)
            carried.deviations += method.deviations(measurement, fact, arguments, files)
        except (Undescribed, Withheld, MissingBlob, AlteredBlob) as error:
            carried.undescribed = str(error)

    def _answered(self, carried: _Carried, measurement: Measurement, fact: EffectCompleted) -> None:
        if measurement.value is None:
            return
        try:
            value = fact.value if fact.blob is None else self.trace.blobs.get_json(fact.blob)
        except (MissingBlob, AlteredBlob) as error:
            carried.unread = str(error)
            return
        raw = _stands(value, measurement)
        if raw != measurement.raw or isinstance(raw, bool):
            carried.wrong.append(f"says {measurement.raw}, the answer to event "
                                 f"{measurement.request} says {str(raw)[:40]}")  # fmt: skip
            return
        if not _close(measurement.value, raw * measurement.factor + measurement.offset):
            carried.wrong.append("is not its raw value converted")


def _stands(value: Any, measurement: Measurement) -> Any:
    """Return what stands in an answer where a measurement says that its value does."""
    try:
        if measurement.row is not None:
            value = value[measurement.row]
        for key in measurement.path:
            value = value[key]
    except (LookupError, TypeError):
        return None
    return value


def _close(a: float, b: float) -> bool:
    return abs(a - b) <= 1e-9 * max(abs(a), abs(b), 1.0)


def _list(problems: list[str]) -> str:
    more = f"; and {len(problems) - _TOLD} more" if len(problems) > _TOLD else ""
    return "; ".join(problems[:_TOLD]) + more


def _at(claim: int, others: Iterable[int]) -> tuple[int, ...]:
    return tuple(dict.fromkeys((claim, *others)))
