"""Tampering is found and located; what is honest and unfinished is not called broken."""

import copy
import importlib.util
import json
import math
import random
import shutil
import subprocess
import sys
from pathlib import Path

import orjson
import pytest

from gaseol.traces import verify
from gaseol.traces.verification.verifier import Integrity

ATTACK = Path(__file__).parents[2] / "attacks" / "flip_bytes.py"


@pytest.fixture(scope="module")
def attack():
    spec = importlib.util.spec_from_file_location("gaseol_tests_flip_bytes", ATTACK)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def said(folder, integrity=None):
    """Verify a run that must not hold and return its problems as one text."""
    found = verify(folder)
    assert found.integrity not in (
        Integrity.INTACT, Integrity.UNSEALED, Integrity.UNKNOWN_KEY, Integrity.WITHHELD
    )  # fmt: skip
    assert integrity in (None, found.integrity)
    assert not found.holds
    return "\n".join(map(str, found.problems))


def pick(events, kind, **having):
    """Return the first event of a kind whose noun has these fields, and its position."""
    for seq, event in enumerate(events):
        if event["kind"] == kind:
            noun = next((v for v in event["data"].values() if isinstance(v, dict)), event["data"])
            if all(noun.get(k) == v for k, v in having.items()):
                return seq, event
    raise LookupError(kind, having)


def lines(folder):
    return (folder / "events.jsonl").read_bytes().splitlines(keepends=True)


def put(folder, content):
    (folder / "events.jsonl").write_bytes(b"".join(content))


def test_the_small_record_is_intact(sealed, ledger):
    found = verify(sealed)
    assert found.integrity is Integrity.INTACT
    assert found.holds
    assert found.events == len(ledger.events(sealed))
    kinds = [e["kind"] for e in ledger.events(sealed)]
    assert found.checked == {
        "events": len(kinds),
        "blobs": len(list((sealed / "blobs" / "sha256").iterdir())),
        "effects": kinds.count("effect.completed") + kinds.count("effect.failed"),
        "measurements": kinds.count("measurement"),
        "evidences": kinds.count("evidence"),
        "verdicts": 5,
        "claims": 6,
        "quotes": 1,
    }
    assert sum("ambiguous" in note for note in found.notes) == 1
    assert sum("not signed" in note for note in found.notes) == 1
    assert len(found.notes) == 2


def test_the_forger_of_these_tests_makes_no_mistake(ledger, run):
    """What `rewrite` leaves unchanged verifies, so it is the change that is found below."""
    ledger.rewrite(run, lambda events: None)
    assert verify(run).integrity is Integrity.INTACT


# -- bytes --------------------------------------------------------------------------------


def test_every_flipped_byte_is_found_and_located(attack, run):
    positions = attack.sample(run, 400, seed=7)
    assert len(positions) >= 400
    wrong = [(p, o) for p, o in attack.flip(run, positions, seed=7) if o != "found"]
    assert wrong == []
    assert verify(run).integrity is Integrity.INTACT


def test_the_attack_can_miss(attack, run):
    """Without a seal a changed end goes unnoticed: the attack is able to say so."""
    (run / "seal.json").unlink()
    size = (run / "events.jsonl").stat().st_size
    path = run / "events.jsonl"
    outcomes = {o for _, o in attack.flip(run, [(path, at) for at in range(size - 40, size)], 1)}
    assert outcomes - {"found"}


@pytest.mark.parametrize("keep", [1, 5, 100, -1])
def test_truncation(run, keep):
    content = lines(run)
    put(run, content[:keep])
    left = len(content[:keep])
    problem = f"is truncated: {left} of {len(content)} events are left"
    assert problem in said(run, Integrity.TRUNCATED)


def test_an_empty_record(run):
    put(run, [])
    assert "holds no event" in said(run, Integrity.TRUNCATED)


def test_a_torn_end(run):
    put(run, [*lines(run)[:-1], lines(run)[-1][:-1]])
    assert f"line {len(lines(run))}: is torn" in said(run, Integrity.TRUNCATED)


