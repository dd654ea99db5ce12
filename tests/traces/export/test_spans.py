"""A run as OpenTelemetry spans, parsed by the protocol's own messages."""

import base64
import copy
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import orjson
import pytest

from gaseol.traces import Docket, Trace
from gaseol.traces.export.spans import LIMIT, CollectorRefused, send_spans, write_spans
from gaseol.traces.record import event as kinds
from gaseol.traces.record.recorder import Recorder

service = pytest.importorskip(
    "opentelemetry.proto.collector.trace.v1.trace_service_pb2",
    reason="NOT validated: the package opentelemetry-proto is missing",
)
json_format = pytest.importorskip("google.protobuf.json_format")


def parsed(content):
    """Parse OTLP/JSON, in which identifiers are hexadecimal, unlike in plain protobuf JSON."""
    raw = copy.deepcopy(content)
    for resource in raw["resourceSpans"]:
        for scope in resource["scopeSpans"]:
            for span in scope["spans"]:
                for key in {"traceId", "spanId", "parentSpanId"} & set(span):
                    assert len(span[key]) == (32 if key == "traceId" else 16)
                    span[key] = base64.b64encode(bytes.fromhex(span[key])).decode()
    return json_format.ParseDict(raw, service.ExportTraceServiceRequest())


def plain(value):
    which = value.WhichOneof("value")
    found = getattr(value, which)
    return [plain(v) for v in found.values] if which == "array_value" else found


def about(span):
    return {a.key: plain(a.value) for a in span.attributes}


@pytest.fixture
def tell(tmp_path):
    def write(folder, **options):
        out = tmp_path / f"{folder.name}.otlp.json"
        out.unlink(missing_ok=True)
        said = write_spans(folder, out, **options)
        request = parsed(json.loads(out.read_text()))
        (resource,) = request.resource_spans
        (scope,) = resource.scope_spans
        return resource, list(scope.spans), said

    return write


def test_run_steps_and_calls_are_a_tree(sealed, tell):
    _, spans, _ = tell(sealed)
    by_id = {s.span_id: s for s in spans}
    assert len(by_id) == len(spans)
    assert len({s.trace_id for s in spans}) == 1
    (root,) = [s for s in spans if not s.parent_span_id]
    assert root.name == "invoke_agent by hand"
    (step,) = [s for s in spans if s.name == "step survey"]
    assert step.parent_span_id == root.span_id
    for span in spans:
        assert span.end_time_unix_nano >= span.start_time_unix_nano > 0
        if span is not root:
            assert span.parent_span_id in by_id
    asked = list(Trace(sealed).events("effect.requested"))
    calls = {about(s)["gaseol.event"]: s for s in spans if s.name.startswith("execute_tool ")}
    assert set(calls) == {e.seq for e in asked}
    read = next(e for e in asked if e.fact.name == "thermometer")
    first = about(calls[read.seq])
    assert first["gen_ai.operation.name"] == "execute_tool"
    assert first["gen_ai.tool.name"] == "thermometer"
    assert json.loads(first["gen_ai.tool.call.arguments"]) == read.data["arguments"]
    assert "mean" in json.loads(first["gen_ai.tool.call.result"])["t"]
    start = read.at
    nano = int(start.replace(microsecond=0).timestamp()) * 10**9 + start.microsecond * 1000
    assert calls[read.seq].start_time_unix_nano == nano


def test_failures_are_errors(sealed, tell):
    _, spans, _ = tell(sealed)
    errors = {s.status.message: about(s)["error.type"] for s in spans if s.status.code == 2}
    assert errors == {
        "out_of_domain: it evaporates": "out_of_domain",
        "the power went": "ambiguous",
    }


