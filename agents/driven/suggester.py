"""A suggester that asks a model which cases of a campaign's space are worth measuring first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gaseol.agents.briefing import Briefing
from gaseol.agents.driven import exhibit
from gaseol.agents.driven.form import Candidates
from gaseol.agents.models.prompt import prompt
from gaseol.agents.models.schema import schema_of
from gaseol.agents.models.session import Session
from gaseol.agents.models.transcript import Transcript, part
from gaseol.agents.roles import Suggested, Territory
from gaseol.traces.nouns.hypothesis import Cell
from gaseol.traces.record.docket import Docket


@dataclass(frozen=True)
class ModelSuggester:
    """Asks the theorist's model; the space says which of its suggestions there are."""

    session: Session

    @property
    def by(self) -> str:
        """The provenance of what it suggests."""
        return f"theorist {self.session.profile.name}"

    def suggest(
        self,
        briefing: Briefing,
        docket: Docket,  # noqa: ARG002
        territory: Territory,
    ) -> Sequence[Suggested]:
        """Return what the model chooses of what it is offered, then what it writes itself."""
        names = {f"p{i}": point for i, point in enumerate(territory.offered, start=1)}
        lines = [f"{n}: {_told(point, territory.offered[point])}" for n, point in names.items()]
        wanted = [f"{territory.most} cases at most."]
        wanted += ["Others may be written." if territory.open else "None may be written."]
        transcript = Transcript(
            (
                exhibit.question(briefing),
                part("Goals", [str(goal) for goal in territory.goals], kept=True),
                *exhibit.pilot(briefing),
                *exhibit.lessons(briefing),
                *exhibit.literature(briefing),
                part("Cases, not measured yet", lines),
                part("Wanted", wanted, kept=True),
            )
        )
        schema = schema_of(Candidates, {"cases": list(names)})
        if not territory.open:
            schema["properties"]["written"]["maxItems"] = 0
        found = self.session.ask("theorist", prompt("suggestion"), transcript, Candidates, schema)
        if found.answer is None:
            return []
        written = found.answer.written if territory.open else []
        points = [*(names[n] for n in found.answer.cases if n in names), *written]
        return [Suggested(point, self.by, found.label) for point in dict.fromkeys(points)]


def _told(point: str, cells: Mapping[str, Cell]) -> str:
    said = ", ".join(f"{name}={cell}" for name, cell in cells.items() if cell is not None)
    return f"{point[:200]}; {said}"[:400]
