"""The graph `optimise`: the best case in the fewest experiments, and why it is good.

survey -> propose -> criticise -> register -> learn
learn -> search | control;  search -> measure -> design -> draw -> weigh -> learn
control -> write -> audit

What is searched is chosen to be good, and so is no evidence of what makes it good. A registered
share of the experiments are therefore random matched pairs, drawn in an order that was sealed
before the search began; by these alone hypotheses are judged.
"""

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from langgraph.graph import END, START, StateGraph
from langgraph.runtime import Runtime
from pydantic import BaseModel, ConfigDict

from gaseol.agents.optimisers.multiobjective_search import MultiobjectiveSearch
from gaseol.graphs import discover
from gaseol.graphs.benching import bench
from gaseol.graphs.campaigning import Prospect, admit, complete, named_optimiser, prospect
from gaseol.graphs.discover import NAMED, Change, Recorded
from gaseol.graphs.laboratory import Laboratory, OverBudget
from gaseol.graphs.measuring import await_some, measure
from gaseol.graphs.people.consent import spend_more
from gaseol.graphs.prior import thought_good
from gaseol.traces.campaign import front, results
from gaseol.traces.record.event import Claimed


class State(BaseModel):
    """References only: ids of things that stand on the record, and what the search says of them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    wave: int = 0
    pool: tuple[str, ...] = ()
    batch: tuple[str, ...] = ()
    """The experiments designed last, for hypotheses."""
    points: tuple[str, ...] = ()
    """The cases to search next, the most promising first."""
    gain: float | None = None
    """What the best of them is expected to gain, in the measurement's unit, or with several
    objectives as a share of the front's hypervolume; None before the model has learnt anything."""
    front: tuple[str, ...] = ()
    """The cases that no other beats; with one objective the best one."""
    estimates: dict[str, tuple[float, float, float]] = {}
    """Where a case may be read again: for each of the front what the model believes of the
    measurement there, and the ends of a 95% interval."""
    waiting: tuple[tuple[str, int], ...] = ()
    """Cases and readings that people are still measuring, while the search goes on."""
    searched: int = 0
    next: Literal["search", "stop"] = "search"
    status: Literal["done", "budget"] = "done"
    reason: str = ""
    would: tuple[str, ...] = ()
    """What would be searched next, had a limit not ended the run."""


def survey_question(state: State, runtime: Runtime[Laboratory]) -> Change:
    """Gather the cases, measure the pilot, lay out the space, and hear what is thought good."""
    laboratory = runtime.context
    named_optimiser(laboratory)  # refused before anything is measured
    change = discover.survey_question(state, runtime)  # pyright: ignore[reportArgumentType]
    complete(laboratory)
    held = laboratory.prospect = prospect(laboratory)
    _charge(laboratory, held, laboratory.surveyed.pilot)
    thought = thought_good(laboratory, held.space, held.goals)
    held.queue = tuple(dict.fromkeys((*held.queue, *thought)))
    return change


def learn(state: State, runtime: Runtime[Laboratory]) -> Change:
    """Tell the search what was measured, and have it say what comes next and what it is worth."""
    laboratory = runtime.context
    held = laboratory.prospect
    assert held is not None
    held.tell(laboratory)
    best = _best(laboratory, held)
    done = {"next": "stop", "points": (), "gain": None, **best}
    spent = laboratory.effects.spent()
    if _reached(laboratory, held, best["front"]):
        return {**done, "reason": "the target is reached"}
    limit = laboratory.meter.exhausted(spent)
    over = state.status == "budget"  # it was spent while measuring
    left = laboratory.meter.left("experiments")
    size = int(min(held.campaign.batch, left if left >= 1 else held.campaign.batch))
    points = _unmeasured(laboratory, state) if over else _proposed(state, laboratory, held, size)
    gains = held.search.gains(points) if points else None
    gain = None if gains is None else float(f"{float(np.max(gains)):.6g}")
    proposal: Change = {"points": tuple(points), "gain": gain, **best}
    named = tuple(_named(held, point, i, gains) for i, point in enumerate(points[:NAMED]))
    would = {"next": "stop", "status": "budget", "would": named}
    if over:
        return {**proposal, **would, "reason": state.reason}
    if state.waiting and (limit or not _pays(laboratory, held, points, gains)):
        # what is being measured may still say otherwise
        return {"next": "search", "points": (), **best}
    if limit:
        return {**proposal, **would, "reason": f"the budget of {limit} is spent"}
    if not points and state.waiting:
        return {"next": "search", "points": (), **best}
    if not points:
        return {**done, "reason": "everything there is has been measured"}
    if not _pays(laboratory, held, points, gains):
        return {**proposal, "next": "stop", "reason": "the next batch does not pay"}
    affordable = _affordable(laboratory, held, points)
    if not affordable:
        return {**proposal, **would, "reason": "the budget of cost is spent"}
    refusal = spend_more(laboratory, dict(spent))
    if refusal:
        return {**proposal, **would, "reason": refusal}
    laboratory.tell("learn")
    return {**proposal, "points": tuple(affordable), "next": "search"}


