"""People in the loop: a run pauses, waits, takes what is handed in, and goes on."""

import errno
import re
import shutil
from pathlib import Path

import orjson
import pytest

from gaseol.graphs import resume, run
from gaseol.graphs.people import answering
from gaseol.graphs.people.answering import BadAnswer, hand_in
from gaseol.graphs.replay.replaying import replay
from gaseol.scenarios import load
from gaseol.traces import Trace, verify
from gaseol.traces.record import inbox as inboxes
from gaseol.traces.record.inbox import Inbox, awaited
from gaseol.traces.record.recorder import Recorder
from gaseol.traces.signatures import keys

DOCS = Path(__file__).parents[2] / "docs" / "running.md"


@pytest.fixture(scope="module")
def films(tmp_path_factory) -> Path:
    """The scenario of the manual."""
    block = next(
        b for b in re.findall(r"```yaml\n(.*?)```", DOCS.read_text(), re.S) if "bench" in b
    )
    folder = tmp_path_factory.mktemp("films")
    (folder / "scenario.yaml").write_text(block)
    return folder


@pytest.fixture(scope="module")
def begun(films, pool, tmp_path_factory) -> tuple[Path, Path]:
    """A run that waits for the approval of its registration, and one that has it."""
    places = tmp_path_factory.mktemp("begun")
    handle = run(load(films), out=places / "paused", pool=pool)
    assert handle.status == "paused"
    shutil.copytree(places / "paused", places / "measuring")
    (approval,) = awaited(Trace(places / "measuring"))
    hand_in(places / "measuring", {approval.request: {"approve": "yes", "by": "Kim"}})
    assert resume(places / "measuring", pool=pool).status == "paused"
    return places / "paused", places / "measuring"


@pytest.fixture
def paused(begun, tmp_path) -> Path:
    """A run that waits for the approval of its registration."""
    return Path(shutil.copytree(begun[0], tmp_path / "run"))


@pytest.fixture
def measuring(begun, tmp_path) -> Path:
    """A run that waits for eight values."""
    return Path(shutil.copytree(begun[1], tmp_path / "run"))


def todo(gaseol, folder):
    return gaseol("todo", folder, "--json").json[str(folder)]


def strength(each) -> float:
    """The planted truth: less with more plasticiser."""
    return 60 - 2 * int(each["arguments"]["case"][1:])


@pytest.mark.slow
def test_from_the_question_to_the_verdict(gaseol, measuring, tmp_path):
    keys.new_key("kim")
    curve = tmp_path / "curve.csv"
    curve.write_bytes(b"strain,stress\n0,0\n\xff")
    rounds = 0
    while waiting := todo(gaseol, measuring):
        rounds += 1
        assert {each["what"] for each in waiting} == {"measurement"}
        assert "10 mm wide of f" in waiting[0]["arguments"]["protocol"]
        assert waiting[0]["due"] > waiting[0]["asked"]
        for number, each in enumerate(reversed(waiting)):
            value, unit = strength(each), "MPa"
            if number == 0:
                value, unit = value * 1e6, "Pa"
            more = ("--attach", curve, "--key", "kim") if number == 1 else ()
            words = (f"value={value}", "uncertainty=0.5", f"unit={unit}", "by=Kim")
            assert gaseol("answer", measuring, each["id"], *words, *more).code == 0
        said = gaseol("resume", measuring, "--json")
        if said.code == 0:
            break
        assert said.code == 3
    assert rounds >= 2
    (found,) = said.json["hypotheses"]
    assert found["verdict"] == "supported"
    trace = Trace(measuring)
    assert trace.status == "done"
    for event in trace.events("measurement"):
        measurement = event.fact.measurement
        assert measurement.value == pytest.approx(60 - 2 * int(measurement.case[1:]))
        assert measurement.unit == "MPa"
    attached = [e.fact for e in trace.events("effect.completed") if e.data["attachments"]]
    assert trace.blobs.get(attached[0].attachments["curve.csv"]) == curve.read_bytes()
    checked = verify(measuring)
    assert checked.holds, checked.problems
    assert checked.checked["answers of people"] == len(list(trace.events("measurement"))) + 1
    assert replay(measuring).holds
    (decision,) = trace.events("policy.decision")
    assert decision.data["reason"] == "Kim allows it"
    assert gaseol("todo", measuring).out == "nothing is awaited\n"


