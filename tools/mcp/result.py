"""Results of strangers: what is kept of them, and what their failures are called here."""

import asyncio
from typing import TYPE_CHECKING, Any

import orjson
from pydantic import ValidationError

from gaseol.tools.contract import ToolCard
from gaseol.tools.contract.result import not_finite
from gaseol.tools.egress.credentials import Credentials
from gaseol.tools.mcp.configuration import Server, ServerError
from gaseol.tools.mcp.definition import TEXT
from gaseol.tools.mcp.schema import CHECKS, differs, parts, printable
from gaseol.traces.nouns.failure import Failure, FailureKind

if TYPE_CHECKING:
    import mcp_types as types

RESULT_BYTES = 1024 * 1024
"""The largest result of another server, as JSON."""
_REASON = 500

Kept = tuple[Any, Failure | None]


async def kept(
    result: "types.CallToolResult", card: ToolCard, secrets: Credentials | None = None
) -> Kept:
    """Return what is kept of a result: a value that fits its schema, or a typed failure.

    Args:
        result: as it came.
        card: of the tool, whose output schema holds.
        secrets: that the server was given, and may have said again.
    """
    return await asyncio.to_thread(_kept, result, card, secrets or Credentials())


def _kept(result: "types.CallToolResult", card: ToolCard, secrets: Credentials) -> Kept:
    if result.is_error:
        return None, _told(result, card, secrets)
    declared = card.output_schema != TEXT
    value = result.structured_content if declared else _words(result)
    if declared and value is None:
        return _flaw(FailureKind.WRONG_SHAPE, card, "it declares a result and gave none")
    try:
        content = orjson.dumps(value)
    except TypeError as error:
        return _flaw(FailureKind.WRONG_SHAPE, card, f"the result is not plain JSON: {error}")
    if len(content) > RESULT_BYTES:
        said = f"the result has {len(content)} bytes, at most {RESULT_BYTES} are taken"
        return _flaw(FailureKind.TOO_LARGE, card, said)
    infinite = not_finite(value, "result")
    if infinite is not None:
        return _flaw(FailureKind.IMPOSSIBLE, card, f"{printable(infinite)} is not a finite number")
    if parts(value) * parts(card.output_schema) > CHECKS:
        return _flaw(FailureKind.TOO_LARGE, card, "the result has too many parts to be checked")
    value = secrets.scrub_all(orjson.loads(content))
    wrong = differs(value, card.output_schema)
    if wrong is not None:
        return _flaw(FailureKind.WRONG_SHAPE, card, f"the result is not what it declares: {wrong}")
    return value, None


def said_failure(
    error: Exception, server: Server, card: ToolCard, *, flood: bool, tail: str
) -> Failure:
    """Return what an error of a call is called.

    Args:
        error: of whatever kind.
        server: that was asked.
        card: of the tool.
        flood: the server sent more than is taken.
        tail: the end of what it wrote to standard error.
    """
    from mcp.shared.exceptions import MCPError

    from gaseol.tools.mcp.connection import Changed, innermost

    match error:
        case Changed():
            return Failure(kind=FailureKind.CHANGED, reason=str(error))
        case ServerError():
            kind, said = FailureKind.UNAVAILABLE, str(error)
        case TimeoutError():
            kind = FailureKind.TIMED_OUT
            said = f"no answer within {server.seconds:g} s; the server was ended"
        case ValidationError():
            kind, said = FailureKind.WRONG_SHAPE, innermost(error)
        case _ if flood or "more than" in str(error):
            kind, said = FailureKind.TOO_LARGE, "the server sent a longer message than is taken"
        case MCPError():
            kind = _CODES.get(error.code, FailureKind.CRASHED)
            said = f"the server says: {printable(str(error), _REASON)}"
        case _:
            kind, said = FailureKind.CRASHED, innermost(error)
    return Failure(kind=kind, reason=f"{card.name}: {said}", detail=tail)


_CODES = {-32602: FailureKind.BAD_ARGUMENTS, -32601: FailureKind.UNAVAILABLE}


def _words(result: "types.CallToolResult") -> dict[str, Any]:
    """Return the text of a result, and what else there was by its kind and size."""
    texts: list[str] = []
    left_out: list[str] = []
    for block in result.content:
        text = getattr(block, "text", None)
        if isinstance(text, str):
            texts.append(text)
            continue
        media = printable(str(getattr(block, "mime_type", None) or "no media type"), 60)
        size = len(str(getattr(block, "data", "") or ""))
        left_out.append(f"{block.type}, {media}, {size} characters")
    return {"text": "\n".join(texts), "left_out": left_out}


def _told(result: "types.CallToolResult", card: ToolCard, secrets: Credentials) -> Failure:
    """Return a tool's own error; one of gaseol's servers says its kind."""
    words = _words(result)["text"]
    said = printable(secrets.scrub(words), _REASON)
    about: Any = (result.meta or {}).get("gaseol/failure")
    name = about.get("kind") if isinstance(about, dict) else None
    known = {kind.value: kind for kind in FailureKind if kind is not FailureKind.CHANGED}
    kind = known.get(str(name), FailureKind.CRASHED)
    return Failure(kind=kind, reason=f"{card.name} answers with an error: {said or 'no words'}")


def _flaw(kind: FailureKind, card: ToolCard, said: str) -> Kept:
    return None, Failure(kind=kind, reason=f"{card.name}: {said}")
