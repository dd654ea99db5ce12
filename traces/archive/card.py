"""What a list says of a run, kept so that thousands of runs are listed without being read."""

import contextlib
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from pydantic import Field, ValidationError

from gaseol.traces.nouns.value import Value
from gaseol.traces.record.event import (
    Claimed,
    HypothesisProposed,
    Judged,
    RunEnded,
    RunInterrupted,
    RunResumed,
    RunStarted,
)
from gaseol.traces.record.trace import Trace
from gaseol.traces.shelf import STORE, Stamp, broken, runs

NAME = "cards.sqlite"
_FORMAT = 1
_RULINGS = ("supported", "refuted", "undecided", "invalid")
_UNREADABLE = (ValueError, OSError, LookupError, TypeError, AttributeError)


class Card(Value):
    """One run in a list."""

    name: str
    path: str
    status: str = "unknown"
    scenario: str = ""
    question: str = ""
    scientist: str = ""
    seed: int | None = None
    started: str = ""
    """UTC, RFC 3339."""
    seconds: float | None = None
    """From the first event to the last."""
    events: int = 0
    verdicts: dict[str, int] = Field(default_factory=dict)
    """Ruling to how many hypotheses."""
    claims: int = 0
    words: str = ""
    """What a search looks into: statements of hypotheses and texts of claims."""
    broken: str = ""
    """Why the record cannot be read; empty for one that can."""

    @property
    def summary(self) -> str:
        """The run in a line."""
        if self.broken:
            return f"BROKEN: {self.broken}"
        counts = [f"{self.verdicts[r]} {r}" for r in _RULINGS if r in self.verdicts]
        return ", ".join([self.status, *counts])

    def holds(self, text: str) -> bool:
        """Tell whether a text stands somewhere in the run's name, question, hypotheses, claims."""
        where = f"{self.name}\n{self.scenario}\n{self.question}\n{self.words}"
        return text.casefold() in where.casefold()


def read(run: Path) -> Card:
    """Read a run's card from its record; a record that cannot be read has one that says so."""
    try:
        return _read(run)
    except _UNREADABLE as error:
        return Card(name=run.name, path=str(run), broken=broken(error))


def _read(run: Path) -> Card:
    started, first, last, status, count = None, None, None, "running", 0
    verdicts: dict[str, int] = {}
    words: list[str] = []
    claims = 0
    for event in Trace(run).events():
        first, last, count = first or event.at, event.at, count + 1
        if event.kind not in _KINDS:
            continue
        match event.fact:
            case RunStarted() as fact:
                started = fact
            case RunEnded() as fact:
                status = fact.status
            case RunInterrupted() as fact:
                status = fact.status
            case RunResumed():
                status = "running"
            case HypothesisProposed(hypothesis=h):
                words.append(h.statement)
            case Judged(verdict=v):
                verdicts[v.ruling.value] = verdicts.get(v.ruling.value, 0) + 1
            case Claimed(claim=c):
                claims += 1
                words.append(str(c))
            case _:
                pass
    return Card(
        name=run.name,
        path=str(run),
        status=status,
        scenario=started.scenario if started else "",
        question=started.question if started else "",
        scientist=started.scientist if started else "",
        seed=started.seed if started else None,
        started=first.isoformat().replace("+00:00", "Z") if first else "",
        seconds=(last - first).total_seconds() if first and last else None,
        events=count,
        verdicts=verdicts,
        claims=claims,
        words="\n".join(words),
    )


_KINDS = frozenset(
    {
        "run.started", "run.ended", "run.interrupted", "run.resumed", "hypothesis.proposed",
        "verdict", "claim",
    }
)  # fmt: skip


def cards(shelf: Path, progress: Callable[[int, int], None] | None = None) -> list[Card]:
    """Return the card of every run in a folder, newest first; only what changed is read.

    What was read is kept in the folder where that can be written. Several processes may do so
    at once; what they keep is never believed over a record that has changed since.
    """
    folders = runs(shelf)
    with contextlib.closing(_open(shelf)) as store:
        kept = _kept(store)
        found: list[Card] = []
        new: list[tuple[str, str, float, str]] = []
        for number, run in enumerate(folders):
            now = Stamp.of(run)
            card = _known(kept.get(run.name), now, run)
            if card is None:
                read_at = time.time()
                card = read(run)
                new.append((run.name, now.text, read_at, card.model_dump_json()))
                if progress:
                    progress(number + 1, len(folders))
            found.append(card)
        _keep(store, new, set(kept) - {run.name for run in folders})
    return found


def _known(row: tuple[str, float, str] | None, now: Stamp, run: Path) -> Card | None:
    if row is None or not now.covers(row[0], row[1]):
        return None
    try:
        return Card.model_validate_json(row[2]).model_copy(update={"path": str(run)})
    except ValidationError:
        return None


def _open(shelf: Path) -> sqlite3.Connection:
    """Open what was kept; where that is impossible, something that keeps nothing."""
    path = shelf / STORE / NAME
    for _ in range(2):
        try:
            path.parent.mkdir(exist_ok=True)
            store = sqlite3.connect(path, timeout=10, isolation_level=None)
            store.execute(
                "CREATE TABLE IF NOT EXISTS card (name TEXT PRIMARY KEY, stamp TEXT, "
                "read_at REAL, body TEXT)"
            )
            (version,) = store.execute("PRAGMA user_version").fetchone()
            if version != _FORMAT:
                store.execute("DELETE FROM card")
                store.execute(f"PRAGMA user_version = {_FORMAT}")
        except sqlite3.OperationalError:
            break  # read-only, full, or somebody else is busy with it for long
        except sqlite3.DatabaseError:
            path.unlink(missing_ok=True)  # damaged: whoever has it open keeps it, we begin anew
        except OSError:
            break
        else:
            return store
    store = sqlite3.connect(":memory:", isolation_level=None)
    store.execute("CREATE TABLE card (name TEXT PRIMARY KEY, stamp TEXT, read_at REAL, body TEXT)")
    return store


def _kept(store: sqlite3.Connection) -> dict[str, tuple[str, float, str]]:
    try:
        rows: Iterator[tuple[str, str, float, str]] = store.execute(
            "SELECT name, stamp, read_at, body FROM card"
        )
        return {name: (stamp, read_at, body) for name, stamp, read_at, body in rows}
    except sqlite3.Error:
        return {}


def _keep(
    store: sqlite3.Connection, new: list[tuple[str, str, float, str]], gone: set[str]
) -> None:
    if not new and not gone:
        return
    with contextlib.suppress(sqlite3.Error):  # what is not kept is read again
        store.execute("BEGIN IMMEDIATE")
        store.executemany("INSERT OR REPLACE INTO card VALUES (?, ?, ?, ?)", new)
        store.executemany("DELETE FROM card WHERE name = ?", [(name,) for name in gone])
        store.execute("COMMIT")
