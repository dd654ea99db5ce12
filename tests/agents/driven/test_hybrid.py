"""A model beside the embedded scientist never makes a run worse; alone it may, and is seen to."""

import pytest

from gaseol.graphs import run as start_run
from gaseol.scenarios import Scenario

ROOM = {"hypotheses__maximum": 6, "budget__experiments": 180}
RING = {"kind": "trend", "variable": "ring", "direction": "lowers", "difference": None,
        "at_equal": [], "where": [], "why": ""}  # fmt: skip


@pytest.fixture
def embedded(world, pool, tmp_path):
    """The embedded scientist alone on the same question."""

    def go(base="EFFECTS", seed=0, **changes):
        scenario = Scenario.model_validate(world.changed(getattr(world, base), **changes))
        return start_run(scenario, seed=seed, out=tmp_path / "alone", pool=pool, report=False)

    return go


def _course(run, names=None):
    """Return what happened for hypotheses, by what each of them says."""
    docket = run.docket
    return {
        h.relation.model_dump_json(): (
            docket.registrations[name].frame.model_dump(exclude={"draws"}),
            [
                (e.draw, e.outcome, e.log_e_for, e.log_e_against)
                for e in docket.evidence.get(name, ())
            ],
            docket.verdicts[name].ruling.value,
        )
        for name, h in docket.hypotheses.items()
        if name in docket.registrations and (names is None or h.proposed_by in names)
    }


@pytest.mark.parametrize("seed", [0, *(pytest.param(s, marks=pytest.mark.slow) for s in (1, 2))])
@pytest.mark.parametrize(
    "script",
    [
        {},
        {"theorist": {"ideas": [RING]}},
        {"theorist": {"ideas": [{**RING, "variable": "phlogiston"}]}},
        {"theorist": lambda a: {"ideas": [{**RING, "at_equal": ["colour"]},
                                          {**RING, "variable": "weight", "at_equal": ["ring"]}]},
         "sceptic": {"order": ["h99", "h5"]}},
    ],
    ids=["silent", "an idea", "nonsense", "several"],
)  # fmt: skip
def test_the_embedded_programme_runs_as_it_would_alone(think, embedded, script, seed):
    beside = think(script, seed=seed, **ROOM)
    alone = embedded(seed=seed, **ROOM)
    own = _course(beside, {"theorist", "scenario"})
    assert own == _course(alone)
    # and its experiments come first, in the same order
    mine = {n for n, h in beside.docket.hypotheses.items() if h.proposed_by == "theorist home"}
    theirs = [x.cases for x in beside.docket.experiments.values() if not set(x.hypotheses) & mine]
    assert theirs == [x.cases for x in alone.docket.experiments.values()]
    first = [bool(set(x.hypotheses) & mine) for x in beside.docket.experiments.values()]
    assert first == sorted(first)


def test_a_model_fills_the_slots_that_are_left(think):
    run = think({"theorist": {"ideas": [RING]}}, **ROOM)
    by = [run.docket.hypotheses[h].proposed_by for h in run.docket.registrations]
    assert by == [*["scenario"] * 2, *["theorist"] * (len(by) - 3), "theorist home"]


def _law(exponent):
    return {"ideas": [{"kind": "law", "why": "",
                       "factors": [{"quantity": "size", "exponent": exponent}]}]}  # fmt: skip


@pytest.mark.parametrize(
    ("exponent", "reason"),
    [(-3.0, "the pilot does not prefer it"), (1.05, "near twin of h1"), (1.0, "proposed before")],
)
def test_a_weak_law_does_not_enter_the_contest(think, embedded, exponent, reason):
    changes = {"hypotheses__pilot": 8}
    if exponent == 1.05:
        # the truth is a little steeper than any law of the grammar
        changes["measurement__arguments"] = {
            "case": "{case}", "size": "{size}", "seed": "{seed}", "power": 1.05, "noise": 0.0001,
        }  # fmt: skip
    run = think({"theorist": _law(exponent)}, "LAWS", **changes)
    (name,) = [n for n, h in run.docket.hypotheses.items() if h.proposed_by == "theorist home"]
    assert reason in run.docket.turned_away[name]
    alone = embedded("LAWS", **changes)
    assert _course(run, {"theorist", "scenario"}) == _course(alone)


