"""What a model suggests to a campaign: held by the space, measured first, labelled, never believed."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from gaseol.agents.driven import driven
from gaseol.agents.driven.scientist import DrivenScientist
from gaseol.graphs import Run, run
from gaseol.graphs.replay.replaying import replay
from gaseol.scenarios import Scenario
from gaseol.traces.verification.verifier import verify

CAMPAIGN = {"graph": "optimise", "campaign": {"batch": 8}, "budget__experiments": 16}
ORDER = {
    "name": "signal", "tool": "toy_order", "unit": "K",
    "arguments": {"case": "{case}", "size": "{size}", "steps": 8},
}  # fmt: skip
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
    "budget": {"experiments": 16, "seconds": 60},
}  # fmt: skip


def suggestions(done: Run) -> list[str]:
    return [
        e.data["case"] for e in done.trace.events("case.suggested")
        if e.data["source"] == "theorist home"
    ]  # fmt: skip


def turned_away(done: Run) -> dict[str, str]:
    return {e.data["subject"].removeprefix("the suggestion of ").removesuffix(" by theorist home"):
            e.data["reason"] for e in done.trace.events("policy.decision")
            if e.data["subject"].startswith("the suggestion of ")}  # fmt: skip


def measured(done: Run) -> list[Any]:
    """Return the requests by which the search measured, in their order."""
    return [e for e in done.trace.events("effect.requested")
            if e.data["effect"] == "tool" and e.data["role"] == "search"]  # fmt: skip


@pytest.mark.parametrize("spec", ["home", "alone:home"])
def test_a_model_on_a_server_suggests_and_the_search_measures_first(
    world, pool, serve, servers, profile, tmp_path, spec
) -> None:
    """Over HTTP; what is not offered and what is too much is turned away with a reason."""
    shown: list[str] = []

    def answer(asked: Any) -> Any:
        instructions, said = (m["content"] for m in asked.body["messages"])
        if "Confirm that you are ready" in instructions:
            return servers.chat('{"ready": "yes"}')
        if "Suggest cases" not in instructions:
            return servers.chat("I would rather not.")
        shown.append(said)
        return servers.chat(json.dumps({"cases": ["p3", "p99", "p2", "p1"], "written": ["c0"]}))

    server = serve(answer)
    who = driven(spec, profiles={"home": profile(url=server.url, context=16_000)})
    scenario = Scenario.model_validate(world.changed(world.EFFECTS, **CAMPAIGN))
    done = run(scenario, scientist=who, out=tmp_path / "run", pool=pool, report=False)
    server.close()
    assert len(shown) == 1
    offered = [line.split(": ")[1].split(";")[0] for line in shown[0].splitlines()
               if line.lstrip("- ").startswith("p") and ": c" in line]  # fmt: skip
    assert suggestions(done) == [offered[2], offered[1]]  # two of a batch of eight
    assert turned_away(done) == {offered[0]: "2 suggestions are taken at most"}
    first = measured(done)
    assert [e.data["arguments"]["case"] for e in first[:2]] == [offered[2], offered[1]]
    labels = [(e.data.get("label") or {}).get("sources") for e in first]
    assert labels[:2] == [["model:home"]] * 2
    assert not any(labels[2:])
    assert verify(done.path).holds
    assert replay(done.path).holds  # nobody is there to be asked


def test_what_is_written_is_held_by_the_space(think: Callable[..., Run]) -> None:
    written = ["OCCCl", "C" * 13, "no molecule", "C.C", "CCO"]
    script = {"suggestion": {"cases": [], "written": written}}
    done = think(script, **{**MOLECULES, "campaign": {**MOLECULES["campaign"], "batch": 20}})
    assert suggestions(done)[0] == "OCCCl"
    said = turned_away(done)
    assert "more than 12 heavy atoms" in said["C" * 13]
    assert "is no SMILES" in said["no molecule"]
    assert "more than one molecule" in said["C.C"]
    requests = measured(done)
    assert requests[0].data["arguments"]["case"] == "OCCCl"
    # what is bred of it cannot be told from it
    assert all(e.data["label"]["sources"] == ["model:home"] for e in requests)
    assert replay(done.path).holds


@pytest.mark.parametrize("said", ["c5", {"cases": "c5"}, {"cases": ["c5"], "written": ["c5"]}])
def test_nonsense_suggests_nothing(think: Callable[..., Run], said: Any) -> None:
    done = think({"suggestion": said}, **CAMPAIGN)
    assert not suggestions(done)
    assert not any(e.data.get("label") for e in measured(done))


def test_a_consequential_tool_is_not_given_what_a_model_chose(think: Callable[..., Run]) -> None:
    script = {"suggestion": {"cases": ["p1"], "written": []}}
    done = think(script, **CAMPAIGN, measurement=ORDER)
    assert not suggestions(done)
    (reason,) = turned_away(done).values()
    assert reason.startswith("toy_order cannot be taken back, and model:home had a say in it")
    assert measured(done)
    assert not any(e.data.get("label") for e in measured(done))
    assert replay(done.path).holds


def test_the_policy_may_let_a_consequential_tool_have_it(think: Callable[..., Run]) -> None:
    script = {"suggestion": {"cases": ["p1"], "written": []}}
    done = think(script, **CAMPAIGN, measurement=ORDER, policy={"low_integrity": ["toy_order"]})
    (case,) = suggestions(done)
    first = measured(done)[0]
    assert first.data["arguments"]["case"] == case
    assert first.data["label"]["sources"] == ["model:home"]


def test_the_call_itself_is_refused_whoever_lets_a_suggestion_through(
    think: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The label goes with the case to the door, which does not open."""
    from gaseol.graphs import prior

    monkeypatch.setattr(prior, "_held", lambda _laboratory, _space, one, _territory: (one.case, ""))
    done = think({"suggestion": {"cases": ["p1"], "written": []}}, **CAMPAIGN, measurement=ORDER)
    first = measured(done)[0].seq
    (refused,) = [e for e in done.trace.events("effect.failed") if e.data["request"] == first]
    assert refused.data["failure"]["kind"] == "refused"
    assert "model:home had a say in it" in refused.data["failure"]["reason"]


def test_a_scientist_of_an_earlier_version_suggests_nothing() -> None:
    """Its record knows no such instructions, and has to replay without the question."""
    from gaseol.agents.models import Profile

    home = Profile(name="home", url="http://127.0.0.1:9/v1", model="any")
    card = driven("home", profiles={"home": home}).card
    assert DrivenScientist.of_card(card, "home").suggests
    old = {**card, "prompts": {n: p for n, p in card["prompts"].items() if n != "suggestion"}}
    found = DrivenScientist.of_card(old, "home")
    assert not found.suggests
    assert found.card == old
