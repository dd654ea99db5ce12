"""From a run's folder to the document: which sections there are and what they say."""

import math
import shlex
import statistics
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from gaseol.traces.evidence.process import LawContest
from gaseol.traces.language import Language, Words, words
from gaseol.traces.nouns.measurement import Measurement
from gaseol.traces.record.cases import mapping
from gaseol.traces.record.trace import Trace
from gaseol.traces.report.campaign import campaign
from gaseol.traces.report.document import (
    STANDINGS,
    Agreement,
    Document,
    Finding,
    Head,
    Line,
    Ranking,
    Reading,
    Row,
    Spread,
    Trial,
)
from gaseol.traces.report.findings import finding
from gaseol.traces.report.fit import contests
from gaseol.traces.report.literature import literature
from gaseol.traces.report.record import Record
from gaseol.traces.report.telling import told
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
)
from gaseol.traces.report.trial import reading, statement, trial

ROWS = 2_000
"""Measurements that the appendix shows."""
LINES = 200
"""Entries of a list that are shown."""
FARTHEST = 8
"""Cases that are named for lying farthest from their check."""


def compose(folder: Path) -> Document:
    """Return the report of a run.

    Raises:
        NotARun: there is no record in the folder.
        BrokenLine: the record cannot be read.
    """
    record = Record.of(Trace(folder))
    docket = record.docket
    order = sorted(
        docket.registrations,
        key=lambda h: STANDINGS.index(docket.verdicts[h].ruling.value if h in docket.verdicts
                                      else "open"),
    )  # fmt: skip
    anchors = {name: f"h-{i}" for i, name in enumerate(order, start=1)}
    trials = tuple(trial(record, name, anchors[name]) for name in order)
    findings = tuple(finding(record, c, anchors) for c in docket.claims.values())
    by_name = dict(zip(order, trials, strict=True))
    counted = {name: [d for d in t.draws if d.outcome != "not counted"]
               for name, t in by_name.items()}  # fmt: skip
    standings = Counter(t.standing for t in trials)
    said = str(record.scenario.get("language") or "en")
    language: Language = "ko" if said == "ko" else "en"
    t = words(language)
    document = Document(
        head=_head(record),
        counts=tuple((s, standings[s]) for s in STANDINGS),
        findings=findings,
        trials=trials,
        contests=tuple(contests(record, counted, anchors)),
        agreement=_agreement(record, findings),
        campaign=campaign(record, t),
        ranking=_ranking(record, anchors),
        turned_away=tuple(_turned_away(record))[:LINES],
        untested=tuple(_untested(record, by_name, t))[:LINES],
        failures=tuple(_failures(record)),
        notes=tuple(_notes(record))[:LINES],
        limits=tuple(_limits(record)),
        scores=tuple(_scores(record, anchors)),
        cost=tuple(_cost(record)),
        versions=tuple(_versions(record)),
        commands=tuple(_commands(record)),
        rows=_rows(record, findings),
        measured=len(docket.measurements),
        language=language,
        literature=literature(record, t),
    )
    return told(document, t)


def _head(record: Record) -> Head:
    started, ended, scenario = record.docket.started, record.docket.ended, record.scenario
    name = started.scenario if started else str(scenario.get("name", "unnamed"))
    question = started.question if started else str(scenario.get("question", ""))
    return Head(
        title=cut(str(scenario.get("title") or name), STATEMENT),
        question=cut(question, PARAGRAPH),
        scenario=cut(name, NAME),
        run=cut(str(record.trace.run.get("id", "unnamed")), STATEMENT),
        scientist=cut(started.scientist if started else "unknown", NAME),
        seed=str(started.seed) if started else "unknown",
        began=record.began,
        ended=record.ended,
        status=record.status,
        reason=cut(ended.reason, REASON) if ended else "",
        digest=record.head,
        events=record.events,
        asked=record.asked,
    )


