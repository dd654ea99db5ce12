"""Whoever wants an effect, a person is asked first where the policy says so."""

import shutil

import pytest

from gaseol.graphs import resume, run
from gaseol.graphs.people.answering import hand_in
from gaseol.graphs.replay.replaying import replay
from gaseol.scenarios import Scenario
from gaseol.traces import Trace, verify
from gaseol.traces.record.inbox import awaited

SMALL = {"budget__experiments": 8, "hypotheses__maximum": 1}


def begun(world, pool, folder, **policy):
    asked = world.changed(world.EFFECTS, policy={"approve": policy}, **SMALL)
    return run(Scenario.model_validate(asked), out=folder, pool=pool, report=False)


def answered(folder, pool, **answer):
    for each in awaited(Trace(folder)):
        hand_in(folder, {each.request: {"by": "Kim", **answer}})
    return resume(folder, pool=pool)


def called(folder, tool):
    return [e for e in Trace(folder).events("effect.requested") if e.data["name"] == tool]


def test_a_tool_that_gathers_cases_is_asked_about_too(world, pool, tmp_path):
    folder = tmp_path / "run"
    assert begun(world, pool, folder, tools=["toy_cases"]).status == "paused"
    (asked,) = awaited(Trace(folder))
    assert asked.arguments["subject"] == "call toy_cases 1 times"
    assert asked.arguments["calls"] == [{"count": 120, "seed": 0}]
    assert not called(folder, "toy_cases")
    refused = shutil.copytree(folder, tmp_path / "refused")
    assert answered(folder, pool, approve="yes").status == "done"
    assert len(called(folder, "toy_cases")) == 1
    ended = answered(refused, pool, approve="no", note="not these")
    assert (ended.status, ended.summary()["reason"]) == (
        "budget",
        "Kim does not allow it: not these",
    )
    assert not called(refused, "toy_cases")
    for each in (folder, refused):
        assert verify(each).holds
        assert replay(each).holds


def test_what_costs_is_asked_about_before_the_next_effect(world, pool, tmp_path):
    """The survey's call has cost something; no measurement begins before a person allows more."""
    folder = tmp_path / "run"
    assert begun(world, pool, folder, spending={"cpu_seconds": 1e-9}).status == "paused"
    (asked,) = awaited(Trace(folder))
    assert asked.arguments["subject"].startswith("spend more cpu_seconds: ")
    assert called(folder, "toy_cases")
    assert not called(folder, "toy_signal")
    ended = answered(folder, pool, approve="no", note="enough")
    assert ended.summary()["reason"] == "Kim does not allow it: enough"
    assert not called(folder, "toy_signal")
    assert replay(folder).holds


@pytest.mark.parametrize("approve", ["yes", "no"])
def test_registrations_of_a_campaign_are_asked_about(world, pool, tmp_path, approve):
    campaign = {"graph": "optimise", "campaign": {"batch": 4}}
    asked = world.changed(
        world.EFFECTS, policy={"approve": {"registrations": True}}, **campaign, **SMALL
    )
    folder = tmp_path / "run"
    run(Scenario.model_validate(asked), out=folder, pool=pool, report=False)
    assert not list(Trace(folder).events("registration"))
    ended = answered(folder, pool, approve=approve)
    assert ended.status in ("done", "budget")
    assert len(list(Trace(folder).events("registration"))) == (approve == "yes")
    assert replay(folder).holds


def paused(world, pool, folder, base, **changes):
    asked = world.changed(getattr(world, base), **changes)
    done = run(Scenario.model_validate(asked), out=folder, pool=pool, report=False)
    assert done.status == "paused"
    return next(iter(awaited(Trace(folder))))


def test_a_tournament_asks_before_it_spends_more(world, pool, tmp_path):
    """Experiments are counted by the step; the first batch is measured, the second is asked for."""
    folder = tmp_path / "run"
    asked = paused(
        world, pool, folder, "EFFECTS", graph="tournament", budget__experiments=40,
        hypotheses__batch=4, hypotheses__maximum=2, policy={"approve": {"spending": {"experiments": 4}}},
    )  # fmt: skip
    assert asked.arguments["subject"] == "spend more experiments: 4 are spent"
    before = len(called(folder, "toy_signal"))
    assert before
    ended = answered(folder, pool, approve="no", note="enough")
    assert ended.status == "budget"
    assert ended.summary()["reason"] == "Kim does not allow it: enough"
    assert len(called(folder, "toy_signal")) == before
    assert verify(folder).holds
    assert replay(folder).holds


def test_a_survey_asks_before_it_spends_more(pool, tmp_path):
    """A search has cost something; nothing is searched for again before a person allows more."""
    text = '{"title": "On veldorin", "abstract": "Veldorin is bitter."}'
    (tmp_path / "texts.jsonl").write_text(text)
    survey = {
        "name": "veldorin", "title": "Veldorin", "question": "How soluble is veldorin?",
        "graph": "survey",
        "literature": [{"source": "corpus", "file": "texts.jsonl", "query": "veldorin"}],
        "reading": {"sought": {"solubility": {"kind": "statement", "terms": ["solubility"]}}},
        "budget": {"seconds": 300},
        "policy": {"approve": {"spending": {"cpu_seconds": 1e-9}}},
    }  # fmt: skip
    folder = tmp_path / "run"
    scenario = Scenario.model_validate(survey).placed(tmp_path)
    assert run(scenario, out=folder, pool=pool, report=False).status == "paused"
    (asked,) = awaited(Trace(folder))
    assert asked.arguments["subject"].startswith("spend more cpu_seconds: ")
    assert len(called(folder, "search_texts")) == 1
    ended = answered(folder, pool, approve="no", note="enough")
    assert (ended.status, ended.summary()["reason"]) == ("budget", "Kim does not allow it: enough")
    assert len(called(folder, "search_texts")) == 1
    assert replay(folder).holds


@pytest.mark.parametrize("approve", ["yes", "no"])
def test_a_call_with_a_remedy_is_asked_about_as_the_first_one_was(world, pool, tmp_path, approve):
    folder = tmp_path / "run"
    order = {"name": "signal", "tool": "toy_order", "unit": "K", "remedies": [{"steps": 8}],
             "arguments": {"case": "{case}", "size": "{size}", "steps": 1}}  # fmt: skip
    asked = paused(
        world, pool, folder, "EFFECTS", measurement=order,
        policy={"approve": {"tools": ["toy_order"]}}, hypotheses__pilot=0, hypotheses__batch=4, **SMALL,
    )  # fmt: skip
    assert {call["steps"] for call in asked.arguments["calls"]} == {1}
    assert not called(folder, "toy_order")
    assert answered(folder, pool, approve="yes").status == "paused"
    (again,) = awaited(Trace(folder))
    assert {call["steps"] for call in again.arguments["calls"]} == {8}
    assert {e.data["arguments"]["steps"] for e in called(folder, "toy_order")} == {1}
    answered(folder, pool, approve=approve)
    steps = [e.data["arguments"]["steps"] for e in called(folder, "toy_order")]
    assert steps.count(8) == (len(again.arguments["calls"]) if approve == "yes" else 0)
    assert verify(folder).holds
