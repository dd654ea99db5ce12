"""What a recorded step of a graph costs, beside the same graph in bare LangGraph.

    python benchmarks/graph_step.py --steps 600

Both graphs have three nodes in a ring that do nothing. Ours records the start, the end and the
change of every step; each is run with the same in-memory checkpointer. CPU seconds.
"""

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START, StateGraph
from pydantic import BaseModel, ConfigDict

from gaseol.traces import Docket, Recorder
from gaseol.traces.record.event import RunStarted, StepEnded, StepStarted


class Count(BaseModel):
    """The state of both graphs."""

    model_config = ConfigDict(frozen=True)

    n: int = 0


Node = Callable[[Count], dict[str, Any]]


def _ring(steps: int, wrap: Callable[[str, Node], Node]) -> Any:
    def one(state: Count) -> dict[str, Any]:
        return {"n": state.n + 1}

    graph: Any = StateGraph(Count)
    for name in ("design", "measure", "weigh"):
        graph.add_node(name, wrap(name, one))
    graph.add_edge(START, "design")
    graph.add_edge("design", "measure")
    graph.add_edge("measure", "weigh")
    graph.add_conditional_edges("weigh", lambda s: "design" if s.n < steps else "__end__")
    return graph.compile(checkpointer=InMemorySaver())


def _cost(steps: int, wrap: Callable[[str, Node], Node]) -> float:
    """Return CPU microseconds a step."""
    graph = _ring(steps, wrap)
    began = time.process_time()
    graph.invoke(
        {},
        {"recursion_limit": 10 * steps, "configurable": {"thread_id": "x"}},
        durability="exit",
    )
    return (time.process_time() - began) / steps * 1e6


def _recorded(recorder: Recorder, docket: Docket) -> Callable[[str, Node], Node]:
    def wrap(name: str, node: Node) -> Node:
        def step(state: Count) -> dict[str, Any]:
            start = StepStarted(step=name, number=state.n)
            cause = recorder.record(start)
            docket.add(cause, start)
            began = time.monotonic()
            change = node(state)
            end = StepEnded(
                step=name, number=state.n, change=change, seconds=time.monotonic() - began
            )
            docket.add(recorder.record(end, cause), end)
            return change

        return step

    return wrap


def main() -> None:
    """Print one JSON document."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--steps", type=int, default=600)
    parser.add_argument("--repeats", type=int, default=5)
    given = parser.parse_args()
    bare: list[float] = []
    ours: list[float] = []
    for _ in range(given.repeats):  # interleaved, so that both see the same machine
        bare.append(_cost(given.steps, lambda _, node: node))
        with tempfile.TemporaryDirectory() as home:
            recorder = Recorder(Path(home) / "run", {"id": "benchmark"})
            recorder.record(
                RunStarted(scenario="ring", question="?", scientist="none", graph="ring", seed=0,
                           hypotheses=1, alpha=0.05, budget={})
            )  # fmt: skip
            ours.append(_cost(given.steps, _recorded(recorder, Docket())))
            recorder.close()
    a, b = statistics.median(bare), statistics.median(ours)
    print(
        json.dumps(
            {
                "steps": given.steps,
                "bare_langgraph_us_per_step": round(a, 1),
                "recorded_us_per_step": round(b, 1),
                "added_us_per_step": round(b - a, 1),
                "ratio": round(b / a, 3),
            },
            indent=2,
        )
    )


if __name__ == "__main__":
    main()
