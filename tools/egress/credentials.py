"""Keys to services: read from the environment or a file, filled in at the last moment, never told.

A request on record names a key as `{key:NAME}`; its value is put there by the gateway, and taken
out again of whatever comes back. The file is `GASEOL_CONFIG/credentials`, else `gaseol/credentials`
in the user's configuration: lines `NAME=value`, readable by its owner only.

```
ValueError
└── BadCredentials   the file cannot be used
LookupError
└── NoCredential     a key that is needed is not there, or not meant for this host
```
"""

import html
import json
import os
import re
import stat
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus, unquote

from gaseol.tools.site import site
from gaseol.traces.signatures.keys import folder

SHORTEST = 6
"""A value of fewer characters is no secret: taking it out of texts would tear them apart."""

_PLACE = re.compile(r"\{key:([A-Z][A-Z0-9_]{1,63})\}")
_LINE = re.compile(r"\s*(?:export\s+)?([A-Z][A-Z0-9_]{1,63})\s*=\s*(.*?)\s*")
_SECRET_NAME = re.compile(
    r"(^|_)(API_?KEYS?|KEY|TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|CREDENTIALS?)($|_)"
)
_CERTAIN_NAME = re.compile(
    r"(^|_)((API|ACCESS|AUTH|CLIENT|ENCRYPTION|LICEN[CS]E|MASTER|PRIVATE|SECRET|SERVICE|SIGNING)_?KEYS?|"
    r"TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|CREDENTIALS?)$"
)
"""A name that ends so has a secret for its value, whatever it looks like."""
_PLAIN = re.compile(r"(?i)true|false|yes|no|on|off|none|null|default|enabled?|disabled?|[-+\d.,]+")
_RANDOM = 12
"""Characters from which on a value is taken for a secret behind any name that speaks of a key."""
_PATTERNS = (
    re.compile(
        r"(?i)(\bauthorization[\"']?\s*[:=]\s*[\"']?(?:bearer|basic|token)\s+)[^\s\"',;]{6,}"
    ),
    re.compile(
        r"(?i)([?&;\"']?\b(?:api[_-]?key|servicekey|apprvkey|access[_-]?token|client[_-]?secret|"
        r"x-api-key|password)[\"']?\s*[=:]\s*[\"']?)(?!\{key:)(?!\[)[^\s&\"',;<>]{6,}"
    ),
    re.compile(r"(\bsk-)[A-Za-z0-9_-]{16,}"),
    re.compile(r"(-----BEGIN [A-Z ]*PRIVATE KEY-----)[\s\S]*?(?=-----END|\Z)"),
)


class BadCredentials(ValueError):
    """A file of keys that cannot be used."""


class NoCredential(LookupError):
    """A key that is not there, or may not go to this host."""


def place() -> Path:
    """Return where the file of keys is: where the site says, else in the user's configuration."""
    return _shared() or folder().parent / "credentials"


def _shared() -> Path | None:
    here = site()
    return here.credentials if here else None


