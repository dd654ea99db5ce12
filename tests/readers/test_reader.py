"""A reader in another language, written from docs/record.md alone, comes to the same verdicts.

It shares no code, no number library and no author's assumptions with `gaseol.traces`: where the
two differ, the document or one of them is wrong.
"""

import importlib.util
import json
import math
import random
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from gaseol.graphs import run
from gaseol.scenarios import Scenario, load
from gaseol.traces import Docket, Trace, verify
from gaseol.traces.judge import Judge

READER = Path(__file__).with_name("read_record.mjs")
LEDGER = Path(__file__).resolve().parents[1] / "traces" / "ledger.py"
NODE = shutil.which("node")

Event = dict[str, Any]


@pytest.fixture(scope="module", autouse=True)
def _node(request: pytest.FixtureRequest) -> None:
    if NODE is None:
        said = "node is not installed: the independent reader of the record was NOT run"
        terminal = request.config.pluginmanager.get_plugin("terminalreporter")
        if terminal is not None:
            terminal.write_line(f"\n{said}", yellow=True, bold=True)
        pytest.skip(said)


@pytest.fixture(scope="module")
def ledger() -> ModuleType:
    spec = importlib.util.spec_from_file_location("gaseol_tests_ledger_read", LEDGER)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory, ledger: ModuleType) -> Callable[[str], Path]:
    """Return a fresh run by name: of a built-in scenario, or one made by hand with failures."""
    made: dict[str, Path] = {}

    def fresh(name: str) -> Path:
        if name not in made:
            made[name] = tmp_path_factory.mktemp(name) / "run"
            if name == "by hand":
                ledger.write(made[name])
            elif name == "paired loss":
                run(_by_paired_loss(load("stiffness")), report=False, out=made[name])
            else:
                run(name, report=False, out=made[name])
        return made[name]

    return fresh


def _by_paired_loss(scenario: Scenario) -> Scenario:
    asked = scenario.model_dump(mode="json", exclude_none=True)
    asked["hypotheses"]["laws"]["judged_by"] = "paired_loss"
    return Scenario.model_validate(asked).placed(scenario.folder or Path())


@pytest.fixture
def copy(runs: Callable[[str], Path], tmp_path: Path) -> Path:
    """A copy of a small run, to be altered."""
    return Path(shutil.copytree(runs("stiffness"), tmp_path / "run"))


def read(folder: Path) -> dict[str, Any]:
    """Return what the reader says of a run; its exit code must agree."""
    assert NODE is not None
    out = subprocess.run([NODE, str(READER), str(folder)], capture_output=True, timeout=60)
    assert out.returncode in (0, 1), out.stderr.decode()
    found = json.loads(out.stdout)
    assert (out.returncode == 0) == (not found["problems"])
    return found


def close(a: float, b: float) -> bool:
    return math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-9)


@pytest.mark.parametrize("name", ["null", "stiffness", "paired loss", "by hand"])
def test_it_comes_to_the_same_verdicts(name: str, runs: Callable[[str], Path]) -> None:
    folder = runs(name)
    found, trace = read(folder), Trace(folder)
    assert found["problems"] == []
    assert found["integrity"] == "intact" == verify(folder).integrity
    assert trace.seal is not None
    assert (found["events"], found["head"], found["root"]) == (
        trace.seal.events,
        trace.seal.head,
        trace.seal.root,
    )
    docket = Docket.of(trace)
    judge = Judge(docket, trace.blobs)
    verdicts = judge.verdicts()
    assert [h["id"] for h in found["hypotheses"]] == list(docket.registrations)
    for said in found["hypotheses"]:
        for verdict in (verdicts[said["id"]], docket.verdicts[said["id"]]):
            assert said["ruling"] == verdict.ruling
            assert (said["draws"], said["failures"]) == (verdict.draws, verdict.failures)
            assert close(said["log_e_for"], verdict.log_e_for)
            assert close(said["log_e_against"], verdict.log_e_against)
        path = judge.path(said["id"])
        assert len(said["evidence"]) == len(path) == len(docket.evidence[said["id"]])
        for (up, down), evidence in zip(said["evidence"], path, strict=True):
            assert close(up, evidence.log_e_for)
            assert close(down, evidence.log_e_against)
    assert found["checked"]["verdicts"] == len(verdicts) > 0
    assert found["checked"]["evidences"] == sum(map(len, docket.evidence.values())) > 0
    assert found["checked"]["measurements"] == len(docket.measurements)


@pytest.mark.parametrize("name", ["null", "stiffness", "paired loss"])
def test_keys_are_what_the_page_says(name: str, runs: Callable[[str], Path]) -> None:
    assert read(runs(name))["notes"] == []


@pytest.mark.parametrize("name", ["run.json", "events.jsonl", "seal.json", "blob"])
def test_it_finds_a_flipped_bit(name: str, copy: Path) -> None:
    blobs = sorted((copy / "blobs" / "sha256").iterdir())
    path = blobs[len(blobs) // 2] if name == "blob" else copy / name
    content = path.read_bytes()
    rng = random.Random(name)
    places = {0, len(content) - 1, *(rng.randrange(len(content)) for _ in range(3))}
    for place in sorted(places):
        flipped = bytearray(content)
        flipped[place] ^= 1 << rng.randrange(8)
        path.write_bytes(flipped)
        assert read(copy)["integrity"] == "broken", place
    path.write_bytes(content)
    assert read(copy)["integrity"] == "intact"


def test_it_finds_a_missing_end(copy: Path) -> None:
    path = copy / "events.jsonl"
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-3]))
    assert any("sealed" in problem for problem in read(copy)["problems"])
    (copy / "seal.json").unlink()
    assert read(copy)["integrity"] == "unsealed"


def _first(events: list[Event], kind: str) -> Event:
    return next(e for e in events if e["kind"] == kind)


def _raise_a_value(events: list[Event]) -> None:
    tests = [e for e in events if e["kind"] == "measurement"]
    measurement = tests[-1]["data"]["measurement"]
    measurement["raw"] = measurement["value"] = measurement["value"] * 2


def _raise_a_value_and_its_answer(events: list[Event]) -> None:
    _raise_a_value(events)
    measurement = [e for e in events if e["kind"] == "measurement"][-1]["data"]["measurement"]
    for event in events:
        if event["data"].get("request") == measurement["request"]:
            event["data"]["value"] = measurement["raw"]


def _turn_a_verdict(events: list[Event]) -> None:
    _first(events, "verdict")["data"]["verdict"]["ruling"] = "supported"


def _widen_alpha(events: list[Event]) -> None:
    _first(events, "run.started")["data"]["alpha"] = 0.2
    for event in events:
        if event["kind"] == "registration":
            event["data"]["registration"]["criterion"]["alpha"] = 0.2


def _register_late(events: list[Event]) -> None:
    registrations = [e for e in events if e["kind"] == "registration"]
    events.remove(registrations[0])
    events.insert(events.index(_first(events, "verdict")), registrations[0])


@pytest.mark.parametrize(
    "change",
    [
        _raise_a_value,
        _raise_a_value_and_its_answer,
        _turn_a_verdict,
        _widen_alpha,
        _register_late,
    ],
)
def test_it_finds_a_record_rewritten_whole_that_contradicts_itself(
    change: Callable[[list[Event]], None], copy: Path, ledger: ModuleType
) -> None:
    ledger.rewrite(copy, lambda events: None)
    assert read(copy)["integrity"] == "intact"
    ledger.rewrite(copy, change)
    assert read(copy)["integrity"] == "broken"
    assert not verify(copy).holds
