"""Who is judged against whom: a few opponents each, everybody connected with everybody."""

import itertools
from collections.abc import Iterable, Sequence

_ALL = 28
"""So many pairings are played in full."""


def schedule(
    players: Sequence[str], opponents: int, played: Iterable[frozenset[str]] = ()
) -> list[tuple[str, str]]:
    """Return pairings, none of which was played before, neighbours of the seeding first.

    Each player meets those next to it in the seeding, at least so many of them: near ranks tell
    most, and a ring connects all. A few players meet each other all.

    Args:
        players: in the order in which they are seeded.
        opponents: how many each meets at least, where there are so many.
        played: pairings before this one.
    """
    done = set(played)
    pairs = list(itertools.combinations(players, 2))
    if len(pairs) > _ALL:
        size = len(players)
        steps = range(1, (opponents + 1) // 2 + 1)
        pairs = [(players[i], players[(i + step) % size]) for step in steps for i in range(size)]
    found: list[tuple[str, str]] = []
    for a, b in pairs:
        if a != b and frozenset((a, b)) not in done:
            done.add(frozenset((a, b)))
            found.append((a, b))
    return found