def _best(laboratory: Laboratory, held: Prospect) -> Change:
    """Return the front by what was measured, or by what is believed where readings are noisy."""
    there = results(laboratory.docket, held.goals)
    if isinstance(held.search, MultiobjectiveSearch) and _noisy(laboratory):
        names = held.search.best({result.case for result in there if result.readings[0]})
        found = held.search.estimates(names, 0)
        if found is not None:
            rows = zip(names, np.stack(found, axis=1).tolist(), strict=True)
            estimates = {n: tuple(float(f"{v:.6g}") for v in row) for n, row in rows}
            order = sorted(names, key=lambda n: -held.campaign.sign * estimates[n][0])
            order = order[:1] if held.campaign.objectives == 1 else order
            return {"front": tuple(order), "estimates": {n: estimates[n] for n in order}}
    names = [result.case for result in front(there, held.goals)]
    names = names[:1] if held.campaign.objectives == 1 else names
    return {"front": tuple(names), "estimates": {}}


def _noisy(laboratory: Laboratory) -> bool:
    return laboratory.scenario.measurement.readings > 1


def _reached(laboratory: Laboratory, held: Prospect, best: tuple[str, ...]) -> bool:
    """Tell whether the mean of the best case's readings is as good as the target."""
    if held.campaign.target is None or not best:
        return False
    means = {r.case: r.values[0] for r in results(laboratory.docket, held.goals)}
    value = means[best[0]]
    return value is not None and held.campaign.reached(value)


def _unmeasured(laboratory: Laboratory, state: State) -> list[str]:
    """Return the points of the last batch that a limit kept from being measured."""
    there = {case for case, _, purpose in laboratory.docket.readings if purpose == "search"}
    return [point for point in state.points if point not in there]


def _proposed(state: State, laboratory: Laboratory, held: Prospect, size: int) -> list[str]:
    """Return what was suggested and is neither measured nor awaited, then what the search proposes."""
    measured = {case for case, _, purpose in laboratory.docket.readings if purpose != "check"}
    there = measured | {case for case, _ in state.waiting}
    queue = [point for point in held.queue if point not in there][:size]
    asked = held.search.ask(size - len(queue)) if size > len(queue) else []
    # the search has not been told which suggestions are awaited
    return [*queue, *(point for point in asked if point not in held.queue or point in measured)]


def _named(held: Prospect, point: str, at: int, gains: np.ndarray | None) -> str:
    """Say what would be searched, and what it is expected to gain."""
    if gains is None:
        return point
    if held.campaign.objectives > 1:
        return f"{point} (expected to add {100 * gains[at]:.2g}% to the front's hypervolume)"
    unit = held.goals[0].unit
    return f"{point} (expected to gain {gains[at]:.2g}{'' if unit == '1' else f' {unit}'})"


def _pays(
    laboratory: Laboratory, held: Prospect, points: list[str], gains: np.ndarray | None
) -> bool:
    """Tell whether the best of some points is expected to gain what it has to, for its cost."""
    if gains is None:
        return True
    return bool((gains / held.cost(laboratory, points)).max() >= held.campaign.worth)


def _affordable(laboratory: Laboratory, held: Prospect, points: list[str]) -> list[str]:
    """Return the points that what is left of the budget pays for, in their order."""
    left, found = laboratory.meter.left("cost"), list[str]()
    for point, cost in zip(points, held.cost(laboratory, points), strict=True):
        if cost <= left:
            left -= cost
            found.append(point)
    return found


def _charge(laboratory: Laboratory, held: Prospect, points: Sequence[str]) -> None:
    """Count what measuring points costs."""
    if held.campaign.cost is not None and points:
        laboratory.meter.spend(cost=sum(held.cost(laboratory, points)))


def search(state: State, runtime: Runtime[Laboratory]) -> Change:
    """Make cases of the points to search, where they are new."""
    laboratory = runtime.context
    held = laboratory.prospect
    assert held is not None
    admit(laboratory, state.points)
    laboratory.meter.spend(experiments=len(state.points))
    _charge(laboratory, held, state.points)
    return {"searched": state.searched + len(state.points)}