def _agreement(record: Record, findings: Sequence[Finding]) -> Agreement | None:
    docket = record.docket
    pairs = [
        (docket.readings[case, 0, "test"], position)
        for (case, _, purpose), position in docket.readings.items()
        if purpose == "check" and (case, 0, "test") in docket.readings
    ]
    if not pairs:
        return None
    both = [(docket.measurements[a], docket.measurements[b]) for a, b in pairs]
    good = [
        (reading(record, a, m), reading(record, b, k))
        for (a, b), (m, k) in zip(pairs, both, strict=True)
        if m.value is not None and k.value is not None
    ]
    first, check = both[0]
    return Agreement(
        outcome=cut(first.quantity, NAME),
        unit=cut(first.unit, UNIT),
        ours=cut(first.tool, NAME),
        theirs=cut(check.tool, NAME),
        pairs=tuple(good),
        failed=len(pairs) - len(good),
        findings=tuple(f for f in findings if f.compares),
        ours_is=_summary(record, first.tool),
        theirs_is=_summary(record, check.tool),
        spread=_spread(good),
    )


def _summary(record: Record, tool: str) -> str:
    """Return what a tool does, as the run's file has it; empty where it does not say."""
    card = mapping(mapping(record.trace.run.get("cards")).get(tool))
    return cut(str(card.get("summary", "")), STATEMENT)


def _spread(pairs: Sequence[tuple[Reading, Reading]]) -> Spread | None:
    apart = [(a, b, a.value - b.value) for a, b in pairs
             if a.value is not None and b.value is not None]  # fmt: skip
    if not apart:
        return None
    farthest = sorted(apart, key=lambda pair: -abs(pair[2]))
    return Spread(
        mean=statistics.fmean(d for *_, d in apart),
        median=statistics.median(abs(d) for *_, d in apart),
        farthest=tuple(farthest[:FARTHEST]),
    )


def _ranking(record: Record, anchors: Mapping[str, str]) -> Ranking | None:
    if record.ranking is None:
        return None
    at, ranked = record.ranking
    docket = record.docket
    places: list[Line] = []
    for s in ranked.strengths[:LINES]:
        value, low, high, pairings = (
            log(s.value), log(s.low), log(s.high), count(s.pairings, "pairing"),
        )  # fmt: skip
        if s.hypothesis in docket.registrations:
            said = f"{value} ({low} to {high}), {pairings}; tested"
        else:
            said = f"{value} ({low} to {high}), {pairings}; not tested"
        places.append(
            Line(statement(record, s.hypothesis), said, at, anchors.get(s.hypothesis, ""))
        )
    outcomes = Counter(p.outcome for p in ranked.pairings)
    note = (
        "This is a ranking, not a finding: it decided which hypotheses were tested. Strengths are "
        "Bradley-Terry strengths (logarithms of odds) with 95% intervals, from "
        f"{count(len(ranked.pairings), 'pairing')}, each judged in both orders; "
        f"{count(outcomes['draw'], 'pairing')} drawn, "
        f"{count(outcomes['discarded'], 'pairing')} discarded."
    )
    return Ranking(tuple(places), note)


def _turned_away(record: Record) -> Iterator[Line]:
    for name, reason in record.docket.turned_away.items():
        yield Line(
            statement(record, name), cut(reason, REASON), record.at.get(f"turned_away:{name}")
        )


def _untested(record: Record, trials: Mapping[str, Trial], tell: Words) -> Iterator[Line]:
    docket = record.docket
    for name, t in trials.items():
        if t.standing == "undecided" or (t.standing == "open" and not t.provisional):
            at = docket.positions.get(f"verdict:{name}", t.registered_at)
            reason = t.reason if t.draws else f"registered, and no draw was made; {t.reason}"
            reason = f"{reason}. {t.stopped}" if t.draws and t.stopped else reason
            yield Line(t.statement, reason, at, t.anchor)
    for name in docket.hypotheses:
        if name not in docket.registrations and name not in docket.turned_away:
            yield Line(
                statement(record, name),
                "proposed, and still in the pool when the record ends",
                docket.positions.get(f"hypothesis:{name}"),
            )
    if record.status == "budget" and docket.ended:
        said = docket.ended.reason
        if docket.ended.would:
            would = "; ".join(map(tell.retold, docket.ended.would))
            said += f"; next it would have measured {would}"
        yield Line("The budget", cut(said, REASON), record.at.get("ended"))


