"""Services of the documented shape on loopback, and effects without a run."""

import dataclasses
import importlib.util
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit

import pytest

from gaseol.tools import Refuse
from gaseol.tools.egress.credentials import Credentials
from gaseol.tools.egress.gateway import Gateway
from gaseol.tools.egress.reach import Reach
from gaseol.tools.registry import Registry
from gaseol.tools.sources.connector import Connector
from gaseol.traces.record.effects import Request, Response

SHAPES = Path(__file__).parents[3] / "tools" / "literature" / "pages"
KEYS = {
    "OPENALEX_API_KEY": "key-of-openalex",
    "CROSSREF_MAILTO": "somebody@institute.example",
    "NCBI_API_KEY": "key-of-ncbi-1234",
    "NCBI_EMAIL": "somebody.else@institute.example",
    "SEMANTIC_SCHOLAR_API_KEY": "key-of-semantic-scholar",
    "SCIENCEON_CLIENT_ID": "client-of-scienceon",
    "SCIENCEON_API_KEY": "0123456789abcdef0123456789abcdef",
    "SCIENCEON_MAC_ADDRESS": "00-11-22-33-44-55",
    "NTIS_API_KEY": "key-of-ntis-1234",
    "DATAON_API_KEY": "key-of-dataon-1234",
    "KCI_API_KEY": "key-of-kci-123456",
    "KIPRIS_SERVICE_KEY": "key/of+kipris=1234==",
}
"""Made up."""


@pytest.fixture(scope="session")
def service() -> ModuleType:
    """The module `tests/service.py`."""
    path = Path(__file__).parents[2] / "service.py"
    spec = importlib.util.spec_from_file_location("gaseol_tests_service", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def serve(service: ModuleType) -> Iterator[Callable[..., Any]]:
    """Start a server that answers by a script."""
    with ExitStack() as stack:
        yield lambda script: stack.enter_context(service.Service(script))


def moved(connector: Connector, url: str) -> Connector:
    """Return a connector whose service is somewhere else."""

    def there(ask: Any) -> Any:
        parts = urlsplit(ask.url)
        query = f"?{parts.query}" if parts.query else ""
        return ask.model_copy(update={"url": f"{url}{parts.path}{query}"})

    changes: dict[str, Any] = {"hosts": (url,), "ask": lambda query: there(connector.ask(query))}
    if connector.details is not None:
        ask = connector.details.ask
        changes["details"] = dataclasses.replace(connector.details, ask=lambda ids: there(ask(ids)))
    if connector.login is not None:
        login = connector.login.ask
        changes["login"] = dataclasses.replace(
            connector.login, ask=lambda keys, now: there(login(keys, now))
        )
    return dataclasses.replace(connector, **changes)


@dataclasses.dataclass
class Bench:
    """Effects without a run: what was asked and answered is kept in a list."""

    gateway: Gateway
    registry: Registry
    said: list[tuple[Request, Response]] = dataclasses.field(default_factory=list)

    def perform(self, requests: Any, cause: int | None = None) -> list[Response]:
        return [self._one(request) for request in requests]

    def _one(self, request: Request) -> Response:
        number = len(self.said)
        if request.effect == "egress":
            answer = self.gateway.fetch(request.arguments, request.name)
            response = Response(number, answer.value, answer.failure)
        else:
            try:
                value = self.registry.get(request.name).invoke(request.arguments)
                response = Response(number, value)
            except Refuse as stop:
                response = Response(number, None, stop.failure)
        self.said.append((request, response))
        return response


@pytest.fixture
def bench(service: ModuleType, registry: Registry) -> Iterator[Callable[..., Bench]]:
    """Make effects that reach connectors' hosts and nothing else."""
    made: list[Gateway] = []

    def make(*connectors: Connector, keys: dict[str, str] | None = None) -> Bench:
        clock = service.Clock()
        made.append(
            Gateway(
                Reach([host for one in connectors for host in one.hosts]),
                credentials=Credentials(KEYS if keys is None else keys),
                terms=[one.terms for one in connectors],
                clock=clock,
                wait=clock.wait,
            )
        )
        return Bench(made[-1], registry)

    yield make
    for one in made:
        one.close()


@pytest.fixture(scope="session")
def move() -> Callable[[Connector, str], Connector]:
    return moved


@pytest.fixture(scope="session")
def shape() -> Callable[[str], str]:
    """The text of an answer of the documented shape."""
    return lambda name: (SHAPES / name).read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def keys() -> dict[str, str]:
    return KEYS


@pytest.fixture(scope="session")
def live_bench() -> type[Bench]:
    """Effects without a run, by a gateway of the test's own."""
    return Bench
