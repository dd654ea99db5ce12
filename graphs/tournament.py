"""The graph `tournament`: hypotheses compete in pairs for the slots, and the winners are tested.

survey -> generate -> reflect -> rank -> review -> evolve -> reflect | select
rank -> review | select;  select -> register -> decide, and on as in `discover`
"""

from collections.abc import Sequence
from typing import Any, Literal

from langgraph.graph import END, START, StateGraph
from langgraph.runtime import Runtime

from gaseol.agents.roles import Judgement, Review
from gaseol.agents.tournament import EmbeddedReferee, EmbeddedReviewer, EmbeddedReviser
from gaseol.agents.tournament.proximity import proximity
from gaseol.agents.tournament.schedule import schedule
from gaseol.graphs import discover
from gaseol.graphs.discover import Change, Recorded
from gaseol.graphs.laboratory import Laboratory
from gaseol.scenarios.tournament import Tournament
from gaseol.traces.nouns.hypothesis import Curve, Hypothesis, Law
from gaseol.traces.nouns.ranking import Pairing, Strength
from gaseol.traces.record.event import (
    HypothesisProposed,
    HypothesisRanked,
    HypothesisTurnedAway,
)
from gaseol.traces.strengths import strengths

_PARENTS = 4


class State(discover.State):
    """References only: ids of things that stand on the record."""

    given: tuple[str, ...] = ()
    """What the question itself names: beliefs, its rivals, "noise only". They have their slots."""
    players: tuple[str, ...] = ()
    """Those that compete, in the order in which they are seeded."""
    round: int = 0
    focus: tuple[str, ...] = ()
    avoid: tuple[str, ...] = ()


def generate(state: State, runtime: Runtime[Laboratory]) -> Change:
    """Let the theorist propose; what the question itself names does not compete."""
    laboratory = runtime.context
    found = discover.propose(state, runtime)
    hypotheses = laboratory.docket.hypotheses
    given = tuple(n for n in found["pool"] if _named_by_the_question(hypotheses[n], laboratory))
    players = tuple(n for n in found["pool"] if n not in given)
    return {**found, "given": given, "players": players, "round": 0}


def _named_by_the_question(hypothesis: Hypothesis, laboratory: Laboratory) -> bool:
    relation = hypothesis.relation
    nothing = isinstance(relation, Law) and not relation.weights and not relation.factor
    return hypothesis.proposed_by == "scenario" or nothing or (
        isinstance(relation, Curve) and relation.rival in laboratory.briefed.rivals
    )  # fmt: skip


def reflect(state: State, runtime: Runtime[Laboratory]) -> Change:
    """Let the sceptic turn away what cannot be told apart; the order of the rest seeds the pairings."""
    laboratory = runtime.context
    pool = [laboratory.docket.hypotheses[name] for name in (*state.given, *state.players)]
    criticisms = laboratory.scientist.sceptic.criticise(laboratory.briefed, pool)
    gone: set[str] = set()
    for criticism in criticisms:
        if criticism.reason:
            gone.add(criticism.hypothesis)
            _turn_away(laboratory, criticism.hypothesis, criticism.reason)
    seeded = sorted((c for c in criticisms if not c.reason), key=lambda c: -c.prior)
    order = [c.hypothesis for c in seeded]
    return {
        "given": tuple(n for n in order if n in state.given),
        "players": tuple(n for n in order if n in state.players),
    }


def rank(state: State, runtime: Runtime[Laboratory]) -> Change:
    """Have hypotheses judged in pairs, each pair in both orders, and estimate their strengths."""
    laboratory = runtime.context
    docket = laboratory.docket
    leagues = {name: _league(name, laboratory) for name in state.players}
    before = tuple(p for p in docket.pairings if {p.first, p.second} <= set(leagues))
    pairings = (*before, *_judged(laboratory, leagues, before))
    ranking = strengths(leagues, pairings)
    order = (*state.given, *(s.hypothesis for s in ranking))
    if order:
        laboratory.effects.record(
            HypothesisRanked(
                order=order,
                priors=_priors(state.given, ranking),
                strengths=ranking,
                pairings=pairings,
            )
        )
    laboratory.tell("rank")
    return {"players": tuple(s.hypothesis for s in ranking)}