@pytest.mark.parametrize(
    ("base", "idea", "kind"),
    [
        ("LAWS", {**RING, "variable": "size"}, "trend"),
        ("LAWS", {"kind": "group", "direction": "raises", "at_equal": [], "why": "", "inside":
                  [{"variable": "size", "side": "at_least", "limit": {"value": 5, "unit": "1"}}]},
         "group"),
    ],
)  # fmt: skip
def test_a_kind_that_was_not_asked_for_is_turned_away(think, base, idea, kind):
    run = think({"theorist": {"ideas": [idea]}}, base, hypotheses__pilot=8)
    (name,) = [n for n, h in run.docket.hypotheses.items() if h.proposed_by == "theorist home"]
    assert run.docket.turned_away[name] == f"no {kind} was asked for here"


def test_a_law_that_the_pilot_prefers_enters(think):
    run = think(
        {"theorist": _law(-2.0)},
        "LAWS",
        hypotheses__pilot=8,
        measurement__arguments={
            "case": "{case}", "size": "{size}", "seed": "{seed}", "power": -2, "noise": 0.05,
        },
        hypotheses__laws={"variables": ["size"], "terms": 1, "propose": 1, "exponents": [1, 2]},
    )  # fmt: skip
    (name,) = [n for n, h in run.docket.hypotheses.items() if h.proposed_by == "theorist home"]
    assert run.docket.verdicts[name].ruling.value == "supported"


def test_alone_the_model_has_every_role(think):
    script = {
        "theorist": {"ideas": [RING, {**RING, "variable": "size", "at_equal": ["ring"]}]},
        "sceptic": lambda a: {"order": ["h4", "h3"]},
        "designer": {"choose": ["h4"]},
        "interpreter": {"next": "stop"},
        "writer": {"findings": [{"hypothesis": "h4", "figures": ["count", "mean"]},
                                {"hypothesis": "h77", "figures": []}]},
    }  # fmt: skip
    run = think(script, spec="alone:home", **ROOM)
    assert {h.proposed_by for h in run.docket.hypotheses.values()} == {"scenario", "theorist home"}
    asked = [e.fact.role for e in run.trace.events("effect.requested") if e.fact.effect == "model"]
    assert {"opening", "theorist", "sceptic", "designer", "interpreter", "writer"} <= set(asked)
    first = next(iter(run.docket.claims.values()))
    assert first.hypotheses == ("h4",)
    assert "mean" in first.figures
    assert all(a.supported for a in run.docket.audits.values())


def test_roles_on_different_models(think, profile):
    from gaseol.agents.driven import driven

    other = profile(name="other", model="m2")
    who = driven("theorist=home,sceptic=other", profiles={"home": profile(), "other": other})
    assert {r: p.name for r, p in who.parts.items()} == {"theorist": "home", "sceptic": "other"}
    assert set(who.card["profiles"]) == {"home", "other"}
    again = type(who).of_card(who.card, who.name)
    assert (again.parts, again.alone, again.card) == (who.parts, who.alone, who.card)


def test_a_model_that_is_not_there_ends_the_run_before_anything_is_measured(think):
    from gaseol.agents.models.session import ModelSilent

    with pytest.raises(ModelSilent, match="home cannot take part: the script did not answer"):
        think({"opening": None})


def test_a_model_that_goes_away_leaves_the_embedded_scientist(think, embedded):
    run = think({"theorist": None}, **ROOM)
    assert run.status == "done"
    asked = [e for e in run.trace.events("effect.requested") if e.data["role"] == "theorist"]
    assert len(asked) == 1
    assert _course(run) == _course(embedded(**ROOM))
