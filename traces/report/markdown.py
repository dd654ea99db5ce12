"""The report as plain Markdown, to be read in a terminal."""

import re
from collections.abc import Iterator, Sequence

from gaseol.traces.language import Words, words
from gaseol.traces.record.cases import Column
from gaseol.traces.report.campaign import Campaign
from gaseol.traces.report.document import (
    Document,
    Finding,
    Head,
    Line,
    Literature,
    Number,
    Said,
    Spread,
    Trial,
)
from gaseol.traces.report.text import MEASURED, RANKED, log, number, quantity

_MARKS = re.compile(r"([\\`*\[\]<>|~$]|(?<!\w)_|_(?!\w)|&(?=#?\w+;))")
_FEW = 6


def plain(text: str) -> str:
    """Return text that Markdown shows as it stands: no markup, no link, no HTML."""
    return _MARKS.sub(r"\\\1", text)


def markdown(document: Document) -> str:
    """Return the report as Markdown."""
    return "\n".join(_lines(document, words(document.language))).rstrip() + "\n"


def _lines(document: Document, t: Words) -> Iterator[str]:
    head = document.head
    yield f"# {plain(head.title)}\n"
    if head.question:
        yield f"{plain(head.question)}\n"
    yield from _glance(document, t)
    yield from _table(
        ("", ""),
        [
            (t("Run"), plain(head.run)),
            (t("Scenario"), t("{scenario}, scientist {scientist}, seed {seed}",
                              scenario=plain(head.scenario), scientist=plain(head.scientist),
                              seed=plain(head.seed))),
            (t("Time"), t("{began} to {ended}", began=head.began, ended=head.ended)),
            (t("Status"), _status(head, t)),
            (t("Head of the record"), f"{head.digest} ({t.count(head.events, 'event')})"),
        ],
    )  # fmt: skip
    yield t("Numbers in brackets, as [#12], are positions on the record.") + "\n"
    yield f"## {t('Findings')}\n"
    for finding in document.findings:
        yield _finding(finding, t)
    yield "" if document.findings else t("The record holds no claim.") + "\n"
    yield from _campaign(document.campaign, t)
    yield f"## {t('Hypotheses')}\n"
    if document.trials:
        yield from _board(document.trials, t)
        for trial in document.trials:
            yield from _trial(trial, t)
    else:
        yield t("No hypothesis was registered.") + "\n"
    yield from _contests(document, t)
    yield from _agreement(document, t)
    if document.literature:
        yield from _literature(document.literature, t)
    yield from _ranking(document, t)
    yield from _left_out(document, t)
    yield f"## {t('What these verdicts do and do not say')}\n"
    for said in document.limits:
        yield f"{said}\n"
    if document.scores:
        yield f"## {t('Score against the hidden answer')}\n"
        yield from _entries(document.scores, t("Hypothesis"), t("The verdict"))
    yield f"## {t('Cost, versions, and how to reproduce it')}\n"
    # indented, since a fence could be closed by what it holds
    yield from (f"    {command}" for command in document.commands)
    yield ""
    yield from _table(
        ("", ""),
        [
            (t("Head of the record"), head.digest),
            (t("Question as asked"), t("{digest} (SHA-256 of run.json)", digest=head.asked)),
            *((plain(line.about), plain(line.said) + _at(line.at)) for line in document.cost),
            *((plain(name), plain(version)) for name, version in document.versions),
        ],
    )
    yield from _measurements(document, t)


