"""Writes what a campaign found: the best, and how it compares with what chance found."""

from gaseol.traces.evidence.statistic import figure
from gaseol.traces.language import words
from gaseol.traces.nouns.claim import Claim, Figure
from gaseol.traces.record.docket import Docket


def found(outcome: str, sign: int, docket: Docket, language: str = "en") -> list[Claim]:
    """Return the claims on the best case, and on the search beside random draws.

    Args:
        outcome: what is measured, in words.
        sign: 1 where more is better, -1 where less is.
        docket: what is known.
        language: of the claims.
    """
    t = words(language)
    by_purpose: dict[str, dict[str, int]] = {"search": {}, "random": {}}
    for (case, _, purpose), position in docket.readings.items():
        if purpose != "check" and docket.measurements[position].value is not None:
            by_purpose["search" if purpose == "search" else "random"][case] = position
    searched, drawn = by_purpose["search"], by_purpose["random"]
    everything = {**drawn, **searched}
    if not everything:
        return []
    best = max(everything.values(), key=lambda at: sign * (docket.measurements[at].value or 0.0))
    figures: dict[str, Figure] = {
        "case": figure(docket, "case", (best,)),
        "value": figure(docket, "value", (best,), digits=4),
        "n": figure(docket, "count", tuple(everything.values())),
    }
    about = {"outcome": outcome, **{name: "{" + name + "}" for name in figures}}
    if sign > 0:
        said = t("The highest {outcome} of {n} cases measured is {value}, of {case}", **about)
    else:
        said = t("The lowest {outcome} of {n} cases measured is {value}, of {case}", **about)
    if docket.measurements[best].uncertainty is not None:
        figures["spread"] = figure(docket, "uncertainty", (best,), digits=2)
        said += t(" (one standard deviation {spread})", spread="{spread}")
    claims = [Claim(id="c1", text=f"{said}.", figures=figures)]
    if searched and drawn:
        extreme = "maximum" if sign > 0 else "minimum"
        beside = {
            "ours": figure(docket, extreme, tuple(searched.values()), digits=4),
            "chance": figure(docket, extreme, tuple(drawn.values()), digits=4),
            "n": figure(docket, "count", tuple(searched.values())),
            "m": figure(docket, "count", tuple(drawn.values())),
            "mean": figure(docket, "mean", tuple(searched.values()), digits=4),
            "blind": figure(docket, "mean", tuple(drawn.values()), digits=4),
        }
        text = t(
            "The search chose {n} cases, the best of them {ours} and their mean {mean}; of {m} "
            "cases drawn at random the best is {chance} and the mean {blind}.",
            **{name: "{" + name + "}" for name in beside},
        )
        claims.append(Claim(id="c2", text=text, figures=beside))
    return claims
