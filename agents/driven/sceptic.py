"""A sceptic that asks a model for an order; what cannot be told apart, arithmetic finds."""

from collections.abc import Sequence
from dataclasses import dataclass

from gaseol.agents.briefing import Briefing
from gaseol.agents.driven import exhibit
from gaseol.agents.driven.form import Ranking
from gaseol.agents.embedded.sceptic import EmbeddedSceptic
from gaseol.agents.models.prompt import prompt
from gaseol.agents.models.schema import schema_of
from gaseol.agents.models.session import Session
from gaseol.agents.models.transcript import Transcript, part
from gaseol.agents.roles import Criticism
from gaseol.traces.nouns.hypothesis import Hypothesis

_STEP = 0.5
"""How much less the prior of each further place is."""


@dataclass(frozen=True)
class ModelSceptic:
    """Ranks by a model; the asker's beliefs keep their places."""

    session: Session

    def criticise(self, briefing: Briefing, pool: Sequence[Hypothesis]) -> Sequence[Criticism]:
        """Return a criticism for every hypothesis; a rank is never a verdict."""
        found = EmbeddedSceptic().criticise(briefing, pool)
        by_id = {h.id: h for h in pool}
        fixed = [c for c in found if by_id[c.hypothesis].proposed_by == "scenario"]
        open_ = [c for c in found if c not in fixed]
        ranked = [c for c in open_ if not c.reason]
        if len(ranked) < 2:
            return found
        names = [c.hypothesis for c in ranked]
        lines = [f"{n}: {by_id[n].statement}" for n in names]
        transcript = Transcript(
            (exhibit.question(briefing), part("Hypotheses", lines, kept=True)),
        )
        schema = schema_of(Ranking, {"order": names})
        said = self.session.ask("sceptic", prompt("sceptic"), transcript, Ranking, schema)
        if said.answer is None:
            return found
        # an id that is not there is passed over, one that is missing comes last
        order = [n for n in dict.fromkeys(said.answer.order) if n in names]
        order += [n for n in names if n not in order]
        top = max(c.prior for c in ranked)
        priors = {name: top * _STEP**place for place, name in enumerate(order)}
        kept = {c.hypothesis: c for c in ranked}
        again = [Criticism(name, prior=priors[name], reason=kept[name].reason) for name in order]
        return [*fixed, *again, *(c for c in open_ if c.reason)]
