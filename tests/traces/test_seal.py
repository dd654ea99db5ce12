"""The seal: its bytes, its files, its order of writing."""

import hashlib

import orjson
import pytest
from pydantic import ValidationError

from gaseol.traces import verify
from gaseol.traces.event import StepStarted
from gaseol.traces.recorder import Recorder
from gaseol.traces.seal import SEAL_FORMAT, Seal
from gaseol.traces.trace import Trace
from gaseol.traces.verifier import Integrity


def test_a_seal_has_one_form(sealed):
    content = (sealed / "seal.json").read_bytes()
    seal = Seal.model_validate_json(content)
    assert seal.to_bytes() == content
    assert seal.format == SEAL_FORMAT
    assert Trace(sealed).seal == seal


def test_a_seal_names_what_lies_beside_the_events(sealed):
    seal = orjson.loads((sealed / "seal.json").read_bytes())
    assert seal["files"] == {
        name: hashlib.sha256((sealed / name).read_bytes()).hexdigest()
        for name in ("run.json", "report.md")
    }
    assert seal["events"] == len(Trace(sealed))


def test_a_seal_has_no_other_fields():
    with pytest.raises(ValidationError):
        Seal.model_validate({"events": 1, "head": "", "root": "", "files": {}, "more": 1})


def test_sealing_ends_the_run(tmp_path):
    recorder = Recorder(tmp_path / "run", {})
    recorder.record(StepStarted(step="s", number=0))
    seal = recorder.seal()
    assert (seal.events, seal.head) == (1, recorder.head)
    with pytest.raises(ValueError, match="closed"):
        recorder.record(StepStarted(step="s", number=1))
    assert recorder.count == 1
    assert not [p for p in (tmp_path / "run").iterdir() if p.name.startswith(".")]


def test_a_missing_report_is_noticed_before_sealing(tmp_path):
    recorder = Recorder(tmp_path / "run", {})
    with pytest.raises(FileNotFoundError):
        recorder.seal(("report.html",))
    recorder.close()
    assert not (tmp_path / "run" / "seal.json").exists()


def test_a_run_without_a_seal_says_so(ledger, tmp_path):
    folder = ledger.write(tmp_path / "run", sealed=False)
    found = verify(folder)
    assert found.integrity is Integrity.UNSEALED
    assert found.holds
    assert any("not sealed" in note for note in found.notes)
    assert Trace(folder).seal is None