def test_a_registration_that_is_not_allowed(gaseol, paused):
    (approval,) = todo(gaseol, paused)
    words = ("approve=no", "by=Lee", "note=not on my rig")
    assert gaseol("answer", paused, approval["id"], *words).code == 0
    assert gaseol("resume", paused).code == 0
    away = next(Trace(paused).events("hypothesis.turned_away"))
    assert away.data["reason"] == "Lee does not allow it: not on my rig"
    assert verify(paused).holds


def test_a_run_says_that_it_waits(gaseol, films, tmp_path):
    folder = tmp_path / "run"
    said = gaseol("run", films, "--out", folder, "--jobs", 1)
    assert said.code == 3
    assert f"paused for a person; see: gaseol todo {folder}" in said.out
    told = gaseol("todo", folder).out
    assert "allow: register h1: more plasticiser makes a film weaker" in told
    assert f"hand in: gaseol answer {folder}" in told
    assert Trace(folder).status == "paused"


def test_without_an_answer_nothing_is_written(gaseol, measuring):
    before = (measuring / "events.jsonl").read_bytes()
    for _ in range(2):
        assert gaseol("resume", measuring).code == 3
    assert (measuring / "events.jsonl").read_bytes() == before


def test_some_answers_now_and_the_others_later(gaseol, measuring):
    waiting = todo(gaseol, measuring)
    gaseol("answer", measuring, waiting[3]["id"], "value=12", "unit=MPa", "by=Kim")
    assert gaseol("resume", measuring).code == 3
    assert len(todo(gaseol, measuring)) == len(waiting) - 1
    late = gaseol("answer", measuring, waiting[3]["id"], "value=13", "unit=MPa", "by=Kim")
    assert late.code == 2
    assert "is on record with its answer already" in late.err
    assert "gaseol fork" in late.err


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["value=12", "by=Kim"], "say the unit: it was asked for in MPa"),
        (["value=12", "unit=K", "by=Kim"], "cannot be told in"),
        (["value=12", "unit=furlongs", "by=Kim"], "furlongs"),
        (["value=12 MPa", "unit=MPa", "by=Kim"], "are numbers"),
        (["value=nan", "unit=MPa", "by=Kim"], "no finite number"),
        (
            ["value=1e9", "unit=MPa", "by=Kim"],
            "outside of what is possible here: from 0.0 to 200.0",
        ),
        (["value=12", "unit=MPa"], "by=NAME"),
        (["approve=yes", "unit=MPa", "by=Kim"], "are numbers"),
        (["value=12", "unit=MPa", "by=Kim", "colour=red"], "has no 'colour'"),
        (["value"], "is not FIELD=VALUE"),
        (["by=a", "by=b"], "stands there twice"),
    ],
)
def test_what_does_not_fit_is_not_taken(gaseol, measuring, words, why):
    said = gaseol("answer", measuring, todo(gaseol, measuring)[0]["id"], *words)
    assert said.code == 2
    assert why in said.err
    assert Inbox(measuring).read()[1:] == []


def test_ids_that_are_not_awaited(gaseol, measuring):
    waiting = [each["id"] for each in todo(gaseol, measuring)]
    said = gaseol("answer", measuring, 0, "value=1", "unit=MPa", "by=Kim")
    assert said.code == 2
    assert f"awaited are: {', '.join(map(str, waiting))}" in said.err


def test_a_correction_keeps_what_it_corrects(gaseol, measuring):
    number = todo(gaseol, measuring)[0]["id"]
    assert gaseol("answer", measuring, number, "value=12", "unit=MPa", "by=Kim").code == 0
    twice = gaseol("answer", measuring, number, "value=21", "unit=MPa", "by=Lee")
    assert twice.code == 2
    assert "Kim answered it at" in twice.err
    again = ("answer", measuring, number, "value=21", "unit=MPa", "by=Lee", "--correct")
    assert gaseol(*again).code == 0
    said = [(s.by, s.value, s.replaces) for s in Inbox(measuring).read()[1:]]
    assert said == [("Kim", 12.0, None), ("Lee", 21.0, 1)]
    gaseol("resume", measuring)
    used = [e.data["value"] for e in Trace(measuring).events("effect.completed")]
    assert used[-1]["value"] == 21.0


