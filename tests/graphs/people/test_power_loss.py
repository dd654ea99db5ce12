"""What a person handed in is there after a loss of power, from when it was said to be taken."""

import importlib.util
import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from gaseol.graphs import resume
from gaseol.traces import Trace, verify
from gaseol.traces.record.inbox import Inbox, awaited

EARLIER = Path(__file__).with_name("earlier") / "paused"
ATTACKS = Path(__file__).parents[2] / "attacks"


@pytest.fixture(scope="module")
def shim(tmp_path_factory) -> Path:
    """The library that writes down what is durable."""
    if shutil.which("cc") is None:
        pytest.skip("NOT TESTED: loss of power, for want of a C compiler")
    made = tmp_path_factory.mktemp("shim") / "power.so"
    source = ATTACKS / "power.c"
    subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", made, source, "-ldl"], check=True)
    return made


@pytest.fixture(scope="module")
def power():
    """The ledger of what is durable, loaded by path, for tests are no package."""
    spec = importlib.util.spec_from_file_location("gaseol_power", ATTACKS / "power.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def watched(shim, power, tmp_path):
    """A paused run that nobody has answered yet, and who types a command there, watched."""
    root = tmp_path / "root"
    shutil.copytree(EARLIER, root / "run")
    lines = (root / "run" / "events.jsonl").read_bytes().splitlines(keepends=True)
    (root / "run" / "events.jsonl").write_bytes(b"".join(lines[:12]))  # its first pause
    shutil.rmtree(root / "run" / "inbox")
    ledger = power.Ledger(tmp_path / "durable", root)

    def typed(*words):
        environment = {**os.environ, **ledger.watching(), "LD_PRELOAD": str(shim)}
        command = [sys.executable, "-m", "gaseol", *map(str, words)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True)
        return done.returncode, done.stdout + done.stderr

    return root / "run", ledger, typed


def test_nothing_that_was_taken_or_recorded_is_lost(watched, tmp_path, pool):
    run, ledger, typed = watched
    chance = random.Random(1)

    def lose_power():
        (run / "inbox" / "unsynced").write_bytes(b"x")
        ledger.cut(chance, share=0.0)  # all that was not synced is gone
        assert not (run / "inbox" / "unsynced").exists()

    (approval,) = [each.request for each in awaited(Trace(run))]
    code, said = typed("answer", run, approval, "approve=yes", "by=Kim")
    assert code == 0, said
    assert ledger.calls
    lose_power()
    assert Inbox(run).latest()[approval].approve is True

    assert typed("resume", run)[0] == 3
    before = (run / "events.jsonl").read_bytes()
    lose_power()
    assert (run / "events.jsonl").read_bytes() == before
    first, second = [each.request for each in awaited(Trace(run))][:2]

    (tmp_path / "curve.csv").write_bytes(b"strain,stress\n" * 500)
    words = ("value=29", "unit=MPa", "by=Kim", "--attach", tmp_path / "curve.csv")
    assert typed("answer", run, first, *words)[0] == 0
    lose_power()
    kept = Inbox(run).latest()[first]
    assert kept.value == 29
    assert Inbox(run).attached(kept.attachments["curve.csv"]).startswith(b"strain,stress\n")
    assert typed("answer", run, second, "failed=it tore", "by=Kim")[0] == 0
    lose_power()
    assert Inbox(run).latest()[second].failed == "it tore"
    assert resume(run, pool=pool).status == "paused"
    assert verify(run).holds
    assert not {first, second} & {each.request for each in awaited(Trace(run))}
