"""Servers of others: the reference SDK's by standard output and by HTTP, and one from npm."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("mcp", reason="needs the extra mcp")

from gaseol.tools import Answer, Call, Pool, Registry
from gaseol.tools.egress.reach import Reach
from gaseol.tools.mcp.configuration import ConfiguredServer, Server, ServerError
from gaseol.tools.mcp.servers import Servers, served
from gaseol.traces.nouns.failure import FailureKind

HERE = Path(__file__).parent
NODE_SERVER = "@modelcontextprotocol/server-everything"


def pinned(server: Server, *tools: str, folder: Path = HERE) -> Server:
    """Return a server with these tools pinned as it offers them now."""
    import re

    with pytest.raises(ServerError, match="it offers") as told:
        Servers({"calc": server}, folder)
    offered = dict(re.findall(r"^  ([\w.-]+): ([0-9a-f]{64})$", str(told.value), re.M))
    return server.model_copy(update={"tools": {tool: offered[tool] for tool in tools}})


def ask(servers: Servers, tool: str, /, **arguments: object) -> Answer:
    return servers.submit(Call(tool=f"calc__{tool}", arguments=arguments)).result(timeout=60)


@pytest.fixture
def opened() -> Iterator[list[Servers]]:
    """Servers to be closed."""
    found: list[Servers] = []
    yield found
    for servers in found:
        servers.close()


@pytest.mark.slow
def test_the_reference_server_by_standard_output(opened: list[Servers]) -> None:
    server = Server(command=(sys.executable, "{folder}/server.py"))
    opened.append(Servers({"calc": pinned(server, "signal", "refuse")}, HERE))
    answer = ask(opened[0], "signal", size=2)
    assert answer.value == {"value": 304.0, "spread": 0.1}
    failure = ask(opened[0], "refuse", size=2).failure
    assert "only sizes that nobody has" in failure.reason


@pytest.fixture
def address() -> Iterator[str]:
    """The reference server on a loopback port."""
    with socket.socket() as place:
        place.bind(("127.0.0.1", 0))
        port = place.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, str(HERE / "server.py"), "--http", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        until = time.monotonic() + 60
        while time.monotonic() < until:
            with socket.socket() as tried:
                if tried.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}/mcp"
    finally:
        process.kill()
        process.wait()


@pytest.mark.slow
def test_the_reference_server_by_http(opened: list[Servers], address: str) -> None:
    server = pinned(Server(url=address), "signal", "refuse")
    opened.append(Servers({"calc": server}))
    answer = ask(opened[0], "signal", size=2)
    assert answer.value == {"value": 304.0, "spread": 0.1}
    assert answer.isolation == "third party, web"
    assert ask(opened[0], "refuse", size=2).failure is not None
    card = opened[0].entries[0].tool
    assert card.network == (address.split("/")[2],)
    with (
        Pool(Registry(), jobs=1) as pool,
        served(pool, {"calc": server}, (), Reach([f"http://{card.network[0]}"])) as more,
    ):
        reading = more.submit(Call(tool="calc__signal", arguments={"size": 1})).result(60)
        assert reading.value["value"] == 302.0


@pytest.mark.slow
def test_a_server_on_the_web_that_is_not_there_is_said(opened: list[Servers]) -> None:
    with socket.socket() as place:
        place.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{place.getsockname()[1]}/mcp"
    with pytest.raises(ServerError, match="the server calc cannot be used"):
        Servers({"calc": Server(url=url, tools={"signal": "0" * 64})})


@pytest.mark.slow
def test_gaseols_own_server_with_its_token(
    opened: list[Servers], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOKEN_OF_THIS_TEST", "a-token-that-nobody-may-see")
    with socket.socket() as place:
        place.bind(("127.0.0.1", 0))
        port = place.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "gaseol", "mcp", "--http", str(port), "--all-tools", "--jobs", "1"],
        env={**os.environ, "GASEOL_HOME": str(tmp_path), "GASEOL_MCP_TOKEN": os.environ["TOKEN_OF_THIS_TEST"]},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        until = time.monotonic() + 60
        while time.monotonic() < until:
            with socket.socket() as tried:
                if tried.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        url = f"http://127.0.0.1:{port}/mcp"
        with pytest.raises(ServerError, match="the server calc cannot be used"):
            Servers({"calc": Server(url=url, tools={"bulk_modulus": "0" * 64})})
        known = ConfiguredServer(url=url, authorization="TOKEN_OF_THIS_TEST")
        opened.append(Servers({"calc": pinned(known, "bulk_modulus")}))
        answer = ask(opened[0], "bulk_modulus", symbol="Fe")
        assert answer.value["result"] == pytest.approx(170.0, rel=0.01)
        failure = ask(opened[0], "bulk_modulus", symbol="a-token-that-nobody-may-see").failure
        assert failure.kind in (
            FailureKind.BAD_ARGUMENTS,
            FailureKind.RETRY,
            FailureKind.OUT_OF_DOMAIN,
        )
        assert "nobody-may-see" not in failure.reason
    finally:
        process.terminate()
        process.wait(30)


@pytest.fixture(scope="session")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The published reference server, installed into a temporary folder."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        pytest.skip("NOT RUN: there is no npm here to install the published reference server with")
    folder = tmp_path_factory.mktemp("npm")
    done = subprocess.run(
        [npm, "install", "--no-audit", "--no-fund", "--ignore-scripts", NODE_SERVER],
        cwd=folder, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    if done.returncode != 0:
        pytest.skip(f"NOT RUN: npm cannot install {NODE_SERVER}: {done.stderr[-300:]}")
    return folder


@pytest.mark.slow
def test_the_published_reference_server(opened: list[Servers], everything: Path) -> None:
    start = "{folder}/node_modules/@modelcontextprotocol/server-everything/dist/index.js"
    server = Server(command=("node", start, "stdio"), memory_mb=4096)
    known = pinned(server, "echo", "get-sum", "get-structured-content", folder=everything)
    opened.append(Servers({"calc": known}, everything))
    said = ask(opened[0], "echo", message="hello")
    assert said.value == {"text": "Echo: hello", "left_out": []}, said
    assert "5" in ask(opened[0], "get-sum", a=2, b=3).value["text"]
    weather = ask(opened[0], "get-structured-content", location="New York")
    assert isinstance(weather.value["temperature"], int | float), weather
    assert ask(opened[0], "get-sum", a="x", b=3).failure.kind is FailureKind.BAD_ARGUMENTS
