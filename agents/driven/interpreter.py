"""An interpreter that asks a model what to do next, where there is something to decide."""

from dataclasses import dataclass

from gaseol.agents.briefing import Briefing
from gaseol.agents.driven import exhibit
from gaseol.agents.driven.form import Counsel
from gaseol.agents.embedded.interpreter import EmbeddedInterpreter
from gaseol.agents.models.prompt import prompt
from gaseol.agents.models.schema import schema_of
from gaseol.agents.models.session import Session
from gaseol.agents.models.transcript import Transcript, part
from gaseol.agents.roles import Advice, Bench
from gaseol.traces.record.docket import Docket


@dataclass
class ModelInterpreter:
    """Asks when a hypothesis was decided, or when nothing is left to measure.

    To stop early is always allowed: evidence is valid whenever one stops. To measure on is not,
    where nothing is left to measure.
    """

    session: Session
    _decided: int = 0

    def interpret(self, briefing: Briefing, bench: Bench, docket: Docket) -> Advice:
        """Return what to do next; the words of the reason are never the model's."""
        own = EmbeddedInterpreter().interpret(briefing, bench, docket)
        crossed = len(docket.crossings)
        if own.next == "stop" or (own.next == "experiment" and crossed == self._decided):
            return own
        self._decided = crossed
        allowed = ["experiment", "hypothesis", "stop"] if bench.options else ["hypothesis", "stop"]
        if len(docket.registrations) >= briefing.maximum:
            allowed.remove("hypothesis")
        transcript = Transcript(
            (
                exhibit.question(briefing),
                exhibit.standings(
                    docket, [n for n in docket.registrations if n not in docket.crossings]
                ),
                *exhibit.proposed(docket),
                part("Wanted", [f"One of: {', '.join(allowed)}."], kept=True),
            )
        )
        schema = schema_of(Counsel, {"next": allowed})
        said = self.session.ask("interpreter", prompt("interpreter"), transcript, Counsel, schema)
        if said.answer is None or said.answer.next not in allowed:
            return own
        return Advice(said.answer.next, f"the interpreter {self.session.profile.name} advises it")
