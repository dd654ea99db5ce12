"""Campaigns with several objectives, limits, costs, noise, and what was known before."""

import hashlib
import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest

from gaseol.graphs import resume, run
from gaseol.graphs.people.answering import hand_in
from gaseol.graphs.replay.replaying import replay
from gaseol.scenarios import Scenario
from gaseol.scenarios.loader import ScenarioError
from gaseol.traces.campaign import front, heights, results
from gaseol.traces.front import hypervolume
from gaseol.traces.nouns.goal import goals_of
from gaseol.traces.record.docket import Docket
from gaseol.traces.record.inbox import awaited
from gaseol.traces.record.projection import projection_bytes
from gaseol.traces.record.trace import Trace
from gaseol.traces.report import write_report
from gaseol.traces.report.compose import compose
from gaseol.traces.report.markdown import markdown
from gaseol.traces.report.page import page as page_of
from gaseol.traces.summary import summary
from gaseol.traces.verification.verifier import verify

LOAD = {
    "tool": "toy_signal", "unit": "K", "direction": "maximise",
    "arguments": {"case": "load {case}", "size": "{weight}", "noise": 0.05},
}  # fmt: skip
TWO = {
    "graph": "optimise",
    "measurement__arguments": {"case": "{case}", "size": "{size}", "noise": 0.05},
    "campaign": {"batch": 4, "evidence": 0.1, "outcomes": {"load": LOAD}},
    "budget__experiments": 36,
}


def goals(run):
    return goals_of(Trace(run.path).run["scenario"])


def learnt(run) -> list[dict]:
    """What each step `learn` changed, in order."""
    events = Trace(run.path).events("step.ended")
    return [e.data["change"] for e in events if e.data["step"] == "learn"]


def room(run, among: str = "search") -> float:
    found = [r for r in results(run.docket, goals(run)) if r.acceptable and r.purpose == among]
    return hypervolume(heights(found, goals(run)), [0.0, -30.0])


def test_a_front_covers_more_than_chance_finds_and_is_on_the_record(play):
    run, blind = play(**TWO), play(**TWO, scientist="random")
    assert room(run) > 1.1 * room(blind)
    best = front(results(run.docket, goals(run)), goals(run))
    assert len(best) > 2
    assert learnt(run)[-1]["front"] == [r.case for r in best]
    claims = [str(c) for c in run.docket.claims.values()]
    assert f"cases measured {len(best)} are beaten by no other" in claims[0].lower()
    assert all(run.docket.audits[c].supported for c in run.docket.claims)
    assert "front's hypervolume" in run.docket.ended.would[0]


def test_several_objectives_replay_and_every_quantity_is_on_record(play):
    run = play(**TWO)
    assert replay(run.path).holds
    cases = {case for case, _, _ in run.docket.readings}
    assert {case for case, _, name in run.docket.beside if name == "load"} == cases
    assert not any(e.data["measurement"]["purpose"] == "test" and
                   e.data["measurement"]["quantity"] == "load"
                   for e in Trace(run.path).events("measurement"))  # fmt: skip


def test_a_limit_keeps_the_best_that_breaks_it_from_being_best(play):
    arguments = {"case": "load {case}", "size": "{size}", "noise": 0.05}
    limited = {"tool": "toy_signal", "unit": "K", "arguments": arguments, "high": 18.0}
    run = play(**{**TWO, "campaign": {"batch": 4, "evidence": 0, "outcomes": {"load": limited}}})
    found = results(run.docket, goals(run))
    kept = [r for r in found if r.acceptable]
    assert all(r.values[1] <= 18.0 for r in kept)
    assert best_of(kept) > 16.0  # just below the limit, of cases up to 40 K
    claim = str(run.docket.claims["c1"])
    best = max(kept, key=lambda r: r.values[0])
    assert f"of {best.case}" in claim
    assert max(r.values[0] for r in found) > best.values[0]


def best_of(found) -> float:
    return max(r.values[0] for r in found)


