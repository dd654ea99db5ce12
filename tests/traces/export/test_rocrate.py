"""A run as an RO-Crate."""

import hashlib
import json
import shutil
import zipfile
from pathlib import Path
from urllib.parse import unquote

import pytest

from gaseol.traces import Docket, Trace, verify
from gaseol.traces.export.rocrate import METADATA, PROFILES, write_crate

SCRIPT = Path(__file__).with_name("validate_crate.py")
PROFILE = "provenance-run-crate-0.5"


def graph(crate):
    """Return the entities by id; every one has one of its own."""
    entities = json.loads((crate / METADATA).read_text())["@graph"]
    found = {e["@id"]: e for e in entities}
    assert len(found) == len(entities)
    return found


def references(value):
    if isinstance(value, dict):
        if set(value) == {"@id"}:
            yield value["@id"]
        else:
            for each in value.values():
                yield from references(each)
    elif isinstance(value, list):
        for each in value:
            yield from references(each)


@pytest.fixture
def crate(sealed, tmp_path):
    out = tmp_path / "crate"
    assert write_crate(sealed, out) == []
    return out


def listed(value):
    return value if isinstance(value, list) else [value]


def test_the_crate_is_still_a_run_that_verifies(sealed, crate):
    assert verify(crate).holds
    assert verify(crate).integrity == verify(sealed).integrity
    assert (crate / "events.jsonl").read_bytes() == (sealed / "events.jsonl").read_bytes()


def test_every_file_is_described_with_its_checksum(sealed, crate):
    found = graph(crate)
    files = {unquote(i): e for i, e in found.items() if "File" in listed(e["@type"])}
    on_disk = {p.relative_to(crate).as_posix() for p in crate.rglob("*") if p.is_file()}
    assert on_disk == {*files, METADATA}
    for name, entity in files.items():
        content = (crate / name).read_bytes()
        assert entity["sha256"] == hashlib.sha256(content).hexdigest()
        assert entity["contentSize"] == str(len(content))
    parts = {unquote(r["@id"]) for r in found["./"]["hasPart"]}
    assert parts == set(files)


def test_every_reference_leads_somewhere(crate):
    found = graph(crate)
    for entity in found.values():
        for target in references({k: v for k, v in entity.items() if k != "@id"}):
            assert target in found or target.startswith("https://"), (entity["@id"], target)
    assert {r["@id"] for r in found["./"]["conformsTo"]} == set(PROFILES)


def test_steps_calls_and_nouns_are_all_there(sealed, crate):
    found, docket = graph(crate), Docket.of(Trace(sealed))
    for event in Trace(sealed).events("effect.requested"):
        action = found[f"#call-{event.seq}"]
        assert action["instrument"] == {"@id": f"#tool-{event.data['name'].replace('_', '_5F')}"}
        assert found[action["instrument"]["@id"]]["@type"] == "SoftwareApplication"
        assert {"@id": action["@id"]} in found["./"]["mentions"]
    failed = [
        e for e in found.values() if str(e.get("actionStatus")).endswith("FailedActionStatus")
    ]
    assert sorted(e["error"] for e in failed) == ["out_of_domain: it evaporates", "the power went"]
    inside = next(e for e in found.values() if e["@type"] == "ControlAction")
    assert found[inside["instrument"]["@id"]]["@type"] == "HowToStep"
    for name, verdict in docket.verdicts.items():
        assert found[f"#hypothesis-{name}"]["description"].startswith(verdict.ruling.value)
    for name, claim in docket.claims.items():
        assert found[f"#claim-{name}"]["text"] == str(claim)


def test_an_answer_in_a_blob_is_the_file(ledger, sealed, crate):
    found = graph(crate)
    event = next(e for e in ledger.events(sealed) if (e["data"].get("blob") or {}).get("sha256"))
    action = found[f"#call-{event['data']['request']}"]
    assert action["result"] == {"@id": f"blobs/sha256/{event['data']['blob']['sha256']}"}
    assert "application/json" in found[action["result"]["@id"]]["description"]


