"""Small scenarios of the toy world, to be changed at will.

Loaded by path (from `tests/conftest.py`), for tests are no package.
"""

import copy
import shutil
from pathlib import Path
from typing import Any

import yaml

TOOLS = Path(__file__).with_name("tools.py")

EFFECTS: dict[str, Any] = {
    "name": "toy",
    "title": "A toy",
    "question": "Does size raise the signal?",
    "cases": {
        "key": "case",
        "population": "toy cases",
        "tool": {"tool": "toy_cases", "arguments": {"count": 120, "seed": "{seed}"}},
    },
    "variables": {
        "size": {"description": "size", "explore": True},
        "weight": {"description": "weight", "explore": True},
        "ring": {},
        "colour": {},
    },
    "measurement": {
        "name": "signal",
        "tool": "toy_signal",
        "arguments": {"case": "{case}", "size": "{size}", "seed": "{seed}"},
        "unit": "K",
    },
    "hypotheses": {
        "maximum": 3,
        "delta": 0.2,
        "draws": 30,
        "beliefs": [
            {
                "statement": "size raises the signal",
                "relation": {
                    "kind": "trend",
                    "variable": "size",
                    "direction": "raises",
                    "minimum_difference": 0.3,
                },
            },
            {
                "statement": "red cases have a higher signal",
                "relation": {
                    "kind": "groups",
                    "inside": [{"variable": "colour", "among": ["red"]}],
                    "direction": "raises",
                    "matching": [{"variable": "ring"}],
                },
            },
        ],
        "explore": {},
    },
    "budget": {"experiments": 90, "seconds": 60},
}
"""Trends and groups, judged by signs."""

LAWS: dict[str, Any] = {
    **EFFECTS,
    "name": "toy_laws",
    "cases": {
        "key": "case",
        "tool": {"tool": "toy_cases", "arguments": {"count": 40, "seed": "{seed}"}},
    },
    "variables": {"size": {"description": "size"}},
    "hypotheses": {
        "maximum": 4,
        "draws": 25,
        "pilot": 6,
        "laws": {"variables": ["size"], "terms": 1, "propose": 1, "exponents": [-1, 1, 2]},
        "beliefs": [
            {"statement": "by size", "relation": {"kind": "law", "weights": {"size": 1}}},
            {"statement": "by its square", "relation": {"kind": "law", "weights": {"size": 2}}},
        ],
    },
    "budget": {"experiments": 25, "seconds": 60},
}
"""Laws, judged against each other."""

CURVES: dict[str, Any] = {
    **LAWS,
    "name": "toy_curves",
    "measurement": {
        "name": "signal",
        "tool": "toy_reading",
        "arguments": {
            "case": "{case}", "size": "{size}", "seed": "{seed}", "reading": "{reading}",
        },
        "value": "value",
        "uncertainty": "spread",
        "cost": "seconds",
        "unit": "K",
        "readings": 2,
    },
    "hypotheses": {
        "maximum": 4,
        "draws": 25,
        "rivals": {
            "tool": "toy_profile",
            "arguments": {"size": "{size}"},
            "each": {"linear": {"power": 1}, "square": {"power": 2}, "root": {"power": 0.5}},
            "others": {
                "cube": {"tool": "toy_profile", "arguments": {"size": "{size}", "power": 3}}
            },
            "mixtures": True,
        },
    },
    "budget": {"experiments": 25, "seconds": 60, "instrument_seconds": 10_000},
}  # fmt: skip
"""Rivals that a tool predicts, read by an instrument whose time counts."""


def changed(base: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Return a scenario with fields changed; `a__b=1` goes into `a.b`, None takes a field away."""
    made = copy.deepcopy(base)
    for path, value in changes.items():
        *parents, last = path.split("__")
        at = made
        for name in parents:
            at = at.setdefault(name, {})
        if value is None:
            at.pop(last, None)
        else:
            at[last] = value
    return made


def write(folder: Path, content: dict[str, Any] | str, tools: bool = True, **files: str) -> Path:
    """Write a scenario's folder: its file, the toy tools, and other files by stem (`cases_csv`)."""
    folder.mkdir(parents=True, exist_ok=True)
    text = content if isinstance(content, str) else yaml.safe_dump(content, sort_keys=False)
    (folder / "scenario.yaml").write_text(text, encoding="utf-8")
    if tools:
        shutil.copy(TOOLS, folder / "tools.py")
    for name, said in files.items():
        (folder / name.replace("_", ".")).write_text(said, encoding="utf-8")
    return folder
