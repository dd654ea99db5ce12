"""A reader in another language, written from docs/record.md alone, comes to the same verdicts.

It shares no code, no number library and no author's assumptions with `gaseol.traces`: where the
two differ, the document or one of them is wrong.
"""

import base64
import hashlib
import importlib.util
import json
import math
import random
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from gaseol.graphs import run
from gaseol.scenarios import Scenario, load
from gaseol.traces import Docket, Recorder, Trace, verify
from gaseol.traces.bundle import write_bundle
from gaseol.traces.evidence.judge import Judge
from gaseol.traces.record.seal import sign_seal
from gaseol.traces.signatures.keys import load_key, new_key

READER = Path(__file__).with_name("read_record.mjs")
LEDGER = Path(__file__).resolve().parents[1] / "traces" / "ledger.py"
NODE = shutil.which("node")

Event = dict[str, Any]
Act = Callable[[Path], object]


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
                asked = _laws(load("stiffness"), judged_by="paired_loss")
                run(asked, report=False, out=made[name])
            elif name == "exact laws":
                run(_laws(load("stiffness"), exact=True), report=False, out=made[name])
            elif name == "stated precision":
                asked = _laws(load("stiffness"), exact=True)
                precise = asked.measurement.model_copy(update={"precision": 0.2})
                asked = asked.model_copy(update={"measurement": precise})
                run(asked, report=False, out=made[name])
            else:
                run(name, report=False, out=made[name])
        return made[name]

    return fresh


def _laws(scenario: Scenario, **settings: Any) -> Scenario:
    asked = scenario.model_dump(mode="json", exclude_none=True)
    asked["hypotheses"]["laws"] |= settings
    return Scenario.model_validate(asked).placed(scenario.folder or Path())


@pytest.fixture
def copy(runs: Callable[[str], Path], tmp_path: Path) -> Path:
    """A copy of a small run, to be altered."""
    return Path(shutil.copytree(runs("stiffness"), tmp_path / "run"))


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Two keys of one's own, id by name: the first seals runs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GASEOL_CONFIG", str(tmp_path_factory.mktemp("config")))
        yield {name: new_key(name) for name in ("sealer", "stranger")}


