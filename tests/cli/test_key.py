"""`gaseol key`: making, handing out, trusting and using keys."""

from pathlib import Path

import orjson
import pytest

from gaseol.graphs import run
from gaseol.scenarios import Scenario
from gaseol.traces import verify
from gaseol.traces.record.seal import read_signature
from gaseol.traces.signatures import keys
from gaseol.traces.signatures.signing import fingerprint, key_id


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch) -> Path:
    """An empty folder of keys, and no passphrase."""
    monkeypatch.setenv("GASEOL_CONFIG", str(tmp_path / "config"))
    monkeypatch.delenv("GASEOL_KEY_PASSPHRASE", raising=False)
    return tmp_path / "config" / "keys"


@pytest.fixture
def small(world, pool, home) -> Path:
    """A small finished run at home, without a signature."""
    folder = home / "small"
    asked = world.changed(world.EFFECTS, budget__experiments=4, hypotheses__maximum=1)
    run(Scenario.model_validate(asked), out=folder, pool=pool, report=False)
    return folder


def fails(said, *words):
    """Check that a command was turned away, and says why."""
    assert said.code == 2, said
    assert said.out == ""
    for word in words:
        assert word in said.err, said.err


def test_new_list_use(gaseol, place):
    assert gaseol("key", "list").out == ""
    assert gaseol("key", "list", "--json").json == []
    said = gaseol("key", "new", "first")
    assert said.code == 0
    digits = fingerprint(key_id(keys.load_key("first")))
    assert f"first: {digits}" in said.out
    assert str(place) in said.out
    assert "it signs the seal of every run from now on" in said.out
    assert "signs" not in gaseol("key", "new", "second").out
    assert f"{digits}  first  (one's own, seals runs)" in gaseol("key", "list").out
    assert gaseol("key", "use", "second").code == 0
    rows = {row["name"]: row for row in gaseol("key", "list", "--json").json}
    assert {name: (row["own"], row["seals"]) for name, row in rows.items()} == {
        "first": (True, False), "second": (True, True)
    }  # fmt: skip
    assert rows["first"]["keyid"] == key_id(keys.load_key("first"))


def test_show_and_trust_go_round(gaseol, place, tmp_path, monkeypatch):
    gaseol("key", "new", "ada")
    shown = gaseol("key", "show", "ada")
    assert shown.code == 0
    assert "PRIVATE" not in shown.out
    digits = fingerprint(key_id(keys.load_key("ada")))
    (tmp_path / "ada.pub").write_text(shown.out)
    monkeypatch.setenv("GASEOL_CONFIG", str(tmp_path / "another reader"))
    said = gaseol("key", "trust", "ada-of-the-lab", tmp_path / "ada.pub")
    assert (said.code, said.out) == (0, f"ada-of-the-lab: {digits}\n")
    assert f"{digits}  ada-of-the-lab  (trusted)" in gaseol("key", "list").out
    assert gaseol("key", "show", "ada-of-the-lab").out == shown.out
    fails(gaseol("key", "use", "ada-of-the-lab"), "there is no key")


def test_a_locked_key_asks_for_its_passphrase(gaseol, place, monkeypatch):
    import click

    asked = []

    def prompt(text, **options):
        asked.append((text, options))
        return "open sesame"

    monkeypatch.setattr(click, "prompt", prompt)
    said = gaseol("key", "new", "locked", "--locked")
    assert said.code == 0
    assert asked == [("passphrase", {"hide_input": True, "confirmation_prompt": True})]
    assert "open sesame" not in said.out + said.err
    assert b"ENCRYPTED" in (place / "locked.key").read_bytes()


