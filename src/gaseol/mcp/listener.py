"""The listener: the server on standard input and output, or on a port of this machine alone."""

import hmac
from typing import TYPE_CHECKING, Any

from gaseol.traces.shared.people import People

if TYPE_CHECKING:
    from mcp.server import Server
    from starlette.types import ASGIApp, Receive, Scope, Send

ADDRESS = "127.0.0.1"
PATH = "/mcp"
PERSON = "gaseol.person"
"""In the scope of a request: who asks, where people have tokens of their own."""
_SHUTDOWN_SECONDS = 2


async def serve_stdio(server: "Server[Any]") -> None:
    """Serve one client on standard input and output until it closes them.

    Args:
        server: what is served; whatever else this process prints goes to standard error.
    """
    from mcp.server.stdio import stdio_server

    async with stdio_server() as (reading, writing):
        await server.run(reading, writing, server.create_initialization_options())


async def serve_http(server: "Server[Any]", port: int, token: str | People) -> None:
    """Serve clients that have the token, on the loopback address, until interrupted.

    Args:
        server: what is served.
        port: to listen on.
        token: asked of every request, as `Authorization: Bearer TOKEN`; or people, each with a token
            of their own.

    Raises:
        OSError: the port cannot be used.
    """
    import socket

    import uvicorn

    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    with listening:
        listening.bind((ADDRESS, port))
        config = uvicorn.Config(
            application(server, listening.getsockname()[1], token),
            log_level="warning",
            access_log=False,
            timeout_graceful_shutdown=_SHUTDOWN_SECONDS,
            server_header=False,
        )
        await uvicorn.Server(config).serve(sockets=[listening])


def application(server: "Server[Any]", port: int, token: str | People) -> "ASGIApp":
    """Return the server as a web application behind its checks.

    Another name that leads to this machine (421), a page of another site (403) and whoever has not
    the token (401) are turned away.

    Args:
        server: what is served.
        port: that it is reached by.
        token: asked of every request; or people, each with a token of their own.
    """
    from mcp.server.transport_security import TransportSecuritySettings

    names = [f"{ADDRESS}:{port}", f"localhost:{port}"]
    security = TransportSecuritySettings(
        allowed_hosts=names, allowed_origins=[f"http://{name}" for name in names]
    )
    inner = server.streamable_http_app(streamable_http_path=PATH, transport_security=security)
    return _Guard(inner, token)


class _Guard:
    """Lets pass who has the token."""

    def __init__(self, inner: "ASGIApp", token: str | People) -> None:
        self._inner = inner
        self._token = token

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Pass a request on, or turn it away."""
        if scope["type"] == "http" and not self._admits(scope):
            from starlette.responses import PlainTextResponse

            said = "the token is missing or another one: send Authorization: Bearer TOKEN\n"
            turned_away = PlainTextResponse(said, 401, {"WWW-Authenticate": "Bearer"})
            await turned_away(scope, receive, send)
            return
        await self._inner(scope, receive, send)

    def _admits(self, scope: "Scope") -> bool:
        given = [value for name, value in scope["headers"] if name == b"authorization"]
        if len(given) != 1:
            return False
        if isinstance(self._token, str):
            return hmac.compare_digest(given[0], f"Bearer {self._token}".encode())
        word, _, token = given[0].decode("latin-1").partition(" ")
        person = self._token.by_token(token) if word == "Bearer" else None
        scope[PERSON] = person
        return person is not None
