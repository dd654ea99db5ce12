"""The services themselves, asked only where somebody wants that: `GASEOL_LIVE=1 pytest -m slow`."""

import os

import pytest

from gaseol.tools.egress.credentials import Credentials
from gaseol.tools.egress.gateway import Gateway
from gaseol.tools.egress.reach import Reach
from gaseol.tools.sources.connector import connector, connectors
from gaseol.tools.sources.library import Library

QUERIES = {"pubchem": "ethanol", "chembl": "aspirin", "kci": "수소", "kipris": "수소 저장"}
LIVE = os.environ.get("GASEOL_LIVE") == "1"


@pytest.mark.slow
@pytest.mark.parametrize("name", list(connectors()))
def test_the_service_answers_as_documented(name: str, registry, live_bench) -> None:
    if not LIVE:
        pytest.skip(f"NOT RUN: {name} is asked only with GASEOL_LIVE=1 and a network")
    one, keys = connector(name), Credentials.load()
    missing = [key for key in one.needs if key not in keys]
    if missing:
        pytest.skip(f"NOT RUN: {name} needs {', '.join(missing)}")
    gateway = Gateway(Reach(one.hosts), credentials=keys, terms=[one.terms])
    query = (
        'elements HAS ALL "Si","O" AND nelements=2' if "optimade" in name else "hydrogen storage"
    )
    found = Library(live_bench(gateway, registry)).search(one, QUERIES.get(name, query), 3)
    gateway.close()
    assert found.failure is None, found.failure
    assert found.records
