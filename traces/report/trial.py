"""A registered hypothesis, from the record to what the report says of it."""

import base64
from collections import Counter
from typing import get_args

from gaseol.traces.evidence.judge import log_threshold
from gaseol.traces.evidence.process import (
    BoundedMean,
    Census,
    GaussianMean,
    LawContest,
    Process,
    Sign,
)
from gaseol.traces.evidence.stopping import stop
from gaseol.traces.nouns.hypothesis import Cell, Hypothesis
from gaseol.traces.nouns.measurement import Measurement
from gaseol.traces.nouns.registration import Registration
from gaseol.traces.nouns.verdict import Evidence, Verdict
from gaseol.traces.record.blob import AlteredBlob, Blob, MissingBlob
from gaseol.traces.record.cases import Column, columns, mapping
from gaseol.traces.report.document import (
    Draw,
    Drawing,
    Number,
    Outcome,
    Picture,
    Plate,
    Reading,
    Standing,
    Trial,
)
from gaseol.traces.report.fit import fit
from gaseol.traces.report.record import Record, Unreadable
from gaseol.traces.report.text import (
    MEASURED,
    NAME,
    PARAGRAPH,
    REASON,
    STATEMENT,
    UNIT,
    count,
    cut,
    log,
    number,
    quantity,
    tidy,
)

DRAWS = 400
"""Draws that the table of a hypothesis shows."""
PLATES = 3
"""Pairs, or twice as many designs, whose drawings are shown: the first ones drawn."""
DRAWING_BYTES = 400_000
_RIVALS = 12
_PICTURES = ("image/svg+xml", "image/png")


def trial(record: Record, name: str, anchor: str) -> Trial:
    """Return what the report says of a registered hypothesis."""
    docket = record.docket
    registration = docket.registrations[name]
    hypothesis = docket.hypotheses.get(name)
    verdict = docket.verdicts.get(name)
    crossing = docket.crossings.get(name)
    draws = _draws(record, name, registration)
    counted = [d for d in draws if d.outcome != "not counted"]
    threshold = log_threshold(registration)
    last = counted[-1] if counted else None
    at = docket.positions.get(f"verdict:{name}", last.at if last else None)
    origin = () if at is None else (at,)
    log_for, log_against = _last_evidence(verdict, last)
    law = isinstance(registration.criterion.process, LawContest)
    picture, fit_note = None, ""
    if law:
        try:
            picture = fit(record, name, counted)
        except Unreadable as error:
            fit_note = f"Measurements and predictions cannot be compared here: {error}."
    return Trial(
        id=cut(name, NAME),
        anchor=anchor,
        statement=statement(record, name),
        mechanism=cut(hypothesis.mechanism, PARAGRAPH) if hypothesis else "",
        proposed_by=_proposer(hypothesis),
        proposed_at=docket.positions.get(f"hypothesis:{name}"),
        prior=_prior(record.priors.get(name)),
        standing=_standing(verdict),
        provisional=crossing.ruling.value if crossing else "",
        crossed_at=docket.positions.get(f"crossing:{name}"),
        crossed_draw=crossing.draw if crossing else None,
        verdict_at=docket.positions.get(f"verdict:{name}"),
        reason=cut(tidy(verdict.reason), REASON)
        if verdict
        else "the record holds no verdict on it",
        stopped=_stopped(record, name, registration),
        columns=_columns(record, name),
        basis=registration.criterion.basis,
        prediction=cut(registration.prediction.words, REASON),
        outcome=cut(registration.prediction.outcome, NAME),
        unit=cut(registration.prediction.unit, UNIT),
        pairs=registration.frame.kind == "pairs",
        log_for=Number(log(log_for, threshold), origin, _at(at, anchor, verdict)),
        log_against=Number(log(log_against, threshold), origin, _at(at, anchor, verdict)),
        draws_made=verdict.draws if verdict else len(counted),
        failures=sum(1 for d in counted if d.outcome == "failure"),
        threshold=threshold,
        levels=_levels(registration.criterion.process),
        registration=_promises(record, registration),
        registered_at=docket.positions[f"registration:{name}"],
        digest=cut(registration.digest, 64),
        draws=tuple(draws[:DRAWS]),
        draws_cut=max(0, len(draws) - DRAWS),
        tally=_tally(counted),
        not_counted=len(draws) - len(counted),
        plates=_plates(record, counted),
        subject=_subject(record, registration),
        fit=picture,
        fit_note=fit_note,
        score=docket.ended.score.get(name, "") if docket.ended else "",
    )


