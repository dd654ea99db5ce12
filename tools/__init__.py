"""What measures: the tool contract, plug-ins, isolated workers, units, the cache.

Packs by field (`gaseol.tools.chemistry`, ...) come in through the entry-point group `gaseol`.
"""

from typing import TYPE_CHECKING, Any

from gaseol.tools.contract import Answer, Call, Example, Media, Refuse, Retry, Tool, Unit, tool

if TYPE_CHECKING:
    from gaseol.tools.registry import Registry
    from gaseol.tools.workers.pool import Pool

__all__ = [
    "Answer",
    "Call",
    "Example",
    "Media",
    "Pool",
    "Refuse",
    "Registry",
    "Retry",
    "Tool",
    "Unit",
    "tool",
]


def __getattr__(name: str) -> Any:
    # A pack needs only the contract; processes and plug-ins load when somebody measures.
    if name == "Pool":
        from gaseol.tools.workers.pool import Pool

        return Pool
    if name == "Registry":
        from gaseol.tools.registry import Registry

        return Registry
    msg = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(msg)
