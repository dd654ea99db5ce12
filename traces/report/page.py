"""The report as one HTML file: no script, nothing loaded, every string of the record escaped."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from gaseol.traces.language import Words, words
from gaseol.traces.report.document import Document, Number, Trial
from gaseol.traces.report.text import RANKED, log, number, quantity

_SPARK = 80
"""Points of the small lines of evidence."""
_TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True, slots=True)
class Pictures:
    """The figures of a document, drawn."""

    evidence: dict[str, Any]
    """By the trial's anchor; so is `data`."""
    data: dict[str, Any]
    contests: list[Any]
    agreement: Any
    course: Any
    planes: list[Any]


def page(document: Document) -> str:
    """Return the report as HTML."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup, escape

    environment: Any = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    w = words(document.language)
    environment.filters.update(log=log, number=number, count=w.count, path=path, quantity=quantity,
                               places=partial(places, t=w), told=w.retold)  # fmt: skip

    def say(sentence: str, **parts: object) -> Any:
        # what is put into a sentence is escaped like any other text, unless it is markup of ours
        return Markup(w.filled(sentence, parts, escape))  # noqa: S704

    environment.globals["t"] = say
    css = (_TEMPLATES / "report.css").read_text(encoding="utf-8")
    html = environment.get_template("report.html").render(
        document=document,
        # of all that enters the page only these are not escaped, and they are ours
        css=Markup(css),  # noqa: S704
        pictures=_pictures(document, Markup),
        anchors=_anchors(document),
        ranked=w(RANKED),
    )
    return "\n".join(line.rstrip() for line in html.splitlines() if line.strip()) + "\n"


def places(value: Number, t: Words) -> str:
    """Return where on the record a number stands, in words."""
    if not value.events:
        return t("not on the record")
    if len(value.events) == 1:
        return t("event #{at}", at=value.events[0])
    about = {"events": f"{len(value.events):,}", "first": value.events[0]}
    return t("{events} events, the first #{first}", **about)


def path(trial: Trial, side: str) -> str:
    """Return the points of the small line of evidence, for an SVG of 120 by 28.

    The threshold stands at height 4, no evidence at 16; what falls lower stays at the bottom.
    """
    draws = [d for d in trial.draws if d.outcome != "not counted"]
    values = [0.0, *(d.log_for if side == "for" else d.log_against for d in draws)]
    step = max(1, math.ceil(len(values) / _SPARK))
    chosen = sorted({*range(0, len(values), step), len(values) - 1})
    width = 120 / max(len(values) - 1, 1)
    scale = 12 / trial.threshold if trial.threshold > 0 else 0.0
    heights = [16 - scale * max(-trial.threshold, min(values[i], 1.3 * trial.threshold))
               for i in chosen]  # fmt: skip
    return " ".join(f"{i * width:.1f},{y:.1f}" for i, y in zip(chosen, heights, strict=True))


def _anchors(document: Document) -> frozenset[str]:
    """Return the places that the page has, so that no link leads nowhere."""
    found = {f"e{row.at}" for row in document.rows}
    for trial in document.trials:
        found |= {trial.anchor, f"{trial.anchor}-draws", f"e{trial.registered_at}"}
        if trial.verdict_at is not None:
            found.add(f"e{trial.verdict_at}")
    if document.agreement:
        found.add("agreement")
    return frozenset(found)


def _pictures(document: Document, markup: Callable[[str], Any]) -> Pictures:
    from gaseol.traces.report import figures

    evidence: dict[str, Any] = {}
    data: dict[str, Any] = {}
    w = words(document.language)

    def safe(drawn: str) -> Any:
        return markup(figures.retold(drawn, w))

    with figures.style():
        for i, trial in enumerate(document.trials, start=1):
            if not trial.draws:
                continue
            evidence[trial.anchor] = safe(figures.evidence(trial, f"a{i}"))
            drawn = _data(trial, f"b{i}")
            if drawn:
                data[trial.anchor] = safe(drawn)
        contests = [
            safe(figures.contest(contest, f"c{i}"))
            for i, contest in enumerate(document.contests, start=1)
        ]
        check = document.agreement
        agreement = safe(figures.agreement(check, "d")) if check and check.pairs else ""
        held = document.campaign
        course = safe(figures.course(held.course, "p")) if held and held.course else ""
        planes = [safe(figures.plane(plane, f"q{i}"))
                  for i, plane in enumerate(held.planes if held else (), start=1)]  # fmt: skip
    return Pictures(evidence, data, contests, agreement, course, planes)


def _data(trial: Trial, mark: str) -> str:
    from gaseol.traces.report import figures

    if trial.fit:
        return figures.law(trial.fit, mark)
    if trial.fit_note:
        return ""
    return figures.differences(trial, mark) if trial.pairs else figures.outcomes(trial, mark)
