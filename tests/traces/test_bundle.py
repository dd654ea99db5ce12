"""Copies to hand out: what is kept back is gone, what is left still holds, and it says so."""

import hashlib
import os
import shutil
import zipfile
from pathlib import Path

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gaseol.traces import verify
from gaseol.traces.bundle import NothingToWithhold, write_bundle
from gaseol.traces.record import event as kinds
from gaseol.traces.record.blob import Blob, WithheldBlob
from gaseol.traces.record.recorder import Recorder
from gaseol.traces.record.seal import sign_seal
from gaseol.traces.record.trace import NotARun, Trace
from gaseol.traces.signatures.signing import key_id
from gaseol.traces.verification.verifier import Integrity

ADA = Ed25519PrivateKey.from_private_bytes(b"\x01" * 32)
KNOWN = {key_id(ADA): "ada"}
SECRET = {"name": "compound 17", "yield": 0.93, "steps": [{"name": "step 1", "hours": 4}]}


@pytest.fixture(autouse=True)
def _no_keys_of_ours(tmp_path, monkeypatch):
    monkeypatch.setenv("GASEOL_CONFIG", str(tmp_path / "config"))


@pytest.fixture(scope="module")
def signed(sealed, tmp_path_factory) -> Path:
    """The small record, signed; no test changes it."""
    folder = Path(shutil.copytree(sealed, tmp_path_factory.mktemp("signed") / "run"))
    sign_seal(folder, ADA)
    return folder


@pytest.fixture(scope="module")
def apart(tmp_path_factory) -> Path:
    """A signed record whose payloads all are beside its events, with a file of the scenario."""
    folder = tmp_path_factory.mktemp("apart") / "run"
    recorder = Recorder(folder, {"id": "apart", "scenario": {}})
    table = recorder.blobs.put(b"case,yield\na,1\n", "text/csv")
    recorder.record(
        kinds.RunStarted(
            scenario="made", question="?", scientist="by hand", graph="none", seed=0,
            hypotheses=1, alpha=0.05, budget={}, files={"cases.csv": table},
        )
    )  # fmt: skip
    for name in ("assay", "weigh"):
        arguments = {"of": name, "name": "compound 17"}
        key = hashlib.sha256(
            orjson.dumps(["tool", name, "1", arguments], option=orjson.OPT_SORT_KEYS)
        ).hexdigest()
        asked = recorder.record(
            kinds.EffectRequested(
                effect="tool", name=name, version="1", key=key,
                blob=recorder.blobs.put_json(arguments),
            )
        )  # fmt: skip
        answer = SECRET if name == "assay" else {"grams": 2.5}
        recorder.record(
            kinds.EffectCompleted(request=asked, blob=recorder.blobs.put_json(answer), seconds=0.1),
            asked,
        )
    recorder.record(kinds.RunEnded(status="done"))
    recorder.seal((), ADA)
    return folder


def payloads(folder: Path) -> set[str]:
    """Return the names of the payloads that are there."""
    return {p.name for p in (folder / "blobs" / "sha256").glob("*")}


def of(folder: Path, kind: str, tool: str | None = None) -> set[str]:
    """Return the names of the payloads that events of a kind refer to."""
    tools = {e.seq: e.data["name"] for e in Trace(folder).events("effect.requested")}
    found: set[str] = set()
    for event in Trace(folder).events(kind):
        request = event.seq if kind == "effect.requested" else event.data.get("request")
        if tool is None or tools.get(request) == tool:
            found |= {name for name, _ in kinds.references(kind, event.data)}
    return found


def same(a: Path, b: Path, *names: str) -> bool:
    """Tell whether two folders have the same bytes under these names."""
    return all((a / name).read_bytes() == (b / name).read_bytes() for name in names)


CORE = ("run.json", "events.jsonl", "seal.json", "seal.dsse.json")


