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
    (root / "run" / "events.jsonl").write_bytes(b"".join(lines[:36]))  # all eight are awaited
    inbox = Inbox(root / "run").path
    inbox.write_bytes(inbox.read_bytes().splitlines(keepends=True)[0])  # the approval
    shutil.rmtree(inbox.parent / "files")
    ledger = power.Ledger(tmp_path / "durable", root)

    def typed(*words):
        environment = {**os.environ, **ledger.watching(), "LD_PRELOAD": str(shim)}
        command = [sys.executable, "-m", "gaseol", *map(str, words)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True)
        return done.returncode, done.stdout + done.stderr

    return root / "run", ledger, typed


def test_an_answer_that_was_taken_is_not_lost(watched, tmp_path, pool):
    run, ledger, typed = watched
    (tmp_path / "curve.csv").write_bytes(b"strain,stress\n" * 500)
    first, second = [each.request for each in awaited(Trace(run))][:2]
    words = ("value=29", "unit=MPa", "by=Kim", "--attach", tmp_path / "curve.csv")
    code, said = typed("answer", run, first, *words)
    assert code == 0, said
    assert ledger.calls
    ledger.cut(random.Random(1), share=0.0)  # all that was not synced is gone
    kept = Inbox(run).latest()[first]
    assert kept.value == 29
    assert Inbox(run).attached(kept.attachments["curve.csv"]).startswith(b"strain,stress\n")

    assert typed("answer", run, second, "failed=it tore", "by=Kim")[0] == 0
    (run / "inbox" / "unsynced").write_bytes(b"x")
    ledger.cut(random.Random(2), share=0.0)
    assert not (run / "inbox" / "unsynced").exists()
    assert Inbox(run).latest()[second].failed == "it tore"
    assert resume(run, pool=pool).status == "paused"
    assert verify(run).holds
    assert not {first, second} & {each.request for each in awaited(Trace(run))}


def test_a_paused_run_is_as_it_was_said_to_be(watched):
    """What `resume` put on record before it paused again is on disk when it ends."""
    run, ledger, typed = watched
    first = awaited(Trace(run))[0].request
    assert typed("answer", run, first, "value=29", "unit=MPa", "by=Kim")[0] == 0
    assert typed("resume", run)[0] == 3
    before = (run / "events.jsonl").read_bytes()
    ledger.cut(random.Random(3), share=0.0)
    assert (run / "events.jsonl").read_bytes() == before
    assert first not in {each.request for each in awaited(Trace(run))}
    assert verify(run).holds
