"""Runs made on this machine, by several hands at a time."""

import queue
import threading
import time
from collections.abc import Generator, Sequence

from gaseol.graphs.sweep.attempts import Attempts, Result
from gaseol.graphs.sweep.hand import Died, Hand, shares

PATIENCE = 120.0
"""Seconds that a run is waited for which another process is writing."""
_PAUSE = 0.5


def made_here(todo: Sequence[Attempts], jobs: int) -> Generator[Result, None, None]:
    """Have runs made; yield each as it ends. Closing it ends what is under way.

    Args:
        todo: what is to be made.
        jobs: hands.
    """
    waiting: queue.SimpleQueue[Attempts] = queue.SimpleQueue()
    for attempts in todo:
        waiting.put(attempts)
    done: queue.SimpleQueue[Result | BaseException] = queue.SimpleQueue()
    hands = [Hand(processors) for processors in shares(min(jobs, len(todo)))]

    def work(hand: Hand) -> None:
        try:
            while True:
                try:
                    attempts = waiting.get_nowait()
                except queue.Empty:
                    hand.dismiss()
                    return
                done.put(_made(hand, attempts))
        except BaseException as error:  # noqa: BLE001 (raised where the results are read)
            done.put(error)

    threads = [threading.Thread(target=work, args=(hand,), daemon=True) for hand in hands]
    for thread in threads:
        thread.start()
    try:
        for _ in todo:
            result = done.get()
            if isinstance(result, BaseException):
                raise result
            yield result
        for thread in threads:
            thread.join()  # each lets its process end by itself
    finally:
        for hand in hands:
            hand.close()
        for thread in threads:
            thread.join()


def _made(hand: Hand, attempts: Attempts) -> Result:
    since = time.monotonic()
    while True:
        try:
            reply = hand.make(attempts.task)
        except Died as died:
            result = attempts.lost(str(died))
        else:
            if reply["status"] == "busy":
                if time.monotonic() < since + PATIENCE:
                    time.sleep(_PAUSE)  # of an earlier sweep that was killed: its hands end soon
                    continue
                reply = {**reply, "status": "failed"}
            result = attempts.answered(reply)
        if result is not None:
            return result