def _failures(record: Record) -> Iterator[Line]:
    kinds: dict[tuple[str, str], list[int]] = {}
    for at, m in record.docket.measurements.items():
        if m.failure:
            kinds.setdefault((m.failure.kind.value, m.tool), []).append(at)
    for (kind, tool), places in sorted(kinds.items(), key=lambda item: (-len(item[1]), item[0])):
        example = record.docket.measurements[places[0]]
        reason = example.failure.reason if example.failure else ""
        yield Line(
            f"{kind.replace('_', ' ')}, {cut(tool, NAME)}",
            f"{count(len(places), 'measurement')}, the first of "
            f"{cut(record.label(example.case), NAME)}: {cut(reason, REASON)}",
            places[0],
            f"e{places[0]}",
        )


def _notes(record: Record) -> Iterator[Line]:
    started = record.docket.started
    for note in started.notes if started else ():
        yield Line("this machine", cut(note, REASON), record.at.get("started"))
    for at, said in record.notes:
        yield Line("", cut(said, REASON), at)


def _limits(record: Record) -> Iterator[str]:
    registrations = list(record.docket.registrations.values())
    bases = {r.criterion.basis for r in registrations}
    if "design-based" in bases:
        yield (
            "A design-based verdict rests on chance that is ours: cases were paired and drawn at "
            "random, in an order sealed before anything in it was measured. It speaks of pairs of "
            "the registered frame, matched as registered, and of nothing outside it; what was not "
            "matched may still differ between the two of a pair."
        )
        yield (
            "'Supported' asserts a direction, not a size: the effect (as a rule the share of pairs "
            "that go as predicted) is above the null. 'Refuted' says that it is below the smallest "
            "effect of interest. Between the two lies a zone where either may come."
        )
    if "model-based" in bases:
        yield (
            "A model-based verdict compares the registered laws with each other, each with one "
            "constant left free, under Gaussian noise. It says which of these is right if one is, "
            "not that none better exists; designs were chosen for what they tell."
        )
    processes = [r.criterion.process for r in registrations]
    if any(isinstance(p, LawContest) and p.remainder for p in processes):
        yield (
            "A law is not supported while a smooth function of the variables predicts what it "
            "leaves better than noise does, on the pilot and the draws together. What is smaller "
            "than the noise can still be left."
        )
    if registrations:
        c = registrations[0].criterion
        threshold = log(_threshold(c.hypotheses, c.alpha))
        yield (
            "Evidence is an e-value: a bet against the null whose expected gain is at most one if "
            "the null is true. However long one watches and whenever one stops, the chance that a "
            f"true null is ever outbid by m/α is at most α/m. With m = {c.hypotheses} hypotheses "
            f"and α = {number(c.alpha)} the threshold is ln(m/α) = {threshold}, registered before "
            "the first measurement; whichever side reaches it first freezes both."
        )
        yield (
            "Over all hypotheses of the run the false discovery rate is held at α by e-BH on the "
            "frozen values, for supports and for refutations apart; slots that were not used count "
            "as e = 0. A crossing during the run is provisional until this step."
        )
    if record.docket.searches:
        yield (
            "What others have written is no evidence here. A quote stands in its text word for word, "
            "and a reference was found by a search on record; whether the text means what it is "
            "quoted for, and whether it is right, is for its readers to say. A point written by a "
            "model is its wording: its references and numbers were held against the quotes, its "
            "sense was not."
        )
    if record.docket.started and not record.docket.started.hypotheses:
        return  # a survey: nothing was to be judged
    yield (
        "Undecided means that neither side crossed before the draws were spent, the draws left "
        "could no longer decide, or the run ended; each says which. "
        "It is not evidence of no effect."
    )
    yield (
        "A failed measurement stays on the record. In the share of pairs it counts as a miss in "
        "the evidence for and as a hit in the evidence against; above the registered share of "
        "failures a verdict is invalid. What a tool computes is the tool's model of the world; "
        "where an independent check was made, its agreement is shown."
    )


