"""A run as a Workflow Run RO-Crate (Provenance Run Crate 0.5 on RO-Crate 1.1).

The crate is the run's folder with `ro-crate-metadata.json` and `workflow.json` in it, so that
`gaseol verify` still reads it. Written entity by entity: a long record is never held whole.
"""

import hashlib
import mimetypes
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any, BinaryIO, cast
from urllib.parse import quote

import orjson

from gaseol.traces.export.course import Call, Course, utc
from gaseol.traces.export.naming import slug
from gaseol.traces.export.package import Folder, Package, Zip, files
from gaseol.traces.record.docket import Docket
from gaseol.traces.record.event import EffectCompleted, EffectRequested
from gaseol.traces.record.trace import Trace

METADATA = "ro-crate-metadata.json"
WORKFLOW = "workflow.json"
PROFILES = {
    "https://w3id.org/ro/wfrun/process/0.5": "Process Run Crate",
    "https://w3id.org/ro/wfrun/workflow/0.5": "Workflow Run Crate",
    "https://w3id.org/ro/wfrun/provenance/0.5": "Provenance Run Crate",
    "https://w3id.org/workflowhub/workflow-ro-crate/1.0": "Workflow RO-Crate",
}
CONTEXT = [
    "https://w3id.org/ro/crate/1.1/context",
    "https://w3id.org/ro/terms/workflow-run/context",
]
UNSTATED = "No licence was stated with this run; ask whoever made it."
_NOT_TAKEN = {METADATA, WORKFLOW, "index.sqlite"}

Entity = dict[str, Any]


def write_crate(
    folder: Path, out: Path, *, zipped: bool = False, licence: str = "", caveat: str = ""
) -> list[str]:
    """Write a run as an RO-Crate and return what was left out, in sentences.

    Args:
        folder: the run.
        out: the crate's folder, or its zip; must not be there.
        zipped: write a zip.
        licence: a URL or a sentence; the record holds none.
        caveat: what is wrong with the record, said in the crate's description.
    """
    trace = Trace(folder)
    course = Course.of(trace)
    with closing(Zip(out) if zipped else Folder(out)) as sink:
        crate = _Crate(trace, course, sink, licence, caveat)
        with crate.workflow() as file:
            file.write(crate.workflow_bytes)
        crate.copy()
        with sink.open(METADATA) as file:
            file.write(b'{"@context":%s,"@graph":[\n' % orjson.dumps(CONTEXT))
            for number, entity in enumerate(crate.entities()):
                file.write((b",\n" if number else b"") + orjson.dumps(_flat(entity)))
            file.write(b"\n]}\n")
    return crate.left_out


