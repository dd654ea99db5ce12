"""Whether draws that are left could still decide a hypothesis."""

import functools
import math
from collections.abc import Sequence

from gaseol.traces.evidence.process import Census, Process, Sign

_MOST = 100_000


def reach(
    process: Process, outcomes: Sequence[float | None], remaining: int
) -> tuple[float, float] | None:
    """Return the most that ln E for, and ln E against, can stand at after the draws left.

    Args:
        process: of hits and misses; of others no outcome is the best, and None is returned, as
            it is beyond a hundred thousand draws.
        outcomes: of the draws that counted; above 0 a hit, below a miss, 0 a tie, None a failure.
        remaining: draws left in the sealed order.
    """
    planned = len(outcomes) + max(0, remaining)
    if not isinstance(process, Sign | Census) or planned > _MOST:
        return None
    if isinstance(process, Census) and planned > process.size:
        remaining = process.size - len(outcomes)
    signs = tuple(0 if o is None else int(math.copysign(1, o)) if o else 0 for o in outcomes)
    # the process is frozen, and so hashable
    hits, misses = signs.count(1), signs.count(-1)
    return _reach(
        process,  # pyright: ignore[reportArgumentType]
        len(signs),
        hits,
        misses,
        max(0, remaining),
    )


def futile(
    process: Process, log_threshold: float, outcomes: Sequence[float | None], remaining: int
) -> bool:
    """Tell whether no outcome of the remaining draws could decide the hypothesis."""
    if remaining <= 0:
        return True
    most = reach(process, outcomes, remaining)
    return most is not None and max(most) < log_threshold


@functools.lru_cache(maxsize=100_000)
def _reach(
    process: Sign | Census, draws: int, hits: int, misses: int, remaining: int
) -> tuple[float, float]:
    # only the counts matter to what stands at the end
    done = [1.0] * hits + [-1.0] * misses + [0.0] * (draws - hits - misses)
    best = process.path([*done, *[1.0] * remaining])[0]
    worst = process.path([*done, *[-1.0] * remaining])[1]
    return (float(best[-1]), float(worst[-1])) if len(best) else (0.0, 0.0)
