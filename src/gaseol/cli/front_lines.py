"""What a campaign has found, for a terminal."""

from collections.abc import Iterator, Mapping
from typing import Any

_SHOWN = 8


def front_lines(campaign: Mapping[str, Any]) -> Iterator[str]:
    """Yield a line for the best case, or for each of the front."""
    wanted = [goal for goal in campaign["goals"] if goal["direction"]]
    front = campaign["front"]
    limited = any(g["low"] is not None or g["high"] is not None for g in campaign["goals"])
    within = f", {campaign['acceptable']} within the limits" if limited else ""
    if not front:
        if campaign["measured"]:
            yield f"{campaign['measured']} cases measured{within}: no best case yet"
        return
    what = "best" if len(wanted) == 1 else f"not beaten in all objectives together ({len(front)})"
    yield f"{what}, of {campaign['measured']} cases measured{within}:"
    for row in front[:_SHOWN]:
        values = (_said(goal, row["values"].get(goal["quantity"])) for goal in campaign["goals"])
        more = f" (mean of {row['readings']} readings)" if row["readings"] > 1 else ""
        if "estimate" in row:
            mean, low, high = row["estimate"]
            more += f"; the model's estimate is {mean:.4g} ({low:.4g} to {high:.4g})"
        yield f"  {row['case']}: {', '.join(v for v in values if v)}{more}"
    if len(front) > _SHOWN:
        yield f"  and {len(front) - _SHOWN} more, in the report"


def _said(goal: Mapping[str, Any], value: float | None) -> str:
    if value is None:
        return ""
    unit = "" if goal["unit"] in ("", "1") else f" {goal['unit']}"
    return f"{goal['quantity']} {value:.5g}{unit}"
