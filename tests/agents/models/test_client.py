"""What the client makes of a server's answers, good and bad; each ends as a value or a failure."""

import json

import pytest

from gaseol.agents.models.door import ModelDoor
from gaseol.tools.egress.reach import Reach
from gaseol.traces.nouns.failure import FailureKind
from gaseol.traces.nouns.label import Label
from gaseol.traces.record.effects import Request

SCHEMA = {
    "type": "object",
    "properties": {"x": {"type": "number"}},
    "required": ["x"],
    "additionalProperties": False,
}


@pytest.fixture
def ask(serve, profile, arguments):
    """Ask a scripted server through the door and return its answer, and the server."""

    def go(script, means="json_schema", dialect="openai", pages=None, **changes):
        server = serve(script, pages=pages)
        given = {k: changes.pop(k) for k in list(changes) if k in ("tools", "tool_choice", "template", "messages")}  # fmt: skip
        schema = None if "tools" in given else SCHEMA
        model = profile(url=server.url, dialect=dialect, **changes)
        door = ModelDoor([model], pause=0.0)
        about = arguments(dialect=dialect, schema=schema, means=means, **given)
        try:
            answer = door.submit(Request("model", "home/scripted", about)).result(20)
        finally:
            door.close()
        return answer, server

    return go


def test_a_stream_is_put_together(ask, servers):
    answer, server = ask([servers.stream('{"x"', ": 1", "}")])
    assert answer.value["object"] == {"x": 1}
    assert answer.value["usage"] == {"tokens": 12, "prompt_tokens": 7, "completion_tokens": 5}
    assert answer.value["finish"] == "stop"
    body = server.asked[0].body
    assert (body["seed"], body["temperature"], body["top_p"], body["max_tokens"]) == (
        3, 0.5, 0.9, 100,
    )  # fmt: skip
    assert body["response_format"]["json_schema"]["schema"] == SCHEMA


@pytest.mark.parametrize(
    ("dialect", "means", "key"),
    [
        ("vllm", "structured_outputs", "structured_outputs"),
        ("llama.cpp", "schema_field", "json_schema"),
        ("llama-cpp-python", "json_object", "response_format"),
        ("sglang", "json_schema", "response_format"),
        ("openai", "tool", "tools"),
    ],
)
def test_each_dialect_asks_for_a_schema_in_its_own_way(ask, servers, dialect, means, key):
    _, server = ask([servers.chat('{"x": 1}')], means, dialect)
    assert json.dumps(SCHEMA) in json.dumps(server.asked[0].body[key])


def test_ollama_is_asked_in_its_own_interface(ask, servers):
    last = {"message": {"content": ""}, "done": True, "done_reason": "stop",
            "prompt_eval_count": 20, "eval_count": 4, "model": "m"}  # fmt: skip
    pieces = [{"message": {"thinking": "hm"}}, {"message": {"content": '{"x": 2}'}}, last]
    answer, server = ask([servers.lines(*pieces)], "format", "ollama")
    assert server.asked[0].path == "/api/chat"
    assert server.asked[0].body["format"] == SCHEMA
    assert server.asked[0].body["options"]["num_ctx"] == 4096
    assert answer.value["object"] == {"x": 2}
    assert answer.value["reasoning"] == "hm"
    assert answer.value["usage"]["tokens"] == 24


def test_a_stream_that_breaks_off_is_asked_again(ask, servers):
    answer, server = ask(
        [
            servers.stream('{"x": 4', finish=None, done=False, usage=None),
            servers.stream('{"x": 4}'),
        ]
    )
    assert answer.value["object"] == {"x": 4}
    assert len(server.asked) == 2
    assert "broke off after 7 characters" in answer.value["tries"][0]


def test_a_connection_that_breaks_is_asked_again(ask, servers):
    cut = servers.stream('{"x": 4')
    cut.cut = True
    cut.pieces = cut.pieces[:2]
    answer, _ = ask([cut, servers.stream('{"x": 4}')])
    assert answer.value["object"] == {"x": 4}
    assert len(answer.value["tries"]) == 1


def test_a_busy_server_is_waited_for_as_it_says(ask, servers):
    busy = servers.error(429, {"error": {"message": "slow down"}}, retry_after="0")
    answer, server = ask([busy, servers.error(500, b"<html>oops</html>"), servers.chat('{"x": 1}')])
    assert answer.value["object"] == {"x": 1}
    assert answer.value["tries"] == ["HTTP 429: slow down", "HTTP 500: <html>oops</html>"]
    assert len(server.asked) == 3


