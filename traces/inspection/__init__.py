"""Four questions to every claim of a run, answered from its record."""

from gaseol.traces.inspection.claims import Finding, inspect

__all__ = ["Finding", "inspect"]
