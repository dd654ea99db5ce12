"""Servers on loopback, and a gateway that may ask them."""

import importlib.util
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from gaseol.tools.egress.gateway import Gateway
from gaseol.tools.egress.reach import Reach


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


@pytest.fixture
def clock(service: ModuleType) -> Any:
    return service.Clock()


@pytest.fixture
def gateway(clock: Any) -> Iterator[Callable[..., Gateway]]:
    """Make a gateway to hosts; it waits by the clock of the test."""
    made: list[Gateway] = []

    def make(*hosts: str, private: tuple[str, ...] = (), **options: Any) -> Gateway:
        options = {"clock": clock, "wait": clock.wait, **options}
        made.append(Gateway(Reach(hosts, private), **options))
        return made[-1]

    yield make
    for one in made:
        one.close()
