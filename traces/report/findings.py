"""Claims as they are shown: audited once more, every number tied to its place on the record."""

import re
from collections.abc import Mapping

from gaseol.traces.evidence.judge import log_threshold
from gaseol.traces.nouns.claim import Claim, Figure
from gaseol.traces.report.document import Finding, Number, Said
from gaseol.traces.report.record import Record
from gaseol.traces.report.text import NAME, PARAGRAPH, REASON, UNIT, cut, log
from gaseol.traces.verification.auditor import audit

_PLACE = re.compile(r"\{(\w+)\}")
_MANY = 6
"""More measurements than this are cited by how many they are."""
_OF_DRAWS = ("hits", "draws")


def finding(record: Record, claim: Claim, anchors: Mapping[str, str]) -> Finding:
    """Return a claim as it is shown.

    An audit on record is not taken on trust: a claim is sound when the record says so and
    its numbers, computed anew here, still equal what it says.

    Args:
        record: where its numbers come from.
        claim: what is claimed.
        anchors: the place in the page of each hypothesis.
    """
    recorded = record.docket.audits.get(claim.id)
    anew = audit(claim, record.docket)
    problems = list(recorded.problems) if recorded else ["the record holds no audit of it"]
    problems += [p for p in anew.problems if p not in problems]
    sound = recorded is not None and recorded.supported and anew.supported
    return Finding(
        id=cut(claim.id, NAME),
        at=record.docket.positions[f"claim:{claim.id}"],
        said=_said(record, claim, anchors),
        sound=sound,
        standing=_standing(record, claim),
        problems=() if sound else tuple(cut(p, REASON) for p in problems),
        compares=any(f.against for f in claim.figures.values()),
    )


def _standing(record: Record, claim: Claim) -> str:
    rulings = {v.ruling.value for h in claim.hypotheses if (v := record.docket.verdicts.get(h))}
    return rulings.pop() if len(rulings) == 1 else ""


def _said(record: Record, claim: Claim, anchors: Mapping[str, str]) -> Said:
    parts: list[str | Number] = []
    for i, part in enumerate(_PLACE.split(claim.text[:10_000])):
        if i % 2:
            figure = claim.figures.get(part)
            parts.append(
                _number(record, figure, anchors) if figure else cut("{" + part + "}", NAME)
            )
        elif part:
            # the spaces around a number are part of the sentence
            start = " " if part[0].isspace() else ""
            end = " " if part[-1].isspace() else ""
            parts.append(f"{start}{cut(part, PARAGRAPH)}{end}" if part.strip() else " ")
    return tuple(parts)


def _number(record: Record, figure: Figure, anchors: Mapping[str, str]) -> Number:
    docket, name = record.docket, figure.hypothesis
    registration = docket.registrations.get(name or "")
    shown = cut(_shown(figure, log_threshold(registration) if registration else None))
    if name is not None:
        anchor = anchors.get(name, "")
        if figure.statistic == "statement":
            at = docket.positions.get(f"hypothesis:{name}")
            return Number(shown, () if at is None else (at,), anchor, digits=False)
        at = docket.positions.get(f"verdict:{name}")
        if figure.statistic in _OF_DRAWS:
            place = f"{anchor}-draws" if anchor else ""
            return Number(shown, () if at is None else (at,), place, "the hypothesis' own table")
        return Number(shown, () if at is None else (at,), "" if at is None else f"e{at}")
    cited = (*figure.measurements, *figure.against)
    if len(cited) > _MANY:
        place = "agreement" if figure.against or _checked(record, figure) else f"e{cited[0]}"
        return Number(shown, cited, place, f"{len(cited):,} measurements")
    return Number(shown, cited, f"e{cited[0]}" if cited else "")


def _checked(record: Record, figure: Figure) -> bool:
    """Tell whether what a figure cites was measured by the check too."""
    measurement = record.docket.measurements.get(figure.measurements[0])
    if measurement is None:
        return False
    return (measurement.case, measurement.reading, "check") in record.docket.readings


def _shown(figure: Figure, threshold: float | None) -> str:
    if isinstance(figure.value, str):
        return figure.value
    if figure.statistic in ("log_e_for", "log_e_against"):
        return log(figure.value, threshold)
    shown = f"{figure.value:.{figure.digits}g}".replace("-", "−")
    unit = cut(figure.unit, UNIT)
    return f"{shown} {unit}" if unit and unit != "1" else shown
