"""The graph `survey`: what others have written on a question, read, quoted and put together.

search -> screen -> extract -> decide;  decide -> search | synthesise

Nothing is measured and nothing is judged: a survey ends in points that cite works, and in what was
sought and not found. That nothing is found is an answer.
"""

from typing import Any, Literal

from langgraph.graph import END, START, StateGraph
from langgraph.runtime import Runtime
from pydantic import BaseModel, ConfigDict

from gaseol.agents.errand import Query
from gaseol.graphs.discover import Change, Recorded
from gaseol.graphs.laboratory import Laboratory, OverBudget
from gaseol.graphs.people.consent import spend_more
from gaseol.graphs.reading import chosen, errand, look_up, missing, put_together, read


class State(BaseModel):
    """References only: citations of works that stand on the record."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    round: int = 0
    queries: tuple[tuple[str, str], ...] = ()
    """Source and words to ask for next; none in the first round, which asks what the scenario says."""
    kept: tuple[str, ...] = ()
    """Works to read."""
    next: Literal["search", "stop"] = "stop"
    status: Literal["done", "budget"] = "done"
    reason: str = ""


def search(state: State, runtime: Runtime[Laboratory]) -> Change:
    """Ask the sources."""
    queries = [Query(source, text) for source, text in state.queries]
    try:
        look_up(runtime.context, queries if state.round else None)
    except OverBudget as spent:
        return {"round": state.round + 1, "status": "budget", "reason": str(spent)}
    return {"round": state.round + 1, "queries": ()}


def screen(_: State, runtime: Runtime[Laboratory]) -> Change:
    """Choose what is read among the works that nobody has looked at yet."""
    return {"kept": chosen(runtime.context)}


def extract(state: State, runtime: Runtime[Laboratory]) -> Change:
    """Read the works that were kept."""
    try:
        spent = read(runtime.context, state.kept)
    except OverBudget as over:
        spent = str(over)
    return {"kept": (), **({"status": "budget", "reason": spent} if spent else {})}


def decide(state: State, runtime: Runtime[Laboratory]) -> Change:
    """Ask again for what is missing, or stop; a limit that is reached stops the run."""
    laboratory = runtime.context
    if state.status == "budget":
        return {"next": "stop"}
    spent = laboratory.effects.spent()
    limit = laboratory.meter.exhausted(spent)
    lacking = missing(laboratory)
    if limit and lacking:
        reason = f"the budget of {limit} is spent"
        return {"next": "stop", "status": "budget", "reason": reason}
    if not lacking:
        return {"next": "stop", "reason": "something was found of all that is sought"}
    rounds = laboratory.scenario.reading.rounds
    if state.round >= rounds:
        return {"next": "stop", "reason": f"the sources were asked {rounds} times"}
    refusal = spend_more(laboratory, dict(spent))
    if refusal:
        return {"next": "stop", "status": "budget", "reason": refusal}
    wanted = laboratory.librarian.queries(errand(laboratory.scenario), laboratory.docket)
    if not wanted:
        return {"next": "stop", "reason": "nobody knows what else to ask for"}
    return {"next": "search", "queries": tuple((query.source, query.text) for query in wanted)}


def synthesise(_: State, runtime: Runtime[Laboratory]) -> Change:
    """Put together what was read; every point is held against works and quotes."""
    put_together(runtime.context)
    return {}


def after_decide(state: State) -> Literal["search", "synthesise"]:
    """Name the node that follows."""
    return "search" if state.next == "search" else "synthesise"


def build(recorded: Recorded) -> Any:
    """Return the graph, not yet compiled, each node wrapped by whoever records it."""
    graph: Any = StateGraph(State, context_schema=Laboratory)
    for name, node in NODES.items():
        graph.add_node(name, recorded(name, node))
    graph.add_edge(START, "search")
    graph.add_edge("search", "screen")
    graph.add_edge("screen", "extract")
    graph.add_edge("extract", "decide")
    graph.add_conditional_edges("decide", after_decide)
    graph.add_edge("synthesise", END)
    return graph


NODES: dict[str, Any] = {
    "search": search,
    "screen": screen,
    "extract": extract,
    "decide": decide,
    "synthesise": synthesise,
}