def test_where_nothing_keeps_the_limits_it_says_so(play):
    limited = {**LOAD, "low": 1e6}
    run = play(**{**TWO, "campaign": {"batch": 4, "evidence": 0, "outcomes": {"load": limited}}})
    assert "None of 36 cases measured keeps the limits (load)." in str(run.docket.claims["c1"])


def test_costs_are_counted_and_steer_the_search(play):
    free = {**TWO, "campaign": {"batch": 4, "evidence": 0, "cost": "1"}}
    dear = {**TWO, "campaign": {"batch": 4, "evidence": 0, "cost": "1 + 4 * ring"},
            "budget__cost": 30}  # fmt: skip
    run, other = play(**dear), play(**free)
    assert run.status == "budget"
    assert "cost" in run.docket.ended.reason
    assert run.docket.ended.cost["cost"] <= 30
    rings = [c for c in searched(run) if int(c[1:]) % 3 == 0]
    assert len(rings) / len(searched(run)) > 0.6
    assert len([c for c in searched(other) if int(c[1:]) % 3 == 0]) / len(searched(other)) < 0.6


def searched(run) -> list[str]:
    return [case for case, _, purpose in run.docket.readings if purpose == "search"]


@pytest.mark.parametrize("cost", ["0", "-1", "1 / (ring - ring)"])
def test_a_cost_that_is_none_is_refused(play, cost):
    with pytest.raises(ScenarioError, match=r"campaign\.cost"):
        play(**{**TWO, "campaign": {"batch": 4, "cost": cost}})


NOISY = {
    "graph": "optimise",
    "measurement": {
        "name": "signal", "tool": "toy_reading", "unit": "K", "value": "value",
        "arguments": {"case": "{case}", "size": "{size}", "seed": "{seed}", "reading": "{reading}"},
        "readings": 5,
    },
    "campaign": {"batch": 4, "evidence": 0.1},
    "budget__experiments": 40,
}  # fmt: skip


def test_noisy_cases_are_read_again_and_the_luckiest_reading_is_not_the_best(play):
    truth: list[float] = []
    lucky: list[float] = []
    for seed in range(3):
        run = play(**NOISY, seed=seed)
        again = [key for key in run.docket.readings if key[1] > 0]
        assert again
        sizes = sizes_of(run)
        best = learnt(run)[-1]["front"]
        single = max(
            ((m.value or 0, m.case) for m in run.docket.measurements.values()), default=(0, "")
        )
        truth.append(sizes[best[0]])
        lucky.append(sizes[single[1]])
        (mean, low, high) = learnt(run)[-1]["estimates"][best[0]]
        assert low < mean < high
        assert all(run.docket.audits[c].supported for c in run.docket.claims)
    assert np.mean(truth) >= np.mean(lucky)
    assert replay(run.path).holds


def sizes_of(run) -> dict[str, float]:
    trace = Trace(run.path)
    for event in trace.events("effect.completed"):
        rows = trace.payload(event.fact)
        if isinstance(rows, list) and rows and "size" in rows[0]:
            return {row["case"]: row["size"] for row in rows}
    raise AssertionError("no cases on record")


KNOWN = "case,signal,colour\n" + "".join(f"c{i},{10 + i / 10},red\n" for i in range(0, 60, 2))


@pytest.fixture
def begin(world, pool, tmp_path):
    """Run a toy scenario out of a folder of its own, with files beside it."""
    made = iter(range(100))

    def go(files: dict[str, str], *, seed=0, scientist="embedded", **changes):
        number = next(made)
        folder = world.write(
            tmp_path / f"asked{number}", world.changed(world.EFFECTS, **changes), tools=False
        )
        folder = folder if folder.is_dir() else folder.parent
        for name, text in files.items():
            (folder / name).write_text(text)
        return run(folder, seed=seed, scientist=scientist, out=tmp_path / f"known{number}",
                   pool=pool, report=False)  # fmt: skip

    return go


WARM = {
    "graph": "optimise",
    "campaign": {
        "batch": 4, "evidence": 0, "known": {"file": "old.csv", "source": "notebook of 2019"},
    },
    "budget__experiments": 8,
}  # fmt: skip


