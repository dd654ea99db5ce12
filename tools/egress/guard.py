"""The guard of asynchronous clients: each request goes to an address within reach, and no other.

It stands under the clients of model servers and of MCP servers, which bring their own ways of talking;
whatever is a plain exchange goes through `gaseol.tools.egress.gateway`.
"""

import asyncio
import os
import ssl
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import httpx

from gaseol.tools.egress.reach import Forbidden, Reach
from gaseol.tools.egress.transport import Resolver, resolve

Answer = TypeVar("Answer")


async def guarded(
    request: Any,
    send: Callable[[Any], Awaitable[Answer]],
    reach: Reach,
    refused: tuple[type[Exception], ...],
    resolver: Resolver = resolve,
) -> Answer:
    """Send a request to the first address of its host that answers, all of them checked before.

    The name is resolved once, and the connection goes to what was checked (no DNS rebinding);
    certificates are held against the name. Connections are kept by address: whoever sends must not
    send requests for two names.

    Args:
        request: of `httpx`, or of a library with the same requests.
        send: sends it where its address says.
        reach: who may be asked.
        refused: what `send` raises where nobody answers.
        resolver: looks names up.

    Raises:
        Forbidden: the host is not within reach, or its address is none that it may have.
    """
    host = reach.admit(request.url.scheme, request.url.host, request.url.port)
    try:
        found = await asyncio.to_thread(resolver, host.name, host.port)
    except (OSError, UnicodeError) as error:
        raise refused[0](f"{host.name} cannot be looked up: {error}") from None
    *others, last = reach.check(host, found)
    for address in others:
        try:
            return await send(_to(request, str(address), host.name))
        except refused:
            continue  # `localhost` is ::1 first, where few servers listen
    return await send(_to(request, str(last), host.name))


def trusted() -> ssl.SSLContext:
    """Return the certificates that are trusted: `certifi`'s, or those of the institute's own.

    `SSL_CERT_FILE` or `SSL_CERT_DIR` name the latter; nothing else of the environment is heeded.

    Raises:
        Forbidden: what they name cannot be read, so that nobody could be trusted.
    """
    try:
        return httpx.create_ssl_context()
    except (OSError, ssl.SSLError) as error:
        name = "SSL_CERT_FILE" if os.environ.get("SSL_CERT_FILE") else "SSL_CERT_DIR"
        said = f"{name}={os.environ.get(name, '')} gives no certificates to trust: {error}"
        raise Forbidden(said) from None


def _to(request: Any, address: str, name: str) -> Any:
    """Return a request that goes to an address; who is meant is said by its headers, and by TLS."""
    return type(request)(
        request.method,
        request.url.copy_with(host=address),
        headers=request.headers,
        stream=request.stream,
        extensions={**request.extensions, "sni_hostname": name},
    )


class GuardedAsyncTransport(httpx.AsyncBaseTransport):
    """Carries the requests of one `httpx.AsyncClient` to one host within reach."""

    def __init__(
        self,
        reach: Reach,
        inner: httpx.AsyncBaseTransport | None = None,
        resolver: Resolver = resolve,
    ) -> None:
        """Open nothing yet.

        Args:
            reach: who may be asked.
            inner: connects; by default without proxies of the environment.
            resolver: looks names up.
        """
        self._reach, self._resolver = reach, resolver
        self._inner = inner or httpx.AsyncHTTPTransport(verify=trusted(), trust_env=False)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request.

        Raises:
            Forbidden: the host is not within reach, or its address is none that it may have.
            httpx.TransportError: no answer came.
        """
        refused = (httpx.ConnectError, httpx.ConnectTimeout)
        return await guarded(
            request, self._inner.handle_async_request, self._reach, refused, self._resolver
        )

    async def aclose(self) -> None:
        """Close its connections."""
        await self._inner.aclose()