def test_every_noun_is_an_event_of_some_span(sealed, tell):
    _, spans, _ = tell(sealed)
    docket = Docket.of(Trace(sealed))
    names = [e.name for s in spans for e in s.events]
    assert names.count("measurement") == len(docket.measurements)
    assert names.count("evidence") == sum(map(len, docket.evidence.values()))
    assert names.count("verdict") == len(docket.verdicts)
    assert names.count("claim") == len(docket.claims)


def test_what_is_left_out_is_said(sealed, tell):
    _, spans, said = tell(sealed)
    assert len(said) == 1
    assert said[0].startswith("2 payloads kept as blobs (")
    lacking = [about(s)["gaseol.left_out"] for s in spans if "gaseol.left_out" in about(s)]
    assert len(lacking) == 2
    assert any(line[0].startswith("result: ") for line in lacking)
    assert any(line[0].startswith("picture: ") for line in lacking)


def test_no_span_has_more_than_receivers_keep(tmp_path, tell):
    """300 events in a step go on in further spans; of 200 costs the last are told as left out."""
    recorder = Recorder(tmp_path / "many", {"id": "many"})
    recorder.record(
        kinds.RunStarted(
            scenario="s", question="?", scientist="n", graph="g", seed=0, hypotheses=1, alpha=0.05,
            budget={},
        )
    )  # fmt: skip
    start = recorder.record(kinds.StepStarted(step="a", number=0))
    for number in range(300):
        recorder.record(kinds.PolicyDecided(subject=f"s{number}", allowed=True, reason="r"))
    recorder.record(kinds.StepEnded(step="a", number=0, change={}, seconds=1.0), start)
    cost = {f"c{number:03}": 1.0 for number in range(200)}
    recorder.record(kinds.RunEnded(status="done", cost=cost))
    recorder.seal()
    _, spans, said = tell(tmp_path / "many")
    assert all(len(s.attributes) <= LIMIT and len(s.events) <= LIMIT for s in spans)
    rows = [s for s in spans if s.name.startswith("step a")]
    assert [len(s.events) for s in rows] == [128, 128, 44]
    subjects = [about(e)["gaseol.subject"] for s in rows for e in s.events]  # fmt: skip
    assert subjects == [f"s{number}" for number in range(300)]
    assert {s.parent_span_id for s in rows[1:]} == {rows[0].span_id}
    (root,) = [s for s in spans if not s.parent_span_id]
    kept = [k for k in about(root) if k.startswith("gaseol.cost.")]
    assert root.dropped_attributes_count == 200 - len(kept)
    assert "gaseol.cost.c199" in about(root)["gaseol.left_out"][0]
    assert said == [f"{root.dropped_attributes_count} attributes beyond 128 of a span are left out"]


def test_model_calls_are_named_by_the_conventions(tmp_path, tell):
    recorder = Recorder(tmp_path / "chat", {"id": "chat"})
    for size in (3, 9000):
        messages = [{"role": "user", "content": "?" * size}]
        answer = {"model": "tiny-2", "text": "!" * size, "usage": {"prompt_tokens": 7, "completion_tokens": 2}}  # fmt: skip
        large, long = recorder.blobs.spill({"model": "tiny", "messages": messages, "seed": 4}), recorder.blobs.spill(answer)  # fmt: skip
        asked = recorder.record(
            kinds.EffectRequested(
                effect="model", name="tiny", key="0" * 64, role="theorist", blob=large,
                arguments={} if large else {"model": "tiny", "messages": messages, "seed": 4},
            )
        )  # fmt: skip
        recorder.record(
            kinds.EffectCompleted(
                request=asked, value=None if long else answer, blob=long, seconds=1.0
            )
        )
    recorder.seal()
    _, spans, said = tell(tmp_path / "chat")
    assert said == []
    calls = [s for s in spans if s.name == "chat tiny"]
    assert len(calls) == 2
    for span in calls:
        found = about(span)
        assert span.kind == 3
        assert found["gen_ai.operation.name"] == "chat"
        assert found["gen_ai.request.model"] == "tiny"
        assert found["gen_ai.response.model"] == "tiny-2"
        assert found["gen_ai.request.seed"] == 4
        assert (found["gen_ai.usage.input_tokens"], found["gen_ai.usage.output_tokens"]) == (7, 2)
        (asked,) = json.loads(found["gen_ai.input.messages"])
        assert asked["role"] == "user"
        assert [part["type"] for part in asked["parts"]] == ["text"]
        (told,) = json.loads(found["gen_ai.output.messages"])
        assert told["role"] == "assistant"
        assert told["parts"][-1]["type"] == "text"


