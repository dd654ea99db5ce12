"""The viewer: a record as one page, served on loopback or written as one file."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gaseol.traces.view.export import write_view

__all__ = ["write_view"]


def __getattr__(name: str) -> Any:
    if name == "write_view":
        from gaseol.traces.view.export import write_view

        return write_view
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
