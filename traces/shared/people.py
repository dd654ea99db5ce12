"""People and their roles: who may look, who may run, who may review, where gaseol serves.

A file `people.yaml`: names, each with a role and the SHA-256 of a token that only that person has.
"""

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import yaml
from pydantic import Field, TypeAdapter, ValidationError

from gaseol.traces.nouns.value import Value

Role = Literal["scientist", "reviewer", "operator"]
Right = Literal["look", "run", "review"]

RIGHTS: Mapping[Role, frozenset[Right]] = {
    "scientist": frozenset({"look", "run"}),
    "reviewer": frozenset({"look", "review"}),
    "operator": frozenset({"look", "run", "review"}),
}
"""What a role may do: nobody reviews what they may run, except who keeps the house."""
_LARGEST = 1_000_000


class PeopleError(ValueError):
    """The file of people cannot be used, and why."""


class Person(Value):
    """Somebody with a role."""

    name: str = ""
    role: Role
    token_sha256: str = Field(pattern=r"^[0-9a-f]{64}$")

    def may(self, right: Right) -> bool:
        """Tell whether the role has a right."""
        return right in RIGHTS[self.role]


_FILE: TypeAdapter[dict[str, Person]] = TypeAdapter(dict[str, Person])


class People:
    """Those of a file, found by their tokens."""

    def __init__(self, people: Mapping[str, Person]) -> None:
        """Hold people by name.

        Raises:
            PeopleError: two have one token.
        """
        self._people = {n: p.model_copy(update={"name": n}) for n, p in people.items()}
        tokens = [person.token_sha256 for person in self._people.values()]
        if len(set(tokens)) < len(tokens):
            raise PeopleError("two people have one token: each needs one of their own")

    @classmethod
    def read(cls, path: Path) -> "People":
        """Read a file of people.

        Raises:
            PeopleError: it is not there, is open to others for writing, or is none; each flaw with
                its place.
        """
        try:
            if path.stat().st_mode & 0o022:
                raise PeopleError(f"{path} can be written by others: chmod go-w {path}")
            content = path.read_bytes()
            if len(content) > _LARGEST:
                raise PeopleError(f"{path} has more than {_LARGEST:,} bytes")
            return cls(_FILE.validate_python(yaml.safe_load(content) or {}))
        except OSError as error:
            raise PeopleError(f"{path}: {error.strerror}") from None
        except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
            raise PeopleError(f"{path} is not YAML: {error}") from None
        except ValidationError as error:
            flaws = "; ".join(
                f"{'.'.join(map(str, e['loc'])) or 'the file'}: {e['msg']}" for e in error.errors()
            )
            raise PeopleError(f"{path}: {flaws}") from None

    def by_token(self, token: str) -> Person | None:
        """Return whose token this is; None where it is nobody's."""
        digest = hashlib.sha256(token.encode(errors="surrogateescape")).hexdigest()
        found = None
        for person in self._people.values():  # all of them: how long it takes says nothing
            if hmac.compare_digest(digest, person.token_sha256):
                found = person
        return found


def new_person(name: str, role: Role) -> tuple[str, str]:
    """Return a token for a person, to be handed over, and the line for the file of people."""
    token = secrets.token_urlsafe(24)
    digest = hashlib.sha256(token.encode()).hexdigest()
    line = yaml.safe_dump({name: {"role": role, "token_sha256": digest}}, sort_keys=False)
    return token, line
