"""The embedded scientist and a model in one pool under one budget.

The embedded scientist's programme runs first and to its end, exactly as it would alone: its
hypotheses keep their slots, its draws their order, and no experiment goes to anybody else before.
What is left of slots and experiments is the model's. More hypotheses can only help those that are
there: the threshold counts the registered maximum m, whoever fills it.

Laws are weighed against each other, so a model's law has to come in at the beginning. It does so
only if it leaves the pilot less unexplained than the best law of the embedded scientist, and is
no twin of any: then it is not weak.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from gaseol.agents.briefing import Briefing
from gaseol.agents.driven.theorist import ModelTheorist
from gaseol.agents.embedded import grammar
from gaseol.agents.embedded.designer import EmbeddedDesigner
from gaseol.agents.embedded.sceptic import EmbeddedSceptic
from gaseol.agents.embedded.theorist import EmbeddedTheorist
from gaseol.agents.roles import Bench, Choice, Criticism, Judgement, Referee, Sceptic
from gaseol.agents.tournament import EmbeddedReferee
from gaseol.traces.nouns.hypothesis import Hypothesis, Law
from gaseol.traces.record.docket import Docket
from gaseol.traces.record.event import HypothesisProposed, HypothesisTurnedAway

OWN_WAVES = 3
"""So often the embedded scientist thinks when it is alone."""
MODEL_WAVES = 2
"""So often a model is asked after it: once, and once more knowing what came of it."""
_TWIN = 0.9
"""A model's law that correlates more closely than this with an embedded one gives way."""


@dataclass
class HybridTheorist:
    """Lets the embedded theorist think to its end, then a model."""

    model: ModelTheorist
    _own: int = 0
    _finished: bool = False

    def propose(self, briefing: Briefing, docket: Docket) -> Sequence[Hypothesis]:
        """Return what the embedded scientist proposes, and, once it is out of ideas, the model."""
        if not self._finished and self._own < OWN_WAVES:
            first = self._own == 0
            own = list(EmbeddedTheorist().propose(briefing, docket))
            self._own += 1
            if first and briefing.laws:
                return [*own, *self._laws(briefing, docket, own)]
            if own:
                return own
        self._finished = True
        return self.model.ideas(briefing, docket, matter="effects")

    def _laws(
        self, briefing: Briefing, docket: Docket, own: Sequence[Hypothesis]
    ) -> list[Hypothesis]:
        """Return the model's laws that the pilot prefers to every embedded one."""
        kept: list[Hypothesis] = []
        best = min((_misfit(h, briefing) for h in own), default=math.inf)
        for idea in self.model.ideas(briefing, docket, own, matter="laws"):
            reason = _weak(idea, briefing, own, best)
            if not reason:
                kept.append(idea)
                continue
            effects = self.model.session.effects
            told = idea.model_copy(update={"seen": tuple(docket.measurements)})
            effects.record(HypothesisProposed(hypothesis=told))
            effects.record(HypothesisTurnedAway(hypothesis=idea.id, reason=reason))
        return kept


def _misfit(hypothesis: Hypothesis, briefing: Briefing) -> float:
    relation = hypothesis.relation
    if not isinstance(relation, Law):
        return math.inf
    spread = grammar.pilot_fit(relation, briefing)
    return math.inf if spread is None else spread


def _weak(idea: Hypothesis, briefing: Briefing, own: Sequence[Hypothesis], best: float) -> str:
    """Say why a model's law does not enter the contest; empty where it does."""
    relation = idea.relation
    assert isinstance(relation, Law)
    misfit = _misfit(idea, briefing)
    if not misfit < best:
        return (
            "the pilot does not prefer it to the embedded scientist's laws "
            f"(spread {misfit:.3g} against {best:.3g})"
        )
    for other in own:
        if isinstance(other.relation, Law) and other.relation.weights:
            alike = _correlation(relation, other.relation, briefing)
            if alike > _TWIN:
                return f"it is a near twin of {other.id} on these cases (correlation {alike:.3f})"
    return ""


def _correlation(a: Law, b: Law, briefing: Briefing) -> float:
    pairs: list[tuple[float, float]] = []
    for case in briefing.population.cases:
        row = briefing.population.row(case)
        x, y = a.numbers(row), b.numbers(row)
        if x is not None and y is not None:
            pairs.append((a.term(x), b.term(y)))
    if len(pairs) < 3:
        return 0.0
    table = np.array(pairs)
    if (table.std(axis=0) < 1e-12).any():
        return 0.0
    return float(np.corrcoef(table.T)[0, 1])


@dataclass(frozen=True)
class HybridSceptic:
    """Criticises the embedded hypotheses as if they were alone; the model's come after them."""

    model: Sceptic
    by: str
    """Provenance of the model's."""

    def criticise(self, briefing: Briefing, pool: Sequence[Hypothesis]) -> Sequence[Criticism]:
        """Return a criticism for every hypothesis."""
        own = [h for h in pool if h.proposed_by != self.by]
        guests = [h for h in pool if h.proposed_by == self.by]
        found = list(EmbeddedSceptic().criticise(briefing, own))
        if not guests:
            return found
        least = min((c.prior for c in found if not c.reason), default=1.0)
        other = list(self.model.criticise(briefing, guests))
        top = max((c.prior for c in other if not c.reason), default=1.0)
        found += [replace(c, prior=c.prior / top * least * 0.5) for c in other]
        return found


@dataclass(frozen=True)
class HybridReferee:
    """The embedded referee judges the embedded hypotheses as if they were alone, the model its own."""

    model: Referee
    by: str

    def compare(
        self, briefing: Briefing, pairs: Sequence[tuple[Hypothesis, Hypothesis]], docket: Docket
    ) -> Sequence[Judgement]:
        """Return a judgement for each pair; the two are never of one pair."""
        guests = [pair for pair in pairs if pair[0].proposed_by == self.by]
        own = [pair for pair in pairs if pair[0].proposed_by != self.by]
        found = dict(zip(_keys(own), EmbeddedReferee().compare(briefing, own, docket), strict=True))
        if guests:
            judged = self.model.compare(briefing, guests, docket)
            found |= dict(zip(_keys(guests), judged, strict=True))
        return [found[key] for key in _keys(pairs)]


def _keys(pairs: Sequence[tuple[Hypothesis, Hypothesis]]) -> list[tuple[str, str]]:
    return [(a.id, b.id) for a, b in pairs]


@dataclass(frozen=True)
class HybridDesigner:
    """Measures for the embedded hypotheses while any of theirs is left, then for the model's."""

    docket: Docket
    by: str

    def design(self, briefing: Briefing, bench: Bench) -> Sequence[Choice]:
        """Return at most a batch of the options."""
        own = [o for o in bench.options if self._own(o.hypotheses)]
        if own and len(own) < len(bench.options):
            standings = {
                h: s
                for h, s in bench.standings.items()
                if h in bench.predictions or self._own((h,))
            }
            bench = replace(bench, options=own, standings=standings)
        return EmbeddedDesigner().design(briefing, bench)

    def _own(self, hypotheses: Sequence[str]) -> bool:
        return any(self.docket.hypotheses[h].proposed_by != self.by for h in hypotheses)
