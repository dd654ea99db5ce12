"""Each line by itself and its link to the one before, in this process and in a second one."""

import copy
import hashlib
import subprocess
import sys
from pathlib import Path

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gaseol.traces import verify
from gaseol.traces.record import chain
from gaseol.traces.verification import linkage
from gaseol.traces.verification.linkage import Following, follow, request_key
from gaseol.traces.verification.problem import Flaw
from gaseol.traces.verification.verifier import Integrity


@pytest.fixture(autouse=True)
def _no_keys_of_ours(tmp_path, monkeypatch):
    monkeypatch.setenv("GASEOL_CONFIG", str(tmp_path / "config"))


def chained(folder: Path, change) -> None:
    """Change stored lines as bytes, then make every link right again, but not the seal."""
    content = (folder / "events.jsonl").read_bytes().splitlines()
    head = chain.start((folder / "run.json").read_bytes())
    made = []
    for seq, line in enumerate(content):
        at = line.index(b'"prev":"') + 8
        line = change(seq, line[:at] + head.hex().encode() + line[at + 64 :])
        head = chain.link(head, line)
        made.append(line + b"\n")
    (folder / "events.jsonl").write_bytes(b"".join(made))


def said(folder: Path) -> list[str]:
    """Return the problems of the lines."""
    return [str(problem) for problem in follow(folder).problems]


@settings(deadline=None)
@given(st.lists(st.binary(max_size=6), max_size=300), st.data())
def test_leaves_added_together_give_the_root_of_leaves_added_one_by_one(leaves, data):
    one, many = chain.Merkle(), chain.Merkle()
    left = list(leaves)
    while left:
        size = data.draw(st.integers(1, len(left)) | st.sampled_from([1, 2, 4, 8, 16, 64, 128]))
        many.extend(left[:size])
        del left[:size]
    many.extend([])
    for leaf in leaves:
        one.add(leaf)
    assert (many.root(), many.count) == (one.root(), one.count)


@pytest.mark.parametrize("size", [1, 2, 7, 1024])
def test_lines_are_taken_together_in_blocks_of_any_size(sealed, ledger, monkeypatch, size):
    monkeypatch.setattr(linkage, "_BLOCK", size)
    seal = orjson.loads((sealed / "seal.json").read_bytes())
    found = follow(sealed)
    assert (found.events, found.head, found.root) == (seal["events"], seal["head"], seal["root"])
    assert found.problems == ()


# -- in a second process ------------------------------------------------------------------


@pytest.fixture
def long(monkeypatch):
    """Let every record be long enough for a second process, and count the processes."""
    started = []
    begin = subprocess.Popen

    def counted(*given, **named):
        started.append(given)
        return begin(*given, **named)

    monkeypatch.setattr(linkage, "_LONG", 0)
    monkeypatch.setattr(subprocess, "Popen", counted)
    return started


def spoil_text(run):
    path = run / "events.jsonl"
    path.write_bytes(path.read_bytes().replace(b"stir first", b"stir f\xe9rst"))


def spoil_order(run):
    lines = (run / "events.jsonl").read_bytes().splitlines(keepends=True)
    lines[10], lines[11] = lines[11], lines[10]
    (run / "events.jsonl").write_bytes(b"".join(lines))


def spoil_end(run):
    path = run / "events.jsonl"
    path.write_bytes(path.read_bytes()[:-1])


def spoil_all(run):
    (run / "events.jsonl").write_bytes(b"x\n" * 50)


def spoil_payload(run):
    next((run / "blobs" / "sha256").iterdir()).unlink()


def spoil_nothing(run):
    pass


@pytest.mark.parametrize(
    "spoil", [spoil_nothing, spoil_text, spoil_order, spoil_end, spoil_all, spoil_payload]
)
def test_a_long_record_gives_the_same(run, long, monkeypatch, spoil):
    spoil(run)
    apart = verify(run)
    assert len(long) == 1
    monkeypatch.setattr(linkage, "_LONG", 1 << 60)
    assert verify(run) == apart
    assert len(long) == 1, "a short record starts no process"
    assert (apart.integrity is Integrity.INTACT) is (spoil is spoil_nothing)


