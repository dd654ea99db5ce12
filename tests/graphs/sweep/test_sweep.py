"""Many runs: each in a process of its own, none made twice, the same records as alone."""

import fcntl
import os
import signal
import subprocess
import sys
from pathlib import Path

import orjson
import pytest

from gaseol.graphs import run
from gaseol.graphs.replay.forking import BadBranch
from gaseol.graphs.sweep import attempts
from gaseol.graphs.sweep.hand import Died, Hand, shares
from gaseol.graphs.sweep.sweeping import BadSweep, points, scenario_of, sweep, tally
from gaseol.scenarios import ScenarioError
from gaseol.traces import Trace, verify
from gaseol.traces.record.projection import projection_bytes

SMALL = {"budget__experiments": 6, "hypotheses__maximum": 1}


@pytest.fixture(scope="module")
def question(world, tmp_path_factory) -> str:
    folder = tmp_path_factory.mktemp("sweep") / "toy"
    return str(world.write(folder, world.changed(world.EFFECTS, **SMALL)))


def test_every_seed_with_every_setting(question):
    wanted = points(
        question, [0, 1], {"budget.experiments": ["4", "6"], "hypotheses.alpha": ["0.1"]},
        ["embedded"],
    )  # fmt: skip
    assert [(p.seed, dict(p.settings)["budget.experiments"]) for p in wanted] == [
        (0, "4"), (1, "4"), (0, "6"), (1, "6"),
    ]  # fmt: skip
    assert len({p.name for p in wanted}) == 4
    again = points(question, [1, 0], {"hypotheses.alpha": ["0.1"], "budget.experiments": ["6"]},
                   ["embedded"])  # fmt: skip
    assert {p.name for p in again} < {p.name for p in wanted}


@pytest.mark.parametrize(
    ("settings", "error", "why"),
    [
        ({"budget.experiments": []}, BadSweep, "no run to make"),
        ({"budget.experiments": ["many"]}, ScenarioError, "budget.experiments"),
        ({"name.of": ["x"]}, BadBranch, "no field 'name.of'"),
        ({"budget.experiments": ["["]}, BadBranch, "is not YAML"),
    ],
)
def test_settings_that_make_no_scenario(question, settings, error, why):
    with pytest.raises(error, match=why):
        points(question, [0], settings, ["embedded"])


@pytest.mark.slow
def test_the_records_are_those_of_single_runs(question, pool, tmp_path):
    wanted = points(question, range(3), {}, ["embedded"])
    told = []
    results = sweep(
        question, tmp_path / "sweep", wanted, jobs=2, tell=lambda r, left: told.append(left)
    )
    assert told == [2, 1, 0]
    assert [r.point for r in results] == wanted
    for result in results:
        assert (result.status, result.attempts, result.earlier) == ("budget", 1, False)
        assert verify(result.folder).holds
        alone = run(
            scenario_of(question, {}), seed=result.point.seed, pool=pool, report=False,
            out=tmp_path / f"alone{result.point.seed}",
        )  # fmt: skip
        assert projection_bytes(Trace(result.folder)) == projection_bytes(alone.trace)
    (row,) = tally(results)
    assert row["runs"] == 3
    assert row["undecided"] + row["supported"] + row["refuted"] + row["invalid"] == 3
    before = {r.folder: (r.folder / "events.jsonl").read_bytes() for r in results}
    again = sweep(question, tmp_path / "sweep", wanted, jobs=2)
    assert all(r.earlier for r in again)
    assert before == {r.folder: (r.folder / "events.jsonl").read_bytes() for r in again}


@pytest.mark.slow
def test_what_was_found_is_not_read_again_unless_it_changed(question, tmp_path, monkeypatch):
    out = tmp_path / "sweep"
    wanted = points(question, range(2), {}, ["embedded"])
    first = [result.to_json() for result in sweep(question, out, wanted, jobs=2)]
    read: list[str] = []
    honest = attempts.summary
    monkeypatch.setattr(attempts, "summary", lambda *given: read.append(given[1]) or honest(*given))
    lines = out / ".found.jsonl"
    lines.write_bytes(lines.read_bytes() + b'{"folder": "torn')
    assert [r.to_json() for r in sweep(question, out, wanted, jobs=2)] == first
    assert read == []
    touched = Path(first[1]["run"])
    (touched / "events.jsonl").touch()
    assert [r.to_json() for r in sweep(question, out, wanted, jobs=2)] == first
    assert read == [str(touched)]
    lines.unlink()
    assert [r.to_json() for r in sweep(question, out, wanted, jobs=2)] == first
    assert len(read) == 3