def test_of_two_who_answer_at_once_one_is_told(measuring, monkeypatch):
    first = awaited(Trace(measuring))[0].request
    waiting = awaited(Trace(measuring))
    monkeypatch.setattr(answering, "awaited", lambda _: waiting)  # both looked before either spoke
    value = {"value": "20", "unit": "MPa"}
    hand_in(measuring, {first: {**value, "by": "Kim"}})
    with pytest.raises(BadAnswer, match=f"{first}: Kim answered it at .*, just now"):
        hand_in(measuring, {first: {**value, "by": "Lee"}})
    assert [said.by for said in Inbox(measuring).read() if said.request == first] == ["Kim"]


def test_a_correction_is_not_taken_while_the_run_may_use_what_it_corrects(measuring):
    first = awaited(Trace(measuring))[0].request
    value = {"value": "20", "unit": "MPa", "by": "Kim"}
    hand_in(measuring, {first: value})
    recorder, _ = Recorder.reopen(measuring)
    with pytest.raises(BadAnswer, match="may use the earlier answer at this moment"):
        hand_in(measuring, {first: {**value, "value": "21"}}, correct=True)
    recorder.abandon()
    (said,) = hand_in(measuring, {first: {**value, "value": "21"}}, correct=True)
    assert said.value == 21


