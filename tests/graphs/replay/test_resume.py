"""A run that was killed goes on: nothing on record is lost or done again, and it ends the same."""

import os
import resource
import shutil
import signal
import subprocess
import sys
import threading
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
import pytest

from gaseol.agents.embedded import embedded
from gaseol.agents.models.clearance import NotCleared
from gaseol.agents.roles import Scientist
from gaseol.graphs import resume, run, start, start_again
from gaseol.graphs.catalogue import graphs
from gaseol.graphs.people.answering import hand_in
from gaseol.graphs.replay import resuming
from gaseol.graphs.replay.forking import Prefix
from gaseol.graphs.replay.replaying import replay
from gaseol.graphs.running.launch import Unresumable
from gaseol.scenarios import load
from gaseol.traces import Trace, verify
from gaseol.traces.record import recorder as recorders
from gaseol.traces.record.inbox import awaited
from gaseol.traces.record.projection import projection_bytes
from gaseol.traces.record.recorder import Recorder, RecordInUse, RunSealed
from gaseol.traces.record.remains import BrokenRecord

SMALL = {"budget__experiments": 12, "hypotheses__maximum": 2}


@pytest.fixture(scope="module")
def question(world, tmp_path_factory):
    """A scenario in a folder of its own, with its tools beside it."""
    return load(world.write(tmp_path_factory.mktemp("toy"), world.changed(world.EFFECTS, **SMALL)))


@pytest.fixture(scope="module")
def whole(question, pool, tmp_path_factory) -> Path:
    """The run that nobody interrupted; no test changes it."""
    folder = tmp_path_factory.mktemp("whole") / "toy"
    run(question, out=folder, pool=pool)
    return folder


@pytest.fixture
def cut(whole, tmp_path):
    """Make a copy of the run as it was after n events, with some bytes behind them."""

    def copy(events: int, behind: bytes = b"") -> Path:
        folder = tmp_path / f"cut{events}"
        shutil.copytree(whole, folder)
        for name in ("seal.json", "report.md", "report.html"):
            (folder / name).unlink()
        lines = (whole / "events.jsonl").read_bytes().splitlines(keepends=True)
        (folder / "events.jsonl").write_bytes(b"".join(lines[:events]) + behind)
        return folder

    return copy


def kinds(folder):
    return [e.kind for e in Trace(folder)]


def same(folder, whole):
    found = verify(folder)
    assert found.holds, found.problems
    assert projection_bytes(Trace(folder)) == projection_bytes(Trace(whole))


def test_it_ends_as_if_nobody_had_interrupted_it(cut, whole, pool):
    """At one event in nineteen, from the very first to the seal; all of them in `make attack`."""
    events = len(Trace(whole))
    for n in (*range(0, events, 19), events):
        folder = cut(n, b'{"seq":' if n < events else b"")
        before = (folder / "events.jsonl").read_bytes().removesuffix(b'{"seq":')
        assert resume(folder, pool=pool).status == "budget"
        same(folder, whole)
        assert (folder / "events.jsonl").read_bytes().startswith(before)
        assert kinds(folder).count("run.resumed") == (0 < n < events)
        assert (folder / "report.html").is_file()
        assert replay(folder).holds


def test_the_record_says_how_it_had_ended(cut, pool):
    folder = cut(20, b'{"torn')
    resume(folder, pool=pool)
    said = next(Trace(folder).events("run.resumed")).data["reason"]
    assert said.startswith("after its process had ended without a word; 6 bytes")
    assert "a torn line" in said


def batch(whole) -> list[int]:
    """Return the positions of the requests of the largest batch."""
    rows, row = [], []
    for event in Trace(whole):
        if event.kind == "effect.requested":
            row.append(event.seq)
        elif row:
            rows.append(row)
            row = []
    return max(rows, key=len)


def test_what_was_asked_and_not_answered_is_ambiguous(cut, whole, pool):
    """One answer of the batch stands on record and is not asked for again."""
    asked = batch(whole)
    folder = cut(asked[-1] + 2)
    resume(folder, pool=pool)
    same(folder, whole)
    unknown = [e.data["request"] for e in Trace(folder).events("effect.ambiguous")]
    known = Trace(whole)
    done = next(e for e in known if e.seq == asked[-1] + 1).data["request"]
    assert unknown == [seq for seq in asked if seq != done]
    answers = [e.data["request"] for e in Trace(folder).events("effect.completed")]
    assert len(answers) == len(set(answers))


