"""How servers differ that all call themselves OpenAI-compatible.

A dialect is data: which ways it has to keep an answer to a schema, best first, and where its
requests go. What a server of a kind really does is for the probe to say.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gaseol.agents.models import ollama
from gaseol.agents.models.profile import DialectName, Means


@dataclass(frozen=True)
class Dialect:
    """One kind of server."""

    name: DialectName
    means: tuple[Means, ...]
    """Ways to ask for a schema, best first; `prompt` is what is left where none works."""
    path: str = "/chat/completions"
    names_tools: bool = True
    """Whether a `tool_choice` that names a tool is obeyed."""
    template: bool = True
    """Whether `chat_template_kwargs` are read."""


DIALECTS: dict[DialectName, Dialect] = {
    d.name: d
    for d in (
        Dialect("openai", ("json_schema", "tool", "json_object", "prompt"), template=False),
        Dialect("vllm", ("json_schema", "structured_outputs", "tool", "prompt")),
        # ignores guided_json, structured_outputs and format with a 200, and a named tool
        Dialect("llama.cpp", ("json_schema", "schema_field", "tool", "prompt"), names_tools=False),
        # 500 on response_format json_schema; its json_object takes the schema
        Dialect(
            "llama-cpp-python", ("json_object", "tool", "prompt"), names_tools=False, template=False
        ),
        Dialect("sglang", ("json_schema", "tool", "prompt")),
        Dialect("ollama", ("format", "tool", "prompt"), path="/api/chat", template=False),
    )
}


def encode(dialect: Dialect, arguments: Mapping[str, Any], *, stream: bool) -> dict[str, Any]:
    """Return the body of a request.

    Args:
        dialect: the server's.
        arguments: what stands on record of the request.
        stream: whether the answer is to come in pieces.
    """
    if dialect.name == "ollama":
        return ollama.encode(arguments, stream=stream)
    body: dict[str, Any] = {
        "model": arguments["model"],
        "messages": arguments["messages"],
        "temperature": arguments["temperature"],
        "top_p": arguments["top_p"],
        "max_tokens": arguments["max_tokens"],
        "seed": arguments["seed"],
        "stream": stream,
    }
    if stream:
        body["stream_options"] = {"include_usage": True}
    if dialect.template and arguments.get("template"):
        body["chat_template_kwargs"] = arguments["template"]
    body |= _tools(dialect, arguments)
    return body | _constraint(arguments.get("means", "prompt"), arguments.get("schema"))


def endpoint(dialect: Dialect, url: str) -> str:
    """Return where requests are posted; Ollama's own interface lies beside its `/v1`."""
    return (url.removesuffix("/v1") if dialect.name == "ollama" else url) + dialect.path


def _constraint(means: Means, schema: Mapping[str, Any] | None) -> dict[str, Any]:
    if schema is None:
        return {}
    match means:
        case "json_schema":
            wrapped = {"name": "answer", "schema": schema, "strict": True}
            return {"response_format": {"type": "json_schema", "json_schema": wrapped}}
        case "structured_outputs":
            return {"structured_outputs": {"json": schema}}
        case "schema_field":
            return {"json_schema": schema}
        case "json_object":
            return {"response_format": {"type": "json_object", "schema": schema}}
        case "tool":
            function = {"name": "answer", "description": "Give the answer.", "parameters": schema}
            return {
                "tools": [{"type": "function", "function": {**function, "strict": True}}],
                "tool_choice": "required",
                "parallel_tool_calls": False,
            }
        case _:
            return {}


def _tools(dialect: Dialect, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Offer tools; a server that does not obey a name is offered that tool alone."""
    tools: list[dict[str, Any]] = list(arguments.get("tools") or ())
    choice: str = arguments.get("tool_choice", "auto")
    if not tools:
        return {}
    named = [t for t in tools if t["name"] == choice]
    if named:
        tools = named
    functions = [{"type": "function", "function": {**t, "strict": True}} for t in tools]
    wanted: Any = choice
    if named:
        by_name = {"type": "function", "function": {"name": choice}}
        wanted = by_name if dialect.names_tools else "required"
    return {"tools": functions, "tool_choice": wanted, "parallel_tool_calls": False}