def test_appended_events(ledger, run):
    content = lines(run)
    put(run, [*content, content[-1]])
    assert "does not follow" in said(run)
    put(run, content)
    ledger.rewrite(run, lambda e: e.append(copy.deepcopy(e[0])), reseal=False)
    assert "has 1 events more than were sealed" in said(run)
    assert "after the run had ended" in said(run)


@pytest.mark.parametrize(("a", "b"), [(0, 1), (10, 11), (50, 200)])
def test_reordered_lines(run, a, b):
    content = lines(run)
    content[a], content[b] = content[b], content[a]
    put(run, content)
    assert f"event {a}: calls itself event {b}" in said(run)
    assert "does not follow" in said(run)


def test_a_removed_line(run):
    content = lines(run)
    put(run, content[:30] + content[31:])
    assert "event 30: does not follow from event 29" in said(run)


def test_a_deleted_blob(run, sealed):
    for blob in (sealed / "blobs" / "sha256").iterdir():
        gone = run / "blobs" / "sha256" / blob.name
        gone.unlink()
        assert f"its blob {blob.name} is missing" in said(run, Integrity.MISSING_BLOB)
        shutil.copy(blob, gone)
    shutil.rmtree(run / "blobs")
    assert "is missing" in said(run)


def test_an_added_blob_and_an_unfinished_one_are_noted(run):
    (run / "blobs" / "sha256" / ".new-1").write_bytes(b"half")
    (run / "blobs" / "sha256" / ("0" * 64)).write_bytes(b"x")
    assert "blobs: blob 000" in said(run)
    (run / "blobs" / "sha256" / ("0" * 64)).unlink()
    found = verify(run)
    assert found.integrity is Integrity.INTACT
    assert "blobs: .new-1 was never finished" in found.notes


def test_a_deleted_or_changed_report(run):
    (run / "report.md").write_text("# What was not found\n")
    assert "report.md: is not the file that seal.json names" in said(run)
    (run / "report.md").unlink()
    assert "report.md: is missing" in said(run)


def test_a_deleted_seal_is_never_intact(run):
    (run / "seal.json").unlink()
    found = verify(run)
    assert found.integrity is Integrity.UNSEALED
    assert any("not sealed" in note for note in found.notes)


@pytest.mark.parametrize(
    "change",
    [
        {"events": 3}, {"head": "0" * 64}, {"root": "0" * 64}, {"format": "gaseol.seal/2"},
        {"files": {"../outside": "0" * 64}}, {"more": 1},
    ],
)  # fmt: skip
def test_a_changed_seal(run, change):
    seal = orjson.loads((run / "seal.json").read_bytes())
    (run / "seal.json").write_bytes(
        orjson.dumps({**seal, **change}, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS)
    )
    assert "seal.json" in said(run)


def test_a_seal_in_another_form(run):
    seal = orjson.loads((run / "seal.json").read_bytes())
    (run / "seal.json").write_bytes(orjson.dumps(seal))
    assert "seal.json: its bytes are not those" in said(run)


def test_another_question(run):
    asked = orjson.loads((run / "run.json").read_bytes())
    (run / "run.json").write_bytes(orjson.dumps({**asked, "scenario": {"alpha": 0.5}}))
    assert "event 0: does not follow from run.json" in said(run)
    (run / "run.json").write_bytes(b"[]")
    assert "run.json: is not of the format" in said(run)


# -- a chain made right again -------------------------------------------------------------


def change_measurement(events, *, raw=False, value=False):
    seq, event = pick(events, "measurement", case="up3a")
    measurement = event["data"]["measurement"]
    if raw:
        measurement["raw"] += 5
    if value:
        measurement["value"] += 5
    return seq


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"raw": True, "value": True}, "was answered"),
        ({"raw": True}, "was answered"),
        ({"value": True}, "its value is not its raw value converted"),
    ],
)
def test_a_measurement_that_is_not_what_the_tool_answered(ledger, run, changed, problem):
    at = []
    ledger.rewrite(run, lambda events: at.append(change_measurement(events, **changed)))
    assert f"event {at[0]}: " in said(run)
    assert problem in said(run)


def test_a_measurement_without_an_origin(ledger, run):
    def change(events):
        pick(events, "measurement", case="up3a")[1]["data"]["measurement"]["raw"] = None

    ledger.rewrite(run, change)
    assert "its value stands in no answer" in said(run)