def _campaign(held: Campaign | None, t: Words) -> Iterator[str]:
    if held is None:
        return
    yield f"## {t('The search')}\n"
    about = {"goals": plain("; ".join(held.goals)), "measured": t.count(held.measured, "case")}
    if held.limited:
        good = str(held.acceptable)
        said = t(
            "Wanted: {goals}. {measured} measured, {good} within the limits.", good=good, **about
        )
    else:
        said = t("Wanted: {goals}. {measured} measured.", **about)
    ended = f" {t('It ended: {reason}.', reason=plain(held.stopped))}" if held.stopped else ""
    yield f"{said}{ended}\n"
    for source, what, at in held.known:
        yield f"- {t('Given by {source}: {what}', source=plain(source), what=plain(what))}{_at(at)}"
    if held.known:
        yield ""
    if held.best:
        estimated = bool(held.best[0].estimate)
        more = (t("The model's estimate (95%)"),) if estimated else ()
        yield f"### {t('The best case') if held.single else t('The front')}\n"
        yield from _table(
            (t("Case"), *map(plain, held.quantities), t("Readings"), *more),
            [
                (plain(b.label or b.case), f"{plain(b.values[0])}{_at(b.at)}",
                 *map(plain, b.values[1:]), str(b.readings), *((b.estimate,) if more else ()))
                for b in held.best
            ],
        )  # fmt: skip
        if held.left_out:
            left = f"{held.left_out:,}"
            yield f"\n{t('{more} more cases of the front are on the record.', more=left)}"
        yield ""
    if held.next:
        yield f"### {t('What to try next')}\n"
        if held.gain:
            said = t(
                "The best of the next batch is expected to gain {gain}: a forecast of the model, "
                "not a finding.",
                gain=plain(held.gain),
            )
            yield f"{said}{_at(held.learnt_at)}\n"
        yield from (f"- {plain(point)}" for point in held.next)
        yield ""


def _status(head: Head, t: Words) -> str:
    said = t.retold(head.status)
    return plain(f"{said}: {head.reason}" if head.reason else said)


def _glance(document: Document, t: Words) -> Iterator[str]:
    said = [
        f"**{n} {t('without a verdict') if standing == 'open' else t.retold(standing)}**"
        for standing, n in document.counts
        if n or standing in ("supported", "refuted", "undecided")
    ]
    yield ", ".join(said) + "\n"
    decided = [t for t in document.trials if t.standing in ("supported", "refuted")]
    for trial in decided:
        yield f"- {t.retold(trial.standing)}: {plain(trial.statement)}{_at(trial.verdict_at)}"
    if decided:
        yield ""


def _at(*events: int | None) -> str:
    known = [e for e in events if e is not None]
    return f" [{', '.join(f'#{e}' for e in known)}]" if known else ""


def _number(value: Number, t: Words) -> str:
    if not value.events:
        return plain(value.text)
    if len(value.events) <= _FEW:
        return plain(value.text) + _at(*value.events)
    about = {"events": f"{len(value.events):,}", "first": value.events[0]}
    return t("{text} [{events} events, #{first} first]", text=plain(value.text), **about)


def _said(said: Said, t: Words) -> str:
    return "".join(plain(part) if isinstance(part, str) else _number(part, t) for part in said)


def _finding(finding: Finding, t: Words) -> str:
    if finding.sound:
        return f"- {_said(finding.said, t)}"
    problems = "".join(f"\n  - {plain(problem)}" for problem in finding.problems)
    said = t("**UNSUPPORTED**, not a finding: {said}", said=_said(finding.said, t))
    return f"- {said}{problems}"


def _table(names: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(names)} |"
    yield f"|{'---|' * len(names)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"
    yield ""


def _entries(entries: Sequence[Line], about: str, said: str) -> Iterator[str]:
    yield from _table((about, said), [(plain(e.about), plain(e.said) + _at(e.at)) for e in entries])


def _board(trials: Sequence[Trial], t: Words) -> Iterator[str]:
    yield from _table(
        ("", *map(t, ("Hypothesis", "Verdict", "ln E for", "ln E against", "Draws", "Basis"))),
        [
            (
                plain(each.id), plain(each.statement),
                t.retold(each.standing) + _provisional(each, t), _number(each.log_for, t),
                _number(each.log_against, t), f"{each.draws_made:,}", each.basis,
            )
            for each in trials
        ],
    )  # fmt: skip


def _provisional(trial: Trial, t: Words) -> str:
    if not trial.provisional or trial.provisional == trial.standing:
        return ""
    said = t("provisionally {ruling}", ruling=t.retold(trial.provisional))
    return f" ({said}{_at(trial.crossed_at)})"


