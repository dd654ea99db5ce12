"""Two runs are the same when only clocks, caches and the order of answers differ."""

import copy

import pytest

from gaseol.traces import Trace, project
from gaseol.traces.record.projection import projection_bytes


def changed(ledger, run, change):
    ledger.rewrite(run, change)
    return projection_bytes(Trace(run))


def test_two_runs_of_the_same_are_equal(ledger, sealed, tmp_path):
    again = ledger.write(tmp_path / "again")
    assert (again / "events.jsonl").read_bytes() != (sealed / "events.jsonl").read_bytes()
    assert projection_bytes(Trace(again)) == projection_bytes(Trace(sealed))


def test_times_and_links_are_left_out(sealed):
    for entry in project(Trace(sealed)):
        assert set(entry) == {"kind", "cause", "data"}
        assert not {"seconds", "cpu_seconds", "origin", "isolation"} & set(entry["data"])
        for key in ("cost", "spent"):
            assert "seconds" not in entry["data"].get(key, {})


def clocks(events):
    for event in events:
        event["at"] = "2030-01-01T00:00:00Z"
        data = event["data"]
        for key in ("seconds", "cpu_seconds"):
            if key in data:
                data[key] += 1.5
        if event["kind"] == "effect.completed":
            data.update(origin="cache", isolation="none")
        if event["kind"] == "run.started":
            data["notes"] = []
        for key in ("cost", "spent"):
            if key in data:
                data[key]["seconds"] = 99.0


def test_clocks_and_caches_do_not_matter(ledger, run):
    before = projection_bytes(Trace(run))
    assert changed(ledger, run, clocks) == before


def test_answers_to_parallel_requests_stand_in_the_order_asked(ledger, tmp_path):
    from gaseol.traces.nouns.failure import Failure, FailureKind
    from gaseol.traces.record.event import EffectCompleted, EffectFailed, StepStarted

    found = []
    for turn in ((0, 1, 2), (2, 0, 1)):
        folder = tmp_path / str(turn)
        book = ledger.Book(folder, folder)
        for _ in range(2):
            asked = [book.request("t", {"n": n}) for n in range(3)]
            for n in turn:
                if n == 1:
                    failure = Failure(kind=FailureKind.CRASHED, reason="x")
                    fact = EffectFailed(request=asked[n], failure=failure, seconds=float(turn[0]))
                else:
                    fact = EffectCompleted(request=asked[n], value=n, seconds=float(turn[0]))
                book.add(fact, asked[n])
            book.add(StepStarted(step="s", number=0))
        book.recorder.commit()
        found.append(projection_bytes(Trace(folder)))
        book.recorder.close()
    assert found[0] == found[1]


@pytest.mark.parametrize(
    ("kind", "path", "value"),
    [
        ("effect.requested", ("arguments", "count"), 401),
        ("effect.requested", ("name",), "other"),
        ("effect.completed", ("value", "t", "mean"), 1.0),
        ("effect.failed", ("failure", "reason"), "another"),
        ("run.started", ("seed",), 1),
        ("run.ended", ("cost", "tool_calls"), 61.0),
        ("run.ended", ("score",), {}),
        ("budget.spent", ("spent", "experiments"), 21.0),
        ("step.ended", ("change", "wave"), 1),
        ("measurement", ("measurement", "value"), 1.0),
        ("evidence", ("evidence", "log_e_for"), 1.0),
        ("verdict", ("verdict", "ruling"), "invalid"),
        ("claim", ("claim", "text"), "x"),
        ("hypothesis.ranked", ("order",), ["down", "up"]),
    ],
)
def test_what_was_asked_found_or_said_matters(ledger, run, kind, path, value):
    before = projection_bytes(Trace(run))

    def change(events):
        at = next(e for e in reversed(events) if e["kind"] == kind)["data"]
        if kind == "effect.requested" and path[0] == "arguments":
            at = next(e for e in events if e["kind"] == kind)["data"]
        for key in path[:-1]:
            at = at[key]
        assert at[path[-1]] != value
        at[path[-1]] = value

    assert changed(ledger, run, change) != before


def test_the_order_of_everything_else_matters(ledger, run):
    before = projection_bytes(Trace(run))

    def swap(events):
        events[2], events[3] = copy.deepcopy(events[3]), copy.deepcopy(events[2])

    assert changed(ledger, run, swap) != before
