"""Statements of relations: said by the code, so that no prose can say more than what is tested."""

from gaseol.agents.briefing import Briefing
from gaseol.traces.nouns.hypothesis import (
    Change,
    Condition,
    Curve,
    Factor,
    Groups,
    Law,
    Match,
    Relation,
    Response,
    Trend,
)

_VERBS = {"raises": "rises", "lowers": "falls"}


def say(relation: Relation, briefing: Briefing) -> str:
    """Return a relation as a sentence."""
    outcome = briefing.outcome
    match relation:
        case Trend():
            said = (
                f"{outcome} {_VERBS[relation.direction]} with {_words(relation.variable, briefing)}"
            )
            if relation.minimum_difference:
                said += f" (by at least {relation.minimum_difference:g})"
            return said + _equal(relation.matching) + _where(relation.where)
        case Groups():
            higher = "higher" if relation.direction == "raises" else "lower"
            inside = " and ".join(map(str, relation.inside))
            against = " and ".join(map(str, relation.against)) or "elsewhere"
            said = f"{outcome} is {higher} where {inside} than {against}"
            return said + _equal(relation.matching) + _where(relation.where)
        case Change():
            return f"the change {relation.change} {relation.direction} {outcome}" + _where(
                relation.where
            )
        case Law():
            return f"{outcome} = {law_words(relation)}"
        case Curve():
            return briefing.rival_statement.replace("{rival}", relation.rival)


def law_words(law: Law) -> str:
    """Return the right-hand side of a law."""
    if law.link == "identity":
        return " + ".join(("C", *(f"{w:g} {n}" for n, w in law.weights.items())))
    terms = [n if w == 1 else f"{n}^{w:g}" for n, w in law.weights.items()]
    return " * ".join(("C", *terms, *([_factor(law.factor)] if law.factor else [])))


def _factor(factor: Factor | Response) -> str:
    if isinstance(factor, Response):
        return _response(factor)
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


_RESPONSES = {
    "exp": "exp({u})", "plus": "(1 + {u})", "minus": "|1 - {u}|", "sin": "|sin({u})|",
    "cos": "|cos({u})|", "growth": "|exp({u}) - 1|", "log": "ln(1 + {u})", "tanh": "|tanh({u})|",
}  # fmt: skip


def _response(response: Response) -> str:
    powers = (n if a == 1 else f"{n}^{a:g}" for n, a in response.group.items())
    u = " ".join((f"{response.rate:.4g}", *powers))
    said = _RESPONSES[response.form].format(u=u)
    return said if response.power == 1 else f"{said}^{response.power:g}"


def _words(variable: str, briefing: Briefing) -> str:
    spec = briefing.variables.get(variable)
    return (spec.description if spec else "") or variable.replace("_", " ")


def _equal(matching: tuple[Match, ...]) -> str:
    said = ", ".join(sorted(m.variable.replace("_", " ") for m in matching))
    return f" at equal {said}" if said else ""


def _where(conditions: tuple[Condition, ...]) -> str:
    return f", where {' and '.join(map(str, conditions))}" if conditions else ""
