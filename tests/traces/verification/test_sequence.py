"""What events say, read in a stream: the fast way takes and refuses what the careful one does."""

import copy
import hashlib
import shutil

import orjson
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from gaseol.traces import verify
from gaseol.traces.record import event as kinds
from gaseol.traces.record.blob import BlobStore
from gaseol.traces.record.event import Measured
from gaseol.traces.verification import sequence
from gaseol.traces.verification.sequence import Sequence
from gaseol.traces.verification.verifier import Integrity


@pytest.fixture(autouse=True)
def _no_keys_of_ours(tmp_path, monkeypatch):
    monkeypatch.setenv("GASEOL_CONFIG", str(tmp_path / "config"))


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    """Read one measurement as the third event of a record, and return the problems."""
    folder = tmp_path_factory.mktemp("plain")
    started = kinds.RunStarted(
        scenario="made", question="?", scientist="by hand", graph="none", seed=0, hypotheses=1,
        alpha=0.05, budget={},
    )  # fmt: skip
    before = [
        ("run.started", started.model_dump(mode="json")),
        ("effect.requested", {"effect": "tool", "name": "t", "key": "", "arguments": {}}),
        ("effect.completed", {"request": 1, "value": {"a": 2.0, "b": [1, 2.0]}, "seconds": 0.1}),
    ]

    def read(data) -> Sequence:
        events = [*before, ("measurement", data)]
        envelope = {"prev": "0" * 64, "at": "2026-01-01T00:00:00Z", "cause": None}
        lines = [
            orjson.dumps({"seq": n, **envelope, "kind": kind, "data": said})
            for n, (kind, said) in enumerate(events)
        ]
        (folder / "events.jsonl").write_bytes(b"".join(line + b"\n" for line in lines))
        found = Sequence(folder, BlobStore(folder), {})
        found.read()
        return found

    return read


GOOD = {
    "case": "p", "quantity": "signal", "tool": "t", "request": 1, "path": ["a"], "raw": 2.0,
    "value": 2.0,
}  # fmt: skip
NUMBERS = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**70), 2**70)
ANY = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text(max_size=4) | st.sampled_from(["1", "2.5", "-0"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)  # fmt: skip
FAILURE = {"kind": "crashed", "reason": "it fell", "detail": ""}
NAMES = [*kinds.Measurement.model_fields, "more", "Case", ""]
CHANGES = st.dictionaries(
    st.sampled_from(NAMES),
    ANY
    | st.sampled_from(
        [-1, 0, -1.0, -0.0, 1.0, 1, True, [], ["a"], ["a", 1], "a", None, FAILURE, {}]
    )
    | st.just({"sha256": "0" * 64, "bytes": 3, "media": "image/png"}),
    max_size=3,
)


@settings(max_examples=400, deadline=None)
@given(
    CHANGES,
    st.lists(st.sampled_from(list(GOOD)), max_size=1),
    st.dictionaries(st.sampled_from(["more", "request", "measurement "]), ANY, max_size=1),
)
@example({"reading": -1}, [], {})
@example({"uncertainty": -0.5}, [], {})
@example({"uncertainty": 0}, [], {})
@example({"reading": 1.0, "row": True}, [], {})
@example({"value": None, "raw": None, "failure": FAILURE}, [], {})
@example({"failure": FAILURE}, [], {})
@example({}, [], {"more": 1})
@example({}, [], {"request": 1})
@example({"seed": 2**70}, [], {})
@example({"value": 10**400}, [], {})
@example({"raw": "2.0", "value": "2"}, [], {})
def test_a_measurement_is_taken_exactly_where_the_model_takes_it(plain, changes, without, beside):
    noun = {k: v for k, v in {**GOOD, **changes}.items() if k not in without}
    try:
        data = {"measurement": noun, **beside}
        data = orjson.loads(orjson.dumps(data))
    except TypeError:
        return  # beyond 64 bits: no JSON of ours
    found = plain(data)
    refused = [p.what for p in found.problems if p.what.startswith("is no measurement")]
    try:
        expected = Measured.model_validate(data).measurement
    except ValidationError:
        assert refused, data
        assert found.docket.measurements == {}
        return
    assert refused == [], data
    if expected.request == 1:
        taken = found.docket.measurements[3]
        fields = type(expected).model_fields
        assert {k: getattr(taken, k) for k in fields} == {k: getattr(expected, k) for k in fields}
        assert {k: type(getattr(taken, k)) for k in fields} == {
            k: type(getattr(expected, k)) for k in fields
        }


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({}, None),
        ({"path": ["b"], "row": None}, "was answered [1, 2.0]"),
        ({"path": ["b", "1"]}, "was answered None"),
        ({"path": []}, "was answered"),
        ({"path": ["c"]}, "was answered None"),
        ({"path": ["a", "b"]}, "was answered None"),
        ({"row": 0}, "was answered None"),
        ({"raw": 2.0000001}, "was answered 2.0"),
        ({"raw": 2}, None),
        ({"value": 2.1}, "its value is not its raw value converted"),
        ({"raw": None}, "its value stands in no answer"),
        ({"factor": 3.0, "offset": -4.0}, None),
        ({"request": 0}, "comes from no request"),
        ({"request": 2}, "comes from no request"),
        ({"request": 3}, "comes from no request"),
        ({"request": 99}, "comes from no request"),
        ({"request": -1}, "comes from no request"),
    ],
)
def test_a_measurement_is_what_was_answered(plain, changes, problem):
    said = [p.what for p in plain({"measurement": {**GOOD, **changes}}).problems]
    assert bool(said) is (problem is not None), said
    assert not problem or problem in said[0]


