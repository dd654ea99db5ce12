"""The arms of a comparison, for a terminal."""

from collections.abc import Mapping, Sequence
from typing import Any

import click

_SHOWN = {
    "best": "best value found",
    "mean_best": "best so far, mean over all cases",
    "cases_to_par": "cases to what every arm reached",
    "hypervolume": "hypervolume of the front",
    "front": "cases on the front",
    "first_batch": "mean of the first five chosen",
    "cost": "cost",
    "right": "verdicts that agree with what is known",
    "wrong": "that disagree",
    "supported": "supported",
    "refuted": "refuted",
    "beliefs_decided": "share of the asker's beliefs decided",
    "experiments_to_verdict": "experiments to a verdict",
    "experiments": "experiments in all",
    "turned_away": "ideas turned away",
    "tokens": "tokens",
    "money": "money",
    "seconds": "seconds",
}


def tell(arms: Sequence[Mapping[str, Any]]) -> None:
    """Print a column an arm: mean over seeds and its 95% interval."""
    names = [str(arm["scientist"]) for arm in arms]
    width = max(22, *(len(name) + 2 for name in names))
    label = max(map(len, _SHOWN.values()))
    click.echo(" " * label + "".join(f"{name:>{width}}" for name in names))
    for key, words in _SHOWN.items():
        if all(arm[key]["mean"] in (None, 0) for arm in arms):
            continue
        cells = "".join(f"{_cell(arm[key]):>{width}}" for arm in arms)
        click.echo(f"{words:<{label}}{cells}")


def _cell(found: Mapping[str, Any]) -> str:
    if found["mean"] is None:
        return "-"
    if found["low"] is None:
        return f"{found['mean']:.4g}"
    return f"{found['mean']:.4g} [{found['low']:.3g}, {found['high']:.3g}]"