class _Crate:
    def __init__(
        self, trace: Trace, course: Course, sink: Package, licence: str, caveat: str
    ) -> None:
        self.trace, self.course, self.sink = trace, course, sink
        self.licence, self.caveat = licence, caveat
        self.docket = Docket.of(trace)
        self.files: dict[str, tuple[int, str]] = {}
        """Name to size and SHA-256."""
        self.mentions: list[str] = []
        self.left_out: list[str] = []
        self.workflow_bytes = _route(course)

    def workflow(self) -> BinaryIO:
        digest = hashlib.sha256(self.workflow_bytes).hexdigest()
        self.files[WORKFLOW] = (len(self.workflow_bytes), digest)
        return self.sink.open(WORKFLOW)

    def copy(self) -> None:
        """Take the run's files in; links and what is being written stay outside."""
        for name, path in files(self.trace.folder):
            if name in _NOT_TAKEN:
                continue
            if path.is_symlink() or not path.is_file():
                self.left_out.append(f"{name} is no regular file and was not taken into the crate")
                continue
            digest = self.sink.add(name, path)
            self.files[name] = (path.stat().st_size, digest)

    def entities(self) -> Iterator[Entity]:
        """Yield the graph; the root comes last, for it names what came before."""
        yield {
            "@id": METADATA,
            "@type": "CreativeWork",
            "about": _ref("./"),
            "conformsTo": [
                _ref("https://w3id.org/ro/crate/1.1"),
                _ref("https://w3id.org/workflowhub/workflow-ro-crate/1.0"),
            ],
        }
        for uri, name in PROFILES.items():
            yield {
                "@id": uri,
                "@type": "CreativeWork",
                "name": name,
                "version": uri.rsplit("/", 1)[1],
            }
        yield from self._data()
        tools, parameters = self._tools()
        yield from self._workflow_entities(tools, parameters)
        yield from self._steps(tools)
        yield from self._calls(parameters)
        yield from self._nouns()
        yield {
            "@id": self._licence_id(),
            "@type": "CreativeWork",
            "name": self.licence or "not stated",
            "description": self.licence or UNSTATED,
        }
        yield self._root()

    def _licence_id(self) -> str:
        return self.licence if "://" in self.licence else "#licence"

    def _data(self) -> Iterator[Entity]:
        roles = {
            "run.json": "what was asked: scenario, seed, versions",
            "events.jsonl": "the record: every event, chained by SHA-256 over the stored bytes",
            "seal.json": "count, head and Merkle root of the events",
        }
        media = self._blob_media()
        for name, (size, digest) in self.files.items():
            if name == WORKFLOW:
                continue
            entity: Entity = {
                "@id": _path(name),
                "@type": "File",
                "name": name,
                "contentSize": str(size),
                "sha256": digest,
                "encodingFormat": mimetypes.guess_type(name)[0] or "application/octet-stream",
            }
            if name.endswith(".jsonl"):
                entity["encodingFormat"] = "application/jsonl"
            stored = name.rsplit("/", 1)[-1]
            if stored in media:
                entity["description"] = f"32 bytes of salt, then a payload of {media[stored]}"
            elif name in roles:
                entity["description"] = roles[name]
            if name == "run.json":
                entity["exampleOfWork"] = _ref("#parameter-question")
            if name == "events.jsonl":
                entity["exampleOfWork"] = _ref("#parameter-record")
            yield entity

    def _blob_media(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for event in self.trace.events("effect.requested", "effect.completed"):
            fact = event.fact
            if isinstance(fact, EffectRequested | EffectCompleted) and fact.blob:
                found[fact.blob.sha256] = fact.blob.media
            if isinstance(fact, EffectCompleted):
                found |= {b.sha256: b.media for b in fact.media.values()}
        return found

    def _tools(self) -> tuple[dict[tuple[str, str], str], dict[tuple[str, str], str]]:
        """Return ids: of the software by effect and name, of its parameters by tool and name."""
        tools: dict[tuple[str, str], str] = {}
        for call in self.course.calls.values():
            tools.setdefault((call.effect, call.name), f"#{call.effect}-{slug(call.name)}")
        return tools, {}

    def _workflow_entities(
        self, tools: dict[tuple[str, str], str], parameters: dict[tuple[str, str], str]
    ) -> Iterator[Entity]:
        started = self.course.started
        graph = started.graph if started else "unknown"
        names = list(dict.fromkeys(step.name for step in self.course.steps.values()))
        size, digest = self.files[WORKFLOW]
        versions = self._versions()
        yield {
            "@id": WORKFLOW,
            "@type": ["File", "SoftwareSourceCode", "ComputationalWorkflow", "HowTo"],
            "name": f"the graph '{graph}'",
            "description": "The steps and transitions that this run took, read from its record.",
            "encodingFormat": "application/json",
            "contentSize": str(size),
            "sha256": digest,
            "version": versions.get("gaseol", "unknown"),
            "programmingLanguage": _ref("#langgraph"),
            "conformsTo": _ref("https://bioschemas.org/profiles/ComputationalWorkflow/1.0-RELEASE"),
            "input": [_ref("#parameter-question"), _ref("#parameter-seed")],
            "output": [_ref("#parameter-record")],
            "step": [_ref(f"#step-{slug(name)}") for name in names],
            "hasPart": [
                *(_ref(f"#node-{slug(name)}") for name in names),
                *(_ref(each) for each in tools.values()),
            ],
        }
        yield {
            "@id": "https://bioschemas.org/profiles/ComputationalWorkflow/1.0-RELEASE",
            "@type": "CreativeWork",
            "name": "Bioschemas ComputationalWorkflow",
        }
        yield {
            "@id": "#langgraph",
            "@type": "ComputerLanguage",
            "name": "LangGraph",
            "version": versions.get("langgraph", "unknown"),
            "url": _ref("https://github.com/langchain-ai/langgraph"),
        }
        yield {
            "@id": "https://github.com/langchain-ai/langgraph",
            "@type": "WebSite",
            "name": "LangGraph",
        }
        yield _parameter("#parameter-question", "question", "File", "run.json")
        yield _parameter("#parameter-seed", "seed", "Integer", "#seed")
        yield _parameter("#parameter-record", "record", "File", "events.jsonl")
        yield {
            "@id": "#seed",
            "@type": "PropertyValue",
            "name": "seed",
            "value": str(started.seed if started else ""),
            "exampleOfWork": _ref("#parameter-seed"),
        }
        yield {
            "@id": "#scientist",
            "@type": "SoftwareApplication",
            "name": f"scientist: {started.scientist if started else 'unknown'}",
            "softwareVersion": versions.get("gaseol", "unknown"),
        }
        yield {
            "@id": "#engine",
            "@type": "SoftwareApplication",
            "name": "gaseol",
            "softwareVersion": versions.get("gaseol", "unknown"),
        }
        yield from self._software(tools, parameters)
        yield self._run_action()

    def _software(
        self, tools: dict[tuple[str, str], str], parameters: dict[tuple[str, str], str]
    ) -> Iterator[Entity]:
        versions: dict[tuple[str, str], set[str]] = {}
        for call in self.course.calls.values():
            versions.setdefault((call.effect, call.name), set()).add(call.version)
        inputs: dict[str, list[str]] = {}
        for event in self.trace.events("effect.requested"):
            fact = event.fact
            if not isinstance(fact, EffectRequested):
                continue
            tool = tools[(fact.effect, fact.name)]
            values: dict[str, Any] = fact.arguments if fact.blob is None else {"arguments": None}
            for name, value in values.items():
                if (tool, name) in parameters:
                    continue
                parameter = parameters[(tool, name)] = f"#parameter-{tool[1:]}-{slug(name)}"
                inputs.setdefault(tool, []).append(parameter)
                kind = "File" if fact.blob else _schema_type(value)
                example = (
                    self._blob_id(fact.blob.sha256) if fact.blob else _argument(event.seq, name)
                )
                yield _parameter(parameter, name, kind, example or _argument(event.seq, name))
        for (effect, name), tool in tools.items():
            digests = ", ".join(sorted(v for v in versions[(effect, name)] if v))
            person = effect == "person"
            yield {
                "@id": tool,
                "@type": "SoftwareApplication",
                "name": name,
                "description": f"A {'person who was asked' if person else effect}, by the record.",
                "softwareVersion": digests or "unknown",
                **({"input": [_ref(p) for p in inputs[tool]]} if tool in inputs else {}),
            }

    def _run_action(self) -> Entity:
        course, folder = self.course, self.trace.folder
        self.mentions += ["#run", "#orchestration"]
        results = [n for n in ("events.jsonl", "report.md", "report.html") if n in self.files]
        return {
            "@id": "#run",
            "@type": "CreateAction",
            "name": f"run {self.trace.run.get('id', folder.name)}",
            "description": course.started.question if course.started else "",
            "instrument": _ref(WORKFLOW),
            "agent": _ref("#scientist"),
            "object": [_ref("run.json"), _ref("#seed")],
            "result": [_ref(_path(n)) for n in results],
            **_times(course.first, course.last),
            **_status(course.status, course.ended.reason if course.ended else ""),
        }

    def _steps(self, tools: dict[tuple[str, str], str]) -> Iterator[Entity]:
        course = self.course
        used: dict[str, dict[str, None]] = {}
        for step in course.steps.values():
            names = used.setdefault(step.name, {f"#node-{slug(step.name)}": None})
            for seq in step.calls:
                call = course.calls[seq]
                names[tools[(call.effect, call.name)]] = None
        version = self._versions().get("gaseol", "unknown")
        for position, (name, examples) in enumerate(used.items()):
            yield {
                "@id": f"#step-{slug(name)}",
                "@type": "HowToStep",
                "name": name,
                "position": str(position),
                "workExample": [_ref(e) for e in examples],
            }
            yield {
                "@id": f"#node-{slug(name)}",
                "@type": "SoftwareApplication",
                "name": f"the code of the step '{name}'",
                "softwareVersion": version,
            }
        for step in course.steps.values():
            self.mentions += [f"#control-{step.seq}", f"#execution-{step.seq}"]
            shared: Entity = {
                **_times(step.started, step.ended),
                **_status("done" if step.end is not None else "failed", "the run stopped here"),
            }
            yield {
                "@id": f"#control-{step.seq}",
                "@type": "ControlAction",
                "name": f"orchestrate step {step.number}: {step.name}",
                "instrument": _ref(f"#step-{slug(step.name)}"),
                "object": [
                    _ref(f"#execution-{step.seq}"),
                    *(_ref(f"#call-{seq}") for seq in step.calls),
                ],
                **shared,
            }
            yield {
                "@id": f"#execution-{step.seq}",
                "@type": "CreateAction",
                "name": f"step {step.number}: {step.name}",
                "description": f"events {step.seq} to {step.end if step.end is not None else '?'}",
                "instrument": _ref(f"#node-{slug(step.name)}"),
                "agent": _ref("#scientist"),
                **shared,
            }
        yield {
            "@id": "#orchestration",
            "@type": "OrganizeAction",
            "name": "the run of the graph",
            "instrument": _ref("#engine"),
            "object": [_ref(f"#control-{seq}") for seq in course.steps],
            "result": _ref("#run"),
            **_times(course.first, course.last),
        }

    def _calls(self, parameters: dict[tuple[str, str], str]) -> Iterator[Entity]:
        waiting: dict[int, Entity] = {}
        kinds = ("effect.requested", "effect.completed", "effect.failed", "effect.ambiguous")
        for event in self.trace.events(*kinds):
            fact = event.fact
            if isinstance(fact, EffectRequested):
                call = self.course.calls[event.seq]
                action, given = self._call(call), list[dict[str, str]]()
                for entity in self._arguments(event.seq, fact, parameters):
                    given.append(_ref(entity["@id"]))
                    if entity["@type"] == "PropertyValue":
                        yield entity
                action["object"] = given
                waiting[event.seq] = action
                continue
            request = event.data.get("request", -1)
            if self.course.calls[request].answer != event.seq:
                continue  # it was asked again, and answered
            action = waiting.pop(request, None)
            if action is None:
                continue
            if isinstance(fact, EffectCompleted):
                blobs = [fact.blob] if fact.blob else []
                held = [self._blob_id(b.sha256) for b in (*blobs, *fact.media.values())]
                action["result"] = [_ref(h) for h in held if h]
                if fact.blob is None:
                    answer = f"#answer-{event.seq}"
                    action["result"].append(_ref(answer))
                    yield {
                        "@id": answer,
                        "@type": "PropertyValue",
                        "name": f"answer of {action['name']}",
                        "value": _text(fact.value),
                    }
            yield action
        yield from waiting.values()

    def _call(self, call: Call) -> Entity:
        self.mentions.append(f"#call-{call.seq}")
        status = "done" if call.outcome == "completed" else "failed"
        reason = call.reason or "its answer is not on record"
        return {
            "@id": f"#call-{call.seq}",
            "@type": "CreateAction",
            "name": call.name,
            "description": f"event {call.seq}, a call of kind '{call.effect}'",
            "instrument": _ref(f"#{call.effect}-{slug(call.name)}"),
            "agent": _ref("#scientist"),
            **_times(call.started, call.ended),
            **_status(status, reason),
        }

    def _arguments(
        self, seq: int, fact: EffectRequested, parameters: dict[tuple[str, str], str]
    ) -> Iterator[Entity]:
        tool = f"#{fact.effect}-{slug(fact.name)}"
        if fact.blob:
            held = self._blob_id(fact.blob.sha256)
            if held:
                yield {"@id": held, "@type": "File"}
                return
        values = fact.arguments if fact.blob is None else {"arguments": "withheld"}
        for name, value in values.items():
            yield {
                "@id": _argument(seq, name),
                "@type": "PropertyValue",
                "name": name,
                "value": _text(value),
                "exampleOfWork": _ref(parameters[(tool, name)]),
            }

    def _nouns(self) -> Iterator[Entity]:
        docket = self.docket
        for name, hypothesis in docket.hypotheses.items():
            verdict = docket.verdicts.get(name)
            self.mentions.append(f"#hypothesis-{slug(name)}")
            yield {
                "@id": f"#hypothesis-{slug(name)}",
                "@type": "CreativeWork",
                "additionalType": "hypothesis",
                "name": hypothesis.statement,
                "identifier": name,
                "description": f"{verdict.ruling.value}: {verdict.reason}" if verdict
                else docket.turned_away.get(name, "no verdict"),
            }  # fmt: skip
        for name, claim in docket.claims.items():
            audit = docket.audits.get(name)
            self.mentions.append(f"#claim-{slug(name)}")
            word = (
                "not audited"
                if audit is None
                else "supported"
                if audit.supported
                else "unsupported"
            )
            yield {
                "@id": f"#claim-{slug(name)}",
                "@type": "Claim",
                "name": name,
                "text": str(claim),
                "description": f"by the audit of the record: {word}",
                "isBasedOn": _ref("events.jsonl"),
                "about": [
                    _ref(f"#hypothesis-{slug(h)}")
                    for h in claim.hypotheses
                    if h in docket.hypotheses
                ],
            }

    def _root(self) -> Entity:
        run = self.trace.run
        started = self.course.started
        created = run.get("created") or _iso(self.course.first or datetime.now(UTC))
        scenario = started.scenario if started else "unknown"
        about = started.question.strip() if started else "A run of gaseol."
        return {
            "@id": "./",
            "@type": "Dataset",
            "name": f"Run {run.get('id', self.trace.folder.name)} of the scenario '{scenario}'",
            "description": f"NOT AS RECORDED: {self.caveat} {about}" if self.caveat else about,
            "datePublished": str(created)[:10],
            "license": _ref(self._licence_id()),
            "conformsTo": [_ref(uri) for uri in PROFILES],
            "mainEntity": _ref(WORKFLOW),
            "hasPart": [_ref(_path(name)) for name in self.files],
            "mentions": [_ref(each) for each in self.mentions],
        }

    def _blob_id(self, digest: str) -> str | None:
        name = f"blobs/sha256/{digest}"
        return _path(name) if name in self.files else None

    def _versions(self) -> dict[str, str]:
        found = self.trace.run.get("versions")
        return {str(k): str(v) for k, v in cast("dict[str, Any]", found).items()} if isinstance(found, dict) else {}  # fmt: skip


def _route(course: Course) -> bytes:
    steps = list(course.steps.values())
    passes: dict[tuple[str, str], int] = {}
    for before, after in pairwise(steps):
        passes[(before.name, after.name)] = passes.get((before.name, after.name), 0) + 1
    return orjson.dumps(
        {
            "graph": course.started.graph if course.started else None,
            "steps": list(dict.fromkeys(step.name for step in steps)),
            "transitions": [{"from": a, "to": b, "times": n} for (a, b), n in passes.items()],
        },
        option=orjson.OPT_INDENT_2,
    )


def _flat(entity: Entity) -> Entity:
    """Write a list of one as its value and leave out an empty one, as RO-Crate 1.1 asks."""
    return {
        key: value[0] if isinstance(value, list) and len(cast("list[Any]", value)) == 1 else value
        for key, value in entity.items()
        if value != []
    }


def _ref(identity: str) -> dict[str, str]:
    return {"@id": identity}


def _path(name: str) -> str:
    return quote(name)


def _argument(seq: int, name: str) -> str:
    return f"#argument-{seq}-{slug(name)}"


def _parameter(identity: str, name: str, kind: str, example: str) -> Entity:
    return {
        "@id": identity,
        "@type": "FormalParameter",
        "name": name,
        "additionalType": kind,
        "workExample": _ref(_path(example) if kind == "File" and "/" not in example else example),
    }


def _schema_type(value: Any) -> str:
    match value:
        case bool():
            return "Boolean"
        case int():
            return "Integer"
        case float():
            return "Number"
        case str():
            return "Text"
        case _:
            return "PropertyValue"


def _text(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _iso(at: datetime) -> str:
    return utc(at).isoformat(timespec="milliseconds")  # the form that the profile takes


def _times(start: datetime | None, end: datetime | None) -> Entity:
    found: Entity = {}
    if start:
        found["startTime"] = _iso(start)
    if end:
        found["endTime"] = _iso(end)
    return found


def _status(status: str, reason: str) -> Entity:
    if status in ("done", "budget"):
        return {"actionStatus": "http://schema.org/CompletedActionStatus"}
    if status in ("running", "paused"):
        return {"actionStatus": "http://schema.org/ActiveActionStatus"}
    return {"actionStatus": "http://schema.org/FailedActionStatus", "error": reason or status}
