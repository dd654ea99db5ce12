"""A reviser that asks a model for children of the strong, and lets through what can be tested."""

from collections.abc import Sequence
from dataclasses import dataclass

from gaseol.agents.briefing import Briefing
from gaseol.agents.driven.theorist import ModelTheorist
from gaseol.agents.roles import Review
from gaseol.agents.tournament import EmbeddedReviser
from gaseol.traces.nouns.hypothesis import Hypothesis
from gaseol.traces.record.docket import Docket


@dataclass(frozen=True)
class ModelReviser:
    """Asks one model for new hypotheses made of strong ones."""

    theorist: ModelTheorist

    def evolve(
        self,
        briefing: Briefing,
        docket: Docket,
        parents: Sequence[Hypothesis],
        review: Review,
        most: int,
    ) -> Sequence[Hypothesis]:
        """Return at most so many children; what cannot be tested is on record with the reason."""
        return self.theorist.revised(briefing, docket, parents, review, most)


@dataclass(frozen=True)
class HybridReviser:
    """The embedded reviser's children of its own hypotheses, and the model's of any."""

    model: ModelReviser

    def evolve(
        self,
        briefing: Briefing,
        docket: Docket,
        parents: Sequence[Hypothesis],
        review: Review,
        most: int,
    ) -> Sequence[Hypothesis]:
        """Return at most so many children of each, the embedded reviser's as if it were alone."""
        by = self.model.theorist.by
        own = [parent for parent in parents if parent.proposed_by != by]
        found = list(EmbeddedReviser(by).evolve(briefing, docket, own, review, most))
        theirs = self.model.theorist.revised(briefing, docket, parents, review, most, beside=found)
        return [*found, *theirs]