def test_a_whole_copy(signed, tmp_path):
    (signed / "reviews").mkdir(exist_ok=True)
    (signed / "reviews" / "ada.jsonl").write_bytes(b"kept as it is\n")
    made = write_bundle(signed, tmp_path / "copy")
    assert made.withheld == {}
    assert made.payloads == len(payloads(signed))
    assert same(signed, tmp_path / "copy", *CORE, "report.md", "reviews/ada.jsonl")
    assert payloads(tmp_path / "copy") == payloads(signed)
    assert not (tmp_path / "copy" / "withheld.json").exists()
    assert verify(tmp_path / "copy", KNOWN).integrity is Integrity.INTACT


def test_a_zip_holds_the_same_as_a_folder(signed, tmp_path):
    options = {"withhold": ["registration"], "reason": "not ours", "by": "ada"}
    write_bundle(signed, tmp_path / "folder", **options)
    write_bundle(signed, tmp_path / "file.zip", **options)
    with zipfile.ZipFile(tmp_path / "file.zip") as archive:
        assert archive.testzip() is None
        archive.extractall(tmp_path / "unpacked")
    files = sorted(
        p.relative_to(tmp_path / "folder") for p in (tmp_path / "folder").rglob("*") if p.is_file()
    )
    assert files == sorted(
        p.relative_to(tmp_path / "unpacked")
        for p in (tmp_path / "unpacked").rglob("*")
        if p.is_file()
    )
    assert same(tmp_path / "folder", tmp_path / "unpacked", *map(str, files[:-1]), *CORE)
    assert verify(tmp_path / "unpacked", KNOWN).integrity is Integrity.WITHHELD


@pytest.mark.parametrize(
    ("selector", "kind", "tool"),
    [
        ("registration", "registration", None),
        ("list_cases", "effect.completed", "list_cases"),
        ("image/svg+xml", "effect.completed", "draw"),
    ],
)
def test_what_is_withheld_is_gone_and_the_rest_holds(signed, tmp_path, selector, kind, tool):
    out = tmp_path / "copy"
    made = write_bundle(signed, out, withhold=[selector], reason="not ours", by="ada")
    chosen = of(signed, kind, tool)
    assert chosen
    assert payloads(out) == payloads(signed) - chosen
    assert set(made.withheld) == chosen | {"report.md"}
    assert same(signed, out, *CORE)
    assert not (out / "report.md").exists(), "a report was drawn from the payloads"
    found = verify(out, KNOWN)
    assert (found.integrity, found.problems) == (Integrity.WITHHELD, [])
    assert found.withheld == len(chosen)
    assert [s.name for s in found.signers] == ["ada"]
    assert any("not ours" in note for note in found.notes)
    assert any("report.md was withheld" in note for note in found.notes)
    for name in chosen:
        with pytest.raises(WithheldBlob, match="not ours"):
            Trace(out).blobs.get(Blob(sha256=name, bytes=0))


def test_by_tool_file_kind_and_digest(apart, tmp_path):
    table = next(iter(of(apart, "run.started")))
    assay = of(apart, "effect.completed", "assay") | of(apart, "effect.requested", "assay")
    for number, (selector, chosen) in enumerate(
        (
            ("assay", assay),
            ("cases.csv", {table}),
            ("text/csv", {table}),
            (table, {table}),
            (table[:8], {table}),
            ("effect.requested", of(apart, "effect.requested")),
            ("application/json", payloads(apart) - {table}),
        )
    ):
        out = tmp_path / f"copy{number}"
        write_bundle(apart, out, withhold=[selector])
        assert payloads(out) == payloads(apart) - chosen, selector
        assert verify(out, KNOWN).integrity is Integrity.WITHHELD
    with pytest.raises(NothingToWithhold, match="names no payload"):
        write_bundle(apart, tmp_path / "short", withhold=[table[:7]])


def test_no_byte_of_what_is_withheld_is_in_the_copy(apart, tmp_path):
    write_bundle(apart, tmp_path / "copy", withhold=["assay"])
    for path in (tmp_path / "copy").rglob("*"):
        if path.is_file():
            assert b"compound 17" not in path.read_bytes() or path.name in of(
                apart, "effect.requested", "weigh"
            )


