"""How a run went."""

import pytest

from gaseol.traces import Trace
from gaseol.traces.export.course import Course


def test_every_call_has_its_step_and_its_answer(ledger, sealed):
    course = Course.of(Trace(sealed))
    events = ledger.events(sealed)
    assert course.events == len(events)
    assert [s.name for s in course.steps.values()] == ["survey"]
    (step,) = course.steps.values()
    assert events[step.seq]["kind"] == "step.started"
    assert events[step.end]["kind"] == "step.ended"
    asked = [e for e in events if e["kind"] == "effect.requested"]
    assert list(course.calls) == [e["seq"] for e in asked]
    for call in course.calls.values():
        assert (call.step == step.seq) == (step.seq < call.seq < step.end)
        assert (call.seq in step.calls) == (call.step == step.seq)
        if call.answer is not None:
            assert events[call.answer]["data"]["request"] == call.seq
    outcomes = [c.outcome for c in course.calls.values()]
    kinds = [e["kind"] for e in events]
    assert outcomes.count("completed") == kinds.count("effect.completed")
    assert outcomes.count("failed") == kinds.count("effect.failed") == 1
    assert outcomes.count("ambiguous") == 1
    failed = next(c for c in course.calls.values() if c.outcome == "failed")
    assert failed.reason == "out_of_domain: it evaporates"


def test_a_step_that_the_run_stopped_in_goes_on(broken_step):
    """A resumed run does not begin its step anew."""
    course = Course.of(Trace(broken_step))
    (step,) = course.steps.values()
    assert step.end is None
    resumed = next(e.seq for e in Trace(broken_step).events("run.resumed"))
    assert min(step.calls) < resumed < max(step.calls)
    assert all(c.step == step.seq for c in course.calls.values() if c.seq > resumed)


def test_a_call_that_was_asked_again_has_the_answer(ledger, run):
    """Ambiguous first, then answered: one call, completed."""

    def change(events):
        last = next(e for e in events if e["kind"] == "effect.ambiguous")
        spent = next(e for e in events if e["seq"] > last["seq"] and e["kind"] == "budget.spent")
        spent |= {"kind": "effect.completed", "cause": last["cause"], "data": {
            "request": last["data"]["request"], "value": 1.0, "seconds": 0.1}}  # fmt: skip

    ledger.rewrite(run, change)
    call = Course.of(Trace(run)).calls[next(Trace(run).events("effect.ambiguous")).data["request"]]
    assert (call.outcome, call.reason, call.seconds) == ("completed", "", 0.1)


def test_an_answer_to_nothing_is_an_error(ledger, run):
    def change(events):
        next(e for e in events if e["kind"] == "effect.completed")["data"]["request"] = 0

    ledger.rewrite(run, change)
    with pytest.raises(ValueError, match="answers event 0, which requested nothing"):
        Course.of(Trace(run))


def test_an_unanswered_call_is_one(ledger, run):
    def change(events):
        last = next(e for e in events if e["kind"] == "effect.ambiguous")
        last |= {"kind": "budget.spent", "data": {"spent": {}}}

    ledger.rewrite(run, change)
    outcomes = [c.outcome for c in Course.of(Trace(run)).calls.values()]
    assert outcomes.count("unanswered") == 1
    assert outcomes.count("ambiguous") == 0
