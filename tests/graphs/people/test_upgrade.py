"""A run that an earlier version began goes on with this one, or is refused and left as it was.

`earlier/README.md` says how the runs were made.
"""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from gaseol.graphs import resume
from gaseol.graphs.people.answering import hand_in
from gaseol.graphs.replay.replaying import replay
from gaseol.graphs.running.asked import code_digest
from gaseol.graphs.running.launch import Unresumable
from gaseol.traces import Trace, verify
from gaseol.traces.nouns.registration import FIRST_RULE, RULE
from gaseol.traces.record.inbox import PAYLOAD_TYPE, awaited, spoken
from gaseol.traces.signatures.signing import check

EARLIER = Path(__file__).with_name("earlier")


@pytest.fixture
def paused(tmp_path) -> Path:
    """A copy, elsewhere."""
    return Path(shutil.copytree(EARLIER / "paused", tmp_path / "copied"))


def test_what_an_earlier_version_paused_is_answered_and_finished(paused, pool):
    assert Trace(paused).run["code"] != code_digest()
    before = (paused / "events.jsonl").read_bytes()
    waiting = [each for each in awaited(Trace(paused)) if each.said is None]
    assert [each.request for each in waiting] == [29, 31, 32, 33, 34]
    values = {
        each.request: {
            "value": str(34 - int(each.arguments["label"][1:])),
            "unit": "MPa",
            "by": "Kim",
        }
        for each in waiting
    }
    hand_in(paused, values)
    assert resume(paused, pool=pool).status == "done"

    assert (paused / "events.jsonl").read_bytes().startswith(before)
    found = verify(paused)
    assert found.holds, found.problems
    trace = Trace(paused)
    said = {each.request: each for _, each, flaw in spoken(trace) if not flaw}
    assert set(said) == {10, *range(27, 35)}
    assert said[30].value == 33.5
    (signer,) = check(said[27].envelope, PAYLOAD_TYPE, {})
    assert signer.valid
    first = next(e for e in trace.events("effect.completed") if e.data["request"] == 27)
    assert trace.blobs.get(first.fact.attachments["curve.csv"]).startswith(b"strain,stress")
    resumed = [e.data["reason"] for e in trace.events("run.resumed")]
    assert "gaseol's source is another than at the beginning" in resumed[-1]
    (verdict,) = [e.fact.verdict for e in trace.events("verdict")]
    assert verdict.reason == "1 of 4 draws failed; registered was at most 20%"
    again = replay(paused, other_code=True)
    assert again.holds, again.problems


def test_laws_are_judged_by_the_rule_that_their_run_began_with(tmp_path, pool):
    folder = Path(shutil.copytree(EARLIER / "laws", tmp_path / "copied"))
    tubes = {row["tube"]: row for row in Trace(folder).run["scenario"]["cases"]["rows"]}

    def flow(tube: str) -> str:
        return f"{5.1 * tubes[tube]['radius'] ** 4 / tubes[tube]['length']:.5g}"

    status = "paused"
    while status == "paused":
        waiting = [each for each in awaited(Trace(folder)) if each.said is None]
        hand_in(folder, {
            each.request: {"by": "Hagen", "value": flow(each.arguments["label"]), "unit": "mL/s"}
            if "label" in each.arguments
            else {"by": "Hagen", "approve": "yes"}
            for each in waiting
        })  # fmt: skip
        status = resume(folder, pool=pool).status
    assert status == "done"
    found = verify(folder)
    assert found.holds, found.problems
    trace = Trace(folder)
    rules = {e.fact.registration.criterion.rule for e in trace.events("registration")}
    assert rules == {FIRST_RULE} != {RULE}
    supported = [
        e.fact.verdict for e in trace.events("verdict") if e.fact.verdict.ruling == "supported"
    ]
    assert [v.hypothesis for v in supported] == ["h2"]
    again = replay(folder, other_code=True)
    assert again.holds, again.problems


def test_by_the_command_line(paused):
    """As a person would, who has this version and the copy."""

    def typed(*words):
        done = subprocess.run(
            [sys.executable, "-m", "gaseol", *words],
            cwd=paused.parent, capture_output=True, text=True,
        )  # fmt: skip
        return done.returncode, done.stdout + done.stderr

    assert "Strip 10 mm wide of f13" in typed("todo", "copied")[1]
    code, said = typed("answer", "copied", "28", "value=20", "unit=MPa", "by=Kim")
    assert code == 2
    assert "on record with its answer already" in said
    assert typed("answer", "copied", "29", "value=29", "unit=MPa", "by=Kim")[0] == 0
    assert typed("resume", "copied")[0] == 3
    assert [each.request for each in awaited(Trace(paused))] == [31, 32, 33, 34]


def test_what_only_its_own_version_understands_is_refused_and_left_alone(tmp_path, pool):
    folder = Path(shutil.copytree(EARLIER / "interrupted", tmp_path / "copied"))
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    with pytest.raises(
        Unresumable, match=r"event 0: the code does another run\.started"
    ) as refused:
        resume(folder, pool=pool)
    assert "it was begun by other code (gaseol 0.1.0), which can go on with it" in str(
        refused.value
    )
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
