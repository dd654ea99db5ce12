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
