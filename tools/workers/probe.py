"""A probe: a tool that tries what no tool may, to see whether it is kept from it."""

import contextlib
import socket
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from gaseol.tools.contract import tool


class Escape(BaseModel):
    """What came of each attempt: `succeeded`, or the name of the error that stopped it."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    connection: str
    """By TCP, to this machine."""
    datagram: str
    """By UDP, to this machine."""
    file: str
    """A new one outside the scratch folder."""


@tool(seconds=0.1, limit_seconds=10, deterministic=False, tags=("isolation",))
def try_to_escape(port: int, path: str) -> Escape:
    """Try to connect, to send a datagram and to write a file.

    Args:
        port: of a server on this machine.
        path: of the file; it is removed again.
    """
    return Escape(connection=_connect(port), datagram=_send(port), file=_write(Path(path)))


def _connect(port: int) -> str:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=2).close()
    except OSError as error:
        return type(error).__name__
    return "succeeded"


def _send(port: int) -> str:
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.sendto(b"gaseol", ("127.0.0.1", port))
    except OSError as error:
        return type(error).__name__
    return "succeeded"


def _write(path: Path) -> str:
    try:
        path.write_text("gaseol")
    except OSError as error:
        return type(error).__name__
    with contextlib.suppress(OSError):
        path.unlink()
    return "succeeded"
