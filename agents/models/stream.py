"""Answers that come in pieces: server-sent events and lines of JSON, put together again."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from gaseol.agents.models import ollama


class BrokenOff(ConnectionError):
    """A stream ended before its answer did."""


class Pieces:
    """Takes the lines of a stream and gives the answer in the shape of Chat Completions."""

    def __init__(self, *, native: bool) -> None:
        """Begin with nothing; `native` is Ollama's stream of JSON lines."""
        self._native = native
        self._taken: list[Mapping[str, Any]] = []
        self._done = False
        self.size = 0
        """Characters of answer and reasoning so far."""
        self.error: Mapping[str, Any] | None = None
        """What the server said went wrong in the middle of it."""

    def feed(self, line: str) -> None:
        """Take one line; comments, empty lines and other fields of events are passed over."""
        if not self._native:
            if not line.startswith("data:"):
                return
            line = line.removeprefix("data:").strip()
            if line == "[DONE]":
                self._done = True
                return
        if not line.strip():
            return
        try:
            piece = json.loads(line)
        except (ValueError, RecursionError):
            raise BrokenOff("a piece of the stream is no JSON") from None
        if not isinstance(piece, dict):
            return
        if piece.get("error"):
            said = piece["error"]
            self.error = said if isinstance(said, dict) else {"message": str(said)}
            return
        self._taken.append(piece)
        self.size += _size(piece)
        self._done = self._done or bool(piece.get("done"))

    def whole(self) -> dict[str, Any]:
        """Return the answer.

        Raises:
            BrokenOff: the stream ended without saying that it does.
        """
        found = ollama.merge(self._taken) if self._native else _merge(self._taken)
        finished = found["choices"] and found["choices"][0]["finish_reason"]
        if not (self._done or finished):
            raise BrokenOff(f"the stream broke off after {self.size} characters")
        return found

    def cut(self) -> dict[str, Any]:
        """Return what has come of an answer that was stopped, as one that reached its limit."""
        found = ollama.merge(self._taken) if self._native else _merge(self._taken)
        found["choices"][0]["finish_reason"] = "length"
        return found


def _size(piece: Mapping[str, Any]) -> int:
    parts: list[Any] = [piece.get("message")]
    choices = piece.get("choices")
    if isinstance(choices, list):
        parts += [c.get("delta") for c in choices if isinstance(c, dict)]
    return sum(
        len(said)
        for part in parts
        if isinstance(part, dict)
        for said in (part.get(f) for f in ("content", "reasoning", "reasoning_content", "thinking"))
        if isinstance(said, str)
    )


def _merge(pieces: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    message: dict[str, Any] = {"content": "", "reasoning": ""}
    calls: dict[int, dict[str, Any]] = {}
    found: dict[str, Any] = {"model": "", "choices": [{"message": message, "finish_reason": None}]}
    for piece in pieces:
        found["model"] = piece.get("model") or found["model"]
        if isinstance(piece.get("usage"), dict):
            found["usage"] = piece["usage"]
        choices = piece.get("choices")
        for choice in choices if isinstance(choices, list) else ():
            if not isinstance(choice, dict):
                continue
            if choice.get("finish_reason"):
                found["choices"][0]["finish_reason"] = choice["finish_reason"]
            delta = choice.get("delta")
            if isinstance(delta, dict):
                _add(message, calls, delta)
    message["tool_calls"] = [calls[i] for i in sorted(calls)]
    return found


def _add(message: dict[str, Any], calls: dict[int, dict[str, Any]], delta: dict[str, Any]) -> None:
    if isinstance(delta.get("content"), str):
        message["content"] += delta["content"]
    for field in ("reasoning", "reasoning_content"):
        if isinstance(delta.get(field), str):
            message["reasoning"] += delta[field]
            break
    given = delta.get("tool_calls")
    for number, call in enumerate(given if isinstance(given, list) else ()):
        if not isinstance(call, dict):
            continue
        at = call.get("index")
        at = at if isinstance(at, int) else number
        own = calls.setdefault(at, {"id": "", "function": {"name": "", "arguments": ""}})
        own["id"] = own["id"] or call.get("id") or ""
        function = call.get("function")
        if isinstance(function, dict):
            own["function"]["name"] += function.get("name") or ""
            text = function.get("arguments")
            if isinstance(text, dict):
                text = json.dumps(text)
            own["function"]["arguments"] += text or ""
