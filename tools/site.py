"""The site file: what an institute hands to its scientists, and the most that its runs may do.

`/etc/gaseol/site.yaml`, where the machine's operator wrote one; else the file that `GASEOL_SITE` names;
else `site.yaml` in the user's configuration folder. Its policy is a ceiling: a scenario may stay
below it and never go above.
"""

import hashlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, Protocol, Self

import yaml
from pydantic import BaseModel, ConfigDict, PrivateAttr, ValidationError, model_validator

from gaseol.tools.egress.reach import Host, Reach
from gaseol.traces.nouns.label import Confidentiality, Label
from gaseol.traces.signatures.keys import folder

OPERATORS = Path("/etc/gaseol/site.yaml")
"""Only the machine's operator can write it, so nothing that a user names goes before it."""

_LARGEST = 1_000_000


class SiteError(ValueError):
    """The site file cannot be used, and why."""


class Asked(Protocol):
    """The policy of a scenario, as far as a ceiling bears on it."""

    @property
    def hosts(self) -> tuple[str, ...]: ...  # noqa: D102
    @property
    def private(self) -> tuple[str, ...]: ...  # noqa: D102
    @property
    def cache(self) -> str: ...  # noqa: D102
    @property
    def payloads(self) -> str: ...  # noqa: D102
    @property
    def use(self) -> str: ...  # noqa: D102
    @property
    def confidentiality(self) -> Confidentiality: ...  # noqa: D102
    @property
    def low_integrity(self) -> tuple[str, ...]: ...  # noqa: D102


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Ceiling(_Part):
    """The most that a scenario's policy may ask for; by default next to nothing."""

    network: Literal["deny"] | tuple[str, ...] = "deny"
    """Hosts that runs may name, written as in a scenario's policy."""
    private: tuple[str, ...] = ()
    """Those of them that are inside the institute."""
    cache: Literal["run", "shared"] = "shared"
    payloads: Literal["inline", "apart"] = "inline"
    """With `apart`, no run may keep payloads in its events."""
    uses: tuple[Literal["research", "teaching", "commercial"], ...] = ("research", "teaching")
    confidentiality: Confidentiality = "institute"
    """Every question here is at least so confidential."""
    low_integrity: tuple[str, ...] = ()
    """Sources, and tools with consequences, that a policy may let have what a model wrote."""
    weak_isolation: bool = False
    """Whether anybody may say `--allow-weak-isolation`."""

    @property
    def hosts(self) -> tuple[str, ...]:
        """The hosts that runs may name."""
        return () if self.network == "deny" else self.network

    @model_validator(mode="after")
    def _hosts_are_hosts(self) -> Self:
        Reach(self.hosts, self.private)
        return self

    def excess(self, asked: Asked) -> Iterator[tuple[str, str]]:
        """Yield each field of a policy that goes above this one, and why."""
        allowed = {Host.parse(host) for host in self.hosts}
        for host in asked.hosts:
            if Host.parse(host) not in allowed:
                there = ", ".join(self.hosts) or "none"
                yield "network", f"no run may ask {host} here; hosts that may be named: {there}"
        for host in sorted(set(asked.private) - set(self.private)):
            yield "private", f"{host} is not known here as a host inside the institute"
        if asked.cache == "shared" and self.cache == "run":
            yield "cache", "answers are not shared between runs here"
        if asked.payloads == "inline" and self.payloads == "apart":
            yield "payloads", "payloads are kept apart here: write 'payloads: apart'"
        if asked.use not in self.uses:
            yield "use", f"runs here are for {' or '.join(self.uses)}, not {asked.use}"
        for name in sorted(set(asked.low_integrity) - set(self.low_integrity)):
            yield "low_integrity", f"{name} may not be given here what a model or a stranger wrote"
        if not Label(confidentiality=self.confidentiality).within(asked.confidentiality):
            yield (
                "confidentiality",
                f"a question here is at least of confidentiality '{self.confidentiality}', and this "
                f"one says '{asked.confidentiality}'",
            )