@pytest.mark.parametrize("recent", [1, 2, 50])
def test_answers_far_back_are_still_compared(ledger, run, sealed, monkeypatch, recent):
    """Answers that are no longer in memory are read again from the file."""
    monkeypatch.setattr(sequence, "_RECENT", recent)
    monkeypatch.setattr(sequence, "_KEPT", 1)

    assert verify(run).integrity is Integrity.INTACT
    measured = [n for n, e in enumerate(ledger.events(run)) if e["kind"] == "measurement"]
    for at in (measured[0], measured[-1]):

        def wrong(events, at=at):
            measurement = events[at]["data"]["measurement"]
            measurement.update(raw=measurement["raw"] + 1, value=measurement["value"] + 1)

        ledger.rewrite(run, wrong)
        assert f"event {at}: " in str(verify(run).problems[0])
        shutil.copy(sealed / "events.jsonl", run)


def test_a_measurement_long_after_its_answer(ledger, tmp_path, monkeypatch):
    """The window over, and over again: right ones hold, and a wrong one is found."""
    monkeypatch.setattr(sequence, "_RECENT", 3)
    for wrong in (False, True):
        folder = tmp_path / str(wrong)
        book = ledger.Book(folder, folder)
        asked = []
        for i in range(20):
            asked.append(book.request("thermometer", {"case": f"c{i}"}))
            book.add(kinds.EffectCompleted(request=asked[-1], value={"t": 1.0 * i}, seconds=0.1))
        for i, request in reversed(list(enumerate(asked))):
            raw = 1.0 * i + (wrong and i == 2)
            book.add(
                kinds.Measured(
                    measurement=kinds.Measurement(
                        case=f"c{i}", quantity="q", tool="thermometer", request=request,
                        path=("t",), raw=raw, value=raw, purpose="pilot",
                    )
                )
            )  # fmt: skip
        book.recorder.seal()
        problems = [str(p) for p in verify(folder).problems]
        assert len(problems) == int(wrong)
        assert not wrong or f"event {asked[2]} was answered 2.0" in problems[0]


# -- payloads -----------------------------------------------------------------------------


@pytest.fixture
def answered_apart(ledger, tmp_path):
    """A run in which a measurement's answer and a request's arguments are payloads."""
    folder = tmp_path / "run"
    book = ledger.Book(folder, folder)
    arguments, answer = {"cases": ["a", "b"]}, [{"t": 1.0}, {"t": 2.0}]
    key = hashlib.sha256(
        orjson.dumps(["tool", "thermometer", "1", arguments], option=orjson.OPT_SORT_KEYS)
    ).hexdigest()
    asked = book.add(
        kinds.EffectRequested(
            effect="tool", name="thermometer", key=key, version="1",
            blob=book.blobs.put_json(arguments),
        )
    )  # fmt: skip
    book.add(
        kinds.EffectCompleted(request=asked, blob=book.blobs.put_json(answer), seconds=0.1), asked
    )
    for row, case in enumerate("ab"):
        book.add(
            kinds.Measured(
                measurement=kinds.Measurement(
                    case=case, quantity="q", tool="thermometer", request=asked, row=row,
                    path=("t",), raw=row + 1.0, value=row + 1.0, purpose="pilot",
                )
            )
        )  # fmt: skip
    book.add(kinds.RunEnded(status="done"))
    book.recorder.seal()
    assert verify(folder).integrity is Integrity.INTACT
    return folder


