"""What a person has to allow, and what only a person can say."""

import shutil

import pytest

from gaseol.graphs import resume, run
from gaseol.graphs.people.answering import BadAnswer, hand_in
from gaseol.graphs.replay.forking import Prefix
from gaseol.graphs.replay.replaying import replay
from gaseol.scenarios import Scenario, ScenarioError, load
from gaseol.traces import Trace, verify
from gaseol.traces.bundle import write_bundle
from gaseol.traces.record.inbox import awaited
from gaseol.traces.record.projection import projection_bytes

SMALL = {"budget__experiments": 12, "hypotheses__maximum": 2}


def going(folder, pool, **answer):
    """Give the same answer to everything that is awaited, until the run has ended; count rounds."""
    rounds = 0
    while waiting := awaited(Trace(folder)):
        rounds += 1
        hand_in(folder, {each.request: {"by": "Kim", **answer} for each in waiting})
        handle = resume(folder, pool=pool)
    return rounds, handle


@pytest.fixture(scope="module")
def interrupted(world, pool, tmp_path_factory):
    """A run of a tool that may not be called twice, whole and as it was killed in a batch."""
    place = tmp_path_factory.mktemp("once")
    scenario = load(
        world.write(
            place / "toy", world.changed(world.EFFECTS, measurement__tool="toy_once", **SMALL)
        )
    )
    run(scenario, out=place / "whole", pool=pool, report=False)
    asked = [e.seq for e in Trace(place / "whole").events("effect.requested")
             if e.data["name"] == "toy_once"]  # fmt: skip
    last = next(seq for seq in asked if seq + 1 not in asked)
    shutil.copytree(place / "whole", place / "cut")
    (place / "cut" / "seal.json").unlink()
    lines = (place / "cut" / "events.jsonl").read_bytes().splitlines(keepends=True)
    (place / "cut" / "events.jsonl").write_bytes(b"".join(lines[: last + 3]))
    return place / "whole", place / "cut"


def test_a_call_that_must_not_be_repeated_waits_for_a_person(interrupted, pool, tmp_path):
    whole, cut = interrupted
    folder = shutil.copytree(cut, tmp_path / "run")
    before = (folder / "events.jsonl").read_bytes()
    assert resume(folder, pool=pool).status == "paused"
    assert (folder / "events.jsonl").read_bytes() == before
    waiting = awaited(Trace(folder))
    assert waiting
    assert all(each.ambiguous and each.fact.name == "toy_once" for each in waiting)
    first, *others = waiting
    with pytest.raises(BadAnswer, match="say again=yes"):
        hand_in(folder, {first.request: {"value": "12", "unit": "K", "by": "Kim"}})
    hand_in(folder, {first.request: {"again": "yes", "by": "Kim"}})
    assert resume(folder, pool=pool).status == "paused"
    hand_in(folder, {each.request: {"again": "yes", "by": "Kim"} for each in others})
    assert resume(folder, pool=pool).status == "budget"
    said = [e.data["reason"] for e in Trace(folder).events("effect.ambiguous")]
    assert len(said) == len(waiting)
    assert all(each.endswith("Kim says that it may be carried out again") for each in said)
    assert verify(folder).holds
    assert projection_bytes(Trace(folder)) == projection_bytes(Trace(whole))
    assert replay(folder).holds


def test_a_call_that_is_given_up(interrupted, pool, tmp_path):
    folder = shutil.copytree(interrupted[1], tmp_path / "run")
    waiting = awaited(Trace(folder))
    lost = {"failed": "the sample is gone", "by": "Kim"}
    hand_in(folder, {each.request: lost for each in waiting})
    assert resume(folder, pool=pool).status == "budget"
    failed = [e.fact for e in Trace(folder).events("effect.failed")]
    assert {f.failure.reason for f in failed} == {"Kim: the sample is gone"}
    assert [f.request for f in failed] == [each.request for each in waiting]
    assert verify(folder).holds


@pytest.mark.parametrize("policy", [{"tools": ["toy_signal"]}, {"spending": {"experiments": 5}}])
def test_what_is_to_be_allowed_is_asked_each_time(world, pool, tmp_path, policy):
    folder = tmp_path / "run"
    asked = world.changed(world.EFFECTS, policy={"approve": policy}, **SMALL)
    run(Scenario.model_validate(asked), out=folder, pool=pool, report=False)
    free = run(
        Scenario.model_validate(world.changed(world.EFFECTS, **SMALL)),
        out=tmp_path / "free", pool=pool, report=False,
    )  # fmt: skip
    rounds, handle = going(folder, pool, approve="yes")
    assert rounds == len(list(Trace(folder).events("policy.decision"))) >= 1
    assert handle.status == "budget"
    assert [e.cases for e in handle.docket.experiments.values()] == [
        e.cases for e in free.docket.experiments.values()
    ]
    assert verify(folder).holds
    assert replay(folder).holds


