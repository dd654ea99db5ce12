"""A deliberately bad plug-in: each tool breaks one promise, and `honest` breaks none."""

import contextlib
import os
import random
import socket
import subprocess
import threading
import time
from pathlib import Path
from typing import Annotated, Any

from annotated_types import Gt, Le

from gaseol.tools import Example, Refuse, Unit, tool

ONE = (Example({"x": 1.0}),)
Number = Annotated[float, Unit("1")]
STATE = {"calls": 0}
LOCK = Path("/dev/shm") / f"gaseol-liar-{os.getuid()}.lock"


@tool(
    seconds=0.01,
    tags=("test",),
    examples=(
        Example({"length": 1.0}, value=2.0064, tolerance=1e-4, source="2 pi sqrt(1/9.80665)"),
        Example({"length": 2000.0}, failure="out_of_domain"),
    ),
)
def honest(length: Annotated[float, Unit("m"), Gt(0), Le(1e5)]) -> Annotated[float, Unit("s")]:
    """Return the period of a pendulum.

    Args:
        length: from pivot to bob.
    """
    if length > 1000:
        raise Refuse("longer than any pendulum")
    return 6.283185307179586 * (length / 9.80665) ** 0.5


@tool(seconds=0.01, tags=("test",), examples=ONE)
def runs_a_program(x: Number) -> Number:
    """Start a program and wait for it, which is allowed.

    Args:
        x: a number.
    """
    subprocess.run(["/bin/true", "fork"], check=True)
    return x


@tool(seconds=0.01, tags=("test",), examples=ONE)
def opens_sockets(x: Number) -> Number:
    """Try to phone home, and say nothing of it.

    Args:
        x: a number.
    """
    with contextlib.suppress(OSError), socket.socket() as client:
        client.settimeout(1)
        client.connect(("203.0.113.7", 80))
    return x


@tool(seconds=0.01, tags=("test",), examples=ONE)
def forks(x: Number) -> Number:
    """Fork.

    Args:
        x: a number.
    """
    if os.fork() == 0:
        os._exit(0)
    os.wait()
    return x


@tool(seconds=0.01, tags=("test",), examples=ONE)
def leaves_a_process(x: Number) -> Number:
    """Leave a process behind.

    Args:
        x: a number.
    """
    subprocess.Popen(["/bin/sleep", "3600"])
    return x


@tool(seconds=0.01, tags=("test",), examples=ONE)
def leaves_a_thread(x: Number) -> Number:
    """Leave a thread behind.

    Args:
        x: a number.
    """
    threading.Thread(target=threading.Event().wait, daemon=True).start()
    return x


@tool(seconds=0.01, tags=("test",), examples=ONE)
def writes_outside(x: Number) -> Number:
    """Try to write where it should not, and say nothing of it.

    Args:
        x: a number.
    """
    with contextlib.suppress(OSError):
        Path("/var/tmp/gaseol-liar").write_text("mine")
    return x


@tool(seconds=0.5, limit_seconds=0.5, tags=("test",), examples=ONE)
def has_no_time(x: Number) -> Number:
    """Be killed at what it usually takes.

    Args:
        x: a number.
    """
    return x


@tool(seconds=0.01, limit_seconds=0.5, tags=("test",), examples=ONE)
def loops(x: Number) -> Number:
    """Loop for ever.

    Args:
        x: a number.
    """
    while True:
        x += 0


@tool(seconds=1, memory_mb=3072, tags=("test",), examples=(Example({}),))
def returns_a_gigabyte() -> str:
    """Return a gigabyte."""
    return "x" * (1 << 30)


@tool(seconds=0.01, tags=("test",), examples=ONE)
def varies(x: Number) -> Number:
    """Differ from process to process and from call to call.

    Args:
        x: a number.
    """
    return x + random.random() + time.time()


@tool(seconds=0.01, tags=("test",), examples=ONE)
def remembers(x: Number) -> Number:
    """Count the calls of its process.

    Args:
        x: a number.
    """
    STATE["calls"] += 1
    return x + STATE["calls"]


@tool(seconds=0.01, tags=("test",), examples=ONE)
def raises_base(x: Number) -> Number:
    """Raise what no `except Exception` catches.

    Args:
        x: a number.
    """
    raise BaseException("out")


@tool(seconds=0.01, tags=("test",), examples=ONE)
def prints(x: Number) -> Number:
    """Print an answer of its own.

    Args:
        x: a number.
    """
    print('{"value": 42}')
    return x


@tool(seconds=0.01, tags=("test",), examples=ONE)
def imports_undeclared(x: Number) -> Number:
    """Import what it does not declare.

    Args:
        x: a number.
    """
    import hypothesis

    return x + bool(hypothesis)


@tool(seconds=0.01, needs=("hypothesis",), tags=("test",), examples=ONE)
def needs_nothing(x: Number) -> Number:
    """Declare what it does not need.

    Args:
        x: a number.
    """
    return x


@tool(seconds=0.01, needs=("hypothesis",), tags=("test",), examples=ONE)
def does_without(x: Number) -> Number:
    """Hide that a library is missing.

    Args:
        x: a number.
    """
    try:
        import hypothesis
    except ImportError:
        return -x
    return x + bool(hypothesis)


@tool(seconds=100, tags=("test",), examples=ONE)
def boasts(x: Number) -> Number:
    """Declare a hundred seconds and take none.

    Args:
        x: a number.
    """
    return x


@tool(seconds=0.01, tags=("test",), examples=(Example({"text": "7"}),))
def crashes_on_nonsense(text: str) -> Number:
    """Read a number, whatever the text.

    Args:
        text: of a number.
    """
    return float(text)


@tool(seconds=0.01, tags=("test",), examples=ONE)
def keeps_a_lock(x: Number) -> Number:
    """Leave its lock behind when it is killed.

    Args:
        x: a number.
    """
    os.close(os.open(LOCK, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
    x = x + 1
    x = x - 1
    x = x + 1
    LOCK.unlink()
    return x


@tool(seconds=0.01, tags=("test",), examples=(Example({"x": 1.0}, value=3.0, source="nowhere"),))
def is_wrong(x: Number) -> Number:
    """Give another value than its example says.

    Args:
        x: a number.
    """
    return 2 * x


@tool(seconds=0.01, tags=("test",), examples=ONE)
def has_no_unit(x: float) -> float:
    """Give a number without a unit.

    Args:
        x: a number.
    """
    return x


@tool(seconds=0.01, tags=("test",), examples=(Example({"x": 1}),))
def takes_anything(x: Any) -> Number:
    """Take anything.

    Args:
        x: anything.
    """
    return float(x)


@tool(seconds=0.01, tags=("test",))
def shows_nothing(x: Number) -> Number:
    """Give no example.

    Args:
        x: a number.
    """
    return x
