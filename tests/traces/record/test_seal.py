"""The seal: its bytes, its files, its order of writing, its signatures."""

import base64
import contextlib
import hashlib
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pydantic import ValidationError

from gaseol.traces import verify
from gaseol.traces.record.blob import Unrecorded
from gaseol.traces.record.event import StepStarted
from gaseol.traces.record.recorder import Recorder
from gaseol.traces.record.seal import (
    PAYLOAD_TYPE,
    SEAL_FORMAT,
    NotSealed,
    Seal,
    sign_seal,
    signers,
    write_seal,
)
from gaseol.traces.record.trace import Trace
from gaseol.traces.signatures import keys
from gaseol.traces.signatures.signing import SignatureError, fingerprint, key_id, sign
from gaseol.traces.verification.linkage import follow
from gaseol.traces.verification.verifier import Integrity


def test_a_seal_has_one_form(sealed):
    content = (sealed / "seal.json").read_bytes()
    seal = Seal.model_validate_json(content)
    assert seal.to_bytes() == content
    assert seal.format == SEAL_FORMAT
    assert Trace(sealed).seal == seal


def test_a_seal_names_what_lies_beside_the_events(sealed):
    seal = orjson.loads((sealed / "seal.json").read_bytes())
    assert seal["files"] == {
        name: hashlib.sha256((sealed / name).read_bytes()).hexdigest()
        for name in ("run.json", "report.md")
    }
    assert seal["events"] == len(Trace(sealed))


def test_a_seal_has_no_other_fields():
    with pytest.raises(ValidationError):
        Seal.model_validate({"events": 1, "head": "", "root": "", "files": {}, "more": 1})


def test_sealing_ends_the_run(tmp_path):
    recorder = Recorder(tmp_path / "run", {})
    recorder.record(StepStarted(step="s", number=0))
    seal = recorder.seal()
    assert (seal.events, seal.head) == (1, recorder.head)
    with pytest.raises(Unrecorded, match="closed"):
        recorder.record(StepStarted(step="s", number=1))
    assert recorder.count == 1
    assert not [p for p in (tmp_path / "run").iterdir() if p.name.startswith(".")]


def test_a_missing_report_is_noticed_before_sealing(tmp_path):
    recorder = Recorder(tmp_path / "run", {})
    with pytest.raises(FileNotFoundError):
        recorder.seal(("report.html",))
    recorder.close()
    assert not (tmp_path / "run" / "seal.json").exists()


def test_a_run_without_a_seal_says_so(ledger, tmp_path):
    folder = ledger.write(tmp_path / "run", sealed=False)
    found = verify(folder)
    assert found.integrity is Integrity.UNSEALED
    assert found.holds
    assert any("not sealed" in note for note in found.notes)
    assert Trace(folder).seal is None


# -- signatures ---------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def _no_keys_of_ours(tmp_path, monkeypatch):
    monkeypatch.setenv("GASEOL_CONFIG", str(tmp_path / "config"))


@pytest.fixture(scope="module")
def ada():
    """The key that seals."""
    return Ed25519PrivateKey.from_private_bytes(b"\x01" * 32)


@pytest.fixture(scope="module")
def eve():
    """Somebody else's key."""
    return Ed25519PrivateKey.from_private_bytes(b"\x02" * 32)


def seal_again(folder, key=None):
    """Write the seal anew, as whoever holds the folder can."""
    (folder / "seal.dsse.json").unlink(missing_ok=True)
    found = follow(folder)
    write_seal(folder, found.events, bytes.fromhex(found.head), bytes.fromhex(found.root),
               ("report.md",), key)  # fmt: skip


def name_sealer(ledger, folder, keyid):
    """Let `run.json` name a sealer, and the chain begin with it."""
    asked = orjson.loads((folder / "run.json").read_bytes())
    (folder / "run.json").write_bytes(orjson.dumps({**asked, "sealer": keyid}))
    ledger.rewrite(folder, lambda events: None, reseal=False)


