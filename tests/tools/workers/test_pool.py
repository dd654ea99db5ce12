"""The pool: every call is answered, whatever the tool does, and nothing is left running."""

import os
import select
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import CancelledError
from pathlib import Path

import pytest

from gaseol.tools import Answer, Call, Pool, Registry
from gaseol.traces.nouns.failure import Failure, FailureKind

HOSTILE = Path(__file__).parent / "hostile"


@pytest.fixture(scope="module")
def registry() -> Registry:
    return Registry().extended([HOSTILE])


@pytest.fixture(scope="module")
def pool(registry: Registry) -> Iterator[Pool]:
    with Pool(registry, jobs=1) as pool:
        yield pool


def ask(pool: Pool, tool: str, **arguments: object) -> Answer:
    answer = pool.submit(Call(tool=tool, arguments=arguments)).result(timeout=60)
    # Whatever came of it, the next call must be served.
    assert pool.submit(Call(tool="twice", arguments={"x": 2})).result(timeout=60).value == 4
    return answer


def failed(answer: Answer) -> Failure:
    assert answer.failure is not None
    return answer.failure


def kind(answer: Answer) -> FailureKind | None:
    return failed(answer).kind if answer.failure else None


def new_marker() -> str:
    """Return digits that make a number of seconds for `sleep` unlike any other."""
    return str(uuid.uuid4().int)


def running(marker: str) -> list[int]:
    """Return the processes that have the marker on their command line."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes()
        except OSError:
            continue
        if marker.encode() in command and int(folder.name) != os.getpid():
            found.append(int(folder.name))
    return found


def ends(pid: int, seconds: float = 15) -> bool:
    """Wait until a process has ended."""
    try:
        watched = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        poll = select.poll()
        poll.register(watched, select.POLLIN)
        return bool(poll.poll(seconds * 1000))
    finally:
        os.close(watched)


def appears(marker: str) -> list[int]:
    """Wait until a tool's process is there."""
    deadline = time.monotonic() + 30
    while not (found := running(f"3600.{marker}")):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return found


def supervisor(pool: Pool) -> int:
    process = pool._keepers[-1]._process
    assert process is not None
    return process.pid


def test_a_call_is_answered(pool):
    answer = ask(pool, "twice", x=1.5)
    assert answer.value == 3.0
    assert answer.failure is None
    assert 0 <= answer.cpu_seconds < 5
    assert answer.isolation in ("network namespace", "landlock", "weak")


def test_answers_come_in_the_order_of_the_calls(registry):
    with Pool(registry, jobs=2) as pool:
        calls = [Call(tool="twice", arguments={"x": x}) for x in range(200)]
        assert [answer.value for answer in pool.map(calls)] == [2.0 * x for x in range(200)]


@pytest.mark.parametrize(
    ("name", "arguments", "expected", "said"),
    [
        ("ask_again", {}, FailureKind.RETRY, "try a smaller molecule"),
        ("refuse", {}, FailureKind.OUT_OF_DOMAIN, "only neutral molecules"),
        ("bug", {}, FailureKind.CRASHED, "ZeroDivisionError"),
        ("wrong_type", {}, FailureKind.CRASHED, "TypeError"),
        ("twice", {"x": -1}, FailureKind.IMPOSSIBLE, "greater than or equal to 0"),
        ("give_nan", {}, FailureKind.IMPOSSIBLE, "not a finite number"),
        ("give_deep_infinity", {}, FailureKind.IMPOSSIBLE, "result['a'][1] = inf"),
        ("build_impossible", {"x": 2}, FailureKind.IMPOSSIBLE, "less than or equal to 1"),
        ("give_text", {}, FailureKind.WRONG_SHAPE, "result = '3'"),
        ("give_object", {}, FailureKind.WRONG_SHAPE, "object"),
        ("give_big_integer", {}, FailureKind.WRONG_SHAPE, "not JSON"),
        ("give_much", {"megabytes": 100}, FailureKind.TOO_LARGE, "at most 16"),
        ("twice", {"X": 1}, FailureKind.BAD_ARGUMENTS, "no argument 'X'"),
        ("raise_base", {"name": "SystemExit"}, FailureKind.CRASHED, "SystemExit"),
        ("raise_base", {"name": "KeyboardInterrupt"}, FailureKind.CRASHED, "KeyboardInterrupt"),
        ("raise_base", {"name": "BaseException"}, FailureKind.CRASHED, "BaseException"),
        ("end_process", {"how": "exit"}, FailureKind.CRASHED, "exit status 0"),
        ("end_process", {"how": "abort"}, FailureKind.CRASHED, "killed by SIG"),
        ("end_process", {"how": "segv"}, FailureKind.CRASHED, "killed by SIGSEGV"),
        ("end_process", {"how": "exec"}, FailureKind.CRASHED, "ended its worker"),
        ("end_process", {"how": "close"}, FailureKind.CRASHED, "ended its worker"),
        ("hang_in_c", {}, FailureKind.TIMED_OUT, "wall time"),
        ("eat_at_once", {}, FailureKind.OUT_OF_MEMORY, "memory limit"),
        ("eat_bit_by_bit", {}, FailureKind.OUT_OF_MEMORY, "memory limit"),
        ("forge", {}, FailureKind.CRASHED, "worker's replies"),
        ("needs_network", {}, FailureKind.UNAVAILABLE, "example.org"),
        ("needs_library", {}, FailureKind.UNAVAILABLE, "pip install 'no_such_thing'"),
        ("twise", {}, FailureKind.UNAVAILABLE, "did you mean twice"),
    ],
)
def test_each_misfortune_has_its_failure(pool, name, arguments, expected, said):
    answer = ask(pool, name, **arguments)
    assert answer.value is None
    assert kind(answer) is expected
    assert said in failed(answer).reason


