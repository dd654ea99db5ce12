"""What came of a sweep, drawn: how often each hypothesis was decided how."""

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


def _label(row: Mapping[str, Any]) -> str:
    settings = ", ".join(f"{k}={v}" for k, v in row["settings"].items())
    said = " | ".join(filter(None, (row["statement"], settings))).replace("$", r"\$")
    return said if len(said) <= _LONGEST else f"{said[: _LONGEST - 1]}…"
