"""The seal: count, head and Merkle root of the events, digests of the files beside them.

`seal.json` says what was sealed. `seal.dsse.json` is its signature, where there is one: an in-toto
statement about `seal.json`, in a DSSE envelope.
"""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast

import orjson

from gaseol.traces.nouns.value import Value
from gaseol.traces.record.disk import place, sync
from gaseol.traces.signatures.signing import SignatureError, Signer, check, payload_of, sign

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

SEAL_FORMAT = "gaseol.seal/1"
NAME = "seal.json"
SIGNATURE = "seal.dsse.json"
PAYLOAD_TYPE = "application/vnd.in-toto+json"
_STATEMENT = "https://in-toto.io/Statement/v1"
_PREDICATE = "urn:gaseol:seal:1"


class NotSealed(FileNotFoundError):
    """A run without a seal has nothing to sign."""


class Seal(Value):
    """What `seal.json` says.

    A seal without a signature shows that nothing changed since it was written, unless the
    one who changed it also wrote the seal anew: keep its digest elsewhere, or sign it.
    """

    format: str = SEAL_FORMAT
    events: int
    head: str
    root: str
    files: dict[str, str]
    """SHA-256 of `run.json` and of the reports."""

    def to_bytes(self) -> bytes:
        """Return the only bytes that `seal.json` may have for these contents."""
        return orjson.dumps(
            self.model_dump(mode="json"), option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS
        )


def write_seal(
    folder: Path,
    events: int,
    head: bytes,
    root: bytes,
    files: tuple[str, ...],
    key: "Ed25519PrivateKey | None" = None,
) -> Seal:
    """Write `seal.json` durably, and its signature where there is a key; return the seal."""
    digests = {
        name: hashlib.sha256((folder / name).read_bytes()).hexdigest()
        for name in ("run.json", *files)
    }
    for name in files:
        sync(folder / name)  # before the seal says what is in them
    seal = Seal(events=events, head=head.hex(), root=root.hex(), files=digests)
    content = seal.to_bytes()
    if key is not None:
        # first the signature: a run that names its sealer is not sealed without it
        place(folder / SIGNATURE, _dumped(sign(_statement(content, seal), PAYLOAD_TYPE, key)))
    place(folder / NAME, content)
    return seal


def sign_seal(folder: Path, key: "Ed25519PrivateKey") -> None:
    """Add a key's signature to a sealed run.

    Raises:
        NotSealed: there is no `seal.json`.
        SignatureError: the signatures that are there are of another seal.
    """
    if not (folder / NAME).is_file():
        raise NotSealed(f"{folder} is not sealed: there is nothing to sign yet")
    with (folder / NAME).open("rb") as file:
        _wait_for(file)
        content = file.read()
        earlier = read_signature(folder)
        if earlier is None:
            payload = _statement(content, Seal.model_validate_json(content))
        else:
            payload = payload_of(earlier)
            if subject_of(payload) != hashlib.sha256(content).hexdigest():
                raise SignatureError(f"{SIGNATURE} signs another seal.json than this one")
        place(folder / SIGNATURE, _dumped(sign(payload, PAYLOAD_TYPE, key, earlier)))


def _wait_for(file: BinaryIO) -> None:
    """Lock a file until it is closed: of two who sign at once, the second adds to the first."""
    import fcntl  # not on Windows, where records can be read only

    fcntl.flock(file, fcntl.LOCK_EX)


def read_signature(folder: Path) -> dict[str, Any] | None:
    """Return the envelope beside a seal; None where there is none.

    Raises:
        SignatureError: it is no JSON object.
    """
    path = folder / SIGNATURE
    if not path.is_file():
        return None
    try:
        found = orjson.loads(path.read_bytes())
    except ValueError as error:
        raise SignatureError(f"{SIGNATURE} is not JSON: {error}") from None
    if not isinstance(found, dict):
        raise SignatureError(f"{SIGNATURE} is no envelope")
    return cast("dict[str, Any]", found)


def signers(folder: Path, known: Mapping[str, str]) -> list[Signer]:
    """Return who signed the seal of a run, each signature checked against `seal.json`.

    Raises:
        SignatureError: there is a signature file, and it does not sign this seal.
    """
    envelope = read_signature(folder)
    if envelope is None:
        return []
    found = check(envelope, PAYLOAD_TYPE, known)
    if _dumped(envelope) != (folder / SIGNATURE).read_bytes():
        raise SignatureError(f"{SIGNATURE} is not written as an envelope with this content is")
    content = (folder / NAME).read_bytes()
    payload = payload_of(envelope)
    if subject_of(payload) != hashlib.sha256(content).hexdigest():
        raise SignatureError(f"{SIGNATURE} signs another seal.json than this one")
    seal, predicate = orjson.loads(content), orjson.loads(payload).get("predicate")
    said = cast("dict[str, Any]", predicate) if isinstance(predicate, dict) else {}
    if any(said.get(k) != seal[k] for k in ("events", "head", "root")):
        raise SignatureError(f"{SIGNATURE} says of this seal what it does not say itself")
    return found


def subject_of(payload: bytes) -> str:
    """Return the digest of the `seal.json` that a signed statement speaks of.

    Raises:
        SignatureError: it is no such statement.
    """
    try:
        statement = orjson.loads(payload)
        if (statement["_type"], statement["predicateType"]) != (_STATEMENT, _PREDICATE):
            raise SignatureError(f"{SIGNATURE} holds a statement of another kind")
        (subject,) = statement["subject"]
        return str(subject["digest"]["sha256"])
    except (KeyError, TypeError, ValueError) as error:
        raise SignatureError(f"{SIGNATURE} holds no statement about a seal: {error}") from None


def _statement(content: bytes, seal: Seal) -> bytes:
    now = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    statement = {
        "_type": _STATEMENT,
        "subject": [{"name": NAME, "digest": {"sha256": hashlib.sha256(content).hexdigest()}}],
        "predicateType": _PREDICATE,
        "predicate": {
            "events": seal.events, "head": seal.head, "root": seal.root, "sealed": now,
        },
    }  # fmt: skip
    return orjson.dumps(statement)


def _dumped(envelope: Mapping[str, Any]) -> bytes:
    return orjson.dumps(envelope, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS)
