"""The probe believes what it sees: a 200 that ignores the schema is no schema kept."""

import json

import pytest

from gaseol.agents.models import ProfileProblem
from gaseol.agents.models.probe import seen, served


def _obedient(servers, ways):
    """Return a script of a server that keeps to schemas asked for in some ways only."""

    def script(asked):
        body = asked.body
        kept = (
            ("json_schema" in ways and body.get("response_format", {}).get("type") == "json_schema")
            or ("structured_outputs" in ways and "structured_outputs" in body)
            or ("schema_field" in ways and "json_schema" in body)
            or ("json_object" in ways and "schema" in body.get("response_format", {}))
            or ("format" in ways and "format" in body)
        )
        text = '{"state": "zqk-42"}' if kept else f"as you like {body.get('seed')}"
        if "tools" in body and "tools" in ways:
            name = body["tools"][0]["function"]["name"]
            choice = body.get("tool_choice")
            name = choice["function"]["name"] if isinstance(choice, dict) else name
            call = {"function": {"name": name, "arguments": json.dumps({"state": "zqk-41"})}}
            return servers.chat(None, tool_calls=[call])
        if asked.path == "/api/chat":
            return servers.lines(
                {"message": {"content": text}, "done": True, "done_reason": "stop"}
            )
        return servers.stream(text, usage=(1, 1) if "usage" in ways else None)

    return script


@pytest.mark.parametrize(
    ("dialect", "ways", "means"),
    [
        ("vllm", ["json_schema", "structured_outputs"], "json_schema"),
        ("vllm", ["structured_outputs"], "structured_outputs"),
        ("llama.cpp", ["schema_field"], "schema_field"),
        ("llama-cpp-python", ["json_object"], "json_object"),
        ("ollama", ["format"], "format"),
        ("openai", ["tools"], "tool"),
        ("sglang", [], "prompt"),
    ],
)
def test_the_best_means_that_work(serve, servers, profile, dialect, ways, means):
    server = serve(_obedient(servers, ways))
    found = seen(profile(url=server.url, dialect=dialect))
    assert found.means == means
    assert found.capabilities.seeded
    assert found.capabilities.required_tool is ("tools" in ways)
    assert found.capabilities.named_tool is ("tools" in ways)


def test_whether_a_stream_says_what_it_used(serve, servers, profile):
    for ways in ([], ["usage"]):
        found = seen(profile(url=serve(_obedient(servers, ways)).url))
        assert found.capabilities.stream_usage is bool(ways)


def test_what_a_server_refuses_is_noted(serve, servers, profile):
    def script(asked):
        if "response_format" in asked.body or "tools" in asked.body:
            return servers.error(422, {"error": {"message": "not here"}})
        return servers.stream("hm")

    found = seen(profile(url=serve(script).url))
    assert found.means == "prompt"
    assert any("json_schema: " in n and "not here" in n for n in found.capabilities.notes)


@pytest.mark.parametrize(
    ("pages", "dialect", "context"),
    [
        ({"/v1/models": {"data": [{"id": "m", "owned_by": "vllm", "max_model_len": 32768}]}},
         "vllm", 32768),
        ({"/v1/models": {"data": [{"id": "m", "owned_by": "llamacpp"}]},
          "/props": {"default_generation_settings": {"n_ctx": 8192}}}, "llama.cpp", 8192),
        ({"/v1/models": {"data": [{"id": "m", "owned_by": "library"}]},
          "/api/version": {"version": "0.12"}}, "ollama", None),
        ({"/v1/models": {"data": [{"id": "m", "owned_by": "me"}]}}, "llama-cpp-python", None),
        ({"/v1/models": {"data": [{"id": "m", "owned_by": "sglang", "max_model_len": 10}]}},
         "sglang", None),
        ({"/v1/models": {"data": [{"id": "m"}]}}, "openai", None),
    ],
)  # fmt: skip
def test_what_a_server_says_of_itself(serve, pages, dialect, context):
    found = served(serve([], pages=pages).url)
    assert (found.dialect, found.models, found.context) == (dialect, ("m",), context)


def test_nobody_there():
    with pytest.raises(ProfileProblem, match=r"nobody answers at .*; start the model server"):
        served("http://127.0.0.1:9/v1")


def test_an_address_that_lacks_its_end(serve, servers):
    server = serve([])
    with pytest.raises(ProfileProblem, match=r"did you mean .*/v1\?"):
        served(server.url.removesuffix("/v1"))


def test_a_server_that_wants_a_key(serve, servers):
    server = serve([], pages={"/v1/models": servers.error(401, {"error": "no"})})
    with pytest.raises(ProfileProblem, match="--key-env"):
        served(server.url)


def test_a_model_that_cannot_be_asked(serve, servers, profile):
    server = serve(lambda _: servers.error(404, {"error": "no such model"}))
    with pytest.raises(ProfileProblem, match="does it serve 'scripted'"):
        seen(profile(url=server.url))


def test_a_server_whose_list_has_no_end(serve):
    server = serve([], pages={"/v1/models": {"data": [{"id": "m" * 9_000_000}]}})
    with pytest.raises(ProfileProblem, match=r"larger than 8,000,000 bytes: no list of models"):
        served(server.url)
