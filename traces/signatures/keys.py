"""The keys of this reader: their own, and those of others whom they trust.

```
keys/NAME.key          a private key, PEM, readable by its owner only
keys/NAME.pub          its public key, PEM: what is handed to others
keys/default           the name of the key that seals runs
keys/trusted/NAME.pub  somebody else's public key
```
"""

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from gaseol.traces.record import disk
from gaseol.traces.signatures.signing import key_id

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import (
        Ed25519PrivateKey,
        Ed25519PublicKey,
    )

_NAME = re.compile(r"[\w][\w.-]{0,63}")


class KeyProblem(ValueError):
    """A key that is not there, is there already, or cannot be read."""


def folder() -> Path:
    """Return where keys are kept: `GASEOL_CONFIG/keys`, else in the user's configuration."""
    given = os.environ.get("GASEOL_CONFIG")
    if given:
        return Path(given) / "keys"
    base = os.environ.get("XDG_CONFIG_HOME")
    return (Path(base) if base else Path.home() / ".config") / "gaseol" / "keys"


def new_key(name: str, passphrase: str | None = None) -> str:
    """Make a key and return its id; the first one seals runs from now on.

    Raises:
        KeyProblem: there is a key of this name, one's own or somebody else's.
    """
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import (
        BestAvailableEncryption,
        Encoding,
        NoEncryption,
        PrivateFormat,
    )

    key = Ed25519PrivateKey.generate()
    locked = BestAvailableEncryption(passphrase.encode()) if passphrase else NoEncryption()
    place = folder()
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = place / f"{_checked(name)}.key"
    if (place / "trusted" / f"{name}.pub").exists():
        raise KeyProblem(f"'{name}' is another key already, one that is trusted")
    if (place / f"{name}.pub").exists():
        raise KeyProblem(f"there is a key '{name}' already, in {place}")
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise KeyProblem(f"there is a key '{name}' already, in {place}") from None
    with os.fdopen(handle, "wb") as file:
        file.write(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, locked))
        file.flush()
        os.fsync(file.fileno())
    disk.name(path)  # a run that promises to be sealed with it cannot end without it
    (place / f"{name}.pub").write_bytes(_public_pem(key.public_key()))
    if not (place / "default").exists():
        (place / "default").write_text(f"{name}\n", encoding="utf-8")
    return key_id(key)


def load_key(name: str | None = None) -> "Ed25519PrivateKey":
    """Return a key of one's own, by default the one that seals runs.

    A key with a passphrase takes it from `GASEOL_KEY_PASSPHRASE`.

    Raises:
        KeyProblem: there is none of this name, or it does not open.
    """
    from cryptography.exceptions import InternalError, UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    name = name or default()
    if name is None:
        raise KeyProblem("there is no key yet; make one with: gaseol key new NAME")
    path = folder() / f"{_checked(name)}.key"
    passphrase = os.environ.get("GASEOL_KEY_PASSPHRASE")
    try:
        pem = path.read_bytes()
        key = load_pem_private_key(
            pem, None if b"ENCRYPTED" not in pem else (passphrase or "").encode()
        )
    except FileNotFoundError:
        raise KeyProblem(f"there is no key '{name}' in {folder()}; see: gaseol key list") from None
    except (ValueError, TypeError, UnsupportedAlgorithm, InternalError):
        raise KeyProblem(
            f"the key '{name}' does not open; a locked one needs GASEOL_KEY_PASSPHRASE"
        ) from None
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyProblem(f"the key '{name}' is not an ed25519 key")
    return key


def default() -> str | None:
    """Return the name of the key that seals runs; None where there is none."""
    try:
        return (folder() / "default").read_text(encoding="utf-8").strip() or None
    except FileNotFoundError:
        return None


def set_default(name: str) -> None:
    """Let another key seal runs.

    Raises:
        KeyProblem: there is none of this name.
    """
    if not (folder() / f"{_checked(name)}.key").is_file():
        raise KeyProblem(f"there is no key '{name}' in {folder()}; see: gaseol key list")
    (folder() / "default").write_text(f"{name}\n", encoding="utf-8")


def own() -> dict[str, str]:
    """Return one's own keys: name by id."""
    return _public_keys(folder())


def known() -> dict[str, str]:
    """Return every key that this reader knows: name by id."""
    return {**_public_keys(folder() / "trusted"), **own()}


def trust(name: str, pem: bytes) -> str:
    """Keep somebody else's public key under a name and return its id.

    Raises:
        KeyProblem: it is no ed25519 public key, or the name is taken by another one.
    """
    public = _read_public(pem)
    place = folder() / "trusted"
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = place / f"{_checked(name)}.pub"
    keyid = public.public_bytes_raw().hex()
    if own().get(keyid) != name and (folder() / path.name).exists():
        raise KeyProblem(f"'{name}' is another key already, one's own; choose another name")
    if path.exists() and _read_public(path.read_bytes(), path).public_bytes_raw().hex() != keyid:
        raise KeyProblem(f"'{name}' is another key already; remove {path} to trust this one")
    path.write_bytes(_public_pem(public))
    return keyid


def public_pem(name: str) -> str:
    """Return a key's public half, to be handed to others.

    Raises:
        KeyProblem: there is none of this name.
    """
    for place in (folder(), folder() / "trusted"):
        path = place / f"{_checked(name)}.pub"
        if path.is_file():
            return path.read_text(encoding="utf-8")
    raise KeyProblem(f"there is no key '{name}' in {folder()}; see: gaseol key list")


def _checked(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise KeyProblem(f"'{name[:80]}' is no name for a key: letters, digits, '.', '_', '-'")
    return name


def _public_keys(place: Path) -> dict[str, str]:
    if not place.is_dir():
        return {}
    return {
        _read_public(path.read_bytes(), path).public_bytes_raw().hex(): path.stem
        for path in sorted(place.glob("*.pub"))
    }


def _read_public(pem: bytes, path: Path | None = None) -> "Ed25519PublicKey":
    from cryptography.exceptions import InternalError, UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    what = path or "this"
    try:
        key = load_pem_public_key(pem)
    except (ValueError, TypeError, UnsupportedAlgorithm, InternalError):
        raise KeyProblem(f"{what} is no public key in PEM") from None
    if not isinstance(key, Ed25519PublicKey):
        raise KeyProblem(f"{what} is not an ed25519 key")
    return key


def _public_pem(key: "Ed25519PublicKey") -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
