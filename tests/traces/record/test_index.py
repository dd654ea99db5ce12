"""The index finds what streaming finds, and never outlives the record it was made of."""

import shutil
from pathlib import Path

import pytest

from gaseol.traces import Recorder, Trace
from gaseol.traces.record.event import PolicyDecided, RunStarted
from gaseol.traces.record.index import NAME, Index


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    recorder = Recorder(tmp_path / "run", {"id": "x"})
    recorder.record(
        RunStarted(
            scenario="s", question="?", scientist="none", graph="g", seed=0, hypotheses=1,
            alpha=0.05, budget={},
        )
    )  # fmt: skip
    for i in range(50):
        recorder.record(PolicyDecided(subject=f"thing {i}", allowed=True, reason="trial"))
    recorder.seal()
    return tmp_path / "run"


def test_finds_what_streaming_finds(folder: Path) -> None:
    streamed = list(Trace(folder).events())
    with Index(folder) as index:
        assert len(index) == len(streamed) == 51
        assert list(index.events()) == streamed
        assert list(index.events(10, 5)) == streamed[10:15]
        assert index.positions("run.started") == [0]
        assert index.count("policy.decision") == 50
        assert list(index.events(40, -1, "policy.decision")) == streamed[40:]
        assert not list(index.events(0, -1, "verdict"))


def test_is_built_anew_when_it_does_not_fit(folder: Path) -> None:
    Index(folder).close()
    kept = (folder / NAME).read_bytes()
    lines = (folder / "events.jsonl").read_bytes().splitlines(keepends=True)
    (folder / "events.jsonl").write_bytes(b"".join(lines[:20]))
    with Index(folder) as index:
        assert len(index) == 20
    (folder / NAME).write_bytes(kept[:1000] + b"rubbish" * 100)
    with Index(folder) as index:
        assert len(index) == 20


def test_leaves_out_a_torn_line(folder: Path) -> None:
    with (folder / "events.jsonl").open("ab") as file:
        file.write(b'{"seq": 51, "kind')
    with Index(folder) as index:
        assert len(index) == 51


def test_is_no_part_of_the_record(folder: Path) -> None:
    from gaseol.traces import verify

    Index(folder).close()
    assert verify(folder).integrity == "intact"


def test_reads_a_folder_that_cannot_be_written(folder: Path, monkeypatch) -> None:
    monkeypatch.setattr("os.access", lambda *_: False)
    with Index(folder) as index:
        assert len(index) == 51
    assert not (folder / NAME).exists()


def test_a_copy_elsewhere_serves_its_own_index(folder: Path, tmp_path: Path) -> None:
    Index(folder).close()
    copy = shutil.copytree(folder, tmp_path / "elsewhere")
    with Index(copy) as index:
        assert [e.seq for e in index.events(49)] == [49, 50]
