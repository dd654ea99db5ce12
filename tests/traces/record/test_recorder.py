"""The single writer: total order, group commit, one process, nothing acknowledged is lost."""

import itertools
import os
import signal
import subprocess
import sys
import threading

import orjson
import pytest

from gaseol.traces import Trace, verify
from gaseol.traces.record.event import (
    EffectCompleted,
    EffectRequested,
    RunStarted,
    StepEnded,
    StepStarted,
)
from gaseol.traces.record.recorder import Recorder, RecordExists
from gaseol.traces.verification.verifier import Integrity

START = RunStarted(
    scenario="s", question="q", scientist="none", graph="none", seed=0, hypotheses=1, alpha=0.05,
    budget={},
)  # fmt: skip


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "run"


@pytest.fixture
def recorder(folder):
    with Recorder(folder, {"id": "r", "question": "가설?"}) as recorder:
        recorder.record(START)
        yield recorder


def step(n):
    return StepStarted(step=f"step {n}", number=n)


def syncs(monkeypatch):
    """Count the syncs of the events file."""
    count = []
    real = os.fsync

    def counted(fd):
        if os.readlink(f"/proc/self/fd/{fd}").endswith("events.jsonl"):
            count.append(fd)
        real(fd)

    monkeypatch.setattr(os, "fsync", counted)
    return count


def test_a_line_is_an_event(recorder, folder):
    assert recorder.record(step(7), cause=0) == 1
    recorder.commit()
    line = (folder / "events.jsonl").read_bytes().splitlines()[1]
    event = orjson.loads(line)
    assert list(event) == ["seq", "prev", "at", "cause", "kind", "data"]
    assert (event["seq"], event["cause"], event["kind"]) == (1, 0, "step.started")
    assert event["data"] == {"step": "step 7", "number": 7}
    assert event["at"].endswith("Z")
    events = list(Trace(folder))
    assert events[1].digest == recorder.head
    assert orjson.loads(line)["prev"] == events[0].digest


def test_run_json_holds_what_was_asked(recorder, folder):
    run = orjson.loads((folder / "run.json").read_bytes())
    assert run == {"format": "gaseol.record/1", "id": "r", "question": "가설?"}


def test_one_commit_serves_all_that_was_recorded(recorder, folder, monkeypatch):
    count = syncs(monkeypatch)
    for n in range(100):
        recorder.record(step(n))
    recorder.commit()
    recorder.commit()
    assert len(count) == 1
    assert (folder / "events.jsonl").read_bytes().count(b"\n") == 101