def _league(name: str, laboratory: Laboratory) -> int:
    return laboratory.scientist.league(laboratory.docket.hypotheses[name])


def _judged(
    laboratory: Laboratory, leagues: dict[str, int], before: Sequence[Pairing]
) -> list[Pairing]:
    """Return the pairings that are new, judged."""
    played = [frozenset((p.first, p.second)) for p in before]
    settings = _settings(laboratory)
    drawn: list[tuple[str, str]] = []
    for league in sorted(set(leagues.values())):
        names = [name for name, at in leagues.items() if at == league]
        drawn += schedule(names, settings.opponents, played)
    if not drawn:
        return []
    hypotheses = laboratory.docket.hypotheses
    pairs = [(hypotheses[a], hypotheses[b]) for a, b in drawn]
    laboratory.tell("judge")
    referee = laboratory.scientist.referee or EmbeddedReferee()
    # both orders in one request for judgements: they are independent, and asked side by side
    both = [*pairs, *((b, a) for a, b in pairs)]
    found = referee.compare(laboratory.briefed, both, laboratory.docket)
    return [
        paired(a, b, one, other)
        for (a, b), one, other in zip(drawn, found[: len(pairs)], found[len(pairs) :], strict=True)
    ]


def paired(a: str, b: str, one: Judgement, swapped: Judgement) -> Pairing:
    """Return what two judgements of a pair come to, the second made with the positions swapped."""
    requests = tuple(j.request for j in (one, swapped) if j.request is not None)
    about: dict[str, Any] = {"first": a, "second": b, "judgements": requests}
    broken = next((j for j in (one, swapped) if not j.preferred), None)
    if broken is not None:
        return Pairing(outcome="discarded", because=broken.because[:200], **about)
    turned = {"first": "second", "second": "first", "neither": "neither"}
    if turned[swapped.preferred] != one.preferred:
        return Pairing(
            outcome="draw", because="the order decided in which they were shown", **about
        )
    if one.preferred == "neither":
        return Pairing(outcome="draw", because=one.because[:200], **about)
    outcome = "first" if one.preferred == "first" else "second"
    return Pairing(outcome=outcome, because=one.because[:200], **about)


def _priors(given: Sequence[str], ranking: Sequence[Strength]) -> tuple[float, ...]:
    """Return relative weights: what the question names as much as the strongest of each league."""
    import math

    weights: list[float] = []
    floor = 1.0
    for league in dict.fromkeys(s.league for s in ranking):
        own = [s.value for s in ranking if s.league == league]
        scaled = [floor * math.exp(value - max(own)) for value in own]
        weights += scaled
        floor = min(scaled) / 2
    whole = [1.0] * len(given) + weights
    total = sum(whole)
    return tuple(w / total for w in whole)


def review(_: State, runtime: Runtime[Laboratory]) -> Change:
    """Let the reviewer say what the pairings teach; it steers the revision and nothing else."""
    laboratory = runtime.context
    reviewer = laboratory.scientist.reviewer or EmbeddedReviewer()
    found = reviewer.review(laboratory.briefed, laboratory.docket, laboratory.docket.strengths)
    return {"focus": tuple(found.focus), "avoid": tuple(found.avoid)}


