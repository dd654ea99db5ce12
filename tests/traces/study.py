"""A record of a whole study in small: named cases with variables, matched pairs, an open end, a check.

Made by hand through `ledger.py`, whose module is handed in, for tests are no package.
"""

import math
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

from gaseol.agents.embedded.writer import EmbeddedWriter
from gaseol.traces.evidence.futility import futile
from gaseol.traces.evidence.process import Sign
from gaseol.traces.nouns.hypothesis import Match, Trend
from gaseol.traces.record import event as kinds
from gaseol.traces.verification.auditor import audit

PLANNED = 40
"""Draws registered for the hypothesis that stays open."""
CARDS = {
    "thermometer": {"summary": "Compute the temperature with a model of the kettle."},
    "handbook": {"summary": "Look the temperature up in a handbook of experiments."},
}


def _scenario() -> dict[str, Any]:
    rows = [
        {"code": f"{name}{i}{side}", "called": f"kettle {name} {i} {side}", "width": i + 0.5 * n,
         "lids": i % 3}
        for name in ("wide", "tall") for i in range(PLANNED) for n, side in enumerate("ba")
    ]  # fmt: skip
    rows[1]["called"] = "5796-89-4"
    return {
        "name": "kettles",
        "title": "Which kettle is warmer?",
        "cases": {"key": "code", "label": "called", "rows": rows},
        "variables": {
            "width": {"unit": "cm", "description": "width of the base"},
            "lids": {"unit": "1", "description": "number of lids"},
        },
        "check": {"name": "temperature from the handbook"},
    }


def write(ledger: ModuleType, folder: Path) -> Path:
    """Write the run: `wide` is supported at draw 9 of a batch to 12, `tall` given up as futile."""
    run = {"id": "a study", "scenario": _scenario(), "cards": CARDS}
    book = ledger.Book(folder, folder, run=run)
    for name in ("wide", "tall"):
        book.propose(
            name,
            Trend(variable="width", direction="raises", matching=(Match(variable="lids"),)),
        )
    book.add(kinds.HypothesisRanked(order=("wide", "tall"), priors=(1.0, 3e-32)))
    pairs = {n: [(f"{n}{i}a", f"{n}{i}b") for i in range(PLANNED)] for n in ("wide", "tall")}
    for name, drawn in pairs.items():
        book.register_pairs(name, drawn)
    batch = 4
    for first in range(0, PLANNED, batch):
        if "wide" in book.docket.crossings:
            break
        # as a run does it: all of a batch are designed and measured before any is weighed
        for pair in pairs["wide"][first : first + batch]:
            book.experiment("wide", pair)
            book.measure(pair[0], 310.0)
            book.measure(pair[1], 300.0)
        book.weigh("wide")
    for i, pair in enumerate(pairs["tall"]):
        outcomes = [e.outcome for e in book.docket.evidence.get("tall", ())]
        if futile(Sign(), math.log(book.m / book.alpha), outcomes, PLANNED - i):
            break
        book.try_pair("tall", pair, 1.0 if i % 2 else -1.0)
    for verdict in book.judge.verdicts().values():
        book.add(kinds.Judged(verdict=verdict))
    for i in range(4):
        book.measure(f"wide{i}a", 311.0 + 2 * i, purpose="check", tool="handbook")
    claims = EmbeddedWriter().write(
        SimpleNamespace(outcome="temperature", language="en"), book.docket
    )
    for claim in claims:
        book.add(kinds.Claimed(claim=claim))
        book.add(kinds.Audited(audit=audit(claim, book.docket)))
    reason = "every registered hypothesis is decided or can no longer be"
    book.add(kinds.RunEnded(status="done", reason=reason, cost={"seconds": 2.0}, score={}))
    (folder / "report.md").write_text("# What was found\n")
    book.recorder.seal(("report.md",))
    return folder
