"""Who shared what, in a real PostgreSQL that the test starts."""

import importlib.util
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

pytest.importorskip("psycopg", reason="needs the extra store: pip install 'gaseol[store]'")

from gaseol.traces.shared.ledger import Ledger
from gaseol.traces.shared.repository import Repository, StoreError

_SPEC = importlib.util.spec_from_file_location(
    "gaseol_tests_postgres", Path(__file__).parents[2] / "servers" / "postgres.py"
)
postgres = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(postgres)


@pytest.fixture(scope="module")
def address():
    binaries = postgres.programs()
    if binaries is None:
        pytest.skip("PostgreSQL is not installed (apt install postgresql): the index is not tested")
    with postgres.serving(binaries) as found:
        yield found


@pytest.mark.slow
def test_rows_come_from_records(address, sealed):
    with Ledger(address) as ledger:
        assert ledger.add(sealed, "small-0123456789abcdef", "file:///store", "marie")
        assert not ledger.add(sealed, "small-0123456789abcdef", "elsewhere", "pierre")
        (row,) = ledger.rows()
        assert row["shared_by"] == "marie"
        assert (row["scenario"], row["scientist"], row["status"]) == ("toy", "embedded", "budget")
        assert row["verdicts"] == {"undecided": 1}
        assert row["events"] == len((sealed / "events.jsonl").read_bytes().splitlines())
        assert [r["name"] for r in ledger.rows(words="SIZE")] == [row["name"]]
        assert list(ledger.rows(words="%")) == list(ledger.rows(by="' OR true --")) == []
        assert list(ledger.rows(by="marie", scenario="toy", limit=1)) == [row]


@pytest.mark.slow
def test_many_writers_at_once(address, sealed):
    """Connections that all make the table and all put down the same runs: each run once."""

    def write(by: int) -> int:
        with Ledger(address) as ledger:
            return sum(
                ledger.add(sealed, f"many{n}-0123456789abcdef", "file:///store", f"p{by}")
                for n in range(20)
            )

    with ThreadPoolExecutor(6) as many:
        assert sum(many.map(write, range(6))) == 20
    with Ledger(address) as ledger:
        assert len({n for n in ledger.names() if n.startswith("many")}) == 20


@pytest.mark.slow
def test_by_command(address, sealed, tmp_path, monkeypatch):
    monkeypatch.setenv("GASEOL_STORE", str(tmp_path / "store"))
    monkeypatch.setenv("GASEOL_STORE_INDEX", address)

    def gaseol(*words: str) -> str:
        command = [str(Path(sys.executable).parent / "gaseol"), "store", *words]
        return subprocess.run(command, capture_output=True, check=True, text=True).stdout

    Repository(str(tmp_path / "store")).push(sealed)  # by somebody who has no index
    name = gaseol("index", "--by", "somebody").strip()
    assert gaseol("index") == ""
    assert gaseol("push", str(sealed), "--by", "nora").strip() == name
    assert gaseol("list", "--by", "somebody").startswith(f"{name}  somebody  toy  budget")
    assert gaseol("list", "--by", "nora") == ""
    assert gaseol("pull", name, "--out", str(tmp_path / "back")).strip() == str(tmp_path / "back")


@pytest.mark.slow
def test_a_database_that_cannot_hold_every_text(address):
    import psycopg

    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("CREATE DATABASE old ENCODING 'SQL_ASCII' TEMPLATE template0")
    with pytest.raises(StoreError, match="encoding is SQL_ASCII"):
        Ledger(address.replace("/postgres?", "/old?"))


def test_a_database_that_is_not_there():
    with pytest.raises(StoreError, match="the index cannot be used"):
        Ledger("postgresql://nobody@127.0.0.1:9/none")