def test_a_server_that_stays_broken_is_a_typed_failure(ask, servers):
    answer, server = ask(lambda _: servers.error(500, {"error": {"message": "no kernel"}}))
    assert answer.failure.kind is FailureKind.UNAVAILABLE
    assert "no kernel" in answer.failure.reason
    assert len(server.asked) == 3


def test_nobody_there_says_what_to_do(profile, arguments):
    door = ModelDoor([profile(retries=0)], pause=0.0)
    answer = door.submit(Request("model", "home/scripted", arguments())).result(20)
    door.close()
    assert answer.failure.kind is FailureKind.UNAVAILABLE
    assert "start the server, then: gaseol model probe home" in answer.failure.reason


def test_a_refused_key_is_not_asked_again(ask, servers, monkeypatch):
    monkeypatch.setenv("HOME_KEY", "s3cr3t-of-mine")
    answer, server = ask(
        [servers.error(401, {"error": {"message": "bad key s3cr3t-of-mine"}})], key_env="HOME_KEY"
    )
    assert server.asked[0].headers["Authorization"] == "Bearer s3cr3t-of-mine"
    assert "HOME_KEY" in answer.failure.reason
    assert "s3cr3t-of-mine" not in answer.model_dump_json()
    assert len(server.asked) == 1


def test_a_key_that_is_said_back_does_not_reach_the_record(ask, servers, monkeypatch):
    monkeypatch.setenv("HOME_KEY", "s3cr3t-of-mine")
    answer, _ = ask([servers.chat('{"x": 1} s3cr3t-of-mine')], key_env="HOME_KEY")
    assert "[key]" in answer.value["text"]
    assert "s3cr3t-of-mine" not in answer.model_dump_json()


def test_half_a_character_is_no_end_of_a_run(ask, servers):
    answer, _ = ask([servers.chat(r'{"x": "\ud83d\ude00", "\ud800": "\udfff"}')])
    assert answer.value["object"] == {"x": "\U0001f600", "\ufffd": "\ufffd"}
    split = servers.stream('{"x": "\ud83d', finish=None, done=False, usage=None)
    split.pieces += servers.stream('\ude00"}').pieces
    answer, _ = ask([split])
    assert answer.value["object"] == {"x": "\U0001f600"}
    answer, _ = ask([servers.error(400, {"error": {"message": "\ud800 no"}})])
    assert answer.model_dump_json().encode()
    assert "\ufffd no" in answer.failure.reason


@pytest.mark.parametrize("said", ["context_length_exceeded: {}", "out of memory: {}"])
def test_a_key_said_back_in_the_middle_of_a_stream_does_not_either(ask, servers, monkeypatch, said):
    monkeypatch.setenv("HOME_KEY", "s3cr3t-of-mine")
    broken = servers.stream("half", finish=None, done=False, usage=None)
    error = {"error": {"message": said.format("Bearer s3cr3t-of-mine")}}
    broken.pieces.append(f"data: {json.dumps(error)}\n\n".encode())
    answer, _ = ask(lambda _: broken, key_env="HOME_KEY")
    assert "Bearer [key]" in answer.failure.reason
    assert "s3cr3t" not in answer.model_dump_json()


def test_a_key_in_a_message_that_is_cut_short_leaves_no_part_of_itself(ask, servers, monkeypatch):
    monkeypatch.setenv("HOME_KEY", "s3cr3t-of-mine")
    long = {"error": {"message": "x" * 292 + "s3cr3t-of-mine"}}
    answer, _ = ask([servers.error(401, long)], key_env="HOME_KEY")
    assert "xxx" in answer.failure.reason
    assert "s3cr" not in answer.failure.reason


def test_a_key_from_a_file_with_a_line_break_is_sent_without_it(ask, servers, monkeypatch):
    monkeypatch.setenv("HOME_KEY", "s3cr3t-of-mine\n")
    _, server = ask([servers.chat("{}")], key_env="HOME_KEY")
    assert server.asked[0].headers["Authorization"] == "Bearer s3cr3t-of-mine"


@pytest.mark.parametrize("key", ["s3cr3t\nof-mine", "s3cr3t\x01", "s3cr3t\u20ac"])
def test_a_key_that_no_header_can_hold_is_named_and_not_said(ask, servers, monkeypatch, key):
    monkeypatch.setenv("HOME_KEY", key)
    answer, server = ask([servers.chat("{}")], key_env="HOME_KEY")
    assert "the key in the environment variable HOME_KEY" in answer.failure.reason
    assert "s3cr3t" not in answer.model_dump_json()
    assert not server.asked