def test_a_full_disk_takes_no_part_of_a_table(measuring, monkeypatch):
    two = {each.request: {"value": "20", "unit": "MPa", "by": "Kim"}
           for each in awaited(Trace(measuring))[:2]}  # fmt: skip
    earlier = Inbox(measuring).path.read_bytes()

    def full(file, content):
        file.write(content[: len(content) * 3 // 4])
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(inboxes, "_write", full)
        with pytest.raises(OSError, match="No space"):
            hand_in(measuring, two)
    assert Inbox(measuring).path.read_bytes() == earlier
    assert len(hand_in(measuring, two)) == 2


def test_two_files_of_one_name(measuring, tmp_path):
    files = [tmp_path / "a" / "curve.csv", tmp_path / "b" / "curve.csv"]
    for file in files:
        file.parent.mkdir()
        file.write_text(str(file))
    first = awaited(Trace(measuring))[0].request
    with pytest.raises(BadAnswer, match=r"named curve\.csv; rename one"):
        hand_in(measuring, {first: {"value": "2", "unit": "MPa", "by": "Kim"}}, attach=files)


def test_a_broken_setup_is_named(gaseol, measuring):
    (measuring / "setup.json").write_text('{"salt": "of the sea"}')
    said = gaseol("resume", measuring)
    assert said.code == 2
    assert "setup.json does not say how a run was launched" in said.err


def test_what_all_runs_wait_for(gaseol, home, measuring, world, pool, tmp_path):
    paused = Path(shutil.copytree(measuring, home / "films"))
    asked = world.changed(world.EFFECTS, measurement__tool="toy_once", budget__experiments=12)
    killed = home / "killed"
    run(load(world.write(tmp_path / "toy", asked)), out=killed, pool=pool, report=False)
    called = next(e.seq for e in Trace(killed).events("effect.requested")
                  if e.data["name"] == "toy_once")  # fmt: skip
    (killed / "seal.json").unlink()
    lines = (killed / "events.jsonl").read_bytes().splitlines(keepends=True)
    (killed / "events.jsonl").write_bytes(b"".join(lines[: called + 1]))
    broken = Path(shutil.copytree(measuring, home / "broken"))
    (broken / "inbox" / "answers.jsonl").write_bytes(b"{}\n")
    said = gaseol("todo", "--json")
    assert said.code == 0
    assert set(said.json) == {str(paused), str(killed)}
    assert [each["what"] for each in said.json[str(killed)]] == ["ambiguous"]
    assert str(broken) in said.err
    recorder, _ = Recorder.reopen(killed)
    assert set(gaseol("todo", "--json").json) == {str(paused)}  # it is going on
    recorder.abandon()


def test_an_attachment_that_is_gone_does_not_end_the_run(gaseol, measuring, tmp_path):
    (tmp_path / "curve.csv").write_text("strain,stress")
    first, second = awaited(Trace(measuring))[:2]
    value = {"value": "20", "unit": "MPa", "by": "Kim"}
    hand_in(measuring, {first.request: value}, attach=[tmp_path / "curve.csv"])
    files = Inbox(measuring).folder / "files"
    files.rename(tmp_path / "elsewhere")
    before = (measuring / "events.jsonl").read_bytes()
    said = gaseol("resume", measuring)
    assert said.code == 2
    assert "is missing or was changed" in said.err
    assert (measuring / "events.jsonl").read_bytes() == before
    (tmp_path / "elsewhere").rename(files)
    assert gaseol("resume", measuring).code == 3
    shutil.rmtree(files)  # what is on record is not looked for again
    hand_in(measuring, {second.request: value})
    assert gaseol("resume", measuring).code == 3
    assert verify(measuring).holds


def test_a_table_is_taken_whole_or_not_at_all(gaseol, measuring, tmp_path):
    waiting = todo(gaseol, measuring)
    table = tmp_path / "may.csv"
    rows = [f"{each['id']},{strength(each)},MPa,Kim" for each in waiting]
    table.write_text("\n".join(["id,value,unit,by", *rows[:-1], f"{waiting[-1]['id']},x,MPa,Kim"]))
    assert gaseol("answer", measuring, "--csv", table).code == 2
    assert len(Inbox(measuring).read()) == 1
    table.write_text("\n".join(["id,value,unit,by", *rows]))
    assert gaseol("answer", measuring, "--csv", table).code == 0
    assert len(Inbox(measuring).read()) == 1 + len(waiting)
    for broken in (
        "value,by\n1,Kim",
        "id,weight\n1,2",
        "id,value\nx,1",
        "id,value\n1,2\n1,2",
        "id\n",
    ):
        table.write_text(broken)
        assert gaseol("answer", measuring, "--csv", table).code == 2
    assert gaseol("answer", measuring).code == 2


def test_a_value_that_was_changed_on_its_way_is_found(gaseol, measuring):
    waiting = todo(gaseol, measuring)
    for each in waiting[:2]:
        gaseol("answer", measuring, each["id"], "value=12", "unit=MPa", "by=Kim")
    path = measuring / "inbox" / "answers.jsonl"
    path.write_bytes(path.read_bytes().replace(b'"value":12.0', b'"value":99.0', 1))
    said = gaseol("resume", measuring)
    assert said.code == 2
    assert "does not follow from the line before it" in said.err


def test_on_another_machine_days_later(gaseol, measuring, tmp_path):
    """Neither the scenario's folder nor what was known of this machine is there."""
    there = tmp_path / "there"
    shutil.copytree(measuring, there)
    shutil.rmtree(measuring)
    (there / "setup.json").unlink()
    for each in todo(gaseol, there):
        gaseol("answer", there, each["id"], f"value={strength(each)}", "unit=MPa", "by=Kim")
    assert gaseol("resume", there).code == 3
    assert verify(there).holds


def test_an_answer_on_record_is_the_one_that_was_given(gaseol, measuring):
    """A forged record whose chain is right, with another value than the signed one."""
    keys.new_key("lee")
    each = todo(gaseol, measuring)[0]
    gaseol("answer", measuring, each["id"], "value=12", "unit=MPa", "by=Lee", "--key", "lee")
    gaseol("resume", measuring)
    answer = list(Trace(measuring).events("effect.completed"))[-1]
    assert answer.data["value"]["entry"]["envelope"]["signatures"]
    from gaseol.traces.record import chain

    lines = (measuring / "events.jsonl").read_bytes().splitlines()[: answer.seq + 1]
    forged = orjson.loads(lines[answer.seq])
    forged["data"]["value"]["value"] = 13.0
    forged["data"]["value"]["entry"]["value"] = 13.0
    lines[answer.seq] = orjson.dumps(forged)
    (measuring / "events.jsonl").write_bytes(b"\n".join(lines) + b"\n")
    assert chain.start((measuring / "run.json").read_bytes())
    said = [str(p) for p in verify(measuring).problems]
    assert said == [f"event {answer.seq}: the signature of Lee is not over this answer"]
