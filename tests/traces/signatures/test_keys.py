"""Keys: who may read them, which names they may have, whom a reader trusts."""

import os
import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as new_ec_key
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key as new_rsa_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from gaseol.traces import verify
from gaseol.traces.signatures import keys
from gaseol.traces.signatures.keys import KeyProblem
from gaseol.traces.signatures.signing import fingerprint, key_id

NAMES_OUTSIDE = ["../x", "/tmp/x", "a/b", "a\\b", "..", ".", ".x", "-x", "", "a b", "a\n", "a" * 65,
                 "a\0b"]  # fmt: skip


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch) -> Path:
    """An empty folder of keys, and no passphrase."""
    monkeypatch.setenv("GASEOL_CONFIG", str(tmp_path / "config"))
    monkeypatch.delenv("GASEOL_KEY_PASSPHRASE", raising=False)
    return tmp_path / "config" / "keys"


@pytest.fixture(scope="module")
def strangers() -> dict[str, tuple[bytes, bytes]]:
    """Keys of other kinds: private and public half in PEM."""
    made = {"rsa": new_rsa_key(65537, 2048), "ec": new_ec_key(SECP256R1())}
    return {
        name: (
            key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
            key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        )
        for name, key in made.items()
    }


def mode(path: Path) -> int:
    """Return who may do what with a file."""
    return stat.S_IMODE(path.stat().st_mode)


def theirs(name: str, tmp_path: Path, monkeypatch) -> bytes:
    """Return the public half of a key that somebody else has made."""
    with monkeypatch.context() as elsewhere:
        elsewhere.setenv("GASEOL_CONFIG", str(tmp_path / f"config of {name}"))
        keys.new_key(name)
        return keys.public_pem(name).encode()


def test_only_the_owner_reads_a_key(place):
    before = os.umask(0)
    try:
        keys.new_key("mine")
    finally:
        os.umask(before)
    assert mode(place / "mine.key") == 0o600
    assert mode(place) == 0o700
    assert (place / "mine.key").read_bytes().startswith(b"-----BEGIN PRIVATE KEY-----")


def test_the_first_key_seals_runs(place):
    assert keys.default() is None
    assert keys.own() == {}
    with pytest.raises(KeyProblem, match="gaseol key new NAME"):
        keys.load_key()
    first, second = keys.new_key("first"), keys.new_key("second")
    assert first != second
    assert keys.default() == "first"
    assert key_id(keys.load_key()) == first
    assert key_id(keys.load_key("second")) == second
    keys.set_default("second")
    assert key_id(keys.load_key()) == second
    assert keys.own() == {first: "first", second: "second"} == keys.known()
    (place / "default").write_text("\n")
    assert keys.default() is None


def test_a_key_is_never_overwritten(place):
    keyid = keys.new_key("mine")
    with pytest.raises(KeyProblem, match="there is a key 'mine' already"):
        keys.new_key("mine")
    assert key_id(keys.load_key("mine")) == keyid
    (place / "mine.key").unlink()
    public = (place / "mine.pub").read_bytes()
    with pytest.raises(KeyProblem, match="there is a key 'mine' already"):
        keys.new_key("mine")  # its public half is what others know, and the key may be elsewhere
    assert (place / "mine.pub").read_bytes() == public


def test_a_locked_key_opens_with_its_passphrase_only(place, monkeypatch):
    keyid = keys.new_key("locked", "open sesame")
    assert b"ENCRYPTED" in (place / "locked.key").read_bytes()
    for passphrase in (None, "", "open sesame "):
        if passphrase is not None:
            monkeypatch.setenv("GASEOL_KEY_PASSPHRASE", passphrase)
        with pytest.raises(KeyProblem, match="does not open; a locked one needs GASEOL_KEY_PASS"):
            keys.load_key("locked")
    monkeypatch.setenv("GASEOL_KEY_PASSPHRASE", "open sesame")
    assert key_id(keys.load_key("locked")) == keyid
    other = keys.new_key("open")
    assert key_id(keys.load_key("open")) == other, "a passphrase that is not needed does no harm"


@pytest.mark.parametrize("name", NAMES_OUTSIDE)
def test_names_that_lead_out_of_the_folder(place, tmp_path, name):
    pem = b"whatever"
    for use in (keys.new_key, keys.load_key, keys.set_default, keys.public_pem):
        if name or use is not keys.load_key:
            with pytest.raises(KeyProblem, match="is no name for a key"):
                use(name)
    with pytest.raises(KeyProblem):
        keys.trust(name, pem)
    left = [p for p in tmp_path.rglob("*") if p.is_file()]
    assert left == []


def test_a_name_that_leads_out_of_the_folder_of_trusted_keys(tmp_path, monkeypatch):
    pem = theirs("ada", tmp_path, monkeypatch)
    for name in NAMES_OUTSIDE:
        with pytest.raises(KeyProblem, match="is no name for a key"):
            keys.trust(name, pem)
    assert keys.known() == {}


