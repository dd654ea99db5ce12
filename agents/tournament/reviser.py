"""Evolution that needs no model: children of the strong, made by the grammar's own operators."""

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from gaseol.agents.briefing import Briefing
from gaseol.agents.embedded import grammar
from gaseol.agents.roles import Review
from gaseol.agents.tournament.reviewer import spoken_of
from gaseol.agents.wording import say
from gaseol.traces.nouns.hypothesis import (
    Condition,
    Groups,
    Hypothesis,
    Law,
    Match,
    Relation,
    Trend,
)
from gaseol.traces.record.docket import Docket

_Child = tuple[Relation, str, tuple[str, ...]]
_FEW = 12
"""A number with no more values than this can be equal in two cases."""


@dataclass(frozen=True)
class EmbeddedReviser:
    """Narrows, sharpens and crosses the strongest hypotheses."""

    blind_to: str = ""
    """Provenance of hypotheses that are passed over, as if they had not been proposed."""

    def evolve(
        self,
        briefing: Briefing,
        docket: Docket,
        parents: Sequence[Hypothesis],
        review: Review,
        most: int,
    ) -> Sequence[Hypothesis]:
        """Return at most so many children of the parents, the strongest parents' first."""
        known = [h.relation for h in docket.hypotheses.values() if h.proposed_by != self.blind_to]
        found: list[Hypothesis] = []
        for relation, why, ids in _children(briefing, parents):
            if len(found) == most:
                break
            if relation in known or _reversed(relation) in known:
                continue
            child = Hypothesis(
                id=f"h{len(docket.hypotheses) + len(found) + 1}",
                statement=say(relation, briefing),
                relation=relation,
                mechanism=why,
                proposed_by="theorist",
                parents=ids,
                bits=round(grammar.bits(relation, briefing), 6),
            )
            if set(spoken_of(child)) & set(review.avoid):
                continue
            known.append(relation)
            found.append(child)
        return found


def _reversed(relation: Relation) -> Relation | None:
    if isinstance(relation, Trend | Groups):
        other = "lowers" if relation.direction == "raises" else "raises"
        return relation.model_copy(update={"direction": other})
    return None


def _children(briefing: Briefing, parents: Sequence[Hypothesis]) -> Iterator[_Child]:
    """Yield children in turns, so that no parent has all before the next has one."""
    litters = [_of_one(briefing, parent) for parent in parents]
    litters += [_of_two(briefing, a, b) for a, b in itertools.permutations(parents[:4], 2)]
    for turn in itertools.zip_longest(*litters):
        yield from (child for child in turn if child is not None)


def _of_one(briefing: Briefing, parent: Hypothesis) -> Iterator[_Child]:
    relation = parent.relation
    if isinstance(relation, Trend):
        spread = _spread(relation.variable, briefing)
        if spread and not relation.minimum_difference:
            bolder = relation.model_copy(update={"minimum_difference": spread})
            yield bolder, f"{parent.id} where the difference is large.", (parent.id,)
        for cut in grammar.group_cuts(relation.variable, briefing):
            group = Groups(
                inside=(cut,),
                direction=relation.direction,
                matching=relation.matching,
                where=relation.where,
            )
            yield group, f"{parent.id} as a threshold.", (parent.id,)
    if isinstance(relation, Law) and briefing.laws:
        for law in _neighbours(relation, briefing):
            yield law, f"{parent.id} with one exponent changed.", (parent.id,)


def _of_two(briefing: Briefing, a: Hypothesis, b: Hypothesis) -> Iterator[_Child]:
    one, other = a.relation, b.relation
    ids = (a.id, b.id)
    if isinstance(one, Trend) and isinstance(other, Trend) and one.variable != other.variable:
        if other.variable not in {m.variable for m in one.matching}:
            equal = Match(variable=other.variable, within=_alike(other.variable, briefing))
            finer = one.model_copy(update={"matching": (*one.matching, equal)})
            yield finer, f"Does {a.id} only stand for {b.id}?", ids
        middle = _middle(other.variable, briefing)
        if middle is not None and not one.where:
            side = Condition(variable=other.variable, at_least=middle)
            yield one.model_copy(update={"where": (side,)}), f"{a.id} where {b.id} is high.", ids
    if isinstance(one, Law) and isinstance(other, Law) and briefing.laws and a.id < b.id:
        both = {**one.weights, **other.weights}
        if one.link == other.link and 0 < len(both) <= briefing.laws.terms:
            yield one.model_copy(update={"weights": both}), f"{a.id} and {b.id} at once.", ids


def _neighbours(law: Law, briefing: Briefing) -> Iterator[Law]:
    assert briefing.laws is not None
    ladder = sorted(briefing.laws.exponents)
    for name, weight in law.weights.items():
        near = sorted(ladder, key=lambda e: abs(e - weight))[:3]
        for exponent in near:
            if exponent != weight:
                yield law.model_copy(update={"weights": {**law.weights, name: exponent}})
        if len(law.weights) > 1:
            rest = {n: w for n, w in law.weights.items() if n != name}
            yield law.model_copy(update={"weights": rest})


def _numbers(variable: str, briefing: Briefing) -> list[float]:
    if variable not in briefing.population.columns:
        return []
    return [x for x in briefing.population.numbers(variable) if not math.isnan(x)]


def _spread(variable: str, briefing: Briefing) -> float:
    values = _numbers(variable, briefing)
    return float(f"{float(np.std(values)):.3g}") if len(set(values)) > _FEW else 0.0


def _alike(variable: str, briefing: Briefing) -> float:
    """Return how near two cases have to be in a variable to count as equal in it."""
    return float(f"{_spread(variable, briefing) / 4:.3g}")


def _middle(variable: str, briefing: Briefing) -> float | None:
    values = _numbers(variable, briefing)
    return float(np.median(values)) if len(set(values)) > 1 else None