def test_a_step_that_never_ended_is_an_error(broken_step, tell):
    _, spans, _ = tell(broken_step)
    (step,) = [s for s in spans if s.name == "step survey"]
    assert (step.status.code, step.status.message) == (2, "the run stopped inside this step")


def test_the_caveat_is_said_of_the_resource(sealed, tell):
    resource, _, _ = tell(sealed, caveat="broken")
    found = {a.key: plain(a.value) for a in resource.resource.attributes}
    assert found["gaseol.caveat"] == "broken"
    assert found["service.instance.id"] == "made"


class Collector(ThreadingHTTPServer):
    """Keeps what is posted, and answers what a test wants."""

    def __init__(self):
        self.got, self.status, self.answer, self.headers = [], 200, b"{}", {}
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        length = int(self.headers["Content-Length"])
        self.server.got.append((self.path, self.headers["Content-Type"], self.rfile.read(length)))
        self.send_response(self.server.status)
        for name, value in self.server.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(self.server.answer)))
        self.end_headers()
        self.wfile.write(self.server.answer)

    def log_message(self, *_):
        pass


@pytest.fixture
def collector():
    with Collector() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_a_collector_gets_the_same_spans(sealed, tell, collector, monkeypatch):
    monkeypatch.setattr("gaseol.traces.export.spans._BATCH", 10)
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    _, spans, said = tell(sealed)
    assert send_spans(sealed, collector.url) == said
    assert {(path, media) for path, media, _ in collector.got} == {
        ("/v1/traces", "application/json")
    }
    got = [
        s for _, _, body in collector.got
        for s in parsed(orjson.loads(body)).resource_spans[0].scope_spans[0].spans
    ]  # fmt: skip
    assert got == spans
    assert len(collector.got) == -(-len(spans) // 10)


def test_a_path_that_is_given_is_kept(sealed, collector):
    send_spans(sealed, f"{collector.url}/here")
    assert {path for path, _, _ in collector.got} == {"/here"}


@pytest.mark.parametrize(
    ("status", "answer", "headers", "says"),
    [
        (500, b"no", {}, "answered 500 no; 0 spans were sent before"),
        (302, b"", {"Location": "http://127.0.0.1:1/"}, "answered 302"),
        (200, b'{"partialSuccess":{"rejectedSpans":"3","errorMessage":"too old"}}', {},
         "rejected 3 spans: too old"),
    ],
)  # fmt: skip
def test_a_collector_that_does_not_take_them_is_said(
    sealed, collector, status, answer, headers, says
):
    collector.status, collector.answer, collector.headers = status, answer, headers
    with pytest.raises(CollectorRefused, match=says):
        send_spans(sealed, collector.url)


def test_odd_words_of_a_collector_that_took_them_are_no_failure(sealed, collector):
    for answer in (b"", b"ok", b"[]", b'{"partialSuccess":{}}'):
        collector.answer = answer
        send_spans(sealed, collector.url)


def test_nobody_there(sealed, collector):
    url = collector.url
    collector.server_close()
    with pytest.raises(CollectorRefused, match="0 spans were sent"):
        send_spans(sealed, url)
    for odd in ("127.0.0.1:4318", "file:///etc/passwd", "http://"):
        with pytest.raises(CollectorRefused, match="is no address of a collector"):
            send_spans(sealed, odd)
