"""Laws with a factor that is no power, as the pilot suggests them: the whole grammar at once.

ln y = C + sum of a_i ln x_i + ln f, where f is a sum, a difference, a sine, a cosine or an exponential of
one or two variables. For every subset of variables and every factor the residuals of all exponents
are one matrix product; the rate of an exponential is fitted, to two digits.
"""

import itertools
import math
from collections.abc import Iterator, Sequence
from typing import Any, Literal

import numpy as np

from gaseol.agents.briefing import Briefing
from gaseol.agents.embedded import grammar
from gaseol.agents.embedded.pilot import LEAST, Floats, Pilot
from gaseol.agents.embedded.response import responses
from gaseol.scenarios.hypotheses import Laws
from gaseol.traces.nouns.hypothesis import Factor, Law, Product, Response, Sum, Term

_EACH = 4
"""Kept of each combination of variables and factor."""


def suggested(settings: Laws, briefing: Briefing) -> list[tuple[float, Law]]:
    """Return laws with their description lengths (law and pilot together), shortest first.

    A law of two functions, or of a sum of three terms, comes only before all simpler ones.
    None come out of a pilot of fewer than four cases that all variables are known of.
    """
    pilot = Pilot.of(settings, briefing)
    if pilot is None:
        return []
    found: dict[str, tuple[float, Law]] = {}
    for law, spread in itertools.chain(_candidates(settings, pilot), responses(settings, pilot)):
        length = len(pilot.g) * math.log2(max(spread, LEAST)) + grammar.bits(law, briefing)
        key = _shape(law)
        if key not in found or length < found[key][0]:
            found[key] = (length, law)
    return _worth(sorted(found.values(), key=lambda item: item[0]))


def _worth(found: list[tuple[float, Law]]) -> list[tuple[float, Law]]:
    """Return laws without the compounds that are longer than a simple one: they only adorn it."""
    compound = [isinstance(law.factor, Sum | Product) for _, law in found]
    first = compound.index(False) if False in compound else len(found)
    return [each for i, each in enumerate(found) if i < first or not compound[i]]


def _shape(law: Law) -> str:
    """Return a law without the rates of its responses: of the same shape the best is suggested."""
    return law.model_copy(update={"factor": _unrated(law.factor)}).model_dump_json()


def _unrated(factor: Any) -> Any:
    match factor:
        case Response() | Term():
            return factor.model_copy(update={"rate": 1.0})
        case Sum():
            return factor.model_copy(update={"terms": tuple(map(_unrated, factor.terms))})
        case Product():
            return factor.model_copy(update={"factors": tuple(map(_unrated, factor.factors))})
        case _:
            return factor


def _candidates(settings: Laws, pilot: Pilot) -> Iterator[tuple[Law, float]]:
    logs = np.log(pilot.x)
    factors = list(_factors(settings, pilot))
    for terms in range(settings.terms + 1):
        for subset in itertools.combinations(range(len(pilot.names)), terms):
            choices = list(itertools.product(settings.exponents, repeat=terms))
            grid = np.array(choices).reshape(len(choices), terms)
            left = pilot.g[:, None] - logs[:, list(subset)] @ grid.T
            names = [pilot.names[i] for i in subset]
            if terms:
                yield from _best(left, grid, names, None)
            for factor, offset in factors:
                yield from _best(left - offset[:, None], grid, names, factor)
            if "exp" in settings.factors:
                for at, name in enumerate(pilot.names):
                    yield from _exponentials(left, grid, names, name, pilot.x[:, at])


def _factors(settings: Laws, pilot: Pilot) -> Iterator[tuple[Factor, Floats]]:
    """Yield every factor with what it adds to ln y in the pilot; one that vanishes there is none."""
    exponents = [e for e in settings.exponents if e > 0]
    columns = range(len(pilot.names))
    forms: list[tuple[Literal["sum", "difference", "sin", "cos"], list[tuple[int, ...]]]] = [
        ("sum", list(itertools.combinations(columns, 2))),
        ("difference", list(itertools.combinations(columns, 2))),
        ("sin", [(i,) for i in columns]),
        ("cos", [(i,) for i in columns]),
    ]
    for form, choices in forms:
        if form not in settings.factors:
            continue
        for chosen in choices:
            names = tuple(pilot.names[i] for i in chosen)
            for exponent in exponents:
                factor = Factor(form=form, variables=names, exponent=exponent)
                offset = np.array(
                    [factor(dict(zip(pilot.names, row, strict=True))) for row in pilot.x.tolist()]
                )
                if np.isfinite(offset).all():
                    yield factor, offset


def _best(
    left: Floats, grid: Floats, names: Sequence[str], factor: Factor | None
) -> Iterator[tuple[Law, float]]:
    """Yield the laws of a block that leave the pilot the least."""
    spread = left.std(axis=0, ddof=1)
    for at in np.argsort(spread, kind="stable")[:_EACH]:
        yield _law(names, grid[at], factor), float(spread[at])


def _exponentials(
    left: Floats, grid: Floats, names: Sequence[str], name: str, x: Floats
) -> Iterator[tuple[Law, float]]:
    centred = x - x.mean()
    size = float(centred @ centred)
    if size <= 0:
        return
    rates = centred @ left / size
    spread = (left - centred[:, None] * rates).std(axis=0, ddof=1)
    for at in np.argsort(spread, kind="stable")[:_EACH]:
        rate = float(f"{rates[at]:.2g}")
        if rate:
            factor = Factor(form="exp", variables=(name,), exponent=rate)
            rest = left[:, at] - rate * x
            yield _law(names, grid[at], factor), float(rest.std(ddof=1))


def _law(names: Sequence[str], exponents: Floats, factor: Factor | None) -> Law:
    weights = dict(zip(names, map(float, np.atleast_1d(exponents)), strict=True))
    return Law(link="log", weights=weights, factor=factor)
