"""A server on loopback that answers as a script says: no model, and named so.

It stands in for the quirks that servers are known for, which no real server shows on demand:
refusals, broken streams, answers of the wrong shape. Loaded by path, for tests are no package.
"""

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Said:
    """An answer: status, headers, and its body in one piece or several."""

    pieces: list[bytes]
    status: int = 200
    kind: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    cut: bool = False
    """Hang up in the middle: more is promised than is sent."""


def chat(text: str | None = "", finish: str = "stop", usage: Any = (7, 5), **message: Any) -> Said:
    """Return an answer of Chat Completions in one piece."""
    body: dict[str, Any] = {
        "model": "scripted",
        "choices": [{"message": {"role": "assistant", "content": text, **message},
                     "finish_reason": finish}],
    }  # fmt: skip
    if usage:
        body["usage"] = {"prompt_tokens": usage[0], "completion_tokens": usage[1]}
    return Said([json.dumps(body).encode()])


def stream(
    *deltas: Any, finish: str | None = "stop", done: bool = True, usage: Any = (7, 5)
) -> Said:
    """Return an answer of Chat Completions in pieces; texts are pieces of content."""
    lines: list[Any] = [
        {"model": "scripted", "choices": [{"delta": {"content": d} if isinstance(d, str) else d}]}
        for d in deltas
    ]
    if finish:
        lines.append({"choices": [{"delta": {}, "finish_reason": finish}]})
    if usage:
        counted = {"prompt_tokens": usage[0], "completion_tokens": usage[1]}
        lines.append({"choices": [], "usage": counted})
    pieces = [f"data: {json.dumps(line)}\n\n".encode() for line in lines]
    if done:
        pieces.append(b"data: [DONE]\n\n")
    return Said([b": a comment\n\n", *pieces], kind="text/event-stream")


def lines(*objects: Any) -> Said:
    """Return lines of JSON, as Ollama streams them."""
    return Said([json.dumps(o).encode() + b"\n" for o in objects], kind="application/x-ndjson")


def error(status: int, body: Any, **headers: str) -> Said:
    """Return an answer that is none."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Said([content], status, headers={k.replace("_", "-"): v for k, v in headers.items()})


Script = Callable[["Asked"], Said]


@dataclass(frozen=True)
class Asked:
    """A request as the server saw it."""

    path: str
    body: dict[str, Any]
    headers: dict[str, str]
    number: int
    """Of those posted; the first is 0."""


class ScriptedServer:
    """Serves a script until it is closed; remembers what it was asked."""

    def __init__(self, script: Script | list[Said], pages: dict[str, Any] | None = None) -> None:
        """Take a function of the request, or answers one after the other; and pages to be got."""
        answers: Iterator[Said] | None = None if callable(script) else iter(script)
        self.asked: list[Asked] = []
        listing = {"data": [{"id": "scripted", "owned_by": "scripted"}]}
        self.pages = {"/v1/models": listing, **(pages or {})}
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *args: Any) -> None:
                pass

            def do_GET(self) -> None:
                page = server.pages.get(self.path)
                if isinstance(page, Said):
                    self._send(page)
                elif page is None:
                    self._send(error(404, {"error": "no such page"}))
                else:
                    self._send(Said([json.dumps(page).encode()]))

            def do_POST(self) -> None:
                content = self.rfile.read(int(self.headers["content-length"]))
                asked = Asked(self.path, json.loads(content), dict(self.headers), len(server.asked))
                server.asked.append(asked)
                said = script(asked) if callable(script) else next(answers, None)  # type: ignore[arg-type]
                self._send(said or error(503, {"error": "the script is over"}))

            def _send(self, said: Said) -> None:
                size = sum(map(len, said.pieces)) + (1000 if said.cut else 0)
                self.send_response(said.status)
                self.send_header("content-type", said.kind)
                self.send_header("content-length", str(size))
                for name, value in said.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                try:
                    for piece in said.pieces:
                        self.wfile.write(piece)
                    self.wfile.flush()
                except (BrokenPipeError, ConnectionResetError):
                    pass  # the client has heard enough
                if said.cut:
                    self.close_connection = True

        class Server(ThreadingHTTPServer):
            def handle_error(self, *args: Any) -> None:
                pass  # a client that hangs up is part of the script

        self._http = Server(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}/v1"
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    def __enter__(self) -> "ScriptedServer":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop serving; twice is as good as once."""
        if self._thread.is_alive():
            self._http.shutdown()
            self._http.server_close()
            self._thread.join()