def test_a_guess_at_what_is_withheld_is_not_confirmed(apart, tmp_path):
    """Not even by who guesses every byte of it: the salt is gone with the payload."""
    out = tmp_path / "copy"
    write_bundle(apart, out, withhold=["assay"])
    (name,) = of(apart, "effect.completed", "assay")
    guess = orjson.dumps(SECRET, option=orjson.OPT_SORT_KEYS)
    stored = (apart / "blobs" / "sha256" / name).read_bytes()
    assert stored[32:] == guess
    for salt in (b"", bytes(32), bytes.fromhex(name)):
        assert hashlib.sha256(salt + guess).hexdigest() not in (out / "events.jsonl").read_text()
    assert stored[:32].hex() not in (out / "events.jsonl").read_text()


def test_another_payload_does_not_take_the_place(apart, tmp_path):
    out = tmp_path / "copy"
    write_bundle(apart, out, withhold=["assay"])
    (name,) = of(apart, "effect.completed", "assay")
    place = out / "blobs" / "sha256" / name
    place.write_bytes(bytes(32) + orjson.dumps({**SECRET, "yield": 0.99}))
    found = verify(out, KNOWN)
    assert found.integrity is Integrity.BROKEN
    assert f"blob {name} has been altered" in str(found.problems[0])
    shutil.copy(apart / "blobs" / "sha256" / name, place)
    assert verify(out, KNOWN).holds, "who is shown the payload later can put it back and check it"


def test_redacted_fields_are_masked_at_every_depth(apart, tmp_path):
    out = tmp_path / "copy"
    write_bundle(apart, out, redact=["name", "hours"], reason="names are ours")
    withheld = orjson.loads((out / "withheld.json").read_bytes())
    (name,) = of(apart, "effect.completed", "assay")
    assert withheld[name]["instead"] == {
        "name": "redacted", "yield": 0.93, "steps": [{"name": "redacted", "hours": "redacted"}]
    }  # fmt: skip
    (grams,) = of(apart, "effect.completed", "weigh")
    assert grams not in withheld
    for path in out.rglob("*"):
        if path.is_file():
            assert b"compound 17" not in path.read_bytes(), path
    found = verify(out, KNOWN)
    assert (found.integrity, found.withheld) == (Integrity.WITHHELD, 3)


def test_redacting_what_stands_in_the_events_is_refused(ledger, signed, tmp_path):
    """`size` is a field of a payload; `mean` stands in the events, where it cannot be masked."""
    write_bundle(signed, tmp_path / "copy", redact=["size"])
    for fields in (["mean"], ["size", "mean"]):
        with pytest.raises(NothingToWithhold, match=r"policy\.payloads: apart"):
            write_bundle(signed, tmp_path / "no", redact=fields)
    with pytest.raises(NothingToWithhold, match="no payload has a field nowhere or never"):
        write_bundle(signed, tmp_path / "no", redact=["nowhere", "never"])
    assert not (tmp_path / "no").exists()


def test_what_is_kept_back_in_part_is_said(tmp_path):
    """A tool's large answer is a payload, its small one stands in the events."""
    recorder = Recorder(tmp_path / "run", {})
    for grams in (["1"], ["1"] * 5000):
        asked = recorder.record(
            kinds.EffectRequested(effect="tool", name="weigh", key="0" * 64, version="1")
        )
        blob = recorder.blobs.spill(grams)
        recorder.record(
            kinds.EffectCompleted(
                request=asked, value=None if blob else grams, blob=blob, seconds=0.1
            ),
            asked,
        )
    recorder.close()
    made = write_bundle(tmp_path / "run", tmp_path / "copy", withhold=["weigh"])
    assert len(made.withheld) == 1
    assert made.left == {"weigh": 3}  # two requests and the small answer
    assert write_bundle(tmp_path / "run", tmp_path / "whole").left == {}


@pytest.mark.parametrize("selector", ["thermometer", "measurement"])
def test_withholding_what_stands_in_the_events_is_refused(signed, tmp_path, selector):
    with pytest.raises(NothingToWithhold, match=r"run with policy\.payloads: apart"):
        write_bundle(signed, tmp_path / "copy", withhold=[selector])
    with pytest.raises(NothingToWithhold, match="is meant"):
        write_bundle(signed, tmp_path / "copy", withhold=["registration", "nothing like it"])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["there", "there.zip"])