@pytest.mark.parametrize("policy", [{"tools": ["toy_signal"]}, {"spending": {"experiments": 5}}])
def test_what_is_not_allowed_ends_the_run(world, pool, tmp_path, policy):
    folder = tmp_path / "run"
    asked = world.changed(world.EFFECTS, policy={"approve": policy}, **SMALL)
    run(Scenario.model_validate(asked), out=folder, pool=pool, report=False)
    rounds, handle = going(folder, pool, approve="no", note="not today")
    assert (rounds, handle.status) == (1, "budget")
    assert handle.summary()["reason"] == "Kim does not allow it: not today"
    assert (len(handle.docket.measurements) > 0) is ("spending" in policy)
    assert verify(folder).holds


def test_a_campaign_asks_before_it_spends_more(world, pool, tmp_path):
    policy = {"approve": {"spending": {"experiments": 8}}}
    campaign = {"graph": "optimise", "campaign": {"batch": 4}, "policy": policy}
    scenario = Scenario.model_validate(world.changed(world.EFFECTS, **campaign, **SMALL))
    folder = tmp_path / "run"
    assert run(scenario, out=folder, pool=pool, report=False).status == "paused"
    assert resume(folder, pool=pool).status == "paused"  # nobody has said anything
    (asked,) = awaited(Trace(folder))
    assert asked.arguments["subject"] == "spend more experiments: 8 are spent"
    refused = shutil.copytree(folder, tmp_path / "refused")
    going(refused, pool, approve="no", note="not today")
    ended = list(Trace(refused).events("run.ended"))[-1].data
    assert (ended["status"], ended["reason"]) == ("budget", "Kim does not allow it: not today")
    assert ended["would"]
    _, handle = going(folder, pool, approve="yes")
    assert handle.summary()["reason"] == "the budget of experiments is spent"
    for each in (folder, refused):
        assert verify(each).holds
        assert replay(each).holds


def test_a_branch_holds_what_people_said_in_its_parent(world, pool, tmp_path):
    bench = {"name": "signal", "unit": "K", "bench": {"protocol": "look at {case}"}}
    asked = {"policy": {"approve": {"registrations": True}}, "measurement": bench, **SMALL}
    scenario = Scenario.model_validate(world.changed(world.EFFECTS, **asked))
    folder = tmp_path / "run"
    run(scenario, out=folder, pool=pool, report=False)
    allowed = {each.request: {"approve": "yes", "by": "Kim"} for each in awaited(Trace(folder))}
    hand_in(folder, allowed)
    resume(folder, pool=pool)
    torn = {each.request: {"failed": "it tore", "by": "Kim"} for each in awaited(Trace(folder))}
    hand_in(folder, torn)
    resume(folder, pool=pool)
    prefix = Prefix.of(folder, len(Trace(folder)))
    run(scenario, out=tmp_path / "branch", pool=pool, prefix=prefix, report=False)
    branch = Trace(tmp_path / "branch")
    failed = [e.fact for e in branch.events("effect.failed")]
    assert len(failed) == len(torn)
    assert {f.failure.reason for f in failed} == {"Kim: it tore"}
    checked = verify(branch.folder)
    assert checked.holds, checked.problems
    assert replay(branch.folder).holds


def test_what_is_withheld_of_an_answer_is_not_in_the_inbox_of_the_copy(world, pool, tmp_path):
    bench = {"name": "signal", "unit": "K", "bench": {"protocol": "look at {case}"}}
    asked = world.changed(world.EFFECTS, measurement=bench, policy={"payloads": "apart"}, **SMALL)
    folder = tmp_path / "run"
    run(Scenario.model_validate(asked), out=folder, pool=pool, report=False)
    told = {"value": "20", "unit": "K", "by": "Kim", "note": "on the secret rig"}
    hand_in(folder, {each.request: told for each in awaited(Trace(folder))})
    resume(folder, pool=pool)
    write_bundle(folder, tmp_path / "whole")
    assert (tmp_path / "whole" / "inbox" / "answers.jsonl").is_file()
    write_bundle(folder, tmp_path / "copy", withhold=["bench"])
    files = [p for p in (tmp_path / "copy").rglob("*") if p.is_file()]
    assert not [p.name for p in files if b"on the secret rig" in p.read_bytes()]
    assert verify(tmp_path / "copy").holds


def test_a_tool_or_a_bench(world):
    bench = {"protocol": "weigh {case} twice on the same balance"}
    for change, why in (
        ({"measurement__bench": bench}, "either a tool, or bench"),
        ({"measurement__tool": None}, "either a tool, or bench"),
    ):
        with pytest.raises(ValueError, match=why):
            Scenario.model_validate(world.changed(world.EFFECTS, **change))


def test_a_protocol_that_speaks_of_what_is_not_there(world, pool, tmp_path):
    asked = world.changed(
        world.EFFECTS,
        measurement={"name": "mass", "unit": "g", "bench": {"protocol": "weigh {kase}"}},
    )
    with pytest.raises(ScenarioError, match="fills the place"):
        run(Scenario.model_validate(asked), out=tmp_path / "run", pool=pool)
