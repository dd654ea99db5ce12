"""Everything a page may ask of one run, read once and kept; safe to ask from many threads."""

import base64
import threading
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gaseol.traces.evidence.process import LawContest
from gaseol.traces.record.blob import AlteredBlob, Blob, BlobStore, MissingBlob
from gaseol.traces.record.cases import columns
from gaseol.traces.record.trace import BrokenLine, Trace
from gaseol.traces.view import standing
from gaseol.traces.view.board import board
from gaseol.traces.view.chunk import chunk, whole
from gaseol.traces.view.outline import Outline, curves
from gaseol.traces.view.search import search
from gaseol.traces.view.skeleton import CHUNK, Skeleton

if TYPE_CHECKING:
    from gaseol.traces.report.document import Trial
    from gaseol.traces.report.record import Record

PARTS = ("skeleton", "board", "facets", "curves", "sheet", "cases", "cells", "fits")
"""What a page is made of, apart from events, payloads and reviews; in the order it asks."""
PAYLOAD = 4 << 20
"""Bytes of one payload that are shown; longer ones are cut, which is said."""
_REPORTED = 20_000
"""Events up to which laws are set against measurements and cases get their labels."""


class Exhibit:
    """One run, as it stood when it was opened."""

    def __init__(self, folder: Path) -> None:
        """Open a run.

        Raises:
            NotARun: the folder holds no record.
        """
        self.trace = Trace(folder)
        self.folder = folder
        self._stamp = stamp(folder)
        self._kept: dict[str, Any] = {}
        self._locks = {name: threading.Lock() for name in
                       ("skeleton", "outline", "board", "record", "standing", "inspection")}  # fmt: skip

    def stale(self) -> bool:
        """Tell whether the record has grown or changed since it was opened."""
        return stamp(self.folder) != self._stamp

    def _keep(self, name: str, make: Callable[[], Any]) -> Any:
        with self._locks[name]:
            if name not in self._kept:
                self._kept[name] = make()
            return self._kept[name]

    @property
    def skeleton(self) -> Skeleton:
        """The envelopes of the events."""
        return self._keep("skeleton", lambda: Skeleton.of(self.folder))

    @property
    def outline(self) -> Outline:
        """What the events carry, in columns."""
        return self._keep("outline", lambda: Outline.of(self.skeleton))

    def part(self, name: str) -> Any:
        """Return one of `PARTS`, or `standing`, `inspection`, `replay` or `reviews`.

        Raises:
            KeyError: there is no such part.
        """
        match name:
            case "skeleton":
                return self.skeleton.to_json()
            case "board":
                return self._keep("board", lambda: board(self.skeleton, self.outline))
            case "facets":
                return self.outline.facets()
            case "curves":
                return dict(curves(self.outline))
            case "sheet":
                return self.outline.sheet.to_json()
            case "cases":
                return self._reported()[0]
            case "cells":
                return self._reported()[1]
            case "fits":
                return self._reported()[2]
            case "standing":
                return self._keep("standing", lambda: standing.standing(self.folder))
            case "inspection":
                return self._keep("inspection", lambda: standing.inspection(self.folder))
            case "replay":
                skeleton = self.skeleton
                head = skeleton.digest(len(skeleton) - 1) if len(skeleton) else ""
                return standing.replay(self.folder, head)
            case "reviews":
                return standing.remarks(self.folder)
            case _:
                raise KeyError(name)

    def known(self, name: str) -> Any:
        """Return a part that is at hand already, else None."""
        return self._kept.get(name)

    def chunks(self) -> int:
        """Return how many chunks of events there are."""
        return -(-len(self.skeleton) // CHUNK)

    def chunk(self, number: int) -> list[dict[str, Any]]:
        """Return the events of a chunk.

        Raises:
            KeyError: there is no such chunk.
        """
        if not 0 <= number < self.chunks():
            raise KeyError(number)
        return chunk(self.skeleton, number)

    def event(self, seq: int) -> dict[str, Any]:
        """Return one event whole.

        Raises:
            KeyError: there is no such event.
        """
        if not 0 <= seq < len(self.skeleton):
            raise KeyError(seq)
        return whole(self.skeleton, seq)

    def blobs(self) -> list[tuple[Blob, int]]:
        """Return the payloads referred to, each with the first event that does."""
        return list(self.outline.blobs.values())

    def blob(self, sha256: str) -> dict[str, Any]:
        """Return a payload as text or base64, or why it cannot be shown.

        Raises:
            KeyError: no event refers to it.
        """
        blob, seq = self.outline.blobs[sha256]
        said: dict[str, Any] = {"sha256": sha256, "bytes": blob.bytes, "media": blob.media,
                                "seq": seq}  # fmt: skip
        try:
            content = self.store.get(blob)
        except (MissingBlob, AlteredBlob, ValueError, OSError) as error:
            kinds = {"WithheldBlob": "withheld", "MissingBlob": "missing",
                     "AlteredBlob": "altered"}  # fmt: skip
            why = kinds.get(type(error).__name__, "unreadable")
            # the message of a missing payload names a folder of this machine
            reason = str(error)[:400] if why == "withheld" else ""
            return {**said, "lost": why, "reason": reason}
        if len(content) > PAYLOAD:
            said["cut"] = PAYLOAD
            content = content[:PAYLOAD]
        if blob.media.startswith("text/") or blob.media.endswith(("json", "xml")):
            return {**said, "text": content.decode("utf-8", "replace")}
        return {**said, "base64": base64.b64encode(content).decode()}

    @property
    def store(self) -> BlobStore:
        """Where the payloads are."""
        return self.trace.blobs

    def search(self, query: str, start: int) -> dict[str, Any]:
        """Return where words stand, from a place on; a case is found by its name too."""
        return search(self.skeleton, self.blobs(), self.store, query, start, names=self._named())

    def _named(self) -> dict[int, str]:
        """Return by what name people know the case of a measurement, by its position."""
        labels, sheet = self._reported()[0], self.outline.sheet
        texts = sheet.texts.texts
        return {
            seq: labels[texts[case]]
            for seq, case in zip(sheet.seq, sheet.case, strict=True)
            if texts[case] in labels
        }

    def _reported(self) -> tuple[dict[str, str], dict[str, Any], dict[str, Any]]:
        return self._keep("record", self._report)

    def _report(self) -> tuple[dict[str, str], dict[str, Any], dict[str, Any]]:
        """Return names of cases, what each has in the variables in question, and fits of laws."""
        if len(self.skeleton) > _REPORTED or self.skeleton.broken:
            return {}, {}, {}
        from gaseol.traces.report.record import Record
        from gaseol.traces.report.trial import trial

        fits: dict[str, Any] = {}
        try:
            record = Record.of(self.trace)
            for name, registration in record.docket.registrations.items():
                if isinstance(registration.criterion.process, LawContest):
                    fits[name] = _fitted(trial(record, name, name))
            return dict(record.cases.labels), _cells(record), fits
        except (BrokenLine, ValueError, LookupError, TypeError, AttributeError, OverflowError):
            return {}, {}, {}


def _cells(record: "Record") -> dict[str, dict[str, Any]]:
    """Return, of every case that was measured, the variables that a hypothesis speaks of."""
    docket = record.docket
    spoken = {
        column.variable
        for name in docket.registrations
        if (hypothesis := docket.hypotheses.get(name)) is not None
        for column in columns(hypothesis.relation, {})
    }
    found: dict[str, dict[str, Any]] = {}
    for case, *_ in docket.readings:
        cells = {v: record.cases.cell(case, v) for v in sorted(spoken)}
        known = {v: cell for v, cell in cells.items() if cell is not None}
        if known:
            found[case] = known
    return found


def _fitted(found: "Trial") -> dict[str, Any]:
    """Return a law beside what was measured, or why it cannot be set beside it."""
    if found.fit is None or not found.fit.fits:
        return {"note": found.fit_note}
    contest = asdict(found.fit)
    (law, *_) = contest.pop("fits")
    return {"note": found.fit_note, **contest, **law}


def stamp(folder: Path) -> tuple[int, int, int]:
    """Return what tells this state of a record from any other."""
    events, asked = (folder / "events.jsonl").stat(), (folder / "run.json").stat()
    return events.st_size, events.st_mtime_ns, asked.st_mtime_ns
