"""A thin index over a record: where each event begins, of what kind, because of what.

Not part of the record: it can be thrown away and built anew, and is, whenever it does not fit.
"""

import contextlib
import hashlib
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Self

import orjson

from gaseol.traces.record import chain
from gaseol.traces.record.disk import sync
from gaseol.traces.record.event import Event
from gaseol.traces.record.trace import BrokenLine

NAME = "index.sqlite"


class Index:
    """Finds events by position or kind without reading the record from its beginning."""

    def __init__(self, folder: Path) -> None:
        """Open the index of a run, building it where it is missing or stale.

        In a folder that cannot be written the index lives in memory.

        Raises:
            BrokenLine: a line of the record is no event.
        """
        self._events = folder / "events.jsonl"
        stamp = _stamp(self._events)
        path = folder / NAME
        connection = _opened(path, stamp)
        if connection is None and os.access(folder, os.W_OK):
            connection = _placed(path, self._events, stamp)
        self._rows = connection or _build(sqlite3.connect(":memory:"), self._events, stamp)
        self._file = self._events.open("rb")

    def __len__(self) -> int:
        return int(self._rows.execute("SELECT count(*) FROM event").fetchone()[0])

    def count(self, *kinds: str) -> int:
        """Return how many events there are of these kinds, or in all."""
        where, values = _of(kinds)
        query = f"SELECT count(*) FROM event {where}"  # noqa: S608 (places only, no values)
        return int(self._rows.execute(query, values).fetchone()[0])

    def positions(self, *kinds: str) -> list[int]:
        """Return where events of these kinds stand, or all of them."""
        where, values = _of(kinds)
        query = f"SELECT seq FROM event {where} ORDER BY seq"  # noqa: S608
        return [seq for (seq,) in self._rows.execute(query, values)]

    def events(self, start: int = 0, limit: int = -1, *kinds: str) -> Iterator[Event]:
        """Yield events from a position on, at most `limit`, all or those of some kinds."""
        where, values = _of(kinds)
        where = f"{where} AND seq >= ?" if where else "WHERE seq >= ?"
        query = f"SELECT place, size, digest FROM event {where} ORDER BY seq LIMIT ?"  # noqa: S608
        for place, size, digest in self._rows.execute(query, (*values, start, limit)):
            self._file.seek(place)
            yield Event.read(self._file.read(size), digest.hex())

    def close(self) -> None:
        """Release the files."""
        self._rows.close()
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _of(kinds: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    if not kinds:
        return "", ()
    return f"WHERE kind IN ({', '.join('?' * len(kinds))})", kinds


def _stamp(events: Path) -> str:
    """Return what tells this state of the events from any other: size and end."""
    size = events.stat().st_size
    with events.open("rb") as file:
        file.seek(max(0, size - 4096))
        return f"{size}:{hashlib.sha256(file.read()).hexdigest()}"


def _opened(path: Path, stamp: str) -> sqlite3.Connection | None:
    """Open an index that is there and fits, None otherwise."""
    if not path.is_file():
        return None
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        (found,) = connection.execute("SELECT stamp FROM state").fetchone()
    except (sqlite3.Error, TypeError):
        found = None
    if found != stamp:
        connection.close()
        return None
    return connection


def _placed(path: Path, events: Path, stamp: str) -> sqlite3.Connection:
    """Build an index aside, put it in its place and open it."""
    building = path.with_name(f".{NAME}.{os.getpid()}")
    try:
        with contextlib.closing(sqlite3.connect(building)) as made:
            _build(made, events, stamp)
        sync(building)
        os.replace(building, path)
    finally:
        building.unlink(missing_ok=True)
    return sqlite3.connect(path)


def _build(connection: sqlite3.Connection, events: Path, stamp: str) -> sqlite3.Connection:
    connection.executescript(
        "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;"
        "DROP TABLE IF EXISTS event; DROP TABLE IF EXISTS state;"
        "CREATE TABLE event (seq INTEGER PRIMARY KEY, place INTEGER, size INTEGER, kind TEXT,"
        " digest BLOB);"
        "CREATE TABLE state (stamp TEXT);"
    )
    connection.executemany("INSERT INTO event VALUES (?, ?, ?, ?, ?)", _rows(events))
    connection.execute("CREATE INDEX by_kind ON event (kind)")
    connection.execute("INSERT INTO state VALUES (?)", (stamp,))
    connection.commit()
    return connection


def _rows(events: Path) -> Iterator[tuple[int, int, int, str, bytes]]:
    place = 0
    head = chain.start((events.parent / "run.json").read_bytes())
    with events.open("rb") as file:
        for number, line in enumerate(file):
            if not line.endswith(b"\n"):
                return  # torn: the writer was cut off here
            head = chain.link(head, line[:-1])
            try:
                kind = str(orjson.loads(line)["kind"])
            except (ValueError, LookupError, TypeError) as error:
                what = f"line {number + 1} of events.jsonl is no event: {error}"
                raise BrokenLine(what) from None
            yield number, place, len(line) - 1, kind, head
            place += len(line)
