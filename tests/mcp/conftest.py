"""A server of the toy world and of tools that misbehave, and ways to reach it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("mcp", reason="needs the extra mcp")

from mcp import Client

from gaseol.mcp.expeditions import Ceiling, Expeditions
from gaseol.mcp.instruments import Instruments
from gaseol.mcp.records import Records
from gaseol.mcp.server import House
from gaseol.tools import Pool, Registry

HOSTILE = Path(__file__).parents[1] / "tools" / "workers" / "hostile"


@pytest.fixture(scope="session")
def hostile_pool() -> Iterator[Pool]:
    with Pool(Registry.load([HOSTILE]), jobs=2) as pool:
        yield pool


def make_house(
    pool: Pool, *, folders: tuple[Path, ...] = (), at_home: bool = False, **options
) -> House:
    ceiling = Ceiling(
        **{k: options.pop(k) for k in ("experiments", "seconds", "at_once") if k in options}
    )
    expeditions = Expeditions(folders, ceiling)
    return House(
        Instruments(pool), expeditions, Records(expeditions, all_at_home=at_home), **options
    )


@dataclass
class Visit:
    """A connected client, and what it was told besides its answers."""

    client: Client
    progress: list[tuple[float, float | None, str | None]] = field(default_factory=list)

    async def ask(self, tool: str, /, **arguments: Any) -> Any:
        """Return the structured answer of a call that must succeed."""
        answer = await self.call(tool, **arguments)
        assert not answer.is_error, answer.content
        return answer.structured_content

    async def fail(self, tool: str, /, **arguments: Any) -> str:
        """Return what is said of a call that must not succeed."""
        answer = await self.call(tool, **arguments)
        assert answer.is_error, answer.structured_content
        assert answer.structured_content is None
        (said,) = answer.content
        return said.text

    async def call(self, tool: str, /, **arguments: Any) -> Any:
        async def told(done: float, total: float | None, message: str | None) -> None:
            self.progress.append((done, total, message))

        return await self.client.call_tool(tool, arguments, progress_callback=told)


@contextlib.asynccontextmanager
async def visiting(served: House, mode: str = "auto") -> AsyncIterator[Visit]:
    """Connect the reference client to a server within this process, and end its runs after."""
    try:
        async with Client(served.server(), mode=mode, raise_exceptions=True) as client:
            yield Visit(client)
    finally:
        await served.expeditions.close()


def pay_visit(served: House, act: Callable[[Visit], Awaitable[Any]], mode: str = "auto") -> Any:
    async def go() -> Any:
        async with visiting(served, mode) as visitor:
            return await act(visitor)

    return asyncio.run(go())


@pytest.fixture(scope="session")
def house() -> Callable[..., House]:
    """Makes a server of a pool."""
    return make_house


@pytest.fixture(scope="session")
def visit() -> Callable[..., Any]:
    """Lets a client visit a server."""
    return pay_visit
