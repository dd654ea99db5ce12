"""Tournaments that a model judges: swapped, discarded, budgeted, recorded and replayed."""

import pytest

from gaseol.agents.models.reply import most_tokens
from gaseol.graphs.replay.replaying import replay

ROOM = {
    "graph": "tournament", "hypotheses__maximum": 5, "hypotheses__pilot": 8,
    "budget__experiments": 120, "hypotheses__beliefs": [],
}  # fmt: skip


def trend(variable, direction="raises", **more):
    return {
        "kind": "trend", "variable": variable, "direction": direction, "difference": None,
        "at_equal": [], "where": [], "why": "", **more,
    }  # fmt: skip


IDEAS = {"ideas": [trend("size"), trend("weight"), trend("ring", "lowers")]}
CHILD = {"ideas": [trend("size", at_equal=["ring"])]}


def likes_size(arguments):
    """Prefer whatever speaks of the size, wherever it stands."""
    first = arguments["messages"][1]["content"].partition("## First\n")[2].partition("\n")[0]
    second = arguments["messages"][1]["content"].partition("## Second\n")[2].partition("\n")[0]
    better = "first" if "size" in first and "size" not in second else "second"
    return {"better": better if first != second else "neither", "because": "plausible"}


SCRIPT = {
    "theorist": IDEAS,
    "reviser": CHILD,
    "referee": likes_size,
    "reviewer": {"focus": ["size", "phlogiston"], "avoid": ["ring", "size"]},
    "interpreter": {"next": "stop"},
}


def ranked(run):
    return [e.fact for e in run.trace.events("hypothesis.ranked")][-1]


def test_a_model_drives_a_whole_tournament_and_it_replays(think):
    run = think(SCRIPT, spec="alone:home", **ROOM)
    asked = {
        run.trace.payload(e.fact)["prompt"]["name"]
        for e in run.trace.events("effect.requested")
        if e.fact.effect == "model"
    }
    assert {"opening", "theorist", "reviser", "referee", "reviewer"} <= asked
    child = next(h for h in run.docket.hypotheses.values() if h.parents)
    assert child.statement.endswith("at equal ring")
    strongest = ranked(run).strengths[0].hypothesis
    assert "size" in run.docket.hypotheses[strongest].statement
    # every pairing that counted was judged twice, by requests of the sceptic's that were answered
    judged = [p for p in ranked(run).pairings if p.outcome != "discarded"]
    assert judged
    assert all(len(p.judgements) == 2 for p in judged)
    (review,) = (e.fact.change for e in run.trace.events("step.ended") if e.fact.step == "review")
    assert review == {"focus": ["size"], "avoid": ["ring"]}
    assert replay(run.path).holds


def test_a_judge_that_likes_what_comes_first_decides_nothing(think):
    script = {**SCRIPT, "referee": {"better": "first", "because": "new"}}
    run = think(script, spec="alone:home", **ROOM)
    assert {p.outcome for p in ranked(run).pairings} == {"draw"}
    assert all(p.because.startswith("the order decided") for p in ranked(run).pairings)
    assert {s.value for s in ranked(run).strengths} == {0.0}
    assert replay(run.path).holds


@pytest.mark.parametrize(
    "said", ["h1, of course", {"better": "h1", "because": "plausible"}, {"better": "first"}]
)
def test_judgements_that_cannot_be_used_are_discarded(think, said):
    run = think({**SCRIPT, "referee": said}, spec="alone:home", **ROOM)
    assert {p.outcome for p in ranked(run).pairings} == {"discarded"}
    assert all("no answer that can be used" in p.because for p in ranked(run).pairings)
    assert {s.pairings for s in ranked(run).strengths} == {0}
    # and what was proposed is tested all the same
    assert run.docket.registrations
    assert replay(run.path).holds


def test_beside_the_embedded_scientist_a_model_displaces_nothing(think, pool, tmp_path, world):
    from gaseol.graphs import run as launch
    from gaseol.scenarios import Scenario

    room = {**ROOM, "hypotheses__maximum": 7}
    beside = think({**SCRIPT, "referee": {"better": "first", "because": "new"}}, **room)
    scenario = Scenario.model_validate(world.changed(world.EFFECTS, **room))
    alone = launch(scenario, out=tmp_path / "alone", pool=pool, report=False)

    def course(run):
        docket = run.docket
        return [
            (docket.hypotheses[n].statement, docket.verdicts[n].ruling, docket.verdicts[n].draws)
            for n in docket.registrations
            if docket.hypotheses[n].proposed_by != "theorist home"
        ]

    assert course(beside) == course(alone)
    by = {h.proposed_by for h in beside.docket.hypotheses.values()}
    assert "theorist home" in by
    leagues = {s.hypothesis: s.league for s in ranked(beside).strengths}
    for name, league in leagues.items():
        assert league == (beside.docket.hypotheses[name].proposed_by == "theorist home")


@pytest.mark.parametrize("tokens", [9_000, 30_000])
def test_a_tournament_that_asks_side_by_side_keeps_its_budget(think, tokens):
    def greedy(arguments):
        said = SCRIPT.get(arguments["prompt"]["name"], {"ready": "yes"})
        said = said(arguments) if callable(said) else said
        import json

        used = {
            "prompt_tokens": most_tokens(arguments), "completion_tokens": arguments["max_tokens"]
        }  # fmt: skip
        return {
            "choices": [{"message": {"content": json.dumps(said)}, "finish_reason": "stop"}],
            "usage": used,
        }

    roles = ("opening", "theorist", "sceptic", "referee", "reviser", "reviewer", "interpreter")
    run = think(
        dict.fromkeys(roles, greedy), spec="alone:home", budget__tokens=tokens,
        model={"max_tokens": 400}, **ROOM,
    )  # fmt: skip
    assert 0 < run.docket.ended.cost["tokens"] <= tokens
    reasons = [e.data["reason"] for e in run.trace.events("policy.decision")]
    assert "the budget of tokens is spent" in reasons
    assert replay(run.path).holds