@pytest.fixture(scope="module")
def sealed_by_key(
    keys: dict[str, str], runs: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The run made by hand, recorded once more under a key."""
    source, folder = runs("by hand"), tmp_path_factory.mktemp("signed") / "run"
    recorder = Recorder(folder, {"id": "made", "scenario": {}, "sealer": keys["sealer"]})
    shutil.copytree(source / "blobs", folder / "blobs", dirs_exist_ok=True)
    for event in Trace(source).events():
        recorder.record(event.fact, event.cause)
    shutil.copy(source / "report.md", folder)
    recorder.seal(("report.md",), load_key("sealer"))
    return folder


@pytest.fixture
def signed(sealed_by_key: Path, tmp_path: Path) -> Path:
    """A copy of the signed run, to be altered."""
    return Path(shutil.copytree(sealed_by_key, tmp_path / "run"))


@pytest.fixture
def made(runs: Callable[[str], Path], tmp_path: Path) -> Path:
    """A copy of the run made by hand, to be altered."""
    return Path(shutil.copytree(runs("by hand"), tmp_path / "run"))


def read(folder: Path, *known: str) -> dict[str, Any]:
    """Return what the reader says of a run; its exit code must agree."""
    assert NODE is not None
    options = [word for key in known for word in ("--known", key)]
    command = [NODE, str(READER), str(folder), *options]
    out = subprocess.run(command, capture_output=True, timeout=60)
    assert out.returncode in (0, 1), out.stderr.decode()
    found = json.loads(out.stdout)
    assert (out.returncode == 0) == (not found["problems"])
    return found


def word(folder: Path, *known: str) -> str:
    """Return what both say of a run as a whole, which must be the same."""
    found, said = read(folder, *known), verify(folder, dict.fromkeys(known, "a friend"))
    assert found["integrity"] == said.integrity, (found["problems"], said.problems)
    assert (not found["problems"]) == said.holds
    return found["integrity"]


def close(a: float, b: float) -> bool:
    return math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-9)


@pytest.mark.parametrize(
    "name", ["null", "stiffness", "paired loss", "exact laws", "stated precision", "by hand"]
)
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


def test_each_rule_is_read(runs: Callable[[str], Path]) -> None:
    rules = {
        name: {r.criterion.rule for r in Docket.of(Trace(runs(name))).registrations.values()}
        for name in ("by hand", "exact laws")
    }
    assert rules == {"by hand": {"gaseol.judge/1"}, "exact laws": {"gaseol.judge/2"}}


@pytest.mark.parametrize("name", ["null", "stiffness", "paired loss", "exact laws"])
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
        assert word(copy) in ("broken", "truncated"), place
    path.write_bytes(content)
    assert word(copy) == "intact"


def test_it_finds_a_missing_end(copy: Path) -> None:
    path = copy / "events.jsonl"
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-3]))
    assert word(copy) == "truncated"
    (copy / "seal.json").unlink()
    assert word(copy) == "unsealed"


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
    assert word(copy) == "intact"
    ledger.rewrite(copy, change)
    assert word(copy) == "broken"


def _ask_otherwise(events: list[Event]) -> None:
    _first(events, "effect.requested")["data"]["version"] += "+"


def _mistake_a_key(events: list[Event]) -> None:
    _first(events, "effect.requested")["data"]["key"] = "0" * 64


def _mistake_a_size(events: list[Event]) -> None:
    _first(events, "registration")["data"]["registration"]["frame"]["draws"]["bytes"] += 1


def _cite_the_future(events: list[Event]) -> None:
    events[3]["cause"] = 4


def _add_a_member(events: list[Event]) -> None:
    events[3]["more"] = 1


@pytest.mark.parametrize(
    "change", [_ask_otherwise, _mistake_a_key, _mistake_a_size, _cite_the_future, _add_a_member]
)
def test_it_finds_an_event_that_is_not_as_the_page_says(
    change: Callable[[list[Event]], None], made: Path, ledger: ModuleType
) -> None:
    ledger.rewrite(made, change)
    assert word(made) == "broken"


@pytest.mark.parametrize("name", ["scientist", "seed", "code", "scenario_sha256"])
def test_the_first_event_repeats_what_was_asked(name: str, copy: Path, ledger: ModuleType) -> None:
    other = 99 if name == "seed" else "0" * 64
    ledger.rewrite(copy, lambda events: events[0]["data"].update({name: other}))
    assert word(copy) == "broken"


def test_a_payload_without_a_salt_is_found(made: Path, ledger: ModuleType) -> None:
    def strip(events: list[Event]) -> None:
        blob = _first(events, "effect.completed")["data"]["blob"]
        store = made / "blobs" / "sha256"
        payload = (store / blob["sha256"]).read_bytes()[32:]
        assert len(payload) == blob["bytes"]
        blob["sha256"] = hashlib.sha256(payload).hexdigest()
        (store / blob["sha256"]).write_bytes(payload)

    ledger.rewrite(made, strip)
    assert word(made) == "broken"
    assert any("size" in problem for problem in read(made)["problems"])


def _reorder(event: Event) -> str:
    return json.dumps({"prev": event["prev"], **event}, separators=(",", ":"))


def _name_twice(event: Event) -> str:
    return json.dumps(event, separators=(",", ":"))[:-1] + ',"kind":"step.started"}'


@pytest.mark.parametrize("written", [_reorder, _name_twice])
def test_it_reads_no_line_that_two_parsers_may_read_differently(
    written: Callable[[Event], str], made: Path, ledger: ModuleType
) -> None:
    (made / "seal.json").unlink()
    last = ledger.events(made)[-1]
    path = made / "events.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(
        b"".join([*lines[:-1], json.dumps(last, separators=(",", ":")).encode(), b"\n"])
    )
    assert word(made) == "unsealed"
    path.write_bytes(b"".join([*lines[:-1], written(last).encode(), b"\n"]))
    assert read(made)["integrity"] == "broken"


def test_a_signature_of_a_known_key_and_of_a_stranger(signed: Path, keys: dict[str, str]) -> None:
    assert word(signed, keys["sealer"]) == "intact"
    assert word(signed, keys["stranger"]) == "sealed by an unknown key" == word(signed)
    sign_seal(signed, load_key("stranger"))
    assert read(signed)["signers"] == [keys["sealer"], keys["stranger"]]
    assert word(signed, keys["stranger"]) == "intact"


def _alter_envelope(change: Callable[[dict[str, Any]], object]) -> Act:
    def act(folder: Path) -> None:
        path = folder / "seal.dsse.json"
        envelope = json.loads(path.read_bytes())
        change(envelope)
        path.write_text(json.dumps(envelope, indent=2, sort_keys=True))

    return act


def _flip_signature(envelope: dict[str, Any]) -> None:
    sig = bytearray(base64.b64decode(envelope["signatures"][0]["sig"]))
    sig[7] ^= 1
    envelope["signatures"][0]["sig"] = base64.b64encode(sig).decode()


def _flip_payload(envelope: dict[str, Any]) -> None:
    payload = base64.b64decode(envelope["payload"]).replace(b"seal:1", b"seal:2")
    envelope["payload"] = base64.b64encode(payload).decode()


def _swap_key(envelope: dict[str, Any]) -> None:
    envelope["signatures"][0]["keyid"] = "1" * 64


def _strip(folder: Path) -> None:
    (folder / "seal.dsse.json").unlink()


def _sign_as_stranger(folder: Path) -> None:
    _strip(folder)
    sign_seal(folder, load_key("stranger"))


def _cut(folder: Path) -> None:
    path = folder / "events.jsonl"
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-2]))


def _lay_out_otherwise(folder: Path) -> None:
    path = folder / "seal.dsse.json"
    path.write_text(json.dumps(json.loads(path.read_bytes())))


@pytest.mark.parametrize(
    ("act", "expected"),
    [
        (_alter_envelope(_flip_signature), "broken"),
        (_alter_envelope(_flip_payload), "broken"),
        (_alter_envelope(_swap_key), "broken"),
        (_alter_envelope(lambda e: e.update(payloadType="text/plain")), "broken"),
        (_alter_envelope(lambda e: e["signatures"].append(e["signatures"][0])), "broken"),
        (_lay_out_otherwise, "broken"),
        (_strip, "rewritten"),
        (_sign_as_stranger, "rewritten"),
        (lambda folder: (folder / "seal.json").unlink(), "rewritten"),
        (_cut, "truncated"),
        (lambda folder: shutil.rmtree(folder / "blobs"), "missing blob"),
    ],
)
def test_what_becomes_of_a_signed_run(
    act: Act, expected: str, signed: Path, keys: dict[str, str]
) -> None:
    act(signed)
    assert word(signed, *keys.values()) == expected == word(signed)


def test_a_signed_run_rewritten_whole_is_not_what_was_signed(
    signed: Path, keys: dict[str, str], ledger: ModuleType
) -> None:
    def postpone(events: list[Event]) -> None:
        events[1]["at"] = "2030-01-01T00:00:00.000000Z"

    ledger.rewrite(signed, postpone)
    assert word(signed, keys["sealer"]) == "rewritten"
    _sign_as_stranger(signed)
    assert word(signed, *keys.values()) == "rewritten"
    _strip(signed)
    sign_seal(signed, load_key("sealer"))
    assert word(signed, keys["sealer"]) == "intact"


@pytest.mark.parametrize("selector", ["effect.completed", "registration", "image/svg+xml"])
def test_a_copy_with_payloads_withheld(
    selector: str, signed: Path, keys: dict[str, str], tmp_path: Path
) -> None:
    out = tmp_path / "copy"
    write_bundle(signed, out, withhold=[selector], reason="it is a secret", by="its owner")
    found = read(out, keys["sealer"])
    assert word(out, keys["sealer"]) == "withheld" == word(out)
    assert len(found["withheld"]) == verify(out).withheld > 0
    assert found["signers"] == [keys["sealer"]]
    derived = {h["id"]: h["ruling"] for h in found["hypotheses"]}
    rulings = {h: v.ruling for h, v in Docket.of(Trace(signed)).verdicts.items()}
    assert derived == ({} if selector == "registration" else rulings)
    assert sum("not derived" in note for note in found["notes"]) == len(rulings) - len(derived)


def test_nothing_takes_the_place_of_what_was_withheld(made: Path, tmp_path: Path) -> None:
    out = tmp_path / "copy"
    write_bundle(made, out, redact=["size"])
    assert word(out) == "withheld"
    digest = read(out)["withheld"][0]
    instead = json.loads((out / "withheld.json").read_bytes())[digest]["instead"]
    (out / "blobs" / "sha256" / digest).write_bytes(bytes(32) + json.dumps(instead).encode())
    assert word(out) == "broken"
    (out / "blobs" / "sha256" / digest).unlink()
    withheld = json.loads((out / "withheld.json").read_bytes())
    (out / "withheld.json").write_text(
        json.dumps({k: withheld[k] for k in withheld if k != digest})
    )
    assert word(out) == "missing blob"


def test_a_report_withheld_is_worth_a_note(made: Path) -> None:
    (made / "report.md").unlink()
    assert word(made) == "broken"
    why = {"reason": "", "by": "", "at": "2030-01-01T00:00:00Z", "instead": None}
    (made / "withheld.json").write_text(json.dumps({"report.md": why}))
    assert word(made) == "withheld"
    assert "report.md is withheld" in read(made)["notes"]


@pytest.mark.parametrize("options", [["--known"], ["--known", "me"], ["--other", "0" * 64]])
def test_it_says_how_it_is_called(options: list[str], made: Path) -> None:
    assert NODE is not None
    for words in ([str(made), *options], [str(made / "blobs")]):
        out = subprocess.run([NODE, str(READER), *words], capture_output=True, timeout=60)
        assert (out.returncode, out.stdout) == (2, b"")
        assert out.stderr
