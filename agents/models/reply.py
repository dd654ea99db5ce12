"""What a server answered, in one shape for all of them."""

import json
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import Field

from gaseol.agents.models.profile import Profile
from gaseol.traces.nouns.value import Value

_DEEPEST = 64
"""Levels of an answer; a record cannot be written of some hundreds, and no form has ten."""
_THOUGHT = re.compile(r"\A\s*<think>(.*?)(?:</think>|\Z)", re.S)
_FENCE = re.compile(r"```(?:json)?\s*\n(.*?)```", re.S)


class ToolCall(Value):
    """A tool that the model wants called."""

    id: str
    name: str
    arguments: dict[str, Any] = Field(default_factory=dict)
    problem: str = ""
    """Why its arguments are none."""


class Reply(Value):
    """The value of a model's answer, as it stands on record."""

    text: str = ""
    object: Any = None
    """What the text says as JSON, where a schema was asked for; not yet held against it."""
    problem: str = ""
    """Why there is no object."""
    reasoning: str = ""
    """Kept apart: it is never read as an answer, and never as evidence."""
    tool_calls: tuple[ToolCall, ...] = ()
    finish: str = ""
    means: str = ""
    model: str = ""
    """What the server calls the model that answered."""
    usage: dict[str, float | int] = Field(default_factory=dict)
    tries: tuple[str, ...] = ()
    """What went wrong before it was answered."""
    notes: tuple[str, ...] = ()


class Unreadable(ValueError):
    """An answer in no shape that is known."""


def read(
    payload: Mapping[str, Any],
    profile: Profile,
    arguments: Mapping[str, Any],
    notes: tuple[str, ...] = (),
) -> Reply:
    """Read an answer of Chat Completions.

    Raises:
        Unreadable: it is none.
    """
    payload = mended(payload)
    choices = payload.get("choices")
    first = choices[0] if isinstance(choices, list) and choices else None
    message = first.get("message") if isinstance(first, dict) else None
    if not isinstance(first, dict) or not isinstance(message, dict):
        raise Unreadable("the answer holds no message")
    text = message.get("content")
    text = text if isinstance(text, str) else ""
    # vLLM calls it `reasoning` now, what others still call `reasoning_content`
    said = message.get("reasoning") or message.get("reasoning_content") or ""
    reasoning = said if isinstance(said, str) else ""
    if not reasoning and (thought := _THOUGHT.match(text)):
        reasoning, text = thought[1].strip(), text[thought.end() :]
    calls = _calls(message.get("tool_calls"))
    finish = str(first.get("finish_reason") or "")
    found, problem = None, ""
    if arguments.get("schema") is not None:
        found, problem = _object(text, calls, arguments.get("means"))
        if problem and finish == "length":
            problem = f"cut off at max_tokens = {arguments['max_tokens']}: {problem}"
    wrote = text + reasoning + "".join(json.dumps(call.arguments) for call in calls)
    usage, about = count(payload.get("usage"), profile, arguments, wrote)
    return Reply(
        text=text,
        object=found,
        problem=problem,
        reasoning=reasoning,
        tool_calls=calls,
        finish=finish,
        means=str(arguments.get("means", "") if arguments.get("schema") is not None else ""),
        model=str(payload.get("model") or ""),
        usage=usage,
        notes=(*notes, *about),
    )


def _calls(found: Any) -> tuple[ToolCall, ...]:
    """Return the calls, whatever `finish_reason` says; arguments come as text or as an object."""
    calls: list[ToolCall] = []
    for number, call in enumerate(found if isinstance(found, list) else ()):
        function = call.get("function") if isinstance(call, dict) else None
        if not isinstance(function, dict) or not isinstance(function.get("name"), str):
            continue
        given, problem = function.get("arguments"), ""
        if isinstance(given, str):
            given, problem = parse(given) if given.strip() else ({}, "")
        if not isinstance(given, dict):
            given, problem = {}, problem or "its arguments are no object"
        name = call.get("id")
        identity = name if isinstance(name, str) and name else f"call_{number}"
        calls.append(ToolCall(id=identity, name=function["name"], arguments=given, problem=problem))
    return tuple(calls)


def _object(text: str, calls: tuple[ToolCall, ...], means: Any) -> tuple[Any, str]:
    if means == "tool":
        answer = next((c for c in calls if c.name == "answer"), None)
        if answer is not None:
            return (
                (answer.arguments, answer.problem) if not answer.problem else (None, answer.problem)
            )
        if calls:
            return None, f"it called '{calls[0].name}', which was not offered"
    if not text.strip():
        return None, "it is empty"
    return parse(text)


def parse(text: str) -> tuple[Any, str]:
    """Return the JSON object in a text, and why there is none.

    A fence of Markdown or words around the object are allowed; NaN and infinities are not.
    """
    for candidate in (text, *_FENCE.findall(text), _outermost(text)):
        try:
            found = json.loads(candidate, parse_constant=_no_number, parse_int=_whole)
        except (ValueError, RecursionError):
            continue
        if _depth(found) > _DEEPEST:
            return None, f"it is nested more than {_DEEPEST} deep"
        if not _finite(found):
            return None, "it holds a number too large for any"
        return mended(found), ""
    return None, "it is no JSON"


def mended(value: Any) -> Any:
    r"""Return JSON whose texts can be written as UTF-8.

    A server may say `\ud83d` alone, or half of a character in each of two pieces of a stream: halves
    that belong together are joined, others replaced.
    """
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:
            return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        return value
    if isinstance(value, Mapping):
        return {mended(key): mended(inner) for key, inner in value.items()}
    return [mended(inner) for inner in value] if isinstance(value, list) else value


