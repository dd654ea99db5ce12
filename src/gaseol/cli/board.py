"""The hypothesis board, for a terminal."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.table import Table

    from gaseol.traces.language import Words

_STYLES = {
    "supported": "green",
    "refuted": "red",
    "undecided": "yellow",
    "invalid": "magenta",
}


def board(
    rows: Sequence[Mapping[str, Any]], log_threshold: float | None = None, t: "Words | None" = None
) -> "Table":
    """Return the board: a row a hypothesis."""
    from rich.table import Table
    from rich.text import Text

    from gaseol.traces.language import words

    t = t or words()
    title = t("ln E for / against")
    if log_threshold is not None:
        title = t("{title} (decided at {threshold})", title=title, threshold=f"{log_threshold:.2f}")
    table = Table(box=None, pad_edge=False, header_style="bold", expand=False)
    table.add_column("")
    table.add_column(t("hypothesis"), ratio=1, overflow="fold")
    table.add_column(t("verdict"))
    table.add_column(title, justify="right")
    table.add_column(t("draws"), justify="right")
    for row in rows:
        verdict = str(row["verdict"])
        style = _STYLES.get(verdict.removeprefix("provisionally "), "")
        table.add_row(
            row["id"],
            Text(row["statement"]),
            Text(t.retold(verdict), style=style),
            f"{row['log_e_for']:7.2f} / {row['log_e_against']:7.2f}",
            str(row["experiments"]),
        )
    return table
