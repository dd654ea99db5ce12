"""A connection to one server: opened when needed, held to its pins, closed at every limit."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from gaseol.tools.contract import Answer, ToolCard
from gaseol.tools.egress.reach import Forbidden, Reach
from gaseol.tools.mcp.configuration import Server, ServerError, secrets
from gaseol.tools.mcp.definition import Definition
from gaseol.tools.mcp.result import kept, said_failure
from gaseol.tools.mcp.schema import differs, printable
from gaseol.traces.nouns.failure import Failure, FailureKind

if TYPE_CHECKING:
    from mcp import Client

LISTED_SECONDS = 30.0
"""A listing that is older is asked for again before a call: few servers say that they changed."""
MOST_TOOLS = 5000
_MOST_PAGES = 100
_MOST_STARTS = 20
"""A server that was started so often in one run is not started again."""
_END_SECONDS = 5.0
_WEB = "web"


class Changed(Exception):
    """A pinned definition is another one now."""


class Connection:
    """One server: one call at a time, so that a call that is given up takes no other with it."""

    def __init__(
        self,
        name: str,
        server: Server,
        folder: Path | None,
        reach: Reach,
        *,
        trust: bool,
        options: Sequence[str],
    ) -> None:
        """Open nothing yet; arguments as for `Process`, and the reach of a server on the web."""
        self.name, self.server, self._reach = name, server, reach
        self._folder, self._trust, self._options = folder, trust, options
        self._lock = asyncio.Lock()
        self._client: Client | None = None
        self._task: asyncio.Task[None] | None = None
        self._ending = asyncio.Event()
        self._closing: asyncio.Task[None] | None = None
        self._process: Any = None
        self._isolation = _WEB
        self._starts = 0
        self._listed_at = 0.0
        self._listed: dict[str, Definition] = {}
        self._changed: dict[str, str] = {}
        """Tools that became others, and how: that is not forgotten when the server begins anew."""

    async def definitions(self) -> Mapping[str, Definition]:
        """Return what the server lists, by name, opening the connection where it is closed.

        Raises:
            ServerError: it cannot be reached, or does not list its tools in time.
        """
        async with self._lock:
            await self._fresh()
            return self._listed

    async def call(self, tool: str, pinned: ToolCard, arguments: Mapping[str, Any]) -> Answer:
        """Call a tool; whatever the server does, the call is answered within its limit.

        Args:
            tool: its name at the server.
            pinned: its description, whose digest the server's definition must still have.
            arguments: by name.
        """
        async with self._lock:
            began = time.perf_counter()
            try:
                value, failure = await self._attempt(tool, pinned, arguments)
            except asyncio.CancelledError:
                # it has been told; whether it heeds that is up to it, so it is ended, as a worker is
                if self._process is not None:
                    await self.close()
                    self._starts -= 1  # no fault of its own
                raise
            return Answer(
                value=value,
                failure=failure,
                seconds=time.perf_counter() - began,
                cpu_seconds=0.0,
                isolation=f"third party, {self._isolation}",
            )

    async def close(self) -> None:
        """End the talk, and kill the server's process where it has one here.

        Whoever closes while somebody else does waits for the same end.
        """
        if self._closing is None or self._closing.done():
            self._closing = asyncio.create_task(self._close())
        await asyncio.shield(self._closing)

    async def _close(self) -> None:
        self._ending.set()
        task, client = self._task, self._client
        self._task = self._client = None
        if task is not None:
            if client is None:  # it never came so far as to wait for its end
                task.cancel()
            await asyncio.wait({task}, timeout=_END_SECONDS)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)  # how it ended was told already
        if self._process is not None:
            self._process.close()

    async def _attempt(
        self, tool: str, pinned: ToolCard, arguments: Mapping[str, Any]
    ) -> tuple[Any, Failure | None]:
        wrong = await asyncio.to_thread(differs, dict(arguments), pinned.input_schema)
        if wrong is not None:
            return None, self._failure(FailureKind.BAD_ARGUMENTS, pinned, wrong)
        if tool in self._changed:
            return None, Failure(kind=FailureKind.CHANGED, reason=self._changed[tool])
        try:
            await self._fresh()
            self._hold(tool, pinned)
            async with asyncio.timeout(self.server.seconds):
                result = await self._asked(tool, arguments)
            return await kept(result, pinned, secrets(self.server))
        except Exception as error:  # noqa: BLE001 (a call is answered, whatever went wrong)
            flood = self._process is not None and self._process.flood
            failure = said_failure(error, self.server, pinned, flood=flood, tail=self._tail())
            if failure.kind is FailureKind.CHANGED:
                self._changed[tool] = failure.reason
            if failure.kind is not FailureKind.BAD_ARGUMENTS:
                await self.close()
            return None, self._scrubbed(failure)

    def _scrubbed(self, failure: Failure) -> Failure:
        scrub = secrets(self.server).scrub
        said = {"reason": scrub(failure.reason), "detail": scrub(failure.detail)}
        return failure.model_copy(update=said)

    async def _asked(self, tool: str, arguments: Mapping[str, Any]) -> Any:
        import mcp_types as types

        assert self._client is not None
        params = types.CallToolRequestParams(name=tool, arguments=dict(arguments))
        # not `call_tool`: it would hold the result against the server's own schema, as it came
        return await self._client.session.send_request(
            types.CallToolRequest(params=params), types.CallToolResult
        )

    def _hold(self, tool: str, pinned: ToolCard) -> None:
        now = self._listed.get(tool)
        if now is None:
            raise Changed(f"{pinned.name}: the server {self.name} does not have it any more")
        if now.digest != pinned.digest:
            raise Changed(
                f"{pinned.name}: the server {self.name} has changed its definition, from "
                f"{pinned.digest[:12]} to {now.digest[:12]}; nothing more is asked of it. Look at "
                "it with gaseol check, and pin the new one if you trust it"
            )

    async def _fresh(self) -> None:
        """Open the connection where it is closed, and list again what was listed long ago."""
        try:
            async with asyncio.timeout(self.server.start_seconds):
                if self._client is None or self._task is None or self._task.done():
                    await self._open()
                if time.monotonic() - self._listed_at > LISTED_SECONDS:
                    self._listed = await self._list()
                    self._listed_at = time.monotonic()
        except TimeoutError:
            await self.close()
            raise ServerError(
                f"the server {self.name} did not begin and list its tools within "
                f"{self.server.start_seconds:g} s. {self._tail()}".strip()
            ) from None

    async def _open(self) -> None:
        await self.close()
        if self._starts >= _MOST_STARTS:
            raise ServerError(f"the server {self.name} ended {self._starts} times; it is given up")
        self._starts += 1
        self._ending = asyncio.Event()
        self._listed_at = float("-inf")
        ready: asyncio.Future[Client] = asyncio.get_running_loop().create_future()
        self._task = asyncio.create_task(self._live(ready))
        await asyncio.wait({self._task, ready}, return_when=asyncio.FIRST_COMPLETED)
        if ready.done():
            self._client = ready.result()
            return
        error = self._task.exception()
        raise ServerError(
            f"the server {self.name} cannot be used: {innermost(error)}. {self._tail()}".strip()
        ) from None

    async def _live(self, ready: "asyncio.Future[Client]") -> None:
        """Hold the connection open until it is to end; its contexts are left where they began."""
        from mcp import Client

        async def heard(message: Any) -> None:
            if "list_changed" in getattr(message, "method", ""):
                self._listed_at = float("-inf")

        async with Client(self._transport(), message_handler=heard, cache=None) as client:
            ready.set_result(client)
            await self._ending.wait()

    def _transport(self) -> Any:
        if self.server.url:
            from gaseol.tools.mcp.web import streams

            return streams(self.server, self._reach)
        from gaseol.tools.mcp.process import Process

        self._process = Process(
            self.name, self.server, self._folder, trust=self._trust, options=self._options
        )
        return self._watched(self._process)

    @contextlib.asynccontextmanager
    async def _watched(self, process: Any) -> AsyncIterator[Any]:
        async with process.streams() as talk:
            self._isolation = process.isolation
            yield talk

    async def _list(self) -> dict[str, Definition]:
        assert self._client is not None
        found: dict[str, Definition] = {}
        cursor: str | None = None
        for _ in range(_MOST_PAGES):
            try:
                page = await self._client.list_tools(cursor=cursor, cache_mode="refresh")
            except Exception as error:  # noqa: BLE001 (whatever it is, the server is no use)
                await self.close()
                raise ServerError(
                    f"the server {self.name} does not list its tools: {innermost(error)}"
                ) from None
            for tool in page.tools:
                definition = Definition.of(
                    tool.model_dump(mode="json", by_alias=True, exclude_none=True)
                )
                if definition.name in found:
                    twin = printable(definition.name, 64)
                    raise ServerError(f"the server {self.name} lists two tools named {twin!r}")
                found[definition.name] = definition
            if len(found) > MOST_TOOLS:
                raise ServerError(f"the server {self.name} lists more than {MOST_TOOLS} tools")
            cursor = page.next_cursor
            if cursor is None:
                return found
        raise ServerError(
            f"the server {self.name} lists its tools on more than {_MOST_PAGES} pages"
        )

    def _failure(self, kind: FailureKind, pinned: ToolCard, said: str) -> Failure:
        return Failure(kind=kind, reason=f"{pinned.name}: {said}")

    def _tail(self) -> str:
        said = self._process.tail() if self._process is not None else ""
        said = secrets(self.server).scrub(said) if said.strip() else ""
        return f"It said: {printable(said, 400)}" if said else ""


def innermost(error: BaseException | None) -> str:
    """Return in a line what went wrong at the bottom of an error.

    Args:
        error: or a group of them.
    """
    while isinstance(error, BaseExceptionGroup) and error.exceptions:
        error = error.exceptions[0]
    if isinstance(error, ValidationError):
        return f"it answers otherwise than the protocol says ({error.error_count()} flaws)"
    if isinstance(error, ServerError | Forbidden):
        return str(error)
    return printable(f"{type(error).__name__}: {error}", 300)