def test_nothing_is_overwritten(signed, tmp_path, name):
    out = tmp_path / name
    out.mkdir()
    (out / "mine.txt").write_text("mine")
    with pytest.raises(FileExistsError, match="is there already"):
        write_bundle(signed, out)
    assert [p.name for p in tmp_path.rglob("*")] == [name, "mine.txt"]


@pytest.mark.parametrize("name", ["copy", "copy.zip"])
def test_a_copy_that_fails_leaves_nothing(signed, tmp_path, monkeypatch, name):
    def full(*_):
        raise OSError(28, "no space left")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="no space left"):
        write_bundle(signed, tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_no_run(tmp_path):
    with pytest.raises(NotARun):
        write_bundle(tmp_path, tmp_path / "copy")


def test_the_copy_of_a_copy(apart, tmp_path):
    """It lacks what the first one lacks, for the reasons that the first one gave."""
    first, second = tmp_path / "first", tmp_path / "second"
    write_bundle(apart, first, withhold=["assay"], reason="ours", by="ada")
    write_bundle(first, second, withhold=["cases.csv"], reason="theirs", by="bob")
    (table,) = of(apart, "run.started")
    said = orjson.loads((second / "withheld.json").read_bytes())
    assay = of(apart, "effect.completed", "assay") | of(apart, "effect.requested", "assay")
    assert {k: (v["reason"], v["by"]) for k, v in said.items()} == {
        table: ("theirs", "bob"), **dict.fromkeys(assay, ("ours", "ada"))
    }  # fmt: skip
    assert same(apart, second, *CORE)
    found = verify(second, KNOWN)
    assert (found.integrity, found.withheld) == (Integrity.WITHHELD, 3)
    write_bundle(second, tmp_path / "third")
    assert same(second, tmp_path / "third", *CORE, "withheld.json")


def test_an_unsealed_run_stays_unsealed(ledger, tmp_path):
    folder = ledger.write(tmp_path / "run", sealed=False)
    write_bundle(folder, tmp_path / "copy", withhold=["registration"])
    found = verify(tmp_path / "copy")
    assert (found.integrity, found.problems) == (Integrity.UNSEALED, [])
    assert found.withheld > 0


# -- what others say in `withheld.json` --------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b"3", b"null", b'"x"', b"\xff", b'{"a": 3}', b'{"a": {}}', b"[" * 2000,
     b'{"a": {"reason": 3}}', b'{"a": {"reason": "x", "more": 1}}'],
)  # fmt: skip
def test_a_broken_list_is_a_problem_and_no_crash(apart, tmp_path, content):
    out = tmp_path / "copy"
    write_bundle(apart, out, withhold=["assay"])
    (out / "withheld.json").write_bytes(content)
    found = verify(out, KNOWN)
    assert not found.holds
    assert any(p.where == "withheld.json" for p in found.problems)
    assert sum(p.where == "withheld.json" for p in found.problems) == 1


def test_a_payload_that_is_missing_and_not_in_the_list(apart, tmp_path):
    out = tmp_path / "copy"
    write_bundle(apart, out, withhold=["assay"])
    said = orjson.loads((out / "withheld.json").read_bytes())
    gone, _ = said.popitem()
    (out / "withheld.json").write_bytes(orjson.dumps(said))
    found = verify(out, KNOWN)
    assert found.integrity is Integrity.MISSING_BLOB
    assert gone in str(found.problems[0])


def test_a_list_that_names_what_is_there_is_noted(apart, run_of_all_named):
    found = verify(run_of_all_named, KNOWN)
    assert found.integrity is Integrity.INTACT
    assert found.withheld == 0
    assert any("withheld.json names" in note for note in found.notes)


@pytest.fixture
def run_of_all_named(apart, tmp_path) -> Path:
    """A copy that lacks nothing and calls everything withheld."""
    folder = Path(shutil.copytree(apart, tmp_path / "run"))
    said = {name: {"reason": "so they say"} for name in payloads(apart)}
    (folder / "withheld.json").write_bytes(orjson.dumps(said))
    return folder


