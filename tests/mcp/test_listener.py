"""The command: on standard input and output, and on a loopback port behind token and origin."""

import asyncio
import contextlib
import os
import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import yaml

pytest.importorskip("mcp", reason="needs the extra mcp")

import httpx2
from mcp import Client, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client

from gaseol.mcp.listener import application
from gaseol.traces.shared.people import People, Person, new_person

VERSIONS = {"auto": "2026-07-28", "legacy": "2025-11-25"}
TOKEN = "a-token-of-this-test"
COMMAND = (sys.executable, "-m", "gaseol", "mcp")
POST = {
    "headers": {
        "Accept": "application/json, text/event-stream",
        "Content-Type": "application/json",
    },
    "content": b'{"jsonrpc": "2.0", "id": 1, "method": "ping"}',
}


@contextlib.asynccontextmanager
async def listening(served: Any, token: Any = TOKEN) -> AsyncIterator[str]:
    """Serve on a free loopback port within this process."""
    import socket

    import uvicorn

    with socket.socket() as place:
        place.bind(("127.0.0.1", 0))
        port = place.getsockname()[1]
        config = uvicorn.Config(
            application(served.server(), port, token),
            log_level="error",
            timeout_graceful_shutdown=1,
        )
        server = uvicorn.Server(config)
        server.install_signal_handlers = lambda: None
        serving = asyncio.create_task(server.serve(sockets=[place]))
        try:
            async with asyncio.timeout(20):
                while not server.started:
                    await asyncio.sleep(0.01)
            yield f"http://127.0.0.1:{port}/mcp"
        finally:
            server.should_exit = True
            await serving


@pytest.mark.parametrize(("mode", "version"), VERSIONS.items())
def test_http_serves_who_has_the_token(house, hostile_pool, mode: str, version: str) -> None:
    async def go() -> None:
        headers = {"Authorization": f"Bearer {TOKEN}"}
        known = httpx2.AsyncClient(headers=headers, trust_env=False)
        async with listening(house(hostile_pool)) as url, known as web:
            transport = streamable_http_client(url, http_client=web)
            async with Client(transport, mode=mode) as client:
                assert client.protocol_version == version
                asked = {"name": "twice", "arguments": {"x": 2}}
                answer = await client.call_tool("gaseol_call_tool", asked)
                assert answer.structured_content == {"result": 4.0}
                refused = await client.call_tool("refuse", {})
                assert refused.is_error

    asyncio.run(go())


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"Authorization": "Bearer x"}, 401),
        ({"Authorization": TOKEN}, 401),
        ({"Authorization": f"Bearer {TOKEN}x"}, 401),
        ({"Authorization": f"Bearer {TOKEN}", "Origin": "http://evil.example"}, 403),
        ({"Authorization": f"Bearer {TOKEN}", "Origin": "null"}, 403),
        ({"Authorization": f"Bearer {TOKEN}", "Host": "evil.example"}, 421),
    ],
)
def test_http_turns_everybody_else_away(house, hostile_pool, headers: dict, status: int) -> None:
    async def go() -> int:
        served = house(hostile_pool)
        async with listening(served) as url, httpx2.AsyncClient(trust_env=False) as web:
            answer = await web.post(
                url, headers={**POST["headers"], **headers}, content=POST["content"]
            )
            return answer.status_code

    assert asyncio.run(go()) == status


@pytest.mark.parametrize("mode", VERSIONS)
def test_people_are_served_within_their_roles(house, hostile_pool, mode: str) -> None:
    made = {role: new_person(role, role) for role in ("scientist", "reviewer", "operator")}
    people = People({r: Person.model_validate(yaml.safe_load(line)[r])
                     for r, (_, line) in made.items()})  # fmt: skip

    async def ask(url: str, role: str) -> list[bool]:
        headers = {"Authorization": f"Bearer {made[role][0]}"}
        web = httpx2.AsyncClient(headers=headers, trust_env=False)
        transport = streamable_http_client(url, http_client=web)
        async with web, Client(transport, mode=mode) as client:
            asked = [
                ("gaseol_call_tool", {"name": "twice", "arguments": {"x": 2}}),
                ("twice", {"x": 2}),
                ("gaseol_find_tools", {"query": "twice"}),
            ]
            found = [await client.call_tool(name, given) for name, given in asked]
            for answer in found:
                if answer.is_error:
                    assert f"{role} is a {role}, who may not" in answer.content[0].text
            return [not answer.is_error for answer in found]

    async def go() -> dict[str, list[bool]]:
        async with listening(house(hostile_pool), people) as url:
            async with httpx2.AsyncClient(trust_env=False) as web:
                stranger = {**POST["headers"], "Authorization": f"Bearer {TOKEN}"}
                answer = await web.post(url, headers=stranger, content=POST["content"])
                assert answer.status_code == 401
            return {role: await ask(url, role) for role in made}

    assert asyncio.run(go()) == {
        "scientist": [True, True, True],
        "reviewer": [False, False, True],
        "operator": [True, True, True],
    }


