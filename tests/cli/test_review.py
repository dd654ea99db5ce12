"""`gaseol review`."""

import importlib.util
import os
import shutil
import sys
from pathlib import Path

import orjson
import pytest

LEDGER = Path(__file__).parents[1] / "traces" / "ledger.py"


@pytest.fixture(scope="module")
def ledger():
    spec = importlib.util.spec_from_file_location("gaseol_tests_ledger_review", LEDGER)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def sealed(ledger, tmp_path_factory) -> Path:
    return ledger.write(tmp_path_factory.mktemp("sealed") / "run")


@pytest.fixture
def run(sealed, tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("GASEOL_REVIEWER", "Kim")
    monkeypatch.setenv("GASEOL_CONFIG", str(tmp_path / "config"))
    return Path(shutil.copytree(sealed, tmp_path / "run"))


def test_a_session_from_opening_to_signing(gaseol, run):
    assert gaseol("review", run).out.endswith("0 resolved, 0 open\n")
    asked = gaseol(
        "review", run, "question", "why so warm?", "--event", "12", "--severity", "major"
    )
    assert asked.code == 0
    assert asked.out.startswith("question by Kim: gaseol:made#note=")
    digest = asked.out.strip().rpartition("=")[2]
    assert len(digest) == 12
    assert gaseol("review", run, "reply", digest, "the sun shone", "--by", "이 박사").code == 0
    assert gaseol("review", run, "note", "odd", "--range", "3-9").code == 0
    assert gaseol("review", run, "judge", "c0", "agree", "figures checked").code == 0
    assert gaseol("review", run, "judge", "up", "unsure").code == 0
    shown = gaseol("review", run)
    assert shown.code == 0
    for line in (
        "major question on #event=12, Kim ", "why so warm?", "> 이 박사: the sun shone",
        "info note on #range=3-9", "c0: Kim agrees", "up: Kim is unsure", "0 resolved, 2 open",
    ):  # fmt: skip
        assert line in shown.out
    assert gaseol("review", run, "resolve", digest, "seen").code == 0
    said = gaseol("review", run, "sign", "as it stands", "--meaning", "approved")
    assert said.code == 0, said.err
    shown = gaseol("review", run).out
    assert "approved, Kim" in shown
    assert "without a key: anybody could have written the name" in shown
    assert "1 resolved, 1 open" in shown
    checked = gaseol("review", run, "check")
    assert checked.code == 0
    assert checked.out.endswith("holds\n")


def test_signing_with_a_key(gaseol, run):
    assert gaseol("key", "new", "kim-key").code == 0
    assert gaseol("review", run, "sign", "--meaning", "approved", "--key", "kim-key").code == 0
    row = gaseol("review", run, "check", "--json").json["signatures"][0]
    assert row["says"].endswith("known here as kim-key")
    assert gaseol("review", run, "sign", "--meaning", "approved", "--key", "nobody").code == 2
    os.environ["GASEOL_CONFIG"] += "-of-another"
    said = gaseol("review", run, "check")
    assert "which nobody here knows" in said.out
    assert said.code == 0


def test_one_json_document_each(gaseol, run):
    entry = gaseol("review", run, "note", "x", "--claim", "c0", "--json").json["entries"][0]
    assert entry["target"]["claim"] == "c0"
    assert gaseol("review", run, "--json").json["open"][0]["digest"] == entry["digest"]
    assert gaseol("review", "--json", run).json["holds"] is True
    assert gaseol("review", run, "--json", "check").json["problems"] == []
    assert gaseol("review", run, "--by", "Lee", "note", "y", "--event", "1", "--json").json[
        "entries"
    ][0]["by"] == "Lee"  # fmt: skip
    findings = gaseol("review", run, "inspect", "--json").json["findings"]
    assert {f["check"] for f in findings} == {"score", "reference", "registered", "method"}


def test_without_a_run_it_is_the_newest_and_named(gaseol, run, home):
    home.mkdir(parents=True)
    shutil.move(run, home / "newest")
    said = gaseol("review", "note", "x", "--event", "1")
    assert said.code == 0
    assert said.err == f"run: {home / 'newest'}\n"
    assert gaseol("review", "newest").out.startswith(str(home / "newest"))
    assert "1 open" in gaseol("review").out
    assert gaseol("review", "check").code == 0


def test_drafts(gaseol, run, tmp_path):
    file = tmp_path / "drafts.json"
    drafts = [
        {"kind": "note", "target": {"event": 1}, "severity": "minor", "text": "one"},
        {"kind": "judgement", "target": {"claim": "c0"}, "judgement": "disagree"},
    ]
    file.write_bytes(
        orjson.dumps([*drafts, {"kind": "note", "target": {"event": 10**6}, "text": "x"}])
    )
    said = gaseol("review", run, "--import", file)
    assert said.code == 2
    assert "draft 3: there is no event 1000000" in said.err
    assert not (run / "reviews").exists()
    file.write_bytes(orjson.dumps(drafts))
    assert len(gaseol("review", run, "--import", file, "--json").json["entries"]) == 2
    assert "does not say which run" in gaseol("review", run, "--import", file).err
    file.write_bytes(b"no")
    assert gaseol("review", run, "--import", file).code == 2


def test_drafts_of_another_run_are_refused(gaseol, run, tmp_path):
    file = tmp_path / "drafts.json"
    note = {"kind": "note", "target": {"event": 1}, "severity": "minor", "text": "one"}
    said = {"format": "gaseol.drafts/1", "run": "elsewhere", "head": "ab" * 32, "by": "Ada",
            "saved": "", "drafts": [note]}  # fmt: skip
    file.write_bytes(orjson.dumps(said))
    refused = gaseol("review", run, "--import", file)
    assert refused.code == 2
    assert "written of the run 'elsewhere'" in refused.err
    assert not (run / "reviews").exists()
    head = orjson.loads((run / "seal.json").read_bytes())["head"]
    file.write_bytes(orjson.dumps({**said, "head": head}))
    taken = gaseol("review", run, "--import", file, "--json")
    assert [e["by"] for e in taken.json["entries"]] == ["Ada"]


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["note", "x"], "say what it is about"),
        (["note", "x", "--event", "1", "--claim", "c0"], "say what it is about"),
        (["note", "x", "--range", "9"], "of the form 12-40"),
        (["note", "x", "--range", "9-3"], "runs backwards"),
        (["note", "x", "--event", "99999"], "there is no event 99999; the last is "),
        (["note", "x", "--claim", "c99"], "there is no claim 'c99'"),
        (["note", " ", "--event", "1"], "a note says something"),
        (["reply", "abc", "x"], "6 to 64 digits"),
        (["reply", "abcdef", "x"], "no entries have a digest"),
        (["judge", "c99", "agree"], "there is no claim 'c99'"),
        (["judge", "c0", "perhaps"], "perhaps"),
        (["sign"], "--meaning"),
        (["inspect", "--claim", "c99"], "there is no claim 'c99'"),
        (["shout"], "No such command 'shout'"),
        (["note", "x", "--event", "1", "--by", "!"], "no name of a reviewer"),
    ],
)
def test_bad_input(gaseol, run, words, why):
    said = gaseol("review", run, *words)
    assert said.code == 2
    assert said.out == ""
    assert why in said.err
    assert not (run / "reviews").exists()


