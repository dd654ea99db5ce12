"""Are the stored lines the ones that were chained, and is each of them an event?

Looks at every line by itself and at its link to the one before, not at what it means.
`python -m gaseol.traces.verification.linkage FOLDER` prints the result as JSON: a long record is followed by a
process of its own while another one reads what the events say.
"""

import contextlib
import hashlib
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import orjson

from gaseol.traces.record import chain
from gaseol.traces.verification.problem import Flaw, Problem

_BEGINNING = b'{"seq":%d,"prev":"%b",'
_BLOCK = 1024
_MOST = 20
_LONG = 16_000_000
"""Bytes from which on a second process pays."""


@dataclass(frozen=True)
class Linkage:
    """What came of following the chain."""

    events: int
    head: str
    root: str
    problems: tuple[Problem, ...] = ()


def follow(folder: Path) -> Linkage:
    """Follow the chain of a record from `run.json` to its last line."""
    head = chain.start((folder / "run.json").read_bytes())
    merkle, leaves = chain.Merkle(), list[bytes]()
    problems: list[Problem] = []
    number = 0
    link, odd = chain.link, _odd
    with (folder / "events.jsonl").open("rb") as file:
        for raw in file:
            if not raw.endswith(b"\n"):
                where = f"events.jsonl, line {number + 1}"
                problems.append(Problem(where, "is torn: it has no line end", Flaw.TRUNCATED))
                break
            line = raw[:-1]
            what = odd(number, line, head.hex())
            if what:
                where = f"event {number}"
                problems += [Problem(where, each) for each in what]
            head = link(head, line)
            leaves.append(head)
            number += 1
            if not number % _BLOCK:
                merkle.extend(leaves)
                leaves.clear()
            if len(problems) > _MOST:
                problems.append(Problem("events.jsonl", "too many problems, stopped reading"))
                break
    merkle.extend(leaves)
    if not number:
        problems.append(Problem("events.jsonl", "holds no event", Flaw.TRUNCATED))
    return Linkage(number, head.hex(), merkle.root().hex(), tuple(problems))


UNREADABLE = (ValueError, RecursionError, msgspec.MsgspecError)
"""What a line that is no event makes a reader raise."""


class Envelope(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """An event whose data have not been read."""

    seq: int
    prev: str
    at: str
    cause: int | None
    kind: str
    data: msgspec.Raw


class _Reference(msgspec.Struct, gc=False):
    sha256: str


class _Data(msgspec.Struct, gc=False):
    """What a request says of itself; the data of other kinds have nothing of this."""

    effect: str = ""
    name: str = ""
    key: str = ""
    version: str = ""
    arguments: msgspec.Raw = msgspec.Raw(b"{}")
    blob: _Reference | None = None


class _Line(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """An event, read as far as needed to say whether it is one."""

    seq: int
    prev: str
    at: str
    cause: int | None
    kind: str
    data: _Data


_result = msgspec.json.Decoder(Linkage).decode
open_envelope = msgspec.json.Decoder(Envelope).decode
_read = msgspec.json.Decoder(_Line).decode


def _odd(number: int, line: bytes, head: str) -> list[str]:
    """Say what is wrong with a line by itself, and with its link to the one before."""
    try:
        if not line.isascii():
            line.decode()
        event = _read(line)
    except UNREADABLE as error:
        return _slowly(number, line, head, error)
    kind, cause = event.kind, event.cause
    asked = event.data if kind == "effect.requested" else None
    if (
        event.prev == head
        and event.seq == number
        and line.startswith(_BEGINNING % (number, head.encode()))
        and (cause is None or 0 <= cause < number)
        and asked is None
    ):
        return []
    found = _links(number, head, event) + ([] if asked is None else _asked(asked))
    if not found and not line.startswith(_BEGINNING % (number, head.encode())):
        found.append("does not begin with seq and prev, without white space")
    return found


def _slowly(number: int, line: bytes, head: str, error: Exception) -> list[str]:
    """Look again at a line that is not as those of known kinds are."""
    try:
        line.decode()
        event = open_envelope(line)
        if not isinstance(orjson.loads(line)["data"], dict):
            raise ValueError("its data are no object")
    except UNREADABLE as worse:
        return [f"line {number + 1} of events.jsonl is no event: {worse}"]
    what = [f"is no effect.requested: {error}"] if event.kind == "effect.requested" else []
    return _links(number, head, event) + what


def _links(number: int, head: str, event: "_Line | Envelope") -> list[str]:
    found: list[str] = []
    if event.prev != head:
        before = "run.json" if number == 0 else f"event {number - 1}"
        found.append(f"does not follow from {before}: one of the two was altered")
    if event.seq != number:
        found.append(f"calls itself event {event.seq}")
    if event.cause is not None and not 0 <= event.cause < number:
        found.append("its cause is no earlier event")
    return found


def _asked(said: _Data) -> list[str]:
    """Check the key of a request whose arguments stand in the event."""
    if said.blob is not None:
        return []
    try:
        arguments = orjson.loads(bytes(said.arguments))
        key = request_key(said.effect, said.name, said.version, arguments)
    except ValueError as error:
        return [f"is no effect.requested: {error}"]
    return [] if key == said.key else ["its key is not that of what it asks"]


def request_key(effect: str, name: str, version: str, arguments: Any) -> str:
    """Return SHA-256 of kind, name, version and arguments: what makes two requests one."""
    parts = [effect, name, version, arguments]
    return hashlib.sha256(orjson.dumps(parts, option=orjson.OPT_SORT_KEYS)).hexdigest()


class Following:
    """The chain of a record, followed beside whatever else is done meanwhile."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._child: subprocess.Popen[bytes] | None = None
        if (folder / "events.jsonl").stat().st_size >= _LONG:
            # -P: no module is taken from the folder that somebody happens to stand in
            command = [
                sys.executable,
                "-P",
                "-m",
                "gaseol.traces.verification.linkage",
                str(folder.resolve()),
            ]
            with contextlib.suppress(OSError):
                self._child = subprocess.Popen(  # noqa: S603
                    command, stdout=subprocess.PIPE, stderr=subprocess.PIPE
                )

    def result(self) -> Linkage:
        """Return what came of it, when it is done."""
        if self._child is not None:
            said, _ = self._child.communicate()
            # one that died, or was none of ours, is done without
            with contextlib.suppress(msgspec.MsgspecError):
                if self._child.returncode == 0:
                    return _result(said)
        return follow(self._folder)


def _main() -> None:
    found = follow(Path(sys.argv[1]))
    sys.stdout.buffer.write(orjson.dumps(found))


if __name__ == "__main__":
    _main()
