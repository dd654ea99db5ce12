"""Criticises: finds duplicates and what cannot be told apart, and gives priors."""

import math
from collections.abc import Sequence

import numpy as np

from gaseol.agents.briefing import Briefing
from gaseol.agents.embedded import grammar
from gaseol.agents.roles import Criticism
from gaseol.traces.nouns.hypothesis import Curve, Hypothesis, Law

_SAME = 0.98
"""Laws whose predictions correlate more closely than this cannot be told apart here."""


class EmbeddedSceptic:
    """Priors by description length and the pilot; the asker's beliefs are tested first."""

    def criticise(self, briefing: Briefing, pool: Sequence[Hypothesis]) -> Sequence[Criticism]:
        """Return a criticism for every hypothesis, likeliest first among its kind."""
        order = sorted(pool, key=lambda h: (-self._weight(h, briefing), h.id))
        kept: list[tuple[Hypothesis, np.ndarray | None]] = []
        reasons: dict[str, str] = {}
        for hypothesis in order:
            curve = _curve(hypothesis, briefing)
            twin = next((k.id for k, c in kept if _alike(hypothesis, k, curve, c)), None)
            if twin:
                reasons[hypothesis.id] = f"cannot be told apart from {twin} on these cases"
            else:
                kept.append((hypothesis, curve))
        return [
            Criticism(h.id, prior=2.0 ** self._weight(h, briefing), reason=reasons.get(h.id, ""))
            for h in order
        ]

    def _weight(self, hypothesis: Hypothesis, briefing: Briefing) -> float:
        """Return the log2 of the prior: 2^-bits, times what the pilot says; beliefs first."""
        weight = -hypothesis.bits
        relation = hypothesis.relation
        if isinstance(relation, Law) and relation.weights:
            spread, constant = (
                grammar.pilot_fit(law, briefing) for law in (relation, Law(link=relation.link))
            )
            if spread and constant:
                weight += len(briefing.pilot) * math.log2(constant / spread)
        if hypothesis.proposed_by == "scenario":
            weight += 100
        elif isinstance(relation, Curve) or (isinstance(relation, Law) and not relation.weights):
            weight += 50  # the null and the given rivals always have a slot
        return min(max(weight, -900.0), 900.0)


def _curve(hypothesis: Hypothesis, briefing: Briefing) -> np.ndarray | None:
    """Return the centred predictions of a law over the population, NaN where it has none."""
    relation = hypothesis.relation
    if isinstance(relation, Curve):
        values = np.array([briefing.rivals[relation.rival].get(c, math.nan)
                           for c in briefing.population.cases])  # fmt: skip
    elif isinstance(relation, Law):
        rows = (relation.numbers(briefing.population.row(c))
                for c in briefing.population.cases)  # fmt: skip
        values = np.array([math.nan if row is None else relation.term(row) for row in rows])
    else:
        return None
    values[~np.isfinite(values)] = math.nan  # a factor vanishes there
    return values - np.nanmean(values)


def _alike(a: Hypothesis, b: Hypothesis, x: np.ndarray | None, y: np.ndarray | None) -> bool:
    if x is None or y is None:
        return a.relation == b.relation
    both = ~(np.isnan(x) | np.isnan(y))
    x, y = x[both], y[both]
    flat_x, flat_y = np.allclose(x, 0), np.allclose(y, 0)
    if flat_x or flat_y:
        return bool(flat_x and flat_y)
    alike = float(x @ y) / math.sqrt(float(x @ x) * float(y @ y))
    # same shape and same size: a square root and its square are different laws
    return alike > _SAME and abs(math.log(float(x @ x) / float(y @ y))) < 0.1