def test_half_a_batch_was_never_begun(cut, whole, pool):
    """Requests are carried out once the last one is on disk: of half of them nothing happened."""
    asked = batch(whole)
    folder = cut(asked[len(asked) // 2])
    resume(folder, pool=pool)
    same(folder, whole)
    assert "effect.ambiguous" not in kinds(folder)


def test_a_run_that_is_killed_again_and_again(cut, whole, pool):
    folder = cut(10)
    for more in (8, 30, 5, 40):
        resume(folder, pool=pool)
        (folder / "seal.json").unlink()
        lines = (folder / "events.jsonl").read_bytes().splitlines(keepends=True)
        at = max(n for n, k in enumerate(kinds(folder)) if k == "run.resumed") + more
        (folder / "events.jsonl").write_bytes(b"".join(lines[:at]))
    resume(folder, pool=pool)
    same(folder, whole)
    assert kinds(folder).count("run.resumed") == 5
    assert replay(folder).holds


def test_a_payload_that_never_reached_the_disk(cut, whole, pool):
    """After a loss of power: the events that refer to it were not committed either."""
    first = next(e for e in Trace(whole) if e.kind == "registration")
    name = first.data["registration"]["frame"]["draws"]["sha256"]
    folder = cut(first.seq + 2)
    (folder / "blobs" / "sha256" / name).write_bytes(b"")
    resume(folder, pool=pool)
    same(folder, whole)
    assert f"payload {name[:12]}" in next(Trace(folder).events("run.resumed")).data["reason"]


def test_room_that_was_never_filled(cut, whole, pool):
    folder = cut(25, bytes(4096) + b"\n" + bytes(10))
    resume(folder, pool=pool)
    same(folder, whole)


@pytest.mark.parametrize(
    "behind",
    [
        bytes(900) + b"\n" + bytes(10),
        bytes(range(256)) * 4 + b"\n" + b"\xff" * 300 + b"\n",
        b'{"seq":25,"prev":"\xff\xfe","at":"","cause":null,"kind":"verdict","data":{}}\n',
    ],
    ids=["zeros", "nonsense", "no text"],
)
def test_what_never_reached_the_disk_is_cut_off_and_said(cut, whole, pool, behind):
    folder = cut(25, behind)
    resume(folder, pool=pool)
    same(folder, whole)
    reason = next(Trace(folder).events("run.resumed")).data["reason"]
    assert f"{len(behind)} bytes at the end of the record were cut off" in reason


@pytest.mark.parametrize("hole", [bytes(700), b"\xfe" * 700], ids=["zeros", "nonsense"])
def test_a_hole_before_what_was_answered_is_damage(cut, pool, hole):
    """What was asked behind it was on disk before it was carried out, so the hole is none."""
    folder = cut(60)
    path = folder / "events.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:9]) + hole + b"\n" + b"".join(lines[10:]))
    before = path.read_bytes()
    with pytest.raises(BrokenRecord, match="event 9 does not follow"):
        resume(folder, pool=pool)
    assert path.read_bytes() == before


def test_a_run_that_waits_after_a_loss_of_power_can_be_read(world, pool, tmp_path):
    """What was cut off is said before it pauses, so that `todo` reads to the end."""
    small = {**SMALL, "measurement__tool": "toy_once"}
    question = load(world.write(tmp_path / "q", world.changed(world.EFFECTS, **small)))
    run(question, out=tmp_path / "run", pool=pool)
    folder = tmp_path / "run"
    wanted = projection_bytes(Trace(folder))
    (folder / "seal.json").unlink()
    asked = next(
        e.seq for e in Trace(folder).events("effect.requested") if e.data["name"] == "toy_once"
    )
    lines = (folder / "events.jsonl").read_bytes().splitlines(keepends=True)
    until = next(
        n for n in range(asked, len(lines)) if b'"kind":"effect.requested"' not in lines[n]
    )
    (folder / "events.jsonl").write_bytes(b"".join(lines[:until]) + bytes(300) + b"\n")
    assert resume(folder, pool=pool).status == "paused"
    assert "cut off" in next(Trace(folder).events("run.resumed")).data["reason"]
    stuck = awaited(Trace(folder))
    assert stuck
    assert all(each.ambiguous for each in stuck)
    hand_in(folder, {each.request: {"again": "yes", "by": "Kim"} for each in stuck})
    resume(folder, pool=pool)
    assert verify(folder).holds
    assert projection_bytes(Trace(folder)) == wanted


def test_who_stops_while_a_torn_record_is_read_leaves_it_whole(cut, whole, pool):
    folder = cut(25, bytes(50) + b"\n")
    begun, handles = threading.Event(), []

    def watch(phase, laboratory):
        assert begun.wait(30)
        handles[0].stop()

    handles.append(start_again(folder, pool=pool, watch=watch))
    begun.set()
    assert handles[0].wait().status == "interrupted"
    assert kinds(folder)[25:] == ["run.resumed", "run.interrupted"]
    resume(folder, pool=pool)
    same(folder, whole)


def test_damage_is_no_torn_end(cut, whole, pool):
    name = next(Trace(whole).events("registration")).data["registration"]["frame"]["draws"][
        "sha256"
    ]
    folder = cut(len(Trace(whole)) - 5)
    (folder / "blobs" / "sha256" / name).unlink()
    with pytest.raises(BrokenRecord, match="missing or was altered"):
        resume(folder, pool=pool)
    lines = (cut(30) / "events.jsonl").read_bytes().splitlines(keepends=True)
    (folder / "events.jsonl").write_bytes(b"".join(lines[:9] + lines[10:]))
    before = (folder / "events.jsonl").read_bytes()
    with pytest.raises(BrokenRecord, match="event 9 does not follow"):
        resume(folder, pool=pool)
    assert (folder / "events.jsonl").read_bytes() == before


def test_what_has_ended_does_not_go_on(whole, pool):
    with pytest.raises(RunSealed, match="gaseol fork"):
        resume(whole, pool=pool)


def test_two_writers(question, pool, tmp_path):
    gate, begun = threading.Event(), threading.Event()

    def watch(phase, laboratory):
        begun.set()
        assert gate.wait(30)

    handle = start(question, out=tmp_path / "run", pool=pool, watch=watch, report=False)
    assert begun.wait(30)
    with pytest.raises(RecordInUse, match="another process"):
        resume(tmp_path / "run", pool=pool)
    gate.set()
    handle.wait()


def test_a_lock_that_a_killed_process_left_behind(cut, whole, pool):
    folder = cut(60)
    child = os.fork()
    if not child:
        try:
            Recorder.reopen(folder)
            os.kill(os.getpid(), signal.SIGKILL)
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    assert os.WTERMSIG(status) == signal.SIGKILL
    resume(folder, pool=pool)
    same(folder, whole)


def test_by_another_version_of_gaseol_that_does_the_same(cut, whole, pool, monkeypatch):
    """Nothing of the graph library is kept on disk: there is no checkpoint to be lost or outdated."""
    folder = cut(90)
    monkeypatch.setattr(resuming, "code_digest", lambda: "0" * 64)
    resume(folder, pool=pool)
    said = next(Trace(folder).events("run.resumed")).data
    assert said["reason"].endswith("gaseol's source is another than at the beginning")
    assert said["code"] == "0" * 64
    same(folder, whole)
    assert {path.name for path in folder.iterdir()} <= {path.name for path in whole.iterdir()}


def test_stopped_while_it_reads_the_record_again(cut, whole, pool):
    folder = cut(100)
    before = (folder / "events.jsonl").read_bytes()

    def watch(phase, laboratory):
        handles[0].stop()

    handles = []
    gate = threading.Event()

    def first(phase, laboratory):
        assert gate.wait(30)
        watch(phase, laboratory)

    handles.append(start_again(folder, pool=pool, watch=first))
    gate.set()
    assert handles[0].wait().status == "interrupted"
    assert (folder / "events.jsonl").read_bytes() == before
    resume(folder, pool=pool)
    same(folder, whole)


def test_code_that_does_something_else(cut, pool, monkeypatch):
    from gaseol.agents.embedded import sceptic

    folder = cut(100)
    before = (folder / "events.jsonl").read_bytes()
    criticise = sceptic.EmbeddedSceptic.criticise
    monkeypatch.setattr(
        sceptic.EmbeddedSceptic, "criticise", lambda *given: list(reversed(criticise(*given)))
    )
    with pytest.raises(Unresumable, match=r"event \d+: the code does another hypothesis.ranked"):
        resume(folder, pool=pool)
    assert (folder / "events.jsonl").read_bytes() == before


def test_on_another_machine_the_folder_is_named(cut, whole, question):
    folder = cut(60)
    (folder / "setup.json").unlink()
    with pytest.raises(Unresumable, match="--folder DIR"):
        resume(folder)
    resume(folder, beside=question.folder)
    same(folder, whole)


def test_a_tool_that_gives_something_else_now(cut, pool):
    folder = cut(0)
    said = orjson.loads((folder / "run.json").read_bytes())
    said["cards"]["toy_signal"]["output_schema"] = {"type": "string"}
    (folder / "run.json").write_bytes(orjson.dumps(said))
    with pytest.raises(Unresumable, match="toy_signal takes or gives something else"):
        resume(folder, pool=pool)


def test_another_version_of_a_tool_and_killed_again(cut, whole, pool, monkeypatch):
    """In the middle of a batch too: each request names the version that it was asked of."""
    asked = batch(whole)
    newer = pool.registry.get("toy_signal").model_copy(update={"digest": "f" * 64})
    here, entry = pool.registry, type(pool.registry).entry

    def changed(registry, name):
        found = entry(registry, name)
        return replace(found, tool=newer) if registry is here and name == newer.name else found

    for events in (asked[0] - 1, asked[1]):
        folder = cut(events)
        with monkeypatch.context() as patch:
            patch.setattr(type(here), "entry", changed)
            resume(folder, pool=pool)
            again = events + 7
            lines = (folder / "events.jsonl").read_bytes().splitlines(keepends=True)
            (folder / "events.jsonl").write_bytes(b"".join(lines[:again]))
            (folder / "seal.json").unlink()
            resume(folder, pool=pool)
        said = [e.data["reason"] for e in Trace(folder).events("run.resumed")]
        assert len(said) == 2
        assert all(reason.endswith("other versions of toy_signal") for reason in said)
        versions = {e.data["version"] for e in Trace(folder).events("effect.requested")
                    if e.seq >= events and e.data["name"] == "toy_signal"}  # fmt: skip
        assert versions == {"f" * 64}
        assert verify(folder).holds
        again = replay(folder)
        assert again.holds, again.divergence


def test_who_is_not_admitted_does_not_go_on(cut, pool):
    class Stranger(Scientist):
        def admitted(self, policy):
            raise NotCleared(f"not for what is {policy.confidentiality}")

    own = embedded()
    stranger = Stranger(**{f.name: getattr(own, f.name) for f in fields(own)})
    with pytest.raises(NotCleared, match="not for what is"):
        resume(cut(0), scientist=stranger, pool=pool)


def test_a_branch_goes_on_with_the_parent_that_it_names(question, whole, pool, tmp_path):
    parent, branch = shutil.copytree(whole, tmp_path / "parent"), tmp_path / "branch"
    made = run(question, out=branch, pool=pool, prefix=Prefix.of(parent, 60), report=False)
    assert made.status == "budget"
    lines = (branch / "events.jsonl").read_bytes().splitlines(keepends=True)
    (branch / "events.jsonl").write_bytes(b"".join(lines[:20]))
    (branch / "seal.json").unlink()
    shutil.rmtree(parent)
    with pytest.raises(Unresumable, match="branches off another run, whose answers it shares"):
        resume(branch, pool=pool)
    run(question, out=parent, pool=pool, report=False)  # another run in its place
    with pytest.raises(Unresumable, match="is not the run that it branches off: event 59"):
        resume(branch, pool=pool)
    shutil.rmtree(parent)
    shutil.copytree(whole, parent)
    assert resume(branch, pool=pool).status == "budget"
    assert verify(branch).holds


def test_an_end_that_cannot_be_scored_is_said(world, pool, tmp_path):
    asked = load(world.write(tmp_path / "toy", world.changed(world.EFFECTS, **SMALL)))
    (tmp_path / "toy" / "answer.yaml").write_text("nothing_is_true: true\n")
    folder = tmp_path / "run"
    run(asked, out=folder, pool=pool, report=False)
    lines = (folder / "events.jsonl").read_bytes().splitlines(keepends=True)
    (folder / "events.jsonl").write_bytes(b"".join(lines[:40]))
    (folder / "seal.json").unlink()
    (folder / "setup.json").unlink()  # as on another machine
    assert not resume(folder, beside=asked.folder, pool=pool).docket.ended.score
    said = next(Trace(folder).events("run.resumed")).data["reason"]
    assert said.endswith(
        "; the hidden answer that was promised is not here, and the end is not scored"
    )


def test_a_clock_that_jumps_back(cut, whole, pool, monkeypatch):
    class Past(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime.now(UTC) - timedelta(days=365)

    folder = cut(70)
    monkeypatch.setattr(recorders, "datetime", Past)
    resume(folder, pool=pool)
    same(folder, whole)
    spent = [e.data["spent"]["seconds"] for e in Trace(folder).events("budget.spent")]
    assert spent == sorted(spent)


DRIVER = """
import resource, sys
from gaseol.graphs import run
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), resource.RLIM_INFINITY))
try:
    handle = run(sys.argv[1], out=sys.argv[2], jobs=1, report=False)
except OSError as error:
    print(error)
    raise SystemExit(7)
"""


@pytest.mark.parametrize("more", [2_000, pytest.param(20_000, marks=pytest.mark.slow)])
def test_a_full_disk(question, whole, pool, tmp_path, more):
    """The system refuses every byte beyond a limit, as a full disk does."""
    limit = (whole / "run.json").stat().st_size + more
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY
    folder = tmp_path / "run"
    said = subprocess.run(
        [sys.executable, "-c", DRIVER, str(question.folder), str(folder), str(limit)],
        capture_output=True, text=True,
    )  # fmt: skip
    assert said.returncode == 7, said.stderr
    assert "gaseol resume" in said.stdout
    assert verify(folder).holds
    before = (folder / "events.jsonl").read_bytes()
    assert 0 < len(before) <= limit
    resume(folder, pool=pool)
    same(folder, whole)
    assert (folder / "events.jsonl").read_bytes().startswith(before)


def test_a_disk_that_is_full_before_the_first_event(question, pool, tmp_path):
    """Nothing was begun: once there is room, the same folder takes the run."""
    said = subprocess.run(
        [sys.executable, "-c", DRIVER, str(question.folder), str(tmp_path / "run"), "2000"],
        capture_output=True, text=True,
    )  # fmt: skip
    assert said.returncode == 7
    assert "File too large" in said.stdout
    assert "run.json" in said.stdout
    assert run(question, out=tmp_path / "run", pool=pool, report=False).status == "budget"


@pytest.mark.slow
def test_the_attack_by_sample(tmp_path):
    """`make attack` does it in full, over every graph and every built-in question."""
    attack = Path(__file__).parents[2] / "attacks" / "kill.py"
    own = [f"graph-{name}" for name in graphs() if name not in ("discover", "survey")]
    cases = ["effects", "null", "glazes", *own]
    said = subprocess.run(
        [sys.executable, str(attack), "--points", "4", "--seed", "5", "--cases", *cases],
        capture_output=True, text=True,
    )  # fmt: skip
    assert said.returncode == 0, said.stderr
    found = orjson.loads(said.stdout)
    assert set(found["cases"]) == set(cases)
    assert found["points"] >= 9 * len(cases)
    assert found["failed"] == 0
    assert {"kill", "read-only"} <= set(found["met"])


@pytest.mark.slow
@pytest.mark.skipif(
    shutil.which("cc") is None, reason="NOT TESTED: loss of power, for want of a C compiler"
)
def test_the_loss_of_power_by_sample():
    attack = Path(__file__).parents[2] / "attacks" / "kill.py"
    cases = ["effects", "once", "glazes"]
    said = subprocess.run(
        [sys.executable, str(attack), "--points", "24", "--seed", "7", "--kinds", "power",
         "--cases", *cases],
        capture_output=True, text=True,
    )  # fmt: skip
    assert said.returncode == 0, said.stderr
    found = orjson.loads(said.stdout)
    assert found["points"] == 12 * len(cases)
    assert found["failed"] == 0
    assert found["met"]["power"] >= 2 * 12