@pytest.mark.parametrize(
    "program",
    ["#!/bin/sh\nexit 3\n", "#!/bin/sh\nkill -9 $$\n", "#!/bin/sh\necho nonsense\n",
     "#!/bin/sh\nexit 0\n", "#!/bin/sh\necho '{}'\n", "#!/bin/sh\necho '[]'\n", None],
)  # fmt: skip
def test_a_second_process_that_dies_or_talks_nonsense_is_done_without(
    run, long, monkeypatch, tmp_path, program
):
    other = tmp_path / "python"
    if program:
        other.write_text(program)
        other.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(other))
    found = verify(run)
    assert len(long) == 1
    assert (found.integrity, found.problems) == (Integrity.INTACT, [])
    spoil_order(run)
    assert verify(run).integrity is Integrity.BROKEN


def test_a_second_process_loads_nothing_from_where_it_is_started(run, long, monkeypatch, tmp_path):
    """A downloaded folder may hold an `orjson.py`; whoever verifies in it must not run that."""
    trap, sprung = tmp_path / "trap", tmp_path / "sprung"
    trap.mkdir()
    for name in ("orjson", "msgspec", "gaseol", "hashlib", "subprocess"):
        (trap / f"{name}.py").write_text(f"open({str(sprung)!r}, 'w').close()\n")
    monkeypatch.chdir(trap)
    following = Following(run)
    assert following.result() == follow(run)
    assert len(long) == 1
    assert not sprung.exists()


# -- lines --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "odd", [b"\xff", b"\xc3", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf5\x80\x80\x80"]
)
def test_text_that_is_no_utf8(run, odd):
    at = []

    def change(seq, line):
        if b"stir first" in line:
            at.append(seq)
        return line.replace(b"stir first", b"stir " + odd)

    chained(run, change)
    (what,) = said(run)
    assert what.startswith(f"event {at[0]}: line {at[0] + 1} of events.jsonl is no event")


def test_text_that_is_utf8_beyond_ascii(run):
    chained(run, lambda _, line: line.replace(b"stir first", "erst rühren 🧪".encode()))
    assert said(run) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'{"seq":4,', b'{"seq":4,"more":1,'),
        (b'"cause":null,', b""),
        (b'"kind":"', b'"kine":"'),
        (b'{"seq":4,', b'{"seq":"4",'),
        (b'{"seq":4,', b'{"seq":4.5,'),
        (b'{"seq":4,', b'{"seq":null,'),
        (b'"cause":null', b'"cause":"3"'),
        (b'"cause":null', b'"cause":1.5'),
        (b'"kind":"run.forked"', b'"kind":["run.forked"]'),
        (b'"data":{', b'"data":[{'),
        (b"{", b""),
        (b'"data":', b'"data":x'),
    ],
)
def test_a_line_that_is_no_event(run, old, new):
    def change(seq, line):
        if seq != 4:
            return line
        assert old in line
        return line.replace(old, new, 1)

    chained(run, change)
    assert said(run)[0].startswith("event 4: line 5 of events.jsonl is no event")


@pytest.mark.parametrize("data", [b"[]", b"null", b"3", b'"{}"', b"true", b"1.5"])
@pytest.mark.parametrize("kind", ["run.forked", "effect.completed", "effect.requested", "dream"])
def test_data_that_are_no_object(run, data, kind):
    def change(seq, line):
        if seq != 4:
            return line
        start = line[: line.index(b'"kind"')]
        return start + b'"kind":"%s","data":%s}' % (kind.encode(), data)

    chained(run, change)
    assert said(run)[0].startswith("event 4: ")
    assert verify(run).integrity is Integrity.BROKEN