def forge(ledger, folder):
    """Change what was learnt and make the chain right again; the seal is left as it was."""

    def change(events):
        (lesson,) = (e for e in events if e["kind"] == "lesson.used")
        lesson["data"]["lesson"] = "do not stir"

    ledger.rewrite(folder, change, reseal=False)


@pytest.fixture(scope="module")
def signed(ledger, sealed, ada, tmp_path_factory):
    """A run that names its sealer, who signed it; no test changes it."""
    folder = Path(shutil.copytree(sealed, tmp_path_factory.mktemp("signed") / "run"))
    name_sealer(ledger, folder, key_id(ada))
    seal_again(folder, ada)
    return folder


@pytest.fixture
def ours(signed, tmp_path):
    """A copy of the signed run, to be changed."""
    return Path(shutil.copytree(signed, tmp_path / "run"))


@pytest.fixture
def known(ada):
    """Whom the reader knows."""
    return {key_id(ada): "ada"}


def refused(folder, known, integrity, *words):
    """Check that a run does not hold, is called so, and that it is said why."""
    found = verify(folder, known)
    said = "\n".join(map(str, found.problems))
    assert found.integrity is integrity, said
    assert not found.holds
    for word in words:
        assert word in said, said


def test_signed_by_a_known_key(signed, known, ada):
    found = verify(signed, known)
    assert (found.integrity, found.problems) == (Integrity.INTACT, [])
    assert [(s.keyid, s.name, s.valid) for s in found.signers] == [(key_id(ada), "ada", True)]
    assert "signed by ada" in found.notes


def test_signed_by_an_unknown_key(signed, ada):
    found = verify(signed, {})
    assert found.integrity is Integrity.UNKNOWN_KEY
    assert found.holds
    assert f"signed by the unknown key {fingerprint(key_id(ada))}" in found.notes
    assert any("gaseol key trust" in note for note in found.notes)


def test_the_keys_of_this_reader_are_those_that_are_known(signed, ada):
    assert verify(signed).integrity is Integrity.UNKNOWN_KEY
    pem = ada.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    keys.trust("ada", pem)
    found = verify(signed)
    assert found.integrity is Integrity.INTACT
    assert found.signers[0].name == "ada"


def test_two_signatures_of_which_one_is_known(ours, known, ada, eve):
    sign_seal(ours, eve)
    found = verify(ours, known)
    assert found.integrity is Integrity.INTACT
    assert {s.keyid: s.name for s in found.signers} == {key_id(ada): "ada", key_id(eve): None}
    assert verify(ours, {key_id(eve): "eve"}).integrity is Integrity.INTACT
    assert verify(ours, {}).integrity is Integrity.UNKNOWN_KEY
    before = (ours / "seal.dsse.json").read_bytes()
    sign_seal(ours, eve)
    assert (ours / "seal.dsse.json").read_bytes() == before


def test_one_wrong_signature_beside_a_right_one(ours, known, eve):
    sign_seal(ours, eve)
    envelope = orjson.loads((ours / "seal.dsse.json").read_bytes())
    wrong = next(s for s in envelope["signatures"] if s["keyid"] == key_id(eve))
    wrong["sig"] = base64.b64encode(bytes(64)).decode()
    (ours / "seal.dsse.json").write_bytes(dumped(envelope))
    refused(ours, known, Integrity.BROKEN, "the unknown key", "is not of this seal")


def dumped(document):
    return orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS)


def test_a_signature_says_what_is_documented(signed):
    envelope = orjson.loads((signed / "seal.dsse.json").read_bytes())
    seal = orjson.loads((signed / "seal.json").read_bytes())
    statement = orjson.loads(base64.b64decode(envelope["payload"]))
    assert statement["_type"] == "https://in-toto.io/Statement/v1"
    assert statement["predicateType"] == "urn:gaseol:seal:1"
    (subject,) = statement["subject"]
    digest = hashlib.sha256((signed / "seal.json").read_bytes()).hexdigest()
    assert subject == {"name": "seal.json", "digest": {"sha256": digest}}
    sealed_at = statement["predicate"].pop("sealed")
    assert sealed_at.endswith("Z")
    assert statement["predicate"] == {k: seal[k] for k in ("events", "head", "root")}