def statement(record: Record, name: str) -> str:
    """Return a hypothesis in words, also where the record never proposed it."""
    hypothesis = record.docket.hypotheses.get(name)
    if hypothesis is None:
        return f"(hypothesis {cut(name, NAME)}, which the record never proposes)"
    return cut(hypothesis.statement, STATEMENT)


def _proposer(hypothesis: Hypothesis | None) -> str:
    if hypothesis is None:
        return "unknown"
    return (
        "the asker" if hypothesis.proposed_by == "scenario" else cut(hypothesis.proposed_by, NAME)
    )


def _prior(share: float | None) -> str:
    if share is None:
        return ""
    return number(share, 2) if share >= 0.001 else "below 0.001"


def _standing(verdict: Verdict | None) -> Standing:
    return verdict.ruling.value if verdict else "open"


def _last_evidence(verdict: Verdict | None, last: Draw | None) -> tuple[float, float]:
    if verdict:
        return verdict.log_e_for, verdict.log_e_against
    return (last.log_for, last.log_against) if last else (0.0, 0.0)


def _at(at: int | None, anchor: str, verdict: Verdict | None) -> str:
    """Return where the page shows an event: a verdict has a place, other evidence the table."""
    return f"e{at}" if verdict and at is not None else f"{anchor}-draws"


def _stopped(record: Record, name: str, registration: Registration) -> str:
    """Return why no further draw was made, where the verdict does not say so already."""
    evidence = [e for e in record.docket.evidence.get(name, ()) if e.admissible]
    ended = record.docket.ended
    found = stop(
        registration,
        [e.outcome for e in evidence],
        decided=name in record.docket.crossings,
        status=record.status,
        reason=cut(ended.reason if ended else record.interrupted, REASON),
    )
    return "" if found.why == "decided" else str(found)


def _columns(record: Record, name: str) -> tuple[Column, ...]:
    """Return the variables of a hypothesis that the record has cells of."""
    hypothesis = record.docket.hypotheses.get(name)
    if hypothesis is None:
        return ()
    cited = {record.docket.measurements[p].case for e in record.docket.evidence.get(name, ())
             for p in e.measurements if p in record.docket.measurements}  # fmt: skip
    spoken = columns(hypothesis.relation, mapping(record.scenario.get("variables")))
    return tuple(
        c.model_copy(update={"unit": cut(c.unit, UNIT), "description": cut(c.words, NAME)})
        for c in spoken
        if any(record.cases.cell(case, c.variable) is not None for case in cited)
    )


def _why_not(record: Record, e: Evidence) -> str:
    """Return why a draw does not count: also what 'decided' means for one already measured."""
    crossing = record.docket.crossings.get(e.hypothesis)
    at = record.docket.positions.get(f"crossing:{e.hypothesis}")
    late = e.why_not.startswith("decided at draw")
    if late and crossing and at is not None and e.measurements and max(e.measurements) < at:
        return f"measured in one batch with draw {crossing.draw}, which decided"
    return cut(e.why_not, REASON)


def _draws(record: Record, name: str, registration: Registration) -> list[Draw]:
    evidence = record.docket.evidence.get(name, ())
    places = record.evidence_at.get(name, ())
    spoken = _columns(record, name)
    return [
        _draw(record, registration, spoken, i, at, e)
        for i, (e, at) in enumerate(zip(evidence, places, strict=True), start=1)
    ]