def test_a_measurement_of_another_place_in_the_answer(ledger, run):
    def change(events):
        pick(events, "measurement", case="up3a")[1]["data"]["measurement"]["path"] = ["t", "low"]

    ledger.rewrite(run, change)
    assert "was answered None" in said(run)


def test_a_measurement_that_nobody_asked_for(ledger, run):
    def change(events):
        pick(events, "measurement", case="up3a")[1]["data"]["measurement"]["request"] = 0

    ledger.rewrite(run, change)
    assert "comes from no request" in said(run)


def test_a_failure_turned_into_another(ledger, run):
    def change(events):
        failed = pick(events, "measurement", case="up2a")[1]["data"]["measurement"]
        failed["failure"]["kind"] = "timed_out"

    ledger.rewrite(run, change)
    assert "failed in another way" in said(run)


def test_a_failure_turned_into_a_value(ledger, run):
    def change(events):
        good = pick(events, "measurement", case="up3a")[1]["data"]["measurement"]
        failed = pick(events, "measurement", case="up2a")[1]["data"]
        failed["measurement"] = {
            **good,
            "case": "up2a",
            "request": failed["measurement"]["request"],
        }

    ledger.rewrite(run, change)
    assert "was answered None" in said(run)


@pytest.mark.parametrize(
    "change",
    [
        {"log_e_for": 6.0}, {"log_e_against": 6.0}, {"outcome": -1.0}, {"admissible": False},
        {"draw": 9}, {"measurements": [1]}, {"experiment": "x0"},
    ],
)  # fmt: skip
def test_changed_evidence(ledger, run, change):
    def forge(events):
        pick(events, "evidence", hypothesis="up", draw=5)[1]["data"]["evidence"].update(change)

    ledger.rewrite(run, forge)
    assert "evidence on up at draw" in said(run)


def test_evidence_left_out_or_added(ledger, run, sealed):
    last = max(
        seq for seq, e in enumerate(ledger.events(sealed))
        if e["kind"] == "evidence" and e["data"]["evidence"]["hypothesis"] == "flat"
    )  # fmt: skip

    def blank(events):
        events[last] = {**events[last], "kind": "budget.spent", "data": {"spent": {}}}

    def double(events):
        at, _ = pick(events, "budget.spent")
        events[at] = {**events[at], "kind": "evidence", "data": events[last]["data"]}

    ledger.rewrite(run, blank)
    assert "hypothesis flat: 1 draws left no evidence" in said(run)
    shutil.copy(sealed / "events.jsonl", run)
    ledger.rewrite(run, double)
    assert "flat" in said(run)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"ruling": "refuted"}, "says refuted of up; the record gives supported"),
        ({"ruling": "invalid"}, "says invalid of up"),
        ({"log_e_for": 9.0}, "of up"),
        ({"draws": 3}, "of up"),
        ({"failures": 0}, "of up"),
        ({"basis": "model-based"}, "of up"),
        ({"hypothesis": "spare"}, "spare, which is not registered"),
    ],
)
def test_a_changed_verdict(ledger, run, change, problem):
    def forge(events):
        pick(events, "verdict", hypothesis="up")[1]["data"]["verdict"].update(change)

    ledger.rewrite(run, forge)
    assert problem in said(run)


def test_a_verdict_left_out(ledger, run):
    def forge(events):
        seq, _ = pick(events, "verdict", hypothesis="down")
        events[seq] = {**events[seq], "kind": "budget.spent", "data": {"spent": {}}}

    ledger.rewrite(run, forge)
    assert "hypothesis down: is registered and has no verdict" in said(run)


def test_a_second_verdict(ledger, run):
    def forge(events):
        seq, first = pick(events, "verdict", hypothesis="up")
        events[seq - 1] = copy.deepcopy(first)
        events[seq - 1]["data"]["verdict"]["ruling"] = "refuted"

    ledger.rewrite(run, forge)
    assert "is the second verdict of up" in said(run)


