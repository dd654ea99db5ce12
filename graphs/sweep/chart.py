"""What came of many runs, drawn: how often each hypothesis was decided how, how searches went."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

_COLOURS = {
    "supported": "#2a7f3f", "refuted": "#b3372f", "undecided": "#c9a227", "invalid": "#7b4fa3",
}  # fmt: skip
_LONGEST = 70


def write_chart(rows: Sequence[Mapping[str, Any]], path: Path) -> None:
    """Draw a bar for every row of a tally, split by verdict.

    Args:
        rows: as `gaseol.graphs.sweep.sweeping.tally` returns them.
        path: of the file; its ending says the format.
    """
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context({"svg.hashsalt": "gaseol", "font.size": 9}):
        figure = Figure(figsize=(9, 0.9 + 0.36 * max(len(rows), 1)), layout="constrained")
        axes = figure.subplots()
        places = range(len(rows))
        left = [0.0] * len(rows)
        for verdict, colour in _COLOURS.items():
            shares = [row[verdict] / row["runs"] for row in rows]
            axes.barh(places, shares, left=left, color=colour, label=verdict, height=0.7)
            left = [a + b for a, b in zip(left, shares, strict=True)]
        axes.set_yticks(places, [_label(row) for row in rows])
        axes.invert_yaxis()
        axes.set_xlim(0, 1)
        axes.set_xlabel("share of runs")
        figure.legend(loc="outside upper center", ncols=len(_COLOURS), frameon=False)
        figure.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else None)


_ARMS = ("#2058b8", "#808182", "#c24010", "#0a7b6c")


def write_courses(arms: Sequence[Mapping[str, Any]], path: Path, quantity: str, unit: str) -> None:
    """Draw the best so far of every arm of a campaign: mean over the seeds, and each of them.

    Args:
        arms: as `Arm.summary` returns them.
        path: of the file; its ending says the format.
        quantity: what is measured; with several objectives hypervolume is drawn.
        unit: of the quantity.
    """
    import matplotlib as mpl
    import numpy as np
    from matplotlib.figure import Figure

    several = any(arm["hypervolume"]["mean"] is not None for arm in arms)
    with mpl.rc_context(
        {"svg.hashsalt": "gaseol", "svg.fonttype": "none", "font.size": 9, "text.parse_math": False}
    ):
        figure = Figure(figsize=(7, 4), layout="constrained")
        axes = figure.subplots()
        for arm, colour in zip(arms, (_ARMS * len(arms))[: len(arms)], strict=True):
            courses = [
                [np.nan] * run["before"] + run["course"] for run in arm["runs"] if run.get("course")
            ]
            if not courses:
                continue
            length = max(map(len, courses))
            held = np.array([[*c, *[c[-1]] * (length - len(c))] for c in courses])
            places = np.arange(1, length + 1)
            axes.plot(places, held.T, color=colour, alpha=0.25, linewidth=0.7)
            axes.plot(places, held.mean(axis=0), color=colour, label=str(arm["scientist"]))
        axes.set_xlabel("cases measured")
        about = quantity if unit == "1" else f"{quantity} / {unit}"
        axes.set_ylabel("hypervolume of the front" if several else f"best {about} so far")
        axes.legend(frameon=False)
        figure.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else None)


def _label(row: Mapping[str, Any]) -> str:
    settings = ", ".join(f"{k}={v}" for k, v in row["settings"].items())
    said = " | ".join(filter(None, (row["statement"], settings))).replace("$", r"\$")
    return said if len(said) <= _LONGEST else f"{said[: _LONGEST - 1]}…"