def _draw(
    record: Record,
    registration: Registration,
    spoken: tuple[Column, ...],
    i: int,
    at: int,
    e: Evidence,
) -> Draw:
    readings = tuple(
        reading(record, position, record.docket.measurements[position], spoken)
        for position in e.measurements
        if position in record.docket.measurements
    )
    values = [r.value for r in readings]
    pairs = registration.frame.kind == "pairs"
    difference = None
    if pairs and len(values) == 2 and values[0] is not None and values[1] is not None:
        difference = values[0] - values[1]
    return Draw(
        number=i,
        at=at,
        readings=readings,
        difference=difference,
        outcome=_outcome(e, pairs),
        why_not=_why_not(record, e),
        log_for=e.log_e_for,
        log_against=e.log_e_against,
        transformed=e.outcome,
    )


def _outcome(e: Evidence, pairs: bool) -> Outcome:
    if not e.admissible:
        return "not counted"
    if e.outcome is None:
        return "failure"
    if not pairs:
        return "measured"
    return "hit" if e.outcome > 0 else "miss" if e.outcome < 0 else "tie"


def reading(record: Record, at: int, m: Measurement, spoken: tuple[Column, ...] = ()) -> Reading:
    """Return a measurement as a draw cites it, with its case's cells in these columns."""
    failure = m.failure.kind.value.replace("_", " ") if m.failure else ""
    return Reading(
        case=cut(m.case, NAME),
        label=cut(record.label(m.case), NAME),
        at=at,
        shown=quantity(m.value, m.unit, MEASURED) if m.value is not None else failure,
        value=m.value,
        cells=tuple(_cell(record.cases.cell(m.case, c.variable)) for c in spoken),
    )


def _cell(cell: Cell) -> str:
    if cell is None:
        return "unknown"
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    return cut(cell, NAME) if isinstance(cell, str) else number(cell)


def _tally(draws: list[Draw]) -> tuple[tuple[Outcome, int], ...]:
    found = Counter(d.outcome for d in draws)
    return tuple((outcome, found[outcome]) for outcome in get_args(Outcome) if found[outcome])


def _levels(process: Process) -> tuple[float, float] | None:
    if isinstance(process, LawContest):
        return None
    return process.theta0, process.theta0 + process.delta


def _promises(record: Record, registration: Registration) -> tuple[tuple[str, str], ...]:
    criterion, frame = registration.criterion, registration.frame
    said = [
        ("process", _process(criterion.process)),
        ("threshold", f"ln(m/α) = {log(log_threshold(registration))}, with m = "
                      f"{criterion.hypotheses} hypotheses and α = {number(criterion.alpha)}"),
        ("population", cut(frame.population, STATEMENT)),
        ("frame", f"{count(frame.size, 'pair' if frame.kind == 'pairs' else 'design')} of "
                  f"{count(frame.cases, 'case')}"),
        ("matching", cut(frame.matching, STATEMENT)),
        ("draws", f"{_DRAW_RULES[frame.draw_rule]}, {frame.planned:,} planned, seed {frame.seed}; "
                  f"stop after {criterion.draws:,}"),
        ("pilot", f"{count(frame.pilot, 'case')} left the frame before anything in it was measured"
                  if frame.pilot else "none"),
        ("ties", f"differences up to {number(criterion.tie)}" if criterion.tie else ""),
        ("failures", f"invalid above {criterion.failure_rate:.0%} of the draws"),
        ("rivals", _rivals(record, criterion.rivals)),
        ("others", _others(record, registration)),
        ("rule", cut(criterion.rule, NAME)),
    ]  # fmt: skip
    return tuple((about, what) for about, what in said if what)


def _rivals(record: Record, names: tuple[str, ...]) -> str:
    more = f"; and {len(names) - _RIVALS} more" if len(names) > _RIVALS else ""
    return "; ".join(statement(record, name) for name in names[:_RIVALS]) + more