@pytest.mark.parametrize(
    "body",
    [
        {"error": {"code": 400, "type": "exceed_context_size_error",
                   "message": "request (9000 tokens) exceeds", "n_ctx": 4096}},
        {"error": {"code": "context_length_exceeded", "message": "too long"}},
        {"object": "error", "message": "This model's maximum context length is 4096 tokens."},
        {"detail": "prompt is too long"},
    ],
)  # fmt: skip
def test_every_servers_overflow_is_one(ask, servers, body):
    answer, _ = ask([servers.error(400, body)])
    assert answer.failure.kind is FailureKind.TOO_LARGE


def test_an_error_in_the_middle_of_a_stream(ask, servers):
    broken = servers.stream("half", finish=None, done=False, usage=None)
    broken.pieces.append(b'data: {"error": {"message": "out of memory"}}\n\n')
    answer, _ = ask(lambda _: broken)
    assert answer.failure.kind is FailureKind.UNAVAILABLE
    assert "out of memory" in answer.failure.reason


def test_reasoning_is_kept_apart_by_either_name(ask, servers):
    for name in ("reasoning", "reasoning_content"):
        answer, _ = ask([servers.stream({name: "let me "}, {name: "see"}, '{"x": 1}')])
        assert answer.value["reasoning"] == "let me see"
        assert answer.value["text"] == '{"x": 1}'


def test_reasoning_in_the_text_is_taken_out(ask, servers):
    answer, _ = ask([servers.chat('<think>{"x": 5}?</think>{"x": 6}')])
    assert answer.value["object"] == {"x": 6}
    assert answer.value["reasoning"] == '{"x": 5}?'


def test_endless_reasoning_ends_at_its_limit_and_gives_nothing(ask, servers):
    answer, _ = ask([servers.stream({"reasoning": "and so on"}, finish="length")])
    assert answer.value["object"] is None
    assert "cut off at max_tokens = 100" in answer.value["problem"]


def test_a_server_that_writes_on_past_max_tokens_is_hung_up_on(ask, servers):
    answer, _ = ask([servers.stream(*["x" * 1000] * 20)])
    assert answer.value["finish"] == "length"
    assert "hung up" in answer.value["notes"][0]
    assert len(answer.value["text"]) < 10_000


def test_an_answer_larger_than_any(ask, servers):
    answer, _ = ask([servers.Said([b"x" * 9_000_000])])
    assert answer.failure.kind is FailureKind.TOO_LARGE


def test_a_server_that_does_not_answer_in_time(ask, servers):
    import threading

    gate = threading.Event()

    def wait(_):
        gate.wait(10)
        return servers.chat("late")

    answer, _ = ask(wait, timeout_seconds=0.05)
    gate.set()
    assert answer.failure.kind is FailureKind.TIMED_OUT
    assert "timeout_seconds" in answer.failure.reason


@pytest.mark.parametrize(
    "text",
    ["", "no", "[1, 2", '{"x": NaN}', '{"x": 1e999}', '{"x": Infinity}', "{" * 5000],
)
def test_what_is_no_json_has_no_object(ask, servers, text):
    answer, _ = ask([servers.chat(text)])
    assert answer.failure is None
    assert answer.value["object"] is None
    assert answer.value["problem"]
    assert answer.value["text"] == text


def test_json_in_a_fence_or_in_words_is_read(ask, servers):
    for text in ('```json\n{"x": 1}\n```', 'Sure! {"x": 1} I hope it helps.'):
        answer, _ = ask([servers.chat(text)])
        assert answer.value["object"] == {"x": 1}


def test_tool_calls_count_whatever_the_reason_to_stop(ask, servers):
    tools = [{"name": "look", "description": "Look.", "parameters": SCHEMA}]
    call = {"function": {"name": "look", "arguments": '{"x": 1}'}}
    answer, server = ask([servers.chat(None, tool_calls=[call])], tools=tools, tool_choice="look")
    assert answer.value["tool_calls"] == [
        {"id": "call_0", "name": "look", "arguments": {"x": 1}, "problem": ""}
    ]
    assert server.asked[0].body["tool_choice"] == {"type": "function", "function": {"name": "look"}}


def test_a_named_tool_is_offered_alone_where_names_are_ignored(ask, servers):
    tools = [{"name": n, "description": "", "parameters": SCHEMA} for n in ("look", "hear")]
    _, server = ask([servers.chat("")], dialect="llama.cpp", tools=tools, tool_choice="hear")
    body = server.asked[0].body
    assert [t["function"]["name"] for t in body["tools"]] == ["hear"]
    assert body["tool_choice"] == "required"


