"""The door to models: requests go to the servers that the run was allowed, and nowhere else."""

import asyncio
import os
import threading
import time
from collections.abc import Iterable
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

from gaseol.agents.models.clearance import out_of_reach, server, unfit
from gaseol.agents.models.client import Client, Unanswered
from gaseol.agents.models.profile import Profile
from gaseol.agents.models.reply import lost_usage
from gaseol.tools.contract import Answer, Refuse
from gaseol.tools.egress.reach import Forbidden, Reach
from gaseol.traces.nouns.failure import Failure, FailureKind
from gaseol.traces.record.effects import Request

if TYPE_CHECKING:
    import httpx


class ModelDoor:
    """Carries out requests of the kind `model`; a thread of its own waits for the answers."""

    def __init__(
        self, profiles: Iterable[Profile], reach: Reach | None = None, pause: float = 0.5
    ) -> None:
        """Open the door.

        Args:
            profiles: the models that may be asked.
            reach: the hosts that may be talked to besides this machine: the policy's.
            pause: seconds before a request is tried a second time.
        """
        self._profiles = {p.name: p for p in profiles}
        self._reach = reach or Reach()
        self._pause = pause
        self._clients: dict[str, Client] = {}
        self._https: list[httpx.AsyncClient] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._lock = threading.Lock()

    def submit(self, request: Request) -> "Future[Answer]":
        """Ask a model; whatever happens, the answer is a value or a failure."""
        profile = self._profiles.get(str(request.arguments.get("profile")))
        if profile is None:
            return _refused(f"this run has no model '{request.arguments.get('profile')}'")
        why = out_of_reach(profile, self._reach)
        if why:
            return _refused(f"{profile.name} is not asked: {why}")
        why = unfit(profile, request.label)
        if why:
            return _refused(why, FailureKind.REFUSED)
        return asyncio.run_coroutine_threadsafe(self._ask(profile, request), self._running())

    def close(self) -> None:
        """Hang up on whatever is still being waited for, and end the thread."""
        with self._lock:
            loop, self._loop = self._loop, None
        if loop is not None:
            asyncio.run_coroutine_threadsafe(self._leave(), loop).result(10)
            loop.call_soon_threadsafe(loop.stop)

    async def _ask(self, profile: Profile, request: Request) -> Answer:
        began = time.monotonic()
        spent: dict[str, Any] = {"cpu_seconds": 0.0, "isolation": ""}
        try:
            reply = await self._client(profile).ask(request.arguments)
        except Forbidden as error:
            return _unreachable(f"{profile.name} is not asked: {error}")
        except Unanswered as error:
            usage = lost_usage(request.arguments, error.lost)
            seconds = time.monotonic() - began
            return Answer(failure=error.failure, seconds=seconds, usage=usage, **spent)
        except Refuse as error:
            return Answer(failure=error.failure, seconds=time.monotonic() - began, **spent)
        except Exception as error:  # noqa: BLE001 (a fault of ours is on record, too)
            failure = Failure(
                kind=FailureKind.CRASHED, reason=f"{type(error).__name__}: {error}"[:500]
            )
            return Answer(failure=failure, seconds=time.monotonic() - began, **spent)
        return Answer(
            value=reply.model_dump(mode="json"), seconds=time.monotonic() - began, **spent
        )

    def _client(self, profile: Profile) -> Client:
        if profile.name not in self._clients:
            import httpx

            from gaseol.tools.egress.guard import GuardedAsyncTransport

            # this machine is named by the profile, any other host by the policy alone
            reach = Reach((server(profile),)) if profile.local else self._reach
            # `trust_env` off: no proxy or certificate of the environment's stands in between
            http = httpx.AsyncClient(
                transport=GuardedAsyncTransport(reach),
                trust_env=False,
                follow_redirects=False,
                timeout=profile.timeout_seconds,
            )
            self._https.append(http)
            self._clients[profile.name] = Client(profile, http, self._pause)
        return self._clients[profile.name]

    def _running(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                threading.Thread(
                    target=_turn, args=(self._loop,), name=f"models-{os.getpid()}", daemon=True
                ).start()
            return self._loop

    async def _leave(self) -> None:
        own = asyncio.current_task()
        waiting: list[asyncio.Task[Any]] = [t for t in asyncio.all_tasks() if t is not own]
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        # a stream that was given up on in the middle is closed now, not by whoever collects it
        await asyncio.get_running_loop().shutdown_asyncgens()
        for http in self._https:
            await http.aclose()
        self._https, self._clients = [], {}


def _turn(loop: asyncio.AbstractEventLoop) -> None:
    try:
        loop.run_forever()
    finally:
        loop.close()


def _refused(reason: str, kind: FailureKind = FailureKind.UNAVAILABLE) -> "Future[Answer]":
    refused: Future[Answer] = Future()
    refused.set_result(_unreachable(reason, kind))
    return refused


def _unreachable(reason: str, kind: FailureKind = FailureKind.UNAVAILABLE) -> Answer:
    failure = Failure(kind=kind, reason=reason)
    return Answer(failure=failure, seconds=0.0, cpu_seconds=0.0, isolation="")
