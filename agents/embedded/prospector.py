"""Writes what a campaign found: the best, the front, and how it compares with what chance found."""

from collections.abc import Iterator, Mapping, Sequence

from gaseol.traces.campaign import Result, objectives, results
from gaseol.traces.evidence.statistic import figure
from gaseol.traces.language import Language, Words, words
from gaseol.traces.nouns.claim import Claim, Figure
from gaseol.traces.nouns.goal import Goal
from gaseol.traces.record.docket import Docket

Told = tuple[str, dict[str, Figure]]
"""A claim's text and its figures."""

_NAMED = 5
"""Cases of a front that are named."""


def found(
    docket: Docket, goals: Sequence[Goal], front: Sequence[str], language: Language = "en"
) -> list[Claim]:
    """Return the claims on the best cases, and on the search beside random draws.

    Args:
        docket: what is known.
        goals: what was wanted, the measurement first.
        front: the cases that no other beats, the best of the measurement first.
        language: of the claims.
    """
    t = words(language)
    everything = results(docket, goals)
    by_case = {result.case: result for result in everything}
    best = [by_case[case] for case in front if case in by_case]
    told: list[Told] = []
    if best and len(objectives(goals)) == 1:
        told.append(_best(docket, goals, best[0], everything, t))
    elif best:
        told += _front(docket, goals, best, everything, t)
    elif everything and any(goal.limited for goal in goals):
        told += _none(docket, goals, everything, t)
    told += _beside(docket, goals, everything, t)
    return [Claim(id=f"c{i}", text=text, figures=f) for i, (text, f) in enumerate(told, start=1)]


def _of(docket: Docket, positions: Sequence[int], digits: int = 4) -> Figure:
    """Return the value of a case: its one reading, or the mean of several."""
    statistic = "value" if len(positions) == 1 else "mean"
    return figure(docket, statistic, positions, digits=digits)


def _valued(results: Sequence[Result], goal: int = 0) -> list[int]:
    return [at for result in results for at in result.readings[goal]]


def _best(
    docket: Docket, goals: Sequence[Goal], best: Result, everything: Sequence[Result], t: Words
) -> Told:
    goal, places, first = goals[0], best.readings[0], best.readings[0][0]
    cases = [r.readings[0][0] for r in everything if r.readings[0]]
    figures: dict[str, Figure] = {
        "case": figure(docket, "case", (first,)),
        "value": _of(docket, places),
        "n": figure(docket, "count", cases),
    }
    about = {"outcome": goal.name, **_places(figures)}
    if goal.sign > 0:
        said = t("The highest {outcome} of {n} cases measured is {value}, of {case}", **about)
    else:
        said = t("The lowest {outcome} of {n} cases measured is {value}, of {case}", **about)
    if len(places) > 1:
        figures |= {
            "readings": figure(docket, "count", places),
            "spread": figure(docket, "standard_error", places, digits=2),
        }
        said += t(
            " (the mean of {readings} readings, standard error {spread})",
            readings="{readings}", spread="{spread}",
        )  # fmt: skip
    elif docket.measurements[first].uncertainty is not None:
        figures["spread"] = figure(docket, "uncertainty", (first,), digits=2)
        said += t(" (one standard deviation {spread})", spread="{spread}")
    for i, other in enumerate(goals[1:], start=1):
        if best.readings[i]:
            figures[f"other{_letter(i)}"] = _of(docket, best.readings[i])
            said += f"; {_word(other.name)} {{other{_letter(i)}}}"
    if _limits(goals):
        good = [r.readings[0][0] for r in everything if r.acceptable and r.readings[0]]
        figures["good"] = figure(docket, "count", good)
        said += "; " + t("{good} keep the limits ({limits})", good="{good}", limits=_limits(goals))
    return f"{said}.", figures


def _places(figures: Mapping[str, Figure]) -> dict[str, str]:
    return {name: "{" + name + "}" for name in figures}


def _letter(number: int) -> str:
    return chr(ord("a") + (number - 1) % 26) * (1 + (number - 1) // 26)


def _word(name: str) -> str:
    """Return a name without digits, which a claim may not hold unless they have an origin."""
    return "".join("#" if letter.isdigit() else letter for letter in name)


def _limits(goals: Sequence[Goal]) -> str:
    return ", ".join(_word(goal.name) for goal in goals if goal.limited)


def _front(
    docket: Docket,
    goals: Sequence[Goal],
    best: Sequence[Result],
    everything: Sequence[Result],
    t: Words,
) -> Iterator[Told]:
    wanted = [goals[i] for i in objectives(goals)]
    cases = [r.readings[0][0] for r in everything if r.readings[0]]
    figures = {
        "n": figure(docket, "count", cases),
        "front": figure(docket, "count", [r.readings[0][0] for r in best]),
    }
    about = {"names": ", ".join(_word(goal.name) for goal in wanted), **_places(figures)}
    if _limits(goals):
        yield t("Of {n} cases measured {front} keep the limits ({limits}) and are beaten by no other "
                "in {names} together.", limits=_limits(goals), **about), figures  # fmt: skip
    else:
        yield t("Of {n} cases measured {front} are beaten by no other in {names} together.", **about), \
            figures  # fmt: skip
    step = max(1, -(-len(best) // _NAMED))
    shown = [*best[::step]]
    shown += [best[-1]] if shown[-1] is not best[-1] else []
    for result in shown:
        own: dict[str, Figure] = {"case": figure(docket, "case", (result.readings[0][0],))}
        said: list[str] = []
        for i in objectives(goals):
            own[f"value{_letter(i + 1)}"] = _of(docket, result.readings[i])
            said.append(f"{_word(goals[i].name)} {{value{_letter(i + 1)}}}")
        yield t("One of them is {case}: {values}.", case="{case}", values=", ".join(said)), own


def _none(
    docket: Docket, goals: Sequence[Goal], everything: Sequence[Result], t: Words
) -> Iterator[Told]:
    cases = [r.readings[0][0] for r in everything if r.readings[0]]
    if cases:
        about = {"n": "{n}", "limits": _limits(goals)}
        text = t("None of {n} cases measured keeps the limits ({limits}).", **about)
        yield text, {"n": figure(docket, "count", cases)}


def _beside(
    docket: Docket, goals: Sequence[Goal], everything: Sequence[Result], t: Words
) -> Iterator[Told]:
    searched = _valued([r for r in everything if r.purpose == "search"])
    drawn = _valued([r for r in everything if r.purpose != "search"])
    if not searched or not drawn:
        return
    extreme = "maximum" if goals[0].sign > 0 else "minimum"
    figures = {
        "ours": figure(docket, extreme, searched, digits=4),
        "chance": figure(docket, extreme, drawn, digits=4),
        "n": figure(docket, "count", searched),
        "m": figure(docket, "count", drawn),
        "mean": figure(docket, "mean", searched, digits=4),
        "blind": figure(docket, "mean", drawn, digits=4),
    }
    if len(searched) > sum(r.purpose == "search" and bool(r.readings[0]) for r in everything):
        text = t(
            "The search made {n} readings, the best of them {ours} and their mean {mean}; of {m} "
            "readings of cases drawn at random the best is {chance} and the mean {blind}.",
            **_places(figures),
        )
    else:
        text = t(
            "The search chose {n} cases, the best of them {ours} and their mean {mean}; of {m} "
            "cases drawn at random the best is {chance} and the mean {blind}.",
            **_places(figures),
        )
    yield text, figures
