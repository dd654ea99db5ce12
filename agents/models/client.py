"""One exchange with a model server: sent, waited for, tried again where that may help."""

import asyncio
import json
import random
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from gaseol.agents.models.dialect import DIALECTS, encode, endpoint
from gaseol.agents.models.profile import Profile
from gaseol.agents.models.reply import Reply, Unreadable, mended, read, with_lost
from gaseol.agents.models.stream import BrokenOff, Pieces
from gaseol.tools.contract import Refuse
from gaseol.traces.nouns.failure import FailureKind

if TYPE_CHECKING:
    import httpx

_BUSY = (408, 409, 425, 429, 500, 502, 503, 504)
_TURNED_DOWN = (408, 409, 425, 429, 503)
"""Of these, those that are said before a model has begun."""
_LIMIT_BYTES = 8_000_000
_LONGEST_WAIT = 30.0
"""Seconds that a server's `Retry-After` is heeded at most."""
_CHARACTERS_PER_TOKEN = 64
"""More than any token has; a server that writes on past `max_tokens` is hung up on."""
_OVERFLOW = ("exceed_context_size", "context_length_exceeded", "maximum context length",
             "context window", "exceeds the available context", "larger than the model's context",
             "prompt is too long", "input is too long")  # fmt: skip


class Overflow(Refuse):
    """The prompt does not fit into the model's context."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason, kind=FailureKind.TOO_LARGE)


class Unanswered(Refuse):
    """There is no answer, though tokens may have been used on the way."""

    def __init__(self, reason: str, kind: FailureKind, lost: int) -> None:
        """Say why, and how many tries may have been charged for."""
        super().__init__(reason, kind=kind)
        self.lost = lost


class _Again(Exception):
    """It may go well the next time."""

    def __init__(self, reason: str, wait: float | None = None, *, free: bool = False) -> None:
        super().__init__(reason)
        self.wait = wait
        self.free = free
        """Nothing was read or written by the model: nobody was there, or it was turned down."""


class Client:
    """Asks one model server over HTTP; redirects are not followed."""

    def __init__(self, profile: Profile, http: "httpx.AsyncClient", pause: float = 0.5) -> None:
        """Make a client.

        Args:
            profile: the model.
            http: whose connections are used.
            pause: seconds before the second try; each further one waits twice as long.
        """
        self.profile = profile
        self._http = http
        self._pause = pause
        self._dialect = DIALECTS[profile.dialect]
        self._places = asyncio.Semaphore(profile.concurrency)

    async def ask(self, arguments: Mapping[str, Any]) -> Reply:
        """Return the answer to a request as it stands on record.

        A try that broke off may have used as many tokens as it was allowed: those that the budget
        has room for are said by the request, and what they used at most is counted.

        Raises:
            Overflow: the prompt does not fit into the context.
            Refuse: the server refuses the request.
            Unanswered: it cannot be reached, or gives no answer that can be read.
        """
        tries: list[str] = []
        lost, allowed = 0, int(arguments.get("tries", self.profile.retries + 1))
        async with self._places:
            for attempt in range(self.profile.retries + 1):
                try:
                    async with asyncio.timeout(self.profile.timeout_seconds):
                        reply = await self._once(arguments)
                    return with_lost(reply, arguments, lost, tries)
                except _Again as again:
                    tries.append(self._scrubbed(str(again)))
                    lost += not again.free
                    if lost >= allowed and not again.free:
                        if attempt < self.profile.retries:
                            tries[-1] += "; the budget has no room for another try"
                        break
                    if attempt < self.profile.retries:
                        await asyncio.sleep(self._wait(attempt, again.wait))
                except Unanswered as error:
                    error.lost += lost
                    raise
                except TimeoutError:
                    said = f"no answer within {self.profile.timeout_seconds:g} s"
                    reason = f"{self.profile.name}: {said}; see timeout_seconds in the profile"
                    raise Unanswered(reason, FailureKind.TIMED_OUT, lost + 1) from None
        raise Unanswered(self._unanswered(tries), FailureKind.UNAVAILABLE, lost)

    def _wait(self, attempt: int, said: float | None) -> float:
        if said is not None:
            return min(max(said, 0.0), _LONGEST_WAIT)
        # jitter spreads out clients that were turned away together; nothing on record rests on it
        return self._pause * 2**attempt * (0.5 + random.random())  # noqa: S311

    def _unanswered(self, tries: list[str]) -> str:
        last = tries[-1] if tries else "nothing was tried"
        said = f"{self.profile.name} at {self.profile.url} did not answer: {last}"
        if "connect" in last:
            said += f"; start the server, then: gaseol model probe {self.profile.name}"
        return said

    def _scrubbed(self, text: str, most: int = 500) -> str:
        secret = self.profile.secret
        return (text.replace(secret, "[key]") if secret else text)[:most]

    def _headers(self) -> dict[str, str]:
        """Return what a request is sent with.

        Raises:
            Refuse: the key cannot be sent; HTTP libraries would say it in their complaint.
        """
        secret = self.profile.secret
        if not (secret.isascii() and secret.isprintable()):
            raise Refuse(
                f"{self.profile.name}: the key in the environment variable {self.profile.key_env} "
                "holds a character that no header can; set it again",
                kind=FailureKind.BAD_ARGUMENTS,
            )
        return {"Authorization": f"Bearer {secret}"} if secret else {}

    async def _once(self, arguments: Mapping[str, Any]) -> Reply:
        import httpx

        stream = self.profile.stream
        body = encode(self._dialect, arguments, stream=stream)
        url = endpoint(self._dialect, self.profile.url)
        headers = self._headers()
        try:
            async with self._http.stream("POST", url, json=body, headers=headers) as response:
                if response.status_code != 200:
                    content = await limited(response)
                    self._refused(response, content)
                kind = response.headers.get("content-type", "")
                if stream and ("event-stream" in kind or "ndjson" in kind):
                    payload, notes = await self._streamed(response, arguments)
                else:
                    payload, notes = _payload(await limited(response), self._dialect.name), ()
        except httpx.ConnectError as error:
            raise _Again(f"cannot connect ({error or 'refused'})", free=True) from None
        except (httpx.HTTPError, BrokenOff) as error:
            raise _Again(f"{type(error).__name__}: {error}") from None
        try:
            reply = read(payload, self.profile, arguments, notes)
        except Unreadable as error:
            raise _Again(str(error)) from None
        return _without(reply, self.profile.secret)

    async def _streamed(
        self, response: "httpx.Response", arguments: Mapping[str, Any]
    ) -> tuple[dict[str, Any], tuple[str, ...]]:
        pieces = Pieces(native=self._dialect.name == "ollama")
        most = _CHARACTERS_PER_TOKEN * int(arguments["max_tokens"])
        taken = 0
        async for line in response.aiter_lines():
            taken += len(line)
            pieces.feed(line)
            if pieces.error is not None:
                message = self._scrubbed(mended(str(pieces.error.get("message", pieces.error))))
                if _overflows(message):
                    raise Overflow(f"{self.profile.name}: {message[:300]}")
                raise _Again(f"the server stopped in the middle: {message[:300]}")
            if pieces.size > most or taken > _LIMIT_BYTES:
                return pieces.cut(), ("it wrote on past max_tokens and was hung up on",)
        return pieces.whole(), ()

    def _refused(self, response: "httpx.Response", content: bytes) -> None:
        """Turn an answer that is none into what is to be done about it.

        Raises:
            Overflow: the prompt is too long.
            Refuse: asking again would not help.
            _Again: it may.
        """
        # the key goes first: a message that is cut short may end in the middle of it
        said = _message(self._scrubbed(content.decode(errors="replace"), most=_LIMIT_BYTES))
        code, told = response.status_code, f"HTTP {response.status_code}: {said}"
        if _overflows(said):
            raise Overflow(f"{self.profile.name}: {told}")
        if code in _BUSY:
            wait = _seconds(response.headers.get("retry-after"))
            raise _Again(told, wait, free=code in _TURNED_DOWN)
        hint = ""
        if code in (401, 403):
            hint = (
                f"; is the key in the environment variable {self.profile.key_env}?"
                if self.profile.key_env
                else "; it wants a key: gaseol model add --key-env VARIABLE"
            )
        elif code == 404:
            hint = f"; does it serve '{self.profile.model}', and is the address right?"
        raise Refuse(f"{self.profile.name} refuses: {told}{hint}", kind=FailureKind.BAD_ARGUMENTS)


async def limited(response: "httpx.Response") -> bytes:
    """Return the content of an answer.

    Raises:
        Unanswered: it is larger than any answer of a model.
    """
    parts: list[bytes] = []
    size = 0
    async for part in response.aiter_bytes():
        size += len(part)
        if size > _LIMIT_BYTES:
            said = f"the answer is larger than {_LIMIT_BYTES:,} bytes"
            raise Unanswered(said, FailureKind.TOO_LARGE, 1)
        parts.append(part)
    return b"".join(parts)


def _payload(content: bytes, dialect: str) -> dict[str, Any]:
    from gaseol.agents.models import ollama

    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        raise _Again("the answer is no JSON") from None
    if not isinstance(found, dict):
        raise _Again("the answer is no JSON object")
    return ollama.merge([found]) if dialect == "ollama" else found


def _message(text: str) -> str:
    """Return what an error says of itself, in whatever shape it is."""
    try:
        found: Any = json.loads(text)
    except (ValueError, RecursionError):
        return " ".join(text.split())[:300]
    error = found.get("error", found) if isinstance(found, dict) else found
    if isinstance(error, dict):
        parts = [str(error[k]) for k in ("message", "type", "code", "detail") if error.get(k)]
        error = "; ".join(parts) or error
    return mended(" ".join(str(error).split()))[:300]


def _overflows(said: str) -> bool:
    return any(sign in said.lower() for sign in _OVERFLOW)


def _seconds(header: str | None) -> float | None:
    try:
        return float(header) if header else None
    except ValueError:
        return None  # a date: the own pause is used


def _without(reply: Reply, secret: str) -> Reply:
    """Take the key out of an answer: a server may say it back."""
    if not secret or secret not in (text := reply.model_dump_json()):
        return reply
    return Reply.model_validate_json(text.replace(secret, "[key]"))
