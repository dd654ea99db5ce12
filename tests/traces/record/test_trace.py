"""A run read back: streaming, needing nothing but its folder."""

import os
import shutil

import pytest

from gaseol.traces import Docket, Trace, verify
from gaseol.traces.record.event import (
    KINDS,
    EffectCompleted,
    EffectRequested,
    RunEnded,
    RunInterrupted,
    RunResumed,
    RunStarted,
)
from gaseol.traces.record.recorder import Recorder
from gaseol.traces.record.trace import BrokenLine, NotARun
from gaseol.traces.verification.verifier import Integrity


def test_a_folder_that_is_no_run_is_refused(tmp_path, run):
    for folder in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(NotARun, match=r"no run\.json"):
            Trace(folder)
    (run / "events.jsonl").unlink()
    with pytest.raises(NotARun, match=r"no events\.jsonl"):
        Trace(run)
    with pytest.raises(NotARun):
        verify(run)


def test_the_small_record_has_every_kind(sealed):
    assert {e.kind for e in Trace(sealed)} == set(KINDS)
    assert all(e.fact is not None for e in Trace(sealed))


def test_kinds_can_be_picked(sealed):
    trace = Trace(sealed)
    verdicts = list(trace.events("verdict", "run.ended"))
    assert verdicts == [e for e in trace if e.kind in ("verdict", "run.ended")]
    assert len(verdicts) == 6


def test_a_run_copied_elsewhere_reads_the_same(sealed, tmp_path):
    copied = shutil.copytree(sealed, tmp_path / "deep" / "copy")
    here, there = Trace(sealed), Trace(str(copied))
    assert list(here) == list(there)
    assert here.run == there.run
    assert here.seal == there.seal
    assert Docket.of(here) == Docket.of(there)
    assert verify(copied).integrity is Integrity.INTACT


def test_a_read_only_run_can_be_read(run, sealed):
    for folder, _, files in os.walk(run):
        for name in files:
            os.chmod(os.path.join(folder, name), 0o444)
        os.chmod(folder, 0o555)
    before = sorted(p for p in run.rglob("*"))
    try:
        assert list(Trace(run)) == list(Trace(sealed))
        assert verify(run).integrity is Integrity.INTACT
        assert sorted(run.rglob("*")) == before
    finally:
        for folder, _, _ in os.walk(run):
            os.chmod(folder, 0o755)


def test_a_line_that_is_no_event_is_named(run):
    lines = (run / "events.jsonl").read_bytes().splitlines(keepends=True)
    for broken in (b"{\n", b"[1]\n", b'{"seq":3}\n', b"\xff\n"):
        (run / "events.jsonl").write_bytes(b"".join([*lines[:3], broken, *lines[4:]]))
        with pytest.raises(BrokenLine, match=r"line 4 of events\.jsonl"):
            list(Trace(run))


def test_payloads_come_from_wherever_they_are(run):
    trace = Trace(run)
    asked = {e.seq: e.fact for e in trace.events("effect.requested")}
    answers = [e.fact for e in trace.events("effect.completed")]
    large, drawn = answers[0], answers[1]
    assert isinstance(large, EffectCompleted)
    assert isinstance(drawn, EffectCompleted)
    assert large.value is None
    assert trace.payload(large)[7] == {"case": "case 7", "size": 1.0}
    assert trace.payload(drawn) == {
        "case": "p0", "picture": "<svg xmlns='http://www.w3.org/2000/svg'/>"
    }  # fmt: skip
    request = asked[large.request]
    assert isinstance(request, EffectRequested)
    assert trace.payload(request) == {"count": 400}
    blob = trace.blobs.put_json({"count": 400})
    assert trace.payload(request.model_copy(update={"arguments": {}, "blob": blob})) == {
        "count": 400
    }


def test_a_status_is_the_last_that_is_known(tmp_path):
    folder = tmp_path / "run"
    recorder = Recorder(folder, {})
    recorder.record(
        RunStarted(scenario="s", question="q", scientist="none", graph="none", seed=0,
                   hypotheses=1, alpha=0.05, budget={})
    )  # fmt: skip

    def status():
        recorder.commit()
        return Trace(folder).status

    assert status() == "running"
    recorder.record(RunInterrupted(reason="asked to stop"))
    assert status() == "interrupted"
    recorder.record(RunResumed())
    assert status() == "running"
    recorder.record(RunEnded(status="budget"))
    assert status() == "budget"
    recorder.close()


def test_a_folder_is_read_while_it_is_written(tmp_path):
    recorder = Recorder(tmp_path / "run", {})
    assert list(Trace(tmp_path / "run")) == []
    recorder.record(RunInterrupted(reason="x"))
    recorder.commit()
    assert [e.kind for e in Trace(tmp_path / "run")] == ["run.interrupted"]
    recorder.close()
