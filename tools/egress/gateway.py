"""The gateway: the one object through which a run's main process talks to the network.

What is asked and what is answered goes on record as an effect of kind `egress`; here it is carried
out: within the reach of the policy, at the pace of the service, with keys filled in last and taken
out first. How a connection is made: `gaseol.tools.egress.transport`.
"""

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import httpx
from pydantic import ValidationError

from gaseol.tools.contract import Answer
from gaseol.tools.egress.credentials import Credentials, NoCredential, places
from gaseol.tools.egress.exchange import Ask, Attempt, Page, Raw, Terms
from gaseol.tools.egress.pace import Pace, backoff, retry_after, stated
from gaseol.tools.egress.reach import Forbidden, Host, Reach
from gaseol.tools.egress.transport import GuardedTransport, Limits, Resolver, TooLarge, resolve
from gaseol.traces.nouns.failure import Failure, FailureKind

ATTEMPTS = 4
"""How often a request is made before its service counts as unavailable."""
LONGEST_WAIT = 120.0
"""Seconds; a service that asks for more patience is unavailable."""

_AGAIN = frozenset({429, 500, 502, 503, 504})
_MOVED = frozenset({301, 302, 303, 307, 308})


class _Unavailable(Exception):
    """The service could not be asked, or did not answer."""


