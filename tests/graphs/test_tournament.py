"""Tournaments: what competes, how it is judged, and that a rank decides nothing but the order."""

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaseol.agents.roles import Judgement
from gaseol.agents.tournament.schedule import schedule
from gaseol.graphs.replay.replaying import replay
from gaseol.graphs.tournament import paired
from gaseol.scenarios import Scenario
from gaseol.traces.record.event import HypothesisRanked

ROOM = {
    "graph": "tournament", "hypotheses__maximum": 6, "hypotheses__pilot": 12,
    "budget__experiments": 180,
}  # fmt: skip


def rankings(run) -> list[HypothesisRanked]:
    return [e.fact for e in run.trace.events("hypothesis.ranked")]


@pytest.fixture(scope="module")
def made(world, pool, tmp_path_factory):
    """One tournament of the embedded scientist, for all who only look at it."""
    from gaseol.graphs import run

    scenario = Scenario.model_validate(world.changed(world.EFFECTS, **ROOM))
    return run(scenario, out=tmp_path_factory.mktemp("t") / "run", pool=pool, report=True)


def test_the_winners_are_registered_in_the_order_of_their_strength(made):
    docket = made.docket
    last = rankings(made)[-1]
    assert made.status == "done"
    assert [s.value for s in last.strengths] == sorted(s.value for s in last.strengths)[::-1]
    registered = list(docket.registrations)
    given = [n for n in registered if docket.hypotheses[n].proposed_by == "scenario"]
    assert given == ["h1", "h2"]
    assert registered[:2] == given
    order = [n for n in last.order if n in registered]
    assert order == registered
    # what is in the pool and was not registered was turned away, with a reason
    assert set(docket.hypotheses) == set(registered) | set(docket.turned_away)


def test_evolution_makes_children_that_compete(made):
    docket = made.docket
    children = [h for h in docket.hypotheses.values() if h.parents]
    assert children
    played = {n for p in rankings(made)[-1].pairings for n in (p.first, p.second)}
    assert {h.id for h in children} <= played
    assert all(set(h.parents) <= set(docket.hypotheses) for h in children)


def test_a_rank_is_no_verdict(made):
    """What is supported and refuted is what `discover` finds of the same hypotheses."""
    docket = made.docket
    assert set(docket.verdicts) == set(docket.registrations)
    ranked_last = rankings(made)[-1].strengths
    rulings = {n: v.ruling.value for n, v in docket.verdicts.items()}
    assert rulings["h1"] == "supported"
    assert not any(s.hypothesis in ("h1", "h2") for s in ranked_last)
    for evidence in docket.evidence.values():
        assert all(e.draw >= 0 for e in evidence)


def test_near_twins_share_a_slot(made):
    reasons = [r for r in made.docket.turned_away.values() if "near twin of" in r]
    assert reasons
    assert all("proximity" in r and "goes before it" in r for r in reasons)


def test_it_replays_strictly(made):
    assert replay(made.path).holds


def test_the_report_shows_the_ranking_as_a_ranking(made):
    text = (made.path / "report.md").read_text()
    assert "a ranking, not a finding" in text
    strongest = rankings(made)[-1].strengths[0]
    said = f"{strongest.value:.2f} ({strongest.low:.2f} to {strongest.high:.2f})"
    assert said.replace("-", "−") in text


def test_curves_and_laws_of_the_question_need_not_compete(play):
    run = play("CURVES", graph="tournament")
    assert set(run.docket.registrations) == {"h1", "h2", "h3", "h4"}
    assert not rankings(run)[-1].pairings
    assert replay(run.path).holds


def test_without_rounds_nothing_evolves(play):
    run = play(**ROOM, tournament={"rounds": 0})
    assert not any(h.parents for h in run.docket.hypotheses.values())
    steps = [e.data["step"] for e in run.trace.events("step.started")]
    assert "evolve" not in steps


@pytest.mark.parametrize("phase", ["judge", "rank", "evolve"])
def test_interrupted_anywhere_it_goes_on_as_if_nothing_had_happened(
    world, pool, tmp_path, made, phase
):
    from gaseol.graphs import start
    from gaseol.graphs.replay.resuming import resume
    from gaseol.traces.record.projection import projection_bytes

    scenario = Scenario.model_validate(world.changed(world.EFFECTS, **ROOM))
    handle: list = []
    begun = threading.Event()

    def watch(where, _):
        if where == phase and begun.wait(10):
            handle[0].stop()

    running = start(scenario, out=tmp_path / "run", pool=pool, report=False, watch=watch)
    handle.append(running)
    begun.set()
    running.wait()
    assert running.status == "interrupted"
    again = resume(tmp_path / "run", pool=pool)
    assert again.status == "done"
    assert projection_bytes(again.trace) == projection_bytes(made.trace)
    assert replay(tmp_path / "run").holds


@pytest.mark.slow
def test_the_random_scientist_competes_by_lot(play):
    one, other = (play(**ROOM, scientist="random", seed=s) for s in (1, 2))
    assert [p.outcome for p in rankings(one)[-1].pairings] != [
        p.outcome for p in rankings(other)[-1].pairings
    ]
    assert replay(one.path).holds


def test_another_graph_takes_no_tournament(world):
    with pytest.raises(ValueError, match="a `tournament` is for that graph"):
        Scenario.model_validate(world.changed(world.EFFECTS, tournament={"rounds": 1}))


FIRST, SECOND = Judgement("first", "support", 4), Judgement("second", "support", 5)


@pytest.mark.parametrize(
    ("one", "swapped", "outcome", "because"),
    [
        (FIRST, SECOND, "first", "support"),
        (SECOND, FIRST, "second", "support"),
        (FIRST, FIRST, "draw", "the order decided in which they were shown"),
        (SECOND, SECOND, "draw", "the order decided in which they were shown"),
        (Judgement("neither", "alike"), Judgement("neither", "alike"), "draw", "alike"),
        (FIRST, Judgement("neither", "alike"), "draw", "the order decided"),
        (FIRST, Judgement("", "no answer"), "discarded", "no answer"),
        (Judgement("", "no answer"), SECOND, "discarded", "no answer"),
    ],
)
def test_two_judgements_of_a_pair(one, swapped, outcome, because):
    found = paired("a", "b", one, swapped)
    assert found.outcome == outcome
    assert because in found.because
    assert found.judgements == tuple(j.request for j in (one, swapped) if j.request)


@given(st.integers(0, 40), st.integers(1, 8), st.integers(0, 3))
def test_everybody_meets_enough_opponents_and_nobody_twice(size, opponents, before):
    players = [f"h{i}" for i in range(size)]
    done = {frozenset(p) for p in schedule(players[: size // 2], before)} if before else set()
    drawn = schedule(players, opponents, done)
    met = [frozenset(p) for p in drawn]
    assert len(set(met)) == len(met)
    assert not set(met) & done
    everything = set(met) | done
    for player in players:
        assert sum(player in pair for pair in everything) >= min(opponents, size - 1)
    # all are connected: otherwise strengths could not be compared
    reached, todo = set(players[:1]), players[:1]
    while todo:
        at = todo.pop()
        near = {other for pair in everything if at in pair for other in pair} - reached
        reached |= near
        todo += near
    assert reached == set(players)


def test_the_ranking_is_told_in_korean_too(made):
    from gaseol.traces.language import words
    from gaseol.traces.report.compose import compose
    from gaseol.traces.report.telling import told

    ranking = told(compose(made.path), words("ko")).ranking
    assert ranking.note.startswith("이것은 순위이지 발견이 아니다")
    assert all("시험" in line.said and "tested" not in line.said for line in ranking.places)