def test_a_signature_that_was_taken_away(ours, known):
    """`run.json` says who seals, and it is bound to the first event."""
    (ours / "seal.dsse.json").unlink()
    refused(ours, known, Integrity.REWRITTEN, "seals this run, and it did not sign")


def test_a_signature_that_was_emptied(ours, known):
    envelope = orjson.loads((ours / "seal.dsse.json").read_bytes())
    (ours / "seal.dsse.json").write_bytes(dumped({**envelope, "signatures": []}))
    refused(ours, known, Integrity.REWRITTEN, "seals this run, and it did not sign")


def test_a_seal_that_was_taken_away_from_its_signature(ours, known):
    (ours / "seal.json").unlink()
    refused(ours, known, Integrity.REWRITTEN, "is missing, and seal.dsse.json signs it")


def test_rewritten_whole_and_sealed_without_a_key(ledger, ours, known):
    forge(ledger, ours)
    seal_again(ours)
    refused(ours, known, Integrity.REWRITTEN, "seals this run, and it did not sign")


def test_rewritten_whole_and_sealed_with_another_key(ledger, ours, known, eve):
    forge(ledger, ours)
    seal_again(ours, eve)
    refused(ours, known, Integrity.REWRITTEN, "seals this run, and it did not sign")


def test_rewritten_whole_under_the_old_signature(ledger, ours, known):
    forge(ledger, ours)
    refused(ours, known, Integrity.REWRITTEN, "the chain is whole, so somebody wrote it anew")
    envelope = (ours / "seal.dsse.json").read_bytes()
    seal_again(ours)
    (ours / "seal.dsse.json").write_bytes(envelope)
    refused(ours, known, Integrity.REWRITTEN, "signs another seal.json than this one")


def test_a_sealer_who_was_exchanged_is_a_stranger(ledger, ours, known, eve):
    """All that a rewriter can reach who has a key of their own: a key that nobody knows."""
    forge(ledger, ours)
    name_sealer(ledger, ours, key_id(eve))
    seal_again(ours, eve)
    found = verify(ours, known)
    assert found.integrity is Integrity.UNKNOWN_KEY
    assert [s.name for s in found.signers] == [None]


def test_the_signature_of_another_run(ledger, ours, known, ada, tmp_path):
    other = ledger.write(tmp_path / "other", sealed=False)
    name_sealer(ledger, other, key_id(ada))
    seal_again(other, ada)
    assert verify(other, known).integrity is Integrity.INTACT
    shutil.copy(other / "seal.dsse.json", ours)
    refused(ours, known, Integrity.REWRITTEN, "signs another seal.json than this one")


def test_a_signed_run_that_was_cut_off(ours, known):
    content = (ours / "events.jsonl").read_bytes().splitlines(keepends=True)
    (ours / "events.jsonl").write_bytes(b"".join(content[:-3]))
    refused(ours, known, Integrity.TRUNCATED, "is truncated")


def test_every_changed_byte_of_a_signature_is_found(ours, known):
    path = ours / "seal.dsse.json"
    content = path.read_bytes()
    for at in range(len(content)):
        for flip in (1, 0x20, 0x80):
            path.write_bytes(content[:at] + bytes([content[at] ^ flip]) + content[at + 1 :])
            with contextlib.suppress(SignatureError):
                signed_by = signers(ours, known)
                assert not all(s.valid and s.name for s in signed_by), f"byte {at} by {flip}"
    path.write_bytes(content)
    assert verify(ours, known).integrity is Integrity.INTACT


