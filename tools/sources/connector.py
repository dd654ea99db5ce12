"""The contract of a connector: how one service that others run is asked, and its answer read.

A connector is a value at the top level of a plug-in module, beside the tool that reads what its
service answers. It opens nothing: what it wants is an `Ask`, which the gateway carries out, and
the page that comes back is read by its tool, in a worker without network.
"""

import functools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from gaseol.tools.contract import Tool
from gaseol.tools.egress.exchange import Ask, Login, Terms
from gaseol.tools.egress.pace import ONCE_A_SECOND, Rate
from gaseol.tools.registry import plugin_objects


class UnknownConnector(LookupError):
    """No connector has the name asked for."""


@dataclass(frozen=True)
class Query:
    """What is looked for."""

    text: str
    count: int = 25
    """At most so many records."""
    cursor: str = ""
    """Where the last page ended, as its reader said; empty for the first one."""


@dataclass(frozen=True)
class Details:
    """A second request, for the records that the first answer names."""

    ask: Callable[[Sequence[str]], Ask]
    """Makes the request, of the records' ids."""
    reader: Tool[..., Any]


@dataclass(frozen=True)
class Connector:
    """A service, and how it is asked."""

    name: str
    summary: str
    hosts: tuple[str, ...]
    """The first of them is asked."""
    ask: Callable[[Query], Ask]
    reader: Tool[..., Any]
    """Takes status and text of a page and returns `Records`; or refuses, with a kind."""
    licence: str
    """Of the records that it gives."""
    source: str
    """Where the service is documented."""
    rate: Rate = ONCE_A_SECOND
    largest: int = 100
    """Records on a page."""
    keys: tuple[str, ...] = ()
    """Names of the keys that it is given."""
    optional: tuple[str, ...] = ()
    """Those of them that it can do without."""
    login: Login | None = None
    details: "Details | None" = None
    """Where its answer names records only, and a second request brings them."""

    @property
    def terms(self) -> Terms:
        """On what terms the service is asked."""
        return Terms(self.name, self.hosts, self.rate, self.keys, self.optional, self.login)

    @property
    def needs(self) -> tuple[str, ...]:
        """The names of the keys that a person must provide."""
        own = tuple(key for key in self.keys if key not in self.optional)
        return tuple(dict.fromkeys((*own, *(self.login.needs if self.login else ()))))

    @property
    def readers(self) -> tuple[Tool[..., Any], ...]:
        """The tools that read its answers."""
        return (self.reader, *([self.details.reader] if self.details else []))


@functools.cache
def connectors() -> dict[str, Connector]:
    """Return the connectors of all installed plug-ins by name, sorted."""
    found = {thing.name: thing for _, _, thing in plugin_objects() if isinstance(thing, Connector)}
    return dict(sorted(found.items()))


def connector(name: str) -> Connector:
    """Return a connector by name.

    Raises:
        UnknownConnector: there is none.
    """
    try:
        return connectors()[name]
    except KeyError:
        known = ", ".join(connectors()) or "none"
        raise UnknownConnector(f"there is no source '{name}'; there are {known}") from None


def terms(chosen: Iterable[Connector] | None = None) -> list[Terms]:
    """Return the terms of connectors, of all by default."""
    return [one.terms for one in (connectors().values() if chosen is None else chosen)]
