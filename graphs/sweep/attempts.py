"""What is tried to make one run of a sweep, and what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gaseol.graphs.running.asked import code_digest
from gaseol.traces.record.docket import Docket
from gaseol.traces.record.trace import Trace
from gaseol.traces.summary import summary

ATTEMPTS = 2
"""A run that failed is made once more."""
NODES = 20
"""So many times a run may lose the node that it is made on, which is no fault of its own."""


@dataclass(frozen=True)
class Order:
    """What all runs of a sweep have in common."""

    scenario: str
    report: bool = False
    allow_weak: bool = False


@dataclass(frozen=True)
class Point:
    """One run of a sweep."""

    name: str
    seed: int
    settings: tuple[tuple[str, str], ...]
    scientist: str
    digest: str = ""
    """Of the scenario with these settings; empty where it is not held against anything."""

    def folder(self, out: Path, attempt: int) -> Path:
        """Return where the run is kept."""
        return out / (self.name if attempt == 0 else f"{self.name}-{attempt + 1}")


@dataclass
class Result:
    """What came of a run."""

    point: Point
    folder: Path
    status: str
    reason: str = ""
    attempts: int = 1
    earlier: bool = False
    """It was there already."""
    found: dict[str, Any] = field(default_factory=dict[str, Any])
    """As `gaseol show --json` prints it; empty where there is no record."""

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {
            "run": str(self.folder),
            "seed": self.point.seed,
            "settings": dict(self.point.settings),
            "scientist": self.point.scientist,
            "status": self.status,
            "reason": self.reason,
            "attempts": self.attempts,
            "hypotheses": self.found.get("hypotheses", []),
            "cost": self.found.get("cost", {}),
        }


class Attempts:
    """The attempts at one run: says what is to be made next, until there is a result."""

    def __init__(self, point: Point, order: Order, out: Path) -> None:
        self.point = point
        self._order = order
        self._out = out
        self._failed = 0
        self._nodes = 0
        self._making: Path | None = None

    @property
    def task(self) -> dict[str, Any]:
        """What a workbench is asked."""
        point, self._making = self.point, self._folder
        return {"scenario": self._order.scenario, "settings": dict(point.settings),
                "seed": point.seed, "scientist": point.scientist, "folder": str(self._making),
                "report": self._order.report,
                "allow_weak": self._order.allow_weak, "digest": point.digest, "code": code_digest()}  # fmt: skip

    @property
    def folders(self) -> list[Path]:
        """Where its last attempt may be, the latest first."""
        return [self.point.folder(self._out, n) for n in reversed(range(ATTEMPTS))]

    @property
    def begun(self) -> bool:
        """Whether there is a record that goes on."""
        return (self._folder / "run.json").is_file()

    def there(self) -> Result | None:
        """Return what came of the run earlier; None where it is to be made, or gone on with."""
        for attempt in range(ATTEMPTS):
            folder = self.point.folder(self._out, attempt)
            if not (folder / "seal.json").is_file():
                return None
            status = Trace(folder).status
            if status != "failed" or attempt + 1 == ATTEMPTS:
                found = _result(self.point, folder, status, attempts=attempt + 1)
                found.earlier = True
                return found
        return None

    def answered(self, reply: Mapping[str, Any]) -> Result | None:
        """Take what a workbench said; return a result, or None where it is to be tried again."""
        if reply["status"] != "failed":
            folder = self._making or self._folder
            return _result(self.point, folder, str(reply["status"]),
                           attempts=self._number(folder), found=reply.get("found"))  # fmt: skip
        return self.lost(str(reply["reason"]))

    def lost(self, reason: str) -> Result | None:
        """Take that whoever made it died; return a result where it is not to be tried again."""
        if (done := self.there()) is not None and done.status != "failed":
            done.earlier = False  # it died after the seal
            return done
        self._failed += 1
        if self._failed < ATTEMPTS and self.there() is None:
            return None
        folder = self._folder
        return _result(self.point, folder, "failed", reason, attempts=self._number(folder))

    def stranded(self, reason: str) -> Result | None:
        """Take that the node went away with it, which counts only if it does so all the time."""
        self._nodes += 1
        return self.lost(reason) if self._nodes > NODES else None

    @property
    def _folder(self) -> Path:
        """Where the next attempt is made: in a new folder only after one that failed to its end."""
        for attempt in range(ATTEMPTS - 1):
            folder = self.point.folder(self._out, attempt)
            if not _failed(folder):
                return folder
        return self.point.folder(self._out, ATTEMPTS - 1)

    def _number(self, folder: Path) -> int:
        sealed = 2 if folder.name != self.point.name else 1
        return min(ATTEMPTS, max(self._failed + 1, sealed))


def _failed(folder: Path) -> bool:
    return (folder / "seal.json").is_file() and Trace(folder).status == "failed"


def _result(
    point: Point,
    folder: Path,
    status: str,
    reason: str = "",
    attempts: int = 1,
    found: Mapping[str, Any] | None = None,
) -> Result:
    if found is None and (folder / "events.jsonl").is_file():
        found = summary(Docket.of(Trace(folder)), str(folder), status)
    said = dict(found or {})
    return Result(point, folder, status, reason or said.get("reason", ""), attempts, found=said)
