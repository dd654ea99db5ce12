"""Many runs as tables: read once into columns, asked in SQL.

In a folder of runs, `.archive` holds Parquet files and which run stands in which of them. It is no
part of any record and can be thrown away. A record is read again when its files change.

```
ArchiveError
├── SearchMissing    the extra `search` is not installed
├── Damaged          what was kept cannot be read
├── Refused          this SQL may not be run here
└── BadQuestion      this SQL cannot be run
```
"""

import contextlib
import secrets
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Self

from gaseol.traces.archive.table import TABLES, Kind, Row, rows
from gaseol.traces.record.trace import Trace
from gaseol.traces.shelf import STORE, Stamp, broken, runs

if TYPE_CHECKING:
    import duckdb

_FORMAT = 1
"""Of manifest and tables together: other ones are thrown away."""
_MANIFEST = "archive.sqlite"
_BUFFER = 50_000
"""Rows held before they are written."""
_PARTS = 8
"""More parts than this are made one."""
_TIMES = {t: [c.name for c in columns if c.kind == "time"] for t, columns in TABLES.items()}
_SHAPE = f"""
BEGIN IMMEDIATE;
DROP TABLE IF EXISTS run;
DROP TABLE IF EXISTS part;
CREATE TABLE run (name TEXT PRIMARY KEY, stamp TEXT, read_at REAL, part TEXT, broken TEXT);
CREATE TABLE part (name TEXT PRIMARY KEY, runs INTEGER, bytes INTEGER);
PRAGMA user_version = {_FORMAT};
COMMIT;
"""
_UNREADABLE = (ValueError, OSError, LookupError, TypeError, AttributeError, OverflowError)
_TYPES: dict[Kind, str] = {
    "text": "VARCHAR", "integer": "BIGINT", "real": "DOUBLE", "boolean": "BOOLEAN",
    "time": "TIMESTAMP", "texts": "VARCHAR[]",
}  # fmt: skip


class ArchiveError(Exception):
    """A question across runs that cannot be answered, and why."""


class SearchMissing(ArchiveError):
    """The extra `search` is not installed."""


class Damaged(ArchiveError):
    """What was kept cannot be read; making it anew helps."""


class Refused(ArchiveError):
    """The SQL does something else than to read the tables."""


class BadQuestion(ArchiveError):
    """The SQL cannot be run."""


@dataclass
class Refreshed:
    """What bringing an archive up to date came to."""

    runs: int = 0
    """In the archive now."""
    read: int = 0
    """Read just now, because they were new or had changed."""
    gone: int = 0
    skipped: dict[str, str] = field(default_factory=dict[str, str])
    """Runs that cannot be read, and why: no table holds them."""
    kept: bool = True
    """False where the folder of runs cannot be written, so that all was read for this once."""


@dataclass(frozen=True)
class Answer:
    """The answer to a question."""

    columns: list[str]
    types: list[str]
    rows: Iterator[tuple[Any, ...]]