def _trial(trial: Trial, t: Words) -> Iterator[str]:
    yield f"### {plain(trial.id)}: {plain(trial.statement)}\n"
    word = t("No verdict") if trial.standing == "open" else t(trial.standing.capitalize())
    yield f"**{word}.** {plain(trial.reason)}{_at(trial.verdict_at)}\n"
    if trial.stopped:
        yield f"{plain(trial.stopped)}\n"
    if trial.crossed_draw is not None:
        about = {"draw": trial.crossed_draw, "at": _at(trial.crossed_at)}
        ruling = t.retold(trial.provisional)
        yield t("Provisionally {ruling} at draw {draw}{at}.", ruling=ruling, **about) + "\n"
    if trial.mechanism:
        why = plain(trial.mechanism)
        yield t("Why it might be so (words, not evidence): {mechanism}", mechanism=why) + "\n"
    prior = ""
    if trial.prior:
        prior = t(", rank weight {prior} ({ranked})", prior=trial.prior, ranked=t(RANKED))
    by, at = plain(trial.proposed_by), _at(trial.proposed_at)
    yield t("Proposed by {by}{at}{prior}.", by=by, at=at, prior=prior) + "\n"
    if trial.tally:
        total = sum(n for _, n in trial.tally)
        shares = ", ".join(f"{t.retold(o)} {n:,} ({n / total:.0%})" for o, n in trial.tally)
        yield t("Draws: {shares}.", shares=shares) + "\n"
    yield from _table(
        (t("Registered"), ""),
        [
            (
                t("sealed"),
                t("digest {digest}", digest=plain(trial.digest)) + _at(trial.registered_at),
            ),
            (t("prediction"), plain(trial.prediction)),
            *((about, plain(what)) for about, what in trial.registration),
        ],
    )
    if trial.fit_note:
        yield f"{plain(trial.fit_note)}\n"
    if trial.draws:
        yield from _draws(trial, t)


def _draws(trial: Trial, t: Words) -> Iterator[str]:
    sides = ("First", "Second", "Difference") if trial.pairs else ("Design",)
    names = ("Draw", *sides, "Outcome", "ln E for", "ln E against")
    if trial.columns:
        columns = "; ".join(_column(column, t) for column in trial.columns)
        yield t("Of each case: {columns}; in this order.", columns=columns) + "\n"
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
        outcome = t.retold(d.outcome) + (f": {plain(d.why_not)}" if d.why_not else "")
        rows.append((str(d.number), *cells, outcome, log(d.log_for, trial.threshold),
                     log(d.log_against, trial.threshold) + _at(d.at)))  # fmt: skip
    yield from _table([t(name) for name in names], rows)
    if trial.draws_cut:
        yield t("{more} more draws are on the record.", more=f"{trial.draws_cut:,}") + "\n"


def _column(column: Column, t: Words) -> str:
    said = plain(column.words)
    if column.unit != "1":
        said = t("{words} in {unit}", words=said, unit=plain(column.unit))
    return f"{said} ({t.retold(column.part)})"


def _contests(document: Document, t: Words) -> Iterator[str]:
    if not document.contests:
        return
    yield f"## {t('Laws side by side')}\n"
    yield (
        t(
            "The same measurements against each law's registered prediction, its one constant fitted "
            "after the fact: a picture, not the verdict."
        )
        + "\n"
    )
    for contest in document.contests:
        yield from _table(
            [t(n) for n in ("Law", "Statement", "Spread of the residuals", "Measurements")],
            [
                (plain(f.name), plain(f.statement), number(f.spread, 3), f"{len(f.points):,}")
                for f in contest.fits
            ],
        )


def _agreement(document: Document, t: Words) -> Iterator[str]:
    agreement = document.agreement
    if agreement is None:
        return
    yield f"## {t('Agreement with an independent check')}\n"
    for finding in agreement.findings:
        yield _finding(finding, t)
    said = t(
        "{outcome}: the measurement is by the tool {ours}, the check by {theirs}. {failed} failed "
        "on one side.",
        outcome=plain(agreement.outcome),
        ours=plain(agreement.ours) + _is(agreement.ours_is),
        theirs=plain(agreement.theirs) + _is(agreement.theirs_is),
        failed=t.count(agreement.failed, "case"),
    )
    yield f"\n{said}\n"
    if agreement.spread:
        yield from _spread(agreement.spread, agreement.unit, t)
    yield from _table(
        [t(name) for name in ("Case", "Measured", "Check")],
        [
            (plain(a.label), plain(a.shown) + _at(a.at), plain(b.shown) + _at(b.at))
            for a, b in agreement.pairs[:2000]
        ],
    )