@pytest.mark.parametrize("at", [0, 1, 40, 200, -1, -30])
@pytest.mark.parametrize("byte", [b"", b" ", b"A"])
def test_a_record_with_another_signature_file_does_not_hold(ours, known, at, byte):
    path = ours / "seal.dsse.json"
    content = path.read_bytes()
    at %= len(content)
    if content[at : at + 1] == byte:
        byte = b"B"
    path.write_bytes(content[:at] + byte + content[at + 1 :])
    refused(ours, known, verify(ours, known).integrity, "seal.dsse.json")
    assert verify(ours, known).integrity in (Integrity.BROKEN, Integrity.REWRITTEN)


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b"3", b"null", b"{}", b'{"payload":', b"\xff", b"[" * 2000, b'{"signatures":[]}',
     b'{"payload":' + b"[" * 900 + b"]" * 900 + b',"payloadType":"x","signatures":[]}'],
)  # fmt: skip
def test_a_file_that_is_no_signature_is_a_problem_and_no_crash(ours, known, content):
    (ours / "seal.dsse.json").write_bytes(content)
    refused(ours, known, Integrity.BROKEN, "seal.dsse.json: ")


@pytest.mark.parametrize(
    "statement",
    [b"", b"[]", b"3", b"{}", b'{"_type": "x", "predicateType": "y", "subject": []}', None],
)
def test_a_signed_statement_about_something_else(ours, known, ada, statement):
    if statement is None:  # of the right kind, about two files
        envelope = orjson.loads((ours / "seal.dsse.json").read_bytes())
        said = orjson.loads(base64.b64decode(envelope["payload"]))
        statement = orjson.dumps({**said, "subject": said["subject"] * 2})
    (ours / "seal.dsse.json").write_bytes(dumped(sign(statement, PAYLOAD_TYPE, ada)))
    refused(ours, known, Integrity.BROKEN, "statement")


def test_signing_what_is_not_sealed_or_has_another_signature(ledger, ours, ada, eve, tmp_path):
    unsealed = ledger.write(tmp_path / "unsealed", sealed=False)
    with pytest.raises(NotSealed, match="is not sealed: there is nothing to sign yet"):
        sign_seal(unsealed, ada)
    assert not (unsealed / "seal.dsse.json").exists()
    before = (ours / "seal.dsse.json").read_bytes()
    seal = orjson.loads((ours / "seal.json").read_bytes())
    (ours / "seal.json").write_bytes(dumped({**seal, "events": 3}))
    with pytest.raises(SignatureError, match="signs another seal"):
        sign_seal(ours, eve)
    assert (ours / "seal.dsse.json").read_bytes() == before


def test_no_key_is_ever_on_record(ledger, tmp_path, monkeypatch):
    """Neither as PEM, nor as bytes, nor in hexadecimal or base64."""
    monkeypatch.setenv("GASEOL_KEY_PASSPHRASE", "open sesame")
    for name, passphrase in (("open", None), ("locked", "open sesame")):
        keys.new_key(name, passphrase)
        key = keys.load_key(name)
        folder = ledger.write(tmp_path / name, sealed=False)
        name_sealer(ledger, folder, key_id(key))
        seal_again(folder, key)
        assert verify(folder).integrity is Integrity.INTACT
        raw = key.private_bytes_raw()
        pem = (keys.folder() / f"{name}.key").read_bytes()
        secret = [raw, raw.hex().encode(), base64.b64encode(raw), b"PRIVATE KEY", b"open sesame",
                  *pem.splitlines()[1:-1]]  # fmt: skip
        for path in folder.rglob("*"):
            if path.is_file():
                content = path.read_bytes()
                assert [s for s in secret if s in content] == [], path
    assert key_id(key).encode() in (folder / "run.json").read_bytes()


def test_of_those_who_sign_at_once_none_is_lost(sealed, tmp_path):
    folder = Path(shutil.copytree(sealed, tmp_path / "run"))
    people = [Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in range(1, 13)]
    with ThreadPoolExecutor(len(people)) as pool:
        list(pool.map(lambda key: sign_seal(folder, key), people))
    assert {s.keyid for s in signers(folder, {}) if s.valid} == {key_id(k) for k in people}
