"""A run as OpenTelemetry spans in OTLP/JSON: to a file, or to a collector over HTTP.

Run, steps and calls are spans, named by the GenAI semantic conventions where those have a name;
hypotheses, registrations, measurements, evidence, verdicts and claims are events of the span they
happened in. Receivers keep 128 events of a span by default and drop the rest in silence, so a
longer row goes on in further spans. What is left out is said in `gaseol.left_out`, counted in
`droppedAttributesCount`, and returned.
"""

import hashlib
from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

import orjson

from gaseol.traces.archive.usage import tokens
from gaseol.traces.export.course import Call, Course, Step, utc
from gaseol.traces.record import event as kinds
from gaseol.traces.record.event import Event
from gaseol.traces.record.trace import Trace
from gaseol.traces.story import tell

LIMIT = 128
"""Attributes of a span, and events of a span, that a receiver keeps by default."""

SEMCONV = "https://opentelemetry.io/schemas/1.37.0"
_BATCH = 512
_BATCH_BYTES = 2_000_000
_NOUNS = frozenset(
    {
        "hypothesis.proposed", "hypothesis.turned_away", "hypothesis.ranked", "registration",
        "experiment.designed", "measurement", "evidence", "crossing", "verdict", "claim", "audit",
        "budget.spent", "policy.decision", "lesson.used", "data.known", "case.suggested",
        "run.forked", "run.interrupted", "run.resumed",
    }
)  # fmt: skip

Span = dict[str, Any]
Attributes = dict[str, Any]


class CollectorRefused(RuntimeError):
    """A collector did not take the spans."""


def write_spans(folder: Path, out: Path, *, caveat: str = "") -> list[str]:
    """Write a run as one OTLP/JSON request and return what was left out, in sentences.

    Args:
        folder: the run.
        out: the file, which must not be there.
        caveat: what is wrong with the record, said of the resource.
    """
    telling = _Telling(Trace(folder))
    with out.open("xb") as file:
        head, tail = orjson.dumps(telling.envelope(caveat, [])).split(b'"spans":[]')
        file.write(head + b'"spans":[')
        for number, span in enumerate(telling.spans()):
            file.write((b",\n" if number else b"\n") + orjson.dumps(span))
        file.write(b"]" + tail + b"\n")
    return telling.left_out()


def send_spans(folder: Path, to: str, *, caveat: str = "") -> list[str]:
    """Send a run to a collector and return what was left out, in sentences.

    Args:
        folder: the run.
        to: address of the collector; without a path, `/v1/traces` is meant.
        caveat: what is wrong with the record, said of the resource.

    Raises:
        CollectorRefused: it does not answer, or does not take all spans; some may be there.
    """
    import httpx

    parts = urlsplit(to)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise CollectorRefused(
            f"'{to}' is no address of a collector, such as http://127.0.0.1:4318"
        )
    address = to if parts.path.strip("/") else f"{to.rstrip('/')}/v1/traces"
    telling = _Telling(Trace(folder))
    sent, spans = 0, telling.spans()
    # no proxy from the environment and no redirect: the spans go where they were sent, or nowhere
    with httpx.Client(trust_env=False, follow_redirects=False, timeout=30) as client:
        for batch in _batches(spans):
            try:
                answer = client.post(
                    address,
                    content=orjson.dumps(telling.envelope(caveat, batch)),
                    headers={"Content-Type": "application/json"},
                )
            except httpx.HTTPError as error:
                raise CollectorRefused(f"{address}: {error}; {sent} spans were sent") from None
            _taken(address, answer.status_code, answer.content, sent)
            sent += len(batch)
    return telling.left_out()


