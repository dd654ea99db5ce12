"""A service: what a client may ask of gaseol besides measuring, and who answers it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Protocol

import mcp_types as types
from pydantic import BaseModel, ConfigDict, ValidationError


class Wrong(Exception):
    """What a client asked cannot be done; the message says what to do instead."""


class Progress(Protocol):
    """Tells the client how far its request has come, where it asked to be told."""

    async def __call__(self, done: float, total: float | None, message: str) -> None:
        """Tell how much of how much is done."""
        ...


class Question(BaseModel):
    """What a client gives, checked strictly: an argument that nobody reads is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Said(BaseModel):
    """What a client gets."""

    model_config = ConfigDict(frozen=True)


@dataclass(frozen=True)
class Service:
    """A question with its types, and what answers it."""

    name: str
    summary: str
    question: type[Question]
    answer: type[Said]
    act: Callable[[Any, Progress], Awaitable[Said]]
    reads: bool = True
    """It changes nothing."""

    @property
    def definition(self) -> types.Tool:
        """What a client is told of it."""
        return types.Tool(
            name=self.name,
            description=self.summary,
            input_schema=self.question.model_json_schema(),
            output_schema=self.answer.model_json_schema(mode="serialization"),
            annotations=types.ToolAnnotations(
                read_only_hint=self.reads,
                destructive_hint=False,
                idempotent_hint=self.reads,
                open_world_hint=False,
            ),
        )

    async def call(self, arguments: dict[str, Any], progress: Progress) -> types.CallToolResult:
        """Answer a question, or say what is wrong with it.

        Args:
            arguments: as the client gave them.
            progress: how far it has come.
        """
        try:
            said = await self.act(self.question.model_validate(arguments), progress)
        except ValidationError as error:
            return failed(_explained(self.name, error, self.question))
        except Wrong as wrong:
            return failed(str(wrong))
        return answered(said.model_dump(mode="json"))


def answered(value: dict[str, Any], label: dict[str, Any] | None = None) -> types.CallToolResult:
    """Return a value as structured content, and as text for clients that know no other.

    Args:
        value: of whatever was asked.
        label: of one that is of low integrity, for a program, under `gaseol/label`.
    """
    import orjson

    text = orjson.dumps(value).decode()
    meta: Any = {"gaseol/label": label} if label else None
    return types.CallToolResult(
        content=[types.TextContent(type="text", text=text)], structured_content=value, _meta=meta
    )


def failed(reason: str, about: dict[str, Any] | None = None) -> types.CallToolResult:
    """Return an error that a model can act on.

    Args:
        reason: what was wrong and what to do.
        about: the same for a program, under `gaseol/failure`.
    """
    meta: Any = {"gaseol/failure": about} if about else None
    return types.CallToolResult(
        content=[types.TextContent(type="text", text=reason)], is_error=True, _meta=meta
    )


def _explained(name: str, error: ValidationError, question: type[Question]) -> str:
    said = "; ".join(
        f"{'.'.join(map(str, found['loc'])) or 'the arguments'}: {found['msg']}"
        for found in error.errors(include_url=False, include_context=False)
    )
    return f"{name}: {said} (it takes: {', '.join(question.model_fields) or 'nothing'})"
