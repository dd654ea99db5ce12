"""Signatures: what is signed, by whom, and every way in which an envelope is none."""

import base64
import copy

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given, settings
from hypothesis import strategies as st

from gaseol.traces.signatures.signing import SignatureError, check, key_id, payload_of, sign

TYPE = "application/vnd.in-toto+json"
ADA, BOB = (Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in (1, 2))
ADAS, BOBS = key_id(ADA), key_id(BOB)


@pytest.fixture
def envelope():
    """An envelope of Ada's, to be changed."""
    return sign(b"what was found", TYPE, ADA)


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_what_is_signed_is_the_documented_text(payload):
    made = sign(payload, TYPE, ADA)
    assert sorted(made) == ["payload", "payloadType", "signatures"]
    assert base64.b64decode(made["payload"]) == payload == payload_of(made)
    (signature,) = made["signatures"]
    assert signature["keyid"] == ADA.public_key().public_bytes_raw().hex()
    text = b"DSSEv1 %d %s %d %s" % (len(TYPE), TYPE.encode(), len(payload), payload)
    public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(signature["keyid"]))
    public.verify(base64.b64decode(signature["sig"]), text)
    assert signature["sig"] == base64.b64encode(ADA.sign(text)).decode()


def test_known_and_unknown_signers(envelope):
    (signer,) = check(envelope, TYPE, {ADAS: "ada"})
    assert (signer.keyid, signer.name, signer.valid) == (ADAS, "ada", True)
    (signer,) = check(envelope, TYPE, {BOBS: "bob"})
    assert (signer.name, signer.valid) == (None, True)


def test_two_signatures_over_the_same(envelope):
    before = copy.deepcopy(envelope)
    both = sign(b"what was found", TYPE, BOB, envelope)
    assert envelope == before, "the earlier envelope is left as it was"
    found = {s.keyid: s for s in check(both, TYPE, {BOBS: "bob"})}
    assert {k: (s.name, s.valid) for k, s in found.items()} == {
        ADAS: (None, True), BOBS: ("bob", True)
    }  # fmt: skip
    assert sign(b"what was found", TYPE, ADA, both) == both, "signing twice is signing once"


@pytest.mark.parametrize(("payload", "kind"), [(b"else", TYPE), (b"what was found", "text/plain")])
def test_a_signature_is_not_added_to_something_else(envelope, payload, kind):
    with pytest.raises(SignatureError, match="are over something else"):
        sign(payload, kind, BOB, envelope)


def test_a_payload_of_another_type_is_not_taken(envelope):
    """A signed review is no signed seal, although the same key signed it."""
    with pytest.raises(SignatureError, match="holds application/vnd"):
        check(envelope, "application/vnd.gaseol.review+json", {})


def test_a_signature_moved_to_another_payload_or_key(envelope):
    other = sign(b"what was not found", TYPE, ADA)
    moved = {**other, "signatures": envelope["signatures"]}
    assert [s.valid for s in check(moved, TYPE, {ADAS: "ada"})] == [False]
    (signature,) = envelope["signatures"]
    blamed = {**envelope, "signatures": [{**signature, "keyid": BOBS}]}
    (signer,) = check(blamed, TYPE, {BOBS: "bob"})
    assert (signer.name, signer.valid) == ("bob", False)


@pytest.mark.parametrize(
    "keyid",
    ["", "ada", "0" * 63, "0" * 65, "g" * 64, ADAS.upper(), f"{ADAS[:-1]} ", "0x" + "0" * 62],
)
def test_a_key_id_that_is_no_key_signs_nothing(envelope, keyid):
    (signature,) = envelope["signatures"]
    odd = {**envelope, "signatures": [{**signature, "keyid": keyid}]}
    assert [s.valid for s in check(odd, TYPE, {keyid: "ada"})] == [False]


@pytest.mark.parametrize("keyid", ["00" * 32, "01" + "00" * 31, "ec" + "ff" * 30 + "7f"])
def test_a_weak_key_vouches_for_nothing_by_itself(envelope, keyid):
    """Points of small order, under which some signatures fit many payloads."""
    for sig in (bytes(64), bytes.fromhex(keyid) + bytes(32)):
        odd = {"keyid": keyid, "sig": base64.b64encode(sig).decode()}
        (signer,) = check({**envelope, "signatures": [odd]}, TYPE, {})
        assert signer.name is None


def deep(levels):
    """Return lists within lists."""
    found: list = []
    for _ in range(levels):
        found = [found]
    return found


@pytest.mark.parametrize(
    "change",
    [
        {"payload": 3}, {"payload": None}, {"payload": "%"}, {"payload": "YQ"}, {"payload": "YQ==="},
        {"payload": "Y Q=="}, {"payload": "YR=="}, {"payload": []}, {"payloadType": 3},
        {"signatures": None}, {"signatures": 3}, {"signatures": [3]}, {"signatures": [{}]},
        {"signatures": {}}, {"signatures": "ab"}, {"more": 1}, {"payload": deep(900)},
        {"signatures": deep(900)}, {"signatures": [{"keyid": ADAS, "sig": deep(900)}]},
        {"signatures": [{"keyid": [ADAS], "sig": ""}]}, {"signatures": [{"keyid": ADAS}]},
        {"signatures": [{"keyid": ADAS, "sig": "%"}]}, {"signatures": [{"keyid": ADAS, "sig": 3}]},
        {"signatures": [{"keyid": ADAS, "sig": "YR=="}]},
        {"signatures": [{"keyid": ADAS, "sig": "YQ=="}] * 2},
    ],
    ids=lambda change: str(change)[:40],
)  # fmt: skip
def test_what_is_no_envelope(envelope, change):
    odd = {**envelope, **change}
    with pytest.raises(SignatureError, match="no signed envelope"):
        check(odd, TYPE, {})
    with pytest.raises(SignatureError, match="no signed envelope"):
        payload_of(odd)


@pytest.mark.parametrize("name", ["payload", "payloadType", "signatures"])
def test_an_envelope_without_a_member(envelope, name):
    del envelope[name]
    with pytest.raises(SignatureError, match="no signed envelope"):
        check(envelope, TYPE, {})


@settings(deadline=None)
@given(st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["payload", "payloadType", "signatures", "keyid", "sig"]), inner),
    max_leaves=8,
))  # fmt: skip
def test_nonsense_is_never_a_crash(value):
    envelope = value if isinstance(value, dict) else {"payload": value}
    with pytest.raises(SignatureError):
        check(envelope, TYPE, {})
