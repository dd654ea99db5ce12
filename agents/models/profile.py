"""Model profiles: where a model is served, how it is asked, and what it may be used for.

```
models/NAME.json    in the user's configuration folder, beside `keys/`; after these, the site's
```
A profile never holds a secret: it names the environment variable that does.
"""

import os
import re
from pathlib import Path
from typing import Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, field_validator

from gaseol.tools.site import site
from gaseol.traces.nouns.label import Confidentiality
from gaseol.traces.nouns.value import Value
from gaseol.traces.signatures import keys

Means = Literal[
    "json_schema", "structured_outputs", "schema_field", "format", "json_object", "tool", "prompt"
]
"""How a server is made to keep to a schema; `prompt` only asks it to."""
DialectName = Literal["openai", "vllm", "llama.cpp", "llama-cpp-python", "sglang", "ollama"]
Use = Literal["research", "teaching", "commercial"]
Clearance = Confidentiality

_NAME = re.compile(r"[a-z][a-z0-9_.-]{0,63}")
_TAKEN = ("embedded", "random", "alone")


class ProfileProblem(ValueError):
    """A profile that is not there, is there already, or is none."""


class Capabilities(Value):
    """What a probe saw a server do, rather than what it says it does."""

    means: dict[str, bool] = Field(default_factory=dict)
    """Each way to ask for a schema, and whether the answer kept to it."""
    required_tool: bool = False
    """A required tool was called with arguments of its schema."""
    named_tool: bool = False
    """Of two tools the one that was named was called."""
    seeded: bool = False
    """The same seed gave the same answer twice."""
    stream_usage: bool = False
    """A stream says what it used."""
    notes: tuple[str, ...] = ()


class Profile(Value):
    """One model at one address."""

    name: str
    url: str
    """Base address, as in `http://127.0.0.1:8000/v1`."""
    model: str
    """The name that the server knows it by."""
    dialect: DialectName = "openai"
    means: Means = "json_schema"
    key_env: str = ""
    """The environment variable that holds the key, where the server wants one."""
    temperature: float = Field(default=0.7, ge=0, le=2)
    top_p: float = Field(default=0.95, gt=0, le=1)
    max_tokens: int = Field(default=2048, ge=16)
    """The longest answer, reasoning included."""
    template: dict[str, Any] = Field(default_factory=dict)
    """`chat_template_kwargs`, such as `{"enable_thinking": false}`."""
    context: int = Field(default=4096, ge=256)
    """Tokens of prompt and answer together."""
    vision: bool = False
    licence: str = ""
    uses: tuple[Use, ...] = ()
    """What the licence allows; empty where nobody has said."""
    clearance: Clearance = "institute"
    """The most confidential question that may be put to it."""
    prompt_price: float = Field(default=0.0, ge=0)
    """Money for a million tokens read."""
    completion_price: float = Field(default=0.0, ge=0)
    """Money for a million tokens written."""
    timeout_seconds: float = Field(default=300.0, gt=0)
    """For one answer, from the request to its last token."""
    retries: int = Field(default=3, ge=0, le=10)
    concurrency: int = Field(default=2, ge=1, le=64)
    stream: bool = True
    capabilities: Capabilities | None = None

    @field_validator("name")
    @classmethod
    def _named(cls, name: str) -> str:
        if not _NAME.fullmatch(name) or name in _TAKEN:
            raise ValueError(
                f"'{name[:80]}' is no name for a model: lower-case letters, digits, '.', '_' and "
                f"'-', a letter first, and none of {', '.join(_TAKEN)}"
            )
        return name

    @field_validator("url")
    @classmethod
    def _addressed(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"'{url}' is no address such as http://127.0.0.1:8000/v1")
        if parts.username or parts.password:
            raise ValueError("the address holds a password; name it by --key-env instead")
        return url.rstrip("/")

    @property
    def host(self) -> str:
        """The host, without its port."""
        return urlsplit(self.url).hostname or ""

    @property
    def local(self) -> bool:
        """Whether it is served on this machine."""
        import ipaddress

        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    @property
    def secret(self) -> str:
        """The key, read from the environment when it is used; empty where there is none.

        Without white space around it: a file that a key is read from often ends in a line break.
        """
        return os.environ.get(self.key_env, "").strip() if self.key_env else ""

    @property
    def prices(self) -> dict[str, Any]:
        """What a request says of them, so that what is lost can be counted; nothing without any."""
        if not (self.prompt_price or self.completion_price):
            return {}
        return {"prices": {"prompt": self.prompt_price, "completion": self.completion_price}}

    @property
    def card(self) -> dict[str, Any]:
        """What `run.json` says of the model: enough to replay, nothing to log in with."""
        return self.model_dump(mode="json", exclude={"key_env"})

    @classmethod
    def of_card(cls, card: Any) -> Self:
        """Return the profile that a run was made with.

        A run that is resumed asks again: where the user still has this model, its key is named.

        Raises:
            ProfileProblem: this version does not understand it.
        """
        try:
            found = cls.model_validate(card)
        except ValidationError as error:
            raise ProfileProblem(f"the run names a model as no version does: {error}") from None
        try:
            kept = load_profile(found.name)
        except ProfileProblem:
            return found
        return found.model_copy(update={"key_env": kept.key_env if kept.url == found.url else ""})


def folder() -> Path:
    """Return where profiles are kept."""
    return keys.folder().parent / "models"


def profiles() -> dict[str, Profile]:
    """Return every profile by name.

    Raises:
        ProfileProblem: a file in the folder is none.
    """
    return {name: load_profile(name) for name in kept()}


def kept() -> list[str]:
    """Return the names of the profiles that are kept, those that are broken included."""
    return sorted({path.stem for place in _folders() for path in place.glob("*.json")})


def _folders() -> tuple[Path, ...]:
    """Return the user's own folder of profiles and, after it, the site's."""
    here = site()
    places = (folder(), here.models if here else None)
    return tuple(place for place in places if place is not None and place.is_dir())


def load_profile(name: str) -> Profile:
    """Return a profile.

    Raises:
        ProfileProblem: there is none of this name, or its file is broken.
    """
    if not _NAME.fullmatch(name):
        raise ProfileProblem(f"'{name[:80]}' is no name of a model; see: gaseol model list")
    own = folder() / f"{name}.json"
    places = (place / own.name for place in _folders())
    path = next((place for place in places if place.is_file()), own)
    try:
        return Profile.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        raise ProfileProblem(
            f"there is no model '{name}'; add one with: gaseol model add URL --name {name}"
        ) from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the file"
        raise ProfileProblem(f"{path}: {where}: {first['msg']}") from None


def save_profile(profile: Profile, *, again: bool = False) -> Path:
    """Keep a profile and return its file.

    Args:
        profile: what is kept.
        again: whether it takes the place of one of the same name.

    Raises:
        ProfileProblem: there is one of this name, and it is not to be replaced.
    """
    place = folder()
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = place / f"{profile.name}.json"
    if path.exists() and not again:
        raise ProfileProblem(
            f"there is a model '{profile.name}' already; gaseol model remove {profile.name}, or "
            "choose another --name"
        )
    fresh = place / f".{profile.name}.{os.getpid()}"
    fresh.write_text(profile.model_dump_json(indent=2) + "\n", encoding="utf-8")
    fresh.replace(path)
    return path


def remove_profile(name: str) -> None:
    """Forget a profile.

    Raises:
        ProfileProblem: there is none of this name.
    """
    path = folder() / f"{name}.json"
    if not _NAME.fullmatch(name) or not path.is_file():
        raise ProfileProblem(f"there is no model '{name}'; see: gaseol model list")
    path.unlink()
