"""Doors to the world: one for each kind of effect, opened by whoever composes a run."""

from concurrent.futures import Future
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from gaseol.tools.contract import Answer, Call
from gaseol.tools.workers.pool import Pool
from gaseol.traces.record.effects import Request

if TYPE_CHECKING:
    from gaseol.tools.egress.gateway import Gateway


class Door(Protocol):
    """Carries out the effects of one kind, each of which is on record before it is submitted."""

    def submit(self, request: Request) -> "Future[Answer]":
        """Begin to carry out a request; whatever happens, its answer is a value or a failure."""
        ...


@runtime_checkable
class Scrubs(Protocol):
    """A door that knows what of a request must not go on record."""

    def scrubbed(self, request: Request) -> Request:
        """Return the request as it may be recorded, and is then carried out."""
        ...


class ToolDoor:
    """Has tools called in the isolated workers of a pool."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def submit(self, request: Request) -> "Future[Answer]":
        """Have a tool called as soon as a worker is free.

        Args:
            request: names a tool; an unknown one is answered as `unavailable`.

        Raises:
            RuntimeError: the pool is closed.
        """
        return self._pool.submit(Call(tool=request.name, arguments=dict(request.arguments)))


class EgressDoor:
    """Has exchanges carried out by the gateway; a request's arguments are those of an `Ask`."""

    def __init__(self, gateway: "Gateway") -> None:
        self._gateway = gateway

    def submit(self, request: Request) -> "Future[Answer]":
        """Begin an exchange.

        Args:
            request: its name says what for; where it goes is said by its arguments.

        Raises:
            RuntimeError: the gateway is closed.
        """
        return self._gateway.submit(request.arguments, request.name)

    def scrubbed(self, request: Request) -> Request:
        """Return the request without the value of any key."""
        return replace(request, arguments=self._gateway.scrubbed(request.arguments))
