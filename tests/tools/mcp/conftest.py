"""Servers that are good or bad, and the tools agreed on with them."""

import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("mcp", reason="needs the extra mcp")

from gaseol.tools import Answer, Call
from gaseol.tools.mcp.configuration import Server, ServerError
from gaseol.tools.mcp.servers import Servers

HERE = Path(__file__).parent


def offered(said: str) -> dict[str, str]:
    """Return the pins that an error offers."""
    return dict(re.findall(r"^  ([\w.-]+): ([0-9a-f]{64})$", said, re.M))


@pytest.fixture(scope="session")
def pins() -> dict[str, str]:
    """The pins of the hostile server, as a scientist is told them who names no tools."""
    with pytest.raises(ServerError, match="names no tools; it offers") as told:
        Servers({"calc": hostile("good")}, HERE)
    found = offered(str(told.value))
    assert "signal" in found
    return found


def hostile(kind: str, **options: Any) -> Server:
    return Server(command=(sys.executable, "-I", "{folder}/hostile.py", kind), **options)


@pytest.fixture
def server(pins: dict[str, str]) -> Callable[..., Server]:
    """Names the hostile server, with the tools given or all."""

    def make(kind: str = "good", *tools: str, **options: Any) -> Server:
        return hostile(kind, tools={name: pins[name] for name in tools or pins}, **options)

    return make


@pytest.fixture
def connect(server: Callable[..., Server]) -> Iterator[Callable[..., Callable[..., Answer]]]:
    """Connects to a hostile server and returns how its tools are asked."""
    opened: list[Servers] = []

    def connected(kind: str = "good", *tools: str, **options: Any) -> Callable[..., Answer]:
        opened.append(Servers({"calc": server(kind, *tools, **options)}, HERE))
        return lambda tool, **arguments: ask(opened[-1], tool, **arguments)

    yield connected
    for servers in opened:
        servers.close()


def ask(servers: Servers, tool: str, /, **arguments: Any) -> Answer:
    asked = Call(tool=f"calc__{tool}", arguments=arguments)
    return servers.submit(asked).result(timeout=60)
