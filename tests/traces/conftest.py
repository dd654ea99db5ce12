"""The small record that many tests read, break and judge."""

import importlib.util
import shutil
import sys
from pathlib import Path

import pytest


def _load(name="ledger"):
    spec = importlib.util.spec_from_file_location(
        f"gaseol_tests_{name}", Path(__file__).with_name(f"{name}.py")
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def ledger():
    """The module `ledger.py`."""
    return _load()


@pytest.fixture(scope="session")
def sealed(ledger, tmp_path_factory):
    """A sealed run that no test changes."""
    return ledger.write(tmp_path_factory.mktemp("sealed") / "run")


@pytest.fixture(scope="session")
def study(ledger, tmp_path_factory):
    """A whole study in small that no test changes."""
    return _load("study").write(ledger, tmp_path_factory.mktemp("study") / "run")


@pytest.fixture
def run(sealed, tmp_path):
    """A copy of the sealed run, to be changed."""
    return Path(shutil.copytree(sealed, tmp_path / "run"))


@pytest.fixture
def book(ledger, tmp_path):
    """A docket without a file, and the judge over it."""
    return ledger.Book(tmp_path / "blobs")
