"""The hypotheses that can be made of variables and operators, and their description lengths."""

import itertools
import math
from collections.abc import Iterator, Mapping

import numpy as np

from gaseol.agents.briefing import Briefing
from gaseol.scenarios.hypotheses import Laws
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

_KINDS = 6
"""Trend, groups, change, law, curve, noise only."""
_COMMON = frozenset(("exp", "plus", "minus", "sin", "cos", "growth", "log", "tanh"))
"""Functions that many laws have; the others take more bits to name."""
_MORE = 5.0
"""Bits of saying that there is one more function, or one more term of a sum: most laws have none."""


def bits(relation: Relation, briefing: Briefing) -> float:
    """Return the description length of a relation, in bits: the shorter, the likelier."""
    variable = math.log2(max(len(briefing.variables), 2))
    length = math.log2(_KINDS)
    match relation:
        case Trend():
            length += variable + 1 + variable * len(relation.matching)
        case Groups():
            cuts = len(relation.inside) + len(relation.against)
            length += 1 + cuts * (variable + 3) + variable * len(relation.matching)
        case Change():
            length += 1 + math.log2(max(len(briefing.changes), 2))
        case Law():
            length += sum(variable + number_bits(w) for w in relation.weights.values())
            length += _factor_bits(relation.factor, variable)
        case Curve():
            length += math.log2(max(len(briefing.rivals), 2))
    if not isinstance(relation, Law | Curve):
        length += (variable + 2) * len(relation.where)
    return length


def _factor_bits(factor: Factor | Response | Sum | Product | None, variable: float) -> float:
    match factor:
        case None:
            return 0.0
        case Factor():
            return variable * len(factor.variables) + 2 + number_bits(factor.exponent)
        case Response():
            group = _group_bits(factor.group, factor.rate, variable)
            return form_bits(factor.form) + number_bits(factor.power) + group
        case Sum():
            terms = (1 + _group_bits(t.group, t.rate, variable) for t in factor.terms)
            more = _MORE * (len(factor.terms) - 1)
            return more + form_bits("plus") + number_bits(factor.power) + sum(terms)
        case Product():
            more = _MORE * (len(factor.factors) - 1)
            return more + sum(_factor_bits(each, variable) for each in factor.factors)


def _group_bits(group: Mapping[str, float], rate: float, variable: float) -> float:
    return sum(variable + number_bits(a) for a in group.values()) + _digit_bits(rate)


def form_bits(form: Form) -> float:
    """Return how many bits it takes to name a function."""
    return 3.0 if form in _COMMON else 7.0


def number_bits(x: float) -> float:
    """Return about how many bits an exponent takes: 1 is cheap, -4/3 is not, 1.37 is dear."""
    simple = [
        math.log2(1 + abs(p)) + 2 * math.log2(q)
        for q in (1, 2, 3, 4)
        for p in [round(x * q)]
        if abs(p / q - x) < 1e-9
    ]
    return 1 + min([*simple, _digit_bits(x)])


def _digit_bits(x: float) -> float:
    """Return how many bits the digits of a number take, and its magnitude."""
    digits = f"{abs(x):.15e}".partition("e")[0].replace(".", "").rstrip("0")
    return 4 + len(digits) * math.log2(10)


def laws(grammar: Laws) -> Iterator[Law]:
    """Enumerate products of powers over the named variables, shortest first."""
    for terms in range(1, grammar.terms + 1):
        for names in itertools.combinations(grammar.variables, terms):
            for exponents in itertools.product(grammar.exponents, repeat=terms):
                yield Law(link=grammar.link, weights=dict(zip(names, exponents, strict=True)))


def pilot_fit(law: Law, briefing: Briefing) -> float | None:
    """Return the standard deviation of the pilot's residuals; None with too small a pilot."""
    residuals: list[float] = []
    for case, reading in briefing.pilot.items():
        row = law.numbers(briefing.population.row(case))
        if row is None or (law.link == "log" and reading.value <= 0):
            continue
        g = math.log(reading.value) if law.link == "log" else reading.value
        residuals.append(g - law.term(row))
    return float(np.std(residuals, ddof=1)) if len(residuals) >= 4 else None


def concordance(variable: str, briefing: Briefing) -> float | None:
    """Return the share of the pilot's pairs in which more of a variable goes with more outcome."""
    known = [
        (float(x), reading.value)
        for case, reading in briefing.pilot.items()
        if isinstance(x := briefing.population.row(case).get(variable), int | float)
    ]
    hits = total = 0
    for (x1, y1), (x2, y2) in itertools.combinations(known, 2):
        if x1 != x2 and y1 != y2:
            total += 1
            hits += (x1 > x2) == (y1 > y2)
    return hits / total if total >= 10 else None


def group_cuts(variable: str, briefing: Briefing) -> Iterator[Condition]:
    """Enumerate the cuts through a variable: each label, or the upper third of a number."""
    spec = briefing.variables[variable]
    if spec.among:
        for label in spec.among:
            yield Condition(variable=variable, among=(label,))
        return
    values = [v for v in briefing.population.numbers(variable) if not math.isnan(v)]
    if values:
        yield Condition(variable=variable, at_least=float(np.quantile(values, 2 / 3)))
