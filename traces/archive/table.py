"""Runs as rows: the tables that questions across runs are put to."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, cast

import orjson

from gaseol.traces.archive.usage import tokens
from gaseol.traces.export.course import Course
from gaseol.traces.record import event as kinds
from gaseol.traces.record.blob import Blob
from gaseol.traces.record.event import EffectCompleted, Fact
from gaseol.traces.record.trace import Trace

Kind = Literal["text", "integer", "real", "boolean", "time", "texts"]
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name, type and meaning."""

    name: str
    kind: Kind
    says: str = ""


def _columns(*lines: str) -> tuple[Column, ...]:
    found = [Column("run", "text", "the run's folder")]
    for line in lines:
        name, kind, *says = line.split(maxsplit=2)
        found.append(Column(name, cast("Kind", kind), says[0] if says else ""))
    return tuple(found)


TABLES: dict[str, tuple[Column, ...]] = {
    "runs": _columns(
        "scenario text", "title text", "field text", "question text", "scientist text",
        "graph text", "seed integer",
        "status text `done`, `budget`, `paused`, `interrupted`, `failed` or `running`",
        "reason text why it ended", "started time of the first event",
        "last time of the last event",
        "m integer the most hypotheses that could be registered", "alpha real",
        "events integer", "sealed boolean", "head text digest of the last event",
        "seconds real from the record's cost, as are the next six",
        "cpu_seconds real", "experiments integer", "measurements integer",
        "tool_calls integer", "tokens integer", "money real",
        "cost text the whole cost, JSON", "version text of gaseol", "python text",
        "platform text", "parent text the run that it was forked from",
    ),
    "hypotheses": _columns(
        "hypothesis text", "event integer", "statement text",
        "relation text `trend`, `groups`, `change`, `law` or `curve`", "mechanism text",
        "proposed_by text", "parents texts", "bits real", "prior real",
        "registered boolean", "turned_away text why it was not registered",
    ),
    "registrations": _columns(
        "hypothesis text", "event integer", "registration text", "digest text", "rule text",
        "process text", "basis text", "alpha real", "m integer", "tie real",
        "draws integer the most draws", "failure_rate real", "outcome text", "unit text",
        "sign integer", "prediction text in words", "frame text `pairs` or `designs`",
        "draw_rule text", "cases integer", "size integer", "planned integer",
    ),
    "experiments": _columns(
        "experiment text", "event integer", "hypotheses texts", "draw integer", "cases texts",
        "reading integer", "expected_information real nats", "cost real expected seconds",
        "alternatives integer designs passed over",
    ),
    "measurements": _columns(
        "event integer", "at time", "item text the case measured", "reading integer",
        "quantity text", "tool text", "request integer event of the effect", "value real",
        "unit text", "uncertainty real", "purpose text `pilot`, `test`, `search`, `beside` or `check`",
        "failure text its kind", "reason text of the failure",
    ),
    "evidence": _columns(
        "event integer", "hypothesis text", "experiment text", "draw integer", "outcome real",
        "log_e_for real", "log_e_against real", "admissible boolean", "why_not text",
    ),
    "verdicts": _columns(
        "hypothesis text", "event integer",
        "ruling text `supported`, `refuted`, `undecided` or `invalid`", "log_e_for real",
        "log_e_against real", "draws integer", "failures integer", "basis text", "rule text",
        "reason text",
        "score text against the hidden answer: `agrees`, `disagrees`, `not decided` or null",
    ),
    "claims": _columns(
        "claim text", "event integer", "says text", "supported boolean by the audit",
        "problems texts", "hypotheses texts",
    ),
    "effects": _columns(
        "event integer", "at time", "effect text `tool`, `model`, `egress` or `person`",
        "name text", "role text", "step text", "version text",
        "outcome text `completed`, `failed`, `ambiguous` or `unanswered`",
        "failure text its kind", "reason text", "seconds real", "cpu_seconds real",
        "origin text `live`, `cache` or `record`", "input_tokens integer",
        "output_tokens integer",
    ),
    "course": _columns(
        "place integer how many such events stood before", "event integer", "kind text",
        "noun text whose event it is",
        "digest text of this event and all before it: equal as long as two runs are",
    ),
}  # fmt: skip
"""Every table and its columns. Where `event` is, it is a position in the record."""


class Altered(ValueError):
    """The events are not those that were sealed."""


