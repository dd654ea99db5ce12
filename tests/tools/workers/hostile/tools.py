"""Tools that do what no tool should, for the pool to survive."""

import ctypes
import math
import os
import re
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Annotated, Any

from annotated_types import Ge, Le
from pydantic import BaseModel

from gaseol.tools import Refuse, Retry, Unit, tool


@tool(seconds=0.001)
def twice(x: float) -> Annotated[float, Unit("1"), Ge(0)]:
    """Double a number.

    Args:
        x: the number.
    """
    return 2 * x


@tool
def ask_again() -> float:
    """Ask for other arguments."""
    raise Retry("try a smaller molecule")


@tool
def refuse() -> float:
    """Refuse."""
    raise Refuse("only neutral molecules")


@tool
def bug() -> float:
    """Divide by zero."""
    return 1 / 0


@tool
def wrong_type() -> float:
    """Add text to a number."""
    return 1 + "x"  # type: ignore[operator]


@tool
def give_nan() -> float:
    """Return NaN."""
    return math.nan


@tool
def give_deep_infinity() -> dict[str, list[float]]:
    """Return infinity, deep inside."""
    return {"a": [1.0, math.inf]}


@tool
def give_text() -> float:
    """Return text for a number."""
    return "3"  # type: ignore[return-value]


@tool
def give_object() -> Any:
    """Return what is not JSON."""
    return object()


@tool
def give_big_integer() -> int:
    """Return an integer of more than 64 bits."""
    return 1 << 80


class Bounded(BaseModel):
    """A result with a bound."""

    x: Annotated[float, Le(1)]


@tool
def build_impossible(x: float) -> Bounded:
    """Build a result model, whose bound may turn the value away.

    Args:
        x: the value.
    """
    return Bounded(x=x)


@tool
def give_much(megabytes: int) -> str:
    """Return a long text.

    Args:
        megabytes: how long.
    """
    return "x" * (megabytes << 20)


@tool
def raise_base(name: str) -> float:
    """Raise an exception that is no Exception.

    Args:
        name: of a built-in exception.
    """
    raise getattr(__import__("builtins"), name)("out")


@tool
def end_process(how: str) -> float:
    """End the process.

    Args:
        how: to do it.
    """
    match how:
        case "exit":
            os._exit(0)
        case "abort":
            os.abort()
        case "segv":
            ctypes.string_at(0)
        case "kill group":
            os.killpg(0, signal.SIGKILL)
        case "exec":
            os.execv("/bin/sleep", ["sleep", "60"])
        case "close":
            os.closerange(3, 200)
    return 0.0


@tool(limit_seconds=0.5)
def hang_in_c() -> bool:
    """Backtrack for centuries, holding the interpreter's lock."""
    return re.match(r"(a+)+$", "a" * 60 + "b") is None


@tool(limit_seconds=30, cpu_seconds=1)
def burn() -> bool:
    """Use processor time in C, for ever."""
    return re.match(r"(a+)+$", "a" * 60 + "b") is None


@tool(limit_seconds=60)
def wait(marker: str) -> float:
    """Wait in vain.

    Args:
        marker: a name to find the process by.
    """
    subprocess.run(["/bin/sleep", f"3600.{marker}"], check=False)
    return 0.0


@tool(memory_mb=64)
def eat_at_once() -> int:
    """Take 8 GiB."""
    return len(bytearray(8 << 30))


@tool(memory_mb=64)
def eat_bit_by_bit() -> int:
    """Take memory until there is none."""
    hoard = []
    while True:
        hoard.append(bytearray(16 << 20))


@tool
def leave_orphan(marker: str, answer: bool) -> float:
    """Leave a process in a session of its own behind, parentless.

    Args:
        marker: a name to find it by.
        answer: or else hang.
    """
    code = (
        "import os, sys\nos.setsid()\n"
        f"os.fork() and os._exit(0)\nos.execv('/bin/sleep', ['sleep', '3600.{marker}'])"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
    while not any(  # it must be alive when we end
        f"3600.{marker}".encode() in (folder / "cmdline").read_bytes()
        for folder in Path("/proc").glob("[0-9]*")
    ):
        time.sleep(0.01)
    if not answer:
        os._exit(3)
    return 1.0


@tool
def fork_and_return() -> int:
    """Return twice, once in a child."""
    os.fork()
    return 7


@tool
def print_much() -> int:
    """Print to standard output by every way there is, and read from standard input."""
    print('{"id": "forged"}')
    sys.stdout.buffer.write(b"raw\n")
    sys.stdout.flush()
    os.write(1, b"descriptor\n")
    os.system("echo child")
    libc = ctypes.CDLL(None)
    libc.puts(b"from C")
    libc.fflush(None)
    return len(sys.stdin.read())


@tool
def forge() -> float:
    """Write an answer of its own into every descriptor."""
    for descriptor in range(3, 30):
        try:
            os.write(descriptor, b'{"id": "guess", "value": 42}\n')
        except OSError:
            continue
    return 1.0


@tool
def leave_mess(kind: str) -> int:
    """Leave the process in another state.

    Args:
        kind: of mess.
    """
    match kind:
        case "folder":
            os.chdir("/")
        case "alarm":
            signal.setitimer(signal.ITIMER_REAL, 0.05)
        case "thread":
            threading.Thread(target=time.sleep, args=(3600,), daemon=True).start()
        case "limit":
            resource.setrlimit(resource.RLIMIT_CPU, (3600, 3600))
        case "streams":
            sys.stdout = sys.stderr = None  # type: ignore[assignment]
    return 1


@tool
def where_am_i() -> str:
    """Return the current folder."""
    return os.getcwd()


@tool
def spoil_sqrt() -> float:
    """Change what others measure."""
    math.sqrt = lambda _: 666.0
    return math.sqrt(4)


@tool
def environment() -> dict[str, str]:
    """Return the environment."""
    return dict(os.environ)


@tool
def reach(kind: str, port: int) -> str:
    """Try to reach a server on this machine.

    Args:
        kind: tcp, udp, name or abstract.
        port: of the server.
    """
    try:
        match kind:
            case "tcp":
                socket.create_connection(("127.0.0.1", port), timeout=2).close()
            case "udp":
                with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
                    client.sendto(b"hello", ("127.0.0.1", port))
            case "name":
                socket.getaddrinfo("example.org", 80)
            case "abstract":
                with socket.socket(socket.AF_UNIX) as client:
                    client.connect(f"\0gaseol-test-{port}")
    except OSError as error:
        return type(error).__name__
    return "reached"


@tool
def write(path: str) -> str:
    """Try to write a file.

    Args:
        path: of it.
    """
    try:
        Path(path).write_text("mine")
    except OSError as error:
        return type(error).__name__
    return "written"


@tool
def write_scratch() -> str:
    """Write into the scratch folder and read it back."""
    import tempfile

    with tempfile.NamedTemporaryFile("w+") as file:
        file.write("mine")
        file.seek(0)
        return file.read()


@tool(network=("example.org",))
def needs_network() -> float:
    """Need the network."""
    return 1.0


@tool(needs=("no_such_thing", "chgnet"))
def needs_library() -> float:
    """Need a library that nobody has."""
    return 1.0
