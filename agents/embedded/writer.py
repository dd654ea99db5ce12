"""Writes claims from verdicts and measurements; every number by reference."""

from collections.abc import Iterator, Sequence

from gaseol.agents.briefing import Briefing
from gaseol.traces.evidence.process import LawContest
from gaseol.traces.evidence.statistic import figure
from gaseol.traces.language import Words, words
from gaseol.traces.nouns.claim import Claim, Figure
from gaseol.traces.nouns.verdict import Ruling
from gaseol.traces.record.docket import Docket

_PHRASES = {
    Ruling.SUPPORTED: "Supported",
    Ruling.REFUTED: "Refuted",
    Ruling.UNDECIDED: "Undecided",
    Ruling.INVALID: "No valid test",
}


class EmbeddedWriter:
    """One claim a verdict, one on the measurement itself."""

    def write(self, briefing: Briefing, docket: Docket) -> Sequence[Claim]:
        """Return the claims, supported findings first."""
        order = list(_PHRASES)
        names = sorted(docket.verdicts, key=lambda h: (order.index(docket.verdicts[h].ruling),
                                                       _number(h)))  # fmt: skip
        claims = [self._verdict(briefing, docket, name) for name in names]
        claims += self._agreement(briefing, docket)
        return [c.model_copy(update={"id": f"c{i}"}) for i, c in enumerate(claims, start=1)]

    def _verdict(self, briefing: Briefing, docket: Docket, name: str) -> Claim:
        process = docket.registrations[name].criterion.process
        figures: dict[str, Figure] = {
            "statement": figure(docket, "statement", hypothesis=name),
            "draws": figure(docket, "draws", hypothesis=name),
            "for": figure(docket, "log_e_for", hypothesis=name),
            "against": figure(docket, "log_e_against", hypothesis=name),
        }
        verdict = docket.verdicts[name]
        t = words(briefing.language)
        if isinstance(process, LawContest):
            weighed = t("Weighed against its rivals on {draws} measured designs", draws="{draws}")
        else:
            figures["hits"] = figure(docket, "hits", hypothesis=name)
            weighed = t(
                "{hits} of {draws} random pairs went the way it predicts",
                hits="{hits}",
                draws="{draws}",
            )
        said = t(
            "{ruling}: {statement}. {weighed} (ln E for {for}, against {against}).",
            ruling=t(_PHRASES[verdict.ruling]),
            weighed=weighed,
            **{name: "{" + name + "}" for name in ("statement", "for", "against")},
        )
        return Claim(id="c", text=said, figures=figures, hypotheses=(name,))

    def _agreement(self, briefing: Briefing, docket: Docket) -> Iterator[Claim]:
        """Compare the measurement with the independent check, where one was made."""
        pairs = [
            (docket.readings[case, 0, "test"], position)
            for (case, _, purpose), position in docket.readings.items()
            if purpose == "check" and (case, 0, "test") in docket.readings
        ]
        good = [
            (a, b)
            for a, b in pairs
            if docket.measurements[a].value is not None and docket.measurements[b].value is not None
        ]
        if len(good) < 3:
            return
        ours, theirs = tuple(a for a, _ in good), tuple(b for _, b in good)
        figures = {
            "n": figure(docket, "count", ours),
            "error": figure(docket, "mean_absolute_error", ours, theirs),
        }
        t = words(briefing.language)
        said = t(
            "The {outcome}{ours} was compared with an independent method{theirs} on {n} of the "
            "cases: mean absolute difference {error}",
            outcome=briefing.outcome,
            ours=_given_by(docket, ours, t),
            theirs=_given_by(docket, theirs, t),
            n="{n}",
            error="{error}",
        )
        if all(len({docket.measurements[p].value for p in side}) > 1 for side in (ours, theirs)):
            figures["rank"] = figure(docket, "rank_correlation", ours, theirs, digits=2)
            said += t(", rank correlation {rank}", rank="{rank}")
        yield Claim(id="c", text=f"{said}.", figures=figures)


def _given_by(docket: Docket, positions: tuple[int, ...], t: Words) -> str:
    """Name the tool behind measurements; a name with digits would be a number without an origin."""
    tools = {docket.measurements[p].tool for p in positions}
    if len(tools) != 1:
        return ""
    (tool,) = tools
    plain = not any(c.isdigit() or c in "{}" for c in tool)
    return t(" by the tool {tool}", tool=tool) if plain else ""


def _number(name: str) -> tuple[int, str]:
    digits = "".join(c for c in name if c.isdigit())
    return (int(digits) if digits else 0, name)
