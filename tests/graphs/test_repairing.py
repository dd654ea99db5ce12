"""After a typed failure: remedies that the scenario allows, chosen by the failure alone."""

import pytest

from gaseol.graphs.replay.replaying import replay
from gaseol.scenarios import Scenario
from gaseol.scenarios.loader import ScenarioError

MOODY = {
    "measurement": {
        "name": "signal",
        "tool": "toy_moody",
        "arguments": {"case": "{case}", "size": "{size}", "steps": 1},
        "unit": "K",
        "remedies": [{"steps": 2}, {"steps": 8}],
    },
    "budget__experiments": 12,
}
"""Every third case needs eight steps, every other third at least two."""


def decisions(run) -> list[tuple[str, bool, str]]:
    return [
        (e.data["subject"], e.data["allowed"], e.data["reason"])
        for e in run.trace.events("policy.decision")
        if "failed calls" in e.data["subject"]
    ]


def test_remedies_are_tried_in_their_order_and_stand_on_record(play):
    run = play(**MOODY)
    assert all(m.failure is None for m in run.docket.measurements.values())
    said = decisions(run)
    assert {s[2] for s in said} >= {
        "tried again with {'steps': 2}",
        "tried again with {'steps': 8}",
    }
    assert all("of toy_moody (retry)" in s[0] for s in said)
    # what is measured names the request that gave it
    asked = {e.seq: e.fact.arguments for e in run.trace.events("effect.requested")}
    used = {asked[m.request]["steps"] for m in run.docket.measurements.values()}
    assert used == {1, 2, 8}
    assert replay(run.path).holds


def test_without_remedies_a_failure_stays_one(play):
    changes = {**MOODY, "measurement": {**MOODY["measurement"], "remedies": []}}
    run = play(**changes)
    failed = [m for m in run.docket.measurements.values() if m.failure]
    assert failed
    assert not decisions(run)


def test_what_no_remedy_mends_stays_failed(play):
    changes = {**MOODY, "measurement": {**MOODY["measurement"], "remedies": [{"steps": 1}]}}
    run = play(**changes)
    assert any(m.failure for m in run.docket.measurements.values())
    assert replay(run.path).holds


@pytest.mark.parametrize(
    ("remedies", "why"),
    [
        ([{"case": "c1"}], "which depends on the case"),
        ([{"size": 3.0}], "which depends on the case"),
        ([{"steps": "{size}"}], "which depends on the case"),
        ([{}], "changes nothing"),
    ],
)
def test_a_remedy_never_changes_what_is_measured(world, remedies, why):
    about = {**MOODY["measurement"], "remedies": remedies}
    with pytest.raises(ValueError, match=why):
        Scenario.model_validate(world.changed(world.EFFECTS, measurement=about))


def test_a_remedy_that_the_tool_does_not_take_is_a_flaw(play):
    about = {**MOODY["measurement"], "remedies": [{"patience": 3}]}
    with pytest.raises(ScenarioError, match=r"remedies\.0\.patience.*is no argument of toy_moody"):
        play(measurement=about)
