"""What a replay said, kept beside the record."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from gaseol.traces import verify
from gaseol.traces.record.labels import Labels, Span, load, save, spans

LABELS = ("recorded", "recomputed-equal", "recomputed-different", "live")


def said(labels, **more):
    """Return labels as a replay says them."""
    return Labels(mode="strict", head="0" * 64, at="2026-01-01T00:00:00Z", holds=True,
                  spans=spans(labels), **more)  # fmt: skip


@settings(deadline=None)
@given(st.lists(st.sampled_from(LABELS), max_size=60))
def test_rows_say_of_every_event_what_was_said_of_it(labels):
    found = said(labels)
    assert [found.of(seq) for seq in range(len(labels))] == labels
    assert [b.first for b in found.spans[1:]] == [a.last + 1 for a in found.spans[:-1]]
    assert all(a.label != b.label for a, b in zip(found.spans, found.spans[1:], strict=False))
    assert found.of(len(labels)) == found.of(-1) == "recorded", "no replay reached it"


def test_they_go_round_and_the_last_replay_counts(run):
    assert load(run) is None
    first = said(["recorded", "live"], divergence="event 1: Größe is 1 on record and 2 now")
    save(run, first)
    assert load(run) == first
    second = said(["recorded"] * 3)
    save(run, second)
    assert load(run) == second
    assert [p.name for p in (run / "replays").iterdir()] == ["latest.json"]


def test_they_are_no_part_of_the_record(run):
    before = verify(run)
    save(run, said(["live"]))
    assert verify(run) == before


@pytest.mark.parametrize(
    "content",
    [b"", b"null", b"[]", b"{}", b"\xff", b"{", b'{"mode": "strict"}', b"[" * 5000,
     b'{"mode":"dream","head":"","at":"","holds":true,"spans":[]}',
     b'{"mode":"strict","head":"","at":"","holds":true,"spans":[{"first":0,"last":1,"label":"x"}]}'],
)  # fmt: skip
def test_what_cannot_be_read_is_as_if_nobody_had_replayed(run, content):
    (run / "replays").mkdir()
    (run / "replays" / "latest.json").write_bytes(content)
    assert load(run) is None


def test_a_label_is_one_of_four():
    with pytest.raises(ValidationError):
        Span(first=0, last=1, label="dreamt")