def test_what_was_known_is_learnt_from_and_labelled_as_not_measured_here(begin):
    warm = begin({"old.csv": KNOWN}, **WARM)
    assert verify(warm.path).holds
    even = {f"c{i}" for i in range(0, 60, 2)}
    assert not even & set(searched(warm))
    (known,) = [e.data for e in Trace(warm.path).events("data.known")]
    assert known == {
        "source": "notebook of 2019",
        "file": "old.csv",
        "sha256": hashlib.sha256(KNOWN.encode()).hexdigest(),
        "cases": 30,
        "passed_over": 0,
    }
    assert "old.csv" in warm.docket.started.files
    write_report(warm.path)
    text = (warm.path / "report.md").read_text(encoding="utf-8")
    assert "- Given by notebook of 2019: 30 cases of old.csv" in text
    assert "not measured in this run" in text
    assert learnt(warm)[0]["gain"] is not None  # the first batch is the model's already
    assert replay(warm.path).holds


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("case,value\nc1,3\n", "has no column 'signal'"),
        ("case,signal\nnobody,3\n", "none of the 1 rows"),
        ("case,signal\nc1,high\n", "which is no number"),
        ("case,signal\n", "has no column 'signal'"),
    ],
)
def test_a_table_that_does_not_fit_is_refused(begin, table, said):
    with pytest.raises(ScenarioError, match=said):
        begin({"old.csv": table}, **WARM)


def test_suggestions_are_measured_first_and_stand_on_record(play):
    given = [{"case": "c7", "source": "a colleague"}, {"case": "c3", "source": "a model"}]
    run = play(**{**TWO, "campaign": {"batch": 4, "evidence": 0, "suggestions": given}})
    assert searched(run)[:2] == ["c7", "c3"]
    assert len(searched(run)) == len(set(searched(run)))
    said = [(e.data["case"], e.data["source"]) for e in Trace(run.path).events("case.suggested")]
    assert said == [("c7", "a colleague"), ("c3", "a model")]


def test_a_case_that_was_known_and_not_measured_here_is_not_the_best_here(begin):
    noisy = {**NOISY, "budget__experiments": 12, "campaign": {**WARM["campaign"], "target": 1e6}}
    high = "case,signal\n" + "".join(f"c{i},{9000 + i}\n" for i in range(0, 60, 2))
    run = begin({"old.csv": high}, **noisy)
    measured = {case for case, _, purpose in run.docket.readings if purpose != "check"}
    assert all(set(step["front"]) <= measured for step in learnt(run))
    assert "cases measured is" in str(run.docket.claims["c1"])


def test_a_suggestion_of_no_case_is_refused(play):
    given = [{"case": "nobody", "source": "a model"}]
    with pytest.raises(ScenarioError, match=r"campaign\.suggestions\.0.*no row 'nobody'"):
        play(**{**TWO, "campaign": {"batch": 4, "suggestions": given}})


CONDITIONS = {
    "graph": "optimise",
    "cases": {"key": "setting", "conditions": {"sample": 60}},
    "variables": {
        "size": {"low": 1, "high": 4, "explore": True},
        "colour": {"among": ["red", "green"]},
        "ring": {"among": [1, 2, 4]},
    },
    "measurement__arguments": {"case": "{colour}{ring}", "size": "{size}", "noise": 0.1},
    "hypotheses": {"maximum": 1, "delta": 0.3, "draws": 20, "explore": {}},
    "campaign": {"space": "conditions", "batch": 4, "evidence": 0.1},
    "budget__experiments": 28,
}


def test_conditions_are_searched_between_their_levels(play):
    run = play(**CONDITIONS)
    best = max(m.value or 0 for m in run.docket.measurements.values())
    assert best > 40  # the largest size by the luckier label
    assert replay(run.path).holds


def test_what_a_limit_kept_from_being_measured_is_what_comes_next(play):
    run = play(**{**TWO, "budget__tools": {"toy_signal": {"calls": 30}}})
    assert run.status == "budget"
    assert run.docket.ended.reason == "the budget of tool.toy_signal.calls is spent"
    assert len(run.docket.ended.would) == 3
    assert run.docket.claims


