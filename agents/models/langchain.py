"""A door to any chat model of LangChain: whoever has such an object needs no server of ours.

Its sampling is the object's own, and so are its hosts: the profile that goes with it has to name the
address it talks to, for the policy is held against that. Needs nothing but `langchain-core`.
"""

import time
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from gaseol.agents.models.clearance import unfit
from gaseol.agents.models.profile import Profile
from gaseol.agents.models.reply import read
from gaseol.tools.contract import Answer
from gaseol.traces.nouns.failure import Failure, FailureKind
from gaseol.traces.record.effects import Request


class LangChainDoor:
    """Asks a LangChain chat model; what it raises is a typed failure."""

    def __init__(self, profile: Profile, model: Any) -> None:
        """Open the door.

        Args:
            profile: what the record says of the model; its `means` should be `prompt`.
            model: anything with LangChain's `invoke(messages)`.
        """
        self._profile = profile
        self._model = model
        self._pool = ThreadPoolExecutor(profile.concurrency, thread_name_prefix="langchain")

    def submit(self, request: Request) -> "Future[Answer]":
        """Ask; the answer is a value or a failure."""
        return self._pool.submit(self._ask, request)

    def close(self) -> None:
        """Start nothing more; what has begun is not waited for."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _ask(self, request: Request) -> Answer:
        began = time.monotonic()
        spent: dict[str, Any] = {"cpu_seconds": 0.0, "isolation": ""}
        why = unfit(self._profile, request.label)
        if why:
            refusal = Failure(kind=FailureKind.REFUSED, reason=why)
            return Answer(failure=refusal, seconds=0.0, **spent)
        notes = ("sampling and hosts are those of a LangChain object",)
        try:
            said = self._model.invoke(request.arguments["messages"])
            reply = read(_payload(said), self._profile, request.arguments, notes)
        except Exception as error:  # noqa: BLE001 (whatever a foreign model raises is its failure)
            failure = Failure(
                kind=FailureKind.UNAVAILABLE,
                reason=f"{self._profile.name} did not answer: {type(error).__name__}: {error}"[
                    :500
                ],
            )
            return Answer(failure=failure, seconds=time.monotonic() - began, **spent)
        return Answer(
            value=reply.model_dump(mode="json"), seconds=time.monotonic() - began, **spent
        )


def _payload(said: Any) -> dict[str, Any]:
    """Return a message of LangChain's in the shape of Chat Completions."""
    content = said.content
    if not isinstance(content, str):
        blocks = [b for b in content if isinstance(b, Mapping)]
        content = "".join(str(b.get("text", "")) for b in blocks if b.get("type") == "text")
    extra: Mapping[str, Any] = getattr(said, "additional_kwargs", {}) or {}
    about: Mapping[str, Any] = getattr(said, "response_metadata", {}) or {}
    calls = [
        {"id": c.get("id"), "function": {"name": c["name"], "arguments": c["args"]}}
        for c in getattr(said, "tool_calls", ())
    ]
    message = {
        "content": content,
        "reasoning": extra.get("reasoning_content", ""),
        "tool_calls": calls,
    }
    found: dict[str, Any] = {
        "model": about.get("model_name", ""),
        "choices": [{"message": message, "finish_reason": about.get("finish_reason", "stop")}],
    }
    usage = getattr(said, "usage_metadata", None)
    if usage:
        found["usage"] = {
            "prompt_tokens": usage["input_tokens"],
            "completion_tokens": usage["output_tokens"],
        }
    return found
