"""Limits hold to the last call while many things happen at once; a witness outside counts."""

import threading
from collections import Counter
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gaseol.graphs.laboratory import OverBudget
from gaseol.graphs.running.desk import Desk
from gaseol.graphs.running.meter import Meter
from gaseol.scenarios.policy import Allowance, Budget
from gaseol.tools.contract import Answer
from gaseol.tools.registry import Registry
from gaseol.traces import Trace
from gaseol.traces.record.docket import Docket
from gaseol.traces.record.effects import Request
from gaseol.traces.record.recorder import Recorder


class Bench:
    """Carries out calls in threads of its own, in any order, and counts what reaches it."""

    def __init__(self, threads: int = 8) -> None:
        self.began: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._threads = ThreadPoolExecutor(threads)

    def submit(self, request: Request) -> Future[Answer]:
        with self._lock:
            self.began[request.name] += 1
            self.began[f"role {request.role}"] += 1
        return self._threads.submit(self._call, request)

    def _call(self, request: Request) -> Answer:
        cost = request.arguments.get("cost", 0)
        usage = {"usage": {"tokens": cost}} if request.effect == "model" else {}
        return Answer(value=usage, seconds=0.0, cpu_seconds=float(cost), isolation="")


def desk_of(place: Path, budget: Budget, bench: Bench) -> tuple[Desk, Meter, Recorder]:
    recorder, meter = Recorder(place, {}), Meter(budget)
    doors = {"tool": bench, "model": bench}
    return Desk(
        recorder, Docket(), Registry(), doors, meter, None, threading.Event()
    ), meter, recorder  # fmt: skip


batches = st.lists(
    st.tuples(st.sampled_from("ab"), st.sampled_from(["theorist", "designer"]), st.integers(1, 5)),
    max_size=6,
)


@given(
    tool=st.integers(0, 12),
    role=st.integers(0, 12),
    askers=st.lists(batches, min_size=1, max_size=4),
)
@settings(max_examples=40)
def test_calls_by_tool_and_by_role_while_several_ask(tmp_path_factory, tool, role, askers):
    """Of a batch all calls are made or none; what was refused would have gone over a limit."""
    bench = Bench()
    budget = Budget(tools={"a": Allowance(calls=tool)}, roles={"theorist": Allowance(calls=role)})
    desk, meter, recorder = desk_of(tmp_path_factory.mktemp("desk") / "run", budget, bench)
    gate, refused = threading.Barrier(len(askers)), []

    def ask(number: int, wanted: list[tuple[str, str, int]]) -> None:
        gate.wait()
        for batch, (name, who, size) in enumerate(wanted):
            requests = [
                Request("tool", name, {"asker": number, "batch": batch, "call": n}, who)
                for n in range(size)
            ]
            try:
                assert len(desk.perform(requests)) == size
            except OverBudget:
                refused.append((name, who, size))

    threads = [threading.Thread(target=ask, args=each) for each in enumerate(askers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    made, spent = bench.began, meter.spent()
    assert made["a"] == spent.get("tool.a.calls", 0) <= tool
    assert made["role theorist"] == spent.get("role.theorist.calls", 0) <= role
    wanted = sum(size for each in askers for _, _, size in each)
    assert made["a"] + made["b"] + sum(size for _, _, size in refused) == wanted
    for name, who, size in refused:
        over_tool = name == "a" and size > tool - made["a"]
        assert over_tool or (who == "theorist" and size > role - made["role theorist"])
    recorder.close()
    kinds = Counter(event.kind for event in Trace(recorder.folder))
    assert kinds["effect.requested"] == kinds["effect.completed"] == made["a"] + made["b"]
    assert kinds["policy.decision"] == len(refused)


@given(
    limit=st.integers(1, 30),
    costs=st.lists(st.lists(st.integers(0, 12), min_size=1, max_size=5), max_size=8),
    effect=st.sampled_from(["tool", "model"]),
)
@settings(max_examples=40)
def test_nothing_begins_once_a_cost_is_reached(tmp_path_factory, limit, costs, effect):
    """What a call costs is known when it has answered: a batch begins below the limit or never."""
    bench = Bench()
    budget = Budget(cpu_seconds=limit) if effect == "tool" else Budget(tokens=limit)
    desk, meter, recorder = desk_of(tmp_path_factory.mktemp("desk") / "run", budget, bench)
    spent = made = 0
    for batch, each in enumerate(costs):
        requests = [
            Request(effect, "a", {"batch": batch, "call": n, "cost": cost})
            for n, cost in enumerate(each)
        ]
        try:
            answers = desk.perform(requests)
        except OverBudget:
            assert effect == "tool"
            assert spent >= limit
            continue
        below = spent < limit
        assert [answer.failure is None for answer in answers] == [below] * len(each)
        if below:
            spent, made = spent + sum(each), made + len(each)
    assert bench.began["a"] == made
    name = "cpu_seconds" if effect == "tool" else "tokens"
    assert meter.spent().get(name, 0) == spent
    recorder.close()


@pytest.mark.parametrize("limit", [1, 7, 10])
@pytest.mark.parametrize("graph", ["discover", "optimise"])
def test_experiments_are_made_to_the_last_one(play, graph, limit):
    """Batches are of eight; what is left of the budget is less than one."""
    campaign = {"graph": "optimise", "campaign": {"batch": 4}} if graph == "optimise" else {}
    run = play(budget__experiments=limit, **campaign)
    ended = run.docket.ended
    assert (ended.status, ended.reason) == ("budget", "the budget of experiments is spent")
    assert ended.cost["experiments"] == limit
    searched = {case for case, _, purpose in run.docket.readings if purpose == "search"}
    assert len(run.docket.experiments) + len(searched) == limit
    assert ended.would