def test_empty_and_broken_tool_calls_are_no_answers(ask, servers):
    for calls, problem in (
        ([], "it is empty"),
        ([{}], "it is empty"),
        ([{"function": {"name": "answer", "arguments": '{"x": '}}], "it is no JSON"),
        ([{"function": {"name": "invented", "arguments": {"x": 1}}}], "'invented', which was not"),
    ):
        answer, _ = ask([servers.chat(None, tool_calls=calls)], "tool")
        assert problem in answer.value["problem"]
        assert answer.value["object"] is None


def test_arguments_come_as_text_in_pieces_or_as_an_object(ask, servers):
    pieces = [
        {"tool_calls": [{"index": 0, "id": "a", "function": {"name": "answer", "arguments": ""}}]},
        {"tool_calls": [{"index": 0, "function": {"arguments": '{"x":'}}]},
        {"tool_calls": [{"index": 0, "function": {"arguments": " 8}"}}]},
    ]
    answer, _ = ask([servers.stream(*pieces, finish="tool_calls")], "tool")
    assert answer.value["object"] == {"x": 8}


def test_usage_that_is_not_said_is_bounded_and_noted(ask, servers):
    answer, _ = ask([servers.stream('{"x": 1}', usage=None)])
    assert answer.value["usage"]["completion_tokens"] == 9
    assert answer.value["usage"]["prompt_tokens"] > len("hello")
    assert "bounded by bytes" in answer.value["notes"][0]


def test_what_a_model_costs(ask, servers):
    answer, _ = ask([servers.chat('{"x": 1}')], prompt_price=2.0, completion_price=10.0)
    assert answer.value["usage"]["money"] == pytest.approx((7 * 2 + 5 * 10) / 1e6)


def test_no_host_but_this_machine_and_those_that_are_named(profile, arguments):
    door = ModelDoor(
        [profile(url="http://models.example.org/v1")], Reach(["http://other.example.org"])
    )
    answer = door.submit(Request("model", "home/scripted", arguments())).result(5)
    door.close()
    assert answer.failure.kind is FailureKind.UNAVAILABLE
    assert "policy.network" in answer.failure.reason


def test_a_model_is_not_told_what_it_is_not_cleared_for(serve, servers, profile, arguments):
    server = serve([servers.chat('{"x": 1}')])
    door = ModelDoor([profile(url=server.url, clearance="project")], pause=0.0)
    secret, own = Label(confidentiality="secret"), Label(confidentiality="project")
    about = arguments(schema=SCHEMA)
    refused = door.submit(Request("model", "home/scripted", about, label=secret)).result(5)
    assert refused.failure.kind is FailureKind.REFUSED
    assert "cleared for what is project" in refused.failure.reason
    assert not server.asked
    told = door.submit(Request("model", "home/scripted", about, label=own)).result(5)
    door.close()
    assert told.failure is None


@pytest.mark.parametrize("private", [(), ("models.example",)])
def test_a_model_that_turns_out_to_be_inside_has_to_be_named_as_such(
    serve, servers, profile, arguments, monkeypatch, private
):
    import socket

    server = serve([servers.chat("x")])
    url = server.url.replace("127.0.0.1", "models.example")
    real = socket.getaddrinfo

    def resolver(name, *rest, **options):
        return real("127.0.0.1" if name == "models.example" else name, *rest, **options)

    monkeypatch.setattr(socket, "getaddrinfo", resolver)
    door = ModelDoor(
        [profile(url=url, stream=False)], Reach([url.removesuffix("/v1")], private), pause=0.0
    )
    answer = door.submit(Request("model", "home/scripted", arguments())).result(10)
    door.close()
    if private:
        assert answer.failure is None
        return
    assert answer.failure.kind is FailureKind.UNAVAILABLE
    assert "policy.private" in answer.failure.reason
    assert server.asked == []


def test_a_redirect_is_not_followed(ask, servers):
    answer, _ = ask([servers.error(307, {}, location="http://192.0.2.1/v1/chat/completions")])
    assert answer.failure.kind is FailureKind.BAD_ARGUMENTS


def test_a_door_that_is_closed_lets_nobody_wait(serve, servers, profile, arguments):
    import threading

    gate, asked = threading.Event(), threading.Event()

    def wait(_):
        asked.set()
        gate.wait(10)
        return servers.chat("late")

    door = ModelDoor([profile(url=serve(wait).url)])
    waiting = door.submit(Request("model", "home/scripted", arguments()))
    assert asked.wait(10)
    door.close()
    gate.set()
    assert waiting.cancelled()