def measure_points(state: State, runtime: Runtime[Laboratory]) -> Change:
    """Measure what is searched, in parallel: every quantity, and once more what was read before."""
    laboratory = runtime.context
    held = laboratory.prospect
    assert held is not None
    done: dict[str, set[int]] = {}
    for case, reading, purpose in laboratory.docket.readings:
        if purpose != "check":
            done.setdefault(case, set()).add(reading)
    often = _noisy(laboratory)
    for case, reading in state.waiting:
        done.setdefault(case, set()).add(reading)
    readings = [(point, len(done.get(point, ())) if often else 0) for point in state.points]
    pending = held.campaign.pending
    try:
        if pending:
            waiting = await_some(laboratory, [*state.waiting, *readings], need=False)
            while len(waiting) > (pending if state.points else 0):
                waiting = await_some(laboratory, waiting, need=True)
            complete(laboratory)
            return {"waiting": tuple(waiting)}
        measure(laboratory, readings, purpose="search")
        complete(laboratory)
    except OverBudget as spent:
        return {"status": "budget", "reason": str(spent)}
    return {}


def design(state: State, runtime: Runtime[Laboratory]) -> Change:
    """Draw as many random pairs as keep their share of the experiments, if any is still open."""
    laboratory = runtime.context
    held = laboratory.prospect
    assert held is not None
    share = held.campaign.evidence
    due = int(share * state.searched / (1 - share)) - len(laboratory.docket.experiments)
    due = int(min(due, laboratory.meter.left("experiments"), laboratory.scenario.hypotheses.batch))
    if due < 1 or state.status == "budget":
        return {"batch": ()}
    laboratory.batch, laboratory.shown = due, None
    options = bench(laboratory).options
    pairs = [sum(held.cost(laboratory, option.cases)) for option in options]
    if not options or max(pairs) * due > laboratory.meter.left("cost"):
        return {"batch": ()}
    change = discover.design(state, runtime)  # pyright: ignore[reportArgumentType]
    drawn = [laboratory.docket.experiments[name] for name in change["batch"]]
    there = {case for case, _, purpose in laboratory.docket.readings if purpose == "test"}
    fresh = dict.fromkeys(case for x in drawn for case in x.cases if case not in there)
    _charge(laboratory, held, list(fresh))
    return change


def draw(state: State, runtime: Runtime[Laboratory]) -> Change:
    """Measure the pairs, every quantity of them."""
    change = discover.measure_batch(state, runtime)  # pyright: ignore[reportArgumentType]
    try:
        complete(runtime.context)
    except OverBudget as spent:
        return {"status": "budget", "reason": str(spent)}
    return change


def write(state: State, runtime: Runtime[Laboratory]) -> Change:
    """Write what was found, then what was learnt."""
    from gaseol.agents.embedded.prospector import found

    laboratory = runtime.context
    held = laboratory.prospect
    assert held is not None
    language = laboratory.briefed.language
    for claim in found(laboratory.docket, held.goals, state.front, language):
        laboratory.effects.record(Claimed(claim=claim))
    for claim in laboratory.scientist.writer.write(laboratory.briefed, laboratory.docket):
        numbered = claim.model_copy(update={"id": f"c{len(laboratory.docket.claims) + 1}"})
        laboratory.effects.record(Claimed(claim=numbered))
    return {}


def after_learn(state: State) -> Literal["search", "control"]:
    """Search on, or conclude."""
    return "search" if state.next == "search" else "control"


def after_propose(state: State) -> Literal["criticise", "learn"]:
    """Criticise ideas; a campaign goes on without any."""
    return "criticise" if state.pool else "learn"


def build(recorded: Recorded) -> Any:
    """Return the graph, not yet compiled, each node wrapped by whoever records it."""
    graph: Any = StateGraph(State, context_schema=Laboratory)
    for name, node in NODES.items():
        graph.add_node(name, recorded(name, node))
    graph.add_edge(START, "survey")
    graph.add_edge("survey", "propose")
    graph.add_conditional_edges("propose", after_propose)
    graph.add_edge("criticise", "register")
    graph.add_edge("register", "learn")
    graph.add_conditional_edges("learn", after_learn)
    graph.add_edge("search", "measure")
    graph.add_edge("measure", "design")
    graph.add_edge("design", "draw")
    graph.add_edge("draw", "weigh")
    graph.add_edge("weigh", "learn")
    graph.add_edge("control", "write")
    graph.add_edge("write", "audit")
    graph.add_edge("audit", END)
    return graph


NODES: dict[str, Any] = {
    "survey": survey_question,
    "propose": discover.propose,
    "criticise": discover.criticise,
    "register": discover.register,
    "learn": learn,
    "search": search,
    "measure": measure_points,
    "design": design,
    "draw": draw,
    "weigh": discover.weigh,
    "control": discover.control,
    "write": write,
    "audit": discover.audit,
}