def test_commits_of_many_threads_are_grouped_and_nothing_is_acknowledged_early(
    recorder, folder, monkeypatch
):
    count = syncs(monkeypatch)
    early = []

    def work(name):
        for n in range(25):
            seq = recorder.record(StepStarted(step=name, number=n))
            recorder.commit()
            if (folder / "events.jsonl").read_bytes().count(b"\n") <= seq:
                early.append(seq)

    threads = [threading.Thread(target=work, args=(f"t{i}",)) for i in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not early
    assert len(count) <= 150
    events = list(Trace(folder))
    assert [e.seq for e in events] == list(range(151))
    for i in range(6):
        mine = [e.data["number"] for e in events if e.data.get("step") == f"t{i}"]
        assert mine == list(range(25))
    recorder.close()
    assert verify(folder).integrity is Integrity.UNSEALED


def test_an_effect_in_flight_blocks_no_other_thread(recorder, monkeypatch):
    """Recording goes on while a commit waits for the disk."""
    entered, go_on = threading.Event(), threading.Event()
    real = os.fsync

    def slow(fd):
        entered.set()
        assert go_on.wait(10)
        real(fd)

    recorder.record(step(1))
    monkeypatch.setattr(os, "fsync", slow)
    committing = threading.Thread(target=recorder.commit)
    committing.start()
    assert entered.wait(10)
    assert recorder.record(step(2)) == 2
    go_on.set()
    committing.join()


def test_what_an_event_refers_to_is_synced_before_the_event(recorder, monkeypatch):
    order = []
    real = os.fsync
    monkeypatch.setattr(
        os, "fsync", lambda fd: (order.append(os.readlink(f"/proc/self/fd/{fd}")), real(fd))
    )
    blob = recorder.blobs.put(b"x" * 5000)
    request = recorder.record(
        EffectRequested(effect="tool", name="t", key="k", blob=blob), cause=None
    )  # fmt: skip
    recorder.record(EffectCompleted(request=request, seconds=0.1, value=1.0), request)
    recorder.commit()
    names = [os.path.basename(path) for path in order]
    assert names.index(blob.sha256) < names.index("events.jsonl")


@pytest.fixture
def durable(monkeypatch) -> list[str]:
    """What was done, in order: names of what was synced, and `-> NAME` of what was renamed."""
    done: list[str] = []
    fsync, replace = os.fsync, os.replace

    def syncing(handle):
        done.append(os.path.basename(os.readlink(f"/proc/self/fd/{handle}")))
        fsync(handle)

    def replacing(old, new):
        done.append(f"-> {os.path.basename(new)}")
        replace(old, new)

    monkeypatch.setattr(os, "fsync", syncing)
    monkeypatch.setattr(os, "replace", replacing)
    return done


def test_a_run_has_its_name_and_its_set_up_before_it_is_one(durable, tmp_path):
    folder = tmp_path / "new" / "run"
    Recorder(folder, {}, {"setup.json": b"{}"}).close()
    begun, set_up = durable.index("-> run.json"), durable.index("-> setup.json")
    assert {tmp_path.name, "new"} <= set(durable[:set_up])
    assert "run" in durable[set_up:begun]
    assert "run" in durable[begun:]


def test_who_goes_on_syncs_what_was_not_synced_before(durable, folder):
    recorder = Recorder(folder, {})
    blob = recorder.blobs.put(b"x" * 5000)
    recorder.record(EffectRequested(effect="tool", name="t", key="k", blob=blob))
    recorder.abandon()  # as a process that is killed
    assert blob.sha256 not in durable
    again, _ = Recorder.reopen(folder)
    durable.clear()
    again.commit()
    assert {"run.json", blob.sha256, "sha256", "blobs", folder.name, "events.jsonl"} <= set(durable)
    assert durable.index(blob.sha256) < len(durable) - 1 - durable[::-1].index("events.jsonl")
    durable.clear()
    again.commit()
    assert not durable, "once is enough"
    again.abandon()


def test_what_a_seal_names_is_on_disk_before_it(durable, folder):
    recorder = Recorder(folder, {})
    recorder.record(step(0))
    (folder / "report.md").write_text("a report")
    durable.clear()
    recorder.seal(("report.md",))
    sealed = durable.index("-> seal.json")
    assert "report.md" in durable[:sealed]
    assert durable[-1] == folder.name


def test_a_fact_that_cannot_be_written_leaves_the_record_as_it_was(recorder, folder):
    with pytest.raises(Exception, match="serialize"):
        recorder.record(StepEnded(step="s", number=0, change={"x": object()}, seconds=0.0))
    assert recorder.record(step(1)) == 1
    recorder.close()
    assert verify(folder).holds


def test_a_folder_that_holds_a_run_is_refused(recorder, folder):
    with pytest.raises(RecordExists, match="already holds a run"):
        Recorder(folder, {})
    recorder.close()
    before = (folder / "events.jsonl").read_bytes()
    with pytest.raises(RecordExists):
        Recorder(folder, {})
    assert (folder / "events.jsonl").read_bytes() == before


WRITER = """
import sys
from pathlib import Path
from gaseol.traces.record.event import RunStarted, StepStarted
from gaseol.traces.record.recorder import Recorder

recorder = Recorder(Path(sys.argv[1]), {})
recorder.record(RunStarted(scenario="s", question="q", scientist="none", graph="none", seed=0,
                           hypotheses=1, alpha=0.05, budget={}))
for n in range(10**9):
    seq = recorder.record(StepStarted(step="s", number=n))
    if n % int(sys.argv[2]) == 0:
        recorder.commit()
        print(seq, flush=True)
"""

RIVAL = """
import sys
from pathlib import Path
from gaseol.traces.record.recorder import Recorder, RecordExists, RecordInUse, _locked

try:
    Recorder(Path(sys.argv[1]), {})
except RecordExists:
    print("exists")
try:
    _locked(Path(sys.argv[1]) / "events.jsonl", 0)
except RecordInUse as error:
    print("in use" if str(error).count("another process") else error)
else:
    print("free")
"""


def rival(folder):
    done = subprocess.run(
        [sys.executable, "-c", RIVAL, str(folder)], capture_output=True, text=True, check=True
    )
    return done.stdout.split("\n")[:2]


@pytest.mark.parametrize("every", [1, 50])
def test_kill_nine_loses_nothing_acknowledged_and_frees_the_lock(folder, every):
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(folder), str(every)], stdout=subprocess.PIPE, text=True
    )
    assert writer.stdout is not None
    acknowledged = [int(line) for line in itertools.islice(writer.stdout, 30)]
    if every == 1:
        assert rival(folder) == ["exists", "in use"]
    writer.send_signal(signal.SIGKILL)
    acknowledged += [int(line) for line in writer.stdout if line.endswith("\n")]
    writer.wait()
    writer.stdout.close()
    events = list(Trace(folder))
    assert len(events) > acknowledged[-1]
    assert events[-1].seq == len(events) - 1
    if every == 1:
        assert rival(folder) == ["exists", "free"]
    problems = verify(folder).problems
    assert [p for p in problems if "torn" not in p.what] == []


def test_a_torn_last_line_is_left_out_and_named(recorder, folder):
    for n in range(5):
        recorder.record(step(n))
    recorder.close()
    whole = (folder / "events.jsonl").read_bytes()
    (folder / "events.jsonl").write_bytes(whole[:-20])
    trace = Trace(folder)
    assert [e.seq for e in trace] == list(range(5))
    assert len(trace) == 5
    found = verify(folder)
    assert found.integrity is Integrity.TRUNCATED
    assert [str(p) for p in found.problems] == [
        "events.jsonl, line 6: is torn: it has no line end"
    ]  # fmt: skip
