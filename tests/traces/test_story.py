"""Each event in one line."""

import pytest

from gaseol.traces import Trace
from gaseol.traces.record.event import KINDS, Event
from gaseol.traces.story import tell


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_a_sentence(sealed, kind):
    for event in Trace(sealed).events(kind):
        said = tell(event)
        assert said.strip()
        assert "\n" not in said
        assert "None" not in said
        assert "FailureKind" not in said
        assert "Ruling" not in said


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("run.started", "the scientist 'by hand' begins 'made' with seed 0"),
        (
            "registration",
            "up is registered (share of hits, draw by draw; 14 draws sealed, out of 14 pairs)",
        ),
        ("evidence", "up: hit 1, ln E"),
        ("crossing", "is provisionally"),
        ("verdict", "up is supported: ln E for"),
        ("effect.failed", "out_of_domain: it evaporates"),
        ("hypothesis.turned_away", "spare is turned away: a duplicate of up"),
        ("audit", "the claim c0 says what the record says"),
        ("run.ended", "ended: done"),
    ],
)
def test_the_sentence_says_what_happened(sealed, kind, words):
    assert words in tell(next(Trace(sealed).events(kind)))


def test_outcomes_have_names(sealed):
    said = [tell(e) for e in Trace(sealed).events("evidence") if e.data["evidence"]["admissible"]]
    assert any(": miss " in s for s in said)
    assert any(": failed " in s for s in said)
    assert any(": draw " in s for s in said)


def test_an_unknown_kind_is_passed_over(sealed):
    event = next(iter(Trace(sealed)))
    assert tell(Event(0, event.at, None, "dream.dreamt", {}, event.digest)) == ""