def test_no_more_requests_at_a_time_than_the_profile_says(serve, servers, profile, arguments):
    import threading

    lock, state = threading.Lock(), {"now": 0, "most": 0}
    both = threading.Event()

    def count(asked):
        with lock:
            state["now"] += 1
            state["most"] = max(state["most"], state["now"])
            if state["now"] == 2:
                both.set()
        both.wait(5)
        with lock:
            state["now"] -= 1
        return servers.chat("")

    door = ModelDoor([profile(url=serve(count).url, concurrency=2)])
    answers = [door.submit(Request("model", "home/scripted", arguments(seed=i))) for i in range(6)]
    assert all(a.result(20).failure is None for a in answers)
    door.close()
    assert state["most"] == 2


def test_pictures_go_as_data(ask, servers):
    url = "data:image/png;base64,aGVsbG8="
    content = [{"type": "text", "text": "see"}, {"type": "image_url", "image_url": {"url": url}}]
    messages = [{"role": "user", "content": content}]
    _, server = ask([servers.chat("{}")], messages=messages)
    assert server.asked[0].body["messages"] == messages
    _, server = ask([servers.chat("{}")], "format", "ollama", messages=messages)
    assert server.asked[0].body["messages"][0] == {
        "role": "user", "content": "see", "images": ["aGVsbG8="],
    }  # fmt: skip


BOUND = 64 + 32 + len("hello") + 100
"""What a request of these tests can use at most: prompt, template and `max_tokens`."""


def broken(servers):
    return servers.stream('{"x": 4', finish=None, done=False, usage=None)


def test_a_try_that_broke_off_is_counted_at_its_bound(ask, servers):
    answer, _ = ask([broken(servers), servers.stream('{"x": 4}')])
    assert answer.value["usage"] == {
        "tokens": 12 + BOUND, "prompt_tokens": 7, "completion_tokens": 5, "lost_tokens": BOUND,
    }  # fmt: skip


def test_a_server_that_turns_down_has_used_nothing(ask, servers):
    busy = [servers.error(code, {"error": "busy"}, retry_after="0") for code in (429, 503)]
    answer, _ = ask([*busy, servers.stream('{"x": 4}')])
    assert answer.value["usage"]["tokens"] == 12
    assert len(answer.value["tries"]) == 2


def test_tries_without_an_answer_are_counted_too(ask, servers, arguments):
    answer, server = ask(lambda _: broken(servers))
    assert answer.failure.kind is FailureKind.UNAVAILABLE
    assert answer.usage == {"tokens": 3 * BOUND, "lost_tokens": 3 * BOUND}
    assert len(server.asked) == 3
    answer, _ = ask(lambda _: servers.error(401, {"error": "who?"}))
    assert answer.usage == {}


def test_an_answer_that_came_too_late_is_counted(ask, servers):
    import threading

    gate = threading.Event()

    def wait(_):
        gate.wait(10)
        return servers.chat("late")

    answer, _ = ask(wait, timeout_seconds=0.05)
    gate.set()
    assert answer.failure.kind is FailureKind.TIMED_OUT
    assert answer.usage["lost_tokens"] == BOUND


def test_no_more_tries_than_the_budget_has_room_for(serve, servers, profile, arguments):
    server = serve(lambda _: broken(servers))
    door = ModelDoor([profile(url=server.url, prompt_price=1e6)], pause=0.0)
    given = arguments(tries=1, prices={"prompt": 1e6, "completion": 0.0})
    answer = door.submit(Request("model", "home/scripted", given)).result(20)
    door.close()
    assert len(server.asked) == 1
    assert "no room for another try" in answer.failure.reason
    assert answer.usage["money"] == BOUND - 100


@pytest.mark.parametrize(
    ("usage", "counted", "said"),
    [
        ((50, 5), (50, 5), ""),
        ((0, 0), (596, 79), "fewer than there can be: bounded by bytes"),
        ((50, 0), (596, 79), "fewer than there can be"),
        ((9000, 5), (9000, 5), "more than the 596 and 100 that there can be: counted as it says"),
        ((50, 2000), (50, 2000), "counted as it says"),
    ],
)
def test_what_a_server_says_it_used_is_held_against_what_there_can_be(
    ask, servers, usage, counted, said
):
    text = '{"x": 1, "y": "0123456789012345678901"}' * 2
    messages = [{"role": "user", "content": "hello" * 100}]
    answer, _ = ask([servers.chat(text, usage=usage)], messages=messages)
    found = answer.value["usage"]
    assert (found["prompt_tokens"], found["completion_tokens"]) == counted
    notes = " ".join(answer.value["notes"])
    assert (said in notes) if said else not notes
