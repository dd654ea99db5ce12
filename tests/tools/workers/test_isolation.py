"""Isolation: neither network nor files, by whatever means this machine has."""

import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from gaseol.tools import Answer, Call, Pool, Registry
from gaseol.tools.workers.keeper import Keeper
from gaseol.traces.nouns.failure import Failure, FailureKind

HOSTILE = Path(__file__).parent / "hostile"
LADDER = {
    "network namespace": (),
    "landlock": ("--no-namespaces",),
    "weak": ("--no-namespaces", "--no-landlock"),
}

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux isolates")


@pytest.fixture(scope="module")
def registry() -> Registry:
    return Registry().extended([HOSTILE])


@pytest.fixture(scope="module", params=LADDER)
def pool(request, registry) -> Iterator[Pool]:
    with Pool(registry, jobs=1, allow_weak=True, options=LADDER[request.param]) as pool:
        if measure(pool, "twice", x=1).isolation != request.param:
            pytest.skip(f"this machine has no {request.param}")
        yield pool


@pytest.fixture
def server() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        yield server


def failed(answer: Answer) -> Failure:
    assert answer.failure is not None
    return answer.failure


def measure(pool, tool, **arguments):
    return pool.submit(Call(tool=tool, arguments=arguments)).result(timeout=60)


def test_no_connection_gets_out(pool, server):
    answer = measure(pool, "reach", kind="tcp", port=server.getsockname()[1])
    assert answer.value in ("OSError", "PermissionError")
    with pytest.raises(BlockingIOError):
        server.accept()


def test_no_datagram_gets_out(pool):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.setblocking(False)
        answer = measure(pool, "reach", kind="udp", port=server.getsockname()[1])
        assert answer.value in ("OSError", "PermissionError")
        with pytest.raises(BlockingIOError):
            server.recv(10)


def test_no_name_is_asked_for(pool):
    assert measure(pool, "reach", kind="name", port=0).value in ("gaierror", "PermissionError")


def test_no_abstract_socket_is_reached(pool):
    port = os.getpid()
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(f"\0gaseol-test-{port}")
        server.listen()
        answer = measure(pool, "reach", kind="abstract", port=port)
    assert answer.value in ("ConnectionRefusedError", "PermissionError")


def test_only_scratch_is_writable(pool, tmp_path):
    assert measure(pool, "write_scratch").value == "mine"
    if measure(pool, "twice", x=1).isolation == "weak":
        return  # nothing closes the file system there
    target = tmp_path / "precious"
    target.write_text("yours")
    assert measure(pool, "write", path=str(target)).value == "PermissionError"
    assert measure(pool, "write", path=str(tmp_path / "new")).value == "PermissionError"
    assert target.read_text() == "yours"


def test_a_folder_is_not_run_where_nothing_isolates(registry):
    with Pool(registry, jobs=1, options=LADDER["weak"]) as pool:
        answer = measure(pool, "twice", x=1)
    assert failed(answer).kind is FailureKind.UNAVAILABLE
    assert "neither namespaces nor Landlock" in failed(answer).reason


def test_what_came_with_a_folder_cannot_change_what_another_measures(registry, tmp_path):
    (tmp_path / "tools.py").write_text(
        "import math\n"
        "from gaseol.tools import tool\n"
        "@tool\n"
        "def root(x: float) -> float:\n"
        '    """Return the square root.\n\n    Args:\n        x: a number.\n    """\n'
        "    return math.sqrt(x)\n"
    )
    with Pool(registry, jobs=1, folders=[tmp_path]) as pool:
        assert measure(pool, "root", x=4).value == 2
        assert measure(pool, "spoil_sqrt").value == 666
        assert measure(pool, "root", x=4).value == 2


def test_a_keeper_that_was_interrupted_starts_nothing(registry):
    keeper = Keeper(str(HOSTILE))
    keeper.interrupt()
    answer = keeper.call(registry.entry("twice"), {"x": 1})
    assert failed(answer).kind is FailureKind.CRASHED
    assert "stopped" in failed(answer).reason
