"""Connections of the main process: to admitted hosts only, at the address that was checked.

```
httpx.TransportError
├── Overdue    the exchange took longer than it may
└── TooLarge   more bytes came than may
```
"""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

import httpcore
import httpx

from gaseol.tools.egress.reach import Host, Reach

Resolver = Callable[[str, int], Sequence[str]]
"""Returns the addresses of a host, as texts."""


class Overdue(httpx.TransportError):
    """The exchange took longer than it may."""


class TooLarge(httpx.TransportError):
    """More bytes came than may."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one exchange may take."""

    seconds: float = 60.0
    """From looking up the name to the last byte."""
    silence: float = 30.0
    """Longest wait for the next byte."""
    bytes: int = 8 << 20
    """Of the body, packed and unpacked."""
    redirects: int = 5


def resolve(name: str, port: int) -> Sequence[str]:
    """Return the addresses of a host.

    Raises:
        OSError: it has none.
    """
    found = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class GuardedTransport(httpx.BaseTransport):
    """Carries requests to hosts within reach, each on a connection of its own.

    A name is resolved once, its addresses are checked, and the connection goes to the address
    that was checked: a name that changes its mind in between (DNS rebinding) changes nothing.
    Certificates are checked against the name. Proxies of the environment are not used.
    """

    def __init__(
        self,
        reach: Reach,
        limits: Limits | None = None,
        *,
        resolver: Resolver = resolve,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Open nothing yet.

        Args:
            reach: who may be asked.
            limits: of one exchange.
            resolver: looks names up.
            clock: in seconds.
        """
        self._reach = reach
        self._limits = limits or Limits()
        self._resolver = resolver
        self._clock = clock
        self._lock = threading.Lock()
        self._context: ssl.SSLContext | None = None

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request and return its answer, whose body is read as it comes.

        Raises:
            Forbidden: the host is not within reach, or its address is none that it may have.
            httpx.TransportError: no answer came; `Overdue` and `TooLarge` among others.
        """
        host = self._reach.admit(request.url.scheme, request.url.host, request.url.port)
        deadline = self._clock() + self._limits.seconds
        backend = _Backend(self._reach, host, deadline, self._limits, self._resolver, self._clock)
        pool = httpcore.ConnectionPool(
            ssl_context=self._trust() if host.scheme == "https" else None,
            network_backend=backend,
            max_connections=1,
            max_keepalive_connections=0,
        )
        try:
            answer = pool.handle_request(_core(request, self._limits))
        except BaseException as error:  # noqa: BLE001 (raised again, under its name in httpx)
            pool.close()
            _raise(error, request)
        headers = list(answer.headers)
        body = _Body(answer, pool, request)
        extensions = {**answer.extensions, "address": backend.address}
        return httpx.Response(answer.status, headers=headers, stream=body, extensions=extensions)

    def _trust(self) -> ssl.SSLContext:
        with self._lock:
            if self._context is None:
                self._context = httpx.create_ssl_context()
            return self._context


class _Backend(httpcore.NetworkBackend):
    """Connects to the one host of one exchange."""

    def __init__(
        self,
        reach: Reach,
        host: Host,
        deadline: float,
        limits: Limits,
        resolver: Resolver,
        clock: Callable[[], float],
    ) -> None:
        self._reach, self._host, self._limits = reach, host, limits
        self._resolver, self._clock, self._deadline = resolver, clock, deadline
        self.address = ""

    def connect_tcp(
        self,
        host: str,  # noqa: ARG002 (it is the one that was admitted)
        port: int,
        timeout: float | None = None,  # noqa: ARG002 (the exchange's own limits hold)
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Look the name up, check what it is, and connect to the first of that which answers."""
        left = self._deadline - self._clock()
        found = _within(left, lambda: self._resolver(self._host.name, port), self._host.name)
        problem: Exception | None = None
        for address in self._reach.check(self._host, found):
            self.address = str(address)
            wait = max(0.001, min(self._deadline - self._clock(), self._limits.silence))
            try:
                stream = httpcore.SyncBackend().connect_tcp(
                    self.address, port, wait, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                problem = error  # `localhost` is ::1 first, where few servers listen
                continue
            return _Stream(stream, self._deadline, self._limits, self._clock)
        assert problem is not None
        raise problem

    def connect_unix_socket(self, *_: Any, **__: Any) -> httpcore.NetworkStream:
        """Refuse: a socket of this machine is not the network."""
        raise httpcore.ConnectError("sockets of this machine are not within reach")

    def sleep(self, seconds: float) -> None:
        """Refuse: whoever asks again does so himself."""
        raise httpcore.ConnectError(f"a connection is not tried again after {seconds} s")


class _Stream(httpcore.NetworkStream):
    """Ends an exchange at its deadline, and one that brings too much."""

    def __init__(
        self,
        inner: httpcore.NetworkStream,
        deadline: float,
        limits: Limits,
        clock: Callable[[], float],
    ) -> None:
        self._inner, self._deadline, self._limits, self._clock = inner, deadline, limits, clock
        self._read = 0

    def _wait(self) -> float:
        left = self._deadline - self._clock()
        if left <= 0:
            raise _TooLate
        return min(left, self._limits.silence)

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002
        """Return what comes next."""
        chunk = self._inner.read(max_bytes, self._wait())
        self._read += len(chunk)
        # headers besides the body: the body itself is counted by whoever reads it
        if self._read > self._limits.bytes + (1 << 20):
            raise _TooMuch
        return chunk

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002
        """Send."""
        self._inner.write(buffer, self._wait())

    def close(self) -> None:
        """Close the connection."""
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002
    ) -> httpcore.NetworkStream:
        """Begin to speak TLS with whoever can prove the name."""
        inner = self._inner.start_tls(ssl_context, server_hostname, self._wait())
        return _Stream(inner, self._deadline, self._limits, self._clock)

    def get_extra_info(self, info: str) -> Any:
        """Return what is known of the connection."""
        return self._inner.get_extra_info(info)


class _Body(httpx.SyncByteStream):
    """The body of an answer; closes the connection with itself."""

    def __init__(
        self, answer: httpcore.Response, pool: httpcore.ConnectionPool, request: httpx.Request
    ) -> None:
        self._answer, self._pool, self._request = answer, pool, request

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from self._answer.iter_stream()
        except Exception as error:  # noqa: BLE001 (raised again, under its name in httpx)
            _raise(error, self._request)

    def close(self) -> None:
        self._answer.close()
        self._pool.close()


class _TooLate(httpcore.TimeoutException):
    pass


class _TooMuch(httpcore.NetworkError):
    pass


def _core(request: httpx.Request, limits: Limits) -> httpcore.Request:
    url = httpcore.URL(
        scheme=request.url.raw_scheme,
        host=request.url.raw_host,
        port=request.url.port,
        target=request.url.raw_path,
    )
    wait = dict.fromkeys(("connect", "read", "write", "pool"), limits.silence)
    return httpcore.Request(
        method=request.method.encode(),
        url=url,
        headers=request.headers.raw,
        content=request.stream,
        extensions={"timeout": wait},
    )


def _raise(error: BaseException, request: httpx.Request) -> NoReturn:
    """Raise an error of the connection as httpx has it; any other one as it is."""
    text = str(error) or type(error).__name__
    match error:
        case _TooLate():
            raise Overdue("the exchange took longer than it may", request=request) from error
        case _TooMuch():
            raise TooLarge("more bytes came than may", request=request) from error
        case httpcore.TimeoutException():
            said = f"nothing came for too long ({text})"
            raise httpx.ReadTimeout(said, request=request) from error
        case httpcore.ConnectError() | ssl.SSLError():
            raise httpx.ConnectError(text, request=request) from error
        case httpcore.NetworkError() | OSError():
            raise httpx.ReadError(text, request=request) from error
        case httpcore.ProtocolError():
            raise httpx.RemoteProtocolError(text, request=request) from error
        case _:
            raise error


def _within(seconds: float, action: Callable[[], Sequence[str]], name: str) -> Sequence[str]:
    """Return what an action gives, unless it takes too long: a look-up knows no time-out.

    Raises:
        httpcore.ConnectError: it failed, or did not end in time.
    """
    found: list[Sequence[str]] = []
    failed: list[str] = []

    def run() -> None:
        try:
            found.append(action())
        except (OSError, UnicodeError) as error:
            failed.append(str(error))

    thread = threading.Thread(target=run, name=f"gaseol-resolve-{name}", daemon=True)
    thread.start()
    thread.join(max(0.0, seconds))
    if found:
        return found[0]
    raise httpcore.ConnectError(
        f"{name} cannot be looked up: {failed[0] if failed else 'no answer in time'}"
    )
