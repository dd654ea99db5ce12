"""The meta-review that needs no model: what the strong speak of, and what the weak."""

from collections.abc import Sequence

from gaseol.agents.briefing import Briefing
from gaseol.agents.roles import Review
from gaseol.traces.nouns.hypothesis import Change, Curve, Groups, Hypothesis, Law, Trend
from gaseol.traces.nouns.ranking import Strength
from gaseol.traces.record.docket import Docket

_MOST = 3


class EmbeddedReviewer:
    """Averages strengths over the variables that hypotheses speak of."""

    def review(self, briefing: Briefing, docket: Docket, ranking: Sequence[Strength]) -> Review:  # noqa: ARG002
        """Return the variables whose hypotheses are on average stronger or weaker than all."""
        by_variable: dict[str, list[float]] = {}
        # guests of a later league teach it nothing: its hypotheses fare as if they were alone
        first = min((s.league for s in ranking), default=0)
        for strength in (s for s in ranking if s.league == first):
            for name in spoken_of(docket.hypotheses[strength.hypothesis]):
                by_variable.setdefault(name, []).append(strength.value)
        means = {name: sum(values) / len(values) for name, values in by_variable.items()}
        best_first = sorted(means, key=lambda name: (-means[name], name))
        return Review(
            focus=tuple(name for name in best_first if means[name] > 0)[:_MOST],
            avoid=tuple(name for name in reversed(best_first) if means[name] < 0)[:_MOST],
        )


def spoken_of(hypothesis: Hypothesis) -> list[str]:
    """Return the variables, or the change, that a hypothesis is about."""
    match hypothesis.relation:
        case Trend() as relation:
            return [relation.variable]
        case Groups() as relation:
            return list(dict.fromkeys(c.variable for c in relation.inside))
        case Change() as relation:
            return [relation.change]
        case Law() as relation:
            return sorted(relation.variables)
        case Curve() as relation:
            return [relation.rival]
