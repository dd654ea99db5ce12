"""An offline run under a system-call tracer: nothing of it so much as tries to reach anybody.

Whatever a process does, in Python, in C or in a program that it starts, goes through the kernel, and
`strace` sees it there. Sockets within this machine's file system are no connection to anybody.
"""

import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
# io_uring would let a process send past the calls that are watched
CALLS = "trace=network,io_uring_setup,io_uring_enter"
SENDS = re.compile(r"\b(connect|sendto|sendmsg|sendmmsg)\(.*?sa_family=(AF_\w+)(.*)")
SILENT = frozenset({"AF_UNIX", "AF_NETLINK"})
"""The file system of this machine, and its kernel."""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="strace is of Linux"),
]

Traced = Callable[..., tuple[int, str, list[str]]]


@pytest.fixture(scope="session")
def strace(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The tracer, where it may trace."""
    program = shutil.which("strace")
    if program is None:
        pytest.skip("needs strace (apt-get install strace): no offline run was watched")
    out = tmp_path_factory.mktemp("strace") / "out"
    tried = subprocess.run(
        [program, "-f", "-o", str(out), "-e", CALLS, "true"], capture_output=True, text=True
    )
    if tried.returncode:
        pytest.skip(f"strace may not trace here ({tried.stderr.strip()}): no run was watched")
    return [program, "-f", "--seccomp-bpf", "-e", CALLS]


@pytest.fixture
def traced(strace: Sequence[str], tmp_path: Path) -> Traced:
    """Run a command and return its exit code, what it said, and every attempt to reach anybody."""

    def run(*command: object) -> tuple[int, str, list[str]]:
        trace = tmp_path / "trace"
        done = subprocess.run(
            [*strace, "-o", str(trace), *map(str, command)], capture_output=True, text=True
        )
        lines = trace.read_text(errors="replace").splitlines()
        assert any(line.endswith("+++ exited with 0 +++") for line in lines), "nothing was traced"
        return done.returncode, done.stdout + done.stderr, [each for each in lines if _leaves(each)]

    return run


def _leaves(line: str) -> bool:
    if "io_uring_" in line and " = -1 " not in line:
        return True
    found = SENDS.search(line)
    return found is not None and found[2] not in SILENT


REACHING = """
import os, socket
for kind, call in ((socket.SOCK_STREAM, "connect"), (socket.SOCK_DGRAM, "sendto")):
    for family, address in ((socket.AF_INET, "203.0.113.7"), (socket.AF_INET6, "2001:db8::7")):
        s = socket.socket(family, kind)
        s.setblocking(False)
        try:
            s.connect((address, 9)) if call == "connect" else s.sendto(b"x", (address, 9))
        except OSError:
            pass
        s.close()
if os.fork() == 0:
    s = socket.socket()
    s.setblocking(False)
    s.connect_ex(("127.0.0.1", 9))
    os._exit(0)
os.wait()
"""


def test_the_tracer_sees_whoever_tries(traced: Traced) -> None:
    code, _, attempts = traced(sys.executable, "-c", REACHING)
    assert code == 0
    assert len(attempts) == 5
    for said in ('inet_addr("203.0.113.7")', '"2001:db8::7"', 'inet_addr("127.0.0.1")'):
        assert any(said in line for line in attempts), (said, attempts)
    calls = sorted(SENDS.search(line)[1] for line in attempts)  # pyright: ignore[reportOptionalSubscript]
    assert calls == ["connect", "connect", "connect", "sendto", "sendto"]


def test_a_tool_that_tries_is_seen_although_it_gets_nowhere(traced: Traced, tmp_path: Path) -> None:
    probe = (
        "from gaseol.tools import Pool, Registry, Call\n"
        "from gaseol.tools.workers.probe import try_to_escape\n"
        "with Pool(Registry([try_to_escape]), 1) as pool:\n"
        f"    call = Call(tool='try_to_escape', arguments={{'port': 9, 'path': '{tmp_path}/out'}})\n"
        "    assert pool.submit(call).result().failure is None\n"
    )
    code, said, attempts = traced(sys.executable, "-c", probe)
    assert code == 0, said
    assert any("connect(" in line for line in attempts), "what workers do is not traced"


def test_an_offline_run_reaches_nobody(traced: Traced, tmp_path: Path) -> None:
    # the question of `gaseol demo`: tables, structures, quantum chemistry, statistics, a report
    folder = tmp_path / "hydration"
    shutil.copytree(ROOT / "scenarios" / "hydration", folder)
    asked = yaml.safe_load((folder / "scenario.yaml").read_text())
    asked["budget"]["experiments"] = 5
    (folder / "scenario.yaml").write_text(yaml.safe_dump(asked))
    command = (sys.executable, "-m", "gaseol")
    code, said, attempts = traced(*command, "run", folder, "--out", tmp_path / "run", "--no-key")
    assert code == 0, said
    assert attempts == []
    events = (tmp_path / "run" / "events.jsonl").read_text()
    assert events.count('"kind":"measurement"') >= 10
    code, said, attempts = traced(*command, "verify", tmp_path / "run")
    assert code == 0, said
    assert attempts == []