def _batches(spans: Iterator[Span]) -> Iterator[list[Span]]:
    """Yield spans in lists that a collector takes: few enough, and of few enough bytes."""
    batch: list[Span] = []
    size = 0
    for span in spans:
        length = len(orjson.dumps(span))
        if batch and (len(batch) >= _BATCH or size + length > _BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(span)
        size += length
    if batch:
        yield batch


def _taken(address: str, status: int, content: bytes, sent: int) -> None:
    if status // 100 != 2:
        said = content[:200].decode(errors="replace").strip()
        raise CollectorRefused(f"{address} answered {status} {said}; {sent} spans were sent before")
    try:
        partial = orjson.loads(content or b"{}").get("partialSuccess", {})
        rejected, reason = int(partial.get("rejectedSpans", 0)), partial.get("errorMessage", "")
    except (ValueError, TypeError, AttributeError):
        return  # it said 200, in no words that the protocol knows
    if rejected:
        raise CollectorRefused(f"{address} rejected {rejected} spans: {str(reason)[:200]}")


class _Telling:
    def __init__(self, trace: Trace) -> None:
        self.trace, self.course = trace, Course.of(trace)
        first = next(iter(trace.events()), None)
        # the same record gives the same identifiers, so that sending it twice adds nothing
        seed = first.digest if first else str(trace.folder)
        self.trace_id = hashlib.sha256(f"gaseol.otel:{seed}".encode()).hexdigest()[:32]
        self.payloads = 0
        self.bytes = 0
        self.cut = 0

    def left_out(self) -> list[str]:
        """Return what did not fit, after all spans were told."""
        found: list[str] = []
        if self.payloads:
            found.append(f"{self.payloads} payloads kept as blobs ({self.bytes} bytes) are named, not included")  # fmt: skip
        if self.cut:
            found.append(f"{self.cut} attributes beyond {LIMIT} of a span are left out")
        return found

    def envelope(self, caveat: str, spans: list[Span]) -> dict[str, Any]:
        run, started = self.trace.run, self.course.started
        versions = run.get("versions")
        version = cast("dict[str, Any]", versions).get("gaseol", "") if isinstance(versions, dict) else ""  # fmt: skip
        resource = {
            "service.name": "gaseol",
            "service.version": str(version),
            "service.instance.id": str(run.get("id", self.trace.folder.name)),
            "gaseol.scenario": started.scenario if started else "",
            "gaseol.head": self.course.head,
            **({"gaseol.caveat": caveat} if caveat else {}),
        }
        return {
            "resourceSpans": [
                {
                    "resource": {"attributes": _attributes(resource)},
                    "scopeSpans": [
                        {"scope": {"name": "gaseol.record", "version": "1"}, "spans": spans}
                    ],
                    "schemaUrl": SEMCONV,
                }
            ]
        }

    def spans(self) -> Iterator[Span]:
        """Yield every span: calls when they are answered, steps when they end, the run last."""
        course = self.course
        calls: dict[int, tuple[Attributes, list[str]]] = {}
        rows: dict[int, list[Span]] = {-1: []}
        """Events of each open step; -1 is the run."""
        inside: list[int] = []
        for event in self.trace.events():
            fact = event.fact
            match fact:
                case kinds.StepStarted():
                    inside.append(event.seq)
                    rows[event.seq] = []
                case kinds.StepEnded():
                    for seq in [s for s in inside if course.steps[s].end == event.seq]:
                        inside.remove(seq)
                        yield from self._step(course.steps[seq], rows.pop(seq))
                case kinds.RunResumed():
                    rows[-1].append(_event(event))
                case kinds.EffectRequested():
                    calls[event.seq] = self._asked(fact)
                case kinds.EffectCompleted() | kinds.EffectFailed() | kinds.EffectAmbiguous():
                    if course.calls[fact.request].answer != event.seq:
                        continue  # it was asked again, and answered
                    about, lacking = calls.pop(fact.request, ({}, list[str]()))
                    if isinstance(fact, kinds.EffectCompleted):
                        self._answered(course.calls[fact.request], fact, about, lacking)
                    yield from self._call(course.calls[fact.request], about, lacking)
                case _:
                    if event.kind in _NOUNS:
                        rows[inside[-1] if inside else -1].append(_event(event))
        for seq, (about, lacking) in calls.items():
            yield from self._call(course.calls[seq], about, lacking)
        for seq in inside:
            yield from self._step(course.steps[seq], rows.pop(seq))
        yield from self._run(rows[-1])

    def _asked(self, fact: kinds.EffectRequested) -> tuple[Attributes, list[str]]:
        lacking: list[str] = []
        arguments: Any = self._whole(fact) if fact.effect == "model" or not fact.blob else None
        if fact.blob and arguments is None:
            self._kept(fact.blob.bytes)
            lacking.append(f"arguments: {fact.blob.bytes} bytes in blob {fact.blob.sha256}")
        about: Attributes = {"gaseol.key": fact.key, "gaseol.idempotent": fact.idempotent}
        if fact.effect == "model":
            about |= _model_request(fact.name, arguments)
        elif fact.effect == "tool":
            about |= {
                "gen_ai.operation.name": "execute_tool",
                "gen_ai.tool.name": fact.name,
                "gen_ai.tool.type": "function",
            }
            if arguments is not None:
                about["gen_ai.tool.call.arguments"] = _json(arguments)
        elif arguments is not None:
            about["gaseol.arguments"] = _json(arguments)
        return about, lacking

    def _answered(
        self, call: Call, fact: kinds.EffectCompleted, about: Attributes, lacking: list[str]
    ) -> None:
        value: Any = self._whole(fact) if call.effect == "model" else fact.value
        inside = call.effect == "model" and value is not None
        kept = {"result": fact.blob, **fact.media}
        for name, blob in kept.items() if not inside else ():
            if blob:
                self._kept(blob.bytes)
                lacking.append(f"{name}: {blob.bytes} bytes in blob {blob.sha256}")
        about["gaseol.isolation"] = fact.isolation
        if call.effect == "model":
            about |= _model_answer(value)
        elif fact.blob is None:
            key = "gen_ai.tool.call.result" if call.effect == "tool" else "gaseol.result"
            about[key] = _json(fact.value)

    def _whole(self, fact: kinds.EffectRequested | kinds.EffectCompleted) -> Any:
        """Return a payload from wherever it is; None where it is withheld or lost."""
        try:
            return self.trace.payload(fact)
        except (LookupError, ValueError, TypeError):
            return None

    def _kept(self, size: int) -> None:
        self.payloads += 1
        self.bytes += size

    def _call(self, call: Call, about: Attributes, lacking: list[str]) -> Iterator[Span]:
        name = {"tool": f"execute_tool {call.name}", "model": f"chat {call.name}"}.get(
            call.effect, f"{call.effect} {call.name}"
        )
        failed = "" if call.outcome == "completed" else call.reason or call.outcome
        if failed:
            about["error.type"] = call.reason.partition(":")[0] if call.outcome == "failed" else call.outcome  # fmt: skip
        about |= {
            "gaseol.event": call.seq,
            "gaseol.effect": call.effect,
            "gaseol.role": call.role,
            "gaseol.version": call.version,
            "gaseol.outcome": call.outcome,
            "gaseol.origin": call.origin,
            "gaseol.seconds": call.seconds,
            "gaseol.cpu_seconds": call.cpu_seconds,
        }
        yield from self._span(
            call.seq, "run" if call.step is None else call.step, name,
            call.started, call.ended, about, [], lacking, failed,
            kind=3 if call.effect in ("model", "egress") else 1,
        )  # fmt: skip

    def _step(self, step: Step, row: list[Span]) -> Iterator[Span]:
        about = {"gaseol.event": step.seq, "gaseol.step": step.name, "gaseol.number": step.number}
        failed = "" if step.end is not None else "the run stopped inside this step"
        yield from self._span(
            step.seq, "run", f"step {step.name}", step.started, step.ended, about, row, [], failed
        )

    def _run(self, row: list[Span]) -> Iterator[Span]:
        course, started, ended = self.course, self.course.started, self.course.ended
        about: Attributes = {
            "gen_ai.operation.name": "invoke_agent",
            "gen_ai.agent.name": started.scientist if started else "unknown",
            "gaseol.status": course.status,
            "gaseol.reason": ended.reason if ended else "",
            "gaseol.events": course.events,
        }
        if started:
            about |= {
                "gaseol.question": started.question, "gaseol.graph": started.graph,
                "gaseol.seed": started.seed, "gaseol.alpha": started.alpha,
                "gaseol.hypotheses": started.hypotheses,
            }  # fmt: skip
        if ended:
            about |= {f"gaseol.cost.{name}": value for name, value in ended.cost.items()}
        failed = "" if course.status in ("done", "budget", "running", "paused") else course.status
        name = f"invoke_agent {about['gen_ai.agent.name']}"
        yield from self._span("run", None, name, course.first, course.last, about, row, [], failed)

    def _span(
        self, seq: int | str, parent: int | str | None, name: str, start: datetime | None,
        end: datetime | None, about: Attributes, row: list[Span], lacking: list[str],
        failed: str, *, kind: int = 1,
    ) -> Iterator[Span]:  # fmt: skip
        begun, over = _nano(start), _nano(end or self.course.last)
        kept = {k: v for k, v in about.items() if v is not None and v != ""}
        dropped = max(0, len(kept) - (LIMIT - 1))
        if dropped:
            lacking = [*lacking, f"attributes: {', '.join(list(kept)[LIMIT - 1 :])}"[:4000]]
            kept = dict(islice(kept.items(), LIMIT - 1))
            self.cut += dropped
        if lacking:
            kept["gaseol.left_out"] = lacking
        span: Span = {
            "traceId": self.trace_id,
            "spanId": self._id(seq),
            **({"parentSpanId": self._id(parent)} if parent is not None else {}),
            "name": name,
            "kind": kind,
            "startTimeUnixNano": str(begun),
            "endTimeUnixNano": str(max(begun, over)),  # clocks jump; a span may not end early
            "attributes": _attributes(kept),
            "droppedAttributesCount": dropped,
            "events": row[:LIMIT],
            "status": {"code": 2, "message": failed} if failed else {"code": 1},
        }
        yield span
        for number, begin in enumerate(range(LIMIT, len(row), LIMIT), 2):
            more = row[begin : begin + LIMIT]
            yield {
                "traceId": self.trace_id,
                "spanId": self._id(f"{seq}.{number}"),
                "parentSpanId": self._id(seq),
                "name": f"{name} (events, part {number})",
                "kind": 1,
                "startTimeUnixNano": more[0]["timeUnixNano"],
                "endTimeUnixNano": more[-1]["timeUnixNano"],
                "attributes": _attributes({"gaseol.continues": self._id(seq)}),
                "events": more,
                "status": {"code": 1},
            }

    def _id(self, seq: int | str) -> str:
        return hashlib.sha256(f"{self.trace_id}:{seq}".encode()).hexdigest()[:16]


def _event(event: Event) -> Span:
    data = event.data
    first: Any = next(iter(data.values()), None)
    if len(data) == 1 and isinstance(first, dict):
        data = cast("dict[str, Any]", first)  # the noun
    about = {"gaseol.event": event.seq, "gaseol.says": tell(event)}
    for key, value in data.items():
        if value is not None and value not in ("", (), [], {}):
            about[f"gaseol.{key}"] = value
    return {
        "timeUnixNano": str(_nano(event.at)),
        "name": event.kind,
        "attributes": _attributes(about),
    }


def _model_request(name: str, given: Any) -> Attributes:
    """Return what the conventions have a name for, of the arguments that models take."""
    arguments = cast("dict[str, Any]", given) if isinstance(given, dict) else {}
    found: Attributes = {
        "gen_ai.operation.name": "chat",
        "gen_ai.request.model": str(arguments.get("model", name)),
    }
    for ours, theirs in (
        ("temperature", "temperature"), ("top_p", "top_p"), ("seed", "seed"),
        ("max_tokens", "max_tokens"), ("stop", "stop_sequences"),
    ):  # fmt: skip
        if arguments.get(ours) is not None:
            found[f"gen_ai.request.{theirs}"] = arguments[ours]
    if "messages" in arguments:
        found["gen_ai.input.messages"] = _json(_messages(arguments["messages"]))
    rest = {
        k: v for k, v in arguments.items()
        if k not in ("model", "messages", "temperature", "top_p", "seed", "max_tokens", "stop")
    }  # fmt: skip
    return {**found, "gaseol.arguments": _json(rest)} if rest else found


def _model_answer(value: Any) -> Attributes:
    if not isinstance(value, dict):
        return {} if value is None else {"gen_ai.output.messages": _json(value)}
    answer = cast("dict[str, Any]", value)
    found: Attributes = {"gen_ai.output.messages": _json([_said(answer)])}
    rest = {k: v for k, v in answer.items() if k not in _SAID and v not in ("", [], None)}
    if rest:
        found["gaseol.result"] = _json(rest)
    if isinstance(answer.get("model"), str):
        found["gen_ai.response.model"] = answer["model"]
    usage = tokens(answer)
    for name, count in zip(("input", "output"), usage, strict=True):
        if count is not None:
            found[f"gen_ai.usage.{name}_tokens"] = count
    return found


_SAID = ("text", "content", "reasoning", "tool_calls", "finish", "model", "usage")
"""What the conventions have a place for in an answer."""


def _messages(said: Any) -> Any:
    """Return messages as roles and parts; what is no list of messages stays as it is."""
    if not isinstance(said, list):
        return said
    return [_message(one) for one in cast("list[Any]", said)]


def _message(one: Any) -> Any:
    if not isinstance(one, dict):
        return one
    said = cast("dict[str, Any]", one)
    return {"role": str(said.get("role", "")), "parts": _parts(said.get("content"))}


def _parts(content: Any) -> list[Any]:
    if isinstance(content, str):
        return [{"type": "text", "content": content}]
    return cast("list[Any]", content) if isinstance(content, list) else [content]


def _said(answer: Mapping[str, Any]) -> dict[str, Any]:
    """Return an answer as one message of an assistant, its reasoning a part of its own."""
    parts: list[Any] = []
    if answer.get("reasoning"):
        parts.append({"type": "reasoning", "content": answer["reasoning"]})
    parts += _parts(answer.get("text", answer.get("content", "")))
    calls: Any = answer.get("tool_calls")
    for call in cast("list[Any]", calls) if isinstance(calls, list) else ():
        said = cast("dict[str, Any]", call) if isinstance(call, dict) else {"arguments": call}
        parts.append({"type": "tool_call", **said})
    return {"role": "assistant", "parts": parts, "finish_reason": str(answer.get("finish", ""))}


def _json(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _attributes(values: Attributes) -> list[dict[str, Any]]:
    return [{"key": key, "value": _value(value)} for key, value in values.items()]


def _value(value: Any) -> dict[str, Any]:
    match value:
        case bool():
            return {"boolValue": value}
        case int() if -(2**63) <= value < 2**63:
            return {"intValue": str(value)}
        case float():
            return {"doubleValue": value}
        case str():
            return {"stringValue": value}
        case list() | tuple() if all(isinstance(v, str) for v in cast("list[Any]", value)):
            return {
                "arrayValue": {"values": [{"stringValue": v} for v in cast("list[str]", value)]}
            }
        case _:
            return {"stringValue": orjson.dumps(value).decode()}


def _nano(at: datetime | None) -> int:
    if at is None:
        return 0
    at = utc(at)
    seconds = int(at.replace(microsecond=0).timestamp())
    return max(0, seconds * 1_000_000_000 + at.microsecond * 1000)