def test_what_a_list_calls_withheld_is_checked_where_it_is_there(run_of_all_named):
    for path in (run_of_all_named / "blobs" / "sha256").iterdir():
        content = path.read_bytes()
        path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
        assert verify(run_of_all_named, KNOWN).integrity is Integrity.BROKEN
        path.write_bytes(content)


@pytest.mark.parametrize("name", ["run.json", "events.jsonl", "seal.json", "seal.dsse.json"])
def test_the_record_itself_cannot_be_withheld(ledger, signed, tmp_path, name):
    folder = Path(shutil.copytree(signed, tmp_path / "run"))
    (folder / "withheld.json").write_bytes(orjson.dumps({name: {"reason": "so they say"}}))
    (folder / name).write_bytes((folder / name).read_bytes() + b" ")
    assert not verify(folder, KNOWN).holds


def test_a_report_that_is_called_withheld_makes_no_intact_record(signed, tmp_path):
    folder = Path(shutil.copytree(signed, tmp_path / "run"))
    (folder / "report.md").unlink()
    (folder / "withheld.json").write_bytes(orjson.dumps({"report.md": {"reason": "ours"}}))
    assert verify(folder, KNOWN).integrity is Integrity.WITHHELD
    (folder / "report.md").write_text("# Another report\n")
    found = verify(folder, KNOWN)
    assert found.integrity is Integrity.BROKEN
    assert "is not the file that seal.json names" in str(found.problems[0])


# -- hostile runs ------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["../outside.txt", "{place}/outside.txt", "sub/../../outside.txt"])
@pytest.mark.parametrize("out", ["copies/copy", "copies/copy.zip"])
def test_a_seal_that_names_files_elsewhere_takes_none_along(signed, tmp_path, name, out):
    place = tmp_path / "place"
    folder = Path(shutil.copytree(signed, place / "run"))
    (folder / "sub").mkdir()
    (place / "outside.txt").write_text("of nobody's business")
    seal = orjson.loads((folder / "seal.json").read_bytes())
    seal["files"][name.format(place=place)] = "0" * 64
    (folder / "seal.json").write_bytes(orjson.dumps(seal))
    (tmp_path / "copies").mkdir()
    write_bundle(folder, tmp_path / out)
    copied = tmp_path / out
    if copied.suffix == ".zip":
        with zipfile.ZipFile(copied) as archive:
            assert not [n for n in archive.namelist() if "outside" in n]
    assert not [p for p in (tmp_path / "copies").rglob("*") if "outside" in p.name]
    assert (place / "outside.txt").read_text() == "of nobody's business"


@pytest.mark.parametrize("name", ["../../../outside.txt", "{place}/outside.txt", 3, None, ["a"]])
def test_an_event_that_names_a_file_elsewhere_takes_none_along(ledger, run, tmp_path, name):
    (tmp_path / "outside.txt").write_text("of nobody's business")
    aim = name.format(place=tmp_path) if isinstance(name, str) else name

    def change(events):
        asked = next(e for e in events if e["kind"] == "effect.completed" and e["data"]["blob"])
        asked["data"]["blob"]["sha256"] = aim

    ledger.rewrite(run, change)
    assert not verify(run).holds
    copies = tmp_path / "copies"
    copies.mkdir()
    write_bundle(run, copies / "copy")
    assert not [p for p in copies.rglob("*") if p.name == "outside.txt"]


def test_events_of_odd_shapes_are_copied_as_they_are(ledger, run, tmp_path):
    def change(events):
        for event in events:
            if event["kind"] in ("measurement", "effect.requested", "registration"):
                event["data"] = {"measurement": 3, "registration": [], "name": {}}

    ledger.rewrite(run, change)
    with pytest.raises(NothingToWithhold):
        write_bundle(run, tmp_path / "copy", withhold=["thermometer"])
    write_bundle(run, tmp_path / "copy")
    assert same(run, tmp_path / "copy", "events.jsonl", "seal.json")