class Credentials:
    """Values by name; prints nothing of them."""

    def __init__(
        self,
        values: Mapping[str, str] | None = None,
        *,
        hidden: Iterable[str] = (),
        told: Iterable[str] = (),
    ) -> None:
        """Hold values.

        Args:
            values: by name.
            hidden: further texts that are taken out of whatever goes on record.
            told: names of values that are no secrets.
        """
        self._values = {name: _plain(value) for name, value in (values or {}).items()}
        self._told = frozenset(told)
        self._hidden = {v: "secret" for v in hidden if len(v) >= SHORTEST}

    @classmethod
    def load(
        cls, environment: Mapping[str, str] | None = None, file: Path | None = None
    ) -> "Credentials":
        """Read the file of keys, if there is one, and the environment, which goes first.

        Every variable of the environment whose name speaks of a secret is kept out of records, but for
        what is none by its looks: the path of a file, a number, a word such as `true`, and behind a
        name that says no more than `KEY` (as `SORT_KEY=energy`) a word without digits.

        Raises:
            BadCredentials: the file is open to others, cannot be read, or a line of it is not
                `NAME=value`.
        """
        environment = os.environ if environment is None else environment
        named = {k: v.strip() for k, v in environment.items() if _SECRET_NAME.search(k.upper())}
        own = _read(place() if file is None else file)
        told = {k: v for k, v in named.items() if v}
        open_ = frozenset(k for k, v in told.items() if k not in own and not _secret(k, v))
        return cls({**own, **told}, told=open_)

    def __repr__(self) -> str:
        return f"<credentials {', '.join(sorted(self._values)) or 'none'}>"

    def __contains__(self, name: object) -> bool:
        return name in self._values

    def value(self, name: str) -> str:
        """Return a value.

        Raises:
            NoCredential: there is none of this name.
        """
        try:
            return self._values[name]
        except KeyError:
            raise NoCredential(
                f"the key {name} is not there: set it in the environment, or add {name}=... to "
                f"{place()}"
            ) from None

    def given(self, **values: str) -> "Credentials":
        """Return credentials with further values, as a service hands them out; old ones stay hidden."""
        old = [self._values[name] for name in values if name in self._values]
        told = self._told - values.keys()
        return Credentials({**self._values, **values}, hidden=(*self._hidden, *old), told=told)

    def fill(self, text: str, allowed: Iterable[str]) -> str:
        """Put values where `{key:NAME}` stands.

        Args:
            text: with places.
            allowed: the names that this request may carry.

        Raises:
            NoCredential: a key is not there, or is not meant for where this request goes.
        """
        allowed = frozenset(allowed)

        def filled(found: re.Match[str]) -> str:
            if found[1] not in allowed:
                raise NoCredential(f"the key {found[1]} is not meant for this host")
            return self.value(found[1])

        return _PLACE.sub(filled, text)

    def scrub(self, text: str) -> str:
        """Take every value out of a text, as it is and as URLs write it, and what looks like one."""
        for value, instead in self._texts:
            if value in text:
                text = text.replace(value, instead)
        for pattern in _PATTERNS:
            text = pattern.sub(r"\1[secret]", text)
        return text

    def scrub_all(self, value: Any) -> Any:
        """Take secrets out of every text of a JSON value, names of members included."""
        if isinstance(value, str):
            return self.scrub(value)
        if isinstance(value, Mapping):
            return {self.scrub(str(k)): self.scrub_all(v) for k, v in value.items()}
        if isinstance(value, list | tuple):
            return [self.scrub_all(each) for each in value]
        return value

    @property
    def _texts(self) -> list[tuple[str, str]]:
        found: dict[str, str] = {}
        known = {
            **self._hidden,
            **{v: k for k, v in self._values.items() if len(v) >= SHORTEST and k not in self._told},
        }
        for value, name in known.items():
            for way in _WAYS:
                found.setdefault(way(value), f"[{name}]")
        # a value that holds another one is taken out first
        return sorted(found.items(), key=lambda pair: -len(pair[0]))


_WAYS: tuple[Callable[[str], str], ...] = (
    str,
    lambda value: quote(value, safe=""),
    lambda value: quote(value),
    quote_plus,
    lambda value: re.sub("%..", lambda found: found[0].lower(), quote(value, safe="")),
    lambda value: json.dumps(value)[1:-1],
    html.escape,
    lambda value: value.replace("/", "\\/"),
)


def _secret(name: str, value: str) -> bool:
    """Tell whether a variable holds a secret: by its name, and by what its value cannot be."""
    if _PLAIN.fullmatch(value) and not (value.isdigit() and len(value) >= _RANDOM):
        return False
    if value.startswith(("/", "./", "../", "~/")) and not set(value) & set(" +="):
        return not _is_file(value)
    if _CERTAIN_NAME.search(name.upper()):
        return True
    return len(value) >= _RANDOM or any(c.isdigit() for c in value)


def _is_file(value: str) -> bool:
    try:
        return Path(value).expanduser().exists()
    except (OSError, RuntimeError, ValueError):
        return False


def _plain(value: str) -> str:
    """Return a key that was handed out percent-encoded as it was before: it is encoded when sent."""
    coded = re.fullmatch(r"[A-Za-z0-9%._~-]+", value) and re.search(r"(?i)%(2b|2f|3d)", value)
    return unquote(value) if coded else value


def places(text: str) -> frozenset[str]:
    """Return the names of the keys that a text has places for."""
    return frozenset(_PLACE.findall(text))


def _read(file: Path) -> dict[str, str]:
    try:
        mode = file.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return {}
    # the site's file is the operator's, and its readers are a group
    closed = 0o640 if file == _shared() else 0o600
    if os.name == "posix" and stat.S_IMODE(mode) & 0o077 & ~closed:
        raise BadCredentials(f"{file} is open to others; close it: chmod {closed:o} {file}")
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BadCredentials(f"{file} cannot be read: {error}") from None
    values: dict[str, str] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        found = _LINE.fullmatch(line)
        if found is None:
            raise BadCredentials(f"{file}:{number}: a line is NAME=value, the name in capitals")
        values[found[1]] = found[2].strip("\"'")
    return values
