"""Scientists by name: those that plug-ins bring."""

from gaseol.agents.roles import Scientist
from gaseol.tools.registry import plugin_objects


def scientists() -> dict[str, Scientist]:
    """Return every scientist that an installed plug-in has at its top level, by name.

    The embedded one is not among them, and no plug-in can take its name.
    """
    found: dict[str, Scientist] = {}
    for _, _, thing in plugin_objects():
        if isinstance(thing, Scientist) and thing.name != "embedded":
            found.setdefault(thing.name, thing)
    return found
