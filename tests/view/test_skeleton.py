"""The columns of a record, and what becomes of records that are broken."""

import base64
import struct

import orjson
import pytest

from gaseol.traces.record.trace import Trace
from gaseol.traces.view.skeleton import Skeleton


def test_columns_are_what_the_record_says(sealed):
    skeleton = Skeleton.of(sealed)
    events = list(Trace(sealed))
    assert len(skeleton) == len(events)
    assert not skeleton.broken
    for event in events:
        assert skeleton.kinds[skeleton.kind[event.seq]] == event.kind
        assert skeleton.cause[event.seq] == (-1 if event.cause is None else event.cause)
        assert skeleton.digest(event.seq) == event.digest
        assert skeleton.at[event.seq] == pytest.approx(event.at.timestamp(), abs=1e-5)


def test_a_page_reads_the_columns_as_they_are(sealed):
    skeleton = Skeleton.of(sealed)
    said = skeleton.to_json()
    causes = struct.unpack(f"<{len(skeleton)}i", base64.b64decode(said["cause"]))
    assert list(causes) == list(skeleton.cause)
    times = struct.unpack(f"<{len(skeleton)}I", base64.b64decode(said["time"]))
    for time, at in zip(times, skeleton.at, strict=True):
        assert said["origin"] + time * said["unit"] == pytest.approx(at, abs=2e-5)


def test_lines_of_a_part(sealed):
    skeleton = Skeleton.of(sealed)
    lines = dict(skeleton.lines(5, 9))
    assert list(lines) == [5, 6, 7, 8]
    assert all(orjson.loads(line)["seq"] == seq for seq, line in lines.items())
    assert not list(skeleton.lines(9, 5))
    assert not list(skeleton.lines(10**6))


def test_an_envelope_written_in_another_way_is_read_too(run):
    lines = (run / "events.jsonl").read_bytes().splitlines()
    event = orjson.loads(lines[3])
    event["at"] = "2026-01-01T09:00:00+09:00"
    lines[3] = orjson.dumps({key: event[key] for key in reversed(event)})
    (run / "events.jsonl").write_bytes(b"\n".join(lines) + b"\n")
    skeleton = Skeleton.of(run)
    assert not skeleton.broken
    assert len(skeleton) == len(lines)
    assert skeleton.at[3] == 1767225600.0


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b"{}", "no event"),
        (b"\xff\xfe", "no event"),
        (b'{"seq":4,"prev":"","at":"never","cause":null,"kind":"x","data":{}}', "no event"),
        (
            b'{"seq":4,"prev":"","at":"2026-01-01T00:00:00Z","cause":9,"kind":"x","data":{}}',
            "cause",
        ),
        (
            b'{"seq":4,"prev":"","at":"2026-01-01T00:00:00Z","cause":null,"kind":[],"data":{}}',
            "kind",
        ),
        (b'{"seq":9,"prev":"","at":"2026-01-01T00:00:00Z","cause":null,"kind":"x","data":{}}', "9"),
        (b"[" * 100_000, "no event"),
    ],
)
def test_a_broken_record_is_read_up_to_there(run, line, why):
    lines = (run / "events.jsonl").read_bytes().splitlines()
    lines[4] = line
    (run / "events.jsonl").write_bytes(b"\n".join(lines) + b"\n")
    skeleton = Skeleton.of(run)
    assert len(skeleton) == 4
    assert "line 5" in skeleton.broken
    assert why in skeleton.broken


def test_a_torn_end_is_said(run):
    content = (run / "events.jsonl").read_bytes()
    (run / "events.jsonl").write_bytes(content[:-20])
    skeleton = Skeleton.of(run)
    assert "torn" in skeleton.broken
    assert len(skeleton) == content.count(b"\n") - 1


def test_an_empty_record(run):
    (run / "events.jsonl").write_bytes(b"")
    said = Skeleton.of(run).to_json()
    assert said["events"] == 0
    assert said["time"] == ""


def test_no_more_kinds_than_have_a_code(run):
    lines = (run / "events.jsonl").read_bytes().splitlines()
    made = [
        orjson.dumps({"seq": n, "prev": "", "at": "2026-01-01T00:00:00Z", "cause": None,
                      "kind": f"kind {n}", "data": {}})
        for n in range(len(lines), len(lines) + 400)
    ]  # fmt: skip
    (run / "events.jsonl").write_bytes(b"\n".join(lines + made) + b"\n")
    skeleton = Skeleton.of(run)
    assert len(skeleton) == len(lines) + 400
    assert len(skeleton.kinds) == 256
    assert skeleton.kinds[max(skeleton.kind)] == "other"
