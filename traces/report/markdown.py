"""The report as plain Markdown, to be read in a terminal."""

import re
from collections.abc import Iterator, Sequence

from gaseol.traces.record.cases import Column
from gaseol.traces.report.document import Document, Finding, Line, Number, Said, Spread, Trial
from gaseol.traces.report.text import MEASURED, RANKED, count, log, number, quantity

_MARKS = re.compile(r"([\\`*\[\]<>|~$]|(?<!\w)_|_(?!\w)|&(?=#?\w+;))")
_FEW = 6


def plain(text: str) -> str:
    """Return text that Markdown shows as it stands: no markup, no link, no HTML."""
    return _MARKS.sub(r"\\\1", text)


def markdown(document: Document) -> str:
    """Return the report as Markdown."""
    return "\n".join(_lines(document)).rstrip() + "\n"


def _lines(document: Document) -> Iterator[str]:
    head = document.head
    yield f"# {plain(head.title)}\n"
    if head.question:
        yield f"{plain(head.question)}\n"
    yield from _glance(document)
    yield from _table(
        ("", ""),
        [
            ("Run", plain(head.run)),
            ("Scenario", f"{plain(head.scenario)}, scientist {plain(head.scientist)}, "
                         f"seed {plain(head.seed)}"),
            ("Time", f"{head.began} to {head.ended}"),
            ("Status", plain(f"{head.status}: {head.reason}" if head.reason else head.status)),
            ("Head of the record", f"{head.digest} ({count(head.events, 'event')})"),
        ],
    )  # fmt: skip
    yield "Numbers in brackets, as [#12], are positions on the record.\n"
    yield "## Findings\n"
    for finding in document.findings:
        yield _finding(finding)
    yield "" if document.findings else "The record holds no claim.\n"
    yield "## Hypotheses\n"
    if document.trials:
        yield from _board(document.trials)
        for trial in document.trials:
            yield from _trial(trial)
    else:
        yield "No hypothesis was registered.\n"
    yield from _contests(document)
    yield from _agreement(document)
    yield from _left_out(document)
    yield "## What these verdicts do and do not say\n"
    for said in document.limits:
        yield f"{said}\n"
    if document.scores:
        yield "## Score against the hidden answer\n"
        yield from _entries(document.scores, "Hypothesis", "The verdict")
    yield "## Cost, versions, and how to reproduce it\n"
    # indented, since a fence could be closed by what it holds
    yield from (f"    {command}" for command in document.commands)
    yield ""
    yield from _table(
        ("", ""),
        [
            ("Head of the record", head.digest),
            ("Question as asked", f"{head.asked} (SHA-256 of run.json)"),
            *((plain(line.about), plain(line.said) + _at(line.at)) for line in document.cost),
            *((plain(name), plain(version)) for name, version in document.versions),
        ],
    )
    yield from _measurements(document)


def _glance(document: Document) -> Iterator[str]:
    said = [
        f"**{n} {'without a verdict' if standing == 'open' else standing}**"
        for standing, n in document.counts
        if n or standing in ("supported", "refuted", "undecided")
    ]
    yield ", ".join(said) + "\n"
    decided = [t for t in document.trials if t.standing in ("supported", "refuted")]
    for trial in decided:
        yield f"- {trial.standing}: {plain(trial.statement)}{_at(trial.verdict_at)}"
    if decided:
        yield ""


def _at(*events: int | None) -> str:
    known = [e for e in events if e is not None]
    return f" [{', '.join(f'#{e}' for e in known)}]" if known else ""


def _number(value: Number) -> str:
    if not value.events:
        return plain(value.text)
    if len(value.events) <= _FEW:
        return plain(value.text) + _at(*value.events)
    return f"{plain(value.text)} [{len(value.events):,} events, #{value.events[0]} first]"


def _said(said: Said) -> str:
    return "".join(plain(part) if isinstance(part, str) else _number(part) for part in said)


def _finding(finding: Finding) -> str:
    if finding.sound:
        return f"- {_said(finding.said)}"
    problems = "".join(f"\n  - {plain(problem)}" for problem in finding.problems)
    return f"- **UNSUPPORTED**, not a finding: {_said(finding.said)}{problems}"


def _table(names: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(names)} |"
    yield f"|{'---|' * len(names)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"
    yield ""


def _entries(entries: Sequence[Line], about: str, said: str) -> Iterator[str]:
    yield from _table((about, said), [(plain(e.about), plain(e.said) + _at(e.at)) for e in entries])


def _board(trials: Sequence[Trial]) -> Iterator[str]:
    yield from _table(
        ("", "Hypothesis", "Verdict", "ln E for", "ln E against", "Draws", "Basis"),
        [
            (
                plain(t.id), plain(t.statement), t.standing + _provisional(t),
                _number(t.log_for), _number(t.log_against), f"{t.draws_made:,}", t.basis,
            )
            for t in trials
        ],
    )  # fmt: skip


def _provisional(trial: Trial) -> str:
    if not trial.provisional or trial.provisional == trial.standing:
        return ""
    return f" (provisionally {trial.provisional}{_at(trial.crossed_at)})"