@pytest.mark.slow
def test_what_fails_is_made_once_more_and_listed(question, tmp_path):
    broken = "[{tool: toy_describe, arguments: {case: '{case}', how: refuse}}]"
    wanted = points(question, [0], {"features": ["[]", broken]}, ["embedded"])
    for earlier in (False, True):
        good, bad = sweep(question, tmp_path / "sweep", wanted, jobs=2)
        assert (good.status, good.attempts) == ("budget", 1)
        assert (bad.status, bad.attempts, bad.earlier) == ("failed", 2, earlier)
        assert "only for even cases" in bad.reason
        assert bad.folder.name == f"{bad.point.name}-2"
    assert len([p for p in (tmp_path / "sweep").iterdir() if p.is_dir()]) == 3


@pytest.mark.slow
def test_a_hand_that_dies_takes_one_run_with_it(question, tmp_path):
    hand = Hand()
    task = {"scenario": question, "settings": {}, "seed": 0, "scientist": "embedded",
            "folder": str(tmp_path / "run"), "report": False}  # fmt: skip
    process = hand._ready()
    process.send_signal(signal.SIGKILL)
    with pytest.raises(Died, match="ended with -9"):
        hand.make(task)
    assert hand.make(task)["status"] == "budget"
    hand.close()
    with pytest.raises(Died, match="stopped"):
        hand.make(task)


@pytest.mark.skipif(sys.platform != "linux", reason="processors are shared out on Linux only")
def test_the_processors_are_shared_out(monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {1, 2, 5, 6, 7})
    assert shares(2) == [[1, 5, 7], [2, 6]]
    assert shares(5) == [[1], [2], [5], [6], [7]]
    assert shares(6) == [[]] * 6


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="processors are shared out on Linux only")
def test_a_hand_keeps_to_its_processors(question, tmp_path):
    one = max(os.sched_getaffinity(0))
    hand = Hand([one])
    task = {"scenario": question, "settings": {}, "seed": 0, "scientist": "embedded",
            "folder": str(tmp_path / "run"), "report": False}  # fmt: skip
    assert hand.make(task)["status"] == "budget"
    process = hand._ready()
    begun = (file.read_text() for file in Path(f"/proc/{process.pid}/task").glob("*/children"))
    workers = [int(pid) for line in begun for pid in line.split()]
    assert workers
    assert all(os.sched_getaffinity(pid) == {one} for pid in (process.pid, *workers))
    hand.dismiss()


@pytest.mark.slow
def test_what_a_plug_in_prints_is_no_reply(question, tmp_path, monkeypatch):
    info = tmp_path / "gaseol_loud-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: gaseol-loud\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[gaseol]\nloud = gaseol_loud\n")
    (tmp_path / "gaseol_loud.py").write_text("print('here I am')\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path), prepend=os.pathsep)
    hand = Hand()
    task = {"scenario": question, "settings": {}, "seed": 0, "scientist": "embedded",
            "folder": str(tmp_path / "run"), "report": False}  # fmt: skip
    assert hand.make(task)["status"] == "budget"
    hand.dismiss()


def idle(path: Path) -> bool:
    """Tell whether nobody writes a record."""
    with path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True


@pytest.mark.slow
def test_a_sweep_that_is_killed_goes_on(question, pool, tmp_path):
    """Killed after its first run: what is done stays, what was begun goes on, nothing is twice."""
    out = tmp_path / "sweep"
    command = [str(Path(sys.executable).parent / "gaseol"), "sweep", question, "--seeds", "0:5",
               "--jobs", "2", "--out", str(out)]  # fmt: skip
    going = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL)
    assert going.stderr is not None
    assert going.stderr.readline().startswith(b"1/5 ")
    going.kill()
    going.wait()
    going.stderr.close()
    while not all(map(idle, out.glob("*/events.jsonl"))):
        continue  # its hands end by themselves, with the runs that they were making
    before = {p.parent: p.read_bytes() for p in out.glob("*/events.jsonl")}
    sealed = {p.parent for p in out.glob("*/seal.json")}
    assert sealed
    said = subprocess.run([*command, "--json"], capture_output=True, check=True)
    found = orjson.loads(said.stdout)
    assert found["statuses"] == {"budget": 5}
    assert found["retried"] == found["failed"] == []
    # a hand that was starved may have ended one more run after it was looked at
    assert said.stderr.count(b"there already") >= len(sealed)
    for folder, events in before.items():
        now = (folder / "events.jsonl").read_bytes()
        assert now == events if folder in sealed else now.startswith(events)
        assert verify(folder).holds
    for each in found["runs"]:
        alone = run(scenario_of(question, {}), seed=each["seed"], pool=pool, report=False,
                    out=tmp_path / f"alone{each['seed']}")  # fmt: skip
        assert projection_bytes(Trace(each["run"])) == projection_bytes(alone.trace)
    assert (out / "sweep.svg").read_bytes().startswith(b"<?xml")
