"""What tests of several layers share: the toy world, and one pool of workers that serves it."""

import importlib.util
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import settings

from gaseol.tools import Pool, Registry

# how long an example takes is for the benchmarks to say
settings.register_profile("gaseol", deadline=None)
settings.load_profile("gaseol")

TOY = Path(__file__).parent / "toy"


@pytest.fixture(scope="session", autouse=True)
def _no_keys_of_anybody(tmp_path_factory: pytest.TempPathFactory) -> None:
    """No test reads the keys of whoever runs it."""
    os.environ["GASEOL_CONFIG"] = str(tmp_path_factory.mktemp("config"))


@pytest.fixture(scope="session")
def world() -> ModuleType:
    """The module `toy/world.py`."""
    spec = importlib.util.spec_from_file_location("gaseol_tests_world", TOY / "world.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def registry() -> Registry:
    """The installed tools and the toy world's."""
    return Registry.load([TOY])


@pytest.fixture(scope="session")
def pool(registry: Registry) -> Iterator[Pool]:
    """Two warm workers."""
    with Pool(registry, jobs=2) as workers:
        yield workers
