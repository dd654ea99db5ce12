"""Servers in use: connected by a thread of their own, their pinned tools beside a pool's."""

import asyncio
import concurrent.futures
import contextlib
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from gaseol.tools.contract import Answer, Call, ToolCard
from gaseol.tools.contract.requirement import installed
from gaseol.tools.egress.reach import Forbidden, Host, Reach
from gaseol.tools.mcp.configuration import SEPARATOR, Server, ServerError, configured
from gaseol.tools.mcp.connection import Connection
from gaseol.tools.mcp.definition import Definition
from gaseol.tools.mcp.schema import Unusable, printable
from gaseol.tools.registry import Entry
from gaseol.tools.workers.pool import Pool

_SHOWN = 30
"""Tools that are named where a server offers many."""


@dataclass(frozen=True)
class _Pinned:
    """A tool that was agreed on, and where it is."""

    connection: Connection
    tool: str
    card: ToolCard


class Servers:
    """Connections to servers, driven by one event loop in a thread of its own."""

    def __init__(
        self,
        named: Mapping[str, Server],
        folder: Path | None = None,
        *,
        reach: Reach | None = None,
        trust: bool = False,
        options: Sequence[str] = (),
    ) -> None:
        """Connect to every server and hold its definitions against the pins.

        Args:
            named: servers by name.
            folder: that `{folder}` in their commands stands for.
            reach: the hosts that may be asked; None where a person asks, who named the servers.
            trust: start commands even where nothing keeps them from the network.
            options: given to the launcher, as `--no-namespaces`.

        Raises:
            ServerError: with everything that is wrong with any of them.
        """
        if not installed("mcp"):
            raise ServerError("servers need an extra: pip install 'gaseol[mcp]'")
        self._pinned: dict[str, _Pinned] = {}
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(
            target=self._loop.run_forever, name="gaseol-mcp", daemon=True
        )
        self._thread.start()
        self._connections: list[Connection] = []
        self._pending: set[Future[Answer]] = set()
        try:
            self._connections = [
                Connection(
                    name, server, folder, reach or _own(server), trust=trust, options=options
                )
                for name, server in sorted(named.items())
            ]
            self._await(self._connect())
        except BaseException:
            self.close()
            raise

    @property
    def entries(self) -> list[Entry]:
        """The tools that were agreed on."""
        return [
            Entry(one.card, plugin=f"mcp:{one.connection.name}", module=one.card.module)
            for one in self._pinned.values()
        ]

    def __contains__(self, name: object) -> bool:
        return name in self._pinned

    def submit(self, call: Call) -> "Future[Answer]":
        """Have a tool called.

        Args:
            call: of a tool that was agreed on.
        """
        one = self._pinned[call.tool]
        asked = one.connection.call(one.tool, one.card, call.arguments)
        future: Future[Answer] = asyncio.run_coroutine_threadsafe(asked, self._loop)
        self._pending.add(future)
        future.add_done_callback(self._pending.discard)
        return future

    def cancel(self, future: "Future[Answer]") -> bool:
        """Take a call back: its server is told, and ended where it runs here; say whether it was ours.

        Args:
            future: of the call.
        """
        if future not in self._pending:
            return False
        future.cancel()
        return True

    def close(self) -> None:
        """Give up what is asked, end every server, and the thread."""
        if not self._thread.is_alive():
            return
        for future in list(self._pending):
            future.cancel()
        with contextlib.suppress(concurrent.futures.TimeoutError):
            self._await(self._disconnect(), 30.0)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _await(self, coroutine: Any, seconds: float | None = None) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(seconds)

    async def _disconnect(self) -> None:
        await asyncio.gather(*(one.close() for one in self._connections), return_exceptions=True)

    async def _connect(self) -> None:
        listed = await asyncio.gather(
            *(one.definitions() for one in self._connections), return_exceptions=True
        )
        problems: list[str] = []
        for connection, found in zip(self._connections, listed, strict=True):
            if isinstance(found, ServerError):
                problems.append(str(found))
            elif isinstance(found, BaseException):
                raise found
            else:
                problems += self._agree(connection, found)
        if problems:
            raise ServerError("\n".join(problems))

    def _agree(self, connection: Connection, listed: Mapping[str, Definition]) -> Iterator[str]:
        """Take the tools whose definitions are the pinned ones; say what is wrong with the rest."""
        name, server = connection.name, connection.server
        if not server.tools:
            yield f"servers.{name} names no tools; it offers, with their pins:{_offered(listed)}"
        for tool, pin in server.tools.items():
            where = f"servers.{name}.tools.{tool}"
            if tool not in listed:
                yield f"{where}: the server has no such tool; it offers:{_offered(listed)}"
                continue
            definition = listed[tool]
            if pin is None:
                yield f"{where} is not pinned; if you trust it, write {tool}: {definition.digest}"
            elif pin != definition.digest:
                yield (
                    f"{where}: its definition is not the one that was pinned, {pin[:12]} then and "
                    f"{definition.digest[:12]} now. It says of itself: "
                    f"{printable(str(definition.said.get('description', '')), 200)!r}. If you trust "
                    f"it, write {tool}: {definition.digest}"
                )
            else:
                try:
                    card = definition.card(name, server)
                except Unusable as error:
                    yield f"{where} cannot be used: {error}"
                    continue
                if card.name in self._pinned:
                    yield f"{where}: another tool is called {card.name} already"
                self._pinned[card.name] = _Pinned(connection, tool, card)


