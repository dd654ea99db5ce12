"""Optimisers by name: BayBE's, and those that plug-ins bring; without a name, the one that fits."""

import difflib
from collections.abc import Callable
from dataclasses import dataclass

from gaseol.agents.optimisers.optimiser import Optimiser
from gaseol.tools.registry import plugin_objects
from gaseol.tools.space import Space


class UnknownOptimiser(LookupError):
    """No optimiser has the name asked for."""


@dataclass(frozen=True)
class OptimiserKind:
    """An optimiser that a scenario may name."""

    name: str
    summary: str
    make: Callable[[Space, int], Optimiser]
    """Takes a space and a seed; raises SpaceError where it cannot search that space."""
    require: Callable[[], None] = lambda: None
    """Raises SpaceError where what it needs is not installed; asked before anything is measured."""


def optimisers() -> dict[str, OptimiserKind]:
    """Return every optimiser that a scenario may name, by name."""
    from gaseol.agents.optimisers.baybe_search import BaybeSearch, require

    said = "BayBE's Gaussian process and expected improvement, over a list (extra `baybe`)"
    found = {"baybe": OptimiserKind("baybe", said, BaybeSearch, require)}
    for _, _, thing in plugin_objects():
        if isinstance(thing, OptimiserKind):
            found.setdefault(thing.name, thing)
    return found


def optimiser(name: str) -> OptimiserKind:
    """Return an optimiser.

    Raises:
        UnknownOptimiser: there is none of this name; the message offers the nearest.
    """
    known = optimisers()
    if name not in known:
        near = difflib.get_close_matches(name, known, n=1)
        hint = f"did you mean '{near[0]}'?" if near else f"there are {', '.join(sorted(known))}"
        raise UnknownOptimiser(f"there is no optimiser '{name}'; {hint}")
    return known[name]