class ScreenList(_Part):
    """A list of what nobody is to work on here, and what recognises it."""

    by: str
    """The screen: a tool of a pack, as `screen_molecules` or `screen_sequences`."""
    file: Path
    """The list, as that tool reads it."""
    reason: str = ""
    """What whoever is refused is told: why, and whom to ask."""

    @property
    def card(self) -> Mapping[str, str]:
        """What `run.json` says of it; nothing of what the list names.

        Raises:
            SiteError: the list cannot be read.
        """
        try:
            digest = hashlib.sha256(self.file.read_bytes()).hexdigest()
        except OSError as error:
            raise SiteError(f"the screen's list {self.file}: {error.strerror}") from None
        return {"by": self.by, "sha256": digest}


class Site(_Part):
    """What an institute has, and what may be done with it."""

    name: str
    policy: Ceiling = Ceiling()
    scientists: dict[str, str] = {}
    """By field of the question, as `chemistry`; `any` for all others: who thinks when `site` is asked
    for. Written as after `--scientist`: a model's name, or roles and models."""
    models: Path | None = None
    """A folder of profiles beside the user's own."""
    credentials: Path | None = None
    """The file of keys, where it is not the user's own."""
    corpora: Path | None = None
    """A folder of corpora that everybody may search, after their own."""
    screens: dict[str, ScreenList] = {}
    """By name, the operator's lists that what is asked and answered is held against."""

    _path: Path = PrivateAttr(default=Path())
    _digest: str = PrivateAttr(default="")

    @property
    def path(self) -> Path:
        """Where it was read from."""
        return self._path

    @property
    def card(self) -> Mapping[str, Any]:
        """What `run.json` says of it."""
        return {
            "name": self.name,
            "sha256": self._digest,
            "policy": self.policy.model_dump(mode="json"),
            **({"screens": {n: s.card for n, s in self.screens.items()}} if self.screens else {}),
        }

    def scientist(self, field: str) -> str:
        """Return who thinks about questions of a field; the embedded scientist where nobody is named."""
        return self.scientists.get(field) or self.scientists.get("any") or "embedded"

    @classmethod
    def read(cls, path: Path) -> "Site":
        """Read a site file; paths in it count from its folder.

        Raises:
            SiteError: it is not there, or is none; each flaw with its place.
        """
        try:
            content = path.read_bytes()
            if len(content) > _LARGEST:
                raise SiteError(f"{path} has more than {_LARGEST:,} bytes")
            said = yaml.safe_load(content)
        except OSError as error:
            raise SiteError(f"{path}: {error.strerror}") from None
        except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
            raise SiteError(f"{path} is not YAML: {error}") from None
        try:
            site = cls.model_validate(said)
        except ValidationError as error:
            flaws = "; ".join(
                f"{'.'.join(map(str, e['loc'])) or 'the file'}: {e['msg'].removeprefix('Value error, ')}"
                for e in error.errors()
            )
            raise SiteError(f"{path}: {flaws}") from None
        base = path.resolve().parent
        placed = site.model_copy(
            update={
                "models": base / site.models if site.models else None,
                "credentials": base / site.credentials if site.credentials else None,
                "corpora": base / site.corpora if site.corpora else None,
                "screens": {
                    name: one.model_copy(update={"file": base / one.file})
                    for name, one in site.screens.items()
                },
            }
        )
        placed._path, placed._digest = path, hashlib.sha256(content).hexdigest()
        return placed

    def missing(self) -> tuple[str, ...]:
        """Return the files and folders that it names and that are not there."""
        named = (
            self.models,
            self.credentials,
            self.corpora,
            *(s.file for s in self.screens.values()),
        )
        return tuple(str(place) for place in named if place is not None and not place.exists())


def place() -> Path | None:
    """Return where the site file is; None where there is none."""
    if OPERATORS.exists():
        return OPERATORS
    given = os.environ.get("GASEOL_SITE")
    if given:
        return Path(given)
    own = folder().parent / "site.yaml"
    return own if own.exists() else None


def site() -> Site | None:
    """Return the site that this machine belongs to; None where no file says so.

    Raises:
        SiteError: there is a file, and it cannot be used.
    """
    path = place()
    return Site.read(path) if path else None


def allow_weak_isolation() -> None:
    """Hold against the site that tools may run where nothing keeps them from the network.

    Raises:
        SiteError: the site lets nobody do so, or its file cannot be used.
    """
    here = site()
    if here and not here.policy.weak_isolation:
        raise SiteError(f"{here.name} lets nobody run such tools under weak isolation")