def _outermost(text: str) -> str:
    return text[text.find("{") : text.rfind("}") + 1]


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is no number")


def _whole(digits: str) -> int | float:
    """Read digits; beyond what a float can tell apart they are one, as in any other JSON reader."""
    if len(digits) < 16:
        return int(digits)
    return float(digits)


def _depth(value: Any) -> int:
    """Return how many levels there are, counted no further than is allowed."""
    level, layer = 0, [value]
    while layer and level <= _DEEPEST:
        inner: list[Any] = []
        for each in layer:
            if isinstance(each, dict | list):
                inner += each.values() if isinstance(each, dict) else each
        level, layer = level + 1, inner
    return level


def _finite(value: Any) -> bool:
    """Tell whether every number is finite: 1e999 is read as infinity."""
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, dict):
        return all(map(_finite, value.values()))
    return all(map(_finite, value)) if isinstance(value, list) else True


def count(
    said: Any, profile: Profile, arguments: Mapping[str, Any], wrote: str
) -> tuple[dict[str, float | int], tuple[str, ...]]:
    """Return what an answer used, and what is to be said of how that is known.

    A server's own figures are believed, unless they are less than any tokeniser gives; figures that
    are more than there can be are counted all the same, for that is what it will charge.
    """
    usage: Mapping[str, Any] = said if isinstance(said, Mapping) else {}
    prompt, completion = (_counted(usage.get(f"{k}_tokens")) for k in ("prompt", "completion"))
    most = most_tokens(arguments), int(arguments["max_tokens"])
    notes: tuple[str, ...] = ()
    if prompt is None or completion is None:
        prompt, completion = most[0], min(len(wrote.encode()) + 1, most[1])
        notes = ("the server does not say what was used: bounded by bytes",)
    elif prompt < least_tokens(arguments) or completion < len(wrote) // _LONGEST_TOKEN:
        notes = (
            f"the server says that it used {prompt} and {completion} tokens, fewer than there can "
            "be: bounded by bytes",
        )
        prompt, completion = most[0], min(len(wrote.encode()) + 1, most[1])
    elif prompt > most[0] or completion > most[1]:
        notes = (
            f"the server says that it used {prompt} and {completion} tokens, more than the "
            f"{most[0]} and {most[1]} that there can be: counted as it says",
        )
    found: dict[str, float | int] = {
        "tokens": prompt + completion,
        "prompt_tokens": prompt,
        "completion_tokens": completion,
    }
    if profile.prompt_price or profile.completion_price:
        found["money"] = price(profile, prompt, completion)
    return found, notes


def lost_usage(arguments: Mapping[str, Any], lost: int) -> dict[str, float | int]:
    """Return what tries that came to nothing used at most: nobody learns what they did.

    Args:
        arguments: of the request as it stands on record.
        lost: how many tries.
    """
    if not lost:
        return {}
    prompt, completion = lost * most_tokens(arguments), lost * int(arguments["max_tokens"])
    tokens = prompt + completion
    found: dict[str, float | int] = {"tokens": tokens, "lost_tokens": tokens}
    if arguments.get("prices"):
        each = arguments["prices"]
        cost = prompt * each["prompt"] + completion * each["completion"]
        found["money"] = round(cost / 1_000_000, 9)
    return found


def with_lost(reply: Reply, arguments: Mapping[str, Any], lost: int, tries: Sequence[str]) -> Reply:
    """Return an answer with what went wrong before it, and what that used at most."""
    if not tries:
        return reply
    usage = dict(reply.usage)
    for name, amount in lost_usage(arguments, lost).items():
        usage[name] = usage.get(name, 0) + amount
    return reply.model_copy(update={"tries": tuple(tries), "usage": usage})


def price(profile: Profile, prompt: int, completion: int) -> float:
    """Return what so many tokens cost."""
    cost = prompt * profile.prompt_price + completion * profile.completion_price
    return round(cost / 1_000_000, 9)


_MESSAGE = 32
"""Tokens that a chat template may put around a message."""
_IMAGE = 4096
"""Tokens that an image may take."""
_LONGEST_TOKEN = 64
"""Characters: more than any token has."""


def least_tokens(arguments: Mapping[str, Any]) -> int:
    """Return how many tokens the text of a prompt has at least."""
    total = 0
    for message in arguments["messages"]:
        content = message["content"]
        for part in [{"type": "text", "text": content}] if isinstance(content, str) else content:
            total += len(part["text"]) if part["type"] == "text" else 0
    return total // _LONGEST_TOKEN


def most_tokens(arguments: Mapping[str, Any]) -> int:
    """Return a bound on the tokens of a prompt: byte-level tokenisers give no more than bytes.

    Schemas and tools are counted too, for some templates write them into the prompt.
    """
    total = 64
    for message in arguments["messages"]:
        total += _MESSAGE
        content = message["content"]
        for part in [{"type": "text", "text": content}] if isinstance(content, str) else content:
            total += len(part["text"].encode()) if part["type"] == "text" else _IMAGE
    if arguments.get("tools"):
        total += len(json.dumps(arguments["tools"]))
    if arguments.get("means") == "tool" and arguments.get("schema") is not None:
        total += len(json.dumps(arguments["schema"]))
    return total


def _counted(number: Any) -> int | None:
    if isinstance(number, int) and not isinstance(number, bool) and 0 <= number < 1 << 40:
        return number
    return None