def test_the_report_shows_course_front_and_what_comes_next(play):
    run = play(**TWO)
    write_report(run.path)
    page, text = ((run.path / f"report.{kind}").read_text() for kind in ("html", "md"))
    best = front(results(run.docket, goals(run)), goals(run))
    for result in best:
        assert f"| {result.case} |" in text
    assert f"{len(best)} on the front." in page
    assert "cases in the order measured; the best ends at" in page
    assert "### What to try next" in text
    asked = json.loads((run.path / "run.json").read_bytes())
    asked["scenario"]["language"] = "ko"
    korean = Path(shutil.copytree(run.path, run.path.parent / "korean"))
    (korean / "run.json").write_text(json.dumps(asked))
    told = markdown(compose(korean))
    part = told[told.index("## 탐색") : told.index("## 가설")]
    assert not re.search(r"\b(?:the|of|to|as|is|cases|front|measured)\b", part), part
    assert f"전선에 있는 것은 {len(best)}개" in page_of(compose(korean))
    said = run.summary()["campaign"]
    assert [row["case"] for row in said["front"]] == [result.case for result in best]
    assert said == json.loads(json.dumps(summary(Docket.of(run.trace), "", "")["campaign"]))


BENCH = {
    "graph": "optimise",
    "measurement": {
        "name": "signal", "unit": "K",
        "bench": {"protocol": "Read the signal of {case} with the old instrument."},
    },
    "campaign": {"batch": 3, "evidence": 0, "pending": 2},
    "budget__experiments": 9,
}  # fmt: skip


@pytest.mark.parametrize("suggested", [(), ("c7", "c3")])
def test_the_search_goes_on_while_some_are_still_being_measured(world, pool, tmp_path, suggested):
    folder = tmp_path / "run"
    given = [{"case": case, "source": "a colleague"} for case in suggested]
    asked_for = {**BENCH, "campaign": {**BENCH["campaign"], "suggestions": given}}
    scenario = Scenario.model_validate(world.changed(world.EFFECTS, **asked_for))
    handle = run(scenario, out=folder, pool=pool, report=False)
    rounds: list[int] = []
    while handle.status == "paused":
        waiting = awaited(Trace(folder))
        rounds.append(len(waiting))
        before = (folder / "events.jsonl").read_bytes()
        assert resume(folder, pool=pool).status == "paused"  # nobody has said anything
        assert (folder / "events.jsonl").read_bytes() == before
        last = waiting[-1]  # out of order: the youngest first
        value = 10 + int(last.arguments["case"][1:]) / 10
        hand_in(folder, {last.request: {"value": str(value), "unit": "K", "by": "Kim"}})
        handle = resume(folder, pool=pool)
        assert len(rounds) < 20
    assert handle.status == "budget"
    assert max(rounds) == 5  # a batch of three beside the two that are still awaited
    cases = searched(handle)
    assert len(cases) == len(set(cases)) == 9
    asked = [e.data["arguments"]["case"] for e in Trace(folder).events("effect.requested")
             if e.data["effect"] == "person"]  # fmt: skip
    assert asked != cases  # answered in another order than asked
    assert verify(folder).holds
    assert replay(folder).holds


def test_a_campaign_that_was_killed_in_a_batch_measures_nothing_twice(play, pool, tmp_path):
    whole = play(**TWO)
    lines = (whole.path / "events.jsonl").read_bytes().splitlines(keepends=True)
    asked = [e.seq for e in Trace(whole.path).events("effect.requested") if e.seq > 100]
    folder = shutil.copytree(whole.path, tmp_path / "cut")
    (folder / "seal.json").unlink()
    (folder / "events.jsonl").write_bytes(b"".join(lines[: asked[5] + 2]))
    again = resume(folder, pool=pool)
    assert again.status == whole.status
    assert projection_bytes(Trace(folder)) == projection_bytes(Trace(whole.path))
    keys = [e.data["key"] for e in Trace(folder).events("effect.requested")]
    assert len(keys) == len(set(keys))
