"""The conformance suite: a good tool holds, and each lie is named."""

import os
import sys
from pathlib import Path

import pytest

from gaseol.tools import Call, Pool, Registry
from gaseol.tools.conformance import Report, check_entry
from gaseol.traces.nouns.failure import FailureKind

LOCK = Path("/dev/shm") / f"gaseol-liar-{os.getuid()}.lock"
FOLDER = Path(__file__).parent / "liars"
CHECKS = ["description", "units", "examples", "determinism", "network", "files", "processes",
          "output", "requirements", "limits", "size", "hostile arguments", "killed"]  # fmt: skip

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux isolates")


@pytest.fixture(scope="module")
def registry() -> Registry:
    return Registry().extended([FOLDER])


def examined(registry: Registry, name: str) -> Report:
    return check_entry(registry.entry(name))


def test_what_is_honest_holds(registry):
    report = examined(registry, "honest")
    assert report.holds, report
    assert [finding.check for finding in report] == CHECKS
    assert all(finding.outcome == "ok" for finding in report), report
    assert "1 compared with a known value" in str(report)
    assert report.to_json()["holds"] is True


def test_a_program_may_be_started_whatever_it_is_called(registry):
    report = examined(registry, "runs_a_program")
    assert report.holds, report


LIES = {
    "opens_sockets": ("network", "socket.connect ('203.0.113.7', 80)"),
    "writes_outside": ("files", "/var/tmp/gaseol-liar"),
    "forks": ("processes", "forks"),
    "leaves_a_process": ("processes", "leaves processes behind"),
    "leaves_a_thread": ("processes", "leaves threads behind"),
    "loops": ("examples", "timed_out"),
    "returns_a_gigabyte": ("examples", "too_large"),
    "varies": ("determinism", "declared deterministic, but called again"),
    "remembers": ("determinism", "gives 3.0 for 2.0"),
    "raises_base": ("examples", "raised BaseException: out"),
    "prints": ("output", "prints 14 bytes"),
    "imports_undeclared": ("requirements", "imports hypothesis without declaring it"),
    "needs_nothing": ("requirements", "no example imports it"),
    "does_without": ("requirements", "works without it"),
    "boasts": ("limits", "declares seconds=100"),
    "has_no_time": ("limits", "declares seconds=0.5 and is killed at 0.5 s"),
    "crashes_on_nonsense": ("hostile arguments", "could not convert string to float"),
    "is_wrong": ("examples", "gives 2.0, known is 3.0"),
    "has_no_unit": ("units", "argument x is a number without a unit"),
    "takes_anything": ("description", "parameter 'x' takes anything"),
    "shows_nothing": ("examples", "there is none"),
    "keeps_a_lock": ("killed", "FileExistsError"),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", LIES)
def test_each_lie_is_named(registry, name):
    check, said = LIES[name]
    report = examined(registry, name)
    LOCK.unlink(missing_ok=True)
    assert not report.holds
    assert [flaw.check for flaw in report.flaws] == [check], report
    assert said in report.flaws[0].said
    assert not Path("/var/tmp/gaseol-liar").exists()


def test_every_tool_of_the_bad_plug_in_is_expected_to_lie(registry):
    assert set(registry.names()) == {"honest", "runs_a_program", *LIES}


RUN_TIME = {
    "loops": (FailureKind.TIMED_OUT, "loops reached its wall time limit"),
    "raises_base": (FailureKind.CRASHED, "raises_base raised BaseException: out"),
    "keeps_a_lock": (None, ""),
    "prints": (None, ""),
    "forks": (None, ""),
    "leaves_a_process": (None, ""),
    "writes_outside": (None, ""),
    "opens_sockets": (None, ""),
}


def test_the_bad_plug_in_is_contained_and_named_at_run_time(registry):
    with Pool(registry, jobs=1) as pool:
        for name, (kind, said) in RUN_TIME.items():
            answer = pool.submit(Call(tool=name, arguments={"x": 1.0})).result(timeout=60)
            failure = answer.failure
            assert (failure.kind if failure else None) is kind, (name, failure)
            assert said in (failure.reason if failure else "")
            honest = pool.submit(Call(tool="honest", arguments={"length": 1.0})).result(timeout=60)
            assert honest.value == pytest.approx(2.0064, rel=1e-4)
    assert not Path("/var/tmp/gaseol-liar").exists()
    for said in (
        "opens_sockets reached for the network, in vain",
        "writes_outside reached for a file outside its scratch folder",
        "leaves_a_process left something running",
        "prints printed to standard output",
    ):
        assert any(notice.startswith(said) for notice in pool.notices), said


@pytest.mark.slow
def test_a_gigabyte_is_turned_away_at_run_time(registry):
    with Pool(registry, jobs=1) as pool:
        answer = pool.submit(Call(tool="returns_a_gigabyte")).result(timeout=60)
    assert answer.failure is not None
    assert answer.failure.kind is FailureKind.TOO_LARGE
    assert "at least 1024.0 MiB" in answer.failure.reason