def test_a_request_too_large_is_refused(house, hostile_pool) -> None:
    async def go() -> int:
        headers = {**POST["headers"], "Authorization": f"Bearer {TOKEN}"}
        served = house(hostile_pool)
        async with listening(served) as url, httpx2.AsyncClient(trust_env=False) as web:
            answer = await web.post(url, headers=headers, content=b" " * (5 << 20))
            return answer.status_code

    assert asyncio.run(go()) == 413


@pytest.mark.slow
@pytest.mark.parametrize(("mode", "version"), VERSIONS.items())
def test_the_command_serves_standard_input_and_output(mode: str, version: str, tmp_path) -> None:
    async def go() -> None:
        command = StdioServerParameters(
            command=COMMAND[0], args=[*COMMAND[1:], "--all-tools", "--jobs", "1"],
            env={"GASEOL_HOME": str(tmp_path)}, cwd=tmp_path,
        )  # fmt: skip
        async with Client(command, mode=mode) as client:
            assert client.protocol_version == version
            assert len((await client.list_tools()).tools) > 20
            answer = await client.call_tool("molar_mass", {"smiles": "CCO"})
            if answer.is_error:
                answer = await client.call_tool("bulk_modulus", {"symbol": "Fe"})
            assert answer.structured_content

    asyncio.run(go())


@pytest.fixture
def served_http(
    tmp_path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[subprocess.Popen[str], str, str]]:
    """The command on a port; gives the process, the address and the token that it printed."""
    import socket

    with socket.socket() as place:
        place.bind(("127.0.0.1", 0))
        port = place.getsockname()[1]
    process = subprocess.Popen(
        [*COMMAND, "--http", str(port)], stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        env={**os.environ, "GASEOL_HOME": str(tmp_path)},
    )  # fmt: skip
    try:
        assert process.stderr is not None
        url = process.stderr.readline().strip()
        token = process.stderr.readline().removeprefix("token: ").strip()
        yield process, url, token
    finally:
        process.kill()
        process.communicate()


async def _reached(url: str, headers: dict[str, str]) -> int:
    async with httpx2.AsyncClient(trust_env=False) as web, asyncio.timeout(30):
        while True:
            try:
                answer = await web.post(
                    url, headers={**POST["headers"], **headers}, content=POST["content"]
                )
            except httpx2.ConnectError:
                await asyncio.sleep(0.05)
                continue
            return answer.status_code


@pytest.mark.slow
def test_the_command_serves_http_and_ends_when_interrupted(served_http) -> None:
    process, url, token = served_http
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/mcp", url)
    assert len(token) >= 32
    assert asyncio.run(_reached(url, {})) == 401
    assert asyncio.run(_reached(url, {"Authorization": f"Bearer {token}"})) not in (401, 403, 421)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)
    assert process.returncode == 0, err
    assert out == ""
    assert token not in err


@pytest.mark.slow
def test_the_command_ends_when_its_client_is_gone() -> None:
    ended = subprocess.run(
        COMMAND, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60
    )
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout == ""


@pytest.mark.slow
def test_a_port_in_use_is_said_in_a_line() -> None:
    import socket

    with socket.socket() as place:
        place.bind(("127.0.0.1", 0))
        place.listen()
        port = place.getsockname()[1]
        ended = subprocess.run(
            [*COMMAND, "--http", str(port)], capture_output=True, text=True, timeout=60
        )
    assert ended.returncode == 2
    assert "Traceback" not in ended.stderr
