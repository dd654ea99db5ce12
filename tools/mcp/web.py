"""A server on the web: asked by HTTP, with its answers capped and nothing followed elsewhere."""

import contextlib
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import httpx2

from gaseol.tools.egress.guard import guarded, trusted
from gaseol.tools.egress.reach import Reach
from gaseol.tools.mcp.configuration import Server, token
from gaseol.tools.mcp.process import LINE_BYTES

if TYPE_CHECKING:
    from mcp.client._transport import TransportStreams

_CONNECT_SECONDS = 10.0
BODY_BYTES = 2 * LINE_BYTES
"""The longest answer to one request."""


class _Capped(httpx2.AsyncByteStream):
    """An answer that breaks off when it grows too long."""

    def __init__(self, inner: httpx2.AsyncByteStream) -> None:
        self._inner = inner

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        async for piece in self._inner:
            size += len(piece)
            if size > BODY_BYTES:
                raise httpx2.ReadError(f"the answer has more than {BODY_BYTES} bytes")
            yield piece

    async def aclose(self) -> None:
        await self._inner.aclose()


class _Transport(httpx2.AsyncHTTPTransport):
    def __init__(self, reach: Reach) -> None:
        super().__init__(verify=trusted(), trust_env=False)
        self._reach = reach

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        # what is packed could unfold to any length
        request.headers["Accept-Encoding"] = "identity"
        refused = (httpx2.ConnectError, httpx2.ConnectTimeout)
        answer = await guarded(request, super().handle_async_request, self._reach, refused)
        assert isinstance(answer.stream, httpx2.AsyncByteStream)
        answer.stream = _Capped(answer.stream)
        return answer


@contextlib.asynccontextmanager
async def streams(server: Server, reach: Reach) -> "AsyncIterator[TransportStreams]":
    """Give the two ends of a talk with a server on the web.

    Args:
        server: with its address.
        reach: who may be asked.

    Raises:
        ServerError: its token is not set here.
    """
    from mcp.client.streamable_http import streamable_http_client

    secret = token(server)
    headers = {"Authorization": f"Bearer {secret}"} if secret else {}
    timeout = httpx2.Timeout(_CONNECT_SECONDS, read=server.seconds + _CONNECT_SECONDS)
    client = httpx2.AsyncClient(
        transport=_Transport(reach),
        headers=headers,
        timeout=timeout,
        trust_env=False,
    )
    async with (
        client,
        streamable_http_client(
            server.url, http_client=client, max_sse_event_size=LINE_BYTES
        ) as talk,
    ):
        yield talk
