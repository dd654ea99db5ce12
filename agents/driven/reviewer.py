"""A reviewer that asks a model what a tournament teaches, in names of variables alone."""

from collections.abc import Sequence
from dataclasses import dataclass

from gaseol.agents.briefing import Briefing
from gaseol.agents.driven import exhibit
from gaseol.agents.driven.form import Lessons
from gaseol.agents.models.prompt import prompt
from gaseol.agents.models.schema import schema_of
from gaseol.agents.models.session import Session
from gaseol.agents.models.transcript import Transcript, part
from gaseol.agents.roles import Review
from gaseol.agents.tournament import EmbeddedReviewer
from gaseol.traces.nouns.ranking import Strength
from gaseol.traces.record.docket import Docket


@dataclass(frozen=True)
class ModelReviewer:
    """Reviews by a model; without a usable answer the embedded reviewer's review stands."""

    session: Session

    def review(self, briefing: Briefing, docket: Docket, ranking: Sequence[Strength]) -> Review:
        """Return what revisers should attend to; a name that is not there is passed over."""
        names = [*briefing.variables, *briefing.changes]
        if not names or not ranking:
            return EmbeddedReviewer().review(briefing, docket, ranking)
        lines = [
            f"{docket.hypotheses[s.hypothesis].statement}: strength {s.value:.2f} "
            f"({s.low:.2f} to {s.high:.2f})"
            for s in ranking
        ]
        transcript = Transcript(
            (exhibit.question(briefing), part("Ranking, strongest first", lines)),
        )
        schema = schema_of(Lessons, {"focus": names, "avoid": names})
        said = self.session.ask("interpreter", prompt("reviewer"), transcript, Lessons, schema)
        if said.answer is None:
            return EmbeddedReviewer().review(briefing, docket, ranking)
        focus = [n for n in dict.fromkeys(said.answer.focus) if n in names]
        avoid = [n for n in dict.fromkeys(said.answer.avoid) if n in names and n not in focus]
        return Review(tuple(focus), tuple(avoid))
