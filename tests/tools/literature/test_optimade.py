"""The OPTIMADE connector against the reference server, with the test data that it ships."""

import dataclasses
import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from gaseol.tools.literature.optimade import database
from gaseol.tools.sources.library import Library
from gaseol.traces.nouns.failure import FailureKind

PYTHON = Path(__file__).resolve().parents[3] / ".venv/optimade/bin/python"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not PYTHON.exists(), reason="no reference server: make .venv/.optimade"),
]

ALIASES = {
    "structures": {
        "id": "task_id",
        "chemical_formula_reduced": "pretty_formula",
        "chemical_formula_anonymous": "formula_anonymous",
    }
}
"""How the test data calls what the specification names; without this its structures have no id."""


@pytest.fixture(scope="module")
def server(service, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The reference server on loopback; its own test structures are in it."""
    port = service.unused_port()
    environment = {
        **os.environ,
        "OPTIMADE_DATABASE_BACKEND": "mongomock",
        "OPTIMADE_INSERT_TEST_DATA": "true",
        "OPTIMADE_ALIASES": json.dumps(ALIASES),
        "OPTIMADE_LOG_DIR": str(tmp_path_factory.mktemp("logs")),
    }
    command = [str(PYTHON), "-m", "uvicorn", "optimade.server.main:app", "--host", "127.0.0.1"]
    said: list[str] = []
    with subprocess.Popen(
        [*command, "--port", str(port)],
        env=environment,
        cwd=tmp_path_factory.mktemp("server"),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        for line in process.stderr:
            said.append(line)
            if "Uvicorn running" in line:
                break
        else:
            pytest.fail("the server did not start:\n" + "".join(said))
        yield f"http://127.0.0.1:{port}"
        process.terminate()


@pytest.fixture
def here(server: str):
    return database("optimade_here", server, "the reference server's test data", "CC0-1.0")


def test_structures_are_found_by_filter(here, bench) -> None:
    found = Library(bench(here)).search(here, 'elements HAS "O"', 50)
    assert found.failure is None, found.failure
    assert found.records
    for record in found.records:
        assert record.kind == "structure"
        assert "O" in record.data["elements"]
        assert record.title == record.data["chemical_formula_reduced"]
        assert len(record.data["lattice_vectors"]) == 3


def test_all_pages_are_followed(here, bench) -> None:
    effects = bench(here)
    found = Library(effects).search(here, "nelements >= 1", 6)
    assert len(found.records) == 6
    everything = Library(effects).search(here, "nelements >= 1", 200)
    assert everything.failure is None
    assert everything.total == len(everything.records) == 17
    assert len({record.id for record in everything.records}) == 17


def test_small_pages_are_followed_by_their_links(here, bench) -> None:
    small = dataclasses.replace(here, largest=5)
    effects = bench(small)
    found = Library(effects).search(small, "nelements >= 1", 17)
    assert len({record.id for record in found.records}) == 17
    asked = [request for request, _ in effects.said if request.effect == "egress"]
    assert len(asked) == 4
    assert all("page_" in request.arguments["url"] for request in asked[1:])


def test_nothing_found_is_empty(here, bench) -> None:
    failure = Library(bench(here)).search(here, 'elements HAS "Og"').failure
    assert failure is not None
    assert failure.kind is FailureKind.EMPTY


@pytest.mark.parametrize("words", ["elements HAS", "nonsense === 3", "((((", '"'])
def test_a_broken_filter_is_told_so(here, bench, words: str) -> None:
    failure = Library(bench(here)).search(here, words).failure
    assert failure is not None
    assert failure.kind is FailureKind.BAD_ARGUMENTS, failure