@pytest.mark.parametrize("change", [{"ruling": "refuted"}, {"draw": 3}, {"log_threshold": 1.0}])
def test_a_changed_crossing(ledger, run, change):
    def forge(events):
        pick(events, "crossing", hypothesis="up")[1]["data"]["crossing"].update(change)

    ledger.rewrite(run, forge)
    assert "says up is" in said(run)


def test_a_crossing_that_never_was(ledger, run):
    def forge(events):
        seq, _ = pick(events, "evidence", hypothesis="up", draw=5)
        crossing = copy.deepcopy(pick(events, "crossing", hypothesis="up")[1]["data"])
        crossing["crossing"]["hypothesis"] = "flat"
        found = pick(events, "crossing", hypothesis="flat")[0]
        events[found] = {**events[found], "kind": "budget.spent", "data": {"spent": {}}}
        events[seq + 1] = {**events[seq + 1], "kind": "crossing", "data": crossing}

    ledger.rewrite(run, forge)
    assert verify(run).integrity is Integrity.BROKEN


def test_a_changed_number_or_unit_in_a_claim(ledger, run, sealed):
    def forge(field, value):
        def change(events):
            claim = pick(events, "claim", id="c-mean")[1]["data"]["claim"]
            claim["figures"]["mean"][field] = value

        return change

    for field, value in (("value", 999.0), ("unit", "degC"), ("measurements", [12])):
        shutil.copy(sealed / "events.jsonl", run)
        ledger.rewrite(run, forge(field, value))
        assert "the audit says supported, the record says unsupported" in said(run)


def test_a_claim_whose_text_holds_a_number(ledger, run):
    def change(events):
        pick(events, "claim", id="c-mean")[1]["data"]["claim"]["text"] += " It was 42."

    ledger.rewrite(run, change)
    assert "the record says unsupported" in said(run)


def test_a_false_audit_and_a_missing_one(ledger, run, sealed):
    def false(events):
        pick(events, "audit", claim="c-mean")[1]["data"]["audit"]["supported"] = False

    def missing(events):
        seq, event = pick(events, "audit", claim="c-mean")
        events[seq] = {**event, "kind": "budget.spent", "data": {"spent": {}}}

    ledger.rewrite(run, false)
    assert "the audit says unsupported, the record says supported" in said(run)
    shutil.copy(sealed / "events.jsonl", run)
    ledger.rewrite(run, missing)
    assert "the claim was never audited" in said(run)


def test_an_experiment_for_what_is_not_registered(ledger, run):
    def change(events):
        pick(events, "experiment.designed")[1]["data"]["experiment"]["hypotheses"] = ["spare"]

    ledger.rewrite(run, change)
    assert "is for spare, which is not registered" in said(run)


@pytest.mark.parametrize(
    ("path", "value", "problem"),
    [
        (("prediction", "sign"), -1, "its digest is not that of what it registers"),
        (("criterion", "tie"), 2.0, "its digest is not that of what it registers"),
        (("frame", "size"), 999, "its digest is not that of what it registers"),
        (("digest",), "0" * 64, "its digest is not that of what it registers"),
        (("criterion", "alpha"), 0.5, "its m or alpha is not what the run registered"),
        (("criterion", "hypotheses"), 1, "its m or alpha is not what the run registered"),
        (("hypothesis",), "unheard", "registers unheard, which nobody proposed"),
        (("hypothesis",), "down", "its digest is not that of what it registers"),
    ],
)
def test_a_changed_registration(ledger, run, path, value, problem):
    def change(events):
        at = pick(events, "registration", hypothesis="up")[1]["data"]["registration"]
        for key in path[:-1]:
            at = at[key]
        at[path[-1]] = value

    ledger.rewrite(run, change)
    assert problem in said(run)


def test_a_second_registration(ledger, run):
    def change(events):
        at, _ = pick(events, "budget.spent")
        events[at] = copy.deepcopy(pick(events, "registration", hypothesis="up")[1])

    ledger.rewrite(run, change)
    assert "registers up a second time" in said(run)


def test_a_changed_hypothesis(ledger, run):
    def change(events):
        found = pick(events, "hypothesis.proposed", id="up")[1]["data"]["hypothesis"]
        found["relation"]["direction"] = "lowers"

    ledger.rewrite(run, change)
    assert "its digest is not that of what it registers" in said(run)