def test_a_zip_holds_the_same(sealed, crate, tmp_path):
    out = tmp_path / "crate.zip"
    write_crate(sealed, out, zipped=True)
    with zipfile.ZipFile(out) as file:
        assert file.testzip() is None
        names = {n for n in file.namelist() if not n.endswith("/")}
        assert names == {p.relative_to(crate).as_posix() for p in crate.rglob("*") if p.is_file()}
        assert file.read(METADATA) == (crate / METADATA).read_bytes()


def test_a_crate_of_a_crate_describes_itself_once(crate, tmp_path):
    out = tmp_path / "again"
    write_crate(crate, out)
    assert graph(out) == graph(crate)


def test_links_lead_nothing_into_the_crate(run, tmp_path):
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "key").write_text("private")
    (run / "reviews").mkdir()
    (run / "reviews" / "a.jsonl").symlink_to(secret / "key")
    (run / "more").symlink_to(secret)
    said = write_crate(run, tmp_path / "crate")
    assert [s.split()[0] for s in said] == ["more", "reviews/a.jsonl"]
    assert all(
        b"private" not in p.read_bytes() for p in (tmp_path / "crate").rglob("*") if p.is_file()
    )


def test_names_that_would_break_an_identifier(ledger, run, tmp_path):
    odd = 'a "b" <c> #d/../e'
    (run / "notes #1 & more.txt").write_text("x")

    def change(events):
        for event in events:
            if event["kind"] == "effect.requested":
                event["data"]["name"] = odd
                event["data"]["arguments"] = {odd: odd}

    ledger.rewrite(run, change)
    write_crate(run, tmp_path / "crate")
    found = graph(tmp_path / "crate")
    assert found["notes%20%231%20%26%20more.txt"]["name"] == "notes #1 & more.txt"
    tools = [e for i, e in found.items() if i.startswith("#tool-")]
    assert [t["name"] for t in tools] == [odd]
    assert " " not in tools[0]["@id"]
    assert "/" not in tools[0]["@id"]


def test_a_withheld_payload_is_no_file(ledger, run, tmp_path):
    event = next(e for e in ledger.events(run) if (e["data"].get("blob") or {}).get("sha256"))
    (run / "blobs" / "sha256" / event["data"]["blob"]["sha256"]).unlink()
    write_crate(run, tmp_path / "crate")
    found = graph(tmp_path / "crate")
    assert "result" not in found[f"#call-{event['data']['request']}"]
    for entity in found.values():
        for target in references({k: v for k, v in entity.items() if k != "@id"}):
            assert target in found or target.startswith("https://")


def test_licence_and_caveat_are_said(sealed, tmp_path):
    write_crate(
        sealed, tmp_path / "a", licence="https://spdx.org/licenses/CC0-1.0", caveat="broken."
    )
    found = graph(tmp_path / "a")
    assert found["./"]["license"] == {"@id": "https://spdx.org/licenses/CC0-1.0"}
    assert found["./"]["description"].startswith("NOT AS RECORDED: broken.")
    write_crate(sealed, tmp_path / "b")
    assert (
        graph(tmp_path / "b")[graph(tmp_path / "b")["./"]["license"]["@id"]]["name"] == "not stated"
    )


@pytest.mark.slow
def test_the_validator_of_the_standard_finds_nothing(crate, broken_step, interop, tmp_path):
    """Also for a run that stopped in a step, has failures, blobs, drawings, and withheld parts."""
    said = json.loads(interop(SCRIPT, crate, PROFILE, "REQUIRED").splitlines()[-1])
    assert said == {"passed": True, "issues": []}
    shutil.rmtree(broken_step / "blobs")
    write_crate(broken_step, tmp_path / "stopped")
    said = json.loads(interop(SCRIPT, tmp_path / "stopped", PROFILE, "REQUIRED").splitlines()[-1])
    assert said == {"passed": True, "issues": []}


@pytest.mark.slow
def test_the_validator_would_have_found_something(crate, interop):
    content = json.loads((crate / METADATA).read_text())
    for entity in content["@graph"]:
        if entity["@type"] == "ControlAction":
            del entity["instrument"]
    (crate / METADATA).write_text(json.dumps(content))
    said = json.loads(interop(SCRIPT, crate, PROFILE, "REQUIRED").splitlines()[-1])
    assert not said["passed"]
    assert "HowToStep" in said["issues"][0]["message"]
