"""The same sweep on a crew of workers: killed in every way, it ends with the same records."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import orjson
import pytest

from gaseol.graphs import run
from gaseol.graphs.sweep.attempts import Attempts, Order
from gaseol.graphs.sweep.distant import _lost
from gaseol.graphs.sweep.sweeping import points, scenario_of, sweep
from gaseol.tools.cluster.crew import Crew, NodeLost, WorkerLost
from gaseol.tools.cluster.profile import Local
from gaseol.traces import Trace, verify
from gaseol.traces.record.projection import projection_bytes

SMALL = {"budget__experiments": 6, "hypotheses__maximum": 1}


@pytest.fixture(scope="module")
def question(world, tmp_path_factory) -> str:
    folder = tmp_path_factory.mktemp("cluster") / "toy"
    return str(world.write(folder, world.changed(world.EFFECTS, **SMALL)))


@pytest.fixture
def alone(question, pool, tmp_path):
    """Tell whether a run's record is that of the same run by itself."""

    def same(folder: Path | str, seed: int) -> bool:
        made = run(scenario_of(question, {}), seed=seed, pool=pool, report=False,
                   out=tmp_path / f"alone{seed}")  # fmt: skip
        assert verify(Path(folder)).holds
        return projection_bytes(Trace(folder)) == projection_bytes(made.trace)

    return same


def test_of_a_lost_errand_one_run_is_blamed(question, tmp_path):
    wanted = points(question, range(3), {}, ["embedded"])
    chunk = [Attempts(point, Order(question, False), tmp_path) for point in wanted]
    assert _lost(chunk, NodeLost("gone")) == ([], chunk)
    assert _lost(chunk, WorkerLost("dead")) == ([], chunk)
    (result,), rest = _lost(chunk, WorkerLost("dead"))
    assert (result.point, result.status, result.attempts) == (wanted[0], "failed", 2)
    assert rest == chunk[1:]


def test_what_is_another_scenario_there_is_not_run(question, tmp_path):
    from gaseol.graphs.sweep.workbench import make_all

    (point,) = points(question, [0], {}, ["embedded"])
    task = Attempts(point, Order(question, False), tmp_path).task
    for wrong, why in (
        ({"digest": "0" * 64}, "another scenario"),
        ({"code": "0"}, "another gaseol"),
    ):
        (reply,) = make_all([{**task, **wrong}])
        assert reply["status"] == "failed"
        assert why in reply["reason"]
    assert not Path(task["folder"]).exists()


@pytest.mark.slow
@pytest.mark.filterwarnings("default")
def test_workers_are_killed_and_the_records_are_those_of_single_runs(question, alone, tmp_path):
    pytest.importorskip("parsl", reason="needs the extra cluster: pip install 'gaseol[cluster]'")
    wanted = points(question, range(8), {}, ["embedded"])
    out, over = tmp_path / "sweep", threading.Event()
    killed: list[int] = []

    def kill() -> None:
        """Kill a worker that is making a run, three times."""
        while len(killed) < 3 and not over.wait(0.05):
            begun = {p.parent for p in out.glob("*/run.json")}
            open_runs = begun - {p.parent for p in out.glob("*/seal.json")}
            for pid in {writer(folder) for folder in open_runs} - {0, *killed}:
                os.kill(pid, signal.SIGKILL)
                killed.append(pid)
                break

    killer = threading.Thread(target=kill)
    with Crew("here", Local(kind="local", workers=2, chunk=2, silence=4)) as crew:
        killer.start()
        results = sweep(question, out, wanted, crew=crew)
        over.set()
        killer.join()
    assert killed
    assert [r.point for r in results] == wanted
    assert {r.status for r in results} <= {"budget", "failed"}
    done = [r for r in results if r.status == "budget"]
    assert len(done) >= 7  # one run may have been hit twice
    for result in done:
        assert alone(result.folder, result.point.seed)
    before = {r.folder: (r.folder / "events.jsonl").read_bytes() for r in done}
    again = sweep(question, out, wanted, jobs=2)  # and here it goes on, with the same command
    assert {r.status for r in again} == {"budget"}
    assert all(r.earlier for r in again if r.folder in before)
    assert all((f / "events.jsonl").read_bytes() == was for f, was in before.items())


@pytest.mark.slow
def test_a_sweep_whose_starter_is_killed_goes_on(question, alone, tmp_path, monkeypatch):
    pytest.importorskip("parsl", reason="needs the extra cluster: pip install 'gaseol[cluster]'")
    profiles = tmp_path / "clusters.yaml"
    profiles.write_text("here: {kind: local, workers: 2, chunk: 1, silence: 4}")
    monkeypatch.setenv("GASEOL_CLUSTERS", str(profiles))
    out = tmp_path / "sweep"
    command = [str(Path(sys.executable).parent / "gaseol"), "sweep", question, "--seeds", "0:6",
               "--on", "here", "--out", str(out)]  # fmt: skip
    going = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL)
    assert going.stderr is not None
    assert going.stderr.readline().startswith(b"1/6 ")
    going.kill()
    going.wait()
    going.stderr.close()
    before = {p.parent: p.read_bytes() for p in out.glob("*/events.jsonl")
              if (p.parent / "seal.json").is_file()}  # fmt: skip
    assert before
    said = subprocess.run([*command, "--json"], capture_output=True, check=True)
    found = orjson.loads(said.stdout)
    assert found["statuses"] == {"budget": 6}
    assert found["failed"] == []
    assert said.stderr.count(b"there already") >= len(before)
    assert all((f / "events.jsonl").read_bytes() == was for f, was in before.items())
    assert all(alone(each["run"], each["seed"]) for each in found["runs"])


def writer(folder: Path) -> int:
    """Return the process that has a record open; 0 for none."""
    record = str((folder / "events.jsonl").resolve())
    for place in Path("/proc").glob("[0-9]*/fd/*"):
        try:
            if os.readlink(place) == record:
                return int(place.parts[2])
        except OSError:
            continue
    return 0
