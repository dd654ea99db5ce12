r"""One reviewer's file: a chain of lines, appended under a lock and never changed.

```text
r(-1) = SHA-256("gaseol.review/1\0"       || h(-1))
r(n)  = SHA-256("gaseol.review.entry/1\0" || r(n-1) || line(n))
```
"""

import errno
import hashlib
import json
import os
import secrets
import stat
import unicodedata
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from pydantic import ValidationError

from gaseol.traces.record.disk import sync
from gaseol.traces.review.entry import Entry, to_line
from gaseol.traces.review.target import ReviewError

PLACE = "reviews"
START_DOMAIN = b"gaseol.review/1\0"
ENTRY_DOMAIN = b"gaseol.review.entry/1\0"

LONGEST_LINE = 4_000_000
_LONGEST_NAME = 80
MEMBERS = tuple(name for name in Entry.model_fields if name != "digest")

Sign = Callable[[dict[str, Any]], dict[str, Any]]


class BrokenReview(ReviewError):
    """A reviewer's file cannot be continued as it is."""


@dataclass(frozen=True, slots=True)
class Flaw:
    """One thing about a review that does not hold, and where."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


@dataclass
class Pages:
    """What a reviewer's file holds."""

    head: bytes
    """r of the last whole line."""
    entries: list[Entry] = field(default_factory=list[Entry])
    flaws: list[Flaw] = field(default_factory=list[Flaw])
    lines: int = 0
    torn: bytes = b""
    """A last line without its end: cut off while being written, and never acknowledged."""


def slug(name: str) -> str:
    """Return the name of a reviewer's file, without `.jsonl`: letters, digits and hyphens.

    Raises:
        ReviewError: nothing of the name is left.
    """
    plain = unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())
    words = "".join(c if c.isalnum() else " " for c in plain).split()
    found = "-".join(words)
    while len(found.encode()) > _LONGEST_NAME:
        found = found[:-1].rstrip("-")
    if not found:
        raise ReviewError(f"'{name[:80]}' is no name of a reviewer: it has no letter and no digit")
    return found


def start(record: bytes) -> bytes:
    """Return r(-1), which binds a review to the beginning of a record."""
    return hashlib.sha256(START_DOMAIN + record).digest()


def link(previous: bytes, line: bytes) -> bytes:
    """Return r(n) from r(n-1) and the stored line."""
    return hashlib.sha256(ENTRY_DOMAIN + previous + line).digest()


