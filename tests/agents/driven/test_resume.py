"""A run that a model drives can be interrupted and resumed; no answer is asked for twice."""

import threading

import pytest

from gaseol.agents.models.reply import lost_usage
from gaseol.graphs import start
from gaseol.graphs.replay.replaying import replay
from gaseol.graphs.replay.resuming import resume
from gaseol.scenarios import Scenario
from gaseol.traces.verification.verifier import verify


@pytest.mark.slow
@pytest.mark.parametrize("tokens", [200_000, 12_000])
def test_an_interrupted_run_goes_on_without_asking_again(
    world, pool, serve, servers, profile, tmp_path, tokens
):
    from gaseol.agents.driven import driven
    from gaseol.agents.models.profile import save_profile

    asked_theorist, gate = threading.Event(), threading.Event()
    answered: list[str] = []

    def script(asked):
        name = "ready" if "ready" in str(asked.body["messages"]) else "ideas"
        answered.append(name)
        if name == "ideas" and not gate.is_set():
            asked_theorist.set()
            gate.wait(20)
        if name == "ready":
            return servers.stream('{"ready": "yes"}')
        return servers.stream(
            '{"ideas": [{"kind": "trend", "variable": "ring", "direction": "lowers", "difference":'
            ' null, "at_equal": [], "where": [], "why": ""}]}'
        )

    home = profile(url=serve(script).url, context=16_000)
    save_profile(home, again=True)
    changed = world.changed(
        world.EFFECTS, hypotheses__maximum=6, budget__experiments=180, budget__tokens=tokens
    )
    scenario = Scenario.model_validate(changed)
    folder = tmp_path / "run"
    running = start(scenario, scientist="home", out=folder, pool=pool, report=False)
    assert asked_theorist.wait(30)
    running.stop()
    running.wait()
    assert running.status == "interrupted"
    gate.set()
    before = list(answered)
    again = resume(folder, pool=pool)
    again.wait()
    assert again.status == "done"
    assert before == ["ready", "ideas"]
    assert answered.count("ready") == 1
    spent = again.docket.ended.cost
    # what was asked for when the run was stopped may have been answered in full, in every try
    (lost,) = [e.fact.request for e in again.trace.events("effect.ambiguous")]
    asked = next(e.fact for e in again.trace.events("effect.requested") if e.seq == lost)
    arguments = again.trace.payload(asked)
    assert spent["lost_tokens"] == lost_usage(arguments, arguments["tries"])["tokens"]
    assert spent["tokens"] <= tokens
    heard = any(h.proposed_by == "theorist home" for h in again.docket.hypotheses.values())
    assert heard is (tokens == 200_000)
    if not heard:
        failures = [e.data["failure"]["reason"] for e in again.trace.events("effect.failed")]
        assert any("no room to ask again" in f for f in failures)
    assert verify(folder).holds
    assert replay(folder).holds
    assert driven("home").parts["theorist"] == home
