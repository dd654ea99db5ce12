"""The witness: what a call reaches for, as Python's audit events tell it.

Evidence against a tool, not protection from it: what goes past Python (C code, other processes) is
not seen here, and is stopped by the kernel or not at all.
"""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

MOST = 20
"""Sightings kept of each kind."""

Event = tuple[Any, ...]


class Witness:
    """Notes what the calling process does; it can be added to a process, and never taken away."""

    def __init__(self, scratch: Path, *, thorough: bool = False) -> None:
        """Begin to watch this process.

        Args:
            scratch: the folder that may be written to.
            thorough: watch processes that are started, too, which is no fault by itself.
        """
        self.seen: dict[str, list[str]] = {}
        """What was seen since `forget`, by kind: `network`, `process`, `file`."""
        self._free = (f"{os.path.realpath(scratch)}/", "/dev/", "/proc/self/")
        watched = {**_NETWORK, **_FILE, **(_PROCESS if thorough else {})}
        kinds = {
            **dict.fromkeys(_NETWORK, "network"),
            **dict.fromkeys(_PROCESS, "process"),
            **dict.fromkeys(_FILE, "file"),
        }

        def hook(event: str, given: Event) -> None:
            look = watched.get(event)
            if look is not None:
                self._note(kinds[event], event, look(given))

        sys.addaudithook(hook)

    def forget(self) -> None:
        """Begin anew, for the next call."""
        self.seen = {}

    def _note(self, kind: str, event: str, what: Any) -> None:
        if what is None or (kind == "file" and self._is_free(what)):
            return
        if kind == "network" and isinstance(what, str) and self._is_free(what):
            return  # a socket in the scratch folder
        notes = self.seen.setdefault(kind, [])
        said = f"{event} {what!r}"[:200]
        if len(notes) < MOST and said not in notes:
            notes.append(said)

    def _is_free(self, path: Any) -> bool:
        try:
            said = os.path.realpath(os.fsdecode(path))
        except (TypeError, ValueError):
            return False
        return f"{said}/".startswith(self._free)


def _written(given: Event) -> Any:
    """Return the path of an `open` event that may write; None for one that reads."""
    path, mode, flags = given
    writes = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
    asked = any(letter in mode for letter in "wax+") if isinstance(mode, str) else False
    if isinstance(path, int) or not (asked or (isinstance(flags, int) and flags & writes)):
        return None
    return path


def _at(position: int) -> Callable[[Event], Any]:
    return lambda given: given[position] if len(given) > position else None


_NETWORK: dict[str, Callable[[Event], Any]] = {
    "socket.connect": _at(1),
    "socket.bind": _at(1),
    "socket.sendto": _at(1),
    "socket.sendmsg": _at(1),
    "socket.getaddrinfo": _at(0),
    "socket.gethostbyname": _at(0),
    "socket.gethostbyaddr": _at(0),
}
_PROCESS: dict[str, Callable[[Event], Any]] = {
    "subprocess.Popen": _at(1),
    "os.system": _at(0),
    "os.posix_spawn": _at(0),
    "os.spawn": _at(1),
    "os.exec": _at(0),
    "os.fork": lambda _: "",
    "os.forkpty": lambda _: "",
}
_FILE: dict[str, Callable[[Event], Any]] = {
    "open": _written,
    "os.remove": _at(0),
    "os.rename": _at(1),
    "os.mkdir": _at(0),
    "os.rmdir": _at(0),
    "os.link": _at(1),
    "os.symlink": _at(1),
    "os.truncate": _at(0),
    "os.chmod": _at(0),
    "os.chown": _at(0),
    "shutil.rmtree": _at(0),
}
