"""`gaseol fork`: a new run that leaves another one at an event."""

import os
import shutil
from pathlib import Path

import orjson
import pytest

from gaseol.graphs import run
from gaseol.graphs.replay.forking import Prefix, branch_scenario
from gaseol.graphs.replay.replaying import replay
from gaseol.graphs.running.setup import SETUP
from gaseol.scenarios import load
from gaseol.traces import verify
from gaseol.traces.record.trace import Trace
from gaseol.traces.signatures import keys

SMALL = {"budget__experiments": 12, "hypotheses__maximum": 2, "policy__payloads": "apart"}


@pytest.fixture(autouse=True)
def _no_keys_of_ours(tmp_path, monkeypatch):
    monkeypatch.setenv("GASEOL_CONFIG", str(tmp_path / "config"))


@pytest.fixture(scope="module")
def asked(world, tmp_path_factory) -> Path:
    """The folder of the scenario."""
    return world.write(
        tmp_path_factory.mktemp("asked") / "toy", world.changed(world.EFFECTS, **SMALL)
    )


@pytest.fixture(scope="module")
def made(asked, pool, tmp_path_factory) -> Path:
    """A small finished run whose payloads are beside its events; no test changes it."""
    folder = tmp_path_factory.mktemp("made") / "toy-1"
    run(load(asked), out=folder, pool=pool, report=False)
    return folder


@pytest.fixture
def parent(made, home) -> Path:
    """A copy of the run at home."""
    return Path(shutil.copytree(made, home / made.name))


@pytest.fixture
def fork(gaseol, asked, tmp_path):
    """Call `gaseol fork` and return what it said and the new run's folder."""

    def call(parent, at, *words):
        out = tmp_path / "branch"
        shutil.rmtree(out, ignore_errors=True)
        said = gaseol(
            "fork",
            parent,
            "--at",
            at,
            "--beside",
            asked,
            "--out",
            out,
            "--jobs",
            1,
            "--json",
            *words,
        )
        return said, out

    return call


def origins(folder: Path) -> list[str]:
    """Return where each answer of a run is from."""
    return [e.data["origin"] for e in Trace(folder).events("effect.completed")]


def middle(folder: Path) -> int:
    """Return the position of an experiment half way through."""
    found = [e.seq for e in Trace(folder).events("experiment.designed")]
    return found[len(found) // 2]


def fails(said, *words):
    """Check that a command was turned away, and says why."""
    assert said.code == 2, said
    for word in words:
        assert word in said.err, said.err


def test_parent_and_branch_are_on_record(parent, fork):
    at = middle(parent)
    said, branch = fork(parent, at)
    assert said.code == 0, said
    assert said.json["run"] == str(branch)
    (forked,) = Trace(branch).events("run.forked")
    digests = [e.digest for e in Trace(parent)]
    assert forked.data == {"parent": "toy-1", "at": at, "head": digests[at - 1]}
    found = verify(branch)
    assert (found.integrity.value, found.problems) == ("intact", [])


def test_what_was_answered_before_the_branch_is_not_asked_again(parent, fork):
    at = middle(parent)
    _, branch = fork(parent, at)
    known = sum(1 for e in Trace(parent).events("effect.completed") if e.seq < at)
    everything = len(origins(parent))
    assert 0 < known < everything
    assert origins(parent) == ["live"] * everything
    assert origins(branch).count("record") == known
    assert origins(branch).count("live") == everything - known
    _, branch = fork(parent, len(Trace(parent)))
    assert set(origins(branch)) == {"record"}
    _, branch = fork(parent, 1)
    assert set(origins(branch)) == {"live"}


def test_an_unchanged_branch_comes_to_the_same(parent, fork, gaseol):
    _, branch = fork(parent, middle(parent))
    verdicts = [[e.data for e in Trace(f).events("verdict")] for f in (parent, branch)]
    assert verdicts[0] == verdicts[1]
    replayed = gaseol("replay", branch, "--strict")
    assert replayed.code == 0, replayed


@pytest.mark.parametrize(
    "words",
    [
        ("--set", "budget.experiments=6"),
        ("--set", "hypotheses.draws=20", "--set", "question=Does it still?"),
        ("--seed", 3),
        ("--scientist", "embedded"),
    ],
    ids=lambda words: words[0] + words[1] if isinstance(words[1], str) else str(words),
)
def test_a_changed_branch_verifies_and_replays(parent, fork, gaseol, words):
    said, branch = fork(parent, middle(parent), *words)
    assert said.code == 0, said
    assert verify(branch).integrity.value == "intact"
    assert gaseol("replay", branch, "--strict").code == 0
    asked_now = orjson.loads((branch / "run.json").read_bytes())
    asked_then = orjson.loads((parent / "run.json").read_bytes())
    if words[0] == "--seed":
        assert (asked_now["seed"], asked_then["seed"]) == (3, 0)
        assert asked_now["scenario"] == asked_then["scenario"]
    elif "budget" in words[1]:
        assert asked_now["scenario"]["budget"]["experiments"] == 6
        assert said.json["cost"]["experiments"] == 6
    elif "draws" in words[1]:
        assert asked_now["scenario"]["hypotheses"]["draws"] == 20
        assert asked_now["scenario"]["question"] == "Does it still?"
    else:
        assert asked_now["scenario"] == asked_then["scenario"]


def test_payloads_are_shared_and_not_copied(parent, fork):
    _, branch = fork(parent, len(Trace(parent)))
    there = {p.name: p for p in (parent / "blobs" / "sha256").iterdir()}
    shared = [p for p in (branch / "blobs" / "sha256").iterdir() if p.name in there]
    assert len(shared) > 20
    for path in shared:
        assert path.stat().st_ino == there[path.name].stat().st_ino
        assert path.stat().st_nlink >= 2
    shutil.rmtree(parent)
    assert verify(branch).holds, "a branch stands by itself"


def test_payloads_are_copied_where_they_cannot_be_shared(parent, fork, monkeypatch):
    def refuse(*_, **__):
        raise OSError(18, "another file system")

    monkeypatch.setattr(os, "link", refuse)
    _, branch = fork(parent, len(Trace(parent)))
    assert verify(branch).holds
    assert {p.stat().st_nlink for p in (branch / "blobs" / "sha256").iterdir()} == {1}


def test_a_branch_of_a_branch(parent, fork, tmp_path):
    _, branch = fork(parent, middle(parent))
    first = branch.rename(tmp_path / "first")
    said, second = fork(first, middle(first))
    assert said.code == 0
    (forked,) = Trace(second).events("run.forked")
    assert forked.data["parent"] == "branch"
    assert verify(second).holds


def test_a_branch_is_signed_by_the_default_key(parent, fork):
    keys.new_key("ada")
    _, branch = fork(parent, middle(parent))
    assert [s.name for s in verify(branch).signers] == ["ada"]


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("budget", ("is not FIELD=VALUE",)),
        ("=3", ("is not FIELD=VALUE",)),
        ("budgett.experiments=3", ("budgett",)),
        ("budget.experiment=3", ("budget.experiment",)),
        ("title.more=3", ("the scenario has no field 'title.more'",)),
        ("budget.experiments=many", ("budget.experiments",)),
        ("budget.experiments=[", ("is not YAML",)),
        ("budget.experiments=-3", ("budget.experiments",)),
        ("hypotheses.draws=", ("hypotheses.draws",)),
        ("..=3", ()),
        ("measurement.tool=no_such_tool", ("no_such_tool",)),
        ("graph=dream", ("dream",)),
    ],
)
def test_a_bad_setting(parent, fork, setting, words):
    said, branch = fork(parent, middle(parent), "--set", setting)
    fails(said, *words)
    assert not (branch / "run.json").exists(), "a run was begun"


