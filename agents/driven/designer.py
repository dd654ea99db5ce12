"""A designer that asks a model what to measure next; what it tells, arithmetic computes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from gaseol.agents.briefing import Briefing
from gaseol.agents.driven import exhibit
from gaseol.agents.driven.form import Preference
from gaseol.agents.embedded.designer import EmbeddedDesigner
from gaseol.agents.models.prompt import prompt
from gaseol.agents.models.schema import schema_of
from gaseol.agents.models.session import Session
from gaseol.agents.models.transcript import Part, Transcript, part
from gaseol.agents.roles import Bench, Choice


@dataclass(frozen=True)
class ModelDesigner:
    """Chooses by a model among hypotheses, or among the most telling designs for laws.

    Draws stay in their sealed order, whoever chooses; where the model has no usable answer, the
    embedded designer's choice stands.
    """

    session: Session

    def design(self, briefing: Briefing, bench: Bench) -> Sequence[Choice]:
        """Return at most a batch of the options."""
        own = EmbeddedDesigner()
        choices = own.design(briefing, bench)
        if not choices:
            return choices
        contest = choices[0].option.hypotheses[0] in bench.predictions
        names = _designs(choices[0]) if contest else _open(bench)
        if len(names) < 2:
            return choices
        wanted = self._wanted(briefing, _offer(self.session, bench, choices[0], names), names)
        if not wanted:
            return choices
        if contest:
            options = [o for o in bench.options if o.cases[0] == wanted[0]]
        else:
            options = [o for o in bench.options if o.hypotheses[0] in wanted]
        return own.design(briefing, replace(bench, options=options)) or choices

    def _wanted(self, briefing: Briefing, offer: Part, names: Sequence[str]) -> list[str]:
        transcript = Transcript((exhibit.question(briefing), offer))
        schema = schema_of(Preference, {"choose": names})
        said = self.session.ask("designer", prompt("designer"), transcript, Preference, schema)
        chosen = said.answer.choose if said.answer else []
        return [n for n in dict.fromkeys(chosen) if n in names]


def _open(bench: Bench) -> list[str]:
    """Return the hypotheses that have a draw to be measured."""
    return list(dict.fromkeys(o.hypotheses[0] for o in bench.options))


def _designs(choice: Choice) -> list[str]:
    return [choice.option.cases[0], *(a.design for a in choice.alternatives)]


def _offer(session: Session, bench: Bench, choice: Choice, names: Sequence[str]) -> Part:
    if choice.option.hypotheses[0] not in bench.predictions:
        return exhibit.standings(session.docket, names)
    rows = [
        (choice.option.cases[0], choice.expected_information, choice.option.cost),
        *((a.design, a.expected_information, a.cost) for a in choice.alternatives),
    ]
    lines = [f"{d}: expects {gain:.4g} nats for {cost:.4g} s" for d, gain, cost in rows]
    return part("Designs", lines, kept=True)
