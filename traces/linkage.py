"""Are the stored lines the ones that were chained? Hashes every byte, reads no meaning.

`python -m gaseol.traces.linkage FOLDER` prints the result as JSON: a long record is followed by a
process of its own while another one reads what the events say.
"""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import orjson

from gaseol.traces import chain
from gaseol.traces.problem import Flaw, Problem

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
    link = chain.link
    with (folder / "events.jsonl").open("rb") as file:
        for raw in file:
            if not raw.endswith(b"\n"):
                where = f"events.jsonl, line {number + 1}"
                problems.append(Problem(where, "is torn: it has no line end", Flaw.TRUNCATED))
                break
            line = raw[:-1]
            if not line.startswith(b'{"seq":%d,"prev":"%b",' % (number, head.hex().encode())):
                problems += _envelope(number, line, head)
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


def _envelope(number: int, line: bytes, head: bytes) -> list[Problem]:
    """Say what is wrong with a line that does not begin as the next one must."""
    where = f"event {number}"
    try:
        event = orjson.loads(line)
        seq, prev = event["seq"], event["prev"]
    except (ValueError, KeyError, TypeError) as error:
        return [Problem(where, f"line {number + 1} of events.jsonl is no event: {error}")]
    found: list[Problem] = []
    if prev != head.hex():
        before = "run.json" if number == 0 else f"event {number - 1}"
        what = f"does not follow from {before}: one of the two was altered"
        found.append(Problem(where, what))
    if seq != number:
        found.append(Problem(where, f"calls itself event {seq}"))
    if not found:
        found.append(Problem(where, "its members are not written in their order"))
    return found


class Following:
    """The chain of a record, followed beside whatever else is done meanwhile."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._child: subprocess.Popen[bytes] | None = None
        if (folder / "events.jsonl").stat().st_size >= _LONG:
            command = [sys.executable, "-m", "gaseol.traces.linkage", str(folder.resolve())]
            self._child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)  # noqa: S603

    def result(self) -> Linkage:
        """Return what came of it, when it is done."""
        if self._child is not None:
            said, _ = self._child.communicate()
            if self._child.returncode == 0:
                found = orjson.loads(said)
                problems = tuple(
                    Problem(p["where"], p["what"], Flaw(p["flaw"])) for p in found["problems"]
                )
                return Linkage(found["events"], found["head"], found["root"], problems)
        return follow(self._folder)


def _main() -> None:
    found = follow(Path(sys.argv[1]))
    sys.stdout.buffer.write(orjson.dumps(found))


if __name__ == "__main__":
    _main()
