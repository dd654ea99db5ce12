"""The ledger: who shared what, as rows of a PostgreSQL table drawn from sealed records.

It is an index: a row is written once, and all can be drawn anew from the records.
"""

import getpass
from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import orjson

from gaseol.traces.archive.card import read
from gaseol.traces.shared.repository import StoreError

_TABLE = """
CREATE TABLE IF NOT EXISTS gaseol_runs (
    name text PRIMARY KEY,
    url text NOT NULL,
    shared_by text NOT NULL,
    shared_at timestamptz NOT NULL DEFAULT now(),
    scenario text NOT NULL,
    question text NOT NULL,
    scientist text NOT NULL,
    seed bigint,
    status text NOT NULL,
    started timestamptz,
    seconds double precision,
    events bigint NOT NULL,
    verdicts jsonb NOT NULL,
    words text NOT NULL
);
CREATE INDEX IF NOT EXISTS gaseol_runs_newest ON gaseol_runs (started DESC NULLS LAST, name);
CREATE INDEX IF NOT EXISTS gaseol_runs_scenario
    ON gaseol_runs (scenario, started DESC NULLS LAST, name);
CREATE INDEX IF NOT EXISTS gaseol_runs_shared_by
    ON gaseol_runs (shared_by, started DESC NULLS LAST, name);
"""
_COLUMNS = ("name", "url", "shared_by", "scenario", "question", "scientist", "seed", "status",
            "started", "seconds", "events", "verdicts", "words")  # fmt: skip
_SHOWN = ("name", "shared_by", "scenario", "scientist", "seed", "status", "events", "verdicts")


class Ledger:
    """The rows of one database; a context manager. Safe for several writers at once."""

    def __init__(self, address: str) -> None:
        """Connect, and make the table where there is none.

        Args:
            address: as `postgresql://user@host/database`; passwords belong into `~/.pgpass`.

        Raises:
            StoreError: the extra is not installed, or the database cannot be reached.
        """
        try:
            self._psycopg: Any = import_module("psycopg")
        except ImportError:
            raise StoreError("an index needs an extra: pip install 'gaseol[store]'") from None
        try:
            self._connection = self._psycopg.connect(address, autocommit=True, connect_timeout=10)
            encoding = self._connection.info.parameter_status("server_encoding")
            if encoding != "UTF8":
                self._connection.close()
                raise StoreError(
                    f"the index cannot be in a database whose encoding is {encoding}: "
                    "CREATE DATABASE ... ENCODING 'UTF8' TEMPLATE template0"
                )
            with self._connection.transaction():
                # of two who make the table at once, one waits
                self._connection.execute("SELECT pg_advisory_xact_lock(hashtext('gaseol_runs'))")
                self._connection.execute(_TABLE)
        except self._psycopg.Error as error:
            raise StoreError(f"the index cannot be used: {str(error).strip()}") from None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._connection.close()

    def add(self, run: Path, name: str, url: str, by: str = "") -> bool:
        """Put a shared run down; say whether it was new. Who shared it first stands there.

        Args:
            run: a copy of it, whose record holds.
            name: that it was given.
            url: of the repository.
            by: who shares it; by default whoever runs this process.
        """
        card = read(run)
        row = (
            name, url, by or getpass.getuser(), card.scenario, card.question, card.scientist,
            card.seed, card.status, card.started or None, card.seconds, card.events,
            orjson.dumps(card.verdicts).decode(), card.words.replace("\0", ""),
        )  # fmt: skip
        places = ", ".join(["%s"] * len(_COLUMNS))
        said = self._run(
            f"INSERT INTO gaseol_runs ({', '.join(_COLUMNS)}) VALUES ({places}) "  # noqa: S608
            "ON CONFLICT (name) DO NOTHING",
            row,
        )
        return said.rowcount == 1

    def names(self) -> set[str]:
        """Return the runs that are put down."""
        return {name for (name,) in self._run("SELECT name FROM gaseol_runs")}

    def rows(
        self, *, by: str = "", scenario: str = "", words: str = "", limit: int = 100
    ) -> Iterator[dict[str, Any]]:
        """Yield runs, newest first.

        Args:
            by: only those that this person shared.
            scenario: only those of this scenario.
            words: only those in whose question, hypotheses or claims this text stands.
            limit: at most so many.
        """
        where, given = ["true"], list[Any]()
        for column, value in (("shared_by", by), ("scenario", scenario)):
            if value:
                where.append(f"{column} = %s")
                given.append(value)
        if words:
            where.append("position(lower(%s) in lower(question || words)) > 0")
            given.append(words)
        found = self._run(
            f"SELECT {', '.join(_SHOWN)} FROM gaseol_runs WHERE {' AND '.join(where)} "  # noqa: S608
            "ORDER BY started DESC NULLS LAST, name LIMIT %s",
            (*given, limit),
        )
        for row in found:
            yield {str(column): value for column, value in zip(_SHOWN, row, strict=True)}

    def _run(self, sql: str, given: Sequence[Any] = ()) -> Any:
        try:
            return self._connection.execute(sql, given)
        except self._psycopg.Error as error:
            raise StoreError(f"the index cannot be used: {str(error).strip()}") from None