def test_an_unforeseen_exception_keeps_its_traceback(pool):
    answer = ask(pool, "bug")
    assert "return 1 / 0" in failed(answer).detail


def test_a_crash_keeps_what_the_process_said_last(pool):
    answer = ask(pool, "end_process", how="segv")
    assert "Segmentation fault" in failed(answer).detail
    assert "end_process" in failed(answer).detail


def test_a_tool_that_kills_its_group_gets_no_further_than_itself(pool):
    # The first process of a namespace is immune to itself; elsewhere it dies.
    assert kind(ask(pool, "end_process", how="kill group")) in (None, FailureKind.CRASHED)


def test_processor_time_is_limited_and_counted(pool):
    answer = ask(pool, "burn")
    assert kind(answer) is FailureKind.TIMED_OUT
    assert "processor time" in failed(answer).reason
    assert answer.cpu_seconds >= 0.9


def test_what_a_tool_prints_is_no_answer(pool):
    assert ask(pool, "print_much").value == 0


def test_a_forked_child_that_returns_is_not_heard(pool):
    assert ask(pool, "fork_and_return").value == 7


def test_a_result_below_the_limit_passes(pool):
    assert len(ask(pool, "give_much", megabytes=15).value) == 15 << 20


@pytest.mark.parametrize("mess", ["folder", "alarm", "thread", "limit", "streams"])
def test_a_mess_does_not_reach_the_next_call(pool, mess):
    here = ask(pool, "where_am_i").value
    assert ask(pool, "leave_mess", kind=mess).value == 1
    assert ask(pool, "where_am_i").value == here


def test_the_environment_holds_no_secret(registry, monkeypatch):
    monkeypatch.setenv("LLM_API_KEY", "swordfish")
    with Pool(registry, jobs=1) as pool:
        seen = ask(pool, "environment").value
    assert "swordfish" not in str(seen)
    assert seen["HF_HUB_OFFLINE"] == "1"
    assert seen["HOME"] != os.environ.get("HOME")