def test_a_default_that_leads_out_of_the_folder(place):
    keys.new_key("mine")
    (place / "default").write_text("../../elsewhere\n")
    with pytest.raises(KeyProblem, match="is no name for a key"):
        keys.load_key()
    (place / "default").write_text("gone\n")
    with pytest.raises(KeyProblem, match="there is no key 'gone'"):
        keys.load_key()


def test_every_damage_of_a_private_key_is_said_and_none_goes_through(place):
    """PEM without its checksum: a changed byte gives another key, or none, and never a crash."""
    keyid = keys.new_key("mine")
    path = place / "mine.key"
    pem = path.read_bytes()
    refused = 0
    for at in range(len(pem)):
        path.write_bytes(pem[:at] + bytes([pem[at] ^ 1]) + pem[at + 1 :])
        try:
            key_id(keys.load_key("mine"))
        except KeyProblem:
            refused += 1
    assert refused > 40
    for content in (
        b"",
        pem[:60],
        pem.replace(b"BEGIN PRIVATE", b"BEGIN ENCRYPTED PRIVATE"),
        b"\xff",
    ):
        path.write_bytes(content)
        with pytest.raises(KeyProblem, match="the key 'mine' does not open"):
            keys.load_key("mine")
    path.write_bytes(pem)
    assert key_id(keys.load_key("mine")) == keyid


@pytest.mark.parametrize("kind", ["rsa", "ec"])
def test_keys_of_other_kinds_are_refused(place, strangers, kind):
    private, public = strangers[kind]
    place.mkdir(parents=True)
    (place / "old.key").write_bytes(private)
    with pytest.raises(KeyProblem, match="the key 'old' is not an ed25519 key"):
        keys.load_key("old")
    with pytest.raises(KeyProblem, match="not an ed25519 key"):
        keys.trust("old", public)
    assert keys.known() == {}


@pytest.mark.parametrize(
    "pem", [b"", b"nonsense", b"-----BEGIN PUBLIC KEY-----\nAAAA\n", b"\xff\0"]
)
def test_what_is_no_public_key_is_not_trusted(place, pem):
    with pytest.raises(KeyProblem, match="no public key in PEM"):
        keys.trust("ada", pem)
    assert not (place / "trusted" / "ada.pub").exists()


def test_a_private_key_is_not_taken_for_a_public_one(place):
    keys.new_key("mine")
    with pytest.raises(KeyProblem, match="no public key in PEM"):
        keys.trust("ada", (place / "mine.key").read_bytes())


def test_the_public_half_goes_round(tmp_path, monkeypatch, place):
    pem = theirs("ada", tmp_path, monkeypatch)
    assert b"PRIVATE" not in pem
    keyid = keys.trust("ada", pem)
    assert keys.known() == {keyid: "ada"}
    assert keys.own() == {}
    assert keys.public_pem("ada").encode() == pem
    assert keys.trust("ada", pem) == keyid, "once more changes nothing"
    with pytest.raises(KeyProblem, match="there is no key 'ada'"):
        keys.load_key("ada")
    with pytest.raises(KeyProblem, match="there is no key 'ada'"):
        keys.set_default("ada")
    with pytest.raises(KeyProblem, match="there is no key 'bob'"):
        keys.public_pem("bob")


def test_a_taken_name_is_not_given_to_another_key(tmp_path, monkeypatch):
    """A name is what a reader sees beside a record: it must mean one key."""
    ada, eve = (theirs(name, tmp_path, monkeypatch) for name in ("ada", "eve"))
    keyid = keys.trust("ada", ada)
    with pytest.raises(KeyProblem, match="'ada' is another key already"):
        keys.trust("ada", eve)
    assert keys.known() == {keyid: "ada"}
    with pytest.raises(KeyProblem, match="'ada' is another key already"):
        keys.new_key("ada")
    mine = keys.new_key("mine")
    with pytest.raises(KeyProblem, match="'mine' is another key already"):
        keys.trust("mine", eve)
    assert keys.known() == {keyid: "ada", mine: "mine"}
    assert keys.trust("mine", keys.public_pem("mine").encode()) == mine


def test_a_damaged_trusted_key_is_named(sealed, tmp_path, monkeypatch, place):
    keys.trust("ada", theirs("ada", tmp_path, monkeypatch))
    (place / "trusted" / "ada.pub").write_bytes(b"spilt coffee")
    for ask in (keys.known, lambda: verify(sealed)):
        with pytest.raises(KeyProblem, match=r"trusted/ada\.pub"):
            ask()


def test_where_keys_are(monkeypatch, tmp_path):
    monkeypatch.delenv("GASEOL_CONFIG")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "xdg"))
    assert keys.folder() == tmp_path / "xdg" / "gaseol" / "keys"
    monkeypatch.delenv("XDG_CONFIG_HOME")
    assert keys.folder() == Path.home() / ".config" / "gaseol" / "keys"


def test_a_fingerprint_is_read_aloud_in_groups():
    assert fingerprint("0123456789abcdef" * 4) == "0123 4567 89ab cdef"
