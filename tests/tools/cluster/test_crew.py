"""A real crew of several workers on this machine, killed in every way that occurs to one."""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import wait
from pathlib import Path

import pytest

from gaseol.tools.cluster.crew import Crew, NodeLost, WorkerLost
from gaseol.tools.cluster.pool import ClusterPool, _called
from gaseol.tools.cluster.profile import ClusterError, Local
from gaseol.tools.contract import Call
from gaseol.tools.registry import Registry
from gaseol.traces.nouns.failure import FailureKind

pytest.importorskip("parsl", reason="needs the extra cluster: pip install 'gaseol[cluster]'")
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("default")]

HERE = Local(kind="local", workers=2, silence=4)


@pytest.fixture(scope="module")
def crew():
    with Crew("here", HERE) as workers:
        yield workers


def test_a_worker_that_dies_takes_one_errand_with_it(crew):
    good = [crew.submit("math:sqrt", n * n) for n in range(10)]
    dead = crew.submit("os:_exit", 3)
    more = [crew.submit("math:sqrt", n * n) for n in range(10)]
    assert [future.result(60) for future in good + more] == [float(n) for n in range(10)] * 2
    with pytest.raises(WorkerLost, match="loss of worker") as lost:
        dead.result(60)
    assert not isinstance(lost.value, NodeLost)


def test_an_errand_that_raises_says_so(crew):
    with pytest.raises(RuntimeError, match="math domain error"):
        crew.submit("math:sqrt", -1).result(60)


def test_an_answer_is_found_although_its_worker_was_killed_before_it_returned(crew):
    """A worker's queue loses what it holds when it is killed; the file does not."""
    answers = [crew.submit("gaseol.tools.cluster.errand:os.getpid", None)]
    with pytest.raises(RuntimeError):  # no dotted names: a module and a name in it
        answers[0].result(60)
    future = crew.submit("time:sleep", 4)
    (name,) = crew._waiting
    (crew._folder / name).write_bytes(b'"done"')
    assert future.result(10) == "done"


def test_calls_are_answered_as_they_are_here(crew, pool, world):
    calls = [
        Call(tool="toy_cases", arguments={"count": 3, "seed": 1}),
        Call(tool="toy_cases", arguments={"count": "three", "seed": 1}),
        Call(tool="toy_cases", arguments={"count": 2**80, "seed": 1}),
        Call(tool="no_such_tool"),
        Call(tool="toy_signal", arguments={"case": "c1"}),
        Call(tool="toy_hostile", arguments={"case": "c5", "size": 1.0, "how": "exit", "every": 1}),
        Call(tool="toy_cases", arguments={"count": 4, "seed": 1}),
    ]
    with ClusterPool(Registry.load(), crew, [Path(world.TOOLS).parent]) as there:
        distant, here = there.map(calls), pool.map(calls)
        assert there.jobs == 2
    for one, other in zip(distant, here, strict=True):
        kinds = [answer.failure and answer.failure.kind for answer in (one, other)]
        assert (one.value, kinds[0]) == (other.value, kinds[1])
    assert distant[0].isolation == here[0].isolation
    assert distant[5].failure is not None


def test_a_call_that_is_taken_back_is_forgotten(crew, world):
    there = ClusterPool(Registry.load(), crew, [Path(world.TOOLS).parent])
    slow = there.submit(Call(tool="toy_slow", arguments={"case": "c1"}))
    there.cancel(slow)
    assert wait([slow], 10).done == {slow}
    assert slow.cancelled()
    there.close()
    with pytest.raises(RuntimeError, match="closed"):
        there.submit(Call(tool="toy_cases"))


def test_another_version_there_is_no_answer(pool):
    asked = {"tool": "toy_cases", "arguments": {"count": 1, "seed": 1}, "digest": "0" * 64}
    failure = _called(pool, asked).failure
    assert failure is not None
    assert (failure.kind, "another version" in failure.reason) == (FailureKind.CHANGED, True)
    digest = pool.registry.get("toy_cases").digest
    assert _called(pool, {**asked, "digest": digest}).failure is None


def test_no_worker_can_be_started():
    broken = Local(kind="local", python="/nonexistent/python", silence=4)
    with Crew("broken", broken) as nobody:
        future = nobody.submit("math:sqrt", 4)
        with pytest.raises(ClusterError, match=r"starts no workers(.|\n)*nonexistent"):
            future.result(120)
        folder = nobody._scratch
    assert (folder / "parsl").is_dir()  # kept: it says why


def test_a_node_that_goes_away_is_replaced():
    """Its manager is killed; what its workers were doing comes back by itself, or as lost."""
    with Crew("here", HERE) as workers:
        assert workers.submit("math:sqrt", 4).result(60) == 2.0
        begun = [workers.submit("time:sleep", 2) for _ in range(2)]
        waiting = [workers.submit("math:sqrt", n * n) for n in range(4)]
        (manager,) = [p for p in mentioning(str(workers._scratch)) if "worker_pool" in command(p)]
        os.kill(manager, signal.SIGKILL)
        for future in begun + waiting:
            assert future.exception(90) is None or isinstance(future.exception(), NodeLost)
        assert workers.submit("math:sqrt", 9).result(90) == 3.0


def test_a_crew_leaves_nothing_behind():
    with Crew("here", HERE) as workers:
        assert workers.submit("os:getpgid", 0).result(60)
        folder = workers._scratch
        assert list((folder / "answers").iterdir()) == []
        assert mentioning(str(folder))
    assert not folder.exists()
    ended(str(folder), 10)


def test_a_crew_ends_with_whoever_started_it():
    script = (
        "import sys, time\n"
        "from gaseol.tools.cluster.crew import Crew\n"
        "from gaseol.tools.cluster.profile import Local\n"
        "with Crew('here', Local(kind='local', workers=2, silence=4)) as crew:\n"
        "    crew.submit('math:sqrt', 4).result()\n"
        "    print(crew._scratch, flush=True)\n"
        "    time.sleep(600)\n"
    )
    starter = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert starter.stdout is not None
    folder = starter.stdout.readline().strip()
    assert mentioning(folder)
    os.kill(starter.pid, signal.SIGKILL)
    starter.wait()
    starter.stdout.close()
    ended(folder, 30)


def command(pid: int) -> str:
    """Return the command line of a process that Python began; empty for its shell."""
    said = Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
    return " ".join(said) if "python" in said[0] and "-m" in said[:3] else ""


def mentioning(text: str) -> list[int]:
    """Return the processes that have a text in their command line."""
    found: list[int] = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if text.encode() in path.read_bytes() and int(path.parent.name) != os.getpid():
                found.append(int(path.parent.name))
        except OSError:
            continue
    return found


def ended(text: str, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while mentioning(text):
        assert time.monotonic() < deadline, mentioning(text)
        time.sleep(0.1)
