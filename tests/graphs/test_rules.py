"""What holds of every run: registered before measured, sealed, within budget, and nothing hidden."""

import math
from collections import Counter
from dataclasses import fields, is_dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from gaseol.agents import Scientist, embedded
from gaseol.agents.briefing import Briefing
from gaseol.graphs import run
from gaseol.scenarios import Scenario, load
from gaseol.traces.evidence.judge import Judge
from gaseol.traces.nouns.hypothesis import Curve, Law, Trend
from gaseol.traces.record.docket import Docket
from gaseol.traces.record.trace import Trace
from gaseol.traces.verification.verifier import verify


def positions(trace: Trace) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for event in trace:
        found.setdefault(event.kind, []).append(event.seq)
    return found


def holds(folder, scenario: Scenario) -> Docket:
    """Check what every record must keep to, whatever was asked; return its docket."""
    assert verify(folder).holds
    trace = Trace(folder)
    docket = Docket.of(trace)
    judge = Judge(docket, trace.blobs)
    settings_ = scenario.hypotheses
    assert len(docket.registrations) <= settings_.maximum
    assert len(docket.experiments) <= scenario.budget.experiments
    assert set(docket.verdicts) == set(docket.registrations)
    assert set(docket.hypotheses) == set(docket.registrations) | set(docket.turned_away)
    assert not set(docket.registrations) & set(docket.turned_away)
    assert set(docket.audits) == set(docket.claims)
    assert all(audit.supported for audit in docket.audits.values())
    assert {h for c in docket.claims.values() for h in c.hypotheses} == set(docket.verdicts)
    relations = [h.relation.model_dump_json() for h in docket.hypotheses.values()]
    registered = [docket.hypotheses[h].relation.model_dump_json() for h in docket.registrations]
    assert len(set(registered)) == len(registered), relations
    pilot = {m.case for m in docket.measurements.values() if m.purpose == "pilot"}
    for name, registration in docket.registrations.items():
        at = docket.positions[f"registration:{name}"]
        before = {m.case for p, m in docket.measurements.items() if p < at and m.purpose != "check"}
        sealed = judge.sealed_draws(registration)
        assert registration.criterion.hypotheses == settings_.maximum
        if registration.frame.draw_rule == "disjoint":
            drawn = [case for pair in sealed for case in pair]
            assert len(set(drawn)) == len(drawn)
            assert not set(drawn) & before, "a case seen before the registration may be drawn"
        else:
            assert not set(sealed) & pilot
        trials = [docket.experiments[x] for x in docket.trials.get(name, ())]
        if registration.frame.draw_rule == "disjoint":
            assert [x.draw for x in trials] == list(range(len(trials)))
            assert [list(x.cases) for x in trials] == [list(p) for p in sealed[: len(trials)]]
        for x in trials:
            assert docket.positions[f"experiment:{x.id}"] > at
        for evidence in docket.evidence.get(name, ()):
            assert all(p > at for p in evidence.measurements)
    return docket


BASES = {
    "EFFECTS": {},
    "EFFECTS with a pilot": {"hypotheses__pilot": 15},
    "LAWS": {},
    "LAWS and trends": {
        "hypotheses__explore": {}, "variables__size__explore": True, "hypotheses__maximum": 6,
        "budget__experiments": 60,
    },
    "CURVES": {},
}  # fmt: skip


@pytest.mark.parametrize("name", BASES)
@pytest.mark.parametrize("seed", [0, 1])
def test_every_run_keeps_to_the_rules(world, play, name, seed):
    base = name.split()[0]
    handle = play(base, seed=seed, **BASES[name])
    docket = holds(handle.path, Scenario.model_validate(world.changed(getattr(world, base), **BASES[name])))  # fmt: skip
    events = positions(handle.trace)
    assert max(events["registration"]) < min(events["experiment.designed"])
    assert max(events["hypothesis.ranked"]) < min(events["registration"])
    assert min(events["verdict"]) > max(events["evidence"])
    beliefs = [h for h in docket.registrations if docket.hypotheses[h].proposed_by == "scenario"]
    asked = getattr(world, base)["hypotheses"].get("beliefs", [])
    assert len(beliefs) == len(asked)
    laws = [
        h for h in docket.registrations if isinstance(docket.hypotheses[h].relation, Law | Curve)
    ]
    if laws:
        nothing = [
            h for h in laws
            if isinstance(r := docket.hypotheses[h].relation, Law) and not r.weights
        ]  # fmt: skip
        assert len(nothing) == 1, "noise only is always a rival"
        for h in laws:
            assert set(docket.registrations[h].criterion.rivals) == set(laws) - {h}
    if base == "CURVES":
        rivals = {docket.hypotheses[h].relation.rival for h in laws if h not in nothing}  # pyright: ignore
        assert rivals == {"linear", "square", "root"}
        others = Judge(docket, handle.trace.blobs).others(docket.registrations[laws[0]])
        assert set(others) == {"cube", "linear and square", "linear and root", "square and root"}