def test_a_field_that_came_later_leaves_old_registrations_whole(ledger, run):
    """Digests are over what is stored: an older record lacks the fields of a newer version."""
    import hashlib

    def older(events):
        proposed = {}
        for event in events:
            if event["kind"] == "hypothesis.proposed":
                del event["data"]["hypothesis"]["mechanism"]
                proposed[event["data"]["hypothesis"]["id"]] = event["data"]["hypothesis"]
            if event["kind"] == "registration":
                found = event["data"]["registration"]
                del found["prediction"]["words"]
                parts = [proposed[found["hypothesis"]], found["prediction"], found["criterion"],
                         found["frame"]]  # fmt: skip
                canonical = json.dumps(parts, sort_keys=True, separators=(",", ":"))
                found["digest"] = hashlib.sha256(canonical.encode()).hexdigest()

    ledger.rewrite(run, older)
    assert verify(run).integrity is Integrity.INTACT


def test_more_hypotheses_than_the_run_registered(ledger, tmp_path):
    book = ledger.Book(tmp_path, tmp_path / "run", m=1)
    for name in ("a", "b"):
        book.register_pairs(name, [(f"{name}1", f"{name}2")])
    book.recorder.close()
    assert "exceeds the 1 hypotheses" in said(tmp_path / "run")


def test_a_registration_after_its_measurement_cannot_be_called_supported(ledger, tmp_path):
    folder = tmp_path / "run"
    book = ledger.Book(tmp_path, folder)
    pairs = [(f"a{i}", f"b{i}") for i in range(12)]
    for case in ("a0", "b0"):
        book.measure(case, 310.0 if case == "a0" else 300.0)
    book.register_pairs("h", pairs)
    for pair in pairs:
        book.try_pair("h", pair, 10.0)
    book.conclude()
    book.recorder.seal()
    assert verify(folder).integrity is Integrity.INTACT
    assert book.docket.verdicts["h"].ruling == "invalid"

    def forge(events):
        pick(events, "verdict")[1]["data"]["verdict"]["ruling"] = "supported"

    ledger.rewrite(folder, forge)
    assert "says supported of h; the record gives invalid" in said(folder)


@pytest.mark.parametrize("kind", ["effect.completed", "effect.failed"])
def test_a_second_answer_to_one_request(ledger, run, kind):
    def change(events):
        _, first = pick(events, "effect.completed")
        failure = {"kind": "crashed", "reason": "x", "detail": ""}
        data = {"request": first["data"]["request"], "seconds": 0.1, "value": 7.0}
        if kind == "effect.failed":
            data = {"request": first["data"]["request"], "seconds": 0.1, "failure": failure}
        at, _ = pick(events, "budget.spent")
        events[at] = {**events[at], "kind": kind, "data": data}

    ledger.rewrite(run, change)
    assert "is answered twice" in said(run)


def test_an_answer_to_nothing(ledger, run):
    def change(events):
        at, _ = pick(events, "budget.spent")
        events[at] = {**events[at], "kind": "effect.completed", "data": {"request": 0}}

    ledger.rewrite(run, change)
    assert "answers event 0, which requested nothing" in said(run)


def test_a_rival_registered_after_measuring(ledger, tmp_path):
    folder = tmp_path / "run"
    book = ledger.Book(tmp_path, folder)
    tables = {h: {f"d{x}": a * math.log(x) for x in range(1, 6)} for h, a in
              (("square", 2.0), ("linear", 1.0))}  # fmt: skip
    book.register_laws(tables, 5)
    for x in (1, 3, 5):
        book.experiment(tuple(tables), (f"d{x}",))
        book.measure(f"d{x}", 300.0 + x)
    book.recorder.close()
    assert verify(folder).integrity is Integrity.UNSEALED

    def forge(events):
        late, registration = pick(events, "registration", hypothesis="linear")
        at, _ = pick(events, "experiment.designed")
        experiment = events[at]
        experiment["data"]["experiment"]["hypotheses"] = ["square"]
        events[late], events[at] = experiment, registration

    ledger.rewrite(folder, forge)
    assert "its rival linear was not registered before measuring" in said(folder)