class Notebook:
    """The file of one reviewer in the folder of a run."""

    def __init__(self, path: Path, record: bytes) -> None:
        """Name the file; `record` is h(-1) of the run it lies in."""
        self.path = path
        self.where = f"{PLACE}/{path.name}"
        self._start = start(record)

    @classmethod
    def of(cls, folder: Path, by: str, record: bytes) -> "Notebook":
        """Return the file of a reviewer, whether it is there or not."""
        return cls(folder / PLACE / f"{slug(by)}.jsonl", record)

    @classmethod
    def all(cls, folder: Path, record: bytes) -> "list[Notebook]":
        """Return the files of all reviewers, by name."""
        place = folder / PLACE
        if place.is_symlink() or not place.is_dir():
            return []
        return [cls(path, record) for path in sorted(place.glob("*.jsonl"))]

    def read(self) -> Pages:
        """Return what the file holds, good or not; nothing where there is no file."""
        try:
            handle = _opened(self.path, os.O_RDONLY)
        except FileNotFoundError:
            return Pages(self._start)
        except BrokenReview as error:
            return Pages(self._start, flaws=[Flaw(self.where, str(error))])
        with os.fdopen(handle, "rb") as file:
            _wait(handle)
            return self._pages(file.readline)

    def append(
        self, by: str, said: Sequence[dict[str, Any]], sign: Sign | None = None
    ) -> list[Entry]:
        """Write a line for each thing said, all or none; return when they are on disk.

        Args:
            by: whose file this must be.
            said: the members of each line from `kind` to `meaning`.
            sign: given a sign-off's members, returns its envelope.

        Raises:
            BrokenReview: the file cannot be continued; the message says what to do.
        """
        with self._held(create=True) as handle:
            with os.fdopen(os.dup(handle), "rb") as file:
                pages = self._pages(file.readline)
            self._continue(pages, by)
            head, number = pages.head, pages.lines
            at = pages.entries[-1].at if pages.entries else ""
            written, entries = b"", list[Entry]()
            for members in said:
                at = max(at, _now())
                line_of = {
                    "seq": number, "prev": head.hex(), "at": at, "by": by, **members,
                    "envelope": None,
                }  # fmt: skip
                if sign is not None and members["kind"] == "signoff":
                    line_of["envelope"] = sign(line_of)
                line = to_line(line_of)
                if len(line) >= LONGEST_LINE:
                    raise ReviewError(f"an entry of {len(line)} bytes is too long")
                head, number = link(head, line), number + 1
                entries.append(_entry(line_of, head))
                written += line + b"\n"
            _write(handle, written)
        sync(self.path.parent)
        return entries

    def mend(self) -> Path | None:
        """Set a torn last line aside, so that the file can be continued; None without one.

        The bytes are kept beside the file: nothing is deleted.
        """
        with self._held(create=False) as handle:
            with os.fdopen(os.dup(handle), "rb") as file:
                pages = self._pages(file.readline)
            if not pages.torn:
                return None
            aside = self.path.with_name(f"{self.path.stem}.{secrets.token_hex(4)}.torn")
            with aside.open("xb") as kept:
                kept.write(pages.torn)
                kept.flush()
                os.fsync(kept.fileno())
            sync(self.path.parent)
            os.ftruncate(handle, os.fstat(handle).st_size - len(pages.torn))
            os.fsync(handle)
        return aside

    def _continue(self, pages: Pages, by: str) -> None:
        """Raise where nothing can be written after what the file holds."""
        check = "see: gaseol review RUN check"
        if pages.torn:
            raise BrokenReview(
                f"{self.where} ends in a line that was cut off while being written "
                f"({len(pages.torn)} bytes, never acknowledged); set it aside first with: "
                "gaseol review RUN check --mend"
            )
        if pages.flaws:
            raise BrokenReview(f"{pages.flaws[0]}; nothing is written after that; {check}")
        if pages.entries and pages.entries[0].by != by:
            raise BrokenReview(
                f"{self.where} is the file of '{pages.entries[0].by}'; '{by}' would be written to "
                "the same one: take a name that differs by more than case and punctuation"
            )

    @contextmanager
    def _held(self, *, create: bool) -> Generator[int]:
        """Open the file and hold its lock, which every writer waits for."""
        import fcntl  # not on Windows, where reviews can be read only

        place = self.path.parent
        if place.is_symlink():
            raise BrokenReview(f"{PLACE} is a link to another folder; nothing is written there")
        if create:
            place.mkdir(exist_ok=True)
        flags = os.O_RDWR | os.O_APPEND | (os.O_CREAT if create else 0)
        handle = _opened(self.path, flags)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield handle
        finally:
            os.close(handle)

    def _pages(self, readline: Callable[[int], bytes]) -> Pages:
        pages = Pages(self._start)
        while raw := readline(LONGEST_LINE):
            if not raw.endswith(b"\n"):
                pages.torn = raw
                if len(raw) == LONGEST_LINE:
                    pages.torn = b""
                    self._wrong(pages, f"is longer than {LONGEST_LINE} bytes; stopped reading")
                else:
                    self._wrong(pages, "is torn: it was cut off while being written")
                break
            self._line(pages, raw[:-1])
        return pages

    def _line(self, pages: Pages, line: bytes) -> None:
        previous, pages.head = pages.head, link(pages.head, line)
        number, pages.lines = pages.lines, pages.lines + 1
        try:
            entry = _entry(_members(line), pages.head)
        except (ValueError, TypeError) as error:
            self._wrong(pages, f"is no entry: {_first(error)}", number)
            return
        if entry.prev != previous.hex():
            before = "the record it lies in" if number == 0 else "the line before"
            what = f"does not follow from {before}: one of the two was altered"
            self._wrong(pages, what, number)
        if entry.seq != number:
            self._wrong(pages, f"calls itself entry {entry.seq}", number)
        if pages.entries and entry.at < pages.entries[-1].at:
            self._wrong(pages, "is dated earlier than the line before", number)
        if slug(entry.by) != self.path.stem:
            self._wrong(pages, f"is by '{entry.by}', whose file this is not", number)
        elif pages.entries and entry.by != pages.entries[0].by:
            first = pages.entries[0].by
            self._wrong(pages, f"is by '{entry.by}', the first one by '{first}'", number)
        pages.entries.append(entry)

    def _wrong(self, pages: Pages, what: str, number: int | None = None) -> None:
        line = (pages.lines if number is None else number) + 1
        pages.flaws.append(Flaw(f"{self.where}, line {line}", what))


def _wait(handle: int) -> None:
    """Return when nobody is in the midst of writing."""
    try:
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_SH)
    except (ImportError, OSError):
        pass  # nobody writes where there are no locks


def _members(line: bytes) -> dict[str, Any]:
    """Read a line; an object with two members of one name is none."""

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            raise ValueError("two of its members have one name")
        return found

    def no_number(said: str) -> None:
        raise ValueError(f"{said} is no number")

    try:
        members = json.loads(line, object_pairs_hook=unique, parse_constant=no_number)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    if not isinstance(members, dict) or set(cast("dict[str, Any]", members)) != set(MEMBERS):
        raise ValueError(f"its members are not {', '.join(MEMBERS)}")
    return cast("dict[str, Any]", members)


def _entry(members: dict[str, Any], head: bytes) -> Entry:
    # through JSON: strict about numbers and text, and a list is a tuple there
    return Entry.model_validate_json(to_line({**members, "digest": head.hex()}), strict=True)


def _first(error: Exception) -> str:
    if isinstance(error, ValidationError):
        found = error.errors()[0]
        at = ".".join(map(str, found["loc"]))
        return f"{at}: {found['msg']}" if at else str(found["msg"])
    return str(error)


def _opened(path: Path, flags: int) -> int:
    """Open a plain file: no link out of the folder, no pipe that would wait for ever.

    Raises:
        BrokenReview: it is something else.
        FileNotFoundError: it is not there.
    """
    place = f"{PLACE}/{path.name}"
    safe = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        handle = os.open(path, flags | safe, 0o644)
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.EISDIR, errno.ENXIO):
            raise BrokenReview(f"{place} is no plain file; nothing is read or written") from None
        raise
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise BrokenReview(f"{place} is no plain file; nothing is read or written")
    return handle


def _write(handle: int, content: bytes) -> None:
    """Append bytes durably; what was written in part is taken back."""
    before = os.fstat(handle).st_size
    try:
        rest = memoryview(content)
        while rest:
            rest = rest[os.write(handle, rest) :]
        os.fsync(handle)
    except OSError:
        with suppress(OSError):
            os.ftruncate(handle, before)
        raise


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
