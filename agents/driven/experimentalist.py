"""An experimentalist that asks a model which remedy to try after a failure."""

import json
from dataclasses import dataclass

from gaseol.agents.driven.form import Remedy
from gaseol.agents.embedded.experimentalist import EmbeddedExperimentalist
from gaseol.agents.models.prompt import prompt
from gaseol.agents.models.schema import schema_of
from gaseol.agents.models.session import Session
from gaseol.agents.models.transcript import Transcript, part
from gaseol.agents.roles import Repair, Trouble


@dataclass(frozen=True)
class ModelExperimentalist:
    """Chooses by a model among what the scenario allows; it writes no argument itself."""

    session: Session

    def repair(self, trouble: Trouble) -> Repair:
        """Return which remedy to try; without a usable answer the first one is."""
        own = EmbeddedExperimentalist().repair(trouble)
        if len(trouble.remedies) < 2:
            return own
        lines = [f"{number}: {json.dumps(said)}" for number, said in trouble.remedies.items()]
        transcript = Transcript(
            (
                part("Tool", [f"{trouble.tool}: {trouble.summary}"], kept=True),
                part("Called with", [json.dumps(trouble.arguments)[:2000]]),
                part("Failure", [f"{trouble.failure.kind.value}: {trouble.failure.reason}"[:600]]),
                part("Remedies", lines, kept=True),
            )
        )
        schema = schema_of(Remedy, {"remedy": [*map(str, trouble.remedies), "none"]})
        said = self.session.ask(
            "experimentalist", prompt("experimentalist"), transcript, Remedy, schema
        )
        if said.answer is None:
            return own
        if said.answer.remedy == "none":
            return Repair(None, said.label)
        chosen = {str(number): number for number in trouble.remedies}
        if said.answer.remedy not in chosen:
            return own
        return Repair(chosen[said.answer.remedy], said.label)