def _is(summary: str) -> str:
    return f" ({plain(summary.rstrip('.'))})" if summary else ""


def _spread(spread: Spread, unit: str, t: Words) -> Iterator[str]:
    said = t(
        "Measured minus check is {mean} in the mean; half of the cases lie within {median} of "
        "their check. Farthest from it:",
        mean=plain(quantity(spread.mean, unit)),
        median=plain(quantity(spread.median, unit)),
    )
    yield f"{said}\n"
    yield from _table(
        [t(name) for name in ("Case", "Measured", "Check", "Difference")],
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


def _literature(found: Literature, t: Words) -> Iterator[str]:
    yield f"## {t('What others have written')}\n"
    said = t(
        "{found} found, {read} read; none of it is evidence. Numbers in brackets are those of the "
        "references below.",
        found=t.count(found.found, "work"),
        read=t.count(found.read, "work"),
    )
    yield f"{said}\n"
    for point in found.points:
        cites = f" [{', '.join(map(str, point.cites))}]" if point.cites else ""
        by = plain(t.retold(point.by))
        if point.problems:
            yield f"- **{t('NOT BORNE OUT')}** ~~{plain(point.text)}~~{cites} ({by})"
            yield from (f"  - {plain(problem)}" for problem in point.problems)
        else:
            yield f"- {plain(point.text)}{cites} ({by})"
    yield "" if found.points else t("Nothing was put together of it.") + "\n"
    if found.missing:
        yield f"**{t('Not found')}**: {', '.join(map(plain, found.missing))}.\n"
    if found.references:
        yield f"### {t('References')}\n"
        for reference in found.references:
            cite = plain(reference.cite)
            yield f"{reference.number}. {plain(reference.described)}. {cite}{_at(reference.at)}"
            for about, quote, at in reference.quotes:
                yield f"   - {plain(about)}: “{plain(quote)}”{_at(at)}"
            if reference.unquoted:
                left = t.count(reference.unquoted, "quote")
                yield f"   - {t('and {quotes} more on the record', quotes=left)}"
        yield ""
    if found.unlisted:
        left = t.count(found.unlisted, "work")
        yield t("{works} more are on the record.", works=left) + "\n"
    yield f"### {t('Searches')}\n"
    yield from _entries(found.searches, t("Source and query"), t("What came"))


def _ranking(document: Document, t: Words) -> Iterator[str]:
    if document.ranking is None:
        return
    yield f"## {t('How hypotheses competed for a test')}\n"
    yield f"{plain(document.ranking.note)}\n"
    yield from _entries(document.ranking.places, t("Hypothesis"), t("Strength"))


def _left_out(document: Document, t: Words) -> Iterator[str]:
    yield f"## {t('What was left out, and why')}\n"
    for title, entries in (
        ("Turned away", document.turned_away),
        ("Not decided, not tested", document.untested),
        ("Failed measurements", document.failures),
        ("On the way", document.notes),
    ):
        yield f"### {t(title)}\n"
        if entries:
            yield from _entries(entries, t("What"), t("Why"))
        else:
            yield t("Nothing.") + "\n"


def _measurements(document: Document, t: Words) -> Iterator[str]:
    yield f"## {t('Appendix: measurements')}\n"
    if len(document.rows) < document.measured:
        said = t(
            "{shown} of {measured}: the first ones, and those that a finding names. The others are "
            "on the record.",
            shown=f"{len(document.rows):,}",
            measured=t.count(document.measured, "measurement"),
        )
        yield f"{said}\n"
    yield from _table(
        [t(n) for n in ("Event", "Case", "Value", "Unit", "±", "Tool", "Purpose")],
        [
            (
                f"[#{r.at}]",
                plain(f"{r.label} ({r.case})" if r.label else r.case),
                plain(t("failed, {failure}", failure=r.failure) if r.failure else r.value),
                plain(r.unit), r.uncertainty, plain(r.tool), plain(r.purpose),
            )
            for r in document.rows
        ],
    )  # fmt: skip
