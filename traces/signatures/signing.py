"""Signatures: ed25519 over a DSSE envelope, whose payload is an in-toto statement or a review.

A key's id is the public key itself, 64 hexadecimal digits: whoever holds a signature can check
it, and whether the key is known is another question.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

_KEY_LENGTH = 64


class SignatureError(ValueError):
    """What should be a signed envelope is none."""


@dataclass(frozen=True, slots=True)
class Signer:
    """Who signed, as far as can be told."""

    keyid: str
    """The public key in hexadecimal."""
    name: str | None
    """As whom this reader knows the key; None for a stranger's."""
    valid: bool
    """Whether the signature is of this key over this payload."""


def sign(
    payload: bytes,
    payload_type: str,
    key: "Ed25519PrivateKey",
    earlier: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return a DSSE envelope with the key's signature, besides those of an earlier one.

    Raises:
        SignatureError: the earlier envelope holds something else, or is none.
    """
    from securesystemslib import dsse, signer

    envelope: Any = dsse.Envelope(payload, payload_type, {})
    if earlier is not None:
        envelope = _read(earlier)
        if (envelope.payload, envelope.payload_type) != (payload, payload_type):
            raise SignatureError("the earlier signatures are over something else")
    made: Any = signer
    envelope.sign(made.CryptoSigner(key, _public(key_id(key))))
    return cast("dict[str, Any]", envelope.to_dict())


def check(envelope: Mapping[str, Any], payload_type: str, known: Mapping[str, str]) -> list[Signer]:
    """Return who signed an envelope, each signature checked.

    Args:
        envelope: as `sign` returns it.
        payload_type: what it must hold.
        known: names by key id.

    Raises:
        SignatureError: it is no envelope of this type.
    """
    from securesystemslib.exceptions import UnverifiedSignatureError, VerificationError

    read = _read(envelope)
    if read.payload_type != payload_type:
        raise SignatureError(f"the envelope holds {read.payload_type}, not {payload_type}")
    found: list[Signer] = []
    for keyid, signature in read.signatures.items():
        try:
            _public(keyid).verify_signature(signature, read.pae())
            valid = True
        except (UnverifiedSignatureError, VerificationError, ValueError):
            valid = False
        found.append(Signer(keyid, known.get(keyid), valid))
    return found


def payload_of(envelope: Mapping[str, Any]) -> bytes:
    """Return what an envelope holds, signed or not.

    Raises:
        SignatureError: it is no envelope.
    """
    return _read(envelope).payload


def key_id(key: "Ed25519PrivateKey") -> str:
    """Return the id of a key."""
    return key.public_key().public_bytes_raw().hex()


def fingerprint(keyid: str) -> str:
    """Return what two people compare aloud: the first 16 digits, in groups of four."""
    return " ".join(keyid[i : i + 4] for i in range(0, 16, 4))


def _public(keyid: str) -> Any:
    from securesystemslib import signer

    if len(keyid) != _KEY_LENGTH or set(keyid) - set("0123456789abcdef"):
        raise ValueError(f"'{keyid[:80]}' is no key")
    made: Any = signer
    return made.SSlibKey(keyid, "ed25519", "ed25519", {"public": keyid})


def _read(envelope: Mapping[str, Any]) -> Any:
    from securesystemslib import dsse
    from securesystemslib.exceptions import FormatError

    try:
        shape: Any = dsse.Envelope
        texts = [envelope["payload"], envelope["payloadType"]]
        for signature in envelope["signatures"]:
            texts += signature["keyid"], signature["sig"]
        if any(not isinstance(text, str) for text in texts):
            raise SignatureError("no signed envelope: a text is due where something else stands")
        # the library takes apart what it is given
        found = shape.from_dict({**envelope, "signatures": list(map(dict, envelope["signatures"]))})
        written = all(set(each) == {"keyid", "sig"} for each in envelope["signatures"])
        if not written or found.to_dict() != envelope:
            raise SignatureError("no signed envelope: it is not written as one is")
        return found
    except SignatureError:
        raise
    except (KeyError, TypeError, ValueError, AttributeError, FormatError) as error:
        raise SignatureError(f"no signed envelope: {error}") from None