def test_what_goes_wrong_is_said(gaseol, place, tmp_path):
    fails(gaseol("key", "show", "nobody"), "there is no key 'nobody'", "gaseol key list")
    fails(gaseol("key", "use", "nobody"), "there is no key 'nobody'")
    for name in ("../x", "a/b", "", ".x", "a b"):
        for command in ("new", "show", "use"):
            fails(gaseol("key", command, name), "is no name for a key")
    assert not (tmp_path / "config" / "x.key").exists()
    gaseol("key", "new", "mine")
    fails(gaseol("key", "new", "mine"), "there is a key 'mine' already")
    odd = tmp_path / "odd.pub"
    for content in (b"", b"nonsense", b"\xff\0", (place / "mine.key").read_bytes()):
        odd.write_bytes(content)
        fails(gaseol("key", "trust", "ada", odd), "no public key in PEM")
    fails(gaseol("key", "trust", "ada", tmp_path / "nowhere"), "does not exist")
    fails(gaseol("key", "trust", "ada", tmp_path), "is a directory")
    fails(gaseol("key", "dream"), "No such command")
    (place / "trusted").mkdir(exist_ok=True)
    (place / "trusted" / "spoilt.pub").write_bytes(b"coffee")
    fails(gaseol("key", "list"), "spoilt.pub is no public key")


def test_a_run_is_sealed_by_the_default_key(gaseol, world, tmp_path, home):
    asked = world.changed(world.EFFECTS, budget__experiments=4, hypotheses__maximum=1)
    folder = world.write(tmp_path / "asked", asked)
    gaseol("key", "new", "first")
    gaseol("key", "new", "second")
    signed = {}
    for name, options in (("default", ()), ("other", ("--key", "second")), ("none", ("--no-key",))):
        assert gaseol("run", folder, "--out", home / name, *options, "--jobs", 1).code == 0
        found = verify(home / name)
        assert found.integrity.value == "intact"
        signed[name] = [s.name for s in found.signers]
        sealer = orjson.loads((home / name / "run.json").read_bytes())["sealer"]
        assert sealer == "".join(s.keyid for s in found.signers)
    assert signed == {"default": ["first"], "other": ["second"], "none": []}
    fails(gaseol("run", folder, "--key", "third"), "there is no key 'third'")


def test_a_locked_key_without_its_passphrase_begins_no_run(gaseol, world, tmp_path, home):
    keys.new_key("locked", "open sesame")
    folder = world.write(tmp_path / "asked", world.EFFECTS)
    fails(gaseol("run", folder), "GASEOL_KEY_PASSPHRASE")
    assert not home.exists(), "a run was begun"


def test_sign(gaseol, small, monkeypatch, tmp_path):
    fails(gaseol("key", "sign"), "there is no key yet")
    gaseol("key", "new", "ada")
    gaseol("key", "new", "bob")
    assert gaseol("verify", small, "--json").json["signers"] == []
    said = gaseol("key", "sign")
    assert (said.code, said.out) == (0, f"signed by ada: {small}\n")
    assert gaseol("key", "sign", "small", "--key", "bob").code == 0
    document = gaseol("verify", small, "--json").json
    assert {(s["name"], s["valid"]) for s in document["signers"]} == {("ada", True), ("bob", True)}
    assert document["integrity"] == "intact"
    monkeypatch.setenv("GASEOL_CONFIG", str(tmp_path / "another reader"))
    said = gaseol("verify", small)
    assert said.code == 0
    assert said.out.startswith("sealed by an unknown key: ")
    assert "gaseol key trust" in said.out


def test_what_does_not_hold_is_not_signed(gaseol, small):
    gaseol("key", "new", "ada")
    lines = (small / "events.jsonl").read_bytes().splitlines(keepends=True)
    (small / "events.jsonl").write_bytes(b"".join(lines[:-1]))
    said = gaseol("key", "sign")
    assert said.code == 1
    assert "not signed" in said.err
    assert "is truncated" in said.err
    assert read_signature(small) is None
    (small / "events.jsonl").write_bytes(b"".join(lines))
    (small / "seal.json").unlink()
    fails(gaseol("key", "sign"), "is not sealed: there is nothing to sign yet")
    fails(gaseol("key", "sign", "no-such-run"), "there is no run 'no-such-run'")