def _threshold(hypotheses: int, alpha: float) -> float:
    return math.log(hypotheses / alpha)


def _scores(record: Record, anchors: Mapping[str, str]) -> Iterator[Line]:
    if not record.docket.ended:
        return
    for name, said in record.docket.ended.score.items():
        at = record.at.get("ended")
        yield Line(statement(record, name), cut(said, NAME), at, anchors.get(name, ""))


_UNITS = {
    "seconds": " s",
    "cpu_seconds": " s",
    "instrument_seconds": " s",
}


def _cost(record: Record) -> Iterator[Line]:
    if not record.docket.ended:
        return
    for name, value in record.docket.ended.cost.items():
        about = cut(name.replace("_", " "), NAME)
        shown = number(value) if value % 1 else f"{value:,.0f}"
        yield Line(about, f"{shown}{_UNITS.get(name, '')}", record.at.get("ended"))


def _versions(record: Record) -> Iterator[tuple[str, str]]:
    run = record.trace.run
    yield "Python", cut(str(run.get("python", "unknown")), NAME)
    yield "platform", cut(str(run.get("platform", "unknown")), NAME)
    for name, version in list(mapping(run.get("versions")).items())[:LINES]:
        yield cut(name, NAME), cut(str(version), NAME)
    used = sorted({m.tool for m in record.docket.measurements.values()})
    digests = mapping(run.get("tools"))
    for tool in used[:LINES]:
        if tool in digests:
            yield f"tool {cut(tool, NAME)}", cut(str(digests[tool]), 80)


def _commands(record: Record) -> Iterator[str]:
    started = record.docket.started
    run = shlex.quote(cut(str(record.trace.run.get("id", "RUN")), STATEMENT))
    if started:
        name = shlex.quote(cut(started.scenario, STATEMENT))
        who = shlex.quote(cut(started.scientist, NAME))
        scientist = "" if started.scientist == "embedded" else f" --scientist {who}"
        yield f"gaseol run {name} --seed {started.seed}{scientist}"
    yield f"gaseol verify {run}"
    yield f"gaseol replay {run}"


def _rows(record: Record, findings: Sequence[Finding]) -> tuple[Row, ...]:
    """Return the first measurements, and those that a finding points to by themselves."""
    cited = {p.events[0] for f in findings for p in f.said
             if not isinstance(p, str) and len(p.events) == 1}  # fmt: skip
    found: list[Row] = []
    for i, (at, m) in enumerate(record.docket.measurements.items()):
        if i < ROWS or at in cited:
            found.append(_row(record, at, m))
    return tuple(found)


def _row(record: Record, at: int, m: Measurement) -> Row:
    label = record.label(m.case)
    purpose = m.purpose if not m.reading else f"{m.purpose}, reading {m.reading}"
    return Row(
        at=at,
        case=cut(m.case, NAME),
        label=cut(label, NAME) if label != m.case else "",
        value=number(m.value, MEASURED) if m.value is not None else "",
        unit=cut(m.unit, UNIT) if m.unit != "1" else "",
        uncertainty=number(m.uncertainty, 2) if m.uncertainty is not None else "",
        tool=cut(m.tool, NAME),
        purpose=cut(purpose, NAME),
        failure=f"{m.failure.kind.value.replace('_', ' ')}: {cut(m.failure.reason, REASON)}"
        if m.failure else "",
    )  # fmt: skip
