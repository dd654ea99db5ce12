"""A verifier holds the labels of a record against what was agreed on."""

from gaseol.traces.nouns.label import Label
from gaseol.traces.verification.labels import Labels


def test_a_record_that_lost_a_label_or_did_what_is_refused_does_not_hold() -> None:
    run = {
        "labels": "gaseol.labels/1",
        "scenario": {"policy": {"confidentiality": "institute"}},
        "cards": {"order": {"consequential": True}, "read": {"quotes": "corpus"}},
    }
    low = b'{"data":{"label":{"confidentiality":"institute","sources":["corpus"]}}}'
    plain = b'{"data":{}}'
    kept = Labels(run)
    assert not kept.asked(0, "tool", "read", plain)
    assert not kept.answered(0, low, failed=False)
    assert not kept.measured(0, Label(confidentiality="institute", sources=("corpus",)))
    assert "not that of the answer" in kept.measured(0, None)
    lost = Labels(run)
    assert not lost.asked(0, "tool", "read", plain)
    assert "has lost something" in lost.answered(0, plain, failed=False)
    done = Labels(run)
    assert not done.asked(0, "tool", "order", low)
    assert "what the policy refuses" in done.answered(0, low, failed=False)
    refused = Labels(run)
    assert not refused.asked(0, "tool", "order", low)
    assert not refused.answered(0, low, failed=True)
    allowed = Labels({**run, "scenario": {"policy": {"low_integrity": ["order"]}}})
    assert not allowed.asked(0, "tool", "order", low)
    assert not allowed.answered(0, low, failed=False)
    server = {"module": "mcp:calc", "network": ["calc.example"]}
    far = Labels({**run, "cards": {"calc__x": server}})
    assert not far.asked(0, "tool", "calc__x", low)
    theirs = low.replace(b'["corpus"]', b'["corpus","mcp:calc"]')
    assert "sends what it is given away" in far.answered(0, theirs, failed=False)
    before = Labels({**run, "labels": None})  # a record that was made before there were any
    assert not before.asked(0, "tool", "read", plain)
    assert not before.answered(0, plain, failed=False)
    assert "none" in Labels(run).asked(0, "tool", "shout", b'{"data":{"label":{"sources":3}}}')
