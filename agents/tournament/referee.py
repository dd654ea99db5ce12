"""A referee that needs no model: what speaks for a test is counted, criterion by criterion."""

from collections.abc import Sequence

from gaseol.agents.briefing import Briefing
from gaseol.agents.roles import Judgement
from gaseol.agents.tournament.merit import Merit, merit, preferred
from gaseol.traces.nouns.hypothesis import Hypothesis
from gaseol.traces.record.docket import Docket


class EmbeddedReferee:
    """Prefers what more of four criteria prefer: pilot, information, novelty, parsimony."""

    def compare(
        self, briefing: Briefing, pairs: Sequence[tuple[Hypothesis, Hypothesis]], docket: Docket
    ) -> Sequence[Judgement]:
        """Return a judgement for each pair, in the order in which it is shown."""
        known: dict[str, Merit] = {}
        for hypothesis in (h for pair in pairs for h in pair):
            if hypothesis.id not in known:
                known[hypothesis.id] = merit(hypothesis, briefing, docket)
        found: list[Judgement] = []
        for first, second in pairs:
            side, because = preferred(known[first.id], known[second.id])
            which = "first" if side > 0 else "second" if side < 0 else "neither"
            found.append(Judgement(which, because))
        return found
