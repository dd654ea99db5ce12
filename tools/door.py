"""Doors to the world: one for each kind of effect, opened by whoever composes a run."""

from concurrent.futures import Future
from typing import Protocol

from gaseol.tools.contract import Answer, Call
from gaseol.tools.pool import Pool
from gaseol.traces.effects import Request


class Door(Protocol):
    """Carries out the effects of one kind, each of which is on record before it is submitted."""

    def submit(self, request: Request) -> "Future[Answer]":
        """Begin to carry out a request; whatever happens, its answer is a value or a failure."""
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