class ServedPool(Pool):
    """A pool, and the tools of servers beside it; the pool itself stays its owner's to close."""

    def __init__(self, pool: Pool, servers: Servers) -> None:  # pyright: ignore[reportMissingSuperCall]
        self._pool = pool
        self._servers = servers
        self.registry = pool.registry.joined(servers.entries)
        self.jobs = pool.jobs
        self.where = pool.where

    def submit(self, call: Call) -> "Future[Answer]":
        """Have a tool called, by a worker or by a server.

        Args:
            call: one whose tool is unknown is answered as `unavailable`.
        """
        if call.tool in self._servers:
            return self._servers.submit(call)
        return self._pool.submit(call)

    @property
    def notices(self) -> tuple[str, ...]:
        """What an operator should hear of the pool."""
        return self._pool.notices

    def cancel(self, future: "Future[Answer]") -> None:
        """Take a call back, of a worker or of a server.

        Args:
            future: of a call of this pool.
        """
        if not self._servers.cancel(future):
            self._pool.cancel(future)

    def close(self) -> None:
        """Give up what servers are asked, and close the pool."""
        self._servers.close()
        self._pool.close()


@contextlib.contextmanager
def served(
    pool: Pool,
    named: Mapping[str, Server],
    wanted: Iterable[str],
    reach: Reach | None,
    folder: Path | None = None,
    *,
    trust: bool = False,
) -> Iterator[Pool]:
    """Give a pool that has the tools of servers too; the pool itself where no server is named.

    Args:
        pool: of workers.
        named: servers that a scenario names.
        wanted: names of the tools that are called; a server of the user's configuration is
            connected to where one of them is its.
        reach: the hosts that the policy lets a run ask; None where a person asks and no run's
            policy holds.
        folder: of the scenario.
        trust: start commands even where nothing keeps them from the network.

    Raises:
        ServerError: a server cannot be used as it is named, or is at a host that the policy does
            not name.
    """
    meant = {name.partition(SEPARATOR)[0] for name in wanted if SEPARATOR in name} - named.keys()
    own = {name: server for name, server in configured().items() if name in meant} if meant else {}
    chosen: dict[str, Server] = {**own, **named}
    if not chosen:
        yield pool
        return
    for name, server in chosen.items():
        if server.url and reach is not None:
            _admit(name, server, reach)
    servers = Servers(chosen, folder, reach=reach, trust=trust)
    try:
        yield ServedPool(pool, servers)
    finally:
        servers.close()


def _admit(name: str, server: Server, reach: Reach) -> None:
    """Hold a server's address against the policy; what its name resolves to is held when it is asked.

    Raises:
        ServerError: the policy does not name it.
    """
    parts = urlsplit(server.url)
    try:
        reach.admit(parts.scheme, str(parts.hostname), parts.port)
    except Forbidden as error:
        entry = Host.parse(f"{parts.scheme}://{parts.netloc}")
        raise ServerError(
            f"the server {name} may not be asked: {error}; if the run may ask it, write "
            f"policy: {{network: ['{entry}']}}"
        ) from None


def _own(server: Server) -> Reach:
    """Return the reach of a person who named a server: that one, wherever it is."""
    parts = urlsplit(server.url)
    host = (f"{parts.scheme}://{parts.netloc}",) if server.url else ()
    return Reach(host, host)


def _offered(listed: Mapping[str, Definition]) -> str:
    lines = [f"\n  {printable(name, 64)}: {one.digest}" for name, one in sorted(listed.items())]
    more = f"\n  and {len(lines) - _SHOWN} more" if len(lines) > _SHOWN else ""
    return "".join(lines[:_SHOWN]) + more
