"""Runs made by a crew on other machines, several in one errand."""

import itertools
import time
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from typing import Any

from gaseol.graphs.sweep.attempts import Attempts, Result
from gaseol.tools.cluster.crew import Crew, NodeLost, WorkerLost

PATIENCE = 600.0
"""Seconds that a run is waited for which another process is writing: a node that is cut off may go
on for a while, and file servers give its locks back late."""
_PAUSE = 5.0
"""Seconds before such a run is tried again."""
_LOOK = 0.5
_HELPINGS = 8
_LARGEST = 64

MAKE = "gaseol.graphs.sweep.workbench:make_all"


def made_by_crew(todo: Sequence[Attempts], crew: Crew) -> Generator[Result, None, None]:
    """Have runs made; yield each as it ends. Closing it leaves what is under way to the crew's end.

    What an errand has done is told by the records: of one that was lost only the run that was being
    made is tried again in its own right, the rest is handed out anew.

    Args:
        todo: what is to be made.
        crew: at work.

    Raises:
        ClusterError: the crew has no workers.
    """
    waiting = deque(_chunks(todo, crew))
    going: dict[Future[Any], list[Attempts]] = {}
    later: list[tuple[float, Attempts]] = []
    since: dict[str, float] = {}
    while waiting or going or later:
        now = time.monotonic()
        waiting.extend([attempts] for due, attempts in later if due <= now)
        later = [(due, attempts) for due, attempts in later if due > now]
        while waiting:
            chunk = waiting.popleft()
            going[crew.submit(MAKE, [one.task for one in chunk])] = chunk
        if not going:
            time.sleep(_LOOK)
            continue
        done, _ = wait(going, timeout=_LOOK if later else None, return_when=FIRST_COMPLETED)
        for future in done:
            chunk = going.pop(future)
            error = future.exception()
            if isinstance(error, WorkerLost):
                results, rest = _lost(chunk, error)
                yield from results
                waiting.extend([one] for one in rest)
                continue
            if error is not None:
                raise error
            for attempts, said in zip(chunk, future.result(), strict=True):
                reply = dict(said)
                if reply["status"] == "busy":
                    begun = since.setdefault(attempts.point.name, time.monotonic())
                    if time.monotonic() < begun + PATIENCE:
                        later.append((time.monotonic() + _PAUSE, attempts))
                        continue
                    reply["status"] = "failed"
                result = attempts.answered(reply)
                if result is None:
                    waiting.append([attempts])
                else:
                    yield result


def _chunks(todo: Sequence[Attempts], crew: Crew) -> Iterator[list[Attempts]]:
    """Cut what is to be made: short enough that no worker is idle at the end."""
    size = crew.profile.chunk or len(todo) // (crew.profile.slots * _HELPINGS)
    pieces = iter(todo)
    while piece := list(
        itertools.islice(pieces, min(max(size, 1), crew.profile.chunk or _LARGEST))
    ):
        yield piece


def _lost(chunk: list[Attempts], error: WorkerLost) -> tuple[list[Result], list[Attempts]]:
    """Return, of an errand that was lost, what it had done all the same, and what is left."""
    results: list[Result] = []
    rest: list[Attempts] = []
    blamed = isinstance(error, NodeLost)
    for attempts in chunk:
        result = attempts.there()
        if result is not None:
            result.earlier = False
        elif not blamed:  # the first that is not done is the one that was being made
            blamed = True
            result = attempts.lost(str(error))
        elif isinstance(error, NodeLost) and attempts.begun:
            result = attempts.stranded(str(error))
        else:
            result = None
        if result is None:
            rest.append(attempts)
        else:
            results.append(result)
    return results, rest
