"""Ollama's own chat interface, whose `format` keeps to a schema and whose context is asked for."""

import base64
import binascii
from collections.abc import Iterator, Mapping, Sequence
from typing import Any


def encode(arguments: Mapping[str, Any], *, stream: bool) -> dict[str, Any]:
    """Return the body of a request to `/api/chat`."""
    options = {
        "temperature": arguments["temperature"],
        "top_p": arguments["top_p"],
        "seed": arguments["seed"],
        "num_predict": arguments["max_tokens"],
        # without it, what is too long is cut off at the front and nobody is told
        "num_ctx": arguments["context"],
    }
    body: dict[str, Any] = {
        "model": arguments["model"],
        "messages": [_message(m) for m in arguments["messages"]],
        "options": options,
        "stream": stream,
    }
    schema, means = arguments.get("schema"), arguments.get("means")
    if schema is not None and means == "format":
        body["format"] = schema
    tools: list[Mapping[str, Any]] = list(arguments.get("tools") or ())
    if schema is not None and means == "tool":
        tools = [{"name": "answer", "description": "Give the answer.", "parameters": schema}]
    if tools:
        body["tools"] = [{"type": "function", "function": dict(t)} for t in tools]
    return body


def _message(message: Mapping[str, Any]) -> dict[str, Any]:
    """Return a message with its images as bare base64."""
    content = message["content"]
    if isinstance(content, str):
        return dict(message)
    images = [
        part["image_url"]["url"].partition("base64,")[2]
        for part in content
        if part["type"] == "image_url"
    ]
    text = "\n".join(part["text"] for part in content if part["type"] == "text")
    return {**message, "content": text, "images": [i for i in images if _encoded(i)]}


def _encoded(text: str) -> bool:
    try:
        return bool(base64.b64decode(text, validate=True))
    except binascii.Error:
        return False


def merge(pieces: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return an answer in the shape of Chat Completions from the lines of a stream, or from one."""
    last = pieces[-1] if pieces else {}
    message = {
        "content": "".join(_said(pieces, "content")),
        "reasoning": "".join(_said(pieces, "thinking")),
        "tool_calls": [
            c for p in pieces for c in _mapping(p.get("message")).get("tool_calls") or ()
        ],
    }
    found: dict[str, Any] = {
        "model": last.get("model", ""),
        "choices": [{"message": message, "finish_reason": last.get("done_reason")}],
    }
    read, wrote = last.get("prompt_eval_count"), last.get("eval_count")
    if isinstance(read, int) and isinstance(wrote, int):
        found["usage"] = {"prompt_tokens": read, "completion_tokens": wrote}
    return found


def _said(pieces: Sequence[Mapping[str, Any]], field: str) -> Iterator[str]:
    for piece in pieces:
        said = _mapping(piece.get("message")).get(field)
        if isinstance(said, str):
            yield said


def _mapping(found: Any) -> Mapping[str, Any]:
    return found if isinstance(found, Mapping) else {}