@pytest.mark.parametrize(("seq", "cause"), [(4, 4), (4, 5), (4, 10**6), (0, 0), (4, -1)])
def test_a_cause_that_is_no_earlier_event(ledger, run, seq, cause):
    ledger.rewrite(run, lambda events: events[seq].update(cause=cause))
    assert any(f"event {seq}: " in what and "cause" in what for what in said(run))


def test_a_line_that_calls_itself_another_event(run):
    chained(run, lambda seq, line: line.replace(b'{"seq":4,', b'{"seq":5,'))
    assert said(run) == ["event 4: calls itself event 5"]


def test_members_in_another_order(run):
    """Readers that look for `seq` and `prev` at the beginning of a line must not be led astray."""

    def change(seq, line):
        if seq != 4:
            return line
        event = orjson.loads(line)
        return orjson.dumps({k: event[k] for k in ("prev", "seq", "at", "cause", "kind", "data")})

    chained(run, change)
    assert any(what.startswith("event 4: ") for what in said(run))


def test_a_member_that_stands_there_twice(run):
    """One reader takes the first, another the last: such a line says two things."""
    chained(run, lambda seq, line: line.replace(b'{"seq":4,', b'{"seq":4,"seq":4,'))
    assert any(what.startswith("event 4: ") for what in said(run))


def test_reading_stops_after_many_problems(run):
    (run / "events.jsonl").write_bytes(b"x\n" * 100_000)
    found = follow(run)
    assert found.problems[-1].what == "too many problems, stopped reading"
    assert len(found.problems) < 30


def test_a_torn_end_is_truncation(run):
    spoil_end(run)
    found = follow(run)
    assert [problem.flaw for problem in found.problems] == [Flaw.TRUNCATED]
    assert found.events == len((run / "events.jsonl").read_bytes().splitlines()) - 1


# -- requests -----------------------------------------------------------------------------


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip


@settings(deadline=None)
@given(st.text(max_size=6), st.dictionaries(st.text(max_size=4), JSON, max_size=4))
def test_a_key_is_the_documented_digest(name, arguments):
    text = orjson.dumps(["tool", name, "1", arguments], option=orjson.OPT_SORT_KEYS)
    assert request_key("tool", name, "1", arguments) == hashlib.sha256(text).hexdigest()


@pytest.mark.parametrize(
    "change",
    [
        {"key": "0" * 64}, {"arguments": {"case": "p1"}}, {"name": "barometer"}, {"version": "2"},
        {"effect": "model"}, {"key": 3}, {"key": None}, {"name": None}, {"arguments": 3},
        {"arguments": None},
    ],
)  # fmt: skip
def test_a_request_that_asks_something_else_than_its_key_says(ledger, run, change):
    at = next(n for n, e in enumerate(ledger.events(run)) if e["kind"] == "effect.requested")

    def forge(events):
        events[at]["data"].update(change)

    ledger.rewrite(run, forge)
    assert any(what.startswith(f"event {at}: ") for what in said(run))
    assert not verify(run).holds


@pytest.mark.parametrize("name", ["effect", "name", "key", "version"])
def test_a_request_that_lacks_what_its_key_says(ledger, run, name):
    at = next(n for n, e in enumerate(ledger.events(run)) if e["kind"] == "effect.requested")
    ledger.rewrite(run, lambda events: events[at]["data"].pop(name))
    assert any(what.startswith(f"event {at}: ") for what in said(run))


def test_the_order_of_arguments_makes_no_other_request(ledger, run):
    def turn(events):
        for event in events:
            if event["kind"] == "effect.requested":
                event["data"]["arguments"] = dict(reversed(event["data"]["arguments"].items()))

    before = copy.deepcopy(ledger.events(run))
    ledger.rewrite(run, turn)
    assert ledger.events(run)[-1]["data"] == before[-1]["data"]
    assert verify(run).integrity is Integrity.INTACT
