"""Campaigns in the toy world: found in few experiments, on a record that holds and replays."""

import pytest
from pydantic import ValidationError

from gaseol.graphs.replay.replaying import replay
from gaseol.scenarios import Scenario
from gaseol.scenarios.loader import ScenarioError

CAMPAIGN = {"graph": "optimise", "campaign": {"batch": 4}, "budget__experiments": 40}


def searched(run) -> list[str]:
    return [case for case, _, purpose in run.docket.readings if purpose == "search"]


def values(run, purpose: str) -> list[float]:
    docket = run.docket
    return [
        docket.measurements[at].value for (_, _, p), at in docket.readings.items() if p == purpose
    ]


def test_a_campaign_finds_better_than_chance_and_says_so(play):
    run = play(
        **CAMPAIGN, measurement__arguments={"case": "{case}", "size": "{size}", "noise": 0.05}
    )
    assert run.status == "budget"
    found, drawn = values(run, "search"), values(run, "test")
    assert max(found) > 1.2 * max(drawn)
    assert sum(found) / len(found) > sum(drawn) / len(drawn)
    claims = list(run.docket.claims.values())
    assert str(claims[0]).startswith("The highest signal of ")
    assert f"of {searched(run)[found.index(max(found))]}" in str(claims[0])
    assert all(run.docket.audits[c.id].supported for c in claims)


def test_evidence_comes_from_the_registered_share_alone(play):
    run = play(**CAMPAIGN)
    experiments = run.docket.experiments.values()
    assert len(experiments) == 8  # a fifth of forty
    assert len(searched(run)) == 32
    drawn = {case for x in experiments for case in x.cases}
    assert {case for case, _, p in run.docket.readings if p == "test"} == drawn
    first = min(at for (_, _, p), at in run.docket.readings.items() if p == "search")
    assert max(run.docket.positions[f"registration:{h}"] for h in run.docket.registrations) < first


def test_what_is_searched_is_never_weighed(play):
    run = play(**{**CAMPAIGN, "campaign": {"batch": 4, "evidence": 0.0}})
    assert not run.docket.experiments
    assert not any(run.docket.evidence.values())
    assert {v.ruling.value for v in run.docket.verdicts.values()} == {"undecided"}


@pytest.mark.parametrize(
    ("campaign", "status", "reason"),
    [
        ({"batch": 4, "target": 15.0}, "done", "the target is reached"),
        ({"batch": 4, "worth": 1e9}, "done", "the next batch does not pay"),
        ({"batch": 4, "direction": "minimise", "target": 12.0}, "done", "the target is reached"),
    ],
)
def test_it_stops_for_a_reason(play, campaign, status, reason):
    run = play(**{**CAMPAIGN, "campaign": campaign})
    assert (run.status, run.docket.ended.reason) == (status, reason)


def test_it_stops_when_everything_is_measured(play):
    cases = {"key": "case", "tool": {"tool": "toy_cases", "arguments": {"count": 14, "seed": 1}}}
    run = play(**CAMPAIGN, cases=cases, hypotheses__delta=0.3)
    assert run.docket.ended.reason == "everything there is has been measured"
    assert len({case for case, _, _ in run.docket.readings}) == 14


def test_the_record_replays_strictly(play):
    run = play(**CAMPAIGN)
    found = replay(run.path)
    assert found.holds, found


def test_failed_measurements_stay_on_record_and_are_not_asked_again(play):
    run = play(
        **CAMPAIGN,
        measurement={
            "name": "signal", "tool": "toy_hostile", "unit": "K",
            "arguments": {"case": "{case}", "size": "{size}", "how": "nan"},
        },
    )  # fmt: skip
    failed = [m for m in run.docket.measurements.values() if m.failure]
    assert failed
    assert len(searched(run)) == len(set(searched(run)))


MOLECULES = {
    "graph": "optimise",
    "cases": {
        "key": "smiles",
        "rows": [{"smiles": s} for s in ("CCO", "CCCN", "CC(C)=O", "c1ccccc1", "CCOC", "CCS")],
    },
    "features": [{"tool": "molecule_features", "arguments": {"smiles": "{smiles}"}}],
    "variables": {"heavy_atoms": {"explore": True}, "logp": {}},
    "measurement": {
        "name": "signal", "tool": "toy_signal", "unit": "K",
        "arguments": {"case": "{smiles}", "size": "{heavy_atoms}", "noise": 0.05},
    },
    "hypotheses": {"maximum": 1, "delta": 0.3, "draws": 20, "explore": {}},
    "campaign": {
        "space": "molecules", "options": {"heavy_atoms": 12}, "batch": 8, "evidence": 0,
    },
    "budget": {"experiments": 32, "seconds": 60},
}  # fmt: skip


def test_molecules_grow_beyond_the_cases_and_the_record_replays(play):
    run = play(**MOLECULES)
    start = {row["smiles"] for row in MOLECULES["cases"]["rows"]}
    grown = [case for case in searched(run) if case not in start]
    assert len(grown) > 20
    assert max(values(run, "search")) > 90  # the largest to start from has six atoms: 60 K
    assert replay(run.path).holds


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"campaign": None}, "needs a `campaign`"),
        ({"graph": "discover"}, "only it has one"),
        ({"campaign": {"columns": ["sise"]}}, "did you mean 'size'"),
        ({"campaign": {"options": {"ring": 5}}}, "`cases` takes none"),
    ],
)
def test_a_campaign_that_does_not_fit_is_refused(world, changes, said):
    with pytest.raises(ValidationError, match=said):
        Scenario.model_validate(world.changed(world.EFFECTS, **{**CAMPAIGN, **changes}))


def test_an_unknown_space_is_refused_with_those_there_are(play):
    with pytest.raises(
        ScenarioError, match="there are cases, compositions, conditions, molecule_list"
    ):
        play(**{**CAMPAIGN, "campaign": {"space": "planets"}})
