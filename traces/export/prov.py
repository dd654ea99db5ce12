"""A run in W3C PROV-JSON: what was derived from what, by whose doing.

Written section by section through files, so that a long record is never held whole.
"""

import contextlib
import tempfile
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import quote

import orjson

from gaseol.traces.export.course import Course, utc
from gaseol.traces.export.naming import slug
from gaseol.traces.record import event as kinds
from gaseol.traces.record.event import Event
from gaseol.traces.record.trace import Trace

_SECTIONS: tuple[str, ...] = (
    "entity", "activity", "agent", "wasGeneratedBy", "used", "wasInformedBy", "wasDerivedFrom",
    "wasAssociatedWith", "wasAttributedTo", "actedOnBehalfOf",
)  # fmt: skip

Attributes = dict[str, Any]


def write_prov(folder: Path, out: Path, *, caveat: str = "") -> list[str]:
    """Write a run as PROV-JSON and return what was left out, in sentences.

    Args:
        folder: the run.
        out: the file, which must not be there.
        caveat: what is wrong with the record, said of the entity `run:record`.
    """
    trace = Trace(folder)
    with contextlib.ExitStack() as stack:
        book = _Book(trace, Course.of(trace), stack)
        book.write(caveat)
        name = quote(str(trace.run.get("id", folder.name)), safe="")
        prefix = {"run": f"urn:gaseol:run:{name}:", "gaseol": "urn:gaseol:"}
        with out.open("xb") as file:
            file.write(b'{"prefix":%s' % orjson.dumps(prefix))
            for section, pages in book.sections.items():
                if book.counts[section]:
                    file.write(b',\n"%s":{' % section.encode())
                    pages.seek(0)
                    while part := pages.read(1 << 20):
                        file.write(part)
                    file.write(b"}")
            file.write(b"}\n")
    return book.left_out


