"""Lessons of earlier runs: on record, citable, in effect, never evidence; none from a broken record."""

import shutil

import pytest

from gaseol.graphs import run
from gaseol.graphs.lessons import BadLesson, learnt, lessons_of
from gaseol.graphs.replay.replaying import replay
from gaseol.graphs.replay.resuming import resume
from gaseol.scenarios import Scenario
from gaseol.traces.nouns.verdict import Ruling
from gaseol.traces.record.projection import projection_bytes
from gaseol.traces.report import write_report
from gaseol.traces.verification.verifier import verify


@pytest.fixture(scope="module")
def question(world):
    """A world in which only the size matters, with ideas about what does not."""
    wide = {
        "cases__tool__arguments__count": 400, "hypotheses__maximum": 4, "hypotheses__draws": 100,
        "hypotheses__beliefs": world.EFFECTS["hypotheses"]["beliefs"][:1],
        "variables__ring": {"description": "ring", "explore": True}, "budget__experiments": 400,
    }  # fmt: skip
    return lambda **changes: Scenario.model_validate(
        world.changed(world.EFFECTS, **{**wide, **changes})
    )


@pytest.fixture(scope="module")
def earlier(question, pool, tmp_path_factory):
    folder = tmp_path_factory.mktemp("earlier") / "run"
    return run(question(), seed=0, out=folder, pool=pool, report=False)


@pytest.fixture(scope="module")
def later(question, pool, earlier, tmp_path_factory):
    folder = tmp_path_factory.mktemp("later") / "run"
    return run(question(), seed=1, out=folder, pool=pool, report=False, lessons=[earlier.path])


def test_what_was_refuted_goes_on_record_with_its_place(earlier, later):
    docket = earlier.docket
    refuted = [n for n, v in docket.verdicts.items() if v.ruling is Ruling.REFUTED]
    assert refuted
    used = [e.fact for e in later.trace.events("lesson.used")]
    head = verify(earlier.path).head
    assert {u.head for u in used} == {head}
    for name in refuted:
        at = docket.positions[f"verdict:{name}"]
        assert any(
            u.events == (at,) and docket.hypotheses[name].statement in u.lesson for u in used
        )
    assert verify(later.path).holds


def test_it_is_tried_last_and_says_why(earlier, later):
    scenario = Scenario.model_validate(earlier.trace.run["scenario"])
    refuted = [x.relation for x in learnt(scenario, [earlier.path]) if x.kind == "refuted"]
    own = [h for h in later.docket.hypotheses.values() if h.proposed_by == "theorist"]
    known = [h for h in own if h.relation in refuted]
    assert known
    assert len(known) < len(own)
    order = later.docket.order
    places = {h.id: order.index(h.id) for h in own if h.id in order}
    fresh = [places[h.id] for h in own if h not in known and h.id in places]
    assert min(places[h.id] for h in known if h.id in places) > max(fresh)
    assert all("Refuted in an earlier run" in h.mechanism for h in known)


def test_it_is_no_evidence(question, pool, tmp_path, later):
    """The same hypotheses, drawn in the same order, have the same evidence without it."""
    alone = run(question(), seed=1, out=tmp_path / "run", pool=pool, report=False)
    by_relation = {h.relation.model_dump_json(): n for n, h in alone.docket.hypotheses.items()}
    compared = 0
    for name, verdict in later.docket.verdicts.items():
        same = by_relation[later.docket.hypotheses[name].relation.model_dump_json()]
        if same in alone.docket.verdicts:
            other = alone.docket.verdicts[same]
            assert (verdict.ruling, verdict.log_e_for) == (other.ruling, other.log_e_for)
            compared += 1
    assert compared


def test_it_replays_strictly_and_the_report_names_the_record(earlier, later):
    assert replay(later.path).holds
    assert lessons_of(dict(later.trace.run))
    write_report(later.path)
    said = (later.path / "report.md").read_text()
    assert "which is no evidence" in said
    assert verify(earlier.path).head[:16] in said


def test_a_run_that_goes_on_knows_what_it_knew(later, pool, tmp_path):
    folder = tmp_path / "run"
    shutil.copytree(later.path, folder)
    lines = (folder / "events.jsonl").read_bytes().splitlines(keepends=True)
    (folder / "events.jsonl").write_bytes(b"".join(lines[: len(lines) // 2]))
    for name in ("seal.json", "index.json"):
        (folder / name).unlink(missing_ok=True)
    again = resume(folder, pool=pool)
    assert projection_bytes(again.trace) == projection_bytes(later.trace)


@pytest.mark.parametrize("what", ["altered", "unsealed", "cut"])
def test_nothing_is_learnt_from_a_record_that_does_not_hold(earlier, question, tmp_path, what):
    folder = tmp_path / "run"
    shutil.copytree(earlier.path, folder)
    log = folder / "events.jsonl"
    if what == "altered":
        log.write_bytes(log.read_bytes().replace(b'"refuted"', b'"support"', 1))
    elif what == "cut":
        log.write_bytes(b"".join(log.read_bytes().splitlines(keepends=True)[:-3]))
    else:
        (folder / "seal.json").unlink()
    with pytest.raises(BadLesson, match=r"nothing is learnt from .*(does not hold|unsealed)"):
        learnt(question(), [folder])


def test_what_is_confidential_stays_in_its_circle(earlier, question, pool, tmp_path):
    with pytest.raises(BadLesson, match=r"lessons of earlier runs are off.*policy\.lessons"):
        learnt(question(policy={"confidentiality": "secret"}), [earlier.path])
    secret = question(policy={"confidentiality": "secret", "lessons": "asked"})
    assert learnt(secret, [earlier.path])
    closed = run(secret, out=tmp_path / "closed", pool=pool, report=False)
    with pytest.raises(BadLesson, match="would leave that circle"):
        learnt(question(), [closed.path])


def test_by_default_nothing_is_learnt_and_home_is_asked_for(
    earlier, question, tmp_path, monkeypatch
):
    monkeypatch.setenv("GASEOL_HOME", str(tmp_path))
    (tmp_path / "runs").mkdir()
    shutil.copytree(earlier.path, tmp_path / "runs" / "one")
    assert learnt(question()) == ()
    assert {x.kind for x in learnt(question(policy={"lessons": "home"}))} >= {"refuted", "cost"}
    assert learnt(question(name="another", policy={"lessons": "home"})) == ()


def test_a_run_that_speaks_of_something_else_is_refused(earlier, question):
    with pytest.raises(BadLesson, match="teaches nothing on this question"):
        learnt(question(name="another"), [earlier.path])
    assert learnt(question(policy={"lessons": "home"}), None) == ()


def test_a_tool_that_never_gave_anything_is_left_out(question, pool, tmp_path):
    check = {"tool": "toy_typed", "cases": 5, "name": "signal", "unit": "K",
             "arguments": {"case": "{case}", "how": "none"}}  # fmt: skip
    asked = question(check=check)
    first = run(asked, out=tmp_path / "one", pool=pool, report=False)
    (lesson,) = [x for x in learnt(asked, [first.path]) if x.kind == "tool"]
    assert lesson.said.startswith("toy_typed failed in all of 5 calls, first of all wrong shape: ")
    second = run(asked, seed=1, out=tmp_path / "two", pool=pool, report=False, lessons=[first.path])
    assert not [m for m in second.docket.measurements.values() if m.tool == "toy_typed"]
    (left,) = [e.fact for e in second.trace.events("policy.decision")]
    assert not left.allowed
    assert "the independent check by toy_typed" in left.subject
    assert first.path.name in left.reason
    assert replay(second.path).holds
