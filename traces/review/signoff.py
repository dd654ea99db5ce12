"""Signatures under sign-offs: a key vouches for the whole line, and so for all it names.

The signed payload is the line without its envelope. It names the record's head, the seal, and by
`prev` everything that the reviewer said before.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import orjson

from gaseol.traces.review.entry import Entry, to_line

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from gaseol.traces.signatures.signing import Signer

PAYLOAD_TYPE = "application/vnd.gaseol.review+json"


def payload(members: Mapping[str, Any]) -> bytes:
    """Return what is signed: the members of the line, its envelope left out."""
    return to_line({k: v for k, v in members.items() if k != "envelope"})


def signature(key: "Ed25519PrivateKey") -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Return what makes the envelope of a sign-off."""

    def envelope(members: dict[str, Any]) -> dict[str, Any]:
        from gaseol.traces.signatures.signing import sign

        return sign(payload(members), PAYLOAD_TYPE, key)

    return envelope


def signers(entry: Entry, known: Mapping[str, str]) -> "list[Signer]":
    """Return who signed an entry, each signature checked; nobody for an unsigned one.

    Raises:
        ValueError: the envelope is none, or is over something else than this entry.
    """
    if entry.envelope is None:
        return []
    from gaseol.traces.signatures.signing import check, payload_of

    found = check(entry.envelope, PAYLOAD_TYPE, known)
    said = {k: v for k, v in entry.members().items() if k != "envelope"}
    if orjson.loads(payload_of(entry.envelope)) != said:
        raise ValueError("the signature is over another entry")
    if not found:
        raise ValueError("the envelope holds no signature")
    return found