def of(events, kind):
    """Return the data of the first event of a kind."""
    return next(e["data"] for e in events if e["kind"] == kind)


@pytest.mark.parametrize("size", [0, 1, 10**9])
@pytest.mark.parametrize("kind", ["effect.requested", "effect.completed"])
def test_a_payload_of_another_size(ledger, answered_apart, kind, size):
    def change(events):
        of(events, kind)["blob"]["bytes"] = size

    ledger.rewrite(answered_apart, change)
    said = "\n".join(map(str, verify(answered_apart).problems))
    assert f"bytes, not {size}" in said


def test_a_request_whose_payload_is_another(ledger, answered_apart):
    def change(events):
        of(events, "effect.requested")["key"] = "0" * 64

    ledger.rewrite(answered_apart, change)
    assert "its key is not that of what it asks" in str(verify(answered_apart).problems[0])


@pytest.mark.parametrize("name", [3, None, ["a"], {"a": 1}, True, "", "../../run.json", "0" * 64])
@pytest.mark.parametrize("kind", ["effect.requested", "effect.completed"])
def test_a_payload_named_by_what_is_no_digest(ledger, answered_apart, kind, name):
    def change(events):
        of(events, kind)["blob"]["sha256"] = name

    ledger.rewrite(answered_apart, change)
    assert not verify(answered_apart).holds


@pytest.mark.parametrize(
    "written", [b'"sha256": "', b'"sha256" :"', b'"sha25\\u0036":"', b'"\\u0073ha256":"']
)
@pytest.mark.parametrize("kind", [b"effect.requested", b"effect.completed"])
def test_a_payload_is_missed_however_its_name_is_written(ledger, answered_apart, kind, written):
    """A record written by another hand, whose payloads were then taken away."""
    from gaseol.traces.record import chain

    head = chain.start((answered_apart / "run.json").read_bytes())
    lines, heads = [], []
    for event in ledger.events(answered_apart):
        line = orjson.dumps({**event, "prev": head.hex()})
        if kind in line:
            line = line.replace(b'"sha256":"', written)
        head = chain.link(head, line)
        lines.append(line + b"\n")
        heads.append(head)
    (answered_apart / "events.jsonl").write_bytes(b"".join(lines))
    seal = orjson.loads((answered_apart / "seal.json").read_bytes())
    seal.update(head=head.hex(), root=ledger.naive_root(heads).hex())
    (answered_apart / "seal.json").write_bytes(
        orjson.dumps(seal, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS)
    )
    names = {of(ledger.events(answered_apart), k.decode())["blob"]["sha256"] for k in (kind,)}
    for name in names:
        (answered_apart / "blobs" / "sha256" / name).unlink()
    assert verify(answered_apart).integrity is Integrity.MISSING_BLOB


@pytest.mark.parametrize(
    "blob",
    [3, [], "x", True, {"sha256": "0" * 64}, {"bytes": 3}, {"sha256": "0" * 64, "bytes": "x"}],
)
@pytest.mark.parametrize("kind", ["effect.requested", "effect.completed"])
def test_a_reference_of_another_shape_does_not_hold(ledger, answered_apart, kind, blob):
    def change(events):
        of(events, kind)["blob"] = copy.deepcopy(blob)

    ledger.rewrite(answered_apart, change)
    assert not verify(answered_apart).holds


def test_a_place_in_a_payload_that_is_not_there(ledger, answered_apart):
    for change in ({"row": 2}, {"row": -3}, {"row": None}, {"path": ["u"]}, {"raw": 3.0}):
        before = (answered_apart / "events.jsonl").read_bytes()

        def forge(events, change=change):
            of(events, "measurement")["measurement"].update(change)

        ledger.rewrite(answered_apart, forge)
        said = "\n".join(map(str, verify(answered_apart).problems))
        assert "was answered" in said, change
        (answered_apart / "events.jsonl").write_bytes(before)
