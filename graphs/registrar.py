"""Turns hypotheses into sealed registrations, or says why one cannot be tested."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
import orjson

from gaseol.graphs.laboratory import Findings, Laboratory
from gaseol.graphs.measuring import arguments
from gaseol.scenarios.frames import FrameError, draws_needed, pair_frame
from gaseol.traces.evidence.process import LawContest, Sign
from gaseol.traces.nouns.hypothesis import Change, Curve, Groups, Hypothesis, Law, Trend
from gaseol.traces.nouns.registration import (
    FIRST_RULE,
    Criterion,
    Frame,
    Prediction,
    Registration,
    digest,
)
from gaseol.traces.record.blob import Blob


class Untestable(ValueError):
    """A hypothesis that cannot be registered, and why."""


def register_effect(laboratory: Laboratory, hypothesis: Hypothesis) -> Registration:
    """Return the registration of a trend, a contrast between groups, or a structural change.

    Raises:
        Untestable: its frame is empty, or too small to reach the threshold even with all hits.
    """
    relation = hypothesis.relation
    assert isinstance(relation, Trend | Groups | Change)
    settings = laboratory.scenario.hypotheses
    findings = laboratory.surveyed
    seen = {case for case, _, purpose in laboratory.docket.readings if purpose != "check"}
    try:
        frame = pair_frame(
            relation,
            findings.population,
            findings.changes,
            laboratory.seed,
            settings.draws,
            without=_withheld(laboratory),
            rule=settings.draw_rule,
        )
        process = settings.effect_process(frame.size, _pilot_values(laboratory))
    except (FrameError, ValueError) as error:
        raise Untestable(str(error)) from None
    threshold = math.log(settings.maximum / settings.alpha)
    least = draws_needed(process, threshold, len(frame.draws))
    if least is None:
        raise Untestable(
            f"its frame has {frame.size} pairs and {len(frame.draws)} "
            f"{settings.draw_rule.replace('_', ' ')} draws; even if all went its way they could "
            f"not reach ln(m/alpha) = {threshold:.2f}"
        )
    matching = f", {frame.matching}" if frame.matching else ""
    unseen = f", {len(seen)} cases already measured left out" if seen - set(findings.pilot) else ""
    return _sealed(
        hypothesis,
        Prediction(
            outcome=laboratory.scenario.measurement.name,
            unit=laboratory.scenario.measurement.unit,
            sign=1 if relation.direction == "raises" else -1,
            words=(
                f"in a random pair{matching}, the first has the "
                f"{'higher' if relation.direction == 'raises' else 'lower'} "
                f"{laboratory.scenario.measurement.name}"
            ),
        ),
        Criterion(
            process=process,
            alpha=settings.alpha,
            hypotheses=settings.maximum,
            tie=settings.tie,
            draws=len(frame.draws),
            failure_rate=settings.failure_rate,
            basis="design-based",
        ),
        Frame(
            population=(laboratory.scenario.cases.population or laboratory.scenario.title) + unseen,
            kind="pairs",
            cases=frame.cases,
            size=frame.size,
            matching=frame.matching,
            draw_rule=settings.draw_rule,
            draws=laboratory.blobs.put_json([list(pair) for pair in frame.draws]),
            planned=len(frame.draws),
            seed=frame.seed,
            pilot=len(findings.pilot),
        ),
    )


def _withheld(laboratory: Laboratory) -> set[str]:
    """Return the cases that may not be drawn.

    Those measured before, and those that are to the instrument the same as one measured before
    or as another case: a value that is known already, or twice the same, is no evidence.
    """
    seen = {case for case, _, purpose in laboratory.docket.readings if purpose != "check"}
    seen |= set(laboratory.surveyed.pilot)
    asked: set[bytes] = set()
    withheld: set[str] = set()
    cases = laboratory.surveyed.population.cases
    for case in sorted(cases, key=lambda case: case not in seen):  # the seen ones first
        words = laboratory.calls.get(case)
        if words is None:
            call = arguments(laboratory, laboratory.scenario.measurement, case)
            words = laboratory.calls[case] = orjson.dumps(call, option=orjson.OPT_SORT_KEYS)
        if case in seen or words in asked:
            withheld.add(case)
        asked.add(words)
    return withheld


def register_laws(laboratory: Laboratory, laws: Sequence[Hypothesis]) -> list[Registration]:
    """Return the registrations of laws, as a contest or by paired predictive loss.

    Raises:
        Untestable: there are no two laws, or too few designs at which all predict.
    """
    if len(laws) < 2:
        raise Untestable("a law needs a rival to be weighed against")
    tables = {h.id: _terms(h, laboratory) for h in laws}
    withheld = _withheld(laboratory)
    designs = [
        case
        for case in laboratory.surveyed.population.cases
        if case not in withheld and all(case in table for table in tables.values())
    ]
    grammar = laboratory.scenario.hypotheses.laws
    if grammar and grammar.judged_by == "paired_loss":
        return _by_loss(laboratory, laws, tables, designs)
    return _as_contest(laboratory, laws, tables, designs)


def _as_contest(
    laboratory: Laboratory,
    laws: Sequence[Hypothesis],
    tables: Mapping[str, Mapping[str, float]],
    designs: Sequence[str],
) -> list[Registration]:
    settings, findings = laboratory.scenario.hypotheses, laboratory.surveyed
    planned = min(settings.draws, len(designs) * laboratory.scenario.measurement.readings)
    if planned < 5:
        raise Untestable(f"only {len(designs)} designs at which every law predicts something")
    link, grammar = _link(laws), settings.laws
    first = laboratory.rule == FIRST_RULE
    nothing_left = grammar is not None and grammar.exact and not first
    shown = [c for c in findings.pilot if all(c in t for t in tables.values()) and not first]
    regressors = _regressors(laboratory, designs, shown, nothing_left)
    own = grammar.variables if grammar else ()
    process = LawContest(
        link=link,
        flexible=tuple(
            n for n in sorted(regressors) if n not in own or (grammar and grammar.flexible)
        ),
        remainder=tuple(n for n in sorted(regressors) if nothing_left and n in own),
    )
    others = {name: {d: table[d] for d in designs} for name, table in findings.others.items()}
    others_blob = laboratory.blobs.put_json(others) if others else None
    frame = _design_frame(laboratory, designs, "informative", list(designs), planned)
    regressor_blob = laboratory.blobs.put_json(regressors) if regressors else None
    names = tuple(h.id for h in laws)
    return [
        _sealed(
            h,
            Prediction(
                outcome=laboratory.scenario.measurement.name,
                unit=laboratory.scenario.measurement.unit,
                link=link,
                table=laboratory.blobs.put_json({d: tables[h.id][d] for d in (*designs, *shown)}),
                regressors=regressor_blob,
                others=others_blob,
                drawing=_drawing(h, findings),
                words=f"the {link} outcome follows this table up to one free constant",
            ),
            Criterion(
                rule=laboratory.rule,
                process=process.model_copy(update={"ceiling": _ceiling(h, findings)}),
                alpha=settings.alpha,
                hypotheses=settings.maximum,
                draws=planned,
                failure_rate=settings.failure_rate,
                basis="model-based",
                rivals=tuple(n for n in names if n != h.id),
            ),
            frame,
        )
        for h in laws
    ]


def _by_loss(
    laboratory: Laboratory,
    laws: Sequence[Hypothesis],
    tables: Mapping[str, Mapping[str, float]],
    designs: Sequence[str],
) -> list[Registration]:
    """Register that each law predicts the next case better than its strongest rival.

    Constants are the pilot's mean residuals; the strongest rival is the other law that left the
    pilot the smallest residuals. Cases come in random order, each once.
    """
    settings = laboratory.scenario.hypotheses
    link = _link(laws)
    pilot = {
        case: math.log(value) if link == "log" else value
        for case, value in _pilot(laboratory).items()
        if (link == "identity" or value > 0) and all(case in t for t in tables.values())
    }
    if len(pilot) < 3:
        raise Untestable("fewer than three pilot cases to freeze the laws' constants on")
    residuals = {h: np.array([g - t[c] for c, g in pilot.items()]) for h, t in tables.items()}
    frozen = {h: {d: t[d] + float(residuals[h].mean()) for d in designs} for h, t in tables.items()}
    by_misfit = sorted(residuals, key=lambda h: float(residuals[h].std()))
    planned = min(settings.draws, len(designs))
    process = Sign(theta0=0.5, delta=settings.delta)
    threshold = math.log(settings.maximum / settings.alpha)
    if draws_needed(process, threshold, planned) is None:
        raise Untestable(
            f"{planned} cases, even if all went its way, could not reach "
            f"ln(m/alpha) = {threshold:.2f}"
        )
    seed = [laboratory.seed, 2]
    order = [designs[i] for i in np.random.default_rng(seed).permutation(len(designs))][:planned]
    frame = _design_frame(laboratory, designs, "disjoint", [[d] for d in order], planned)
    found: list[Registration] = []
    for h in laws:
        rival = next(other for other in by_misfit if other != h.id)
        prediction = Prediction(
            outcome=laboratory.scenario.measurement.name,
            unit=laboratory.scenario.measurement.unit,
            link=link,
            table=laboratory.blobs.put_json(frozen[h.id]),
            others=laboratory.blobs.put_json({rival: frozen[rival]}),
            words=f"a random case lies closer to this table than to that of {rival}",
        )
        criterion = Criterion(
            process=process,
            alpha=settings.alpha,
            hypotheses=settings.maximum,
            tie=settings.tie,
            draws=planned,
            failure_rate=settings.failure_rate,
            basis="design-based",
            rivals=(rival,),
        )
        found.append(_sealed(h, prediction, criterion, frame))
    return found


def _design_frame(
    laboratory: Laboratory,
    designs: Sequence[str],
    rule: Literal["informative", "disjoint"],
    draws: list[Any],
    planned: int,
) -> Frame:
    return Frame(
        population=laboratory.scenario.cases.population or laboratory.scenario.title,
        kind="designs",
        cases=len(designs),
        size=len(designs),
        draw_rule=rule,
        draws=laboratory.blobs.put_json(draws),
        planned=planned,
        seed=laboratory.seed,
        pilot=len(laboratory.surveyed.pilot),
    )


def _link(laws: Sequence[Hypothesis]) -> Literal["log", "identity"]:
    relation = laws[0].relation
    return relation.link if isinstance(relation, Law | Curve) else "log"


def _pilot(laboratory: Laboratory) -> dict[str, float]:
    docket = laboratory.docket
    return {
        case: value
        for (case, _, purpose), position in docket.readings.items()
        if purpose == "pilot" and (value := docket.measurements[position].value) is not None
    }


def _pilot_values(laboratory: Laboratory) -> list[float]:
    return list(_pilot(laboratory).values())


_CEILING = 1.25
"""How far above the instrument's own noise a law's residuals may lie and still be called noise."""


def _ceiling(hypothesis: Hypothesis, findings: Findings) -> float | None:
    """Return the most noise that a law allows; "noise only" allows any."""
    relation = hypothesis.relation
    nothing = isinstance(relation, Law) and not relation.weights and not relation.factor
    return None if nothing or findings.noise is None else _CEILING * findings.noise


def _drawing(hypothesis: Hypothesis, findings: Findings) -> Blob | None:
    relation = hypothesis.relation
    return findings.drawings.get(relation.rival) if isinstance(relation, Curve) else None


def _terms(hypothesis: Hypothesis, laboratory: Laboratory) -> Mapping[str, float]:
    """Return what a law adds to its constant, at each design where it predicts something."""
    relation = hypothesis.relation
    if isinstance(relation, Curve):
        return laboratory.surveyed.rivals[relation.rival]
    assert isinstance(relation, Law)
    population = laboratory.surveyed.population
    found: dict[str, float] = {}
    for case in population.cases:
        row = relation.numbers(population.row(case))
        if row is not None and math.isfinite(term := relation.term(row)):
            found[case] = term
    return found


def _regressors(
    laboratory: Laboratory, designs: Sequence[str], shown: Sequence[str], nothing_left: bool
) -> dict[str, dict[str, float]]:
    """Return the laws' variables and the rivals' curves, scaled by their spread over the designs.

    Args:
        laboratory: of the run.
        designs: those that may be measured.
        shown: cases of the pilot, of which a law's remainder is looked at, too.
        nothing_left: whether a law's remainder is looked at.
    """
    settings = laboratory.scenario.hypotheses
    population = laboratory.surveyed.population
    columns: dict[str, Mapping[str, float]] = {}
    if settings.laws and (settings.laws.flexible or nothing_left):
        for name in settings.laws.variables:
            law = Law(link=settings.laws.link, weights={name: 1.0})
            rows = {d: law.numbers(population.row(d)) for d in (*designs, *shown)}
            if all(rows[d] is not None for d in designs):
                columns[name] = {d: law.term(row) for d, row in rows.items() if row is not None}
    if settings.rivals:
        columns |= laboratory.surveyed.rivals
    scaled: dict[str, dict[str, float]] = {}
    for name, column in columns.items():
        values = np.array([column[d] for d in designs])
        centre, spread = float(values.mean()), float(values.std())
        if spread > 0:
            scaled[name] = {
                d: (column[d] - centre) / spread for d in (*designs, *shown) if d in column
            }
    return scaled


def _sealed(
    hypothesis: Hypothesis,
    prediction: Prediction,
    criterion: Criterion,
    frame: Frame,
) -> Registration:
    return Registration(
        id=f"r{hypothesis.id.removeprefix('h')}",
        hypothesis=hypothesis.id,
        prediction=prediction,
        criterion=criterion,
        frame=frame,
        digest=digest(hypothesis.model_dump(mode="json"), prediction, criterion, frame),
    )
