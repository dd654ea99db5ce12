"""A figure of benchmarks: a dot for every run, in rows by what was searched."""

from collections.abc import Mapping, Sequence
from typing import Any


def draw(path: str, rows: Mapping[str, Sequence[float]], about: str, **axis: Any) -> None:
    """Draw a row of dots for each label, and a stroke at their mean.

    Args:
        path: of the file; its ending says the format.
        rows: the figures of the runs, by label.
        about: what the figures are, with their unit.
        axis: of the figures, as matplotlib's `Axes.set` takes it (`xlim`).
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 0.4 * len(rows) + 1.2), layout="constrained")
    axes = figure.subplots()
    for place, values in enumerate(rows.values()):
        axes.scatter(values, [place] * len(values), s=18, alpha=0.7)
        axes.plot([sum(values) / len(values)] * 2, [place - 0.3, place + 0.3], color="black")
    axes.set_yticks(range(len(rows)), list(rows))
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set(**axis)
    figure.supxlabel(f"{about} (dots: runs, stroke: their mean)", fontsize=9)
    figure.savefig(path)
