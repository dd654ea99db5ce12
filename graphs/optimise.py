"""The graph `optimise`: the best case in the fewest experiments, and why it is good.

survey -> propose -> criticise -> register -> learn
learn -> search | control;  search -> measure -> design -> draw -> weigh -> learn
control -> write -> audit

What is searched is chosen to be good, and so is no evidence of what makes it good. A registered
share of the experiments are therefore random matched pairs, drawn in an order that was sealed
before the search began; by these alone hypotheses are judged.
"""

from typing import Any, Literal

import numpy as np
from langgraph.graph import END, START, StateGraph
from langgraph.runtime import Runtime
from pydantic import BaseModel, ConfigDict

from gaseol.graphs import discover
from gaseol.graphs.benching import bench
from gaseol.graphs.campaigning import admit, prospect
from gaseol.graphs.discover import NAMED, Change, Recorded
from gaseol.graphs.laboratory import Laboratory, OverBudget
from gaseol.graphs.measuring import measure
from gaseol.graphs.people.consent import spend_more
from gaseol.traces.record.event import Claimed


class State(BaseModel):
    """References only: ids of things that stand on the record."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    wave: int = 0
    pool: tuple[str, ...] = ()
    batch: tuple[str, ...] = ()
    """The experiments designed last, for hypotheses."""
    points: tuple[str, ...] = ()
    """The cases to search next, the most promising first."""
    gain: float | None = None
    """What the best of them is expected to gain, in the measurement's unit; None before the
    model has learnt anything."""
    searched: int = 0
    next: Literal["search", "stop"] = "search"
    status: Literal["done", "budget"] = "done"
    reason: str = ""
    would: tuple[str, ...] = ()
    """What would be searched next, had a limit not ended the run."""


def survey_question(state: State, runtime: Runtime[Laboratory]) -> Change:
    """Gather the cases, measure the pilot, and lay out the space of the campaign."""
    laboratory = runtime.context
    change = discover.survey_question(state, runtime)  # pyright: ignore[reportArgumentType]
    laboratory.prospect = prospect(laboratory)
    return change


def learn(state: State, runtime: Runtime[Laboratory]) -> Change:
    """Tell the search what was measured, and have it say what comes next and what it is worth."""
    laboratory = runtime.context
    held = laboratory.prospect
    assert held is not None
    held.tell(laboratory)
    done = {"next": "stop", "points": (), "gain": None}
    best = _best(laboratory)
    campaign = held.campaign
    if best is not None and campaign.reached(best):
        return {**done, "reason": "the target is reached"}
    spent = laboratory.effects.spent()
    if state.status == "budget":  # it was spent while measuring
        would = state.points[:NAMED]
        return {**done, "status": "budget", "reason": state.reason, "would": would}
    limit = laboratory.meter.exhausted(spent)
    left = laboratory.meter.left("experiments")
    points = held.search.ask(int(min(campaign.batch, left if left >= 1 else campaign.batch)))
    gain = _gain(laboratory, points)
    proposal: Change = {"points": tuple(points), "gain": gain}
    would = {"next": "stop", "status": "budget", "would": proposal["points"][:NAMED]}
    if limit:
        return {**proposal, **would, "reason": f"the budget of {limit} is spent"}
    if not points:
        return {**done, "reason": "everything there is has been measured"}
    if gain is not None and gain < campaign.worth:
        return {**proposal, "next": "stop", "reason": "the next batch does not pay"}
    refusal = spend_more(laboratory, dict(spent))
    if refusal:
        return {**proposal, **would, "reason": refusal}
    laboratory.tell("learn")
    return {**proposal, "next": "search"}


def _best(laboratory: Laboratory) -> float | None:
    campaign = laboratory.scenario.campaign
    assert campaign is not None
    values = [
        m.value
        for (_, _, purpose), position in laboratory.docket.readings.items()
        if purpose != "check" and (m := laboratory.docket.measurements[position]).value is not None
    ]
    found = [v for v in values if v is not None]
    return max(found, key=lambda v: campaign.sign * v) if found else None


def _gain(laboratory: Laboratory, points: list[str]) -> float | None:
    """Return what the best of some points is expected to gain, to six digits."""
    held = laboratory.prospect
    assert held is not None
    gains = held.search.gains(points) if points else None
    return None if gains is None else float(f"{float(np.max(gains)):.6g}")


def search(state: State, runtime: Runtime[Laboratory]) -> Change:
    """Make cases of the points to search, where they are new."""
    laboratory = runtime.context
    admit(laboratory, state.points)
    laboratory.meter.spend(experiments=len(state.points))
    return {"searched": state.searched + len(state.points)}


def measure_points(state: State, runtime: Runtime[Laboratory]) -> Change:
    """Measure what is searched, in parallel."""
    try:
        measure(runtime.context, [(point, 0) for point in state.points], purpose="search")
    except OverBudget as spent:
        return {"status": "budget", "reason": str(spent)}
    return {}


def design(state: State, runtime: Runtime[Laboratory]) -> Change:
    """Draw as many random pairs as keep their share of the experiments, if any is still open."""
    laboratory = runtime.context
    campaign = laboratory.scenario.campaign
    assert campaign is not None
    share = campaign.evidence
    due = int(share * state.searched / (1 - share)) - len(laboratory.docket.experiments)
    due = int(min(due, laboratory.meter.left("experiments"), laboratory.scenario.hypotheses.batch))
    if due < 1:
        return {"batch": ()}
    laboratory.batch, laboratory.shown = due, None
    if not bench(laboratory).options:
        return {"batch": ()}
    return discover.design(state, runtime)  # pyright: ignore[reportArgumentType]


def write(_: State, runtime: Runtime[Laboratory]) -> Change:
    """Write what was found, then what was learnt."""
    from gaseol.agents.embedded.prospector import found

    laboratory = runtime.context
    campaign = laboratory.scenario.campaign
    assert campaign is not None
    claims = found(
        laboratory.briefed.outcome, campaign.sign, laboratory.docket, laboratory.briefed.language
    )
    for claim in claims:
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
    "draw": discover.measure_batch,
    "weigh": discover.weigh,
    "control": discover.control,
    "write": write,
    "audit": discover.audit,
}
