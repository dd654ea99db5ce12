"""Servers for the tests of models, and runs whose answers are scripted."""

import importlib.util
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from gaseol.agents.models import Profile

SERVERS = Path(__file__).parents[1] / "servers"


def _loaded(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"gaseol_tests_{name}", SERVERS / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def servers() -> ModuleType:
    """The module `servers/scripted.py`."""
    return _loaded("scripted")


@pytest.fixture
def serve(servers: ModuleType) -> Iterator[Callable[..., Any]]:
    """Start a scripted server; every one is closed at the end."""
    open_: list[Any] = []

    def start(script: Any, **pages: Any) -> Any:
        server = servers.ScriptedServer(script, **pages)
        open_.append(server)
        return server

    yield start
    for server in open_:
        server.close()


@pytest.fixture
def profile() -> Callable[..., Profile]:
    """A profile of a model at home, with changes."""

    def make(**changes: Any) -> Profile:
        about = {"name": "home", "url": "http://127.0.0.1:9/v1", "model": "scripted", "retries": 2}
        return Profile.model_validate({**about, **changes})

    return make


@pytest.fixture
def arguments() -> Callable[..., dict[str, Any]]:
    """What stands on record of a request, with changes."""

    def make(**changes: Any) -> dict[str, Any]:
        return {
            "profile": "home", "dialect": "openai", "model": "scripted", "temperature": 0.5,
            "top_p": 0.9, "max_tokens": 100, "seed": 3, "template": {}, "context": 4096,
            "messages": [{"role": "user", "content": "hello"}], **changes,
        }  # fmt: skip

    return make