def _trial(trial: Trial) -> Iterator[str]:
    yield f"### {plain(trial.id)}: {plain(trial.statement)}\n"
    word = "No verdict" if trial.standing == "open" else trial.standing.capitalize()
    yield f"**{word}.** {plain(trial.reason)}{_at(trial.verdict_at)}\n"
    if trial.stopped:
        yield f"{plain(trial.stopped)}\n"
    if trial.crossed_draw is not None:
        yield (
            f"Provisionally {trial.provisional} at draw {trial.crossed_draw}"
            f"{_at(trial.crossed_at)}.\n"
        )
    if trial.mechanism:
        yield f"Why it might be so (words, not evidence): {plain(trial.mechanism)}\n"
    prior = f", rank weight {trial.prior} ({RANKED})" if trial.prior else ""
    yield f"Proposed by {plain(trial.proposed_by)}{_at(trial.proposed_at)}{prior}.\n"
    if trial.tally:
        total = sum(n for _, n in trial.tally)
        shares = ", ".join(f"{o} {n:,} ({n / total:.0%})" for o, n in trial.tally)
        yield f"Draws: {shares}.\n"
    yield from _table(
        ("Registered", ""),
        [
            ("sealed", f"digest {plain(trial.digest)}{_at(trial.registered_at)}"),
            ("prediction", plain(trial.prediction)),
            *((about, plain(what)) for about, what in trial.registration),
        ],
    )
    if trial.fit_note:
        yield f"{plain(trial.fit_note)}\n"
    if trial.draws:
        yield from _draws(trial)


def _draws(trial: Trial) -> Iterator[str]:
    sides = ("First", "Second", "Difference") if trial.pairs else ("Design",)
    if trial.columns:
        yield f"Of each case: {'; '.join(map(_column, trial.columns))}; in this order.\n"
    rows: list[tuple[str, ...]] = []
    for d in trial.draws:
        cells = [
            f"{plain(r.label)}: {plain(r.shown)}{_at(r.at)}"
            + (f" ({plain(', '.join(r.cells))})" if r.cells else "")
            for r in d.readings
        ]
        cells += [""] * ((2 if trial.pairs else 1) - len(cells))
        if trial.pairs:
            cells.append("" if d.difference is None else number(d.difference, MEASURED))
        outcome = d.outcome + (f": {plain(d.why_not)}" if d.why_not else "")
        rows.append((str(d.number), *cells, outcome, log(d.log_for, trial.threshold),
                     log(d.log_against, trial.threshold) + _at(d.at)))  # fmt: skip
    yield from _table(("Draw", *sides, "Outcome", "ln E for", "ln E against"), rows)
    if trial.draws_cut:
        yield f"{trial.draws_cut:,} more draws are on the record.\n"


def _column(column: Column) -> str:
    unit = "" if column.unit == "1" else f" in {plain(column.unit)}"
    return f"{plain(column.words)}{unit} ({column.part})"


def _contests(document: Document) -> Iterator[str]:
    if not document.contests:
        return
    yield "## Laws side by side\n"
    yield (
        "The same measurements against each law's registered prediction, its one constant fitted "
        "after the fact: a picture, not the verdict.\n"
    )
    for contest in document.contests:
        yield from _table(
            ("Law", "Statement", "Spread of the residuals", "Measurements"),
            [
                (plain(f.name), plain(f.statement), number(f.spread, 3), f"{len(f.points):,}")
                for f in contest.fits
            ],
        )


def _agreement(document: Document) -> Iterator[str]:
    agreement = document.agreement
    if agreement is None:
        return
    yield "## Agreement with an independent check\n"
    for finding in agreement.findings:
        yield _finding(finding)
    yield (
        f"\n{plain(agreement.outcome)}: the measurement is by the tool {plain(agreement.ours)}"
        f"{_is(agreement.ours_is)}, the check by {plain(agreement.theirs)}"
        f"{_is(agreement.theirs_is)}. {count(agreement.failed, 'case')} failed on one side.\n"
    )
    if agreement.spread:
        yield from _spread(agreement.spread, agreement.unit)
    yield from _table(
        ("Case", "Measured", "Check"),
        [
            (plain(a.label), plain(a.shown) + _at(a.at), plain(b.shown) + _at(b.at))
            for a, b in agreement.pairs[:2000]
        ],
    )


def _is(summary: str) -> str:
    return f" ({plain(summary.rstrip('.'))})" if summary else ""


def _spread(spread: Spread, unit: str) -> Iterator[str]:
    yield (
        f"Measured minus check is {plain(quantity(spread.mean, unit))} in the mean; half of the "
        f"cases lie within {plain(quantity(spread.median, unit))} of their check. Farthest from "
        "it:\n"
    )
    yield from _table(
        ("Case", "Measured", "Check", "Difference"),
        [
            (
                plain(a.label),
                plain(a.shown) + _at(a.at),
                plain(b.shown) + _at(b.at),
                number(d, MEASURED),
            )
            for a, b, d in spread.farthest
        ],
    )


def _left_out(document: Document) -> Iterator[str]:
    yield "## What was left out, and why\n"
    for title, entries in (
        ("Turned away", document.turned_away),
        ("Not decided, not tested", document.untested),
        ("Failed measurements", document.failures),
        ("On the way", document.notes),
    ):
        yield f"### {title}\n"
        if entries:
            yield from _entries(entries, "What", "Why")
        else:
            yield "Nothing.\n"


def _measurements(document: Document) -> Iterator[str]:
    yield "## Appendix: measurements\n"
    if len(document.rows) < document.measured:
        yield (
            f"{len(document.rows):,} of {count(document.measured, 'measurement')}: the first ones, "
            "and those that a finding names. The others are on the record.\n"
        )
    yield from _table(
        ("Event", "Case", "Value", "Unit", "±", "Tool", "Purpose"),
        [
            (
                f"[#{r.at}]",
                plain(f"{r.label} ({r.case})" if r.label else r.case),
                plain(f"failed, {r.failure}" if r.failure else r.value),
                plain(r.unit), r.uncertainty, plain(r.tool), plain(r.purpose),
            )
            for r in document.rows
        ],
    )  # fmt: skip
