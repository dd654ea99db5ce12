"""Statements of relations: said by the code, so that no prose can say more than what is tested."""

import functools
from collections.abc import Iterable, Mapping

from gaseol.agents.briefing import Briefing
from gaseol.traces.language import Words, words
from gaseol.traces.nouns.hypothesis import (
    Change,
    Condition,
    Curve,
    Factor,
    Form,
    Groups,
    Law,
    Product,
    Relation,
    Response,
    Sum,
    Trend,
)


def say(relation: Relation, briefing: Briefing) -> str:
    """Return a relation as a sentence in the language of the question."""
    t, outcome = words(briefing.language), briefing.outcome
    match relation:
        case Trend():
            about = {"outcome": outcome, "variable": _words(relation.variable, briefing)}
            if relation.direction == "raises":
                said = t("{outcome} rises with {variable}", **about)
            else:
                said = t("{outcome} falls with {variable}", **about)
            if relation.minimum_difference:
                least = f"{relation.minimum_difference:g}"
                said = t("{said} (by at least {least})", said=said, least=least)
            said = equal(said, (m.variable for m in relation.matching), briefing)
            return _where(said, relation.where, t)
        case Groups():
            about = {"outcome": outcome, "inside": _all(relation.inside, t),
                     "against": _all(relation.against, t) or t("elsewhere")}  # fmt: skip
            if relation.direction == "raises":
                said = t("{outcome} is higher where {inside} than {against}", **about)
            else:
                said = t("{outcome} is lower where {inside} than {against}", **about)
            said = equal(said, (m.variable for m in relation.matching), briefing)
            return _where(said, relation.where, t)
        case Change():
            return _where(change(relation, briefing), relation.where, t)
        case Law():
            return f"{outcome} = {law_words(relation)}"
        case Curve():
            return briefing.rival_statement.replace("{rival}", relation.rival)


def change(relation: Change, briefing: Briefing) -> str:
    """Return a structural change as a sentence, without where it holds."""
    t, about = words(briefing.language), {"change": relation.change, "outcome": briefing.outcome}
    if relation.direction == "raises":
        return t("the change {change} raises {outcome}", **about)
    return t("the change {change} lowers {outcome}", **about)


def nothing(briefing: Briefing) -> tuple[str, str]:
    """Return the null among laws, and why it is there."""
    t = words(briefing.language)
    return (
        t("{outcome} depends on none of this: noise around one value", outcome=briefing.outcome),
        t("The null: every rival has to do better than a constant."),
    )


def equal(said: str, variables: Iterable[str], briefing: Briefing) -> str:
    """Return a sentence with what is held equal."""
    names = ", ".join(sorted(name.replace("_", " ") for name in variables))
    t = words(briefing.language)
    return t("{said} at equal {names}", said=said, names=names) if names else said


def law_words(law: Law) -> str:
    """Return the right-hand side of a law."""
    if law.link == "identity":
        return " + ".join(("C", *(f"{w:g} {n}" for n, w in law.weights.items())))
    terms = [n if w == 1 else f"{n}^{w:g}" for n, w in law.weights.items()]
    return " * ".join(("C", *terms, *([_factor(law.factor)] if law.factor else [])))


def _factor(factor: Factor | Response | Sum | Product) -> str:
    match factor:
        case Response():
            return _response(factor)
        case Sum():
            return _sum(factor)
        case Product():
            return " * ".join(_factor(each) for each in factor.factors)
        case Factor():
            return _plain(factor)


def _plain(factor: Factor) -> str:
    x = [n if factor.exponent == 1 else f"{n}^{factor.exponent:g}" for n in factor.variables]
    match factor.form:
        case "sum":
            return f"({x[0]} + {x[-1]})"
        case "difference":
            return f"|{x[0]} - {x[-1]}|"
        case "exp":
            return f"exp({factor.exponent:g} {factor.variables[0]})"
        case "sin" | "cos":
            inner = factor.variables[0]
            if factor.exponent != 1:
                inner = f"{factor.exponent:g} {inner}"
            return f"|{factor.form}({inner})|"


_RESPONSES: dict[Form, str] = {
    "exp": "exp({u})", "plus": "(1 + {u})", "minus": "|1 - {u}|", "sin": "|sin({u})|",
    "cos": "|cos({u})|", "growth": "|exp({u}) - 1|", "log": "ln(1 + {u})", "tanh": "|tanh({u})|",
    "logistic": "logistic({u})", "arctan": "|arctan({u})|", "erf": "|erf({u})|",
    "erfc": "erfc({u})", "langevin": "|langevin({u})|", "bend": "max(1, {u})",
}  # fmt: skip


def _response(response: Response) -> str:
    u = _group(response.rate, response.group)
    return _raised(_RESPONSES[response.form].format(u=u), response.power)


def _sum(factor: Sum) -> str:
    said = "1"
    for term in factor.terms:
        said += f" {'-' if term.rate < 0 else '+'} {_group(abs(term.rate), term.group)}"
    positive = all(term.rate > 0 for term in factor.terms)
    return _raised(f"({said})" if positive else f"|{said}|", factor.power)


def _group(rate: float, group: Mapping[str, float]) -> str:
    return " ".join((f"{rate:.4g}", *(n if a == 1 else f"{n}^{a:g}" for n, a in group.items())))


def _raised(said: str, power: float) -> str:
    return said if power == 1 else f"{said}^{power:g}"


def _words(variable: str, briefing: Briefing) -> str:
    spec = briefing.variables.get(variable)
    return (spec.description if spec else "") or variable.replace("_", " ")


def _all(conditions: tuple[Condition, ...], t: Words) -> str:
    said = [str(condition) for condition in conditions]
    if not said:
        return ""
    return functools.reduce(lambda one, two: t("{one} and {two}", one=one, two=two), said)


def _where(said: str, conditions: tuple[Condition, ...], t: Words) -> str:
    if not conditions:
        return said
    return t("{said}, where {conditions}", said=said, conditions=_all(conditions, t))