class _Book:
    def __init__(self, trace: Trace, course: Course, stack: contextlib.ExitStack) -> None:
        self.trace, self.course = trace, course
        self.sections: dict[str, BinaryIO] = {
            section: stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115
            for section in _SECTIONS
        }
        self.counts = dict.fromkeys(_SECTIONS, 0)
        self.said: set[str] = set()
        """Entities and agents so far: an identifier is described once."""
        self.roles: set[str] = set()
        self.inside: list[int] = []
        """Positions of the steps that are open."""
        self.evidence: dict[str, list[str]] = {}
        self.payloads = 0
        self.unknown: dict[str, int] = {}
        self.left_out: list[str] = []

    def write(self, caveat: str) -> None:
        self._record(caveat)
        self._activities()
        for event in self.trace.events():
            if event.kind not in kinds.KINDS:
                self.unknown[event.kind] = self.unknown.get(event.kind, 0) + 1
                continue
            self._noun(event)
        if self.payloads:
            self.left_out.append(
                f"{self.payloads} payloads kept as blobs are named by digest, without their content"
            )
        if self.unknown:
            many = ", ".join(f"{count} {kind}" for kind, count in sorted(self.unknown.items()))
            self.left_out.append(f"events of kinds unknown to this version: {many}")

    def put(self, section: str, name: str, attributes: Attributes) -> None:
        count = self.counts[section]
        line = b"%s%s:%s" % (
            b",\n" if count else b"\n",
            orjson.dumps(name),
            orjson.dumps(attributes),
        )
        self.sections[section].write(line)
        self.counts[section] = count + 1

    def describe(self, section: str, name: str, attributes: Attributes) -> str:
        if name not in self.said:
            self.said.add(name)
            self.put(section, name, _said(attributes))
        return name

    def relate(self, section: str, **ends: Any) -> None:
        given = {f"prov:{k}": v for k, v in ends.items() if v is not None}
        self.put(section, f"_:{section}{self.counts[section]}", given)

    def derive(self, made: str, sources: Iterable[str], kind: str | None = None) -> None:
        for source in sources:
            if source in self.said:
                self.put(
                    "wasDerivedFrom",
                    f"_:wasDerivedFrom{self.counts['wasDerivedFrom']}",
                    _said(
                        {
                            "prov:generatedEntity": made,
                            "prov:usedEntity": source,
                            "prov:type": kind,
                        }
                    ),
                )

    def _record(self, caveat: str) -> None:
        course, started = self.course, self.course.started
        self.describe("entity", "run:question", {
            "prov:type": "gaseol:Question",
            "prov:label": started.question if started else None,
            "gaseol:scenario": started.scenario if started else None,
        })  # fmt: skip
        self.describe("entity", "run:record", {
            "prov:type": "gaseol:Record", "gaseol:head": course.head or None,
            "gaseol:events": course.events, "gaseol:caveat": caveat or None,
        })  # fmt: skip
        self.describe("entity", "run:graph", {
            "prov:type": "prov:Plan", "prov:label": started.graph if started else "unknown",
        })  # fmt: skip
        self.describe("agent", "run:scientist", {
            "prov:type": "prov:SoftwareAgent",
            "prov:label": started.scientist if started else "unknown",
        })  # fmt: skip
        self.put("activity", "run:run", _activity(
            "gaseol:Run", course.first, course.last if course.ended else None,
            {"gaseol:status": course.status, "gaseol:seed": started.seed if started else None},
        ))  # fmt: skip
        self.relate("used", activity="run:run", entity="run:question", time=_time(course.first))
        self.relate("wasGeneratedBy", entity="run:record", activity="run:run")
        self.relate(
            "wasAssociatedWith", activity="run:run", agent="run:scientist", plan="run:graph"
        )

    def _activities(self) -> None:
        before = "run:run"
        for step in self.course.steps.values():
            name = f"run:step-{step.seq}"
            self.put("activity", name, _activity(
                "gaseol:Step", step.started, step.ended,
                {"prov:label": step.name, "gaseol:event": step.seq, "gaseol:number": step.number},
            ))  # fmt: skip
            self.relate("wasInformedBy", informed=name, informant=before)
            self.relate("wasAssociatedWith", activity=name, agent="run:scientist", plan="run:graph")
            before = name
        for call in self.course.calls.values():
            name, about = f"run:effect-{call.seq}", {
                "prov:label": call.name, "gaseol:event": call.seq, "gaseol:effect": call.effect,
                "gaseol:outcome": call.outcome, "gaseol:reason": call.reason or None,
                "gaseol:seconds": call.seconds, "gaseol:origin": call.origin or None,
            }  # fmt: skip
            self.put("activity", name, _activity("gaseol:Effect", call.started, call.ended, about))
            asker = "run:run" if call.step is None else f"run:step-{call.step}"
            self.relate("wasInformedBy", informed=name, informant=asker)
            kind = "prov:Person" if call.effect == "person" else "prov:SoftwareAgent"
            agent = self.describe("agent", f"run:{call.effect}-{slug(call.name)}", {
                "prov:type": kind, "prov:label": call.name, "gaseol:version": call.version or None,
            })  # fmt: skip
            self.relate("wasAssociatedWith", activity=name, agent=agent)

    def _noun(self, event: Event) -> None:
        seq, at = event.seq, _time(event.at)
        match event.fact:
            case kinds.StepStarted():
                self.inside.append(seq)
            case kinds.StepEnded():
                self.inside = [s for s in self.inside if self.course.steps[s].end != seq]
            case kinds.EffectCompleted() as f:
                self.payloads += len(f.media) + (f.blob is not None)
                self.describe("entity", f"run:answer-{f.request}", {
                    "prov:type": "gaseol:Answer", "gaseol:event": seq,
                    "gaseol:sha256": f.blob.sha256 if f.blob else None,
                    "gaseol:value": None if f.blob else orjson.dumps(f.value).decode(),
                })  # fmt: skip
                self.generated(f"run:answer-{f.request}", f"run:effect-{f.request}", at)
            case kinds.EffectRequested() as f:
                self.payloads += f.blob is not None
            case kinds.HypothesisProposed(hypothesis=h):
                made = self.describe("entity", f"run:hypothesis-{slug(h.id)}", {
                    "prov:type": "gaseol:Hypothesis", "prov:label": h.statement,
                    "gaseol:event": seq, "gaseol:relation": h.relation.kind,
                    "gaseol:mechanism": h.mechanism or None,
                })  # fmt: skip
                self.generated(made, self.here(), at)
                agent = self.describe("agent", f"run:role-{slug(h.proposed_by)}", {
                    "prov:type": "prov:SoftwareAgent", "prov:label": h.proposed_by,
                })  # fmt: skip
                if agent not in self.roles:
                    self.roles.add(agent)
                    self.relate("actedOnBehalfOf", delegate=agent, responsible="run:scientist")
                self.relate("wasAttributedTo", entity=made, agent=agent)
                self.derive(made, (f"run:hypothesis-{slug(p)}" for p in h.parents), "prov:Revision")
                self.derive(made, (f"run:measurement-{p}" for p in h.seen))
            case kinds.Registered(registration=r):
                made = self.describe("entity", f"run:registration-{slug(r.hypothesis)}", {
                    "prov:type": "gaseol:Registration", "prov:label": r.prediction.words,
                    "gaseol:event": seq, "gaseol:digest": r.digest,
                    "gaseol:rule": r.criterion.rule, "gaseol:process": r.criterion.process.kind,
                    "gaseol:alpha": r.criterion.alpha, "gaseol:hypotheses": r.criterion.hypotheses,
                    "gaseol:draws": r.criterion.draws, "gaseol:basis": r.criterion.basis,
                })  # fmt: skip
                self.generated(made, self.here(), at)
                self.derive(made, [f"run:hypothesis-{slug(r.hypothesis)}"])
            case kinds.ExperimentDesigned(experiment=x):
                made = self.describe("entity", f"run:experiment-{slug(x.id)}", {
                    "prov:type": "prov:Plan", "prov:label": " against ".join(x.cases),
                    "gaseol:event": seq, "gaseol:draw": x.draw,
                    "gaseol:expected_information": x.expected_information,
                    "gaseol:cost": x.cost, "gaseol:passed_over": len(x.alternatives),
                })  # fmt: skip
                self.generated(made, self.here(), at)
                self.derive(made, (f"run:registration-{slug(h)}" for h in x.hypotheses))
            case kinds.Measured(measurement=m):
                made = self.describe("entity", f"run:measurement-{seq}", {
                    "prov:type": "gaseol:Measurement", "prov:label": f"{m.quantity} of {m.case}",
                    "gaseol:event": seq, "gaseol:case": m.case, "gaseol:reading": m.reading,
                    "gaseol:purpose": m.purpose, "gaseol:value": m.value,
                    "gaseol:unit": m.unit or None, "gaseol:uncertainty": m.uncertainty,
                    "gaseol:failure": m.failure.kind.value if m.failure else None,
                })  # fmt: skip
                self.generated(made, f"run:effect-{m.request}", at)
                self.derive(made, [f"run:answer-{m.request}"])
            case kinds.Weighed(evidence=e):
                made = self.describe("entity", f"run:evidence-{seq}", {
                    "prov:type": "gaseol:Evidence", "gaseol:event": seq, "gaseol:draw": e.draw,
                    "gaseol:outcome": e.outcome, "gaseol:log_e_for": e.log_e_for,
                    "gaseol:log_e_against": e.log_e_against, "gaseol:admissible": e.admissible,
                    "gaseol:why_not": e.why_not or None,
                })  # fmt: skip
                self.evidence.setdefault(e.hypothesis, []).append(made)
                self.generated(made, self.here(), at)
                self.derive(made, (f"run:measurement-{p}" for p in e.measurements))
                self.derive(made, [f"run:experiment-{slug(e.experiment)}",
                                   f"run:registration-{slug(e.hypothesis)}"])  # fmt: skip
            case kinds.Judged(verdict=v):
                made = self.describe("entity", f"run:verdict-{slug(v.hypothesis)}", {
                    "prov:type": "gaseol:Verdict", "prov:label": v.ruling.value,
                    "gaseol:event": seq, "gaseol:log_e_for": v.log_e_for,
                    "gaseol:log_e_against": v.log_e_against, "gaseol:draws": v.draws,
                    "gaseol:failures": v.failures, "gaseol:rule": v.rule,
                    "gaseol:reason": v.reason,
                })  # fmt: skip
                self.generated(made, self.here(), at)
                self.derive(made, [f"run:registration-{slug(v.hypothesis)}"])
                self.derive(made, self.evidence.get(v.hypothesis, ()))
            case kinds.Claimed(claim=c):
                made = self.describe("entity", f"run:claim-{slug(c.id)}", {
                    "prov:type": "gaseol:Claim", "prov:label": str(c), "gaseol:event": seq,
                })  # fmt: skip
                self.generated(made, self.here(), at)
                about = {*c.hypotheses, *(f.hypothesis for f in c.figures.values() if f.hypothesis)}
                self.derive(made, (f"run:verdict-{slug(h)}" for h in sorted(about)))
                cited = {p for f in c.figures.values() for p in (*f.measurements, *f.against)}
                self.derive(made, (f"run:measurement-{p}" for p in sorted(cited)))
            case kinds.Audited(audit=a):
                made = self.describe("entity", f"run:audit-{slug(a.claim)}", {
                    "prov:type": "gaseol:Audit", "gaseol:event": seq,
                    "gaseol:supported": a.supported, "gaseol:problems": list(a.problems) or None,
                })  # fmt: skip
                self.generated(made, self.here(), at)
                self.derive(made, [f"run:claim-{slug(a.claim)}"])
            case _:
                pass

    def here(self) -> str:
        """Return the activity that something made now is made by."""
        return f"run:step-{self.inside[-1]}" if self.inside else "run:run"

    def generated(self, entity: str, activity: str, at: str | None) -> None:
        self.relate("wasGeneratedBy", entity=entity, activity=activity, time=at)


def _activity(
    kind: str, start: datetime | None, end: datetime | None, more: Attributes
) -> Attributes:
    times = {"prov:startTime": _time(start), "prov:endTime": _time(end)}
    return _said({"prov:type": kind, **times, **more})


def _said(attributes: Attributes) -> Attributes:
    """Leave out what is not known; types are names, not texts."""
    return {
        key: {"$": value, "type": "prov:QUALIFIED_NAME"} if key == "prov:type" else value
        for key, value in attributes.items()
        if value is not None
    }


def _time(at: datetime | None) -> str | None:
    return utc(at).isoformat().replace("+00:00", "Z") if at else None
