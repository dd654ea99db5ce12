"""`gaseol replay --strict`: the same code, every answer from the record."""

import hashlib
import importlib.util
import shutil
import sys
from pathlib import Path

import orjson
import pytest

from gaseol.graphs import run
from gaseol.graphs.running import asked
from gaseol.scenarios import Scenario
from gaseol.traces.bundle import write_bundle
from gaseol.traces.record import chain, labels

SMALL = {"budget__experiments": 12, "hypotheses__maximum": 2}


@pytest.fixture(autouse=True)
def _no_keys_of_ours(tmp_path, monkeypatch):
    monkeypatch.setenv("GASEOL_CONFIG", str(tmp_path / "config"))


@pytest.fixture(scope="module")
def ledger():
    """The module that makes chains right again."""
    path = Path(__file__).parents[1] / "traces" / "ledger.py"
    spec = importlib.util.spec_from_file_location("gaseol_tests_ledger", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def made(world, pool, tmp_path_factory) -> Path:
    """A small finished run whose payloads are beside its events; no test changes it."""
    folder = tmp_path_factory.mktemp("made") / "toy-1"
    scenario = world.changed(world.EFFECTS, **SMALL, policy__payloads="apart")
    run(Scenario.model_validate(scenario), out=folder, pool=pool, report=False)
    return folder


@pytest.fixture
def copied(made, home) -> Path:
    """A copy of the run at home, to be changed."""
    return Path(shutil.copytree(made, home / made.name))


@pytest.fixture
def _no_tool_starts(monkeypatch):
    """Let every attempt to start a worker fail."""
    import gaseol.tools.workers.pool as pools

    def refuse(*_, **__):
        pytest.fail("a replay started a worker")

    monkeypatch.setattr(pools.Pool, "__init__", refuse)


@pytest.mark.usefixtures("_no_tool_starts")
def test_a_run_is_the_same_again_although_no_tool_is_there(gaseol, copied):
    """None of the toy's tools is installed: the folder that they lay in is not known here."""
    before = {p.name: p.read_bytes() for p in copied.iterdir() if p.is_file()}
    said = gaseol("replay", "--strict")
    assert said.code == 0, said
    assert said.out.startswith(f"the same: {copied}\n")
    assert before == {p.name: p.read_bytes() for p in copied.iterdir() if p.is_file()}
    kept = labels.load(copied)
    assert kept is not None
    assert (kept.mode, kept.holds, kept.divergence) == ("strict", True, "")
    events = (copied / "events.jsonl").read_bytes().splitlines()
    for seq, line in enumerate(events):
        kind = orjson.loads(line)["kind"]
        expected = "recorded" if kind.startswith(("effect.c", "effect.f")) else "recomputed-equal"
        assert kept.of(seq) == expected, (seq, kind)


def test_json(gaseol, copied):
    document = gaseol("replay", copied, "--strict", "--json").json
    events = len((copied / "events.jsonl").read_bytes().splitlines())
    assert document["run"] == str(copied)
    assert document["holds"] is True
    assert document["events"] == events == sum(document["labels"].values())
    assert document["divergence"] is None
    assert document["problems"] == []
    steps = document["steps"]
    assert [s["number"] for s in steps] == list(range(len(steps)))
    assert all(s["first"] < s["last"] and sum(s["labels"].values()) for s in steps)


def forge_ranking(events):
    (ranked,) = (e for e in events if e["kind"] == "hypothesis.ranked")
    ranked["data"]["order"].reverse()


def forge_statement(events):
    """A claim whose words differ; every figure in it is still right."""
    claim = next(e for e in events if e["kind"] == "claim")
    claim["data"]["claim"]["text"] = "As everybody knew: " + claim["data"]["claim"]["text"]


def forge_spending(events):
    spent = next(e for e in events if e["kind"] == "budget.spent")
    spent["data"]["spent"]["tool_calls"] += 1


def forge_step(events):
    (first,) = (e for e in events if e["kind"] == "step.ended" and e["data"]["number"] == 1)
    first["data"]["change"]["made"] = "up"


@pytest.mark.parametrize(
    "forge", [forge_ranking, forge_statement, forge_spending, forge_step], ids=lambda f: f.__name__
)
def test_a_forged_record_that_verifies_does_not_replay(gaseol, ledger, copied, forge):
    """Chain and seal made right again: only the code that is driven again can tell."""
    before = ledger.events(copied)
    ledger.rewrite(copied, forge)
    (at,) = (
        n for n, (a, b) in enumerate(zip(before, ledger.events(copied), strict=True))
        if a["data"] != b["data"]
    )  # fmt: skip
    assert gaseol("verify", copied).code == 0
    said = gaseol("replay", copied, "--strict")
    assert said.code == 1
    assert said.out.startswith(f"NOT the same: {copied}\n")
    assert f"first difference: event {at}: " in said.out
    assert "on record and" in said.out
    document = gaseol("replay", copied, "--strict", "--json")
    assert document.code == 1
    assert document.json["holds"] is False
    assert document.json["divergence"].startswith(f"event {at}: ")
    kept = labels.load(copied)
    assert kept is not None
    assert (kept.holds, kept.of(at)) == (False, "recomputed-different")


def test_an_answer_that_was_changed_changes_what_follows(gaseol, ledger, world, pool, home):
    """Answer and measurement are forged together and agree; the evidence does not."""
    folder = home / "inline"
    scenario = Scenario.model_validate(world.changed(world.EFFECTS, **SMALL))
    run(scenario, out=folder, pool=pool, report=False)

    def forge(events):
        pilot = next(
            e for e in events
            if e["kind"] == "measurement" and e["data"]["measurement"]["purpose"] == "test"
        )["data"]["measurement"]  # fmt: skip
        answer = next(
            e for e in events
            if e["kind"] == "effect.completed" and e["data"]["request"] == pilot["request"]
        )  # fmt: skip
        answer["data"]["value"] = pilot["raw"] = pilot["value"] = 1e6

    ledger.rewrite(folder, forge)
    assert gaseol("replay", folder, "--strict").code == 1


def test_what_does_not_verify_is_not_replayed(gaseol, copied):
    lines = (copied / "events.jsonl").read_bytes().splitlines(keepends=True)
    (copied / "events.jsonl").write_bytes(b"".join(lines[:5] + lines[6:]))
    said = gaseol("replay", copied, "--strict")
    assert said.code == 1
    assert "not replayed to its end" in said.out
    assert "does not follow" in said.out


def test_a_run_that_was_cut_off_holds_as_far_as_it_goes(gaseol, copied):
    (copied / "seal.json").unlink()
    lines = (copied / "events.jsonl").read_bytes().splitlines(keepends=True)
    for keep in (1, 4, len(lines) // 2, len(lines) - 1):
        (copied / "events.jsonl").write_bytes(b"".join(lines[:keep]))
        said = gaseol("replay", copied, "--strict")
        assert said.code == 0, (keep, said)
        assert f"cut off after event {keep - 1}; so far it holds" in said.out


def test_other_code_is_said_and_can_be_allowed(gaseol, copied, monkeypatch):
    monkeypatch.setattr("gaseol.graphs.replay.replaying.code_digest", lambda: "0" * 64)
    said = gaseol("replay", copied, "--strict")
    assert said.code == 1
    assert "was made by other code" in said.out
    assert "--other-code" in said.out
    said = gaseol("replay", copied, "--strict", "--other-code")
    assert said.code == 0
    assert "note: the run was made by other code" in said.out


def test_a_run_json_that_names_other_code_than_its_first_event(gaseol, ledger, copied):
    said = orjson.loads((copied / "run.json").read_bytes())
    (copied / "run.json").write_bytes(orjson.dumps({**said, "code": "0" * 64}))
    ledger.rewrite(copied, lambda events: None)
    seal = orjson.loads((copied / "seal.json").read_bytes())
    seal["files"]["run.json"] = hashlib.sha256((copied / "run.json").read_bytes()).hexdigest()
    (copied / "seal.json").write_bytes(
        orjson.dumps(seal, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS)
    )
    for options in ((), ("--other-code",)):
        found = gaseol("replay", copied, "--strict", *options)
        assert found.code == 1
        assert "code" in found.out
    assert asked.code_digest() != "0" * 64


@pytest.mark.parametrize(("selector", "code"), [("registration", 0), ("toy_signal", 1)])
def test_a_copy_with_payloads_withheld(gaseol, copied, tmp_path, selector, code):
    """What the code derives anew is not missed; an answer is, and it is said where."""
    out = tmp_path / "copy"
    write_bundle(copied, out, withhold=[selector], reason="not ours to show")
    said = gaseol("replay", out, "--strict")
    assert said.code == code, said
    if code:
        assert "cannot be replayed to its end" in said.out
        assert "not ours to show" in said.out
        assert "first difference" not in said.out


@pytest.mark.parametrize(
    "change",
    [
        {"scientist": None},
        {"scientist": 3},
        {"scientist": "nobody"},
        {"seed": None},
        {"seed": "x"},
        {"cards": 3},
        {"cards": {"a": 1}},
        {"scenario": {}},
        {"scenario": 3},
        {"versions": 3},
    ],
    ids=str,
)
def test_a_run_json_that_makes_no_sense_is_said_without_a_traceback(copied, gaseol, change):
    said = orjson.loads((copied / "run.json").read_bytes())
    changed = {k: v for k, v in {**said, **change}.items() if v is not None}
    (copied / "run.json").write_bytes(orjson.dumps(changed))
    (copied / "seal.json").unlink()
    head = chain.start((copied / "run.json").read_bytes())
    lines = []
    for line in (copied / "events.jsonl").read_bytes().splitlines():
        at = line.index(b'"prev":"') + 8
        line = line[:at] + head.hex().encode() + line[at + 64 :]
        head = chain.link(head, line)
        lines.append(line + b"\n")
    (copied / "events.jsonl").write_bytes(b"".join(lines))
    assert gaseol("replay", copied, "--strict").code in (1, 2)


def test_the_newest_run_and_none(gaseol, home, copied):
    assert f"the same: {copied}" in gaseol("replay", "--strict").out
    assert gaseol("replay", "nowhere", "--strict").code == 2
    shutil.rmtree(home)
    said = gaseol("replay", "--strict")
    assert said.code == 2
    assert "there is no run" in said.err