@pytest.mark.parametrize("at", [0, -1, "x", 10**6])
def test_a_branch_at_no_event(parent, fork, at):
    said, branch = fork(parent, at)
    fails(said, str(at))
    assert not branch.exists()


def test_a_branch_needs_a_place(parent, gaseol):
    fails(gaseol("fork", parent), "--at")
    fails(gaseol("fork"), "RUN")
    fails(gaseol("fork", "nowhere", "--at", 3), "there is no run 'nowhere'")


def test_other_bad_input(parent, fork):
    fails(fork(parent, 5, "--scientist", "nobody")[0], "there is no scientist 'nobody'")
    fails(fork(parent, 5, "--seed", "x")[0], "--seed")
    said, branch = fork(parent, 5, "--seed", -1)
    fails(said, "--seed")
    assert not branch.exists()


def test_a_broken_parent_has_no_branches(parent, fork):
    lines = (parent / "events.jsonl").read_bytes().splitlines(keepends=True)
    (parent / "events.jsonl").write_bytes(b"".join(lines[:9] + lines[10:]))
    said, branch = fork(parent, 5)
    fails(said, "does not hold")
    assert not branch.exists()


def test_a_parent_without_its_tools_is_not_begun(parent, gaseol, tmp_path):
    """On another machine, without `--beside`, nobody knows where the toy's tools lie."""
    (parent / SETUP).unlink()
    said = gaseol("fork", parent, "--at", middle(parent), "--out", tmp_path / "branch")
    fails(said, "toy_")
    assert not (tmp_path / "branch" / "run.json").exists()


def test_the_folder_that_the_parent_was_run_from_is_found(parent, gaseol, tmp_path):
    branch = tmp_path / "branch"
    said = gaseol("fork", parent, "--at", middle(parent), "--out", branch)
    assert said.code == 0, said
    assert verify(branch).holds


def test_a_folder_that_holds_a_run_is_not_written_into(parent, gaseol, asked):
    before = (parent / "events.jsonl").read_bytes()
    said = gaseol("fork", parent, "--at", 5, "--beside", asked, "--out", parent)
    fails(said, "already holds a run")
    assert (parent / "events.jsonl").read_bytes() == before


def test_an_unfinished_parent_can_be_branched(parent, fork):
    """A run that was killed is worth its answers."""
    (parent / "seal.json").unlink()
    lines = (parent / "events.jsonl").read_bytes().splitlines(keepends=True)
    keep = middle(parent)
    (parent / "events.jsonl").write_bytes(b"".join(lines[:keep]))
    said, branch = fork(parent, keep)
    assert said.code == 0, said
    assert verify(branch).integrity.value == "intact"
    assert "record" in origins(branch)


def test_what_is_taken_from_the_parent_costs_the_branch_nothing(made, pool, tmp_path):
    """The same to its end but for the budget: only what comes after the branch is paid for."""
    asked = [e.seq for e in Trace(made).events("effect.requested")]
    prefix = Prefix.of(made, asked[-4])
    longer = branch_scenario(prefix.parent, {"budget.experiments": "16"}, None)
    branch = run(longer, out=tmp_path / "branch", pool=pool, prefix=prefix, report=False)
    answers = [e.fact for e in branch.trace.events("effect.completed")]
    taken = [a for a in answers if a.origin == "record"]
    assert len(taken) >= 10
    assert {(a.seconds, a.cpu_seconds) for a in taken} == {(0.0, 0.0)}
    own = sum(a.cpu_seconds for a in answers if a.origin == "live")
    assert branch.docket.ended.cost["cpu_seconds"] == pytest.approx(own, abs=1e-6)
    assert branch.docket.ended.cost["tool_calls"] == len(answers)
    assert replay(branch.path).holds