@given(
    base=st.sampled_from(["EFFECTS", "LAWS", "CURVES"]),
    experiments=st.integers(1, 12),
    maximum=st.integers(1, 4),
    draws=st.integers(1, 15),
    batch=st.integers(1, 9),
    pilot=st.integers(0, 8),
    alpha=st.sampled_from([0.05, 0.2, 0.49]),
    seed=st.integers(0, 3),
)
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
def test_small_budgets(
    world, pool, tmp_path_factory, base, experiments, maximum, draws, batch, pilot, alpha, seed
):
    scenario = Scenario.model_validate(
        world.changed(
            getattr(world, base), budget__experiments=experiments, hypotheses__maximum=maximum,
            hypotheses__draws=draws, hypotheses__batch=batch, hypotheses__pilot=pilot,
            hypotheses__alpha=alpha,
        )
    )  # fmt: skip
    folder = tmp_path_factory.mktemp("small") / "run"
    handle = run(scenario, seed=seed, out=folder, pool=pool, report=False)
    docket = holds(folder, scenario)
    assert handle.status in ("done", "budget")
    spent = handle.summary()["cost"]
    assert spent["experiments"] == len(docket.experiments)
    if handle.status == "budget":
        assert spent["experiments"] == experiments


def test_too_small_a_frame_is_turned_away_with_its_numbers(play):
    handle = play(cases__tool__arguments__count=12, hypotheses__explore=None)
    assert handle.status == "done"
    assert not handle.docket.registrations
    reason = handle.docket.turned_away["h2"]
    assert "pairs and" in reason
    assert (
        "disjoint draws; even if all went its way they could not reach ln(m/alpha) = 4.09" in reason
    )
    assert not [m for m in handle.docket.measurements.values() if m.purpose == "test"]


def test_an_empty_frame_is_turned_away(play, world):
    belief = world.changed(
        world.EFFECTS["hypotheses"]["beliefs"][1],
        relation__where=[{"variable": "size", "at_least": 1000}],
    )
    handle = play(hypotheses__beliefs=[belief], hypotheses__explore=None)
    assert handle.docket.turned_away == {"h1": "no two cases are comparable (matched in ring)"}


def test_beliefs_come_first_and_slots_are_counted(play):
    handle = play(hypotheses__maximum=2)
    docket = handle.docket
    assert {docket.hypotheses[h].proposed_by for h in docket.registrations} == {"scenario"}
    assert set(docket.turned_away.values()) == {"all 2 registered slots are taken"}


def test_duplicates_are_turned_away(play, world):
    """A law whose predictions are the same on these cases is no rival."""
    beliefs = [
        *world.LAWS["hypotheses"]["beliefs"],
        {"statement": "by nearly size", "relation": {"kind": "law", "weights": {"size": 1.01}}},
    ]
    handle = play("LAWS", hypotheses__beliefs=beliefs, hypotheses__laws__propose=0)
    docket = handle.docket
    assert len(docket.turned_away) == 1
    ((name, reason),) = docket.turned_away.items()
    assert name in ("h1", "h3")
    assert reason == f"cannot be told apart from {'h3' if name == 'h1' else 'h1'} on these cases"


def test_seconds_end_the_run(play):
    handle = play(budget__seconds=1e-6)
    assert handle.status == "budget"
    assert handle.summary()["reason"] == "the budget of seconds is spent"
    assert not handle.docket.experiments
    assert not handle.docket.verdicts  # nothing was asked: no case, no hypothesis


def test_instrument_seconds_end_the_run(play):
    handle = play("CURVES", budget__instrument_seconds=35)
    assert handle.status == "budget"
    assert handle.summary()["reason"] == "the budget of instrument_seconds is spent"
    assert handle.summary()["cost"]["instrument_seconds"] == 40


def test_a_wave_of_refinement_follows_supported_trends(play):
    """Two variables that rise together: is one only standing for the other?"""
    beliefs = [
        {
            "statement": f"{v} raises the signal",
            "relation": {
                "kind": "trend", "variable": v, "direction": "raises", "minimum_difference": 0.2,
            },
        }
        for v in ("size", "size_too")
    ]  # fmt: skip
    rows = [
        {"case": f"c{i}", "size": 1 + i / 100, "size_too": 1 + (i + (7 * i) % 11) / 100}
        for i in range(300)
    ]
    handle = play(
        cases={"key": "case", "rows": rows},
        variables={"size": {}, "size_too": {}},
        hypotheses={"maximum": 6, "delta": 0.2, "draws": 40, "beliefs": beliefs},
        measurement__arguments__noise=0.05,
    )
    docket = handle.docket
    events = positions(handle.trace)
    refined = [h for h in docket.hypotheses.values() if h.parents]
    assert {h.parents for h in refined} == {("h1", "h2"), ("h2", "h1")}
    for h in refined:
        assert isinstance(h.relation, Trend)
        assert h.proposed_by == "theorist"
        assert [m.variable for m in h.relation.matching] == [
            {"size": "size_too", "size_too": "size"}[h.relation.variable]
        ]
        assert docket.positions[f"hypothesis:{h.id}"] > events["crossing"][1]
    holds(handle.path, Scenario.model_validate(handle.trace.run["scenario"]))