class Gateway:
    """Carries out exchanges; thread-safe."""

    def __init__(
        self,
        reach: Reach,
        *,
        credentials: Credentials | None = None,
        terms: Iterable[Terms] = (),
        limits: Limits | None = None,
        seed: int = 0,
        resolver: Resolver = resolve,
        clock: Callable[[], float] = time.monotonic,
        wait: Callable[[float], bool] | None = None,
    ) -> None:
        """Open nothing yet: a gateway that nobody asks makes no connection.

        Args:
            reach: who may be asked.
            credentials: the keys at hand.
            terms: of services; a host without any is asked once a second, and gets no key.
            limits: of one exchange.
            seed: fixes the jitter of waiting times.
            resolver: looks names up.
            clock: in seconds.
            wait: waits so many seconds and says whether the gateway was closed meanwhile.
        """
        self._reach = reach
        self._credentials = credentials or Credentials()
        self._limits = limits or Limits()
        self._seed = seed
        self._clock = clock
        self._closed = threading.Event()
        self._wait = wait or self._closed.wait
        self._resolver = resolver
        self._transport = self.transport(self._limits)
        self._terms = {(term.name, Host.parse(one)): term for term in terms for one in term.hosts}
        self._paces: dict[str, Pace] = {}
        self._lives: dict[str, float] = {}
        self._lock = threading.Lock()
        self._login = threading.Lock()
        self._workers: ThreadPoolExecutor | None = None

    def transport(self, limits: Limits) -> httpx.BaseTransport:
        """Return a transport for a client of somebody's own, within the same reach.

        Args:
            limits: of each of its exchanges.
        """
        return GuardedTransport(self._reach, limits, resolver=self._resolver, clock=self._clock)

    def scrubbed(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Return arguments without the value of any key: what may go on record."""
        return self._credentials.scrub_all(arguments)

    def submit(self, arguments: Mapping[str, Any], name: str = "") -> "Future[Answer]":
        """Begin an exchange in a thread.

        Args:
            arguments: those of an `Ask`.
            name: of the service, on whose terms it is asked.

        Raises:
            RuntimeError: the gateway is closed.
        """
        with self._lock:
            if self._closed.is_set():
                msg = "the gateway is closed"
                raise RuntimeError(msg)
            if self._workers is None:
                self._workers = ThreadPoolExecutor(4, thread_name_prefix="gaseol-egress")
            return self._workers.submit(self.fetch, dict(arguments), name)

    def close(self) -> None:
        """Wake whoever waits for a turn, and wait for what is under way."""
        self._closed.set()
        with self._lock:
            workers, self._workers = self._workers, None
        if workers is not None:
            workers.shutdown(cancel_futures=True)

    def fetch(self, arguments: Mapping[str, Any], name: str = "") -> Answer:
        """Carry out an exchange and return a page, or a typed failure.

        A page of any status is an answer, except for those that say to ask again later: after
        `ATTEMPTS` tries, or when told to wait for longer than `LONGEST_WAIT`, the service is
        `unavailable`. What the policy does not allow is `refused`.

        Args:
            arguments: those of an `Ask`.
            name: of the service, on whose terms it is asked.
        """
        began = self._clock()
        value, failure = None, None
        try:
            value = self._page(Ask.model_validate(arguments), name).model_dump(mode="json")
        except (_Unavailable, NoCredential) as error:
            failure = self._failure(FailureKind.UNAVAILABLE, error)
        except Forbidden as error:
            failure = self._failure(FailureKind.REFUSED, error)
        except TooLarge as error:
            failure = self._failure(FailureKind.TOO_LARGE, error)
        except (ValidationError, httpx.InvalidURL) as error:
            failure = self._failure(FailureKind.BAD_ARGUMENTS, error)
        except UnicodeEncodeError:
            # its own words would quote the text, and that may hold a key
            said = ValueError("a header is no ASCII, or a text holds half of a character")
            failure = self._failure(FailureKind.BAD_ARGUMENTS, said)
        seconds = max(0.0, self._clock() - began)
        return Answer(value=value, failure=failure, seconds=seconds, cpu_seconds=0.0, isolation="")

    def _failure(self, kind: FailureKind, error: Exception) -> Failure:
        said = str(error.args[0]) if error.args else str(error)
        return Failure(kind=kind, reason=self._credentials.scrub(said))

    def _page(self, ask: Ask, name: str) -> Page:
        """Ask until there is an answer, as long as that makes sense."""
        terms = self._terms_of(ask, name)
        ask = ask.without(key for key in terms.optional if key not in self._credentials)
        pace = self._pace(terms)
        attempts: list[Attempt] = []
        patience = 0.0
        for number in range(ATTEMPTS):
            allowed = self._keys_for(ask, terms, pace)
            self._pause(pace.turn())
            raw, problem = self._once(ask, allowed, pace)
            if raw is not None:
                pace.slow(*stated(raw.headers))
            if raw is not None and raw.status not in _AGAIN:
                return raw.page(self._credentials, tuple(attempts))
            asked = retry_after(raw.headers.get("retry-after", "")) if raw else None
            patience = backoff(number, f"{self._seed}:{ask.url}") if asked is None else asked
            last = number == ATTEMPTS - 1 or patience > LONGEST_WAIT
            attempts.append(
                Attempt(
                    status=raw.status if raw else None,
                    problem=problem,
                    waited=0.0 if last else round(patience, 3),
                )
            )
            if last:
                break
            pace.pause(patience)
            self._pause(patience)
        raise _Unavailable(_tried(ask.url, attempts, patience))

    def _once(self, ask: Ask, allowed: Iterable[str], pace: Pace) -> tuple[Raw | None, str]:
        """Return what came of one try, or what went wrong."""
        with pace.connections:
            try:
                raw = self._exchange(ask, allowed)
            except TooLarge:
                raise
            except (httpx.TransportError, httpx.DecodingError) as error:
                return None, self._credentials.scrub(str(error) or type(error).__name__)
        return raw, f"HTTP {raw.status}"

    def _pause(self, seconds: float) -> None:
        if seconds > 0 and self._wait(seconds):
            raise _Unavailable("the gateway was closed before its turn came")

    def _exchange(self, ask: Ask, allowed: Iterable[str]) -> Raw:
        """Follow a request to its answer, each step of it within reach."""
        fill, allowed = self._credentials.fill, tuple(allowed)
        url = httpx.URL(fill(ask.url, allowed))
        if ask.params:
            url = url.copy_merge_params({k: fill(v, allowed) for k, v in ask.params.items()})
        headers = {k: fill(v, allowed) for k, v in ask.headers.items()}
        method, body = ask.method, fill(ask.body, allowed).encode()
        for _ in range(self._limits.redirects + 1):
            request = httpx.Request(method, url, headers=_sent(headers), content=body)
            answer = self._transport.handle_request(request)
            try:
                onward = answer.headers.get("location") if answer.status_code in _MOVED else None
                if onward is None:
                    return Raw.read(answer, url, self._limits.bytes)
            finally:
                answer.close()
            there = url.join(onward)
            if (there.scheme, there.host, there.port) != (url.scheme, url.host, url.port):
                # keys were meant for where they were sent, not for where that points
                headers = {k: v for k, v in headers.items() if not places(ask.headers[k])}
            if method == "POST" and answer.status_code in (301, 302, 303):
                method, body = "GET", b""
            elif body and places(ask.body):
                raise _Unavailable(f"{ask.url} sends a request that holds a key elsewhere")
            url = there
        raise _Unavailable(f"{ask.url} sends from one place to the next without an end")

    def _terms_of(self, ask: Ask, name: str) -> Terms:
        url = httpx.URL(ask.url.partition("?")[0])
        host = self._reach.admit(url.scheme, url.host, url.port)
        return self._terms.get((name, host)) or Terms(str(host), (str(host),))

    def _pace(self, terms: Terms) -> Pace:
        with self._lock:
            return self._paces.setdefault(terms.name, Pace(terms.rate, self._clock))

    def _keys_for(self, ask: Ask, terms: Terms, pace: Pace) -> tuple[str, ...]:
        """Return the names of the keys that a request may carry, once they are all there.

        Raises:
            NoCredential: one is not there, or not meant for this host.
        """
        allowed = terms.keys
        if terms.login is not None and terms.login.gives in ask.keys:
            self._log_in(terms, pace)
            allowed = (*allowed, terms.login.gives)
        for name in sorted(ask.keys):
            self._credentials.fill(f"{{key:{name}}}", allowed)
        return allowed

    def _log_in(self, terms: Terms, pace: Pace) -> None:
        """Have a service hand out its short-lived key, unless the last one still lives."""
        login = terms.login
        assert login is not None
        with self._login:
            if self._clock() < self._lives.get(login.gives, float("-inf")):
                return
            values = {name: self._credentials.value(name) for name in login.needs}
            try:
                wanted = login.ask(values, datetime.now(UTC))
            except ValueError as error:
                named = " or ".join(login.needs)
                said = f"{named} is not as the service hands it out ({type(error).__name__})"
                raise _Unavailable(said) from None
            self._pause(pace.turn())
            try:
                raw = self._exchange(wanted, ())
                token, seconds = login.read(raw.content.decode())
            except (httpx.TransportError, ValueError) as error:
                if isinstance(error, Forbidden):
                    raise
                # the request is made of keys: not even its address is told
                where = wanted.url.partition("?")[0]
                raise _Unavailable(f"{where} handed out no key ({type(error).__name__})") from None
            self._credentials = self._credentials.given(**{login.gives: token})
            self._lives[login.gives] = self._clock() + seconds


def _sent(headers: Mapping[str, str]) -> dict[str, str]:
    """Return headers with ours; nobody's headers say whom a request is for."""
    ours = {"user-agent": "gaseol", "accept-encoding": "gzip", "connection": "close"}
    own = {k.lower(): v for k, v in headers.items() if k.lower() not in ("host", "content-length")}
    return {**own, **{k: v for k, v in ours.items() if k != "user-agent" or k not in own}}


def _tried(url: str, attempts: list[Attempt], patience: float) -> str:
    where = url.partition("?")[0]
    told = ", ".join(attempt.problem for attempt in attempts)
    if patience > LONGEST_WAIT and len(attempts) < ATTEMPTS:
        return (
            f"{where} asks to wait for {patience:.0f} s, longer than {LONGEST_WAIT:.0f} s ({told})"
        )
    return f"{where} gave no answer in {len(attempts)} tries ({told})"
