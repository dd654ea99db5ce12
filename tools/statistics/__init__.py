"""Statistics: fits with intervals, sizes of effects, and how many cases a test needs."""

from gaseol.tools.statistics.effects import compare_groups, rank_correlation
from gaseol.tools.statistics.fits import fit_curve, fit_line
from gaseol.tools.statistics.power import group_size, proportion_size

__all__ = [
    "compare_groups",
    "fit_curve",
    "fit_line",
    "group_size",
    "proportion_size",
    "rank_correlation",
]