def _others(record: Record, registration: Registration) -> str:
    """Name the rivals that are no hypotheses, such as mixtures."""
    blob = registration.prediction.others
    if blob is None:
        return ""
    try:
        names = list(mapping(record.load(blob)))
    except Unreadable as error:
        return str(error)
    more = f"; and {len(names) - _RIVALS} more" if len(names) > _RIVALS else ""
    return "; ".join(cut(name, NAME) for name in names[:_RIVALS]) + more


_DRAW_RULES = {
    "disjoint": "disjoint, uniform at random, sealed in order",
    "without_replacement": "uniform at random, no pair twice, sealed in order",
    "replacement": "uniform at random with replacement, sealed in order",
    "informative": "chosen for what they tell per cost, among the designs registered",
}


def _process(process: Process) -> str:
    match process:
        case Sign():
            return (
                f"sign, that is the share of pairs that go as predicted; null at most "
                f"{number(process.theta0)}, effect of interest at least "
                f"{number(process.theta0 + process.delta)}"
            )
        case Census():
            return (
                f"census of {process.size:,}: the share of hits in the whole frame; null at most "
                f"{number(process.theta0)}, effect of interest at least "
                f"{number(process.theta0 + process.delta)}"
            )
        case BoundedMean():
            return (
                f"mean of differences within [{number(process.low)}, {number(process.high)}]; null "
                f"at most {number(process.theta0)}, effect of interest at least "
                f"{number(process.theta0 + process.delta)}"
            )
        case GaussianMean():
            return (
                f"mean with known noise σ = {number(process.sigma)}; null at most "
                f"{number(process.theta0)}, effect of interest at least "
                f"{number(process.theta0 + process.delta)} (prior width {number(process.tau)})"
            )
        case LawContest():
            noise = f"at most {number(process.ceiling)}" if process.ceiling else "of unknown size"
            regression = count(len(process.flexible), "variable") if process.flexible else "none"
            if process.remainder:
                return (
                    f"law against law, one free constant, {process.link} link, Gaussian noise "
                    f"{noise}; flexible regression among the rivals: {regression}; nothing smooth "
                    f"may be left in {count(len(process.remainder), 'variable')}"
                )
            return (
                f"law against law, one free constant, {process.link} link, Gaussian noise {noise}; "
                f"flexible regression among the rivals: {regression}"
            )


def _plates(record: Record, draws: list[Draw]) -> tuple[Plate, ...]:
    """Return the drawings of the first draws that have any, in the order drawn."""
    plates: list[Plate] = []
    shown: set[tuple[str, ...]] = set()
    for draw in draws:
        room = PLATES if len(draw.readings) > 1 else 2 * PLATES
        if len(plates) >= room:
            break
        cases = tuple(r.case for r in draw.readings)
        drawings = tuple(d for r in draw.readings if (d := _drawing(record, r)) is not None)
        if drawings and cases not in shown:
            shown.add(cases)
            plates.append(Plate(f"draw {draw.number}", draw.outcome, drawings))
    return tuple(plates)


def _drawing(record: Record, reading: Reading) -> Drawing | None:
    blob = record.docket.measurements[reading.at].drawing
    return Drawing(reading, _picture(record, blob)) if blob else None


def _subject(record: Record, registration: Registration) -> Picture | None:
    blob = registration.prediction.drawing
    return _picture(record, blob) if blob else None


def _picture(record: Record, blob: Blob) -> Picture:
    # shown through <img>, where a browser runs no script and loads nothing
    if blob.media not in _PICTURES:
        return Picture("", f"its type is {cut(blob.media, NAME)}, which is no picture")
    if blob.bytes > DRAWING_BYTES:
        return Picture("", f"it is larger than {DRAWING_BYTES // 1000} kB")
    try:
        content = record.trace.blobs.get(blob)
    except MissingBlob:
        return Picture("", f"blob {blob.sha256[:12]}… is missing from the run's folder")
    except AlteredBlob:
        return Picture("", f"blob {blob.sha256[:12]}… has been altered")
    return Picture(f"data:{blob.media};base64,{base64.b64encode(content).decode()}")