def evolve(state: State, runtime: Runtime[Laboratory]) -> Change:
    """Let the reviser make new hypotheses of the strongest; they compete like all others."""
    laboratory = runtime.context
    hypotheses = laboratory.docket.hypotheses
    parents = [hypotheses[name] for name in state.players[:_PARENTS]]
    reviser = laboratory.scientist.reviser or EmbeddedReviser()
    lessons = Review(state.focus, state.avoid)
    most = _settings(laboratory).children
    children = reviser.evolve(laboratory.briefed, laboratory.docket, parents, lessons, most)
    shown = tuple(laboratory.docket.measurements)
    names: list[str] = []
    for child in children:
        told = child.model_copy(update={"seen": shown})
        laboratory.effects.record(HypothesisProposed(hypothesis=told))
        names.append(child.id)
    laboratory.tell("evolve")
    return {"round": state.round + 1, "players": (*state.players, *names), "pool": tuple(names)}


def select(state: State, runtime: Runtime[Laboratory]) -> Change:
    """Pass on the strongest; of near twins only the stronger, for one test would do for both."""
    laboratory = runtime.context
    hypotheses, twin = laboratory.docket.hypotheses, _settings(laboratory).twin
    kept: list[Hypothesis] = [hypotheses[name] for name in state.given]
    for name in state.players:
        near = ((proximity(hypotheses[name], k, laboratory.briefed), k.id) for k in kept)
        nearest, other = max(near, default=(0.0, ""))
        if nearest >= twin:
            reason = f"it is a near twin of {other} (proximity {nearest:.3f}), which goes before it"
            _turn_away(laboratory, name, reason)
        else:
            kept.append(hypotheses[name])
    return {"pool": tuple(h.id for h in kept), "players": (), "given": ()}


def _turn_away(laboratory: Laboratory, name: str, reason: str) -> None:
    laboratory.effects.record(HypothesisTurnedAway(hypothesis=name, reason=reason))


def _settings(laboratory: Laboratory) -> Tournament:
    return laboratory.scenario.tournament or Tournament()


def after_generate(state: State) -> Literal["reflect", "control"]:
    """Go on with ideas; without any, conclude."""
    return "reflect" if state.given or state.players else "control"


def after_rank(state: State, runtime: Runtime[Laboratory]) -> Literal["review", "select"]:
    """Revise the strongest while rounds are left and there is something to revise."""
    more = state.players and state.round < _settings(runtime.context).rounds
    return "review" if more else "select"


def after_evolve(state: State) -> Literal["reflect", "select"]:
    """Let children compete; without any, the ranking stands."""
    return "reflect" if state.pool else "select"


def after_decide(state: State) -> Literal["design", "generate", "control"]:
    """Name the node that follows."""
    follows = discover.after_decide(state)
    return "generate" if follows == "propose" else follows


def build(recorded: Recorded) -> Any:
    """Return the graph, not yet compiled, each node wrapped by whoever records it."""
    graph: Any = StateGraph(State, context_schema=Laboratory)
    for name, node in NODES.items():
        graph.add_node(name, recorded(name, node))
    graph.add_edge(START, "survey")
    graph.add_edge("survey", "generate")
    graph.add_conditional_edges("generate", after_generate)
    graph.add_edge("reflect", "rank")
    graph.add_conditional_edges("rank", after_rank)
    graph.add_edge("review", "evolve")
    graph.add_conditional_edges("evolve", after_evolve)
    graph.add_edge("select", "register")
    graph.add_edge("register", "decide")
    graph.add_conditional_edges("decide", after_decide)
    graph.add_conditional_edges("design", discover.after_design)
    graph.add_edge("measure", "weigh")
    graph.add_edge("weigh", "decide")
    graph.add_edge("control", "write")
    graph.add_edge("write", "audit")
    graph.add_edge("audit", END)
    return graph


NODES: dict[str, Any] = {
    "survey": discover.survey_question,
    "generate": generate,
    "reflect": reflect,
    "rank": rank,
    "review": review,
    "evolve": evolve,
    "select": select,
    "register": discover.register,
    "design": discover.design,
    "measure": discover.measure_batch,
    "weigh": discover.weigh,
    "decide": discover.decide,
    "control": discover.control,
    "write": discover.write,
    "audit": discover.audit,
}
