"""Budgets hold before the effect, however many ask at once; what is refused is on record."""

import threading
from concurrent.futures import Future

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gaseol.graphs import run
from gaseol.graphs.replay.replaying import replay
from gaseol.graphs.running.desk import Desk
from gaseol.graphs.running.meter import Meter
from gaseol.scenarios import Scenario
from gaseol.scenarios.policy import Allowance, Budget
from gaseol.tools import Pool
from gaseol.tools.contract import Answer
from gaseol.traces import Trace, verify
from gaseol.traces.record.docket import Docket
from gaseol.traces.record.effects import Request
from gaseol.traces.record.projection import projection_bytes
from gaseol.traces.record.recorder import Recorder


def tool(name, role=""):
    return Request("tool", name, {}, role)


@given(
    limit=st.integers(0, 30),
    batches=st.lists(st.lists(st.integers(1, 4), max_size=6), min_size=1, max_size=6),
)
@settings(max_examples=40, deadline=None)
def test_calls_are_never_exceeded_by_those_who_ask_at_once(limit, batches):
    """Every thread reserves its batches; what was granted is what was counted, and no more."""
    meter = Meter(Budget(tools={"t": Allowance(calls=limit)}))
    granted: list[int] = []
    refused: list[int] = []
    gate = threading.Barrier(len(batches))

    def ask(sizes):
        gate.wait()
        for size in sizes:
            won = meter.reserve([tool("t")] * size) is None
            (granted if won else refused).append(size)

    threads = [threading.Thread(target=ask, args=(sizes,)) for sizes in batches]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(granted) == meter.spent().get("tool.t.calls", 0)
    assert sum(granted) <= limit
    assert all(size > limit - sum(granted) for size in refused)


@given(limit=st.integers(1, 100), used=st.lists(st.integers(0, 40), max_size=20))
def test_no_model_is_asked_once_its_tokens_are_spent(limit, used):
    meter = Meter(Budget(tokens=10_000, roles={"theorist": Allowance(tokens=limit)}))
    request = Request("model", "m", {}, "theorist")
    spent = 0
    for tokens in used:
        name = meter.reserve([request])
        assert name == ("role.theorist.tokens" if spent >= limit else None)
        if name is None:
            meter.answered(request, {"usage": {"tokens": tokens}}, 0.0)
            spent += tokens
    assert meter.reserve([Request("model", "m", {}, "sceptic")]) is None


def test_money_is_asked_only_of_what_has_a_price():
    meter = Meter(Budget(tokens=100, money=0))
    request = Request("model", "m", {}, "")
    assert meter.reserve([request]) is None
    meter.answered(request, {"usage": {"tokens": 1, "money": 0.01}}, 0.0)
    assert meter.reserve([request]) == "money"


def test_an_answer_of_the_parent_costs_its_branch_no_tokens():
    meter = Meter(Budget(tokens=10, roles={"theorist": Allowance(tokens=5)}))
    request = Request("model", "m", {}, "theorist")
    meter.answered(request, {"usage": {"tokens": 50}}, 1.0, paid=False)
    assert meter.spent().items() >= {"model_calls": 1, "cpu_seconds": 0}.items()
    assert "tokens" not in meter.spent()
    assert meter.reserve([request]) is None


@pytest.mark.parametrize("calls", [0, 1, 2, 9, 40, 41])
def test_a_tool_of_which_so_many_calls_are_left(world, pool, tmp_path, calls):
    """The same record with one worker and with two, to the last call."""
    scenario = Scenario.model_validate(
        world.changed(world.EFFECTS, budget__tools={"toy_signal": {"calls": calls}})
    )
    found = []
    with Pool(pool.registry, jobs=1) as alone:
        for name, workers in (("one", alone), ("two", pool)):
            handle = run(scenario, out=tmp_path / name, pool=workers, report=False)
            assert handle.status == "budget"
            assert handle.docket.ended is not None
            assert handle.docket.ended.reason == "the budget of tool.toy_signal.calls is spent"
            made = [
                e for e in handle.trace.events("effect.requested") if e.data["name"] == "toy_signal"
            ]
            assert calls - 16 < len(made) <= calls
            (refusal,) = handle.trace.events("policy.decision")
            assert refusal.data == {
                "subject": "tool toy_signal",
                "allowed": False,
                "reason": "the budget of tool.toy_signal.calls is spent",
            }
            assert verify(handle.path).holds
            assert replay(handle.path).holds
            found.append(projection_bytes(handle.trace))
    assert found[0] == found[1]


def test_a_run_that_ends_on_budget_says_what_comes_next(world, pool, tmp_path):
    scenario = Scenario.model_validate(world.changed(world.EFFECTS, budget__experiments=8))
    handle = run(scenario, out=tmp_path / "run", pool=pool)
    assert handle.summary()["reason"] == "the budget of experiments is spent"
    assert handle.docket.ended is not None
    first = handle.docket.ended.would[0]
    assert handle.summary()["would"][0] == first
    assert " against c" in first
    assert first.endswith(" nats expected)")
    report = (tmp_path / "run" / "report.md").read_text(encoding="utf-8")
    assert f"next it would have measured {first}"[:60] in report
    longer = run(
        Scenario.model_validate(world.changed(world.EFFECTS, budget__experiments=16)),
        out=tmp_path / "longer", pool=pool, report=False,
    )  # fmt: skip
    ninth = longer.docket.experiments["x9"]
    assert first.startswith(" against ".join(ninth.cases))
    assert replay(handle.path).holds


@pytest.mark.parametrize(
    ("budget", "reason"),
    [({"seconds": 1e-6}, "seconds"), ({"cpu_seconds": 1e-6}, "cpu_seconds")],
    ids=str,
)
def test_time_that_is_up_before_anything_was_measured(world, pool, tmp_path, budget, reason):
    scenario = Scenario.model_validate(
        world.changed(world.EFFECTS, budget={"experiments": 20, **budget}, hypotheses__pilot=5)
    )
    handle = run(scenario, out=tmp_path / "run", pool=pool, report=False)
    assert handle.status == "budget"
    assert handle.summary()["reason"] == f"the budget of {reason} is spent"
    assert not handle.docket.measurements
    assert [e.data["allowed"] for e in handle.trace.events("policy.decision")] == [False]
    assert verify(handle.path).holds
    assert replay(handle.path).holds


class Oracle:
    """Answers at once, for five tokens."""

    def submit(self, request):
        answer: Future[Answer] = Future()
        value = {"usage": {"tokens": 5}}
        answer.set_result(Answer(value=value, seconds=0.1, cpu_seconds=0.0, isolation=""))
        return answer


def test_a_model_that_may_not_be_asked_is_answered_by_a_failure(registry, tmp_path):
    """The scientist goes on without it; nothing of it went out."""
    recorder = Recorder(tmp_path / "run", {})
    meter = Meter(Budget(tokens=12))
    desk = Desk(
        recorder, Docket(), registry, {"model": Oracle()}, meter, None, threading.Event()
    )  # fmt: skip
    said = [desk.perform([Request("model", "m", {"n": n}, "theorist")])[0] for n in range(5)]
    assert [s.failure is None for s in said] == [True, True, True, False, False]
    assert said[3].failure.reason == "the budget of tokens is spent"
    assert meter.spent()["tokens"] == 15
    recorder.close()
    kinds = [e.kind for e in Trace(tmp_path / "run")]
    assert kinds == ["effect.requested", "effect.completed"] * 3 + ["policy.decision"] * 2
