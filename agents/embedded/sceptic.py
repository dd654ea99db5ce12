"""Criticises: finds duplicates and what cannot be told apart, and gives priors."""

import math
from collections.abc import Sequence

from gaseol.agents.briefing import Briefing
from gaseol.agents.embedded import grammar
from gaseol.agents.embedded.likeness import alike, predictions
from gaseol.agents.embedded.pilot import Floats
from gaseol.agents.roles import Criticism
from gaseol.traces.nouns.hypothesis import Curve, Hypothesis, Law

_REFUTED = 40.0
"""Bits taken from a belief that an earlier run refuted: it is tested, but after the other beliefs."""


class EmbeddedSceptic:
    """Priors by description length and the pilot; the asker's beliefs are tested first."""

    def criticise(self, briefing: Briefing, pool: Sequence[Hypothesis]) -> Sequence[Criticism]:
        """Return a criticism for every hypothesis, likeliest first among its kind."""
        order = sorted(pool, key=lambda h: (_known(h, briefing), -self._weight(h, briefing), h.id))
        noise = _noise(pool, briefing)
        kept: list[tuple[Hypothesis, Floats | None]] = []
        reasons: dict[str, str] = {}
        for hypothesis in order:
            curve = predictions(hypothesis.relation, briefing)
            twin = next((k.id for k, c in kept if _alike(hypothesis, k, curve, c, noise)), None)
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
            weight += 100 - (_REFUTED if briefing.refuted(relation) else 0)
        elif isinstance(relation, Curve) or (isinstance(relation, Law) and not relation.weights):
            weight += 50  # the null and the given rivals always have a slot
        return min(max(weight, -900.0), 900.0)


def _known(hypothesis: Hypothesis, briefing: Briefing) -> bool:
    """Tell whether an idea of a theorist was refuted in an earlier run; rivals are needed all the same."""
    relation = hypothesis.relation
    rival = isinstance(relation, Curve) or (isinstance(relation, Law) and not relation.weights)
    return (
        hypothesis.proposed_by != "scenario"
        and not rival
        and briefing.refuted(relation) is not None
    )


def _noise(pool: Sequence[Hypothesis], briefing: Briefing) -> float | None:
    """Return the noise of a reading: the instrument's own, or what the best law leaves of the pilot."""
    if briefing.noise is not None:
        return briefing.noise
    laws = [h.relation for h in pool if isinstance(h.relation, Law)]
    left = [s for law in laws if (s := grammar.pilot_fit(law, briefing)) is not None]
    return min(left, default=None)


def _alike(
    a: Hypothesis, b: Hypothesis, x: Floats | None, y: Floats | None, noise: float | None
) -> bool:
    return a.relation == b.relation if x is None or y is None else alike(x, y, noise)