def test_what_does_not_hold(gaseol, run, ledger):
    gaseol("review", run, "note", "first", "--event", "3")
    gaseol("review", run, "note", "second", "--event", "3")
    path = run / "reviews" / "kim.jsonl"
    path.write_bytes(path.read_bytes().replace(b"first", b"fixed"))
    for words in ([], ["check"], ["check", "--json"], ["--json"]):
        assert gaseol("review", run, *words).code == 1
    assert "does not follow from the line before" in gaseol("review", run, "check").out
    refused = gaseol("review", run, "note", "third", "--event", "3")
    assert refused.code == 2
    assert "nothing is written after that" in refused.err

    def forge(events):
        claim = next(e for e in events if e["kind"] == "claim")
        claim["data"]["claim"]["figures"]["hits"]["value"] = 99.0

    ledger.rewrite(run, forge)
    said = gaseol("review", run, "inspect", "--claim", "c0")
    assert said.code == 1
    assert "c0 score: DOES NOT HOLD: 'hits' says 99.0" in said.out
    refused = gaseol("review", run, "sign", "--meaning", "approved", "--by", "Lee")
    assert refused.code == 2
    assert "does not verify" in refused.err
    assert (
        gaseol("review", run, "sign", "--meaning", "rejected", "--by", "Lee", "--anyway").code == 0
    )


def test_mending(gaseol, run):
    gaseol("review", run, "note", "first", "--event", "3")
    path = run / "reviews" / "kim.jsonl"
    path.write_bytes(path.read_bytes() + b'{"seq":1')
    assert "check --mend" in gaseol("review", run, "note", "x", "--event", "3").err
    assert gaseol("review", run, "check").code == 1
    mended = gaseol("review", run, "check", "--mend")
    assert mended.code == 0
    assert mended.out.startswith("set aside: ")
    assert gaseol("review", run, "note", "x", "--event", "3").code == 0
    assert gaseol("review", run, "check").code == 0


def test_nothing_of_a_review_commands_the_terminal(gaseol, run):
    assert gaseol("review", run, "note", "\x1b[2J\u202ehello", "--event", "1").code == 0
    said = gaseol("review", run).out
    assert "hello" in said
    assert not set(said) & {"\x1b", "\u202e"}


def test_a_run_json_that_is_none(gaseol, run):
    """What needs it refuses; what does not is said, and is on disk."""
    (run / "run.json").write_bytes(b"{")
    for words in (["inspect"], ["sign", "--meaning", "approved"]):
        said = gaseol("review", run, *words)
        assert said.code in (1, 2)
        assert said.out == ""
        assert said.err
    assert not (run / "reviews").exists()
    said = gaseol("review", run, "note", "this is no JSON", "--event", "0")
    assert said.code == 0
    assert said.out.startswith("note by Kim: gaseol:run#note=")
    assert "1 open" in gaseol("review", run).out
