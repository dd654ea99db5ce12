"""Instructions of the roles: a file each, with a version, named by digest in every request."""

import hashlib
import re
from dataclasses import dataclass
from functools import cache
from importlib import resources

_HEAD = re.compile(r"\A<!-- (?P<name>[a-z]+) (?P<version>\d+) -->\n")


@dataclass(frozen=True)
class Prompt:
    """What a role is told before it is asked anything."""

    name: str
    version: int
    text: str

    @property
    def sha256(self) -> str:
        """Digest of the text."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    @property
    def card(self) -> dict[str, str | int]:
        """What a request says of it."""
        return {"name": self.name, "version": self.version, "sha256": self.sha256}


@cache
def prompt(name: str) -> Prompt:
    """Return a role's instructions.

    Raises:
        LookupError: there are none of this name.
        ValueError: the file does not begin with its name and version.
    """
    try:
        said = (resources.files("gaseol.agents") / "prompts" / f"{name}.md").read_text("utf-8")
    except FileNotFoundError:
        raise LookupError(f"there are no instructions '{name}'") from None
    head = _HEAD.match(said)
    if head is None or head["name"] != name:
        raise ValueError(f"prompts/{name}.md does not begin with <!-- {name} VERSION -->")
    return Prompt(name, int(head["version"]), said[head.end() :].strip())
