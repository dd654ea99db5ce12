"""Two runs side by side: where they part, and what differs."""

from gaseol.traces.comparison.two import Comparison, compare

__all__ = ["Comparison", "compare"]
