"""A server on loopback that answers as a test says; loaded by path, for tests are no package."""

import socket
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self


@dataclass
class Reply:
    """What a service says."""

    body: bytes | str = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    length: int | None = None
    """What it says of its length, where that is not so."""
    before: Callable[[], object] | None = None
    """Done before anything is said, as waiting."""
    chunks: Callable[[], object] | None = None
    """Gives the body piece by piece."""


@dataclass
class Seen:
    """What a service was asked."""

    method: str
    path: str
    headers: dict[str, str]
    body: str


Script = Callable[[Seen], Reply]


class Service:
    """A threaded server that answers by a script, and remembers what it was asked."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.seen: list[Seen] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                size = int(self.headers.get("content-length") or 0)
                headers = {k.lower(): v for k, v in self.headers.items()}
                seen = Seen(self.command, self.path, headers, self.rfile.read(size).decode())
                outer.seen.append(seen)
                reply = outer.script(seen)
                try:
                    self._say(reply)
                except (BrokenPipeError, ConnectionResetError):
                    self.close_connection = True

            do_POST = do_GET  # noqa: N815

            def _say(self, reply: Reply) -> None:
                if reply.before:
                    reply.before()
                body = reply.body.encode() if isinstance(reply.body, str) else reply.body
                self.send_response(reply.status)
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                if reply.chunks is None:
                    length = len(body) if reply.length is None else reply.length
                    self.send_header("content-length", str(length))
                self.end_headers()
                if reply.chunks is not None:
                    for chunk in reply.chunks():
                        self.wfile.write(chunk)
                        self.wfile.flush()
                else:
                    self.wfile.write(body)
                self.close_connection = True

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.block_on_close = False
        self.port = self.server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


def unused_port() -> int:
    """Return a port that nobody listens at."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Clock:
    """A clock that moves when somebody waits."""

    def __init__(self) -> None:
        self.now = 0.0
        self.waits: list[float] = []
        self._lock = threading.Lock()

    def __call__(self) -> float:
        return self.now

    def wait(self, seconds: float) -> bool:
        with self._lock:
            self.waits.append(round(seconds, 6))
            self.now += seconds
        return False
