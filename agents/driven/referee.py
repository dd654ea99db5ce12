"""A referee that asks a model which of two hypotheses deserves a test more."""

from collections.abc import Sequence
from dataclasses import dataclass

from gaseol.agents.briefing import Briefing
from gaseol.agents.driven import exhibit
from gaseol.agents.driven.form import Better
from gaseol.agents.models.prompt import prompt
from gaseol.agents.models.schema import schema_of
from gaseol.agents.models.session import Found, Question, Session
from gaseol.agents.models.transcript import Transcript, part
from gaseol.agents.roles import Judgement
from gaseol.traces.nouns.hypothesis import Hypothesis
from gaseol.traces.record.docket import Docket


@dataclass(frozen=True)
class ModelReferee:
    """Judges by a model, every pair a question of its own; a judgement without an answer is none."""

    session: Session

    def compare(
        self,
        briefing: Briefing,
        pairs: Sequence[tuple[Hypothesis, Hypothesis]],
        docket: Docket,  # noqa: ARG002
    ) -> Sequence[Judgement]:
        """Return a judgement for each pair, in the order in which it is shown."""
        schema = schema_of(Better)
        questions = [
            Question("sceptic", prompt("referee"), _shown(briefing, a, b), Better, schema)
            for a, b in pairs
        ]
        return [_judgement(found) for found in self.session.ask_all(questions)]


def _shown(briefing: Briefing, first: Hypothesis, second: Hypothesis) -> Transcript:
    """Show two statements without their names: numbers would tell which is older."""
    return Transcript(
        (
            exhibit.question(briefing),
            *exhibit.pilot(briefing),
            part("First", [first.statement], kept=True),
            part("Second", [second.statement], kept=True),
        )
    )


def _judgement(found: Found[Better]) -> Judgement:
    if found.answer is None:
        return Judgement("", f"no answer that can be used: {found.reason}", found.request)
    return Judgement(found.answer.better, found.answer.because, found.request)
