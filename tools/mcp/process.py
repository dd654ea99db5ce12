"""A server's process: started isolated, spoken to by lines, killed with all that it started."""

import asyncio
import contextlib
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio

from gaseol.tools.mcp.configuration import ConfiguredServer, Server, ServerError, passed_on
from gaseol.tools.workers.isolation import WEAK

if TYPE_CHECKING:
    from mcp.client._transport import TransportStreams

LINE_BYTES = 4 * 1024 * 1024
"""The longest message that a server may send."""
_GRACE_SECONDS = 2.0
_TAIL_BYTES = 2000
_ENVIRONMENT = {"LANG": "C.UTF-8", "DO_NOT_TRACK": "1", "PYTHONDONTWRITEBYTECODE": "1"}


class Process:
    """One server's process, and what is known of it."""

    def __init__(
        self, name: str, server: Server, folder: Path | None, *, trust: bool, options: Sequence[str]
    ) -> None:
        """Start nothing yet.

        Args:
            name: as it is named here.
            server: with its command.
            folder: that `{folder}` in the command stands for.
            trust: begin even where nothing keeps the command from the network.
            options: given to the launcher, as `--no-namespaces`.
        """
        self._name, self._server, self._folder = name, server, folder
        self._trust, self._options = trust, tuple(options)
        self.isolation = ""
        """What keeps it from the network; empty before it has begun."""
        self.flood = False
        """It sent a longer message than is taken."""
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 (closed with the process)

    @contextlib.asynccontextmanager
    async def streams(self) -> "AsyncIterator[TransportStreams]":
        """Start the process and give the two ends of the talk with it; kill it at the end.

        Raises:
            ServerError: it cannot be started, or nothing here keeps it from the network.
        """
        process = await self._started()
        into, reading = anyio.create_memory_object_stream[Any](0)
        writing, out_of = anyio.create_memory_object_stream[Any](0)
        tasks = [
            asyncio.create_task(self._read(process, into)),
            asyncio.create_task(_write(process, out_of)),
        ]
        try:
            yield reading, writing
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            for stream in (into, reading, writing, out_of):
                stream.close()
            await asyncio.shield(self._ended(process))

    def tail(self) -> str:
        """Return the end of what it wrote to standard error."""
        if self._said.closed:
            return ""
        descriptor = self._said.fileno()
        size = os.fstat(descriptor).st_size
        return os.pread(descriptor, _TAIL_BYTES, max(0, size - _TAIL_BYTES)).decode(
            errors="replace"
        )

    def close(self) -> None:
        """Forget what it wrote."""
        self._said.close()

    async def _started(self) -> asyncio.subprocess.Process:
        command = self._command()
        scratch = self._scratch = tempfile.mkdtemp(prefix="gaseol-mcp-")
        report, theirs = os.pipe()
        launcher = [sys.executable, "-I", str(Path(__file__).with_name("confine.py"))]
        launcher += ["--parent", str(os.getpid()), "--scratch", scratch, "--report", str(theirs)]
        launcher += ["--memory-mb", str(self._server.memory_mb), *self._options]
        launcher += ["--trust"] if self._trust else []
        open_network = isinstance(self._server, ConfiguredServer) and self._server.network
        launcher += ["--network"] if open_network else []
        try:
            process = await asyncio.create_subprocess_exec(
                *launcher,
                "--",
                *command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=self._said,
                cwd=scratch,
                env=self._environment(scratch),
                start_new_session=True,
                pass_fds=(theirs,),
                limit=LINE_BYTES,
            )
        except BaseException:
            os.close(report)
            shutil.rmtree(scratch, ignore_errors=True)
            raise
        finally:
            os.close(theirs)
        try:
            self.isolation = (await asyncio.to_thread(os.read, report, 100)).decode()
        finally:
            os.close(report)
        if self.isolation in ("", WEAK) and not self._trust:
            await self._ended(process)
            raise ServerError(
                f"the server {self._name} is not started: nothing here keeps it from the network, "
                "neither namespaces nor Landlock can be used (see: gaseol doctor; to start it all the "
                "same: --allow-weak-isolation). "
                f"{self.tail()}".strip()
            )
        return process

    async def _ended(self, process: asyncio.subprocess.Process) -> None:
        """End the server; what its launcher had no time to clear up is cleared up here."""
        await _end(process)
        shutil.rmtree(self._scratch, ignore_errors=True)

    def _command(self) -> list[str]:
        folder = str(self._folder) if self._folder else ""
        words = [word.replace("{folder}", folder) for word in self._server.command]
        program = shutil.which(words[0])
        if program is None:
            raise ServerError(
                f"the server {self._name} cannot be started: there is no program {words[0]!r} here"
            )
        return [program, *words[1:]]

    def _environment(self, scratch: str) -> dict[str, str]:
        path = os.environ.get("PATH", os.defpath)
        own = {"PATH": path, "HOME": scratch, "TMPDIR": scratch}
        return {**_ENVIRONMENT, **own, **self._server.environment, **passed_on(self._server)}

    async def _read(self, process: asyncio.subprocess.Process, into: Any) -> None:
        from mcp.shared.message import SessionMessage
        from mcp_types import jsonrpc_message_adapter

        assert process.stdout is not None
        with into, contextlib.suppress(anyio.BrokenResourceError, anyio.ClosedResourceError):
            while True:
                try:
                    line = await process.stdout.readline()
                except ValueError:  # longer than the limit
                    self.flood = True
                    return
                if not line:
                    return
                try:
                    message = jsonrpc_message_adapter.validate_json(line, by_name=False)
                except ValueError as error:
                    await into.send(error)  # a stray line; whoever listens may count it
                    continue
                await into.send(SessionMessage(message))


async def _write(process: asyncio.subprocess.Process, out_of: Any) -> None:
    assert process.stdin is not None
    with contextlib.suppress(OSError):
        async for message in out_of:
            text = message.message.model_dump_json(by_alias=True, exclude_unset=True)
            process.stdin.write(text.encode() + b"\n")
            await process.stdin.drain()


async def _end(process: asyncio.subprocess.Process) -> None:
    """Have the launcher clear up and end; whatever is left of its group after that is killed."""
    if process.stdin is not None:
        process.stdin.close()
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    try:
        async with asyncio.timeout(_GRACE_SECONDS):
            await process.wait()
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