def rows(trace: Trace) -> Iterator[tuple[str, Row]]:
    """Yield the rows of a run, each with its table; `run` is for the caller to fill in.

    Reads the record once. It is not verified, but its end is compared with the seal.

    Raises:
        ValueError: it is not what a record should be.
    """
    reader = _Reader(trace)
    for event in trace.events():
        fact = event.fact
        reader.course.add(event, fact)
        if fact is not None:
            yield from reader.noun(event.seq, event.at, fact, event.data)
    yield from reader.rest()


class _Reader:
    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self.course = Course()
        self.hypotheses: dict[str, Row] = {}
        self.verdicts: list[Row] = []
        self.claims: dict[str, Row] = {}
        self.used: dict[int, tuple[int | None, int | None]] = {}
        self.parent: str | None = None
        self.digest = hashlib.sha256(b"gaseol.course/1\0").digest()
        self.places = 0

    def noun(self, seq: int, at: Any, fact: Fact, data: Any) -> Iterator[tuple[str, Row]]:
        noun = ""
        match fact:
            case kinds.HypothesisProposed(hypothesis=h):
                noun = h.id
                self.hypotheses[h.id] = {
                    "hypothesis": h.id, "event": seq, "statement": h.statement,
                    "relation": h.relation.kind, "mechanism": h.mechanism,
                    "proposed_by": h.proposed_by, "parents": list(h.parents), "bits": h.bits,
                    "prior": None, "registered": False, "turned_away": None,
                }  # fmt: skip
            case kinds.HypothesisTurnedAway():
                noun = fact.hypothesis
                if fact.hypothesis in self.hypotheses:
                    self.hypotheses[fact.hypothesis]["turned_away"] = fact.reason
            case kinds.HypothesisRanked():
                for each, prior in zip(fact.order, fact.priors, strict=True):
                    if each in self.hypotheses:
                        self.hypotheses[each]["prior"] = prior
            case kinds.Registered(registration=r):
                noun, c, f, p = r.hypothesis, r.criterion, r.frame, r.prediction
                if r.hypothesis in self.hypotheses:
                    self.hypotheses[r.hypothesis]["registered"] = True
                yield "registrations", {
                    "hypothesis": r.hypothesis, "event": seq, "registration": r.id,
                    "digest": r.digest, "rule": c.rule, "process": c.process.kind,
                    "basis": c.basis, "alpha": c.alpha, "m": c.hypotheses, "tie": c.tie,
                    "draws": c.draws, "failure_rate": c.failure_rate, "outcome": p.outcome,
                    "unit": p.unit, "sign": p.sign, "prediction": p.words, "frame": f.kind,
                    "draw_rule": f.draw_rule, "cases": f.cases, "size": f.size,
                    "planned": f.planned,
                }  # fmt: skip
            case kinds.ExperimentDesigned(experiment=x):
                noun = x.id
                yield "experiments", {
                    "experiment": x.id, "event": seq, "hypotheses": list(x.hypotheses),
                    "draw": x.draw, "cases": list(x.cases), "reading": x.reading,
                    "expected_information": x.expected_information, "cost": x.cost,
                    "alternatives": len(x.alternatives),
                }  # fmt: skip
            case kinds.Measured(measurement=m):
                noun = m.case
                yield "measurements", {
                    "event": seq, "at": at, "item": m.case, "reading": m.reading,
                    "quantity": m.quantity, "tool": m.tool, "request": m.request,
                    "value": m.value, "unit": m.unit, "uncertainty": m.uncertainty,
                    "purpose": m.purpose, "failure": m.failure.kind.value if m.failure else None,
                    "reason": m.failure.reason if m.failure else None,
                }  # fmt: skip
            case kinds.Weighed(evidence=e):
                noun = e.hypothesis
                yield "evidence", {
                    "event": seq, "hypothesis": e.hypothesis, "experiment": e.experiment,
                    "draw": e.draw, "outcome": e.outcome, "log_e_for": e.log_e_for,
                    "log_e_against": e.log_e_against, "admissible": e.admissible,
                    "why_not": e.why_not,
                }  # fmt: skip
            case kinds.Judged(verdict=v):
                noun = v.hypothesis
                self.verdicts.append({
                    "hypothesis": v.hypothesis, "event": seq, "ruling": v.ruling.value,
                    "log_e_for": v.log_e_for, "log_e_against": v.log_e_against, "draws": v.draws,
                    "failures": v.failures, "basis": v.basis, "rule": v.rule, "reason": v.reason,
                })  # fmt: skip
            case kinds.Claimed(claim=c):
                noun = c.id
                self.claims[c.id] = {
                    "claim": c.id, "event": seq, "says": str(c), "supported": None,
                    "problems": [], "hypotheses": list(c.hypotheses),
                }  # fmt: skip
            case kinds.Audited(audit=a):
                if a.claim in self.claims:
                    self.claims[a.claim] |= {"supported": a.supported, "problems": list(a.problems)}
                return
            case EffectCompleted():
                if self.course.calls[fact.request].effect == "model":
                    self.used[fact.request] = self._usage(fact)
                return
            case kinds.Forked():
                self.parent = fact.parent
                return
            case _:
                return
        part = orjson.dumps([fact.kind, self._comparable(fact, data)], option=orjson.OPT_SORT_KEYS)
        self.digest = hashlib.sha256(self.digest + part).digest()
        yield "course", {
            "place": self.places, "event": seq, "kind": fact.kind, "noun": noun,
            "digest": self.digest[:8].hex(),
        }  # fmt: skip
        self.places += 1

    def rest(self) -> Iterator[tuple[str, Row]]:
        """Yield what is known only at the end."""
        course = self.course
        seal = self.trace.seal
        if seal is not None and (seal.events, seal.head) != (course.events, course.head):
            raise Altered("its events are not those that were sealed; see: gaseol verify")
        score = course.ended.score if course.ended else {}
        for row in self.hypotheses.values():
            yield "hypotheses", row
        for row in self.verdicts:
            yield "verdicts", {**row, "score": score.get(row["hypothesis"])}
        for row in self.claims.values():
            yield "claims", row
        for call in course.calls.values():
            read, wrote = self.used.get(call.seq, (None, None))
            step = course.steps.get(call.step) if call.step is not None else None
            failed = call.outcome == "failed"
            yield "effects", {
                "event": call.seq, "at": call.started, "effect": call.effect, "name": call.name,
                "role": call.role, "step": step.name if step else None, "version": call.version,
                "outcome": call.outcome,
                "failure": call.reason.partition(":")[0] if failed else None,
                "reason": call.reason.partition(": ")[2] if failed else call.reason or None,
                "seconds": call.seconds, "cpu_seconds": call.cpu_seconds,
                "origin": call.origin or None, "input_tokens": read, "output_tokens": wrote,
            }  # fmt: skip
        yield "runs", self._run(sealed=seal is not None)

    def _run(self, *, sealed: bool) -> Row:
        course, run = self.course, self.trace.run
        started, ended = course.started, course.ended
        asked, versions = _object(run.get("scenario")), _object(run.get("versions"))
        cost: dict[str, float] = dict(ended.cost) if ended else {}
        counts = ("experiments", "measurements", "tool_calls", "tokens")
        return {
            "scenario": started.scenario if started else None,
            "title": _word(asked.get("title")), "field": _word(asked.get("field")),
            "question": started.question.strip() if started else None,
            "scientist": started.scientist if started else None,
            "graph": started.graph if started else None,
            "seed": started.seed if started else None,
            "status": course.status, "reason": ended.reason if ended else None,
            "started": course.first, "last": course.last,
            "m": started.hypotheses if started else None,
            "alpha": started.alpha if started else None,
            "events": course.events, "sealed": sealed, "head": course.head,
            "seconds": cost.get("seconds"), "cpu_seconds": cost.get("cpu_seconds"),
            **{name: int(cost[name]) if name in cost else None for name in counts},
            "money": cost.get("money"), "cost": orjson.dumps(cost).decode(),
            "version": _word(versions.get("gaseol")), "python": _word(run.get("python")),
            "platform": _word(run.get("platform")), "parent": self.parent,
        }  # fmt: skip

    def _comparable(self, fact: Fact, data: Any) -> Any:
        """Leave out what differs between equal runs: digests of blobs are salted."""
        match fact:
            case kinds.Measured():
                return {k: v for k, v in data["measurement"].items() if k != "drawing"}
            case kinds.Registered():
                about = {k: v for k, v in data["registration"].items() if k != "digest"}
                return self._without_salt(about)
            case _:
                return data

    def _without_salt(self, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        inner = cast("dict[str, Any]", value)
        if inner.keys() != Blob.model_fields.keys():
            return {k: self._without_salt(v) for k, v in inner.items()}
        try:
            content = self.trace.blobs.get(Blob.model_validate(inner))
        except (LookupError, ValueError, OSError):
            return inner["bytes"]  # withheld or lost
        return hashlib.sha256(content).hexdigest()

    def _usage(self, fact: EffectCompleted) -> tuple[int | None, int | None]:
        try:
            return tokens(self.trace.payload(fact))
        except (LookupError, ValueError, TypeError):
            return None, None  # withheld or lost


def _object(value: Any) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def _word(value: Any) -> str | None:
    return None if value is None else str(value)
