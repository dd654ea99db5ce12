"""Tokens and money hold exactly; what is spent is what the answers say."""

import pytest

from gaseol.agents.models.reply import most_tokens
from gaseol.graphs.replay.replaying import replay
from gaseol.traces.nouns.failure import Failure, FailureKind

ROOM = {"hypotheses__maximum": 6, "budget__experiments": 180}


def greedy(arguments):
    """Use all that was allowed: as many tokens as the request's bound and `max_tokens` say."""
    used = {"prompt_tokens": most_tokens(arguments), "completion_tokens": arguments["max_tokens"]}
    ready = '{"ready": "yes"}' if arguments["prompt"]["name"] == "opening" else "no"
    return {"choices": [{"message": {"content": ready}, "finish_reason": "stop"}], "usage": used}


ROLES = ("opening", "theorist", "sceptic", "designer", "interpreter", "writer")


@pytest.mark.parametrize(
    "tokens", [700, 9000, *(pytest.param(n, marks=pytest.mark.slow) for n in (3000, 25_000))]
)
def test_no_run_uses_more_tokens_than_it_may(think, tokens):
    script = dict.fromkeys(ROLES, greedy)
    run = think(script, spec="alone:home", budget__tokens=tokens, model={"max_tokens": 500}, **ROOM)
    spent = run.docket.ended.cost
    assert 0 < spent["tokens"] <= tokens
    reasons = [e.data["reason"] for e in run.trace.events("policy.decision")]
    assert "the budget of tokens is spent" in reasons
    assert run.status in ("done", "budget")
    assert replay(run.path).holds


def test_a_model_that_has_a_price_needs_a_budget(think):
    from gaseol.agents.models.session import ModelSilent

    with pytest.raises(ModelSilent, match="the budget of money is spent"):
        think({}, model={"prompt_price": 1.0, "completion_price": 2.0})


def test_no_run_costs_more_than_it_may(think):
    model = {"prompt_price": 100.0, "completion_price": 300.0, "max_tokens": 500}
    script = dict.fromkeys(ROLES, greedy)
    run = think(script, spec="alone:home", budget__money=1.0, model=model, **ROOM)
    assert 0.5 < run.docket.ended.cost["money"] <= 1.0


def test_no_tokens_means_no_model(think):
    from gaseol.agents.models.session import ModelSilent

    with pytest.raises(ModelSilent, match="the budget of tokens is spent"):
        think({}, budget__tokens=0)


def test_a_question_that_is_too_long_is_shortened_and_says_so(think):
    def script(arguments):
        if arguments["messages"][1]["content"].count("signal=") > 15:
            return Failure(kind=FailureKind.TOO_LARGE, reason="HTTP 400: too long")
        assert arguments["left_out"]
        return {"ideas": [{"kind": "trend", "variable": "ring", "direction": "raises",
                           "difference": None, "at_equal": [], "where": [], "why": ""}]}  # fmt: skip

    run = think({"theorist": script}, hypotheses__pilot=60, **ROOM)
    asked = [run.trace.payload(e.fact) for e in run.trace.events("effect.requested")
             if e.data["role"] == "theorist"]  # fmt: skip
    assert len(asked) > 2
    assert asked[0]["left_out"] == []
    assert asked[-1]["left_out"][0].startswith("Pilot, which is no evidence: 30 of 60")
    assert any(h.proposed_by == "theorist home" for h in run.docket.hypotheses.values())
    assert replay(run.path).holds


def test_a_context_too_small_for_any_question_is_said(think):
    run = think({}, model={"context": 900}, hypotheses__pilot=40, **ROOM)
    reasons = [e.data["reason"] for e in run.trace.events("policy.decision")]
    assert any("does not fit into 900 tokens" in r for r in reasons)
    assert run.status == "done"