class Archive:
    """The runs of one folder, open for questions.

    Several processes may use one at once: they bring it up to date one after another, and a
    question is asked of what was there when it began.
    """

    def __init__(self, shelf: Path) -> None:
        """Open the archive of a folder of runs, making it where there is none.

        Raises:
            SearchMissing: DuckDB or PyArrow is not installed.
        """
        try:
            import_module("duckdb")
            import_module("pyarrow")
        except ImportError as error:
            raise SearchMissing(
                f"questions across runs need {error.name}; install: pip install 'gaseol[search]'"
            ) from None
        self.shelf = shelf
        self.kept = True
        self._scratch: tempfile.TemporaryDirectory[str] | None = None
        self.folder = shelf / STORE
        try:
            self.folder.mkdir(exist_ok=True)
            (self.folder / "parts").mkdir(exist_ok=True)
            self._lock: IO[bytes] = (self.folder / "lock").open("ab")
        except OSError:
            self.kept = False
            self._scratch = tempfile.TemporaryDirectory(prefix="gaseol-archive-")
            self.folder = Path(self._scratch.name)
            (self.folder / "parts").mkdir()
            self._lock = (self.folder / "lock").open("ab")

    def close(self) -> None:
        """Release the lock; an archive that could not be kept is thrown away."""
        self._lock.close()
        if self._scratch:
            self._scratch.cleanup()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def refresh(
        self, progress: Callable[[int, int], None] | None = None, *, anew: bool = False
    ) -> Refreshed:
        """Read the runs that are new or have changed, and forget those that are gone.

        Args:
            progress: called with how many of how many were read.
            anew: throw away what was kept first.
        """
        with self._alone(), contextlib.closing(self._manifest(anew=anew)) as manifest:
            self._sweep(manifest)
            known = {
                name: (stamp, read_at, why)
                for name, stamp, read_at, why in manifest.execute(
                    "SELECT name, stamp, read_at, broken FROM run"
                )
            }
            there = runs(self.shelf)
            changed = [
                (run, stamp)
                for run in there
                if not (stamp := Stamp.of(run)).covers(*known.get(run.name, ("", 0.0))[:2])
            ]
            gone = set(known) - {run.name for run in there}
            if changed or gone:
                self._update(manifest, changed, gone, progress)
            if self._untidy(manifest):
                self._tidy(manifest)
            skipped = dict(
                manifest.execute("SELECT name, broken FROM run WHERE broken <> '' ORDER BY name")
            )
            return Refreshed(len(there) - len(skipped), len(changed), len(gone), skipped, self.kept)

    def ask(self, sql: str) -> Answer:
        """Answer a question in SQL; its rows are fetched as they are taken.

        Until this archive is closed, or refreshed again, no other process changes it.

        Raises:
            Damaged: what was kept cannot be read.
            Refused: it is not one SELECT.
            BadQuestion: the engine cannot run it, and says why.
        """
        import duckdb

        try:
            engine = self._engine()
        except (OSError, ValueError) as error:
            raise Damaged(f"{self.folder} is damaged; ask again with --rebuild ({error})") from None
        try:
            found = engine.extract_statements(sql)
            if len(found) != 1 or found[0].type != duckdb.StatementType.SELECT:
                said = ", ".join(s.type.name for s in found) or "nothing"
                raise Refused(f"only one SELECT may be asked, and this is: {said}")
            answer = engine.execute(found[0])
            described = answer.description or []
        except duckdb.Error as error:
            raise BadQuestion(_plainly(error)) from None
        return Answer(
            [str(column[0]) for column in described],
            [str(column[1]) for column in described],
            _fetched(answer),
        )

    def _engine(self) -> "duckdb.DuckDBPyConnection":
        """Return an engine that holds the tables, and can reach nothing else.

        The engine itself may open no file at all, not even these: a COPY inside WITH would write
        to whatever it may read. PyArrow reads the Parquet files for it.
        """
        import fcntl

        import duckdb

        dataset: Any = import_module("pyarrow.dataset").dataset
        fcntl.flock(self._lock, fcntl.LOCK_SH)  # the Parquet files are read when rows are taken
        with contextlib.closing(self._manifest()) as manifest:
            parts = [part for (part,) in manifest.execute("SELECT DISTINCT part FROM run WHERE part IS NOT NULL")]  # fmt: skip
            live = manifest.execute("SELECT name, part FROM run WHERE part IS NOT NULL").fetchall()
            skipped = manifest.execute("SELECT name, broken FROM run WHERE broken <> ''").fetchall()
            dead = self._dead(manifest)
            engine = duckdb.connect(":memory:", config={"autoinstall_known_extensions": False,
                                                        "autoload_known_extensions": False})  # fmt: skip
            engine.execute("SET temp_directory = ''")
            engine.execute("SET python_enable_replacements = false")
            _fill(engine, "live", ("run", "part"), live)
            _fill(engine, "skipped", ("run", "reason"), skipped)
            for table, columns in TABLES.items():
                if parts:
                    stored = dataset([str(self._file(part, table)) for part in parts])
                    engine.register(f"stored_{table}", stored)
                    narrow = "SEMI JOIN live USING (run, part)" if dead else ""
                    source = f"SELECT * EXCLUDE (part) FROM stored_{table} {narrow}"  # noqa: S608
                else:
                    shape = ", ".join(f"NULL::{_TYPES[c.kind]} AS {c.name}" for c in columns)
                    source = f"SELECT {shape} WHERE false"
                engine.execute(f"CREATE VIEW {table} AS {source}")
            engine.execute("SET enable_external_access = false")
            engine.execute("SET lock_configuration = true")
            # a SELECT too can write, by INSERT ... RETURNING inside WITH
            engine.execute("BEGIN TRANSACTION READ ONLY")
        return engine

    @contextlib.contextmanager
    def _alone(self) -> Generator[None]:
        import fcntl  # not on Windows

        fcntl.flock(self._lock, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(self._lock, fcntl.LOCK_UN)

    def _manifest(self, *, anew: bool = False) -> sqlite3.Connection:
        path = self.folder / _MANIFEST
        if anew:
            path.unlink(missing_ok=True)
        while True:
            manifest = sqlite3.connect(path, isolation_level=None, timeout=30)
            try:
                (version,) = manifest.execute("PRAGMA user_version").fetchone()
                if version != _FORMAT:
                    manifest.executescript(_SHAPE)
            except sqlite3.OperationalError:
                raise
            except sqlite3.DatabaseError:
                manifest.close()
                path.unlink()  # damaged: all is read again
                continue
            return manifest

    def _sweep(self, manifest: sqlite3.Connection) -> None:
        """Forget parts that are damaged, and remove those that nobody knows."""
        for part, size in manifest.execute("SELECT name, bytes FROM part").fetchall():
            if self._size(part) != size:
                manifest.execute("DELETE FROM part WHERE name = ?", (part,))
                manifest.execute("UPDATE run SET stamp = '' WHERE part = ?", (part,))
        known = {name for (name,) in manifest.execute("SELECT name FROM part")}
        for place in (self.folder / "parts").iterdir():
            if place.name not in known:
                shutil.rmtree(place, ignore_errors=True)

    def _update(
        self,
        manifest: sqlite3.Connection,
        changed: list[tuple[Path, Stamp]],
        gone: set[str],
        progress: Callable[[int, int], None] | None,
    ) -> None:
        part = secrets.token_hex(8)
        found: list[tuple[str, str, float, str | None, str]] = []
        with _Writer(self.folder / "parts" / part, part) as writer:
            for number, (run, stamp) in enumerate(changed):
                read_at, why = time.time(), ""
                try:
                    writer.add(run.name, rows(Trace(run)))
                except _UNREADABLE as error:
                    why = broken(error)
                found.append((run.name, stamp.text, read_at, None if why else part, why))
                if progress:
                    progress(number + 1, len(changed))
        refused = {name: broken(error) for name, error in writer.refused.items()}
        found = [
            (name, stamp, read_at, None if name in refused else held, refused.get(name, why))
            for name, stamp, read_at, held, why in found
        ]
        held = sum(1 for row in found if row[3])
        manifest.execute("BEGIN IMMEDIATE")
        manifest.executemany("INSERT OR REPLACE INTO run VALUES (?, ?, ?, ?, ?)", found)
        manifest.executemany("DELETE FROM run WHERE name = ?", [(name,) for name in gone])
        if held:
            manifest.execute("INSERT INTO part VALUES (?, ?, ?)", (part, held, self._size(part)))
        manifest.execute("COMMIT")

    def _dead(self, manifest: sqlite3.Connection) -> int:
        """Count the runs that stand in a part and count no longer."""
        (written,) = manifest.execute("SELECT coalesce(sum(runs), 0) FROM part").fetchone()
        (alive,) = manifest.execute("SELECT count(*) FROM run WHERE part IS NOT NULL").fetchone()
        return int(written - alive)

    def _untidy(self, manifest: sqlite3.Connection) -> bool:
        (parts,) = manifest.execute("SELECT count(*) FROM part").fetchone()
        (alive,) = manifest.execute("SELECT count(*) FROM run WHERE part IS NOT NULL").fetchone()
        return parts > _PARTS or self._dead(manifest) > max(alive, 50)

    def _tidy(self, manifest: sqlite3.Connection) -> None:
        """Make all parts one, without the rows that count no longer."""
        import duckdb

        old = [part for (part,) in manifest.execute("SELECT name FROM part")]
        live = manifest.execute("SELECT name, part FROM run WHERE part IS NOT NULL").fetchall()
        part = secrets.token_hex(8)
        place = self.folder / "parts" / part
        place.mkdir()
        with contextlib.closing(duckdb.connect(":memory:")) as engine:
            _fill(engine, "live", ("run", "part"), live)
            for table in TABLES:
                names = ", ".join(_quoted(str(self._file(each, table))) for each in old)
                target = _quoted(str(self._file(part, table)))
                engine.execute(
                    f"COPY (SELECT * REPLACE ('{part}' AS part) FROM read_parquet([{names}]) "  # noqa: S608
                    f"SEMI JOIN live USING (run, part)) TO {target} (FORMAT parquet)"
                )
        manifest.execute("BEGIN IMMEDIATE")
        manifest.execute("DELETE FROM part")
        manifest.execute("INSERT INTO part VALUES (?, ?, ?)", (part, len(live), self._size(part)))
        manifest.execute("UPDATE run SET part = ? WHERE part IS NOT NULL", (part,))
        manifest.execute("COMMIT")

    def _file(self, part: str, table: str) -> Path:
        return (self.folder / "parts" / part / f"{table}.parquet").resolve()

    def _size(self, part: str) -> int:
        try:
            return sum(self._file(part, table).stat().st_size for table in TABLES)
        except OSError:
            return -1


class _Writer:
    """Writes the rows of runs into the Parquet files of one part; a run whole or not at all."""

    def __init__(self, place: Path, part: str) -> None:
        arrow: Any = import_module("pyarrow")
        parquet: Any = import_module("pyarrow.parquet")
        self._arrow = arrow
        kinds: dict[Kind, Any] = {
            "text": arrow.string(), "integer": arrow.int64(), "real": arrow.float64(),
            "boolean": arrow.bool_(), "time": arrow.timestamp("us"),
            "texts": arrow.list_(arrow.string()),
        }  # fmt: skip
        place.mkdir()
        self._part = part
        self._schemas: dict[str, Any] = {
            table: arrow.schema([*((c.name, kinds[c.kind]) for c in columns), ("part", arrow.string())])
            for table, columns in TABLES.items()
        }  # fmt: skip
        self._files: dict[str, Any] = {
            table: parquet.ParquetWriter(place / f"{table}.parquet", schema, compression="zstd")
            for table, schema in self._schemas.items()
        }
        self._waiting: list[tuple[str, dict[str, list[Row]]]] = []
        self._count = 0
        self.refused: dict[str, Exception] = {}
        """Runs whose rows do not fit the tables, and why; known for all at the end."""

    def add(self, run: str, found: Iterable[tuple[str, Row]]) -> None:
        """Take the rows of a run in."""
        taken: dict[str, list[Row]] = {}
        for table, row in found:
            for name in _TIMES[table]:
                at: datetime | None = row[name]
                if at is not None and at.tzinfo:
                    row[name] = at.astimezone(UTC).replace(tzinfo=None)
            row["run"], row["part"] = run, self._part
            taken.setdefault(table, []).append(row)
            self._count += 1
        self._waiting.append((run, taken))
        if self._count >= _BUFFER:
            self._flush()

    def _flush(self) -> None:
        made: list[dict[str, Any]] = []
        try:
            made.append(self._made([taken for _, taken in self._waiting]))
        except _UNREADABLE:  # one of them does not fit: find out which
            for run, taken in self._waiting:
                try:
                    made.append(self._made([taken]))
                except _UNREADABLE as error:
                    self.refused[run] = error
        self._waiting, self._count = [], 0
        for tables in made:
            for table, each in tables.items():
                self._files[table].write_table(each)

    def _made(self, several: list[dict[str, list[Row]]]) -> dict[str, Any]:
        """Return the rows of some runs in columns."""
        made: dict[str, Any] = {}
        for table, schema in self._schemas.items():
            rows = [row for taken in several for row in taken.get(table, ())]
            if rows:
                columns = [[row[name] for row in rows] for name in schema.names]
                made[table] = self._arrow.table(columns, schema=schema)
        return made

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._flush()
        for file in self._files.values():
            file.close()


def _fill(
    engine: "duckdb.DuckDBPyConnection", table: str, names: tuple[str, str], values: list[Any]
) -> None:
    """Make a table of two texts; row by row would take the engine half a millisecond each."""
    arrow: Any = import_module("pyarrow")

    columns = [[row[0] for row in values], [row[1] for row in values]]
    shape: Any = arrow.schema([(name, arrow.string()) for name in names])
    engine.register("given", arrow.table(columns, schema=shape))
    engine.execute(f"CREATE TABLE {table} AS SELECT * FROM given")  # noqa: S608
    engine.unregister("given")


def _fetched(answer: "duckdb.DuckDBPyConnection") -> Iterator[tuple[Any, ...]]:
    import duckdb

    try:
        while batch := answer.fetchmany(1000):
            yield from batch
    except duckdb.Error as error:
        raise BadQuestion(_plainly(error)) from None


def _plainly(error: Exception) -> str:
    if "pytz" in str(error):  # what the engine asks for to hand over a time with a zone
        return "a time with a time zone cannot be shown; cast it, as in now()::TIMESTAMP"
    return str(error).strip()


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
