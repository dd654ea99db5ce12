"""A whole run of each graph, driven by a model over HTTP, replays strictly when its server is gone."""

import json
from collections import Counter

import pytest

from gaseol.agents.driven import driven
from gaseol.graphs import run
from gaseol.graphs.replay.replaying import replay
from gaseol.scenarios import Scenario
from gaseol.traces.verification.verifier import verify

COMMON = {
    "hypotheses__maximum": 6, "hypotheses__pilot": 12, "hypotheses__beliefs": [],
    "budget__experiments": 90, "budget__tokens": 400_000,
}  # fmt: skip
GRAPHS = {
    "discover": COMMON,
    "tournament": {**COMMON, "graph": "tournament"},
    "optimise": {**COMMON, "graph": "optimise", "campaign": {"batch": 4, "evidence": 0.5}},
}
ASKED = {
    "discover": {"theorist", "sceptic", "designer", "interpreter", "writer"},
    "tournament": {"theorist", "sceptic", "designer", "interpreter", "writer"},
    "optimise": {"theorist", "sceptic", "designer", "writer"},
}


def trend(variable, direction="raises", **more):
    return {
        "kind": "trend", "variable": variable, "direction": direction, "difference": None,
        "at_equal": [], "where": [], "why": "a mechanism", **more,
    }  # fmt: skip


def answer(schema) -> dict:
    """Answer in whatever form is asked for, as a model might that keeps to schemas."""
    fields = schema["properties"]
    if "ready" in fields:
        return {"ready": "yes"}
    if "ideas" in fields:
        ideas = [trend("size"), trend("weight", "lowers"), trend("size", at_equal=["ring"])]
        return {"ideas": ideas[: fields["ideas"]["maxItems"]]}
    if "written" in fields:
        return {name: [] for name in fields}
    if "better" in fields:
        return {"better": "second", "because": "risky"}
    if "focus" in fields:
        return {"focus": ["size"], "avoid": []}
    if "order" in fields:
        return {"order": fields["order"]["items"]["enum"][::-1]}
    if "choose" in fields:
        return {"choose": fields["choose"]["items"]["enum"][-1:]}
    if "next" in fields:
        return {"next": fields["next"]["enum"][0]}
    names = fields["findings"]["items"]["properties"]["hypothesis"]["enum"]
    return {"findings": [{"hypothesis": names[-1], "figures": ["mean", "count"]}]}


@pytest.mark.parametrize(
    "graph", ["discover", "tournament", pytest.param("optimise", marks=pytest.mark.slow)]
)
def test_a_run_replays_without_its_server(
    world, pool, serve, servers, profile, tmp_path, monkeypatch, graph
):
    def script(asked):
        schema = asked.body["response_format"]["json_schema"]["schema"]
        return servers.stream(json.dumps(answer(schema)), usage=(300, 20))

    server = serve(script)
    home = profile(url=server.url, context=32_000)
    scenario = Scenario.model_validate(world.changed(world.EFFECTS, **GRAPHS[graph]))
    who = driven("alone:home", profiles={"home": home})
    folder = tmp_path / "run"
    made = run(scenario, scientist=who, out=folder, pool=pool, report=False)
    asked = len(server.asked)
    server.close()
    assert made.status in ("done", "budget")
    assert verify(folder).holds
    by = Counter(
        e.data["role"] for e in made.trace.events("effect.requested") if e.data["effect"] == "model"
    )
    assert set(by) >= ASKED[graph] | {"opening"}
    assert sum(by.values()) == asked
    assert any(h.proposed_by == "theorist home" for h in made.docket.hypotheses.values())
    assert made.docket.verdicts
    assert all(a.supported for a in made.docket.audits.values())

    def closed(*_: object, **__: object) -> None:
        raise AssertionError("a replay asked somebody")

    monkeypatch.setattr("socket.socket.connect", closed)
    monkeypatch.setattr("gaseol.agents.models.door.ModelDoor.submit", closed)
    # who thought is known from the record alone: there is no profile of this name here
    found = replay(folder)
    assert found.holds, found.divergence or found.problems
