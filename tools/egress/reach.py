"""The reach of a run: which hosts its policy names, and which addresses these may turn out to be.

```
ValueError
├── BadHost     an entry of the policy names no host
└── Forbidden   what is asked for is out of reach
```
"""

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_NAME = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)(\.(?!-)[a-z0-9_-]{1,63}(?<!-))*")
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_PORTS = {"https": 443, "http": 80}


class BadHost(ValueError):
    """An entry that names no host."""


class Forbidden(ValueError):
    """The policy does not let a request go where it wants to."""


@dataclass(frozen=True, slots=True, order=True)
class Host:
    """Scheme, name and port of a server: `api.openalex.org` is https and port 443."""

    scheme: str
    name: str
    port: int

    @classmethod
    def parse(cls, text: str) -> "Host":
        """Read `host`, `host:port`, `http://host` or `https://host:port`.

        Plain http is meant only where it is written.

        Raises:
            BadHost: it is none of these; there are no paths, no users and no wildcards.
        """
        full = text if "://" in text else f"https://{text}"
        try:
            parts = urlsplit(full)
            port = parts.port
        except ValueError as error:
            raise BadHost(f"'{text}' names no host: {error}") from None
        name = (parts.hostname or "").rstrip(".")
        rest = parts.path.strip("/") or parts.query or parts.fragment
        if parts.scheme not in _PORTS or rest or "@" in parts.netloc or not _is_name(name):
            raise BadHost(
                f"'{text}' names no host; write api.example.org, host:port or http://host:port"
            )
        return cls(parts.scheme, name, _PORTS[parts.scheme] if port is None else port)

    def __str__(self) -> str:
        name = f"[{self.name}]" if ":" in self.name else self.name
        port = "" if self.port == _PORTS[self.scheme] else f":{self.port}"
        return f"{name}{port}" if self.scheme == "https" else f"{self.scheme}://{name}{port}"


class Reach:
    """The hosts that may be asked; without any, nothing may."""

    def __init__(self, hosts: Iterable[str] = (), private: Iterable[str] = ()) -> None:
        """Read the entries of a policy.

        Args:
            hosts: as `Host.parse` reads them.
            private: names among them that may resolve to addresses inside an institute. An entry
                that is itself an address, or `localhost`, speaks for itself.

        Raises:
            BadHost: an entry names no host, or a private one is not among the hosts.
        """
        self.hosts = frozenset(map(Host.parse, hosts))
        self.private = frozenset(Host.parse(one).name for one in private)
        stray = self.private - {host.name for host in self.hosts}
        if stray:
            raise BadHost(f"'{min(stray)}' is private, but not among the hosts of the network")

    def admit(self, scheme: str, name: str, port: int | None) -> Host:
        """Return the host of a request, if the policy names it.

        Raises:
            Forbidden: it does not.
        """
        if scheme not in _PORTS:
            raise Forbidden(f"{scheme}:// is no way out; only https, and http where it is named")
        bare = name.strip("[]").lower().rstrip(".")
        host = Host(scheme, bare, _PORTS[scheme] if port is None else port)
        if host not in self.hosts:
            allowed = ", ".join(map(str, sorted(self.hosts))) or "none"
            raise Forbidden(f"the policy does not name {host} (network: {allowed})")
        return host

    def check(self, host: Host, found: Iterable[str]) -> tuple[Address, ...]:
        """Return the addresses that a name resolved to, all of them fit to connect to.

        One address out of bounds spoils all of them: a server whose name points both out and in
        is not the one that was meant.

        Raises:
            Forbidden: an address is not global, and the policy says nothing of that.
        """
        addresses = [ipaddress.ip_address(text.partition("%")[0]) for text in found]
        if not addresses:
            raise Forbidden(f"{host.name} has no address")
        for address in addresses:
            inner = _inner(address)
            if _is_public(inner):
                continue
            if self._may_be_private(host) and (inner.is_private or inner.is_loopback):
                # IPv6 counts its loopback among what is reserved
                kept = inner.is_reserved and not inner.is_loopback
                if not (inner.is_link_local or inner.is_unspecified or kept):
                    continue
                if host.name == str(address) and not inner.is_unspecified:
                    continue
            raise Forbidden(
                f"{host.name} is {address}, which is not a public address; if that is meant, name "
                "it under policy.private as well"
            )
        return tuple(addresses)

    def _may_be_private(self, host: Host) -> bool:
        return host.name in self.private or host.name == "localhost" or _is_address(host.name)


def _is_name(name: str) -> bool:
    if _is_address(name):
        return True
    # the last label of a name is no number: 2130706433 and 127.1 are addresses in disguise
    return bool(_NAME.fullmatch(name)) and not re.fullmatch(
        r"(0x[0-9a-f]*|\d+)", name.rpartition(".")[2]
    )


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _is_public(address: Address) -> bool:
    # `is_global` alone takes IPv6's former site-local addresses, and ::127.0.0.1
    inside = isinstance(address, ipaddress.IPv6Address) and address.is_site_local
    return address.is_global and not (address.is_multicast or address.is_reserved or inside)


def _inner(address: Address) -> Address:
    """Return the IPv4 address that an IPv6 address carries, where it is one of those."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped or address.sixtofour:
            return address.ipv4_mapped or address.sixtofour or address
        if address.teredo:
            return address.teredo[1]
        if address in _NAT64:
            return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address
