"""Servers as they are named: in a scenario, or in the configuration of whoever runs it."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from gaseol.tools.egress.credentials import Credentials
from gaseol.tools.registry import RegistryError

SEPARATOR = "__"
"""Stands between a server's name and a tool's: `calculator__add`."""

ServerName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]{0,15}$")]
ToolName = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,64}$")]
Pin = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]

FILE = "servers.yaml"
_LIMIT_BYTES = 1_000_000
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class ServerError(RegistryError):
    """A server that cannot be used as it is named, and what to do about it."""


class Server(BaseModel):
    """A server that a scenario names: a command without network, or an address it may ask."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    command: tuple[str, ...] = ()
    """Program and arguments; `{folder}` stands for the folder that this file is in."""
    url: str = ""
    """Of a server that is reached by HTTP; the policy must name its host."""
    environment: dict[str, str] = Field(default_factory=dict)
    """All that the command sees of the environment, besides PATH, HOME and LANG."""
    tools: dict[ToolName, Pin | None] = Field(default_factory=dict)
    """The tools that are wanted, each with the digest of its definition: `gaseol check` says it."""
    seconds: float = Field(default=60.0, gt=0, le=3600)
    """Wall seconds after which a call is given up and the server killed."""
    start_seconds: float = Field(default=30.0, gt=0, le=600)
    """Wall seconds that it may take to begin and to list its tools."""
    memory_mb: int = Field(default=2048, ge=64)
    """Data that a process of the command may hold, in MiB."""

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if bool(self.command) == bool(self.url):
            raise ValueError("give a command or a url")
        if self.url:
            parts = urlsplit(self.url)
            if parts.scheme not in ("http", "https") or not parts.hostname:
                raise ValueError("url must be http://HOST/... or https://HOST/...")
            if parts.username or parts.password:
                raise ValueError("a url holds no password; name a variable as `authorization`")
            if self.environment:
                raise ValueError("environment is for a command")
        for name in self.environment:
            if not _VARIABLE.fullmatch(name):
                raise ValueError(f"{name!r} is no name of an environment variable")
        return self

    @property
    def host(self) -> str:
        """Host of the address, with its port where one is given; empty for a command."""
        if not self.url:
            return ""
        parts = urlsplit(self.url)
        return f"{parts.hostname}:{parts.port}" if parts.port else str(parts.hostname)


class ConfiguredServer(Server):
    """A server that the user trusts with more than a scenario's file can give it."""

    network: bool = False
    """The command may use the network, and nothing of gaseol's watches where it goes."""
    pass_on: tuple[str, ...] = ()
    """Variables of the user's environment that the command sees too; no record holds them."""
    authorization: str = ""
    """The variable that holds the token to send as `Authorization: Bearer TOKEN`."""


class Configuration(BaseModel):
    """What `servers.yaml` says."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    servers: dict[ServerName, ConfiguredServer] = Field(default_factory=dict)


def configuration_file() -> Path:
    """Return where the user names servers: `GASEOL_CONFIG/servers.yaml`, or its usual place."""
    from gaseol.traces.signatures.keys import folder

    return folder().parent / FILE


def configured() -> Mapping[str, ConfiguredServer]:
    """Return the servers of the user's configuration; none where there is no such file.

    Raises:
        ServerError: the file cannot be read, or says something that no server has.
    """
    file = configuration_file()
    if not file.is_file():
        return {}
    import yaml

    try:
        if file.stat().st_size > _LIMIT_BYTES:
            raise ServerError(f"{file} has more than {_LIMIT_BYTES} bytes")
        content: Any = yaml.safe_load(file.read_text(encoding="utf-8"))
        return Configuration.model_validate(content or {}).servers
    except ValidationError as error:
        said = "; ".join(
            f"{'.'.join(map(str, found['loc']))}: {found['msg'].removeprefix('Value error, ')}"
            for found in error.errors(include_url=False)
        )
        raise ServerError(f"{file}: {said}") from None
    except (yaml.YAMLError, UnicodeDecodeError, OSError) as error:
        raise ServerError(f"{file} cannot be read: {error}") from None


def passed_on(server: Server) -> dict[str, str]:
    """Return the variables that a command is given beyond its own environment.

    Raises:
        ServerError: one is not set here.
    """
    names = server.pass_on if isinstance(server, ConfiguredServer) else ()
    lacking = [name for name in names if name not in os.environ]
    if lacking:
        raise ServerError(f"{', '.join(lacking)} is not set, and a server is to be given it")
    return {name: os.environ[name] for name in names}


def token(server: Server) -> str:
    """Return the token that a server asks for; empty where it asks for none.

    Raises:
        ServerError: the variable that holds it is not set here.
    """
    name = server.authorization if isinstance(server, ConfiguredServer) else ""
    if name and not os.environ.get(name):
        raise ServerError(f"{name} is not set; it holds the token for {server.host}")
    return os.environ[name] if name else ""


def secrets(server: Server) -> Credentials:
    """Return what a server was given and may say again: none of it goes on record."""
    if not isinstance(server, ConfiguredServer):
        return Credentials()
    names = (*server.pass_on, server.authorization)
    return Credentials({name: os.environ[name] for name in names if name in os.environ})