def test_the_same_call_under_two_names_is_no_second_evidence(play):
    """Cases that the instrument cannot tell apart: what the pilot saw of one is known of all."""
    rows = [{"case": f"c{i}", "size": 1 + (i % 60) / 20, "group": f"g{i % 60}"} for i in range(240)]
    belief = {
        "statement": "size raises the signal",
        "relation": {"kind": "trend", "variable": "size", "direction": "raises"},
    }
    handle = play(
        cases={"key": "case", "rows": rows},
        variables={"size": {}, "group": {}},
        measurement__arguments={"case": "{group}", "size": "{size}"},
        hypotheses={"maximum": 1, "pilot": 10, "delta": 0.2, "beliefs": [belief]},
    )
    (verdict,) = handle.docket.verdicts.values()
    assert verdict.ruling.value != "invalid", verdict.reason


CANARY = "CANARY-7f3a"


def found_in(thing: Any, seen: set[int]) -> bool:
    """Walk everything that can be reached from an object."""
    if id(thing) in seen:
        return False
    seen.add(id(thing))
    if isinstance(thing, str | bytes):
        return CANARY in str(thing)
    if isinstance(thing, dict):
        return any(found_in(part, seen) for pair in thing.items() for part in pair)
    if isinstance(thing, list | tuple | set | frozenset):
        return any(found_in(part, seen) for part in thing)
    if isinstance(thing, BaseModel):
        private = getattr(thing, "__pydantic_private__", None) or {}
        return found_in({**thing.__dict__, **private}, seen)
    if is_dataclass(thing):
        return any(found_in(getattr(thing, f.name, None), seen) for f in fields(thing))
    if hasattr(thing, "__dict__"):
        return found_in(vars(thing), seen)
    return CANARY in repr(thing)


class Recorded:
    """A role that looks through all it is given before it does its work."""

    def __init__(self, role: Any, told: list) -> None:
        self._role, self._told = role, told

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._role, name)

        def call(*given: Any) -> Any:
            self._told.append((name, any(found_in(thing, set()) for thing in given), given))
            return method(*given)

        return call


def test_the_hidden_answer_reaches_no_scientist(world, tmp_path):
    assert found_in({"a": [Briefing, CANARY]}, set())
    folder = world.write(
        tmp_path / "asked",
        world.changed(world.EFFECTS, hypotheses__pilot=10),
        answer_yaml="entries:\n- relation: {kind: trend, variable: size, direction: raises}\n"
        f"  ruling: supported\n  source: a handbook {CANARY}\n  note: {CANARY}\n",
    )
    (folder / "hidden").mkdir()
    (folder / "hidden" / "truth.txt").write_text(CANARY)
    told: list = []
    who = embedded()
    roles = ("theorist", "sceptic", "designer", "interpreter", "writer")
    spied = Scientist("spied", **{role: Recorded(getattr(who, role), told) for role in roles})
    handle = run(load(folder), scientist=spied, out=tmp_path / "run", jobs=1)
    assert {name for name, *_ in told} == {
        "propose", "criticise", "design", "interpret", "write",
    }  # fmt: skip
    assert not [name for name, hidden, _ in told if hidden]
    assert any(isinstance(thing, Briefing) for *_, given in told for thing in given)
    for event in handle.trace:
        assert CANARY not in str(event.data)
        if event.kind == "run.ended":
            assert set(event.data["score"].values()) == {"agrees"}
        else:
            assert "agrees" not in str(event.data)
    for path in (tmp_path / "run").rglob("*"):
        assert path.is_dir() or CANARY.encode() not in path.read_bytes(), path


def test_thresholds_are_sealed_from_the_start(play):
    handle = play()
    started = handle.docket.started
    for registration in handle.docket.registrations.values():
        criterion = registration.criterion
        assert (criterion.hypotheses, criterion.alpha) == (started.hypotheses, started.alpha)
    for crossing in handle.docket.crossings.values():
        assert crossing.log_threshold == pytest.approx(math.log(3 / 0.05))
    assert Counter(e.hypothesis for e in handle.docket.crossings.values()).most_common(1)[0][1] == 1