def test_an_unknown_argument_is_named_before_the_tool_runs(pool):
    answer = ask(pool, "give_much", megabyte=1)
    assert "did you mean 'megabytes'?" in failed(answer).reason


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
class TestNothingIsLeft:
    @pytest.mark.parametrize(
        "options", [(), ("--no-namespaces",), ("--no-namespaces", "--no-landlock")]
    )
    @pytest.mark.parametrize("answer", [True, False])
    def test_an_orphan_in_a_session_of_its_own_is_killed(self, registry, options, answer):
        marker = new_marker()
        with Pool(registry, jobs=1, options=options, allow_weak=True) as pool:
            said = ask(pool, "leave_orphan", marker=marker, answer=answer)
            assert (said.value == 1.0) is answer
            assert not running(marker)

    @pytest.mark.parametrize("options", [(), ("--no-namespaces", "--no-landlock")])
    def test_a_killed_worker_takes_its_children_along(self, registry, options):
        marker = new_marker()
        with Pool(registry, jobs=1, options=options, allow_weak=True) as pool:
            future = pool.submit(Call(tool="wait", arguments={"marker": marker}))
            (child,) = appears(marker)
            listing = Path(f"/proc/{supervisor(pool)}/task/{supervisor(pool)}/children")
            os.kill(int(listing.read_text().split()[0]), signal.SIGKILL)
            answer = future.result(timeout=60)
            assert kind(answer) is FailureKind.CRASHED
            assert "SIGKILL" in failed(answer).reason
            assert ends(child)
            assert ask(pool, "twice", x=1).value == 2

    def test_a_killed_supervisor_takes_its_worker_along(self, registry):
        marker = new_marker()
        with Pool(registry, jobs=1) as pool:
            future = pool.submit(Call(tool="wait", arguments={"marker": marker}))
            (child,) = appears(marker)
            os.kill(supervisor(pool), signal.SIGKILL)
            assert kind(future.result(timeout=60)) is FailureKind.CRASHED
            assert ends(child)

    def test_a_worker_that_ended_while_idle_is_no_calls_fault(self, registry):
        with Pool(registry, jobs=1) as pool:
            assert ask(pool, "twice", x=1).value == 2
            os.kill(supervisor(pool), signal.SIGKILL)
            os.waitid(os.P_PID, supervisor(pool), os.WEXITED | os.WNOWAIT)
            assert ask(pool, "twice", x=1).value == 2

    @pytest.mark.parametrize("warm", [True, False])
    def test_a_call_taken_back_before_its_worker_is_asked_is_not_made(
        self, registry, monkeypatch, warm
    ):
        submitted = threading.Event()
        futures = []
        with Pool(registry, jobs=1) as pool:
            if warm:
                assert ask(pool, "twice", x=1).value == 2
            keeper_of = pool._keeper

            def take_back(entry, keepers):
                keeper = keeper_of(entry, keepers)
                assert submitted.wait(60)
                pool.cancel(futures[0])
                return keeper

            with monkeypatch.context() as patch:
                patch.setattr(pool, "_keeper", take_back)
                call = Call(tool="twice", arguments={"x": 1})
                futures.append(pool.submit(call))
                submitted.set()
                answer = futures[0].result(timeout=60)
            assert kind(answer) is FailureKind.CRASHED
            assert "stopped" in failed(answer).reason
            assert ask(pool, "twice", x=3).value == 6
            assert not pool._running
            assert not pool._cancelled

    def test_closing_kills_what_runs_and_cancels_what_waits(self, registry):
        marker = new_marker()
        pool = Pool(registry, jobs=1)
        running_call = pool.submit(Call(tool="wait", arguments={"marker": marker}))
        waiting_call = pool.submit(Call(tool="twice", arguments={"x": 1}))
        (child,) = appears(marker)
        scratch = pool._keepers[-1]._scratch
        assert scratch.exists()
        pool.close()
        assert kind(running_call.result(timeout=1)) is FailureKind.CRASHED
        with pytest.raises(CancelledError):
            waiting_call.result(timeout=1)
        assert ends(child)
        assert not scratch.exists()
        with pytest.raises(RuntimeError, match="closed"):
            pool.submit(Call(tool="twice", arguments={"x": 1}))

    def test_an_exception_in_the_block_closes_at_once(self, registry):
        marker = new_marker()
        futures = []

        def fail() -> None:
            with Pool(registry, jobs=1) as pool:
                futures.append(pool.submit(Call(tool="wait", arguments={"marker": marker})))
                appears(marker)
                raise KeyError

        with pytest.raises(KeyError):
            fail()
        assert kind(futures[0].result(timeout=1)) is FailureKind.CRASHED

    @pytest.mark.parametrize("options", [(), ("--no-namespaces", "--no-landlock")])
    def test_a_dying_parent_takes_everything_along(self, options):
        marker = new_marker()
        code = (
            "from gaseol.tools import Call, Pool, Registry\n"
            f"registry = Registry().extended([{str(HOSTILE)!r}])\n"
            f"pool = Pool(registry, jobs=1, options={options!r}, allow_weak=True)\n"
            f"pool.submit(Call(tool='wait', arguments={{'marker': {marker!r}}})).result()\n"
        )
        parent = subprocess.Popen([sys.executable, "-c", code])
        try:
            child = appears(marker)
            workers = running(f"--parent\0{parent.pid}\0")
            assert len(workers) == 2
            command = Path(f"/proc/{workers[0]}/cmdline").read_text().split("\0")
            scratch = command[command.index("--scratch") + 1]
        finally:
            parent.kill()
            parent.wait()
        assert all(ends(pid) for pid in child + workers)
        assert not Path(scratch).exists()


def test_importing_the_tools_needs_no_pool():
    code = (
        "import sys, gaseol.traces.nouns.failure\n"
        "before = set(sys.modules)\n"
        "import gaseol.tools\n"
        "loaded = set(sys.modules) - before\n"
        "heavy = {'rdkit', 'pint', 'numpy', 'scipy', 'subprocess', 'gaseol.tools.workers.pool'}\n"
        "assert not loaded & heavy, loaded & heavy\n"
        "gaseol.tools.Pool\n"
        "assert 'gaseol.tools.workers.pool' in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_arguments_that_are_not_json_are_answered(pool):
    for value in ("\ud800", 1 << 70):
        answer = ask(pool, "twice", x=value)
        assert kind(answer) is FailureKind.BAD_ARGUMENTS
        assert "twice: the arguments are not JSON" in failed(answer).reason