def test_a_second_start(ledger, run):
    def change(events):
        at, _ = pick(events, "budget.spent")
        events[at] = {**copy.deepcopy(events[0])}

    ledger.rewrite(run, change)
    assert "a record begins with one run.started" in said(run)


def test_a_chain_rewritten_without_the_seal(ledger, run):
    def change(events):
        pick(events, "lesson.used")[1]["data"]["lesson"] = "do not stir"

    ledger.rewrite(run, change, reseal=False)
    problem = "the last event is not the one that was sealed: the chain is whole"
    assert problem in said(run, Integrity.REWRITTEN)


def test_what_an_unsigned_seal_cannot_show(ledger, run):
    """Said where the status is shown: whoever writes all anew is noticed by a kept digest only."""

    def change(events):
        pick(events, "lesson.used")[1]["data"]["lesson"] = "do not stir"

    ledger.rewrite(run, change)
    found = verify(run)
    assert found.integrity is Integrity.INTACT
    assert any("not signed" in note for note in found.notes)


# -- robust -------------------------------------------------------------------------------


def test_a_kind_of_a_later_version_is_noted(ledger, run):
    def change(events):
        at, _ = pick(events, "lesson.used")
        events[at] = {**events[at], "kind": "dream.dreamt", "data": {"of": "electric sheep"}}

    ledger.rewrite(run, change)
    found = verify(run)
    assert found.integrity is Integrity.INTACT
    assert any("dream.dreamt" in note for note in found.notes)


@pytest.mark.parametrize(
    "event",
    [
        {"kind": ["claim"]}, {"data": []}, {"data": None}, {"kind": None},
        {"kind": "effect.completed", "data": {"request": [1]}},
        {"kind": "effect.completed", "data": {}},
        {"kind": "verdict", "data": {}},
        {"kind": "hypothesis.ranked", "data": {"order": ["up"], "priors": []}},
        {"kind": "registration", "data": {"registration": {"frame": 3}}},
    ],
)  # fmt: skip
def test_nonsense_is_a_problem_and_no_crash(ledger, run, event):
    def change(events):
        at, _ = pick(events, "budget.spent")
        events[at] = {**events[at], **event}

    ledger.rewrite(run, change)
    assert "event" in said(run)


def test_what_cannot_be_judged_is_a_problem_and_no_crash(ledger, tmp_path):
    folder = tmp_path / "run"
    book = ledger.Book(tmp_path, folder)
    designs = [f"d{x}" for x in range(1, 6)]
    book.register_laws({"all": dict.fromkeys(designs, 1.0), "some": {"d1": 1.0}}, 5)
    book.experiment(("all", "some"), ("d5",))
    book.measure("d5", 300.0)
    book.recorder.close()
    assert "cannot be judged by what is on record: KeyError('d5')" in said(folder)


def test_random_garbage_is_a_problem_and_no_crash(run):
    rng = random.Random(2)
    content = lines(run)
    for _ in range(60):
        at = rng.randrange(len(content))
        noise = rng.randbytes(rng.randrange(40)).replace(b"\n", b"")
        put(run, [*content[:at], noise + b"\n", *content[at + 1 :]])
        assert f"{at}" in said(run)


def test_a_run_killed_between_any_two_events_is_not_broken(ledger, run):
    (run / "seal.json").unlink()
    content = lines(run)
    total = len(content)
    for keep in sorted({*range(1, total, 7), *range(total - 30, total)}):
        put(run, content[:keep])
        found = verify(run)
        assert found.problems == []
        assert found.integrity is Integrity.UNSEALED


def test_verifying_loads_no_heavy_library(sealed):
    code = (
        "import sys; from gaseol.traces import verify; "
        f"assert verify({str(sealed)!r}).holds; "
        "heavy = {'langgraph', 'langchain_core', 'rdkit', 'pymatgen', 'ase', 'matplotlib', "
        "'jinja2', 'httpx', 'torch', 'gaseol.tools', 'gaseol.graphs', 'gaseol.agents', "
        "'gaseol.scenarios'} & set(sys.modules); "
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
